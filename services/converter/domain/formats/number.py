"""Number styles: decimal and grouping marks, currency signs and codes, percent, ways to write a negative."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from services.converter.domain.formats.amount import PLACES, TYPE, computed, computed_sql, exact
from services.converter.domain.formats.letters import BLANKS

PLAIN = re.compile(r"[ \t\n\r\f\v]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\r\f\v]*\Z")
_BODY = r"[0-9]+(?:[ ,.'\u00a0\u202f][0-9]{2,3})*(?:[.,][0-9]+)?"
_NUMBER = re.compile(
    rf"^\s*(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<pre>[^\d\s().,+−-]{{0,4}}[.]?)\s*(?P<sign2>[-+−])?(?P<body>{_BODY}|[.,][0-9]+)\s*(?P<post>%|[^\d\s().,+−-]{{0,4}}[.]?)?(?P<trail>-|\s?(?:CR|DR|Cr|Dr|cr|dr)\.?)?\s*(?P<close>\))?\s*$"
)


_BLANKS = "\u00a0\u202f\u2009"
_GROUPS = f"['’ {_BLANKS}]"
_SIGNS = "$¢£¤¥֏؋৲৳฿៛\u20a0-\u20c0﷼￠￡￥￦"
"""Currency signs of Unicode."""
CURRENCY = f"(?:[A-Z]{{0,3}}[{_SIGNS}]|[A-Z]{{3}}|[A-Z]{{0,2}}[Rr]s[.]?|S?Fr[.]?|kr[.]?|Kč|zł|лв|руб[.]?)"
"""A currency's code, sign or usual abbreviation."""
_WHOLES = f"[0-9]+|[0-9]{{1,3}}(?:{_GROUPS}[0-9]{{3}})+"
_BODIES = {
    ".": rf"(?:{_WHOLES}|[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,2}}(?:,[0-9]{{2}})*,[0-9]{{3}})(?:[.][0-9]*)?|[.][0-9]+",
    ",": rf"(?:{_WHOLES}|[0-9]{{1,3}}(?:[.][0-9]{{3}})+)(?:,[0-9]*)?|,[0-9]+",
}
_TURNED = "^([^0-9(]*)[(](.*)[)]$|^(.+)[-−]$"
"""Brackets around a number, or a minus behind it, which are turned into a minus before it."""
_CURRENCY_COMPILED = re.compile(CURRENCY)
_TURNED_COMPILED = re.compile(_TURNED.replace("$", r"\Z"))


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes its numbers: one style stands for all ways to group and to sign with its decimal mark.

    ``group`` is the grouping mark that was seen; ``units`` are the words and signs beside the number that were seen:
    one currency stands for all, and for none; any other must be there, unless "" was seen as well. ``percent`` divides
    by 100. ``debit`` is the word behind negative numbers, in capitals: DR, or CR where the books are the other side's;
    numbers without a word have signs as others do, where some were seen ("" among the units).
    """

    decimal: Literal[".", ","] = "."
    group: str = ""
    units: tuple[str, ...] = ()
    percent: bool = False
    debit: str = ""
    exponent: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing but a decimal point was seen."""
        return self == NumberStyle()

    @property
    def pattern(self) -> str:
        """A pattern of the whole texts that are read, with a minus before them where they are negative."""
        body = f"(?:{_BODIES[self.decimal]})" + ("(?:[eE][-+]?[0-9]{1,2})?" if self.exponent else "")
        sign, money = "[-+−]", f"(?:{CURRENCY} ?)?" if any(map(is_currency, self.units)) else ""
        if self.debit:
            marked = f"(?:{CURRENCY} ?)?{body} ?(?i:CR|DR)[.]?"
            bare = f"|{sign}?(?:{CURRENCY} ?)?{body}|{CURRENCY} ?{sign}{body}" if "" in self.units else ""
            return marked + bare
        others = sorted({unit for unit in self.units if unit and not is_currency(unit)})
        if others:
            unit = f"(?:{'|'.join(re.sub('([^0-9A-Za-z])', _escaped, unit) for unit in others)})"
            bare = f"|{body}" if "" in self.units or money else ""
            return f"{sign}?(?:{money}{unit} ?{sign}?{body}|{money}{body} ?{unit}{bare})"
        if not money:
            return f"{sign}?{body}"
        return f"{sign}?{money}{body}|{CURRENCY} ?{sign}{body}|{sign}?{body} ?{CURRENCY}"

    def spelling(self, text: str) -> str | None:
        """The number of a text as a cast reads it; None where the text is none in this style."""
        return _spelled(self, text) if len(text) <= _LONGEST_KEPT else _spelled.__wrapped__(self, text)

    @property
    def other(self) -> str:
        """A pattern of what is no part of the number in a text that is known to be one."""
        kept = f"0-9{self.decimal}−" + ("eE+-" if self.exponent else "-")
        return f"[A-Za-zА-я]+[.]|[^{kept}]+"

    def exact(self, text: str) -> Decimal | None:
        """The number in ten decimals, or None where the text is none in this style or too large."""
        return _exact(self, text) if len(text) <= _LONGEST_KEPT else _exact.__wrapped__(self, text)

    def read(self, text: str) -> float | None:
        """The number as a float, or None where the text is none in this style."""
        spelling = self.spelling(text)
        value = None if spelling is None else cast_double(spelling)
        return value / 100.0 if value is not None and self.percent else value

    def exact_sql(self, text: str) -> str:
        """The same as `exact` as a DECIMAL(38, 10) over SQL text."""
        value = self._sql(text, TYPE)
        return computed_sql("*", value, "0.01") if self.percent else value

    def sql(self, text: str) -> str:
        """The same as `read` as a DOUBLE expression over SQL text."""
        value = self._sql(text, "DOUBLE")
        return f"({value}) / 100" if self.percent else value

    def spelling_sql(self, text: str) -> str:
        """The number of SQL text as a cast reads it; no number where the text is none in this style. What a word
        behind the number says of its sign is not in it."""
        turned = f"regexp_replace(trim({text}), '{_TURNED}', '-\\1\\2\\3')"
        pattern = self.pattern.replace("'", "''")
        cleaned = f"regexp_replace(regexp_extract({turned}, '^(?:{pattern})$'), '{self.other}', '', 'g')"
        cleaned = f"replace({cleaned}, '−', '-')"
        return f"replace({cleaned}, ',', '.')" if self.decimal == "," else cleaned

    def _sql(self, text: str, kind: str) -> str:
        value = f"TRY_CAST({self.spelling_sql(text)} AS {kind})"
        if self.debit:
            value = f"CASE WHEN contains(upper({text}), '{self.debit}') THEN -{value} ELSE {value} END"
        return value

    def words(self) -> str:
        """The style in words."""
        notes = [f"decimal {'comma' if self.decimal == ',' else 'point'}"]
        if self.group:
            notes.append(f"thousands separated by {'blank' if not self.group.strip() else self.group}")
        units = [unit for unit in self.units if unit]
        notes += [
            w
            for flag, w in (
                (self.percent, "percent"),
                (self.debit, f"{self.debit} for negatives"),
                (units and not self.percent, f"with {' or '.join(units)}"),
            )
            if flag
        ]
        return "number with " + ", ".join(notes)


_HUNDREDTH = Decimal("0.01")


_LONGEST_KEPT = 64
"""Characters of a text up to which it is kept in memory what number it is: searches ask again and again."""


@lru_cache(maxsize=1 << 15)
def _exact(style: NumberStyle, text: str) -> Decimal | None:
    spelling = style.spelling(text)
    if spelling is None:
        return None
    value = exact(Decimal(spelling))
    return computed("*", value, _HUNDREDTH, (PLACES, 2)) if value is not None and style.percent else value


@lru_cache(maxsize=1 << 15)
def _spelled(style: NumberStyle, text: str) -> str | None:
    whole, other = _patterns(style)
    turned = _TURNED_COMPILED.sub(_minus_before, text.strip(BLANKS), count=1)
    if not whole.fullmatch(turned):
        return None
    kept = other.sub("", turned)
    cleaned = kept.replace("−", "-").replace(",", ".") if style.decimal == "," else kept.replace("−", "-")
    spelling = f"-{cleaned}" if style.debit and style.debit in turned.upper() else cleaned
    return spelling if PLAIN.match(spelling) else None


@lru_cache(maxsize=1024)
def _patterns(style: NumberStyle) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(style.pattern), re.compile(style.other)


def is_currency(unit: str) -> bool:
    """Whether a word or sign beside a number is a currency's."""
    return _CURRENCY_COMPILED.fullmatch(unit) is not None


def _escaped(found: re.Match[str]) -> str:
    return f"[{found[1]}]" if found[1] not in "^[\\]" else f"\\{found[1]}"


def _minus_before(found: re.Match[str]) -> str:
    return "-" + "".join(group or "" for group in found.groups())


def cast_double(text: str) -> float | None:
    """DuckDB's `TRY_CAST(... AS DOUBLE)` on finite decimal notation."""
    if not PLAIN.match(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def styles(values: Iterable[str]) -> list[NumberStyle]:
    """The styles that read every non-empty value, the likelier first; empty where a value is no number."""
    return list(_styles(tuple(v for v in values if v.strip())))


@lru_cache(maxsize=1024)
def _styles(texts: tuple[str, ...]) -> Sequence[NumberStyle]:
    if not texts:
        return []
    if all(PLAIN.match(t) for t in texts):
        plain = [NumberStyle(exponent=any("e" in t.lower() for t in texts))]
        if all(re.fullmatch(r"\s*-?\d{1,3}\.\d{3}\s*", t) for t in texts) and len(texts) > 2:
            plain.append(NumberStyle(decimal=",", group="."))
        return plain
    groups: list[re.Match[str]] = []
    for text in texts:
        found = _NUMBER.match(_TURNED_COMPILED.sub(_minus_before, text.strip(" "), count=1))
        if found is None:
            return []
        groups.append(found)
    percent = all(m["post"] == "%" for m in groups)
    sides = _sides(groups)
    bare = ("",) if any(not _side(m) for m in groups) else ()
    units = () if sides else tuple(sorted({(m["pre"] or m["post"] or "").strip() for m in groups}))
    units = () if units == ("",) else units
    if len(groups) > 2 and len([unit for unit in units if not is_currency(unit)]) > 2:
        return []
    out = []
    for decimal, group in _marks([m["body"] for m in groups]):
        out.append(NumberStyle(decimal, group, units))
        if percent:
            out.append(NumberStyle(decimal, group, units, percent=True))
        out += [NumberStyle(decimal, group, bare, debit=word) for word in sides]
    return [s for s in out if all(s.read(t) is not None for t in texts)]


def _sides(groups: list[re.Match[str]]) -> tuple[str, ...]:
    """The words that may mark negatives, where no text has another."""
    words = set(map(_side, groups))
    return ("DR", "CR") if words in ({"DR", "CR"}, {"DR", "CR", ""}, {"DR", ""}, {"CR", ""}) else ()


def _side(found: re.Match[str]) -> str:
    """The word behind a number, in capitals."""
    return (found["trail"] or found["post"] or "").strip(" .-").upper()


_MARKS: tuple[tuple[Literal[".", ","], str], ...] = (
    (".", ","),
    (".", ""),
    (",", "."),
    (",", ""),
    (",", " "),
    (".", " "),
    (".", "'"),
    (",", "\u00a0"),
    (",", "\u202f"),
)


@lru_cache(maxsize=16)
def _marked(decimal: str, group: str) -> re.Pattern[str]:
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{2,3}})*" if group else "[0-9]*"
    return re.compile(rf"(?:{grouped}|[0-9]*)(?:{re.escape(decimal)}[0-9]*)?\Z")


def _marks(bodies: list[str]) -> list[tuple[Literal[".", ","], str]]:
    """Pairs of decimal and grouping mark that fit all bodies."""
    return [
        (decimal, group)
        for decimal, group in _MARKS
        if (not group or any(group in b for b in bodies)) and all(map(_marked(decimal, group).match, bodies))
    ]

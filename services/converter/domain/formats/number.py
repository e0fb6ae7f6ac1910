"""Number styles: decimal and grouping marks, currency signs and codes, percent, ways to write a negative."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from services.converter.domain.formats.letters import BLANKS

PLAIN = re.compile(
    r"[ \t\n\r\f]*[+-]?(?=[0-9.]{1,99}(?:[^0-9.]|\Z))(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?[ \t\n\r\f]*\Z"
)
_PLAIN_SQL = r"^\s*[+-]?[0-9.]{1,99}([eE][+-]?[0-9]{1,2})?\s*$"
"""Numbers of at most 99 digits and a power of ten of two: DuckDB's cast takes NaN, Infinity and 1_000, too."""
_BODY = r"[0-9]+(?:[ ,.'\u00a0\u202f][0-9]{2,3})*(?:[.,][0-9]+)?"
_NUMBER = re.compile(
    rf"^\s*(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<pre>[^\d\s().,+−-]{{0,4}})\s*(?P<sign2>[-+−])?(?P<body>{_BODY}|[.,][0-9]+)\s*(?P<post>%|[^\d\s().,+−-]{{0,4}})?(?P<trail>-|\s?(?:CR|DR|Cr|Dr|cr|dr)\.?)?\s*(?P<close>\))?\s*$"
)
LEAST_SIGNIFICANT, MOST_SIGNIFICANT = 3, 12
"""Significant digits that people round to, and that binary fractions still hold."""
LIKELY_DECIMALS, MOST_DECIMALS = 4, 8
"""Decimals that people ask for, and those at which numbers with as many as needed are rounded."""
_EXACT_DECIMALS = 10
"""Decimals of the DECIMAL in which numbers are rounded."""
_WIDE = Context(prec=60)
MOST = 1e15
"""Values from here on do not fit DECIMAL(25, 10) and are NULL: DOUBLE does not hold their digits."""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes its numbers. ``clutter`` says that signs, codes or units must be taken off."""

    decimal: Literal[".", ","] = "."
    group: str = ""
    clutter: bool = False
    brackets: bool = False
    trailing_minus: bool = False
    percent: bool = False
    debit: str = ""
    """The word behind negative numbers, in capitals: DR, or CR where the books are the other side's."""

    @property
    def plain(self) -> bool:
        """Whether DuckDB's own cast reads it."""
        return self == NumberStyle()

    def read(self, text: str) -> float | None:
        """The number, or None where the text is none in this style."""
        cleaned = text
        negative = (self.brackets and re.match(r"[ \t\n\r\f]*\(", text) is not None) or (
            self.trailing_minus and text.rstrip(BLANKS).endswith("-")
        )
        if self.debit and re.search(rf"(?i){self.debit}\.? *\Z", text, re.ASCII):
            negative = True
        if self.group:
            cleaned = cleaned.replace(self.group, "")
        if self.decimal == ",":
            cleaned = cleaned.replace(",", ".")
        if self.clutter:
            cleaned = re.sub(r"[^0-9.-]+", "", cleaned.replace("−", "-"))
        if self.debit:
            cleaned = cleaned.rstrip(".")
        if self.trailing_minus:
            cleaned = cleaned.replace("-", "")
        value = cast_double(cleaned)
        if value is None:
            return None
        return (-value if negative else value) / (100.0 if self.percent else 1.0)

    def sql(self, text: str) -> str:
        """The same as a DOUBLE expression over SQL text."""
        cleaned = text
        if self.group:
            cleaned = f"replace({cleaned}, '{self.group.replace(chr(39), chr(39) * 2)}', '')"
        if self.decimal == ",":
            cleaned = f"replace({cleaned}, ',', '.')"
        if self.clutter:
            cleaned = f"regexp_replace(replace({cleaned}, '−', '-'), '[^0-9.-]+', '', 'g')"
        if self.debit:
            cleaned = f"rtrim({cleaned}, '.')"
        if self.trailing_minus:
            cleaned = f"replace({cleaned}, '-', '')"
        value = double_sql(cleaned)
        tests = []
        if self.brackets:
            tests.append(f"regexp_matches({text}, '^\\s*\\(')")
        if self.trailing_minus:
            tests.append(f"ends_with(rtrim({text}), '-')")
        if self.debit:
            tests.append(f"regexp_matches({text}, '(?i){self.debit}\\.? *$')")
        if tests:
            value = f"CASE WHEN {' OR '.join(tests)} THEN -{value} ELSE {value} END"
        return f"({value}) / 100" if self.percent and tests else f"{value} / 100" if self.percent else value

    def words(self) -> str:
        """The style in words."""
        notes = [f"decimal {'comma' if self.decimal == ',' else 'point'}"]
        if self.group:
            notes.append(f"thousands separated by {'blank' if not self.group.strip() else self.group}")
        notes += [
            w
            for flag, w in (
                (self.brackets, "negatives in brackets"),
                (self.trailing_minus, "trailing minus"),
                (self.percent, "percent"),
                (self.debit, f"{self.debit} for negatives"),
                (self.clutter, "with signs or units"),
            )
            if flag
        ]
        return "number with " + ", ".join(notes)


def cast_double(text: str) -> float | None:
    """The number of a text in plain decimal notation, or with a power of ten; None for others, and for NaN."""
    return float(text) if PLAIN.match(text) else None


def double_sql(text: str) -> str:
    """The same over SQL text."""
    return f"TRY_CAST(regexp_extract({text}, '{_PLAIN_SQL}') AS DOUBLE)"


def styles(values: Iterable[str]) -> list[NumberStyle]:
    """The styles that read every non-empty value, the likelier first; empty where a value is no number."""
    texts = [v for v in values if v.strip()]
    if not texts:
        return []
    if all(PLAIN.match(t) for t in texts):
        found = [NumberStyle()]
        if all(re.fullmatch(r"\s*-?\d{1,3}\.\d{3}\s*", t) for t in texts) and len(texts) > 2:
            found.append(NumberStyle(decimal=",", group="."))
        return found
    matches = [_NUMBER.match(t) for t in texts]
    if not all(matches):
        return []
    groups: list[re.Match[str]] = [m for m in matches if m]
    bodies = [m["body"] for m in groups]
    brackets = any(m["open"] and m["close"] for m in groups)
    trailing = any(m["trail"] == "-" for m in groups)
    percent = all(m["post"] == "%" for m in groups)
    clutter = brackets or any(
        m["pre"] or m["post"] or m["sign"] == "−" or m["trail"] not in (None, "", "-") for m in groups
    )
    if any((m["post"] or "").strip() and len({x["post"] for x in groups}) > 2 for m in groups) and len(groups) > 2:
        return []
    out = []
    for decimal, group in _marks(bodies):
        out.append(NumberStyle(decimal, group, clutter, brackets, trailing, False))
        if percent:
            out.append(NumberStyle(decimal, group, clutter, brackets, trailing, True))
        out += [NumberStyle(decimal, group, clutter, brackets, trailing, False, word) for word in _sides(groups)]
    return [s for s in out if all(s.read(t) is not None for t in texts)]


def _sides(groups: list[re.Match[str]]) -> tuple[str, ...]:
    """The words that may mark negatives, where every text has one."""
    words = {(m["trail"] or m["post"] or "").strip(" .").upper() for m in groups}
    return ("DR", "CR") if words == {"DR", "CR"} else ()


def _marks(bodies: list[str]) -> list[tuple[Literal[".", ","], str]]:
    """Pairs of decimal and grouping mark that fit all bodies."""
    found: list[tuple[Literal[".", ","], str]] = []
    for decimal, group in (
        (".", ","),
        (".", ""),
        (",", "."),
        (",", ""),
        (",", " "),
        (".", " "),
        (".", "'"),
        (",", "\u00a0"),
        (",", "\u202f"),
    ):
        grouped = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{2,3}})*" if group else "[0-9]*"
        pattern = re.compile(rf"(?:{grouped}|[0-9]*)(?:{re.escape(decimal)}[0-9]*)?\Z")
        if all(pattern.match(b) for b in bodies) and (not group or any(group in b for b in bodies)):
            found.append((decimal, group))  # type: ignore[arg-type]
    return found


def normalise(value: float) -> Decimal | None:
    """`TRY_CAST(value AS DECIMAL(25, 10))`: takes the noise of binary fractions off."""
    if not math.isfinite(value) or abs(value) >= MOST:
        return None
    scaled = value * 1e10
    whole = math.floor(abs(scaled) + 0.5) if abs(scaled) < 2**52 else int(abs(scaled))
    return Decimal(-whole if scaled < 0 else whole).scaleb(-10)


def round_double(value: float, places: int) -> float:
    """DuckDB's `round` on a DOUBLE: halves away from zero, in binary."""
    scaled = value * 10.0**places
    whole = math.floor(abs(scaled))
    whole += abs(scaled) - whole >= 0.5
    return math.copysign(whole / 10.0**places, value)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How to write a number: ``decimals`` fixed, or None for as many as needed (``points``: as floats print).

    ``trimmed`` takes the closing zeros off fixed decimals; ``significant`` keeps so many digits that count (0: all);
    ``zero_pad`` fills the whole part with zeros.
    """

    decimals: int | None = None
    group: str = ""
    decimal: Literal[".", ","] = "."
    indian: bool = False
    zero_pad: int = 0
    points: bool = False
    trimmed: bool = False
    significant: int = 0

    def write(self, value: float) -> str | None:
        """The number as text."""
        if self.significant:
            shown = round_double(value, digits_after(value, self.significant))
            return re.sub(r"\.0$", "", repr(shown)) if abs(value) < 1e15 else None
        if self.points:
            # Rounded first: 0.1 + 0.2 is 0.3 to everybody, but not as binary fractions.
            shown = round_double(value, 8)
            return repr(shown) if abs(value) < 1e15 else None
        text = self._digits(value)
        if text is None:
            return None
        if text.startswith("-") and not text.strip("-0.") and self.decimals is not None:
            text = text[1:]
        if self.group and not self.indian:
            text = _group(text, self.group, "." if self.decimal == "." else ",")
        elif self.indian:
            text = _indian(text)
        elif self.decimal == ",":
            text = text.replace(".", ",")
        return _filled(text, self.zero_pad)

    def read_all(self, texts: Sequence[str]) -> tuple[float, ...] | None:
        """The numbers that are written so; None where a text is none."""
        group = self.group or ("," if self.indian else "")
        read = NumberStyle(self.decimal, group).read
        numbers = tuple(number for text in texts if (number := read(text)) is not None)
        return numbers if len(numbers) == len(texts) else None

    def _digits(self, value: float) -> str | None:
        """Sign, digits and decimal point; None for numbers that are too large."""
        if self.decimals is not None:
            exact = normalise(value)
            if exact is None:
                return None
            rounded = exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP, _WIDE)
            if abs(rounded) >= Decimal(10) ** (28 - self.decimals):
                return None
            # Groups are written from a DOUBLE.
            text = f"{float(rounded):.{self.decimals}f}" if self.group and not self.indian else f"{rounded:f}"
            return re.sub(r"\.?0+$", "", text) if self.trimmed else text
        if abs(value) >= 1e15:
            return None
        if self.group:
            return re.sub(r"\.?0+$", "", f"{round_double(value, 6):.6f}")
        return re.sub(r"\.0$", "", repr(round_double(value, 8)))

    def sql(self, number: str) -> str:
        """The same over a DOUBLE expression."""
        if self.significant:
            places = f"greatest({self.significant - 1} - floor(log10(greatest(abs({number}), 1e-300))), 0)"
            rounded = f"round({number}, CAST({places} AS INTEGER))"
            shown = f"regexp_replace(CAST({rounded} AS VARCHAR), '\\.0$', '')"
            return f"CASE WHEN abs({number}) < 1e15 THEN {shown} END"
        if self.points:
            return f"CAST({_exact(number)} AS VARCHAR)"
        exact = f"TRY_CAST({number} AS DECIMAL(25, 10))"
        if self.decimals is None:
            text = f"regexp_replace(CAST({_exact(number)} AS VARCHAR), '\\.0$', '')"
        else:
            text = f"CAST({_rounded_sql(exact, self.decimals)} AS VARCHAR)"
            if self.trimmed:
                text = f"regexp_replace({text}, '\\.?0+$', '')"
        if self.group and not self.indian:
            if self.decimals is None:
                text = f"regexp_replace(format('{{:,.6f}}', {_exact(number, 6)}), '\\.?0+$', '')"
            else:
                text = f"format('{{:,.{self.decimals}f}}', CAST(round({exact}, {self.decimals}) AS DOUBLE))"
                text = f"regexp_replace({text}, '\\.?0+$', '')" if self.trimmed else text
            if (self.group, self.decimal) != (",", "."):
                text = f"translate({text}, ',.', {_literal(self.group + self.decimal)})"
        elif self.indian:
            text = _indian_sql(text)
        elif self.decimal == ",":
            text = f"replace({text}, '.', ',')"
        if self.zero_pad:
            text = f"repeat('0', greatest({self.zero_pad} - length(split_part({text}, '.', 1)), 0)) || {text}"
        return text

    def words(self) -> str:
        """The format in words."""
        notes = []
        if self.significant:
            notes.append(f"with {self.significant} significant digits")
        if self.trimmed:
            notes.append(f"with up to {self.decimals} decimals")
        elif self.decimals is not None:
            notes.append(f"with {self.decimals} decimals" if self.decimals else "as a whole number")
        if self.group:
            notes.append(f"thousands separated by {'blank' if not self.group.strip() else self.group}")
        if self.indian:
            notes.append("grouped in lakhs")
        if self.decimal == ",":
            notes.append("with a decimal comma")
        if self.zero_pad:
            notes.append(f"zero-padded to {self.zero_pad}")
        return ", ".join(notes)


def _exact(number: str, places: int = MOST_DECIMALS) -> str:
    """A DOUBLE expression rounded; NULL where its whole part is beyond the digits that DOUBLE surely holds."""
    return f"CASE WHEN abs({number}) < 1e15 THEN round({number}, {places}) END"


def _filled(text: str, width: int) -> str:
    """Zeros before the whole part up to a width."""
    return "0" * (width - len(text.partition(".")[0])) + text


def digits_after(value: float, significant: int) -> int:
    """Decimals that leave so many significant digits, at least 0."""
    return max(0, significant - 1 - math.floor(math.log10(max(abs(value), 1e-300))))


def significant_digits(text: str) -> int:
    """How many digits of a plain decimal number count: those from the first that is not 0."""
    return len(re.sub(r"[^0-9]", "", text).lstrip("0"))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _group(text: str, group: str, decimal: str) -> str:
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, rest = body.partition(".")
    return sign + f"{int(whole):,}".replace(",", group) + (decimal + rest if rest else "")


def _indian(text: str) -> str:
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = body.partition(".")
    if len(whole) > 3:
        head, tail = whole[:-3], whole[-3:]
        head = re.sub(r"(\d)(?=(?:\d\d)+$)", r"\1,", head)
        whole = f"{head},{tail}"
    return sign + whole + dot + rest


def _rounded_sql(exact: str, decimals: int) -> str:
    """A DECIMAL with so many decimals, which `round` gives by itself up to those that it has."""
    rounded = f"round({exact}, {decimals})"
    return rounded if decimals <= _EXACT_DECIMALS else f"TRY_CAST({rounded} AS DECIMAL(28, {decimals}))"


def _indian_sql(text: str) -> str:
    """Grouping 12,34,567 without lookahead: the digits are turned round, marked, and turned back."""
    whole = f"reverse(split_part({text}, '.', 1))"
    head = f"regexp_replace({whole}[4:], '(\\d\\d)', '\\1,', 'g')"
    comma = f"CASE WHEN regexp_matches({whole}[4:], '\\d') THEN ',' ELSE '' END"
    grouped = f"reverse({whole}[:3] || {comma} || rtrim(replace({head}, ',-', '-'), ','))"
    return f"{grouped} || CASE WHEN contains({text}, '.') THEN '.' || split_part({text}, '.', 2) ELSE '' END"


def _marks_of(bodies: list[str]) -> tuple[Literal[".", ","], str, bool] | None:
    """Decimal mark, grouping mark, and whether the groups are Indian; None where the texts are no plain numbers."""
    for group in ("'", "’", " ", "\u00a0", "\u202f"):
        if any(group in b for b in bodies):
            grouped = rf"-?\d{{1,3}}(?:{group}\d{{3}})*"
            if all(re.fullmatch(rf"{grouped}(\.\d+)?", b) for b in bodies):
                return ".", group, False
            return (",", group, False) if all(re.fullmatch(rf"{grouped}(,\d+)?", b) for b in bodies) else None
    if not any("," in b for b in bodies):
        return (".", "", False) if all(re.fullmatch(r"-?\d+(\.\d+)?", b) for b in bodies) else None
    if all(re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", b) for b in bodies):
        return ".", ",", False
    if all(re.fullmatch(r"-?\d{1,2}(,\d{2})*,\d{3}(\.\d+)?|-?\d{1,3}(\.\d+)?", b) for b in bodies):
        return ".", "", True
    if all(re.fullmatch(r"-?\d{1,3}(\.\d{3})*(,\d+)?", b) for b in bodies) and any("." in b for b in bodies):
        return ",", ".", False
    return (",", "", False) if all(re.fullmatch(r"-?\d+(,\d+)?", b) for b in bodies) else None


def _cut_formats(bodies: list[str], places: set[int], decimal: Literal[".", ","], group: str) -> list[NumberFormat]:
    """Formats that leave closing zeros out: up to so many decimals, or so many digits that count."""
    found = [NumberFormat(max(places), group, decimal, trimmed=True)]
    most = max(significant_digits(b) for b in bodies)
    if not group and decimal == "." and LEAST_SIGNIFICANT <= most <= MOST_SIGNIFICANT:
        # Nobody asks for eight decimals: so many come of a calculator's digits.
        found.insert(0 if max(places) > LIKELY_DECIMALS else 1, NumberFormat(significant=most))
    return found


def _zeros_before(bodies: list[str]) -> int:
    """The width to which whole parts are filled with zeros; 0 where none is, or they differ."""
    wholes = [b.partition(".")[0] for b in bodies]
    widths = {len(w) for w in wholes if len(w) > 1 and w.startswith("0")}
    width = widths.pop() if len(widths) == 1 else 0
    return width if all(len(w) >= width for w in wholes) else 0


def output_formats(texts: Iterable[str]) -> list[NumberFormat]:
    """Formats in which these numbers may have been written, simplest first."""
    bodies = [t for t in texts if t]
    marks = _marks_of(bodies) if bodies else None
    if marks is None:
        return []
    decimal, group, indian = marks
    places = {len(b.rpartition(decimal)[2]) if decimal in b else 0 for b in bodies}
    out = []
    if len(places) == 1:
        out.append(NumberFormat(next(iter(places)), group, decimal, indian))
    is_cut = not any(decimal in b and b.endswith("0") for b in bodies)
    if is_cut:
        out.append(NumberFormat(None, group, decimal, indian))
    if all("." in b for b in bodies) and not group and decimal == "." and not indian:
        out.append(NumberFormat(points=True))
    if is_cut and not indian and len(places) > 1:
        cuts = _cut_formats(bodies, places, decimal, group)
        # So many decimals are where writing as many as needed would cut by itself.
        out = cuts if max(places) >= MOST_DECIMALS else out + cuts
    zeros = _zeros_before(bodies) if decimal == "." and not group and not indian else 0
    if zeros:
        out = [*(replace(f, zero_pad=zeros) for f in out if not f.points and not f.significant), *out]
    return out

"""How numbers are written: the formats that texts show, and numbers in them."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from services.converter.domain.formats.amount import PLACES, WIDE
from services.converter.domain.formats.number import NumberStyle

LEAST_SIGNIFICANT, MOST_SIGNIFICANT = 3, 12
"""Significant digits that people round to, and that binary fractions still hold."""
LIKELY_DECIMALS, MOST_DECIMALS = 4, 8
"""Decimals that people ask for, and those at which numbers with as many as needed are rounded."""


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

    def write(self, value: Decimal) -> str:
        """The number as text."""
        if self.significant:
            return self._significant(float(value))
        text = f"{_rounded(value, MOST_DECIMALS if self.decimals is None else self.decimals):f}"
        if self.points:
            return re.sub(r"(\.[0-9]+?)0+$", r"\1", text)
        if self.decimals is None or (self.trimmed and self.decimals):
            text = re.sub(r"\.?0+$", "", text)
        if self.group and not self.indian:
            text = _group(text, self.group, self.decimal)
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

    def _significant(self, value: float) -> str:
        shown = round_double(value, digits_after(value, self.significant))
        return re.sub(r"\.0$", "", repr(shown))

    def sql(self, number: str) -> str:
        """The same over a DECIMAL(38, 10) expression."""
        if self.significant:
            number = f"CAST({number} AS DOUBLE)"
            places = f"greatest({self.significant - 1} - floor(log10(greatest(abs({number}), 1e-300))), 0)"
            return f"regexp_replace(CAST(round({number}, CAST({places} AS INTEGER)) AS VARCHAR), '\\.0$', '')"
        text = _rounded_sql(number, MOST_DECIMALS if self.decimals is None else self.decimals)
        if self.points:
            return f"regexp_replace({text}, '(\\.[0-9]+?)0+$', '\\1')"
        if self.decimals is None or (self.trimmed and self.decimals):
            text = f"regexp_replace({text}, '\\.?0+$', '')"
        if self.indian:
            text = _grouped_sql(text, 2, ",", ".")
        elif self.group:
            text = _grouped_sql(text, 3, self.group, self.decimal)
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


def _rounded(value: Decimal, places: int) -> Decimal:
    """A number with so many decimals, halves away from zero, and no sign for zero."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    return rounded or abs(rounded)


def _rounded_sql(number: str, places: int) -> str:
    """The text of a DECIMAL with so many decimals: zeros behind those that it has."""
    text = f"CAST(round({number}, {min(places, PLACES)}) AS VARCHAR)"
    return text if places <= PLACES else f"{text} || '{'0' * (places - PLACES)}'"


def _grouped_sql(text: str, size: int, group: str, decimal: str) -> str:
    """Grouping 1,234,567 and 12,34,567 without lookahead: the digits are turned round, marked, and turned back."""
    whole = f"reverse(split_part({text}, '.', 1))"
    mark = _literal(group)
    head = f"regexp_replace({whole}[4:], '([0-9]{{{size}}})', '\\1{mark[1:-1]}', 'g')"
    comma = f"CASE WHEN regexp_matches({whole}[4:], '[0-9]') THEN {mark} ELSE '' END"
    tail = _literal(f"{group}-")
    grouped = f"reverse({whole}[:3] || {comma} || rtrim(replace({head}, {tail}, '-'), {mark}))"
    rest = f"CASE WHEN contains({text}, '.') THEN {_literal(decimal)} || split_part({text}, '.', 2) ELSE '' END"
    return f"{grouped} || {rest}"


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

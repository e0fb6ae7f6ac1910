"""One cell of a column: a day, a number, or a bond's quote in 32nds; figures of a period made a year's."""

import re
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.headers import Header
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import Numeral, scan_number
from services.portfolio.domain.periods import WORDS
from services.portfolio.domain.reading.dates import Day, scan_day
from services.portfolio.domain.reference import FieldSpec

# US Treasury quotes: 99-16 is 99 and 16/32; "+" is half a 32nd, a third digit eighths of one. Source: US Treasury
# securities quoting conventions of SIFMA's "Standard Formulas" and of CME's "Treasury futures: price increments".
_TICKS = re.compile(
    r"(?P<whole>\d{2,3})[-'’:](?P<ticks>[0-2]\d|3[01])(?P<eighths>[0-7+]|\s+1/4|\s+1/2|\s+3/4)?", re.ASCII
)
_FRACTION = re.compile(r"(?P<whole>\d{1,3})\s+(?P<over>\d{1,2})/(?P<under>2|4|8|16|32|64)", re.ASCII)
_EITHER_SIDE = re.compile(r"^\s*(?:±|\+\s*/\s*[-−–])")
_COUNTED = re.compile(r"(?<=\d)\s*(?:shares?|units?|stk\.?|stück|anteile?|titres?|parts|株|口)\s*$", re.IGNORECASE)
"""What a quantity counts, after it."""
_UNCLEAR_EIGHTHS = frozenset("57")
"""As the third digit these are eighths of a 32nd where notes are traded, and a half or three quarters of one where
futures are."""


def scan_cell(raw: object, spec: FieldSpec, header: Header, path: str) -> Numeral | Day | None:
    """What a cell says, None for a blank. Raises ``InputError`` for what cannot be read."""
    if spec.kind == "date":
        return scan_day(raw, path)
    if spec.kind == "price" and isinstance(raw, str) and (quote := _scan_quote(raw.strip(), path)) is not None:
        return Numeral(quote, quote, Unit.PERCENT)
    if spec.kind == "rate" and spec.family == "shares" and isinstance(raw, str):
        raw = _EITHER_SIDE.sub("", raw)
    if spec.kind == "count" and isinstance(raw, str):
        raw = _COUNTED.sub("", raw)
    cell = scan_number(raw, path)
    return cell if cell is None else _make_yearly(cell, raw, spec, header, path)


def _scan_quote(text: str, path: str) -> Decimal | None:
    """A price per 100 of face in 32nds or another fraction, None where it is written as other numbers are."""
    if match := _FRACTION.fullmatch(text):
        over, under = Decimal(match["over"]), Decimal(match["under"])
        if over >= under:
            raise InputError(path, text, "a fraction below one is needed after the price")
        return Decimal(match["whole"]) + over / under
    if (match := _TICKS.fullmatch(text)) is None:
        return None
    part = (match["eighths"] or "0").strip()
    if part in _UNCLEAR_EIGHTHS:
        raise InputError(
            path, text, f"its last digit could be {part}/8 of a 32nd, or {'a half' if part == '5' else '3/4'}"
        )
    if "/" in part:
        over, under = map(Decimal, part.split("/"))
        eighths = over * 8 / under
    else:
        eighths = Decimal(4) if part == "+" else Decimal(part)
    return Decimal(match["whole"]) + (Decimal(match["ticks"]) + eighths / 8) / 32


def _make_yearly(cell: Numeral, raw: object, spec: FieldSpec, header: Header, path: str) -> Numeral:
    """The figure of a year, where the cell or its header says that it is of another period.

    Sums (incomes, fees) and rates that are paid (yields, coupons) are as many times as much; rates that compound are
    not, and figures that are of no period have none.
    """
    if spec.yearly is None:
        if cell.a_year is not None:
            raise InputError(path, raw, f"a figure a {WORDS[cell.a_year]} is not what is asked for")
        return cell
    a_year, is_adverb = (cell.a_year, cell.is_adverb) if cell.a_year else (header.a_year, header.is_adverb)
    if a_year in {None, 1}:
        return cell
    word = WORDS[a_year or 1]
    if spec.yearly == "compounds":
        raise InputError(path, raw, f"a rate a year is needed: one a {word} may compound")
    if spec.yearly == "paid" and is_adverb:
        if not cell.a_year:
            return cell  # the column's name says so of all its cells, which is settled with the column
        raise InputError(path, raw, f"it could be a year's, paid each {word}, or of one {word}")
    return cell.times(a_year or 1)

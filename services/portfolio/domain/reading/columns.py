"""A column as it was sent, and the decisions that are taken for all of its cells at once.

A single field of a payload is a column of one cell. Decisions follow the precedence of ``domain.readings``; where two
readings are left, the column is open and says which.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError, NumberError
from services.portfolio.domain.headers import BPS, FRACTION, PERCENT, Header
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import COMMA, POINT, Numeral
from services.portfolio.domain.periods import WORDS
from services.portfolio.domain.reading.cells import scan_cell
from services.portfolio.domain.reading.dates import Day
from services.portfolio.domain.readings import (
    AMBIGUOUS,
    COLUMN,
    CONVENTION,
    LOCALE,
    MARKED,
    RANGE,
    SIBLING,
    SUM,
    TENANT,
    Alternative,
    Entry,
)
from services.portfolio.domain.reference import FieldSpec

_FACTORS = {PERCENT: Decimal(1), FRACTION: Decimal(100), BPS: Decimal("0.01")}
# How many cells of a column may stand against its reading, as slips of single rows, before the column is open.
_SLIPS = Decimal("0.1")
_MOST_LEVERAGED = Decimal(400)
"""Weights that sum to more than this many percent are in another unit: no client portfolio holds four times itself."""
_MOST_ROWS = 20
_MARKED_RATES = frozenset({Unit.PERCENT, Unit.BASIS_POINTS, Unit.POINTS})


@dataclass(slots=True)
class Column:
    """The cells of one column. ``rows`` are their rows' indexes, ``paths`` how the caller would name them."""

    name: str
    path: str
    spec: FieldSpec
    header: Header
    cells: dict[int, Numeral | Day] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    decimal: str | None = None
    decimal_why: str = COLUMN
    order: str | None = None
    unit: str | None = None
    why: str = ""
    reason: MissingInputError | None = None

    @property
    def numerals(self) -> list[Numeral]:
        """The cells that are numbers."""
        return [cell for cell in self.cells.values() if isinstance(cell, Numeral)]

    @property
    def days(self) -> list[Day]:
        """The cells that are days."""
        return [cell for cell in self.cells.values() if isinstance(cell, Day)]

    def add(self, row: int, raw: object, path: str) -> None:
        """Scan one cell; what cannot be read is a fault of that cell."""
        try:
            cell = scan_cell(raw, self.spec, self.header, path)
        except (InputError, NumberError) as error:
            self.faults[row] = error.message
            return
        if cell is not None:
            self.cells[row] = cell

    def values(self) -> dict[int, Decimal]:
        """The cells' numbers under the column's decimal sign."""
        decimal = self.decimal or POINT
        found = {}
        for row, cell in self.cells.items():
            if isinstance(cell, Numeral) and (value := cell.under(decimal)) is not None:
                found[row] = value
        return found

    def is_marked(self, row: int) -> bool:
        """Whether a cell says itself that it is a rate."""
        cell = self.cells.get(row)
        return isinstance(cell, Numeral) and cell.unit in _MARKED_RATES

    def bare(self) -> dict[int, Decimal]:
        """The numbers that no mark says the unit of."""
        return {row: value for row, value in self.values().items() if not self.is_marked(row)}

    def percents(self) -> dict[int, Decimal]:
        """All cells in percent, bare ones by the column's unit."""
        factor = _FACTORS[self.unit or PERCENT]
        found = {}
        for row, value in self.values().items():
            cell = self.cells[row]
            if isinstance(cell, Numeral) and cell.unit is Unit.BASIS_POINTS:
                found[row] = value / 100
            else:
                found[row] = value if self.is_marked(row) else value * factor
        return found

    def leave_open(self, alternatives: Sequence[Alternative], cause: str) -> None:
        """Say that the column could not be settled."""
        shown = " or ".join(item.describe() for item in alternatives)
        self.reason = MissingInputError(f"{self.path} could be {shown}: {cause}", AMBIGUOUS, tuple(alternatives))

    def find_contrary(self) -> tuple[int, int]:
        """How many cells fit only the decimal point, and how many only the comma."""
        only_point = sum(1 for cell in self.numerals if cell.comma is None)
        only_comma = sum(1 for cell in self.numerals if cell.point is None)
        return only_point, only_comma


@dataclass(frozen=True, slots=True)
class Hints:
    """What stands beside a column when its rate is decided."""

    convention: str = ""
    sibling: str = ""
    tenant: str = ""


def settle_decimal(
    column: Column, *, convention: str, sibling: str, computed: Callable[[str], bool] | None, locale: str, tenant: str
) -> None:
    """Choose a column's decimal sign, or leave it open.

    ``sibling`` is the sign that other columns of the feed have; ``computed`` says whether a sign is plausible for this
    column.
    """
    only_point, only_comma = column.find_contrary()
    loose = any(cell.is_open for cell in column.numerals)
    own = _own_decimal(only_point, only_comma)
    if own == "":
        alternatives = _decimal_alternatives(column, {POINT: COLUMN, COMMA: COLUMN})
        column.leave_open(alternatives, "its cells use both")
        return
    if own is not None:
        minority = COMMA if own == POINT else POINT
        for row, cell in list(column.cells.items()):
            if isinstance(cell, Numeral) and cell.under(own) is None:
                column.faults[row] = f"{column.path}: decimals are written {own!r} in this column, not {minority!r}"
                del column.cells[row]
        if convention and convention != own:
            column.leave_open(
                _decimal_alternatives(column, {own: COLUMN, convention: CONVENTION}),
                "the column contradicts the convention",
            )
            return
        column.decimal, column.decimal_why = own, COLUMN
        return
    if not loose:
        column.decimal = POINT
        return
    plausible = [sign for sign in (POINT, COMMA) if computed is None or computed(sign)]
    for sign, why in (
        (convention, CONVENTION),
        (sibling, SIBLING),
        (plausible[0] if len(plausible) == 1 else "", RANGE),
        (locale, LOCALE),
        (tenant, TENANT),
    ):
        if sign:
            column.decimal, column.decimal_why = sign, why
            return
    column.leave_open(_decimal_alternatives(column, {POINT: RANGE, COMMA: RANGE}), "nothing tells the decimal sign")


def _own_decimal(only_point: int, only_comma: int) -> str | None:
    """The sign that the column's own cells decide; empty where they contradict, None where they are silent."""
    if not only_point and not only_comma:
        return None
    most, least = max(only_point, only_comma), min(only_point, only_comma)
    if least and least > (most + least) * _SLIPS:
        return ""
    return POINT if only_point > only_comma else COMMA


def _decimal_alternatives(column: Column, signs: Mapping[str, str]) -> tuple[Alternative, ...]:
    sample = next((cell for cell in column.numerals if cell.is_open), None)
    found = []
    for sign, why in signs.items():
        shown = {"decimals": sign}
        if sample is not None:
            shown["value"] = f"{sample.under(sign):f}"
        found.append(Alternative(shown, why))
    return tuple(found)


def settle_rate(
    column: Column, currency: str | None, hints: Hints, fits: Mapping[str, bool] | None = None, fits_why: str = RANGE
) -> None:
    """Choose the unit of a column's bare rates, or leave it open.

    ``fits`` says which units are possible where something better than the field's range does (a sum, another figure);
    ``fits_why`` names it.
    """
    if column.header.unit:
        column.unit, column.why = column.header.unit, MARKED
    _settle_paid(column)
    if column.header.unit == PERCENT and hints.convention != FRACTION:
        _doubt_percent(column, currency, fits, fits_why)
    if column.header.unit or column.reason is not None:
        return
    bare = [value for value in column.bare().values() if value]
    if not bare:
        column.unit, column.why = PERCENT, MARKED if column.cells else ""
        return
    if fits is None:
        fits = fit_range(bare, column.spec.find_range(currency))
    possible = [unit for unit in (PERCENT, FRACTION, BPS) if fits.get(unit, False)]
    if hints.convention:
        if possible and hints.convention not in possible:
            column.leave_open(
                list_rate_readings(bare, {hints.convention: CONVENTION, possible[0]: fits_why}),
                "the column contradicts the convention",
            )
        else:
            column.unit, column.why = hints.convention, CONVENTION
        return
    if len(possible) == 1:
        column.unit, column.why = (
            possible[0],
            SIBLING if hints.sibling == possible[0] and fits_why == RANGE else fits_why,
        )
    elif hints.sibling in possible:
        column.unit, column.why = hints.sibling, SIBLING
    elif hints.tenant in possible:
        column.unit, column.why = hints.tenant, TENANT
    else:
        cause = "both are plausible" if possible else "neither is plausible"
        column.leave_open(list_rate_readings(bare, {PERCENT: fits_why, FRACTION: fits_why}), cause)


def _doubt_percent(column: Column, currency: str | None, fits: Mapping[str, bool] | None, why: str) -> None:
    """Leave a column open that is called a percentage and holds fractions, as spreadsheets export their percentages.

    Shares that sum to one say so, and rates that are plausible as fractions alone.
    """
    bare = [value for value in column.bare().values() if value]
    if column.spec.kind == "rate" and column.spec.ranges is not None:
        fits, why = fit_range(bare, column.spec.find_range(currency)), RANGE
    elif column.spec.kind != "share" or why != SUM:
        return
    if bare and fits is not None and fits.get(FRACTION, False) and not fits.get(PERCENT, False):
        column.leave_open(
            list_rate_readings(bare, {PERCENT: MARKED, FRACTION: why}), "its name contradicts the numbers in it"
        )


def _settle_paid(column: Column) -> None:
    """Leave a rate open whose column is called ``Semi-annual coupon``: a year's paid in halves, or each half's."""
    header = column.header
    if column.spec.yearly != "paid" or not header.is_adverb or header.a_year in {None, 1} or not column.cells:
        return
    word, value = WORDS[header.a_year or 1], next(iter(column.values().values()), Decimal(0))
    column.leave_open(
        (
            Alternative({"per": "year", "paid": f"each {word}", "value": f"{value:f}"}, MARKED),
            Alternative({"per": word, "value": f"{value:f}"}, MARKED),
        ),
        "its name does not say which",
    )


def list_rate_readings(bare: Sequence[Decimal], units: Mapping[str, str]) -> tuple[Alternative, ...]:
    """What the first of some bare rates is in each unit, beside why it may be in it."""
    shown = bare[0]
    return tuple(
        Alternative({"unit": unit, "value": f"{(shown * _FACTORS[unit]).normalize():f}%"}, why)
        for unit, why in units.items()
    )


def fit_range(bare: Sequence[Decimal], bounds: tuple[Decimal, Decimal] | None) -> dict[str, bool]:
    """Which units put the column inside its plausible range, a few slips apart."""
    if bounds is None:
        return {PERCENT: True, FRACTION: True}
    outside = {
        unit: sum(not _is_inside(value * _FACTORS[unit], bounds) for value in bare) for unit in (PERCENT, FRACTION)
    }
    if not all(outside.values()):
        return {unit: not count for unit, count in outside.items()}
    # No unit fits every cell: single rows are wrong, which the rest of the column outvotes.
    few = len(bare) * _SLIPS
    return {
        unit: count <= few and outside[other] > len(bare) / 2
        for unit, other, count in ((PERCENT, FRACTION, outside[PERCENT]), (FRACTION, PERCENT, outside[FRACTION]))
    }


def _is_inside(value: Decimal, bounds: tuple[Decimal, Decimal]) -> bool:
    low, high = bounds
    return low <= value <= high


def fit_sum(values: Iterable[Decimal], tolerance: Decimal, *, whole: bool) -> dict[str, bool] | None:
    """Which units make shares sum to a whole, or, of a part of the whole, to no more than it; None where none does.

    ``whole`` where the shares are of all there is: then a sum near 1 or 100 decides, and one below a fifth of the
    whole is no reading at all.
    """
    found = [value for value in values if value]
    total, largest = sum(found, Decimal(0)), max((abs(value) for value in found), default=Decimal(0))
    near = {
        PERCENT: abs(total - 100) <= tolerance,
        FRACTION: abs(total - 1) <= tolerance / 100,
        BPS: abs(total - 10_000) <= tolerance * 100,
    }
    if any(near.values()):
        return near
    most = Decimal(150) if whole else 100 + tolerance
    least = Decimal(20) if whole else Decimal("0.5")
    sums = {PERCENT: total, FRACTION: total * 100}
    fits = {unit: least <= value <= most for unit, value in sums.items()}
    if largest > Decimal("1.5"):
        fits = {PERCENT: total <= _MOST_LEVERAGED, FRACTION: False}
    elif not any(fits.values()):
        fits = {PERCENT: True, FRACTION: True}
    return fits


def describe(column: Column, currency: str | None) -> Entry | None:
    """How a column was read, for people; None for text and for columns without a cell."""
    if not column.cells and not column.faults:
        return None
    if column.reason is not None:
        return Entry(column.path, {}, "", column.reason.alternatives)
    read_as: dict[str, str] = {}
    why = column.why
    kind = column.spec.kind
    if kind == "date":
        read_as["unit"] = "date"
        if column.order:
            read_as["order"] = column.order
    elif kind in {"rate", "share", "return", "named_share"} or (
        kind == "cash" and (column.unit or column.is_marked(0))
    ):
        read_as["unit"] = column.unit or PERCENT
        if not column.bare():
            why = MARKED
    elif kind in {"money", "price", "gain", "cash"}:
        read_as, is_marked = _describe_money(column, currency)
        why = MARKED if column.header.scale else why or (MARKED if is_marked else "")
    else:
        read_as["unit"] = "count" if kind == "count" else kind
    if column.spec.yearly is not None:
        periods = {cell.a_year or column.header.a_year or 1 for cell in column.numerals}
        read_as["per"] = ", ".join(WORDS[number] for number in sorted(periods))
        why = why or (MARKED if column.header.a_year or any(cell.a_year for cell in column.numerals) else "")
    if any(cell.is_open for cell in column.numerals):
        read_as["decimals"] = column.decimal or POINT
        why = column.decimal_why if why in {"", COLUMN} else why
    return Entry(column.path, read_as, why or COLUMN, rows=_list_different(column))


def _describe_money(column: Column, currency: str | None) -> tuple[dict[str, str], bool]:
    """What amounts were read as, and whether a currency is marked among them."""
    read_as = {"unit": "money"}
    marks = {cell.currency for cell in column.numerals if cell.currency}
    stated = column.header.currency or ", ".join(sorted(marks))
    if stated or currency:
        read_as["currency"] = stated or currency or ""
    if column.header.scale:
        read_as["scale"] = f"{column.header.scale:f}"
    return read_as, bool(stated)


def _list_different(column: Column) -> tuple[str, ...]:
    """The rows whose own mark says something else than the column: a unit beside bare rates, another currency."""
    if "[]" not in column.path:
        return ()
    bare = column.bare() if column.spec.kind in {"rate", "share", "return"} else {}
    if bare and column.unit != PERCENT:
        rows = [row for row in column.cells if row not in bare]
    else:
        marks = Counter(cell.currency for cell in column.numerals)
        usual = marks.most_common(1)[0][0] if len(marks) > 1 else None
        rows = [row for row, cell in column.cells.items() if usual and getattr(cell, "currency", usual) != usual]
    return tuple(column.path.replace("[]", f"[{row}]", 1) for row in rows[:_MOST_ROWS])


def vote(votes: Iterable[str]) -> str:
    """The one thing that all votes say, else empty."""
    found = {item for item in votes if item}
    return next(iter(found)) if len(found) == 1 else ""


def day_alternatives(column: Column, orders: Mapping[str, str]) -> tuple[Alternative, ...]:
    """The days that a column's first loose cell could be."""
    sample = next((cell for cell in column.days if cell.options is not None), None)
    found = []
    for order, why in orders.items():
        day: date | None = sample.under(order) if sample is not None else None
        found.append(Alternative({"order": order} | ({"value": day.isoformat()} if day else {}), why))
    return tuple(found)

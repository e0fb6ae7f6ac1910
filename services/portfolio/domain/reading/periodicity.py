"""The period of incomes that do not state their own: what stands beside them as ``period`` or ``frequency``.

A period says what one figure is of. A frequency says how often something is paid, which leaves two readings of a bare
figure: a year's, or one payment's. The yields of the same rows settle that, else the coupons of bonds, else what is
plausible of a yield, else nothing does.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.numbers import POINT, Numeral
from services.portfolio.domain.periods import WORDS, find_period, read_period
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.readings import COLUMN, MARKED, RANGE, SIBLING, Alternative
from services.portfolio.domain.sections import FEES
from services.portfolio.domain.table_fields import FLOWS, INCOME, TABLES

_NEAR = Decimal("0.1")
"""How far a yield may be from what its row's income and value make, of itself: yields are rounded, values move."""
_COUPON = re.compile(r"(\d{1,2}(?:[.,]\d{1,4})?)\s?%")
_PRICED = Decimal(1) / 3
"""How far a bond's value may be from its face, of itself: below a third of it a payment's share of a year cannot be
taken for the coupon of another rhythm, the closest of which differ by half."""
_YEAR = re.compile(r"(?:FY\s?)?\d{4}(?:[-/]\d{2,4})?|FY\s?\d{2}(?:[-/]\d{2})?", re.IGNORECASE)
PERIOD, FREQUENCY = "Period", "Frequency"


def settle_periods(feed: Feed) -> None:
    """Make the incomes of periods those of a year, or leave their column open."""
    for name, table in feed.tables.items():
        if TABLES[name] == FLOWS:
            _open_standing_flows(feed, name)
        column = feed.columns.get((name, "income"))
        if TABLES[name] != INCOME or column is None or column.reason is not None:
            continue
        paid: dict[int, int] = {}
        for row, cell in list(column.cells.items()):
            if isinstance(cell, Numeral) and not cell.a_year and not column.header.a_year:
                _settle_cell(feed, column, row, cell, table.rows[row].cells, paid)
        if paid:
            _settle_paid(feed, name, column, paid)
    _settle_yearly_amounts(feed)


def _settle_cell(
    feed: Feed, column: Column, row: int, cell: Numeral, cells: Mapping[str, object], paid: dict[int, int]
) -> None:
    """One income by its period, or by its own name; a frequency is put among ``paid``."""
    stated = str(cells.get("period") or feed.texts.get(PERIOD) or "").strip()
    if stated:
        if (a_year := _read_span(stated)) is None:
            column.faults[row] = f"{column.path}: it is not known what part of a year {stated!r} is"
            del column.cells[row]
        else:
            column.cells[row] = cell.times(a_year)
            column.why = SIBLING
        return
    named = find_period(str(cells.get("name") or ""))
    if named is not None and not named.is_adverb:
        column.cells[row] = cell.times(named.a_year)
        column.why = MARKED
        return
    word = str(cells.get("frequency") or feed.texts.get(FREQUENCY) or "").strip()
    if word and (a_year := feed.reference.find_frequency(word)) is not None and a_year > 1:
        paid[row] = a_year


def _settle_paid(feed: Feed, name: str, column: Column, paid: Mapping[int, int]) -> None:
    for why, fits in ((SIBLING, _fit_yields), (SIBLING, _fit_coupons), (RANGE, _fit_range)):
        judged = list(fits(feed, name, column, paid))
        by_year, by_payment = all(pair[0] for pair in judged), all(pair[1] for pair in judged)
        if judged and by_year != by_payment:
            column.why = why
            if by_payment:
                for row, a_year in paid.items():
                    cell = column.cells[row]
                    column.cells[row] = cell.times(a_year) if isinstance(cell, Numeral) else cell
            return
    row, a_year = next(iter(paid.items()))
    value = column.values().get(row, Decimal(0))
    word = WORDS.get(a_year, "payment")
    column.leave_open(
        (
            Alternative({"per": "year", "paid": f"each {word}", "value": f"{value:f}"}, SIBLING),
            Alternative({"per": word, "value": f"{value * a_year:f}"}, SIBLING),
        ),
        "a frequency beside a bare income says how often it is paid, not whether the figure is a year's",
    )


def _fit_yields(feed: Feed, name: str, column: Column, paid: Mapping[int, int]) -> Iterator[tuple[bool, bool]]:
    """Whether a row's yield is that of its income as a year's, and as one payment."""
    rates = feed.columns.get((name, "yield"))
    if rates is None or rates.reason is not None:
        return
    known = rates.percents()
    for row, implied in _imply(feed, name, column, paid):
        if rate := known.get(row):
            near = abs(rate) * _NEAR
            yield abs(implied - rate) <= near, abs(implied * paid[row] - rate) <= near


def _fit_coupons(feed: Feed, name: str, column: Column, paid: Mapping[int, int]) -> Iterator[tuple[bool, bool]]:
    """Whether a bond's income is that of its coupon as a year's, and as one payment. The coupon is the row's own, or
    stands in the bond's name; it is of the face, which is taken to be within a third of the value or what was sent."""
    table = feed.tables[name]
    for row, implied in _imply(feed, name, column, paid):
        cells = table.rows[row].cells
        stated = str(cells.get("coupon") or "") or str(cells.get("name") or "")
        found = _COUPON.search(stated)
        rate = Decimal(found[1].replace(",", ".")) if found is not None else Decimal(0)
        if rate > 0:
            low, high = rate * (1 - _PRICED), rate * (1 + _PRICED)
            yield low <= implied <= high, low <= implied * paid[row] <= high


def _fit_range(feed: Feed, name: str, column: Column, paid: Mapping[int, int]) -> Iterator[tuple[bool, bool]]:
    """Whether the yield that a row implies is plausible, of its income as a year's and as one payment."""
    bounds = feed.reference.columns["yield"].find_range(feed.currency)
    if bounds is None:
        return
    for row, implied in _imply(feed, name, column, paid):
        yield bounds[0] <= implied <= bounds[1], bounds[0] <= implied * paid[row] <= bounds[1]


def _imply(feed: Feed, name: str, column: Column, paid: Mapping[int, int]) -> Iterator[tuple[int, Decimal]]:
    """Income in percent of the market value, of the rows that have both in one currency."""
    values = feed.columns.get((name, "market_value"))
    if values is None or values.reason is not None:
        return
    for row in paid:
        amounts = [_read_money(feed, item, row) for item in (column, values)]
        if None in amounts:
            continue
        income, value = (amount or Money(Decimal(0), None) for amount in amounts)
        if value.value > 0 and income.value > 0 and len({income.currency, value.currency} - {None}) < 2:
            yield row, income.value * 100 / value.value


def _read_money(feed: Feed, column: Column, row: int) -> Money | None:
    cell = column.cells.get(row)
    value = cell.under(column.decimal or POINT) if isinstance(cell, Numeral) else None
    return (
        feed.make_money(cell, value, column.header, None) if isinstance(cell, Numeral) and value is not None else None
    )


def _open_standing_flows(feed: Feed, name: str) -> None:
    """Leave flows open that say that they recur: their days are not known, and one row is not what was paid."""
    rows = feed.tables[name].rows
    standing = [row for row in rows if feed.reference.find_frequency(str(row.cells.get("frequency") or ""))]
    for key in ("flow", "market_value") if standing else ():
        if (column := feed.columns.get((name, key))) is not None:
            column.leave_open(
                (
                    Alternative({"row": standing[0].path, "unit": "one flow on its day"}, COLUMN),
                    Alternative({"row": standing[0].path, "unit": "a flow in each period from its day on"}, SIBLING),
                ),
                "a frequency stands beside it; send each flow with its day",
            )


def _read_span(text: str) -> int | None:
    """How many of the period that stands beside a figure make a year; a calendar or fiscal year is one."""
    return read_period(text) or (1 if _YEAR.fullmatch(text) else None)


def _settle_yearly_amounts(feed: Feed) -> None:
    """A client's need, and a fee that is sent as an amount: by its own name, by the period beside it, or not at all."""
    _settle_yearly(feed.columns.get(("", "annual_need")), feed.texts.get("Need Period"))
    for name in FEES:
        fee = feed.columns.get(("", name))
        if fee is not None and fee.spec.kind == "money":
            _settle_yearly(fee, None)


def _settle_yearly(column: Column | None, stated: str | None) -> None:
    cell = column.cells.get(0) if column is not None else None
    if column is None or column.reason or not isinstance(cell, Numeral) or cell.a_year or column.header.a_year:
        return
    if stated is None:
        value = column.values().get(0, Decimal(0))
        column.leave_open(
            (
                Alternative({"per": "year", "value": f"{value:f}"}, COLUMN),
                Alternative({"per": "month", "value": f"{value * 12:f}"}, COLUMN),
            ),
            "nothing says of what period it is",
        )
    elif (a_year := _read_span(stated)) is None:
        column.leave_open((), f"it is not known what part of a year {stated!r} is")
    else:
        column.cells[0], column.why = cell.times(a_year), SIBLING

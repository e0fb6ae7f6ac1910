"""Columns of one meaning: which of them counts where a table has several, such as ``Valor`` and ``Marktwert``.

A name that is the column's own, or in the reporting currency, has been preferred before. Of equals that differ, that
counts whose quantity times price is the market value; else the column stays open.
"""

from collections.abc import Mapping
from decimal import Decimal

from services.portfolio.domain.numbers import Numeral
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.tables import Rival
from services.portfolio.domain.readings import COLUMN, SIBLING, Alternative

KINDS = frozenset({"money", "price", "count"})
"""Kinds of columns of which two that differ are not both right."""
_NEAR = Decimal("0.01")
_MOST, _LEAST = Decimal("0.5"), Decimal("0.1")
"""In so many rows the product holds of the column that counts, and of the other; rows in other currencies do not."""
_PRODUCT = ("quantity", "price", "market_value")
Values = Mapping[int, Decimal]


def rival_key(rival: Rival) -> str:
    """What a rival's column is called until it is settled."""
    return f"{rival.column} ({rival.name})"


def settle_rivals(feed: Feed) -> None:
    """Choose among columns of one meaning and forget the others."""
    for name, table in feed.tables.items():
        for rival in table.rivals:
            other = feed.columns.pop((name, rival_key(rival)), None)
            column = feed.columns.get((name, rival.column))
            if column is None or other is None or column.reason is not None:
                continue
            _fill(column, other)
            if not _differ(column, other):
                continue
            _settle(feed, name, rival.column, column, other)


def _fill(column: Column, other: Column) -> None:
    """Take what another column says of rows in which the one that counts is blank, such as a monthly income among
    yearly ones; not where their units or scales differ."""
    first, second = column.header, other.header
    currencies = {first.currency, second.currency} - {None}
    alike = (first.scale, first.unit) == (second.scale, second.unit) and len(currencies) < 2
    if not alike or (first.a_year and not second.a_year):
        return  # what is of no stated period is not known to be of this one
    for row, cell in other.cells.items():
        if row not in column.cells and isinstance(cell, Numeral):
            # A period that its name states made it one of a year before.
            column.cells[row] = cell.times(1) if second.a_year and not cell.a_year else cell


def _differ(column: Column, other: Column) -> bool:
    """Whether two columns of one unit have different numbers in a row."""
    first, second = column.header, other.header
    if (first.scale, first.unit) != (second.scale, second.unit):
        return False
    if first.currency and second.currency and first.currency != second.currency:
        return False
    mine, theirs = column.values(), other.values()
    return any(abs(mine[row] - theirs[row]) > abs(mine[row]) / 1000 for row in mine.keys() & theirs.keys())


def _settle(feed: Feed, table: str, key: str, column: Column, other: Column) -> None:
    first, second = (_fit_product(feed, table, key, item) for item in (column, other))
    quantity = feed.columns.get((table, "quantity"))
    if key == "market_value" and quantity is not None:
        # What is called a value may be a price: the other is then the quantity times it.
        first = max(first, _fit(quantity.values(), other.values(), column.values()))
        second = max(second, _fit(quantity.values(), column.values(), other.values()))
    if max(first, second) >= _MOST and min(first, second) <= _LEAST:
        if second > first:
            other.name, other.why = key, SIBLING
            feed.columns[table, key] = other
        return
    row = next(iter(column.values().keys() & other.values().keys()))
    column.leave_open(
        tuple(
            Alternative({"column": item.path, "value": f"{item.values()[row]:f}"}, COLUMN) for item in (column, other)
        ),
        "both are called so, and they differ",
    )


def _fit_product(feed: Feed, table: str, key: str, column: Column) -> Decimal:
    """In what part of the rows quantity times price is the market value, with this column in its place."""
    parts = {name: feed.columns.get((table, name)) for name in _PRODUCT} | {key: column}
    values = [part.values() for part in parts.values() if part is not None and part.reason is None]
    return _fit(*values) if len(parts) == len(values) == len(_PRODUCT) else Decimal(0)


def _fit(first: Values, second: Values, result: Values) -> Decimal:
    rows = first.keys() & second.keys() & result.keys()
    met = sum(
        any(abs(first[row] * second[row] / per - result[row]) <= abs(result[row]) * _NEAR for per in (1, 100))
        for row in rows
    )
    return Decimal(met) / len(rows) if rows else Decimal(0)

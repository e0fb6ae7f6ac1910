"""Columns of one meaning: which of them counts where a table has several, such as ``Valor`` and ``Marktwert``.

A name that is the column's own, or in the reporting currency, has been preferred before, and what differs from it is
named. Of equals that differ, that counts which is the other in the reporting currency, or whose quantity times price is
the market value; else the column stays open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.numbers import Numeral
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.tables import Rival
from services.portfolio.domain.readings import COLUMN, SIBLING, Alternative

KINDS = frozenset({"money", "price", "count", "share", "rate", "return", "gain"})
"""Kinds of columns of which two that differ are not both right."""
RATE_BAND = Decimal("1.6")
"""How far an implied exchange rate may be from its order of magnitude of years, as a factor either way."""
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
        codes = {str(row.cells.get("currency") or "").strip().upper() for row in table.rows} - {""}
        for key in ("market_value", "income") if len(codes) > 1 and feed.currency is None else ():
            if (name, key) in feed.in_base and (column := feed.columns.get((name, key))) is not None:
                _leave_base_open(column, codes)
        for rival in table.rivals:
            other = feed.columns.pop((name, rival_key(rival)), None)
            column = feed.columns.get((name, rival.column))
            if column is None or other is None or column.reason is not None:
                continue
            if rival.is_lesser:
                _name_unused(feed, column, other)
                continue
            _fill(column, other)
            if _differ(column, other) and not _settle_base(feed, name, rival.column, column, other):
                _settle(feed, name, rival.column, column, other)


def _leave_base_open(column: Column, codes: Iterable[str]) -> None:
    """Leave amounts open that are in a base currency by their name, which nothing says, beside rows of several."""
    value = next(iter(column.values().values()), Decimal(0))
    column.leave_open(
        tuple(Alternative({"currency": code, "value": f"{value:f}"}, COLUMN) for code in sorted(codes)),
        "they are in one currency by their name, and nothing says in which",
    )


def _name_unused(feed: Feed, column: Column, other: Column) -> None:
    if _differ(column, other):
        feed.note("rival_column", f"{other.path} means what {column.path} does, and differs; it is not used.",
                  field=column.path)  # fmt: skip


def _settle_base(feed: Feed, table: str, key: str, column: Column, other: Column) -> bool:
    """Take, of two columns of amounts, that which is the other in the reporting currency: they are equal in the rows of
    that currency and stand to one another in the others as it does. Where this fits both ways round, quantity times
    price is the one in each row's own."""
    if column.spec.kind != "money" or feed.currency is None:
        return False
    codes = {at: str(row.cells.get("currency") or "").strip().upper() for at, row in enumerate(feed.tables[table].rows)}
    fitting = [pair for pair in ((column, other), (other, column)) if _is_exchanged(feed, codes, *pair)]
    if len(fitting) == 2:
        products = [_fit_product(feed, table, key, own) for own, _ in fitting]
        fitting = [pair for pair, product in zip(fitting, products, strict=True)
                   if product >= _MOST and product > min(products)]  # fmt: skip
    if len(fitting) != 1:
        return False
    own, base = fitting[0]
    base.name, base.why, base.header = key, SIBLING, replace(base.header, currency=feed.currency)
    feed.columns[table, key] = base
    told = f"{base.path} is read, which is {own.path} in {feed.currency} in each row."
    feed.note("in_base_column", told, field=base.path)
    return True


def _is_exchanged(feed: Feed, codes: Mapping[int, str], own: Column, base: Column) -> bool:
    """Whether a column is another, which is in the currency of each row, in the reporting currency at usual rates."""
    usual = {code: item.per_usd for code, item in feed.reference.currencies.items() if item.per_usd}
    mine, theirs = own.values(), base.values()
    rows = [row for row in mine.keys() & theirs.keys() if mine[row] and theirs[row]]
    if not rows or any(codes.get(row) not in usual for row in rows) or feed.currency not in usual:
        return False
    factors = {row: usual[feed.currency] / usual[codes[row]] for row in rows}
    return any(codes[row] != feed.currency for row in rows) and all(
        abs(theirs[row] / mine[row] - 1) <= _NEAR if codes[row] == feed.currency
        else 1 / RATE_BAND <= theirs[row] / mine[row] / factors[row] <= RATE_BAND
        for row in rows
    )  # fmt: skip


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

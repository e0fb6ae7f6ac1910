"""The lots that a row holds as a table of its own: when each was bought, what it cost, and what it is worth; and in
which order the payload says that they are sold."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.portfolio.domain.needs import LotOrder
from services.portfolio.domain.nesting import LOTS
from services.portfolio.domain.reading.beside import read_day, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import LotPart, Row

_MOST = 1000


def take_parts(feed: Feed, row: Row) -> Row:
    """The row with the lots that make all of it, by their units or their values; they are left where they do not."""
    for name, value in row.extra.items():
        if not isinstance(value, list) or not 1 < len(value) <= _MOST or not LOTS & feed.reference.lexicon.read(name):
            continue
        found = [_read_part(feed, item) if isinstance(item, Mapping) else None for item in value]
        parts = _value([part for part in found if part is not None], row) if None not in found else ()
        if parts:
            rest = {key: cell for key, cell in row.extra.items() if key != name}
            return replace(row, extra=rest, parts=tuple(sorted(parts, key=lambda part: part.bought)))
        row = replace(row, has_open_lots=True)
    return row


def read_lot_order(feed: Feed) -> LotOrder | None:
    """The order in which lots are sold, by a field of the payload, of its tax or of all rows that say one; None where
    nothing says it, or not all say the same."""
    terms = feed.reference.terms
    orders = (
        (LotOrder.FIRST, terms.lots_first), (LotOrder.LAST, terms.lots_last), (LotOrder.DEAREST, terms.lots_dearest),
        (LotOrder.AVERAGE, terms.lots_average),
    )  # fmt: skip
    found = {
        order
        for name, text in _list_texts(feed)
        for order, phrases in orders
        if feed.reference.says_any(text, phrases)
        and (feed.reference.names_any(name, terms.lot_order_fields) or LOTS & feed.reference.lexicon.read(name))
    }
    return found.pop() if len(found) == 1 else None


def _list_texts(feed: Feed) -> Iterator[tuple[str, str]]:
    """The texts that may say it, with their names: of the payload, of objects in it, and of rows."""
    objects = [feed.detected.unknown, *(row.extra for table in feed.tables.values() for row in table.rows)]
    objects += [value for value in feed.detected.unknown.values() if isinstance(value, Mapping)]
    for item in objects:
        for name, value in item.items():
            if isinstance(value, str):
                yield str(name), value


def _read_part(feed: Feed, item: Mapping[object, object]) -> LotPart | None:
    """A lot by its day, which is its one day where no name says that it is that of the purchase, and what it cost."""
    bought: date | None = None
    days: list[date] = []
    amounts: dict[str, Decimal] = {}
    for key, cell in item.items():
        name = str(key)
        if feed.reference.names_any(name, feed.reference.terms.bought):
            bought = read_day(feed, cell) or bought
            continue
        if (day := read_day(feed, cell)) is not None:
            days.append(day)
            continue
        money = read_money(feed, cell, name)
        for column in feed.catalogue.columns.find(name) if money is not None else ():
            amounts.setdefault(column, money.value if money is not None else Decimal(0))
    if bought is None and len(days) == 1:
        bought = days[0]
    unit = amounts.get("unit_cost", amounts.get("price") if "market_value" not in amounts else None)
    if "cost" not in amounts and unit is not None and "quantity" in amounts:
        amounts["cost"] = unit * amounts["quantity"]  # a lot's own price is what it was bought at
    if bought is None or "cost" not in amounts:
        return None
    return LotPart(bought, amounts["cost"], amounts.get("market_value"), amounts.get("quantity"))


def _value(parts: list[LotPart], row: Row) -> tuple[LotPart, ...]:
    """The lots with their values, where they add up to the row: by units where both have some, else by value."""
    worth, units = row.money("market_value"), row.number("quantity")
    counts = [part.quantity for part in parts if part.quantity is not None]
    values = [part.value for part in parts if part.value is not None]
    if worth is None:
        return ()
    if len(values) == len(parts):
        return tuple(parts) if abs(sum(values) - worth.value) <= abs(worth.value) / 200 else ()
    if len(counts) < len(parts) or not units or sum(counts) != units:
        return ()
    return tuple(replace(part, value=worth.value * (part.quantity or 0) / units) for part in parts)

"""The lots that a row holds as a table of its own: when each was bought, what it cost, and what it is worth."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

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
    return row


def _read_part(feed: Feed, item: Mapping[object, object]) -> LotPart | None:
    bought: date | None = None
    amounts: dict[str, Decimal] = {}
    for key, cell in item.items():
        name = str(key)
        if feed.reference.names_any(name, feed.reference.terms.bought):
            bought = read_day(feed, cell) or bought
            continue
        money = read_money(feed, cell, name)
        for column in feed.catalogue.columns.find(name) if money is not None else ():
            amounts.setdefault(column, money.value if money is not None else Decimal(0))
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

"""Credit lines: what is drawn, up to what and when the lender acts, and what the lender gives on each row.

Rates of lending are settled per column, like all others: marked ones are what they are marked as; bare ones are
fractions where none is above one, percent where all are below a hundred, and amounts above that. A haircut is what the
lender leaves out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import scan_number
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Credit, Row, Table
from services.portfolio.domain.terms import is_empty, name_field

_HUNDRED = Decimal(100)
_PERCENT_MARKS = ("%", "pct", "percent")


def read_credit(feed: Feed) -> tuple[Credit, ...]:
    """The credit lines that a payload sends as objects."""
    return tuple(
        _read_line(feed, name, value)
        for name, value in feed.detected.unknown.items()
        if isinstance(value, Mapping) and feed.reference.names_any(name, feed.reference.terms.credit)
    )


def _read_line(feed: Feed, name: str, value: Mapping[object, object]) -> Credit:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    found, rest = Credit(name), dict[str, object]()
    for key, part in _flatten(value):
        percent, money = read_share(part, key), _read_size(feed, part, key)
        if names_any(key, terms.forced_sale) and percent is not None:
            found = replace(found, close_at=percent)
        elif names_any(key, terms.margin_call) and percent is not None:
            found = replace(found, call_at=percent)
        elif names_any(key, terms.drawn) and found.drawn is None and money is not None:
            found = replace(found, drawn=money)
        elif names_any(key, terms.ceiling) and found.limit is None and money is not None:
            found = replace(found, limit=money)
        else:
            rest[key] = part
    return replace(found, name=name_field(name), rest={name: rest} if rest else {})


def _flatten(value: Mapping[object, object]) -> Iterator[tuple[str, object]]:
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield from ((str(inner), item) for inner, item in part.items())
        elif not is_empty(part):
            yield str(key), part


def _read_size(feed: Feed, raw: object, name: str) -> Money | None:
    """An amount that is owed: systems send it with a minus or without."""
    if isinstance(raw, str):
        return read_money(feed, raw.strip().lstrip("-−–"), name)
    return read_money(feed, abs(raw), name) if isinstance(raw, int | float | Decimal) else None


def read_share(raw: object, name: str) -> Decimal | None:
    """A share: marked, or a bare figure of at most two, which is one of the whole."""
    number = _scan(raw)
    if number is None:
        return None
    value, is_marked = number
    if is_marked or any(mark in split_words(name).casefold().split() for mark in _PERCENT_MARKS):
        return value
    return value * _HUNDRED if value <= 2 else value if value <= 2 * _HUNDRED else None


def _scan(raw: object) -> tuple[Decimal, bool] | None:
    """A figure, and whether it is marked as a percentage."""
    if isinstance(raw, bool):
        return None
    try:
        cell = scan_number(raw, "rate")
    except (InputError, NumberError):
        return None
    if cell is None:
        return None
    values = [value for value in (cell.point, cell.comma) if value is not None]
    return (max(values), cell.unit is Unit.PERCENT) if values else None


def spread_lending(feed: Feed, tables: dict[str, Table]) -> None:
    """Put what the lender gives on each row, in percent of its value, to the rows of each table."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    for name, table in tables.items():
        columns = dict.fromkeys(column for row in table.rows for column in row.extra)
        chosen = next((item for item in columns if names_any(item, terms.lending | terms.haircut)), None)
        if chosen is None:
            continue
        found = {row.path: number for row in table.rows if (number := _scan(row.extra.get(chosen))) is not None}
        is_cut = names_any(chosen, terms.haircut)
        if not found:
            continue
        most = max(value for value, _ in found.values())
        is_marked = any(marked for _, marked in found.values()) or any(
            mark in chosen.casefold() for mark in _PERCENT_MARKS
        )
        rows = tuple(_lend(row, chosen, found, most, is_marked=is_marked, is_cut=is_cut) for row in table.rows)
        tables[name] = replace(table, rows=rows)


def _lend(
    row: Row, column: str, found: Mapping[str, tuple[Decimal, bool]], most: Decimal, *, is_marked: bool, is_cut: bool
) -> Row:
    extra = {name: value for name, value in row.extra.items() if name != column}
    if row.path not in found:
        return replace(row, extra=extra)
    value, worth = found[row.path][0], row.money("market_value")
    if is_marked or 1 < most <= _HUNDRED:
        percent = value
    elif most <= 1:
        percent = value * _HUNDRED
    elif worth is not None and worth.value > 0:
        percent = value * _HUNDRED / worth.value
    else:
        return row
    percent = _HUNDRED - percent if is_cut else percent
    return replace(row, extra=extra, lending=percent) if 0 <= percent <= _HUNDRED else row

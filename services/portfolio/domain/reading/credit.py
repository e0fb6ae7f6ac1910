"""Credit lines: what is drawn, up to what and when the lender acts, and what the lender gives on each row.

Rates of lending are settled per column, like all others: marked ones are what they are marked as; bare ones are
fractions where none is above one, percent where all are below a hundred, and amounts above that. A haircut is what the
lender leaves out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import read_figure, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Credit, Row, Table
from services.portfolio.domain.terms import is_empty, name_field

_HUNDRED = Decimal(100)
_LEAST_PERCENT, _MOST_PERCENT, _MOST_FRACTION = Decimal("0.3"), Decimal(30), Decimal("0.2")
"""Rates that credit is lent at: below a third of a percent no bank has lent, above a fifth to none that pledges (BIS
policy rates of 2000 to 2025 with the margins of Lombard loans); between these a bare figure may be either."""
_PERCENTS = re.compile(r"\d+(?:[.,]\d+)?\s?%")
_PERCENT_MARKS = ("%", "pct", "percent")


def is_credit(feed: Feed, name: str, value: object) -> bool:
    """Whether a field is a credit line, or several of them."""
    lines = value if isinstance(value, list) else [value]
    return all(isinstance(line, Mapping) for line in lines) and feed.reference.names_any(
        name, feed.reference.terms.credit
    )


def read_credit(feed: Feed) -> tuple[Credit, ...]:
    """The credit lines that a payload sends, as objects, as a list or by their names."""
    return tuple(
        _read_line(feed, name, label, line)
        for name, value in feed.detected.unknown.items() if is_credit(feed, name, value)
        for label, line in _list_lines(feed, name, value)
    )  # fmt: skip


def _list_lines(feed: Feed, name: str, value: object) -> Iterator[tuple[str, Mapping[object, object]]]:
    """Each line with what it is called: by its own name or lender, by the name that it stands under, or its field's."""
    if isinstance(value, list):
        for place, line in enumerate(value):
            if isinstance(line, Mapping):
                yield _find_label(feed, line) or f"{name_field(name)} {place + 1}", line
    elif isinstance(value, Mapping):
        inner = [(str(key), line) for key, line in value.items() if isinstance(line, Mapping)]
        if len(inner) == len(value) > 1 and all(_has_drawn(feed, line) for _, line in inner):
            yield from inner
        else:
            yield name_field(name), value


def _has_drawn(feed: Feed, line: Mapping[object, object]) -> bool:
    return any(feed.reference.names_any(str(key), feed.reference.terms.drawn) for key in line)


def _find_label(feed: Feed, line: Mapping[object, object]) -> str | None:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    return next(
        (part.strip() for key, part in line.items()
         if isinstance(part, str) and part.strip() and names_any(str(key), terms.lenders)), None,
    )  # fmt: skip


def _read_line(feed: Feed, name: str, label: str, value: Mapping[object, object]) -> Credit:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    found, rest = Credit(label, field=name), dict[str, object]()
    for key, part in _flatten(value):
        percent, money, rate = read_share(part, key), _read_size(feed, part, key), _read_rate(feed, part, key)
        at = percent if percent is not None else _read_share_of_lending(feed, part)
        if names_any(key, terms.forced_sale) and at is not None:
            found = replace(found, close_at=at)
        elif names_any(key, terms.margin_alert) and at is not None:
            found = replace(found, alert_at=at)
        elif names_any(key, terms.margin_call) and at is not None:
            found = replace(found, call_at=at)
        elif names_any(key, terms.margin_call) and _is_at_lending(feed, part):
            found = replace(found, call_at=_HUNDRED)
        elif names_any(key, terms.drawn) and found.drawn is None and money is not None:
            found = replace(found, drawn=money)
        elif names_any(key, terms.ceiling) and found.limit is None and money is not None:
            found = replace(found, limit=money)
        elif rate is not None and found.rate is None:
            found = replace(found, rate=rate)
        elif str(part).strip() != label:
            rest[key] = part
    return replace(found, rest=rest)


def _read_share_of_lending(feed: Feed, raw: object) -> Decimal | None:
    """The one percentage in a text that says of the lending value (``95% of lending value``)."""
    if not isinstance(raw, str) or not feed.reference.says_any(raw, feed.reference.terms.lending):
        return None
    found = [number[0] for part in _PERCENTS.findall(raw) if (number := _scan(part)) is not None]
    return found[0] if len(found) == 1 and found[0] > 0 else None


def _is_at_lending(feed: Feed, raw: object) -> bool:
    """Whether a text says that the lender acts once more is drawn than is lent."""
    terms, says_any = feed.reference.terms, feed.reference.says_any
    return isinstance(raw, str) and says_any(raw, terms.lending) and says_any(raw, terms.exceeds)


def _read_rate(feed: Feed, raw: object, name: str) -> Decimal | None:
    """The interest of a line in percent: marked, or of a size that a rate has as a fraction or in percent alone."""
    if not {"rate", "interest"} & feed.reference.lexicon.read(name):
        return None
    number = _scan(raw)
    if number is None:
        return None
    value, is_marked = number
    if is_marked or _LEAST_PERCENT <= value <= _MOST_PERCENT:
        return value
    return value * _HUNDRED if 0 < value <= _MOST_FRACTION else None


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
    found = read_figure(raw)
    return (found[0], found[1] is Unit.PERCENT) if found is not None else None


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

"""What a payload sends beside the fields of its section: what may not be sold (``schedules`` reads what is spoken for).

A lock is put to the rows that it binds, so that all that is advised of them knows of it. What is not understood stays
among what is quoted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.headers import read_header
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import scan_number
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.dates import scan_day
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Lock, Row, Table
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.table_fields import BONDS, INCOME, POSITIONS, TABLES
from services.portfolio.domain.terms import is_empty, list_sentences, quote, spell

AMOUNT = re.compile(
    r"(?:\b(?:[A-Z]{1,2}\$|[A-Z]{3}\s?)|[$€£₹¥])\s?\d[\d.,'’ \u00a0\u202f]*\d?"
    r"(?:\s?(?:k|m|mn|mio|bn|million|lakh|crore|cr)\b\.?)?"
    r"|\b\d[\d.,'’ \u00a0\u202f]*\d?(?:\s?(?:k|m|mn|mio|million|lakh|crore|cr)\b\.?)?\s?(?:[€£]|\b[A-Z]{3}\b)"
)
"""Amounts of money in a sentence: a currency stands before or behind the digits."""
_PART = re.compile(
    r"\b(?:incl|including|of which|thereof|partly|davon|inkl|inklusive|dont|waarvan|inclusief|di cui|incluye)\b",
    re.IGNORECASE,
)
"""Words that what follows is of a part: the rest is not meant by it."""
_SHARED = frozenset({"name", "isin", "symbol", "currency", "market_value", "asset_class", "kind", "unit", "issuer"})
USED: Mapping[str, frozenset[str]] = {
    POSITIONS: _SHARED | {"sector", "region", "quantity", "nominal", "price", "cost", "unit_cost", "gain", "account",
                          "weight", "model_weight", "band", "fee", "rating"},
    INCOME: _SHARED | {"income", "yield", "coupon", "cost", "frequency", "next_payment", "tax_rate", "period", "paid",
                      "status", "maturity", "renewal"},
    BONDS: _SHARED | {"face_value", "nominal", "price", "coupon", "maturity", "rating", "ytm", "duration", "frequency",
                      "day_count", "quantity", "call_date", "call_price", "callable"},
}  # fmt: skip
"""The columns of each kind of table that figures take; what else is sent in a row is beside them."""
_FEW = 2
_YES = frozenset({"yes", "true", "y", "1", "ja", "oui", "si", "x"})
_NO = frozenset({"no", "false", "n", "0", "nein", "non", "nee", "none", "nicht", "na", "n a", "nil", "null"})
_NAME_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {"fund", "funds", "fonds", "inc", "corp", "group", "holding", "bond", "bonds", "share", "shares", "stock", "trust",
     "ucits", "core", "global", "world", "total", "market", "until", "before", "after", "sale", "sell", "family",
     "house",
     "limited", "company", "account", "cash", "international", "index", "treasury"}
)  # fmt: skip
"""Words of names that do not tell one holding from another."""


def spread_locks(feed: Feed, tables: dict[str, Table]) -> None:
    """Put what may not be sold to the rows that it binds, by the fields of the rows and by what is said in notes."""
    day = find_day(feed)
    kept = [
        (name, sentence)
        for name, value in feed.detected.unknown.items()
        for sentence in list_sentences(spell(value))
        if feed.reference.says_any(sentence, feed.reference.terms.kept)
    ]
    for name, table in tables.items():
        if TABLES[name] not in USED:
            continue
        kept_table = _keep_unused(feed, name, table)
        rows = [_lock_row(feed, row, day) if row.extra else row for row in kept_table.rows]
        for field, sentence in kept:
            for place in _find_named(sentence, rows):
                if rows[place].lock is None:
                    rows[place] = replace(rows[place], lock=Lock(quote(field, sentence)))
        tables[name] = replace(kept_table, rows=tuple(rows))


def _keep_unused(feed: Feed, name: str, table: Table) -> Table:
    """A table whose rows keep what stands in columns that are known, but of another kind of table, and says something
    of these rows alone: what all rows have describes them."""
    raw = feed.tables[name]
    beside = {
        column: written for column, written in raw.written.items()
        if column not in USED[TABLES[name]] and sum(not is_empty(row.cells.get(column)) for row in raw.rows) <= _FEW
    }  # fmt: skip
    if not beside:
        return table
    cells = {row.path: row.cells for row in raw.rows}

    def keep(row: Row) -> Row:
        found = {
            written: cells[row.path][column]
            for column, written in beside.items()
            if row.path in cells and not is_empty(cells[row.path].get(column))
        }
        return replace(row, extra={**row.extra, **found}) if found else row

    return replace(table, rows=tuple(keep(row) for row in table.rows))


def _lock_row(feed: Feed, row: Row, today: date | None) -> Row:
    reference = feed.reference
    for name, value in row.extra.items():
        lock = None
        if reference.names_any(name, reference.terms.free):
            lock = Lock(quote(name, value)) if read_answer(value) is False else None
        elif reference.names_any(name, reference.terms.locked):
            until = read_day(feed, value)
            is_over = until is not None and today is not None and until < today
            if not is_over and read_answer(value) is not False:
                lock = Lock(quote(name, value), until)
        elif isinstance(value, str) and (
            reference.says_any(value, reference.terms.kept)
            or (_may_say_lock(feed, name, value) and reference.says_any(value, reference.terms.locked))
        ):
            lock = Lock(quote(name, value), part=find_amount(feed, value) if _PART.search(value) else None)
        if lock is not None:
            return replace(row, lock=lock)
    return row


def _may_say_lock(feed: Feed, name: str, value: str) -> bool:
    """Whether a text may say that something is not sold: it has several words, or its field is for just that."""
    return len(value.split()) > 1 or feed.reference.names_any(name, feed.reference.terms.dealing)


def read_answer(value: object) -> bool | None:
    """Yes or no, None for what is neither; a quantity of nothing is a no."""
    if isinstance(value, bool):
        return value
    try:
        cell = scan_number(value, "answer")
    except (InputError, NumberError):
        cell = None
    if cell is not None and not cell.point and not cell.comma:
        return False
    word = match_words(str(value))
    return True if word in _YES else False if word in _NO else None


def _find_named(sentence: str, rows: Sequence[Row]) -> Iterator[int]:
    """The rows that a sentence speaks of: by their symbol or their whole name, else by a word that one name alone has,
    else by any word of theirs."""
    words = set(match_words(sentence).split())
    names = [set(_NAME_WORD.findall(match_words(row.text("name") or ""))) - _COMMON for row in rows]
    symbols = [match_words(row.text("symbol") or "") for row in rows]
    counts = Counter(word for name in {frozenset(name) for name in names} for word in name)
    ways: tuple[Callable[[int], bool], ...] = (
        lambda place: (
            (bool(names[place]) and names[place] <= words) or (symbols[place] != "" and symbols[place] in words)
        ),
        lambda place: any(counts[word] == 1 for word in names[place] & words),
        lambda place: bool(names[place] & words),
    )
    for way in ways:
        found = [place for place in range(len(rows)) if way(place)]
        if found:
            yield from found
            return


def read_money(feed: Feed, raw: object, name: str = "") -> Money | None:
    """An amount above zero, in the currency and scale that its ``name`` says, or the payload of all its amounts; digits
    that could be either are grouped, for nobody writes thousandths of a currency."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    try:
        cell = scan_number(raw.strip(" .,") if isinstance(raw, str) else raw, "amount")
    except (InputError, NumberError):
        return None
    if cell is None or cell.unit not in {Unit.NUMBER, Unit.MONEY}:
        return None
    values = [value for value in (cell.point, cell.comma) if value is not None]
    value = max(values) if values else Decimal(0)
    return feed.make_money(cell, value, read_header(name).over(feed.stated), None) if value > 0 else None


def find_amount(feed: Feed, sentence: str) -> Money | None:
    """The one amount of money that a sentence names; None where it names none or several."""
    amounts = [money for part in AMOUNT.findall(sentence) if (money := read_money(feed, part)) is not None]
    return amounts[0] if len(amounts) == 1 else None


def read_day(feed: Feed, raw: object) -> date | None:
    """A day in the order of the payload's days, of its locale, or of the day itself; None where none decides."""
    if not isinstance(raw, str) or raw.strip().isdigit():
        return None
    try:
        found = scan_day(raw, "day")
    except InputError:
        return None
    if found is None or found.options is None:
        return found.fixed if found is not None else None
    for order in _list_orders(feed):
        if (day := found.under(order)) is not None:
            return day
    days = set(found.options.values())
    return days.pop() if len(days) == 1 else None


def _list_orders(feed: Feed) -> Iterable[str]:
    settled = [column.order for column in feed.columns.values() if column.order]
    return [order for order in (feed.request.dates, *settled, feed.locale_order) if order]


def find_day(feed: Feed) -> date | None:
    """The day that the payload is of."""
    column: Column | None = feed.columns.get(("", "As Of"))
    if column is None or column.reason is not None:
        return None
    value = feed.value(column)
    return value if isinstance(value, date) else None

"""What may not be sold, by the fields of its row and by what is said in notes: put to the rows that it binds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from services.portfolio.domain.reading.beside import find_amount, find_day, read_answer, read_day
from services.portfolio.domain.reading.closings import close_rows, leave_closings
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.lock_parts import find_end, find_share
from services.portfolio.domain.reading.mentions import find_named
from services.portfolio.domain.reading.model import Lock, Row, Table
from services.portfolio.domain.table_fields import BONDS, INCOME, POSITIONS, TABLES
from services.portfolio.domain.terms import is_empty, list_sentences, quote, spell

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
_SINCE = frozenset({"since", "from", "start", "begin", "seit", "ab", "depuis", "vanaf", "sinds", "dal", "desde"})
"""Words of names of fields that a day is the first of a lock."""


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
            for place in find_named(sentence, rows):
                if rows[place].lock is None:
                    rows[place] = replace(rows[place], lock=Lock(quote(field, sentence)))
        close_rows(feed, rows, day)
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
    """The row with its lock: all that its fields say of one together, such as so many units until some day; none where
    the only day that they name is past."""
    said = {name: part for name, value in row.extra.items() if (part := leave_closings(feed, name, value)) is not None}
    told = [lock for name, value in said.items() if (lock := _read_lock(feed, name, value, row)) is not None]
    is_over = [today is not None and lock.until is not None and lock.until < today for lock in told]
    kept = [lock for lock, over in zip(told, is_over, strict=True) if not over]
    if not kept or (any(is_over) and all(lock.until is None for lock in kept)):
        return row
    return replace(row, lock=Lock(
        "; ".join(dict.fromkeys(lock.says for lock in kept)),
        next((lock.until for lock in kept if lock.until is not None), None),
        next((lock.part for lock in kept if lock.part is not None), None),
        next((lock.share for lock in kept if lock.share is not None), None),
    ))  # fmt: skip


def _read_lock(feed: Feed, name: str, value: object, row: Row) -> Lock | None:
    reference = feed.reference
    locked = (reference.terms.locked, reference.terms.held_back)
    if reference.names_any(name, reference.terms.free):
        share = find_share(feed, name, value, row, of_lock=False)
        is_bound = share is not None or read_answer(value) is False
        return Lock(quote(name, value), share=share) if is_bound else None
    if any(reference.names_any(name, words) for words in locked):
        day = None if reference.names_any(name, _SINCE) else read_day(feed, value)
        until = day or (find_end(feed, value) if isinstance(value, str) else None)
        if read_answer(value) is False:
            return None
        return Lock(quote(name, value), until, share=find_share(feed, name, value, row, of_lock=True))
    says_lock = isinstance(value, str) and (
        reference.says_any(value, reference.terms.kept)
        or (_may_say_lock(feed, name, value) and any(reference.says_any(value, words) for words in locked))
    )
    return _read_note(feed, name, value, row) if says_lock and isinstance(value, str) else None


def _read_note(feed: Feed, name: str, text: str, row: Row) -> Lock:
    """The lock that a note tells, with its last day and the part that it is of."""
    part = find_amount(feed, text) if _PART.search(text) else None
    share = find_share(feed, name, text, row, of_lock=False)
    return Lock(quote(name, text), find_end(feed, text), part, share)


def _may_say_lock(feed: Feed, name: str, value: str) -> bool:
    """Whether a text may say that something is not sold: it has several words, or its field is for just that."""
    return len(value.split()) > 1 or feed.reference.names_any(name, feed.reference.terms.dealing)

"""Days on which something may not be sold (a closed period, a blackout window), from notes, from entries of any shape
and from the fields of rows: put to the rows that they name, unless they are over or far ahead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.lock_parts import CLAUSES, find_end
from services.portfolio.domain.reading.mentions import find_named
from services.portfolio.domain.reading.model import Lock, Row
from services.portfolio.domain.terms import is_empty, list_sentences, quote, spell

_AHEAD = timedelta(days=31)
"""Days that begin later leave a month in which a sale can be made; they are quoted."""
_DEEPEST = 3


def close_rows(feed: Feed, rows: list[Row], today: date | None) -> None:
    """Put such days to the rows that what was sent beside the table names, or whose own fields say them."""
    for place, row in enumerate(rows):
        own = [_read_closing(feed, name, value, today) for name, value in row.extra.items() if not is_empty(value)]
        if (closed := next((found for found in own if found is not None), None)) is not None:
            rows[place] = replace(row, closed=closed)
    for field, value in feed.detected.unknown.items():
        for entry in _list_entries(field, value, rows):
            if (closed := _read_closing(feed, field, entry, today)) is not None:
                for place in find_named(spell(entry), rows):
                    rows[place] = replace(rows[place], closed=closed)


def leave_closings(feed: Feed, name: str, value: object) -> object | None:
    """What a field of a row says beside such days, which are no lock of it; None where it says nothing else."""
    if not _says_closing(feed, name, value) or not (isinstance(value, str) or any(list_days(feed, spell(value)))):
        return value
    if feed.reference.names_any(name, feed.reference.terms.closed) or not isinstance(value, str):
        return None
    clauses = [clause.strip() for clause in CLAUSES.split(value)]
    rest = [clause for clause in clauses if clause and not feed.reference.says_any(clause, feed.reference.terms.closed)]
    return "; ".join(rest) or None


def _says_closing(feed: Feed, name: str, value: object) -> bool:
    """Whether a field says such days: by its name, or in what it says."""
    return feed.reference.names_any(name, feed.reference.terms.closed) or feed.reference.says_any(
        spell(value), feed.reference.terms.closed
    )


def _read_closing(feed: Feed, name: str, value: object, today: date | None) -> Lock | None:
    """The days that a field says, with the last of them; None where it says none, or they are over or far ahead."""
    if not _says_closing(feed, name, value):
        return None
    text = spell(value)
    clauses = CLAUSES.split(text) if isinstance(value, str) else [text]
    told = [clause for clause in clauses if feed.reference.says_any(clause, feed.reference.terms.closed)] or [text]
    days = sorted({day for clause in told for _, _, day in list_days(feed, clause)})
    until = (find_end(feed, told[0]) if len(told) == 1 else None) or (days[-1] if len(days) > 1 else None)
    if until is None and len(days) == 1 and feed.reference.names_any(name, feed.reference.terms.until):
        until = days[0]
    starts = days[0] if len(days) > 1 else None
    is_over = today is not None and until is not None and until < today
    is_far = today is not None and starts is not None and starts > today + _AHEAD
    is_bare = not days and not isinstance(value, str)
    return None if is_over or is_far or is_bare else Lock(quote(name, value), until)


def _list_entries(field: str, value: object, rows: Sequence[Row], depth: int = 0) -> Iterator[object]:
    """What was sent as its smallest statements: the sentences of a text, the items of a list, and an object, which is
    one statement unless it is by the names of what is held."""
    if isinstance(value, str):
        yield from list_sentences(value)
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            yield from _list_entries(field, item, rows, depth + 1)
    elif not isinstance(value, Mapping):
        yield value
    elif depth < _DEEPEST:
        if any(isinstance(part, Mapping | list) for part in value.values()):
            for name, part in value.items():
                yield from ({name: entry} for entry in _list_entries(field, part, rows, depth + 1))
        elif any(next(find_named(str(name), rows), None) is not None for name in value):
            yield from ({name: part} for name, part in value.items())
        else:
            yield value

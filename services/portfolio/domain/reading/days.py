"""Days within a text, in the order of the payload's days."""

from collections.abc import Iterator
from datetime import date

from services.portfolio.domain.reading.beside import read_day
from services.portfolio.domain.reading.feed import Feed

_LONGEST, _NEAR = 4, 3
"""Words of a written day, and those before it that may say what it is."""


def list_days(feed: Feed, text: str) -> Iterator[tuple[int, int, date]]:
    """The days in a text with the words, by number, that each is made of: the longest that begins at a word."""
    words, start = text.split(), 0
    while start < len(words):
        for end in range(min(start + _LONGEST, len(words)), start, -1):
            if (day := _read_span(feed, words[start:end])) is not None:
                # What stands behind a day is no part of it: ``2026-04-01 to 2026-05-15``.
                last = next(last for last in range(start + 1, end + 1) if _read_span(feed, words[start:last]) == day)
                yield start, last, day
                start = last - 1
                break
        start += 1


def _read_span(feed: Feed, words: list[str]) -> date | None:
    return read_day(feed, " ".join(words).strip("().,;"))


def find_day_after(feed: Feed, text: str, phrases: frozenset[str]) -> date | None:
    """The one day that stands right behind one of the phrases; None where none does, or several."""
    words = text.split()
    found = [
        day for start, _, day in list_days(feed, text)
        if feed.reference.says_any(" ".join(words[max(start - _NEAR, 0) : start]), phrases)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None

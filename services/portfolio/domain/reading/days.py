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
            if (day := read_day(feed, " ".join(words[start:end]).strip("().,;"))) is not None:
                yield start, end, day
                start = end - 1
                break
        start += 1


def find_day_after(feed: Feed, text: str, phrases: frozenset[str]) -> date | None:
    """The one day that stands right behind one of the phrases; None where none does, or several."""
    words = text.split()
    found = [
        day for start, _, day in list_days(feed, text)
        if feed.reference.says_any(" ".join(words[max(start - _NEAR, 0) : start]), phrases)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None

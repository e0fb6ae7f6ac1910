"""What stands around a place of a text, as far as a decision about it looks: a text of a thousand figures is not read
from its beginning for each of them."""

from bisect import bisect_left

REACH = 200
"""Characters that are looked at before and behind a place, far more than any words that belong to it."""


def before(text: str, place: int) -> str:
    """What stands before a place."""
    return text[max(place - REACH, 0) : place]


def behind(text: str, place: int) -> str:
    """What stands from a place on."""
    return text[place : place + REACH]


class Stretches:
    """Stretches of a text that do not overlap, to ask whether another one touches any of them."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def touch(self, start: int, end: int) -> bool:
        """Whether a stretch shares a character with one of them."""
        # They do not overlap, so that of those that begin before its end the last one ends last.
        last = bisect_left(self._starts, end) - 1
        return last >= 0 and self._ends[last] > start

    def add(self, start: int, end: int) -> None:
        """Takes in a stretch that touches none of them; an empty one is none."""
        if start < end:
            place = bisect_left(self._starts, start)
            self._starts.insert(place, start)
            self._ends.insert(place, end)

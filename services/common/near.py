"""Slips of the pen: a name that nobody reads and that is nearly one which is read."""

import difflib
from collections.abc import Iterable

# Four of five letters the same; shorter names are near to too many others.
_SHARE = 0.8
_FEWEST_LETTERS = 4


def find_near(name: str, known: Iterable[str]) -> str:
    """The known name that is probably meant; empty where none is near."""
    if len(name) < _FEWEST_LETTERS:
        return ""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=_SHARE)), "")

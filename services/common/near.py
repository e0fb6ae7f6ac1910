"""Slips of the pen: a name that nobody reads and that is nearly one which is read."""

import difflib
from collections.abc import Collection

# Four of five letters the same; shorter names are near to too many others.
_SHARE = 0.8
_FEWEST_LETTERS = 4


def find_near(name: str, known: Collection[str]) -> str:
    """The known name that is probably meant: it has other capitals or marks, or is nearly so; empty where none is."""
    plain = _fold(name)
    if alike := [one for one in known if plain and _fold(one) == plain]:
        return alike[0]
    if len(name) < _FEWEST_LETTERS:
        return ""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=_SHARE)), "")


def _fold(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())

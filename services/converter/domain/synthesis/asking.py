"""Words in instructions that ask for what a unit does."""

import re
from dataclasses import dataclass
from functools import cache

DONE, LIKELY, HINTED = 3.0, 1.5, 0.6
"""How much cheaper a program is that does what words say: plainly, probably, or perhaps."""


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Words that ask for something, and how much cheaper a program is that does it: one object, made by `ask`, for the
    same words, since searches compare them all the time."""

    pattern: re.Pattern[str]
    bonus: float


def ask(pattern: str, bonus: float = DONE) -> Ask:
    """The words that a pattern finds from the beginning of a word on, whatever their case."""
    return _ask(pattern, bonus)


@cache
def _ask(pattern: str, bonus: float) -> Ask:
    return Ask(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), bonus)


# What several units do.
ROUNDED = ask(r"round(?:ed|ing|s)?\b(?! (?:down|up))")
TRUNCATED = ask(r"truncat|cut off|(?:drop|without|remove)(?: the)? (?:decimals|cents)")
TRIMMED = ask(r"trim(?:med|s)?\b|strip", HINTED)
PICKED = {
    1: ask(r"first (?:word|part|name|token|number)", LIKELY),
    2: ask(r"second (?:word|part|name|token|number)", LIKELY),
    -1: ask(r"(?:last|final) (?:word|part|name|token|number)", LIKELY),
}
"""By the place that is picked."""


def picked(place: int) -> tuple[Ask, ...]:
    """What asks for the piece at a place."""
    return (PICKED[place],) if place in PICKED else ()

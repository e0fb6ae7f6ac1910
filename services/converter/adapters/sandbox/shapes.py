"""Shapes of texts, and which patterns go by nothing else.

The shape of a text says of each place which class stands there, a digit, a capital or a small letter of ASCII, or which
other character does. Two texts stand for a shape (`stand_ins`), in which no two places have the same pair of
characters, so that pieces which are equal in both come from the same places.
"""

import re
import string
from collections.abc import Iterator

MOST_CHARS = 100
"""Of a text whose shape is looked at: longer ones are prose, no two of which have the same."""
_CLASSES = {"[0-9]": string.digits, "[A-Z]": string.ascii_uppercase, "[a-z]": string.ascii_lowercase}
_CLASS_OF = {character: name for name, characters in _CLASSES.items() for character in characters}
TOLD_APART = frozenset(_CLASS_OF)
"""Characters of which a shape says no more than their class."""
_RUN = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|(.)\1*")


def shape_of(text: str) -> str | None:
    """A pattern of all texts of the shape of a text; None where it is too long or has more than usual characters."""
    if len(text) > MOST_CHARS or not text.isprintable():
        return None
    return _RUN.sub(_spelled, text)


def _spelled(run: re.Match[str]) -> str:
    times = run.end() - run.start()
    first = run[0][0]
    part = _CLASS_OF.get(first) or (f"\\{first}" if first in string.punctuation else first)
    return part if times == 1 else f"{part}{{{times}}}"


def stand_ins(text: str) -> tuple[str, str] | None:
    """Two texts of the shape of a text, with other characters at each place than at all others of both; None where
    it has too many places for that."""
    pairs = {"[0-9]": _pairs(string.digits), "[A-Z]": _letter_pairs(0), "[a-z]": _letter_pairs(1)}
    made = []
    for character in text:
        name = _CLASS_OF.get(character)
        pair = (character, character) if name is None else next(pairs[name], None)
        if pair is None:
            return None
        made.append(pair if name != "[A-Z]" else (pair[0].upper(), pair[1].upper()))
    return "".join(first for first, _ in made), "".join(second for _, second in made)


def _pairs(characters: str) -> Iterator[tuple[str, str]]:
    """All pairs of different characters."""
    for step in range(1, len(characters)):
        for at, first in enumerate(characters):
            yield first, characters[(at + step) % len(characters)]


def _letter_pairs(odd: int) -> Iterator[tuple[str, str]]:
    """Every other pair of letters: capitals and small letters may be made each other."""
    for number, pair in enumerate(_pairs(string.ascii_lowercase)):
        if number % 2 == odd:
            yield pair


_SET = re.compile(r"\[\^?((?:\\.|[^\]\\])*)\]")
_SET_PART = re.compile(r"\\[pP](?:\{\w+\}|[A-Z])|(\\[^\w]|\\[dDwWsSnrt]|[^\\])(?:-(\\[^\w]|[^\\]))?", re.DOTALL)
_ELSE = re.compile(
    r"\\[dDsSwWbBAznrt]|\\[pP](?:\{\^?\w+\}|[A-Z])|\\[^\w]|\(\?[imsU-]*[:)]|\{[0-9]+(?:,[0-9]*)?\}|[^\\\[0-9A-Za-z]",
    re.DOTALL,
)


_NOTHING = r"[^\s\S]"
"""A pattern that matches no character."""


def is_uniform(pattern: str) -> bool:
    """Whether a pattern takes all characters of a class alike, wherever it looks at one."""
    return widened(pattern) == pattern


def widened(pattern: str) -> str | None:
    """The pattern that takes all characters of a class wherever the given one takes some: it is found in each text in
    which that one is. None where the pattern is not understood, or leaves out some characters of a class."""
    return _respelled(pattern, is_wider=True)


def narrowed(pattern: str) -> str | None:
    """The pattern that takes no character of a class wherever the given one does not take all: that one is found in
    each text in which it is. None where the pattern is not understood."""
    return _respelled(pattern, is_wider=False)


def _respelled(pattern: str, *, is_wider: bool) -> str | None:
    made: list[str] = []
    at = 0
    while at < len(pattern):
        found = (_SET if pattern[at] == "[" else _ELSE).match(pattern, at)
        if found is not None and pattern[at] == "[":
            partly = _partly_taken(found[1])
            if partly is None or (partly and is_wider and found[0].startswith(("[^", "[-"))):
                return None
            part, at = f"[{''.join(partly)}{found[0][1:]}" if is_wider or not partly else _NOTHING, found.end()
        elif found is not None and not (found[0] == "(" and pattern.startswith("(?", at)):
            part, at = found[0], found.end()
        elif pattern[at] in TOLD_APART:
            part, at = _CLASS_OF[pattern[at]] if is_wider else _NOTHING, at + 1
        else:
            return None
        made.append(part)
    return "".join(made)


def _partly_taken(inside: str) -> list[str] | None:
    """The classes, as ranges, of which a set has some characters and others not; None where it is not understood."""
    if not inside or "[:" in inside or inside[0] == "]":
        return None
    at = 0
    taken: set[str] = set()
    while at < len(inside):
        found = _SET_PART.match(inside, at)
        if found is None:
            return None
        at = found.end()
        first, last = found[1], found[2]
        if first is None or (len(first) == 2 and first[1].isalnum()):
            if last is not None:
                return None
            continue  # a class of its own, which has all of ours or none
        low, high = first[-1], (last or first)[-1]
        taken.update(character for character in TOLD_APART if low <= character <= high)
    partly = [name for name, one in _CLASSES.items() if not (taken.issuperset(one) or taken.isdisjoint(one))]
    return [name.strip("[]") for name in partly]

"""How wide text is, without the font: estimates on the wide side, so that what fits here fits on the page."""

import unicodedata
from collections.abc import Sequence

FONT_SIZE = 12.0
"""The size of all text in charts, in their own units."""
LINE_HEIGHT = 14.0
_NARROW, _THIN, _LOWER, _CAPITAL, _BROAD, _WIDE = 0.34, 0.42, 0.62, 0.74, 0.98, 1.1
_SIZES = {
    **dict.fromkeys("iljI.,:;'|! \u00a0\u2009\u202f’", _NARROW),
    **dict.fromkeys('frt()[]-/"*', _THIN),
    **dict.fromkeys("mwMW@%&—", _BROAD),
}
ELLIPSIS = "…"


def measure(text: str, size: float = FONT_SIZE) -> float:
    """The width of a line of text, in the unit of ``size``."""
    return size * sum(map(_measure_character, text))


def wrap(text: str, width: float, lines: int = 2) -> tuple[str, ...]:
    """A label on at most so many lines, none wider than ``width``.

    What does not fit is left out of the middle: names that begin alike mostly differ at their ends.
    """
    words = text.split() or [text]
    wrapped = [""]
    for word in words:
        longer = f"{wrapped[-1]} {word}".strip()
        if not wrapped[-1] or measure(longer) <= width:
            wrapped[-1] = longer
        else:
            wrapped.append(word)
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], " ".join(wrapped[lines - 1 :])]
    return tuple(_shorten(line, width) for line in wrapped)


def tell_apart(labels: Sequence[str], width: float, lines: int = 2) -> list[tuple[str, ...]]:
    """Each label wrapped; those that would look alike without being so are numbered (``#2``)."""
    shown: list[tuple[str, ...]] = []
    taken: dict[tuple[str, ...], str] = {}
    for index, label in enumerate(labels, start=1):
        wrapped = wrap(label, width, lines)
        if taken.setdefault(wrapped, label) != label:
            mark = f" #{index}"
            wrapped = (*wrapped[:-1], _shorten(wrapped[-1], width - measure(mark)) + mark)
        shown.append(wrapped)
    return shown


def _shorten(line: str, width: float) -> str:
    if measure(line) <= width:
        return line
    room = width - measure(ELLIPSIS)
    head, tail = "", ""
    for place in range(len(line)):
        longer_head = line[: place + 1]
        if measure(longer_head) + measure(tail) > room:
            break
        head = longer_head
        longer_tail = line[len(line) - place - 1 :]
        if measure(head) + measure(longer_tail) > room:
            break
        tail = longer_tail
    return f"{head.rstrip()}{ELLIPSIS}{tail.lstrip()}"


def _measure_character(character: str) -> float:
    if (size := _SIZES.get(character)) is not None:
        return size
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    if unicodedata.combining(character):
        return 0.0
    if ord(character) > 0x24F:  # scripts whose letters are of any width
        return _BROAD
    return _CAPITAL if character.isupper() else _LOWER

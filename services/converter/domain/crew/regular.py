"""Whether what stands in a row of places follows from the places by themselves: nobody has to write it down."""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

_DIGITS = re.compile(r"\d+")


def is_regular(answers: Sequence[str]) -> bool:
    """Whether answers count up or down, come in blocks of one size that do, or come round at least twice."""
    if _comes_round(answers):
        return True
    blocks = [(answer, len(list(same))) for answer, same in groupby(answers)]
    sizes = [size for _, size in blocks]
    even = len({*sizes[:-1]}) <= 1 and sizes[-1] <= sizes[0]
    return even and len(blocks) > 1 and _counts([answer for answer, _ in blocks])


def is_regular_choice(kept: Sequence[bool]) -> bool:
    """Whether the places that are kept are one stretch, all but one stretch, or come round at least twice."""
    return _comes_round(kept) or len([None for _ in groupby(kept)]) <= len(("before", "stretch", "after"))


def _comes_round(items: Sequence[object]) -> bool:
    count = len(items)
    return any(
        all(items[place] == items[place - size] for place in range(size, count)) for size in range(1, count // 2 + 1)
    )


def _counts(labels: Sequence[str]) -> bool:
    """Whether labels are alike but for one number, or for being one letter, and that goes by equal steps."""
    if all(len(label) == 1 and not label.isdigit() for label in labels):
        numbers = [ord(label) for label in labels]
    else:
        found = [_DIGITS.findall(label) for label in labels]
        if len({_DIGITS.sub("9", label) for label in labels}) > 1:
            return False
        going = [runs for runs in zip(*found, strict=True) if len({*runs}) > 1]
        if len(going) != 1:
            return False
        numbers = [int(digits) for digits in going[0]]
    return len({b - a for a, b in pairwise(numbers)}) == 1

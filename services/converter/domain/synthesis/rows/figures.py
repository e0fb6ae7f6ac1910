"""Columns as numbers, and whether computed numbers are those that a wanted column shows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis.sampling import some

LEAST_FILLED = 2
"""Rows with a number that must agree, and different numbers among them where there are so many."""
MOST_LOOKED_AT = 2_000
"""Rows in which the style of numbers is looked for."""
_DECIMALS = re.compile(r"[.,](\d+)\D*$")

Numbers = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a wanted column (None: blank), each with half a unit of the last digit that it shows."""

    numbers: Numbers
    halves: tuple[float, ...]

    @property
    def varied(self) -> bool:
        """Whether there are different numbers, so that agreement is no accident."""
        filled = [n for n in self.numbers if n is not None]
        return len(filled) >= LEAST_FILLED and len(set(filled)) > 1

    def shown_by(self, computed: Sequence[float | None]) -> bool:
        """Whether the computed numbers, rounded, are the wanted ones wherever something is wanted."""
        return all(
            want is None or (have is not None and abs(have - want) <= half + 1e-9 * abs(want))
            for have, want, half in zip(computed, self.numbers, self.halves, strict=True)
        )


@lru_cache(maxsize=1024)
def figures_of(texts: tuple[str, ...]) -> Figures | None:
    """A column of wanted texts as numbers; None where it holds others, or fewer than two."""
    found = [style for style in styles(texts) if not style.percent]
    if not found:
        return None
    style = found[0]
    numbers = tuple(style.read(text) if text.strip() else None for text in texts)
    halves = []
    for text in texts:
        shown = _DECIMALS.search(text)
        grouped = shown is not None and style.group == text[shown.start()]
        halves.append(0.5000001 * 10.0 ** -(len(shown[1]) if shown and not grouped else 0))
    return Figures(numbers, tuple(halves)) if sum(n is not None for n in numbers) >= LEAST_FILLED else None


def read_numbers(texts: Iterable[str | None], style: NumberStyle) -> Numbers:
    """A source column in its style; what is no number is None."""
    return tuple(style.read(text) if text is not None else None for text in texts)


def amounts_of(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[tuple[str, NumberStyle]]:
    """The columns that hold nothing but numbers (as far as some rows, evenly spaced, tell), each with its style."""
    found = []
    looked_at = some(rows, MOST_LOOKED_AT)
    for index, name in enumerate(names):
        column = styles([row[index] or "" for row in looked_at])
        if column:
            found.append((name, column[0]))
    return found

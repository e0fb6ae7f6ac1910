"""A task that was drawn: what gives its rows, usual and odd ones."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.conversions.things import WORDS

Found = tuple[tuple[str, ...] | str, str, str] | tuple[tuple[str, ...] | str, str] | None
"""Cells, what is wanted of them, and the variant; None where an oddity makes no sense."""
Draw = Callable[[Random, str], Found]
"""Draws a row; the second argument is how it is odd (empty for a usual one)."""
Kind = Callable[[Random], Draw]
"""Draws a task."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A task that was drawn."""

    draw: Draw

    @dataclass(frozen=True, slots=True)
    class Row:
        """Cells, what is wanted of them, and the variant; ``odd`` says what is odd of it. A variant that ends with a
        full stop is a matter of size or place: once shows it."""

        cells: tuple[str, ...]
        wanted: str
        variant: str
        odd: str = ""

    def row(self, at: Random, odd: str) -> "Drawn.Row":
        """A row; a usual one where the oddity makes no sense."""
        found = self.draw(at, odd)
        if found is None:
            return self.row(at, "")
        cells, wanted, *variant = found
        return Drawn.Row((cells,) if isinstance(cells, str) else cells, wanted, variant[0] if variant else ".", odd)


def some_words(at: Random, count: int) -> list[str]:
    """Different words."""
    return at.sample(WORDS, count)

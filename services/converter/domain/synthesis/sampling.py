"""Which rows to learn from: few, and as different as can be."""

from collections.abc import Sequence
from typing import TypeVar

from services.converter.domain.synthesis.tokens import shape

T = TypeVar("T")

FIRST_ROWS = 5
"""Rows that a column is learned from at first."""
MOST_ROWS = 12
"""Rows up to which those that disagree are added."""
LARGE_ROWS = 600
"""From so many rows on, columns are learned from so many rows and checked on all."""
FEW_ROWS, BEGINNING_ROWS = 4_000, 1_000
"""An example with more rows is planned for with so many of the first; plans are checked on all."""
MOST_SEEN = 20_000
"""Rows that notes on forms are made from."""
MOST_PROBED = 5_000
"""Rows on which rivals are compared."""


def pick_rows(outputs: Sequence[str], count: int = FIRST_ROWS) -> list[int]:
    """Positions of rows whose outputs have outlines that differ, in order; all rows where there are few."""
    total = len(outputs)
    if total <= count + 1:
        return list(range(total))
    picked: list[int] = []
    seen_shapes: set[str] = set()
    seen_outputs: set[str] = set()
    for position in range(min(total, 2000)):
        outline = shape(outputs[position][:200])
        if outline not in seen_shapes and len(picked) < count:
            seen_shapes.add(outline)
            seen_outputs.add(outputs[position])
            picked.append(position)
    for position in range(min(total, 2000)):
        if len(picked) >= count:
            break
        if position not in picked and outputs[position] not in seen_outputs:
            seen_outputs.add(outputs[position])
            picked.append(position)
    for position in range(total):
        if len(picked) >= count:
            break
        if position not in picked:
            picked.append(position)
    return sorted(picked)


def spread(total: int) -> list[int]:
    """Positions that stand for a large example: its first rows, and others evenly spaced over the rest."""
    if total <= LARGE_ROWS:
        return list(range(total))
    leading = LARGE_ROWS // 3
    step = (total - leading) / (LARGE_ROWS - leading)
    return [*range(leading), *(leading + int(i * step) for i in range(LARGE_ROWS - leading))]


def some(rows: Sequence[T], most: int) -> Sequence[T]:
    """At most about so many rows, evenly spaced; all where there are fewer."""
    return rows if len(rows) <= most else rows[:: -(-len(rows) // most)]

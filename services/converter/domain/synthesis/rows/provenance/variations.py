"""Made-up variations of an example's file, on which programs that explain the example may differ."""

from collections.abc import Iterator
from dataclasses import replace

from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.provenance.lines import is_blank
from services.converter.domain.table import Row

MOST_BLANKED = 3
MOST_CHANGED = 4
"""Cells that are blanked, and those of the last line that are changed, one at a time."""


def variations(relation: Relation) -> Iterator[Relation]:
    """The file with a line or a column more or fewer, another cell, a longer part, a blank cell, the whole repeated, a
    line more of the same key."""
    cells = relation.cells
    last = len(cells) - 1
    width = max(map(len, cells), default=0)
    yield _with(relation, (*cells, _renamed(cells[last])))
    if last:
        yield _with(relation, cells[:last])
        middle = len(cells) // 2
        yield _with(relation, (*cells[:middle], _renamed(cells[middle]), *cells[middle:]))
    yield _with(relation, (*cells, *map(_renamed, cells)))
    if width > 1:  # another line of the same key, which may be one record with the line above
        yield _with(relation, (*cells, (*cells[last][:1], *_renamed(cells[last][1:]))))
    # Cells that are the same by chance, in other columns or in other lines, are told apart.
    yield _with(relation, (*cells, *(_renamed(row, *range(1, len(row) + 1)) for row in cells)))
    yield _with(relation, (*cells, *(_renamed(row, *[line] * len(row)) for line, row in enumerate(cells, 1))))
    for c in range(min(len(cells[last]), MOST_CHANGED)):
        if not is_blank(cells[last][c]):
            changed = (*cells[last][:c], f"{cells[last][c]}7", *cells[last][c + 1 :])
            yield _with(relation, (*cells[:last], changed))
    wider = tuple((*row, *_renamed(row[-1:])) if len(row) == width else row for row in cells)
    yield replace(_with(relation, wider), header=(*relation.header, "another"))
    if width > 2:
        narrower = tuple(row[: width - 1] for row in cells)
        yield replace(_with(relation, narrower), header=relation.header[: width - 1])
    filled = [
        (r, c) for r in range(last, -1, -1) for c in range(len(cells[r]) - 1, -1, -1) if not is_blank(cells[r][c])
    ]
    for r, c in filled[: MOST_BLANKED * 2 : 2]:
        yield _with(relation, (*cells[:r], (*cells[r][:c], "", *cells[r][c + 1 :]), *cells[r + 1 :]))


def _with(relation: Relation, cells: tuple[Row, ...]) -> Relation:
    return replace(relation, cells=cells)


def _renamed(row: Row, *marks: int) -> Row:
    """Other texts for the filled cells, with a mark of its own for each where there are some."""
    return tuple(
        cell if is_blank(cell) else f"{cell}{marks[place] if marks else ''}7" for place, cell in enumerate(row)
    )

"""How many lines a block may have whose columns become rows."""

from collections.abc import Iterator

from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.records import EveryRows

MAX_BLOCK, MAX_ROWS = 12, 2_000
"""Lines of one record (a block of an address or a form), and lines in which such records are looked for."""


def block_columns(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Blocks of as many rows as give one row for each column of each block."""
    relation = plan.relation
    rows, width = len(relation.rows), max((len(cells) for cells in relation.cells), default=0)
    if width < 2 or rows > MAX_ROWS:
        return
    for skip in (0, 1):
        for lines in range(2, MAX_BLOCK + 1):
            blocks, rest = divmod(rows - skip, lines)
            if not rest and blocks and wanted_rows <= blocks * width <= wanted_rows + blocks:
                yield plan.then(EveryRows(lines, "columns", skip=skip, named=True))

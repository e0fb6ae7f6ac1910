"""What people need to look a conversion over: rows of the input as they were read, and where they are in the output."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.converter.domain.table import Dialect, Row
from services.converter.row_checks import ColumnFlags

MOST_ROWS = 1_000
"""Rows of the input that a review holds: those that are flagged first, then those around them, then the first."""
TRACED_AHEAD = 1_000
"""Rows from the file's start that are looked for in the output though nothing is flagged of them, and held."""
AROUND = 3
"""Rows before and after a flagged one."""
MOST_TRACED_OF = 50_000
"""In larger files no row is looked for that is not flagged: lines with marks in them are written twice."""
MOST_CHARS = 1 << 20
"""Characters of all cells together."""
MOST_CELL_CHARS = 2_000
"""Characters of one cell; the rest of it is cut off."""


@dataclass(frozen=True, slots=True)
class ReviewedRow:
    """A row of the input, by its number from 1, and the data rows of the output, from 1, that come from it."""

    row: int
    cells: Row
    output_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Rows of a conversion to be looked over.

    ``columns`` are the output's as lessons name them, ``input_columns`` the input's; ``dialect`` is how the output is
    written, its ``has_header`` whether its first row is one. ``traceable`` says whether rows of the output can be told
    to come from rows of the input at all.
    """

    columns: Row
    input_columns: Row
    dialect: Dialect
    traceable: bool
    rows: tuple[ReviewedRow, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The content of an inference's `review.json`."""
        return asdict(self)


def traced_ahead(rows: int) -> range:
    """Which rows of a file with so many are looked for in the output before it is known which are flagged."""
    return range(1, 1 + (min(rows, TRACED_AHEAD) if rows <= MOST_TRACED_OF else 0))


def choose_rows(found: Sequence[ColumnFlags], rows: int) -> list[int]:
    """The numbers of the input's rows to hold, of a file with so many, the most needed first."""
    by_need = sorted(found, key=lambda flags: flags.severity != "unseen")
    flagged = [flag.row for flags in by_need for flag in flags.first if flag.row]
    around = [near for step in range(1, AROUND + 1) for row in flagged for near in (row - step, row + step)]
    wanted = dict.fromkeys(row for row in (*flagged, *around, *traced_ahead(rows)) if 1 <= row <= rows)
    return list(wanted)[:MOST_ROWS]


def hold_rows(
    wanted: Sequence[int], read: Iterable[tuple[int, Row]], places: Mapping[int, Sequence[int]]
) -> tuple[ReviewedRow, ...]:
    """The rows that were wanted, in the input's order, as many as fit; ``places`` are theirs in the output."""
    cells = {number: tuple(cell[:MOST_CELL_CHARS] for cell in row) for number, row in read}
    held, room = [], MOST_CHARS
    for number in wanted:
        if number not in cells:
            continue
        room -= sum(map(len, cells[number]))
        if room < 0:
            break
        held.append(ReviewedRow(number, cells[number], tuple(places.get(number, ()))))
    return tuple(sorted(held, key=lambda row: row.row))

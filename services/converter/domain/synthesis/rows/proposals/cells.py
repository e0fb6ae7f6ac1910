"""Steps on rows of cells that do something, as far as the wanted rows can tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.rows.algebra import Grid, Plan, Relation, Step
from services.converter.domain.synthesis.rows.cells import filled_cells, is_blank, padded
from services.converter.domain.synthesis.rows.steps.blanks import DropBlankCells, DropBlankColumns, Fill, KeepRows
from services.converter.domain.synthesis.rows.steps.headers import Headed, HeaderLine
from services.converter.domain.synthesis.rows.steps.keyed import KeyedRows
from services.converter.domain.synthesis.rows.steps.shapes import (
    DropFirst,
    SplitCells,
    Turn,
)
from services.converter.domain.synthesis.rows.steps.sorting import Distinct
from services.converter.domain.synthesis.rows.steps.unpivoting import Unpivot
from services.converter.domain.table import Table

SEPARATORS = (", ", "; ", " - ", " | ", ",", ";", "|", "/", "\r\n", "\n", "\t", "-", ":")

KEY_SEPARATORS = ("=", ": ", ":", " - ", "-")

FILLS = (Fill("down"), Fill("right"))


@dataclass(frozen=True, slots=True)
class Goal:
    """The rows that the steps must give, and the header that is put above them then."""

    rows: Grid
    header: Headed | None = None


def starts(relation: Relation, expected: Table, named: bool, solved: bool) -> Iterator[tuple[Plan, list[Goal]]]:
    """What steps may begin with and what they must give from it."""
    rows = padded(expected.rows)
    header = expected.header if expected.has_names else None
    full = padded((header, *rows)) if header else rows
    file = Plan(relation.remade(relation.cells))
    for start in (file, file.then(HeaderLine())) if named else (file,):
        goals = [Goal(full)]
        if header and start is file and not solved:
            goals.append(Goal(rows, Headed(header)))
        yield start, goals
        grid = start.relation.cells
        top = filled_cells(grid[0])
        if header and len(grid) > 1 and top and header[: len(top)] == top:
            rest = header[len(top) :]
            if start is file:
                yield file.then(DropFirst("row")), [Goal(rows, Headed(rest, "row"))]
            else:
                yield file, [Goal(rows, Headed(rest, "header"))]


def numbered(plan: Plan) -> Plan:
    """The plan under the header `col1, col2, ...`."""
    return plan.then(Headed(read="count"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What steps are proposed for: the rows without a fixed header, and the names of the columns."""

    rows: Grid
    names: frozenset[str]


def steps_on_cells(grid: Grid, wanted: Wanted, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Steps that do something to this grid, as far as the wanted rows can tell."""
    last = steps[-1] if steps else None
    if any(is_blank(cell) for row in grid for cell in row):
        yield from _without_blanks(grid, steps)
    if len(grid) > 1:
        yield from _fewer_rows(grid, steps)
    if most_wide(grid) > 1:
        if len(grid) > 1 and last != Turn():
            yield Turn()
        yield from _apart(grid, wanted.rows)
    yield from _keyed(grid, wanted.names)
    yield from _texts(grid, wanted.rows)


def _fewer_rows(grid: Grid, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Repeats and headings left out."""
    count = len(grid)
    if grid[0] in grid[1:]:
        yield KeepRows("unrepeated")
    if len(set(grid)) < count:
        yield Distinct()
    if len(steps) < 2:
        yield DropFirst("row")
        yield DropFirst("column")


def _without_blanks(grid: Grid, steps: tuple[Step, ...]) -> Iterator[Step]:
    if any(not filled_cells(row) for row in grid):
        yield KeepRows("filled")
    rows = padded(grid)
    if any(all(is_blank(row[i]) for row in rows) for i in range(len(rows[0]))):
        yield DropBlankColumns()
    yield from (fill for fill in FILLS if fill not in steps)
    yield DropBlankCells()
    if any(row and is_blank(row[0]) and filled_cells(row) for row in grid):
        yield KeepRows("begun")
    lone = [row for row in grid if len(filled_cells(row)) == 1]
    if lone and len(lone) < len(grid):
        yield KeepRows("several")


def most_wide(grid: Grid) -> int:
    """Cells of the widest row."""
    return max((len(row) for row in grid), default=0)


def _apart(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """One row as several."""
    height = len(wanted)
    most = most_wide(grid)
    if height > len(grid):
        for labels in range(min(4, most - 1)):
            for size in range(1, min(5, most - labels)):
                if all((len(row) - labels) % size == 0 for row in grid) and (len(grid) * most) // size >= height // 2:
                    yield Unpivot(labels + 1, size, named=False)
                    yield Unpivot(labels + 1, size, "column", named=False)


def _keyed(grid: Grid, names: frozenset[str]) -> Iterator[Step]:
    """Tables of keys and values, where the keys are names of columns."""
    texts = [cell for row in grid for cell in row if not is_blank(cell)]
    for separator in KEY_SEPARATORS:
        held = [text for text in texts if separator in text]
        if held and 3 * len(held) >= len(texts):
            key = held[0].partition(separator)[0].strip(" ")
            if key in names:
                yield KeyedRows(separator)
                begun = sum(
                    any(c.partition(separator)[0].strip(" ") == key for c in row if separator in c) for row in grid
                )
                if 1 < begun < len(grid):
                    yield KeyedRows(separator, repeats=True)
            break
    for labels in range(min(3, most_wide(grid) - 1)):
        for titled in (False, True) if labels and len(grid) > 1 else (False,):
            keys = {key for key in grid[titled][labels::2] if not is_blank(key)}
            if keys and keys <= names:
                yield KeyedRows("", labels, titled)
                key = next(key for key in grid[titled][labels::2] if not is_blank(key))
                led = all(not is_blank(cell) for row in grid for cell in row[:labels])
                if 1 < sum(key in row[labels::2] for row in grid) < len(grid) - titled and not (labels and led):
                    yield KeyedRows("", labels, titled, repeats=True)


def _texts(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """Cells split."""
    cells = [cell for row in grid for cell in row if not is_blank(cell)]
    asked = [cell for row in wanted for cell in row]
    have = set(cells)
    whole = all(cell in have for cell in asked if cell)
    if whole:
        return
    for separator in SEPARATORS:
        held = sum(separator in cell for cell in cells)
        sought = sum(separator in cell for cell in asked)
        if held * 2 >= len(cells) and sought * 2 < len(asked):
            yield SplitCells(separator)

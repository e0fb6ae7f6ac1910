"""Steps on rows of cells that do something, as far as the wanted rows can tell."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Grid, Plan, Relation, Step
from services.converter.domain.synthesis.rows.cells import filled_cells, is_blank, padded
from services.converter.domain.synthesis.rows.steps.blanks import DropBlankCells, DropBlankColumns, Fill, KeepRows
from services.converter.domain.synthesis.rows.steps.crossing import CrossCells, Part
from services.converter.domain.synthesis.rows.steps.headers import Headed, HeaderLine
from services.converter.domain.synthesis.rows.steps.keyed import KeyedRows
from services.converter.domain.synthesis.rows.steps.records import EveryRows
from services.converter.domain.synthesis.rows.steps.shapes import (
    DropFirst,
    Flatten,
    Pick,
    SplitCells,
    StackBlocks,
    Turn,
)
from services.converter.domain.synthesis.rows.steps.sorting import Distinct
from services.converter.domain.synthesis.rows.steps.unpivoting import Unpivot
from services.converter.domain.table import Table

MAX_LINES = 24

SEPARATORS = (", ", "; ", " - ", " | ", ",", ";", "|", "/", "\r\n", "\n", "\t", "-", ":", " ")

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
    if last and last.closes:
        return
    if any(is_blank(cell) for row in grid for cell in row):
        yield from _without_blanks(grid, steps)
    if last and last.gathers and len(grid) == 1:
        return
    if len(grid) > 1:
        yield from _fewer_rows(grid, wanted.rows, steps)
    if most_wide(grid) > 1:
        if len(grid) > 1 and last != Turn():
            yield Turn()
        yield from _apart(grid, wanted.rows)
    yield from _keyed(grid, wanted.names)
    yield from _texts(grid, wanted.rows)
    if last is None or last.in_order:
        yield from _picked(grid, wanted.rows)


def _fewer_rows(grid: Grid, wanted: Grid, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Repeats and headings left out, rows that become one."""
    count = len(grid)
    if grid[0] in grid[1:]:
        yield KeepRows("unrepeated")
    if len(set(grid)) < count:
        yield Distinct()
    if len(steps) < 2:
        yield DropFirst("row")
        yield DropFirst("column")
    if not any(step.gathers for step in steps):
        yield from _records(grid, len(wanted))


def _without_blanks(grid: Grid, steps: tuple[Step, ...]) -> Iterator[Step]:
    if any(not filled_cells(row) for row in grid):
        yield KeepRows("filled")
    rows = padded(grid)
    if any(all(is_blank(row[i]) for row in rows) for i in range(len(rows[0]))):
        yield DropBlankColumns()
        yield StackBlocks("block")
        yield StackBlocks("row")
    yield from (fill for fill in FILLS if fill not in steps)
    yield DropBlankCells()
    if any(row and is_blank(row[0]) and filled_cells(row) for row in grid):
        yield KeepRows("begun")
    lone = [row for row in grid if len(filled_cells(row)) == 1]
    if lone and len(lone) < len(grid):
        yield KeepRows("several")


def _records(grid: Grid, height: int) -> Iterator[Step]:
    """Several rows as one."""
    count = len(grid)
    several = any(len(filled_cells(row)) > 1 for row in grid)
    if height == 1:
        yield Flatten(several)
    for lines in range(2, min(count, MAX_LINES) + 1):
        if count % lines == 0:
            only = lines == count
            yield EveryRows(lines, "beside", only)
            if several:
                yield EveryRows(lines, "interleaved", only)
                yield EveryRows(lines, "columns", only)


def most_wide(grid: Grid) -> int:
    """Cells of the widest row."""
    return max((len(row) for row in grid), default=0)


def _apart(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """One row as several."""
    height = len(wanted)
    most = most_wide(grid)
    cells = sum(map(len, grid))
    if height > len(grid):
        for labels in range(min(4, most - 1)):
            for size in range(1, min(5, most - labels)):
                if all((len(row) - labels) % size == 0 for row in grid) and (len(grid) * most) // size >= height // 2:
                    yield Unpivot(labels + 1, size, named=False)
                    yield Unpivot(labels + 1, size, "column", named=False)
    if len(grid) > 1 and 1 < height <= cells:
        yield from _crossed(grid, wanted)


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
                if 1 < sum(key in row[labels::2] for row in grid) < len(grid) - titled:
                    yield KeyedRows("", labels, titled, repeats=True)


def _crossed(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """Cells with their headings and labels, in the order in which the first wanted row has them."""
    rows = padded(grid)
    most = len(rows[0])
    parts: tuple[Part, Part, Part] = ("value", "headings", "labels")
    counts = [(0, 0)] if is_blank(rows[0][0]) else []
    counts += [(h, s) for h in (1, 2) for s in (1, 2, 3) if h < len(rows) and s < most]
    for heads, sides in counts:
        top, left = CrossCells(heads, sides, parts).corner(rows)
        values = [cell for row in rows[top:] for cell in row[left:]]
        skip = len(values) != len(wanted)
        if skip and sum(not is_blank(value) for value in values) != len(wanted):
            continue
        gaps_above = any(is_blank(c) for row in rows[:top] for c in row[left:])
        gaps_beside = any(is_blank(c) for row in rows[top:] for c in row[:left])
        plain = CrossCells(heads, sides, parts)
        first = plain.remake(rows[: top + 1])
        fitting = [plain]
        if first and sorted(first[0]) == sorted(wanted[0]):
            orders = [CrossCells(heads, sides, order) for order in itertools.permutations(parts, 3)]
            fitting = [step for step in orders if step.remake(rows[: top + 1])[0] == wanted[0]]
        elif first and len(first[0]) == len(wanted[0]) and not gaps_beside and not gaps_above:
            continue
        for step in fitting:
            for by in ("row", "column"):
                crossed = replace(step, by=by, skip_blank=skip)
                yield crossed
                if gaps_above:
                    yield replace(crossed, spans=True)
                if gaps_beside:
                    yield replace(crossed, merged=True)


def _texts(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """Cells split, joined or stripped."""
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


def _picked(grid: Grid, wanted: Grid) -> Iterator[Step]:
    """The wanted columns by number, where all of them stand in the grid's rows."""
    if len(grid) != len(wanted) or not wanted[0]:
        return
    columns = {column: i + 1 for i, column in reversed(list(enumerate(zip(*padded(grid), strict=True))))}
    places = [columns.get(column) for column in zip(*wanted, strict=True)]
    if all(place is not None for place in places):
        chosen = tuple(place for place in places if place is not None)
        if chosen != tuple(range(1, most_wide(grid) + 1)):
            yield Pick(chosen)

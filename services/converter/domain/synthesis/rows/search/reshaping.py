"""Programs over whole grids, the cheapest first: a few steps that turn the file's cells into the wanted ones."""

import heapq
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.steps.grids import (
    DistinctRows,
    DropBlankCells,
    DropBlankColumns,
    DropFirst,
    Fill,
    Grid,
    GridStep,
    JoinCells,
    KeepRows,
    Pick,
    SplitCells,
    StripCells,
    Turn,
    filled_cells,
    is_blank,
    padded,
)
from services.converter.domain.synthesis.rows.steps.gridshapes import (
    CellGroups,
    EveryRows,
    Flatten,
    Gather,
    GroupRows,
    LiftHeadings,
    StackBlocks,
)
from services.converter.domain.synthesis.rows.steps.gridtables import CrossBlocks, CrossCells, KeyedRows, Part
from services.converter.domain.synthesis.rows.steps.wide import Listing, Numbered, WholeTable
from services.converter.domain.synthesis.sqltext import comment, indent, literal
from services.converter.domain.table import Row, Table

MAX_CELLS = 6_000
"""Cells of an example from which grids are searched."""
MAX_STEPS, MAX_COST = 4, 7.5
MAX_WORK, WORK_OF_A_STEP = 600_000, 40
"""Cells that one search makes at most: a bound that is the same on every machine, about a quarter of a second."""
WORK_FOR_COPIES = 2 * MAX_WORK
"""The same where every wanted text is a cell of the file: then the table was most likely laid out anew."""
NEAR = 0.6
"""Programs that cost so much more than the cheapest are its rivals."""
NAME = 0.3
"""What a name in the header costs that is not read from the file."""
MAX_LINES = 24
SEPARATORS = (", ", "; ", " - ", " | ", ",", ";", "|", "/", "\r\n", "\n", "\t", "-", ":", " ")
KEY_SEPARATORS = ("=", ": ", ":", " - ", "-")

_WORD = re.compile(r"\w+")
FILLS: tuple[Literal["down", "right"], ...] = ("down", "right")

Head = Literal["rows", "fixed", "first"]


@dataclass(frozen=True, slots=True)
class Reshaped(WholeTable):
    """Grid steps one after the other, the rows padded to the widest, with a header where one is written.

    ``head``: ``rows``: the rows are all there is; ``fixed``: ``names`` stand above them; ``first``: the filled cells of
    the file's first row, which the steps do not see, and ``names`` after them. ``with_header``: the steps see the
    header's names as a first row.
    """

    steps: tuple[GridStep, ...]
    head: Head = "rows"
    names: Row = ()
    with_header: bool = False

    @property
    def cost(self) -> float:
        """The steps, and what is written without being read."""
        return sum(step.cost for step in self.steps) + NAME * len(self.names) + (0.3 if self.head == "first" else 0.0)

    def run(self, relation: Relation) -> list[Row]:
        """The rows, with the header."""
        grid = source_grid(relation, self.with_header)
        top = grid[:1]
        rows = grid[1:] if self.head == "first" else grid
        for step in self.steps:
            rows = step.run(rows)
        if self.head == "fixed":
            rows = (self.names, *rows)
        elif self.head == "first":
            rows = (*((*filled_cells(row), *self.names) for row in top), *rows)
        return list(padded(rows))

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """A CTE for each step, the header above the last."""
        parts: list[str] = []
        taken: set[str] = set()
        origin = source
        if self.with_header:
            header = "SELECT 0 AS _row, list(name ORDER BY position) AS _cells FROM header"
            rows = f"{header}\nUNION ALL\nSELECT _row, _cells FROM {source}"
            parts.append(f"lines AS (\n    -- every line of the file\n{indent(rows)}\n)")
            origin = source = "lines"
        if self.head == "first":
            rows = f"SELECT _row, _cells FROM {source}\nQUALIFY row_number() OVER (ORDER BY _row) > 1"
            parts.append(f"body AS (\n    -- all rows below the first\n{indent(rows)}\n)")
            source = "body"
        for step in self.steps:
            name = next(n for n in itertools.chain([step.title], (f"{step.title}_{k}" for k in itertools.count(2)))
                        if n not in taken)  # fmt: skip
            taken.add(name)
            parts.append(f"{name} AS (\n    {comment(step.words())}\n{indent(step.sql(source))}\n)")
            source = name
        head = ""
        if self.head == "fixed":
            head = f"SELECT -2 AS _row, [{', '.join(literal(n) for n in self.names)}] AS _cells"
        elif self.head == "first":
            filled = "list_filter(arg_min(_cells, _row), lambda c: trim(c) <> '')"
            tail = f"[{', '.join(literal(n) for n in self.names)}]::VARCHAR[]"
            head = f"SELECT -2 AS _row, list_concat({filled}, {tail}) AS _cells\nFROM {origin}\nHAVING count(*) > 0"
        if head:
            rows = f"{head}\nUNION ALL\nSELECT _row, _cells FROM {source}"
            parts.append(f"with_names AS (\n    -- the header's names above the rows\n{indent(rows)}\n)")
            source = "with_names"
        return parts, Listing(f"list_resize(_cells, (SELECT max(len(_cells)) FROM {source}), '')", source, "_row")

    def words(self) -> str:
        """The steps in words."""
        return "; ".join(step.words() for step in self.steps) or "all rows as they are"


def source_grid(relation: Relation, with_header: bool) -> Grid:
    """The file's cells as the steps see them."""
    return (relation.header, *relation.cells) if with_header else relation.cells


@dataclass(frozen=True, slots=True)
class _Goal:
    """What the steps must give, and the program that they are then."""

    rows: Grid
    head: Head
    names: Row
    with_header: bool


def reshapings(table: Table, expected: Table, budget: Budget, *, solved: bool) -> list[WholeTable]:
    """Programs that turn the table's cells into the expected table, cheapest first: the best and its rivals.

    Where the columns are ``solved`` already, grids are of use only where no columns are known by their names.
    """
    if solved and table.has_names:
        return []
    if sum(map(len, table.rows)) > MAX_CELLS or sum(map(len, expected.rows)) > MAX_CELLS or not expected.rows:
        return []
    if len({len(row) for row in expected.rows}) > 1:
        return []
    relation = Relation.of(table)
    found: list[Reshaped] = []
    for start, goals in _starts(relation, expected, table.has_names, solved):
        limit = min([MAX_COST, *(program.cost + NEAR for program in found)])
        found += _search(start, goals, limit, budget)
    found.sort(key=lambda program: program.cost)
    near = [program for program in found if program.cost <= found[0].cost + NEAR]
    return [Numbered(program) for program in near] if expected.header and not expected.has_names else list(near)


def _starts(relation: Relation, expected: Table, named: bool, solved: bool) -> Iterator[tuple[Grid, list[_Goal]]]:
    """The grids that steps may begin with and what they must give from them."""
    rows = padded(expected.rows)
    header = expected.header if expected.has_names else None
    full = padded((header, *rows)) if header else rows
    for with_header in (False, True) if named else (False,):
        grid = source_grid(relation, with_header)
        goals = [_Goal(full, "rows", (), with_header)]
        if header and not with_header and not solved:
            goals.append(_Goal(rows, "fixed", header, False))
        yield grid, goals
        top = filled_cells(grid[0])
        if header and len(grid) > 1 and top and header[: len(top)] == top:
            yield grid[1:], [_Goal(rows, "first", header[len(top) :], with_header)]


def _search(start: Grid, goals: Sequence[_Goal], limit: float, budget: Budget) -> list[Reshaped]:
    """Uniform-cost search over grids; states that lost a wanted text are left."""
    wanted = goals[-1].rows
    texts = {cell for row in wanted for cell in row if cell}
    have = "\x00".join(cell for row in start for cell in row)
    # Texts that stand in no cell are joined from several, or are none of the file's: they tell nothing of a state.
    kept = [text for text in texts if text in have]
    if 2 * len(kept) < len(texts) and not all(any(part in have for part in _WORD.findall(text)) for text in texts):
        return []
    tie = itertools.count()
    heap: list[tuple[float, int, Grid, tuple[GridStep, ...]]] = [(0.0, next(tie), start, ())]
    seen: set[Grid] = set()
    found: list[Reshaped] = []
    asked = _Wanted(wanted, frozenset(goals[0].rows[0]))
    most_work = WORK_FOR_COPIES if texts <= {cell for row in start for cell in row} else MAX_WORK
    work = 0
    while heap and work < most_work and not budget.is_spent:
        cost, _, grid, steps = heapq.heappop(heap)
        if cost > limit:
            break
        if grid in seen:
            continue
        seen.add(grid)
        done = padded(grid)
        for goal in goals:
            if done == goal.rows and steps:
                program = Reshaped(steps, goal.head, goal.names, goal.with_header)
                found.append(program)
                limit = min(limit, program.cost + NEAR)
        if len(steps) == MAX_STEPS:
            continue
        for step in _proposals(grid, asked, steps):
            price = cost + step.cost
            if price > limit:
                continue
            after = step.run(grid)
            cells = sum(map(len, after))
            work += cells + WORK_OF_A_STEP
            budget.spend(cells + WORK_OF_A_STEP)
            if not after or cells > 4 * MAX_CELLS or after in seen:
                continue
            if _holds_all(after, kept):
                heapq.heappush(heap, (price, next(tie), after, (*steps, step)))
    return found


def _holds_all(grid: Grid, texts: Sequence[str]) -> bool:
    """Whether each text is a cell of the grid or stands inside of one."""
    cells = {cell for row in grid for cell in row}
    inside = [text for text in texts if text not in cells]
    if not inside:
        return True
    joined = "\x00".join(cells)
    return all(text in joined for text in inside)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What steps are proposed for: the rows without a fixed header, and the names of the columns."""

    rows: Grid
    names: frozenset[str]


def _proposals(grid: Grid, wanted: _Wanted, steps: tuple[GridStep, ...]) -> Iterator[GridStep]:
    """Steps that do something to this grid, as far as the wanted rows can tell."""
    last = steps[-1] if steps else None
    if isinstance(last, Pick):
        return
    if any(is_blank(cell) for row in grid for cell in row):
        yield from _without_blanks(grid, steps)
    if isinstance(last, Flatten):
        return
    if len(grid) > 1:
        yield from _fewer_rows(grid, wanted.rows, steps)
    if most_wide(grid) > 1:
        if len(grid) > 1 and not isinstance(last, Turn):
            yield Turn()
        yield from _apart(grid, wanted.rows)
    yield from _keyed(grid, wanted.names)
    yield from _texts(grid, wanted.rows)
    if not (isinstance(last, EveryRows) and last.way == "interleaved"):
        yield from _picked(grid, wanted.rows)


def _fewer_rows(grid: Grid, wanted: Grid, steps: tuple[GridStep, ...]) -> Iterator[GridStep]:
    """Repeats and headings left out, rows that become one."""
    count = len(grid)
    if grid[0] in grid[1:]:
        yield KeepRows("unrepeated")
    if len(set(grid)) < count:
        yield DistinctRows()
    if len(steps) < 2:
        yield DropFirst("row")
        yield DropFirst("column")
    if not any(isinstance(step, EveryRows | Gather) for step in steps):
        yield from _records(grid, len(wanted))
    if len(wanted) < count:
        for keys in range(1, min(4, most_wide(grid))):
            if len({row[:keys] for row in grid}) < count:
                yield GroupRows(keys)


def _without_blanks(grid: Grid, steps: tuple[GridStep, ...]) -> Iterator[GridStep]:
    if any(not filled_cells(row) for row in grid):
        yield KeepRows("filled")
    rows = padded(grid)
    if any(all(is_blank(row[i]) for row in rows) for i in range(len(rows[0]))):
        yield DropBlankColumns()
        yield StackBlocks("block")
        yield StackBlocks("row")
    filled = {step.way for step in steps if isinstance(step, Fill)}
    yield from (Fill(way) for way in FILLS if way not in filled)
    yield DropBlankCells()
    if any(row and is_blank(row[0]) and filled_cells(row) for row in grid):
        yield KeepRows("begun")
    lone = [row for row in grid if len(filled_cells(row)) == 1]
    if lone and len(lone) < len(grid):
        yield KeepRows("several")
        if any(row[0] and not is_blank(row[0]) for row in lone):
            yield LiftHeadings()


def _records(grid: Grid, height: int) -> Iterator[GridStep]:
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
    if any(not filled_cells(row) for row in grid):
        yield Gather("blank")
    firsts = [row[0] if row else "" for row in grid]
    filled = [i for i, row in enumerate(grid) if not is_blank(firsts[i])]
    if len(filled) > 1 and len(filled) < count:
        yield Gather("begun")
    lone = [i for i in filled if len(filled_cells(grid[i])) == 1]
    if 1 < len(lone) < count and lone[0] == 0 and most_wide(grid) > 1:
        yield Gather("lone")
    mark = firsts[0][:1]
    if mark and not mark.isalnum() and not mark.isspace() and sum(first[:1] == mark for first in firsts) > 1:
        yield Gather("mark", mark)
    for separator in KEY_SEPARATORS:
        if sum(separator in first for first in firsts) * 3 >= 2 * count and separator in firsts[0]:
            yield Gather("key", separator)
            break


def most_wide(grid: Grid) -> int:
    """Cells of the widest row."""
    return max((len(row) for row in grid), default=0)


def _apart(grid: Grid, wanted: Grid) -> Iterator[GridStep]:
    """One row as several."""
    height = len(wanted)
    most = most_wide(grid)
    cells = sum(map(len, grid))
    if height > len(grid):
        for labels in range(min(4, most - 1)):
            for size in range(1, min(5, most - labels)):
                if all((len(row) - labels) % size == 0 for row in grid) and (len(grid) * most) // size >= height // 2:
                    yield CellGroups(size, labels)
                    yield CellGroups(size, labels, "column")
    if len(grid) > 1 and 1 < height <= cells:
        yield from _crossed(grid, wanted)


def _keyed(grid: Grid, names: frozenset[str]) -> Iterator[GridStep]:
    """Tables of keys and values, where the keys are names of columns."""
    texts = [cell for row in grid for cell in row if not is_blank(cell)]
    for separator in KEY_SEPARATORS:
        held = [text for text in texts if separator in text]
        if held and 3 * len(held) >= len(texts):
            if held[0].partition(separator)[0].strip(" ") in names:
                yield KeyedRows(separator)
            break
    for labels in range(min(3, most_wide(grid) - 1)):
        for titled in (False, True) if labels and len(grid) > 1 else (False,):
            keys = {key for key in grid[titled][labels::2] if not is_blank(key)}
            if keys and keys <= names:
                yield KeyedRows("", labels, titled)


def _crossed(grid: Grid, wanted: Grid) -> Iterator[GridStep]:
    """Cells with their headings and labels, in the order in which the first wanted row has them."""
    rows = padded(grid)
    most = len(rows[0])
    parts: tuple[Part, Part, Part] = ("value", "headings", "labels")
    if is_blank(rows[0][0]) and any(map(is_blank, rows[0][2:])):
        yield from (CrossBlocks(order) for order in itertools.permutations(parts, 3))
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
        first = plain.run(rows[: top + 1])
        fitting = [plain]
        if first and sorted(first[0]) == sorted(wanted[0]):
            orders = [CrossCells(heads, sides, order) for order in itertools.permutations(parts, 3)]
            fitting = [step for step in orders if step.run(rows[: top + 1])[0] == wanted[0]]
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


def _texts(grid: Grid, wanted: Grid) -> Iterator[GridStep]:
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
        if sought and sought > held and most_wide(grid) > 1:
            for first in range(1, min(4, most_wide(grid))):
                yield JoinCells(separator, first)
                if any(is_blank(cell) for row in grid for cell in row):
                    yield JoinCells(separator, first, filled=True)
    edges = {cell[0] for cell in cells} | {cell[-1] for cell in cells}
    gone = edges - {ch for cell in asked if cell for ch in (cell[0], cell[-1])}
    for ch in sorted(gone):
        if not ch.isalnum() and ch.isprintable():
            yield StripCells(ch)


def _picked(grid: Grid, wanted: Grid) -> Iterator[GridStep]:
    """The wanted columns by number, where all of them stand in the grid's rows."""
    if len(grid) != len(wanted) or not wanted[0]:
        return
    columns = {column: i + 1 for i, column in reversed(list(enumerate(zip(*padded(grid), strict=True))))}
    places = [columns.get(column) for column in zip(*wanted, strict=True)]
    if all(place is not None for place in places):
        chosen = tuple(place for place in places if place is not None)
        if chosen != tuple(range(1, most_wide(grid) + 1)):
            yield Pick(chosen)

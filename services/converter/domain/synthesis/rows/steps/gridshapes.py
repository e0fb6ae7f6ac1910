"""Grid steps that give rows another shape: records gathered from lines, blocks stacked, cells crossed with headings."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.steps.grids import (
    FILLED_CELLS,
    FIRST_FILLED,
    filled_cells,
    inner,
    is_blank,
    padded,
    places_sql,
)
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class Flatten(CellStep):
    """The whole grid as one row."""

    rows_of_several: bool
    """Whether rows held several cells in the example: where each is a single line, records of lines are likelier."""
    title = "one_row"
    gathers = True

    @property
    def cost(self) -> float:
        """It says that any file is one record."""
        return 2.0 if self.rows_of_several else 6.0

    def remake(self, grid: Grid) -> Grid:
        """One row."""
        return (tuple(cell for row in grid for cell in row),) if grid else ()

    def sql(self, source: Source) -> str:
        """`flatten` of all lists."""
        row = "SELECT min(_row) AS _row, flatten(list(_cells ORDER BY _row)) AS _cells"
        return f"{row}\nFROM {source}\nHAVING count(*) > 0"

    def words(self) -> str:
        """What becomes of all rows."""
        return "all rows side by side in one row"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(rows_of_several=True),)


@dataclass(frozen=True, slots=True)
class Gather(CellStep):
    """Sections of any number of rows, each as one row.

    A section ends at a blank row (``blank``, which is left out), or begins at a row whose first cell is filled
    (``begun``), is its only filled cell (``lone``), begins with a mark (``mark``), or has up to a separator the same
    key as the very first cell of the file (``key``).
    """

    begins: Literal["blank", "begun", "lone", "mark", "key"]
    text: str = ""
    title = "sections"
    gathers = True

    @property
    def cost(self) -> float:
        """Blank rows and filled cells are plain signs."""
        return {"blank": 1.5, "begun": 1.7, "lone": 1.8, "mark": 1.7, "key": 1.4}[self.begins]

    def _begins(self, row: Row, first: str) -> bool:
        cell = row[0] if row else ""
        if self.begins == "blank":
            return not filled_cells(row)
        if self.begins == "begun":
            return not is_blank(cell)
        if self.begins == "lone":
            return not is_blank(cell) and len(filled_cells(row)) == 1
        if self.begins == "mark":
            return cell.startswith(self.text)
        return self.text in cell and cell.partition(self.text)[0] == first.partition(self.text)[0]

    def remake(self, grid: Grid) -> Grid:
        """The sections."""
        first = grid[0][0] if grid and grid[0] else ""
        sections: list[list[Row]] = []
        opened = False
        for row in grid:
            begins = self._begins(row, first)
            if begins or not sections:
                opened = True
            if begins and self.begins == "blank":
                continue
            if opened:
                sections.append([])
                opened = False
            sections[-1].append(row)
        return tuple(tuple(cell for row in section for cell in row) for section in sections)

    def sql(self, source: Source) -> str:
        """A running count of the rows at which sections begin, lists by section."""
        test = {
            "blank": f"len({FILLED_CELLS}) = 0",
            "begun": FIRST_FILLED,
            "lone": f"{FIRST_FILLED} AND len({FILLED_CELLS}) = 1",
            "mark": f"starts_with(_cells[1], {literal(self.text)})",
            "key": (
                f"contains(_cells[1], {literal(self.text)}) AND split_part(_cells[1], {literal(self.text)}, 1) = "
                f"(SELECT split_part(arg_min(_cells, _row)[1], {literal(self.text)}, 1) FROM {source})"
            ),
        }[self.begins]
        where = f"\nWHERE len({FILLED_CELLS}) > 0" if self.begins == "blank" else ""
        counted = f"SELECT *, count(CASE WHEN {test} THEN 1 END) OVER (ORDER BY _row) AS part\nFROM {source}"
        cells = "flatten(list(_cells ORDER BY _row)) AS _cells"
        return f"SELECT min(_row) AS _row, {cells}\nFROM {inner(counted)}{where}\nGROUP BY part"

    def words(self) -> str:
        """What parts sections."""
        sign = {
            "blank": "blank rows part sections",
            "begun": "a section begins where the first cell is filled",
            "lone": "a section begins at a row whose first cell alone is filled",
            "mark": f"a section begins where the first cell begins with {quoted(self.text)}",
            "key": f"a section begins where the first key (up to {quoted(self.text)}) comes again",
        }[self.begins]
        return f"{sign}; each becomes one row"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("blank"), cls("begun"), cls("lone"), cls("mark", "*"), cls("key", "="))


@dataclass(frozen=True, slots=True)
class LiftHeadings(CellStep):
    """Rows whose first cell alone is filled are headings: they go, and stand in front of the rows below them."""

    title = "with_headings"

    @property
    def cost(self) -> float:
        """One sign for headings."""
        return 1.6

    def remake(self, grid: Grid) -> Grid:
        """The rows with their heading in front."""
        out: list[Row] = []
        heading = ""
        for row in grid:
            if row and not is_blank(row[0]) and len(filled_cells(row)) == 1:
                heading = row[0]
            else:
                out.append((heading, *row))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """The last heading above each row."""
        lone = f"{FIRST_FILLED} AND len({FILLED_CELLS}) = 1"
        above = f"last_value(CASE WHEN {lone} THEN _cells[1] END IGNORE NULLS) OVER (ORDER BY _row)"
        held = f"SELECT *, {above} AS heading, {lone} AS is_heading\nFROM {source}"
        return (
            f"SELECT _row, list_concat([coalesce(heading, '')], _cells) AS _cells\nFROM {inner(held)}\n"
            "WHERE NOT is_heading"
        )

    def words(self) -> str:
        """What is lifted."""
        return "a row whose first cell alone is filled is the heading of the rows below and stands in front of them"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)


@dataclass(frozen=True, slots=True)
class StackBlocks(CellStep):
    """Blocks side by side, parted by blank columns, come one below the other: block by block or row by row."""

    by: Literal["block", "row"]
    title = "stacked"

    @property
    def cost(self) -> float:
        """Blank columns are a plain sign."""
        return 1.4 if self.by == "block" else 1.5

    def remake(self, grid: Grid) -> Grid:
        """The blocks' rows."""
        rows = padded(grid)
        width = len(rows[0]) if rows else 0
        blocks: list[list[int]] = [[]]
        for col in range(width):
            if any(not is_blank(row[col]) for row in rows):
                blocks[-1].append(col)
            elif blocks[-1]:
                blocks.append([])
        chosen = [block for block in blocks if block]
        if self.by == "block":
            return tuple(tuple(row[c] for c in block) for block in chosen for row in rows)
        return tuple(tuple(row[c] for c in block) for row in rows for block in chosen)

    def sql(self, source: Source) -> str:
        """A running count of blank columns, lists by row and block."""
        places = inner(places_sql(source))
        columns = (
            "SELECT\n    _col,\n    bool_or(trim(cell) <> '') AS filled,\n"
            "    count(CASE WHEN NOT bool_or(trim(cell) <> '') THEN 1 END) OVER (ORDER BY _col) AS block\n"
            f"FROM {places}\nGROUP BY _col"
        )
        order = "block, _row" if self.by == "block" else "_row, block"
        return (
            f"SELECT row_number() OVER (ORDER BY {order}) AS _row, list(cell ORDER BY _col) AS _cells\n"
            f"FROM {places}\nJOIN {inner(columns)} USING (_col)\nWHERE filled\nGROUP BY _row, block"
        )

    def words(self) -> str:
        """What comes below what."""
        return "blocks parted by blank columns come one below the other" + (
            "" if self.by == "block" else ", row by row"
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("block"), cls("row"))


@dataclass(frozen=True, slots=True)
class GroupRows(CellStep):
    """Rows that begin with the same ``keys`` cells become one: those cells, then the rest of every row."""

    keys: int
    title = "grouped"

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 2.0 + 0.2 * self.keys

    def remake(self, grid: Grid) -> Grid:
        """The groups in the order of their first rows."""
        groups: dict[Row, list[str]] = {}
        for row in grid:
            groups.setdefault(row[: self.keys], []).extend(row[self.keys :])
        return tuple((*key, *rest) for key, rest in groups.items())

    def sql(self, source: Source) -> str:
        """Lists by group."""
        parted = f"SELECT _row, _cells[:{self.keys}] AS keys, _cells[{self.keys + 1}:] AS rest\nFROM {source}"
        cells = "list_concat(keys, flatten(list(rest ORDER BY _row))) AS _cells"
        return f"SELECT min(_row) AS _row, {cells}\nFROM {inner(parted)}\nGROUP BY keys"

    def words(self) -> str:
        """What belongs together."""
        what = "the same first cell" if self.keys == 1 else f"the same first {self.keys} cells"
        return f"rows with {what} become one, the rest of each side by side"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(1),)

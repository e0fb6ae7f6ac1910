"""Rows of cells in another shape: turned, in one row, split, stacked, without the first, some columns."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.cells import inner, is_blank, padded, places_sql
from services.converter.domain.synthesis.sqltext import literal, quoted


@dataclass(frozen=True, slots=True)
class DropFirst(CellStep):
    """Leaves out the first rows or columns."""

    what: Literal["row", "column"]
    count: int = 1
    title = "rest"

    @property
    def cost(self) -> float:
        """One heading is common."""
        return 0.5 + 0.4 * self.count

    def remake(self, grid: Grid) -> Grid:
        """The rest."""
        return grid[self.count :] if self.what == "row" else tuple(row[self.count :] for row in grid)

    def sql(self, source: Source) -> str:
        """A number of rows passed over, or a slice."""
        if self.what == "row":
            passed = f"row_number() OVER (ORDER BY _row) > {self.count}"
            return f"SELECT _row, _cells\nFROM {source}\nQUALIFY {passed}"
        return f"SELECT _row, _cells[{self.count + 1}:] AS _cells\nFROM {source}"

    def words(self) -> str:
        """What is left out."""
        return f"leave out the first {self.what}" if self.count == 1 else f"leave out {self.count} {self.what}s"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("row"), cls("column", 2))


@dataclass(frozen=True, slots=True)
class Turn(CellStep):
    """Rows become columns."""

    title = "turned"

    @property
    def cost(self) -> float:
        """One idea for the whole table."""
        return 1.6

    def remake(self, grid: Grid) -> Grid:
        """The columns as rows."""
        return tuple(zip(*padded(grid), strict=True))

    def sql(self, source: Source) -> str:
        """Cells with their places, listed by column."""
        return (
            f"SELECT _col AS _row, list(cell ORDER BY _row) AS _cells\nFROM {inner(places_sql(source))}\nGROUP BY _col"
        )

    def words(self) -> str:
        """Rows and columns change places."""
        return "rows become columns"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)


@dataclass(frozen=True, slots=True)
class SplitCells(CellStep):
    """Every cell becomes as many cells as it has parts at a delimiter."""

    delimiter: str
    title = "parts"

    @property
    def cost(self) -> float:
        """One delimiter for all cells."""
        return 1.4 + (0.3 if self.delimiter == " " else 0.0)

    def remake(self, grid: Grid) -> Grid:
        """The parts side by side."""
        return tuple(tuple(part for cell in row for part in cell.split(self.delimiter)) for row in grid)

    def sql(self, source: Source) -> str:
        """`string_split` of every cell, flattened."""
        parts = f"flatten(list_transform(_cells, lambda c: string_split(c, {literal(self.delimiter)})))"
        return f"SELECT _row, {parts} AS _cells\nFROM {source}"

    def words(self) -> str:
        """At what."""
        return f"every cell is split at {quoted(self.delimiter)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(";"),)


@dataclass(frozen=True, slots=True)
class Pick(CellStep):
    """Some columns (1-based), in this order."""

    columns: tuple[int, ...]
    title = "picked"
    closes = True

    @property
    def cost(self) -> float:
        """Columns by number are the least general of all."""
        return 1.4 + 0.4 * len(self.columns)

    def remake(self, grid: Grid) -> Grid:
        """The columns."""
        return tuple(tuple(row[c - 1] if c <= len(row) else "" for c in self.columns) for row in grid)

    def sql(self, source: Source) -> str:
        """The cells by number."""
        cells = ", ".join(f"coalesce(_cells[{c}], '')" for c in self.columns)
        return f"SELECT _row, [{cells}] AS _cells\nFROM {source}"

    def words(self) -> str:
        """Which columns."""
        return f"keep columns {', '.join(str(c) for c in self.columns)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls((3, 1, 5)),)


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

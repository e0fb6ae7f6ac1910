"""Rows of cells in another shape: turned, in one row, split, stacked, without the first, some columns."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.cells import inner, padded, places_sql
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
    renumbers = True

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

"""What is blank left out, or filled."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import FILLED_CELLS, FIRST_FILLED, filled_cells, is_blank
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class KeepRows(Step):
    """Rows of one kind: not blank, begun in the first column, with several filled cells, or no repeat of the first."""

    kind: Literal["filled", "begun", "several", "unrepeated"]
    title = "kept_rows"
    by_cell = True

    @property
    def cost(self) -> float:
        """Blank rows are the commonest to go."""
        return {"filled": 0.6, "begun": 1.2, "several": 1.2, "unrepeated": 0.9}[self.kind]

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        return relation.keep(i for i, row in enumerate(relation.cells) if self._stays(i, row, relation.cells[0]))

    def _stays(self, place: int, row: Row, first: Row) -> bool:
        if self.kind == "begun":
            return bool(row) and not is_blank(row[0])
        if self.kind == "unrepeated":
            return place == 0 or row != first
        return len(filled_cells(row)) > (self.kind == "several")

    def sql(self, source: Source) -> str:
        """`WHERE` on the cells."""
        if self.kind == "unrepeated":
            over = f"OVER (ORDER BY {source.order})"
            other = f"row_number() {over} = 1 OR _cells <> first_value(_cells) {over}"
            return f"SELECT *\nFROM {source}\nQUALIFY {other}"
        test = {
            "filled": f"len({FILLED_CELLS}) > 0",
            "begun": FIRST_FILLED,
            "several": f"len({FILLED_CELLS}) > 1",
        }[self.kind]
        return f"SELECT *\nFROM {source}\nWHERE {test}"

    def words(self) -> str:
        """Which rows stay."""
        return {
            "filled": "leave out blank rows",
            "begun": "keep the rows whose first cell is filled",
            "several": "keep the rows with more than one filled cell",
            "unrepeated": "leave out the rows that repeat the first row",
        }[self.kind]

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("filled"), cls("begun"), cls("several"), cls("unrepeated"))


@dataclass(frozen=True, slots=True)
class DropBlankCells(CellStep):
    """Every row without its blank cells, the others moved to the left."""

    title = "filled_cells"

    @property
    def cost(self) -> float:
        """It forgets where a cell stood."""
        return 1.0

    def remake(self, grid: Grid) -> Grid:
        """The filled cells."""
        return tuple(filled_cells(row) for row in grid)

    def sql(self, source: Source) -> str:
        """`list_filter`."""
        return f"SELECT _row, {FILLED_CELLS} AS _cells\nFROM {source}"

    def words(self) -> str:
        """What goes."""
        return "leave out blank cells"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)

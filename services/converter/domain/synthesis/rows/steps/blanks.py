"""What is blank left out, or filled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import FILLED_CELLS, FIRST_FILLED, filled_cells, inner, is_blank
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

    def otherwise(self) -> Iterator[Step]:
        """For another reason, where the example's rows go for several."""
        kinds: tuple[Literal["filled", "begun", "several", "unrepeated"], ...] = ("filled", "begun", "several")
        yield from (replace(self, kind=kind) for kind in kinds if self.kind in kinds and kind != self.kind)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("filled"), cls("begun"), cls("several"), cls("unrepeated"))


@dataclass(frozen=True, slots=True)
class DropBlankColumns(CellStep):
    """Leaves out the columns that are blank in every row."""

    title = "filled_columns"

    @property
    def cost(self) -> float:
        """As common as blank rows."""
        return 0.6

    def remake(self, grid: Grid) -> Grid:
        """The rows without those columns."""
        filled = {i for row in grid for i, cell in enumerate(row) if not is_blank(cell)}
        return tuple(tuple(cell for i, cell in enumerate(row) if i in filled) for row in grid)

    def sql(self, source: Source) -> str:
        """The columns that hold something, then a filter by place."""
        places = f"SELECT unnest(_cells) AS cell, unnest(range(1, len(_cells) + 1)) AS _col FROM {source}"
        filled = f"SELECT coalesce(list(DISTINCT _col), []) AS filled FROM ({places}) WHERE trim(cell) <> ''"
        return (
            "SELECT _row, list_filter(_cells, lambda c, i: list_contains(filled, i)) AS _cells\n"
            f"FROM {source}, ({filled})"
        )

    def words(self) -> str:
        """What goes."""
        return "leave out the columns that are blank throughout"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)


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


@dataclass(frozen=True, slots=True)
class Fill(CellStep):
    """Blank cells take the value above, or the one to the left."""

    way: Literal["down", "right"]
    title = "filled_up"

    @property
    def cost(self) -> float:
        """Values are merged downwards more often."""
        return 1.1 if self.way == "down" else 1.3

    def remake(self, grid: Grid) -> Grid:
        """The filled grid."""
        out = []
        above: list[str] = []
        for row in grid:
            above += [""] * (len(row) - len(above))
            left = ""
            cells = []
            for i, cell in enumerate(row):
                if not is_blank(cell):
                    left = above[i] = cell
                cells.append(above[i] if self.way == "down" else left)
            out.append(tuple(cells))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """`last_value ... IGNORE NULLS` down each column, or the last filled cell up to each place of a row."""
        if self.way == "right":
            filled = "list_filter(_cells[:i], lambda c: trim(c) <> '')[-1]"
            cells = f"list_transform(range(1, len(_cells) + 1), lambda i: coalesce({filled}, ''))"
            return f"SELECT _row, {cells} AS _cells\nFROM {source}"
        places = (
            "SELECT\n    _row,\n    len(_cells) AS width,\n    unnest(range(1, greatest(width, 1) + 1)) AS _col,\n"
            f"    unnest(CASE WHEN width = 0 THEN [NULL] ELSE _cells END) AS cell\nFROM {source}"
        )
        held = "CASE WHEN trim(cell) <> '' THEN cell END"
        cell = f"coalesce(last_value({held} IGNORE NULLS) OVER (PARTITION BY _col ORDER BY _row), '')"
        filled = f"SELECT _row, width, _col, {cell} AS cell\nFROM {inner(places)}"
        cells = "coalesce(list(cell ORDER BY _col) FILTER (WHERE _col <= width), [])"
        return f"SELECT _row, {cells} AS _cells\nFROM {inner(filled)}\nGROUP BY _row"

    def words(self) -> str:
        """Where values come from."""
        return f"blank cells take the value {'above' if self.way == 'down' else 'to their left'}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("down"), cls("right"))

"""Steps over whole grids of cells: they never name a column, so that they hold for files of any width.

A grid is its rows of cells in order. Every step states its meaning, its SELECT of ``_row`` (a number that orders the
rows) and ``_cells`` over a relation of the same two, and its words. A blank cell holds nothing but spaces.
"""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.sqltext import indent, literal, quoted
from services.converter.domain.table import Row

FILLED_CELLS = "list_filter(_cells, lambda c: trim(c) <> '')"
FIRST_FILLED = "trim(coalesce(_cells[1], '')) <> ''"


def is_blank(cell: str) -> bool:
    """Whether a cell holds nothing but spaces."""
    return not cell.strip(" ")


def filled_cells(row: Row) -> Row:
    """The cells of a row that are not blank."""
    return tuple(cell for cell in row if not is_blank(cell))


def padded(grid: Grid) -> Grid:
    """All rows as wide as the widest."""
    width = max((len(row) for row in grid), default=0)
    return tuple(row + ("",) * (width - len(row)) for row in grid)


def places_sql(source: Source | str) -> str:
    """Every cell with its `_row` and `_col`, short rows padded to the widest."""
    return (
        "SELECT\n    _row,\n    unnest(list_resize(_cells, widest, '')) AS cell,\n"
        f"    unnest(range(1, widest + 1)) AS _col\nFROM {source}, (SELECT max(len(_cells)) AS widest FROM {source})"
    )


def inner(sql: str) -> str:
    """A SELECT in brackets, as a source."""
    return f"(\n{indent(sql)}\n)"


@dataclass(frozen=True, slots=True)
class KeepRows(CellStep):
    """Rows of one kind: not blank, begun in the first column, with several filled cells, or no repeat of the first."""

    kind: Literal["filled", "begun", "several", "unrepeated"]
    title = "kept_rows"

    @property
    def cost(self) -> float:
        """Blank rows are the commonest to go."""
        return {"filled": 0.6, "begun": 1.2, "several": 1.2, "unrepeated": 0.9}[self.kind]

    def remake(self, grid: Grid) -> Grid:
        """The kept rows."""
        if self.kind == "filled":
            return tuple(row for row in grid if filled_cells(row))
        if self.kind == "begun":
            return tuple(row for row in grid if row and not is_blank(row[0]))
        if self.kind == "several":
            return tuple(row for row in grid if len(filled_cells(row)) > 1)
        return tuple(row for i, row in enumerate(grid) if i == 0 or row != grid[0])

    def sql(self, source: Source) -> str:
        """`WHERE` on the cells."""
        if self.kind == "unrepeated":
            first = f"(SELECT min(_row) AS _row FROM {source})"
            heading = f"(SELECT arg_min(_cells, _row) FROM {source})"
            return f"SELECT _row, _cells\nFROM {source}\nWHERE _cells <> {heading} OR _row = {first}"
        test = {
            "filled": f"len({FILLED_CELLS}) > 0",
            "begun": FIRST_FILLED,
            "several": f"len({FILLED_CELLS}) > 1",
        }[self.kind]
        return f"SELECT _row, _cells\nFROM {source}\nWHERE {test}"

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
class JoinCells(CellStep):
    """The cells of a row from one column on (1-based) become one cell, with a separator between them."""

    separator: str
    first: int = 1
    filled: bool = False
    title = "joined"

    @property
    def cost(self) -> float:
        """One separator for all rows."""
        return 1.5 + 0.3 * (self.first - 1) + 0.4 * self.filled

    def remake(self, grid: Grid) -> Grid:
        """The cells before, then the joined ones."""
        at = self.first - 1
        return tuple(
            (*row[:at], self.separator.join(filled_cells(row[at:]) if self.filled else row[at:])) for row in grid
        )

    def sql(self, source: Source) -> str:
        """`array_to_string`."""
        rest = "_cells" if self.first == 1 else f"_cells[{self.first}:]"
        if self.filled:
            rest = f"list_filter({rest}, lambda c: trim(c) <> '')"
        text = f"[array_to_string({rest}, {literal(self.separator)})]"
        cells = text if self.first == 1 else f"list_concat(_cells[:{self.first - 1}], {text})"
        return f"SELECT _row, {cells} AS _cells\nFROM {source}"

    def words(self) -> str:
        """What is joined by what."""
        what = "all cells" if self.first == 1 else f"the cells from column {self.first} on"
        return f"{'the filled ones of ' if self.filled else ''}{what} are joined by {quoted(self.separator)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(", "), cls("-", 2, filled=True))


@dataclass(frozen=True, slots=True)
class StripCells(CellStep):
    """Every cell without certain characters at its ends."""

    characters: str
    title = "stripped"

    @property
    def cost(self) -> float:
        """Spaces are the commonest."""
        return 0.5 if self.characters == " " else 0.7 + 0.2 * len(self.characters)

    def remake(self, grid: Grid) -> Grid:
        """The cells without them."""
        return tuple(tuple(cell.strip(self.characters) for cell in row) for row in grid)

    def sql(self, source: Source) -> str:
        """`trim` with the characters."""
        cells = f"list_transform(_cells, lambda c: trim(c, {literal(self.characters)}))"
        return f"SELECT _row, {cells} AS _cells\nFROM {source}"

    def words(self) -> str:
        """What goes."""
        return f"cells lose {quoted(self.characters)} at their ends"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("*"),)


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

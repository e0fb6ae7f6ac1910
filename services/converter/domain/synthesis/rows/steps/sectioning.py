"""Sections, headings and groups of rows of cells; cells joined or stripped."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import CellStep, Grid, Source, Step
from services.converter.domain.synthesis.rows.cells import (
    FILLED_CELLS,
    FIRST_FILLED,
    WIDEST,
    filled_cells,
    inner,
    is_blank,
    padded,
)
from services.converter.domain.synthesis.rows.steps.crossing import Part
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row


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


@dataclass(frozen=True, slots=True)
class CrossBlocks(CellStep):
    """Crossed tables side by side: one row for each cell under a filled heading of the first row.

    Its label is the nearest filled cell to its left under a blank heading.
    """

    order: tuple[Part, Part, Part]
    title = "crossed_blocks"

    @property
    def cost(self) -> float:
        """Above a single crossed table."""
        return 2.3

    def remake(self, grid: Grid) -> Grid:
        """The cells with what they stand under and beside."""
        rows = padded(grid)
        out: list[Row] = []
        for row in rows[1:]:
            label = ""
            for heading, cell in zip(rows[0], row, strict=True):
                if is_blank(heading):
                    label = label if is_blank(cell) else cell
                    continue
                parts: dict[Part, str] = {"value": cell, "headings": heading, "labels": label}
                out.append(tuple(parts[part] for part in self.order))
        return tuple(out)

    def sql(self, source: Source) -> str:
        """The headings beside every row, and for each place the last label before it."""
        widest = f"SELECT _row, list_resize(_cells, widest, '') AS _cells\nFROM {source}, {WIDEST.format(source)}"
        lines = source.part("lines", widest)
        top = source.part("top", f"SELECT min(_row) AS first, arg_min(_cells, _row) AS headings\nFROM {lines}")
        places = f"SELECT *, unnest(range(1, len(_cells) + 1)) AS _col\nFROM {lines}, {top}\nWHERE _row > first"
        labels = "list_filter(range(1, _col), lambda j: trim(headings[j]) = '' AND trim(_cells[j]) <> '')"
        parts = {
            "value": "_cells[_col]",
            "headings": "headings[_col]",
            "labels": f"coalesce(_cells[{labels}[-1]], '')",
        }
        cells = ", ".join(parts[part] for part in self.order)
        return (
            f"SELECT row_number() OVER (ORDER BY _row, _col) AS _row, [{cells}] AS _cells\n"
            f"FROM {inner(places)}\nWHERE trim(headings[_col]) <> ''"
        )

    def words(self) -> str:
        """What stands beside a cell."""
        return "one row for each cell under a heading, with its heading and the label to its left"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(("value", "labels", "headings")),)


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

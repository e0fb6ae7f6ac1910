"""What is made of places: lists of cells, several cells in one, and parts of a cell."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.rows.provenance.addresses import (
    WORDS,
    Address,
    Cell,
    Filled,
    Fixed,
    Heading,
    Side,
    Title,
    far,
    ordinal,
)
from services.converter.domain.synthesis.rows.provenance.lines import cell_at, is_blank
from services.converter.domain.synthesis.rows.provenance.sheet import Unit
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of something, from the ``first`` on (from 1) but for ``last`` at the end: a list of any length.

    ``what``: the unit's cells line by line (`lines`), column by column (`columns`), filled down (`down`) or from
    the left (`right`), one
    ``column`` of the unit (`column`) or of all before it (`labels`), the labels of its first line (`sides`),
    or the headings above its first column (`tops`). ``mark``: of each the parts between marks.
    """

    what: Literal["lines", "columns", "down", "right", "column", "labels", "sides", "tops"]
    first: int = 1
    last: int = 0
    filled: bool = False
    column: int = 1
    mark: str = ""
    back: bool = False
    """Whether they are read from the last to the first."""
    bare: bool = False
    """Whether each is without spaces around it."""

    @property
    def cost(self) -> float:
        """All of them is the plainest."""
        base = {"lines": 0.7, "columns": 0.8, "down": 1.1, "right": 1.15, "column": 0.8, "labels": 0.5,
                "sides": 0.6, "tops": 0.9}[self.what]  # fmt: skip
        return (
            base
            + 0.15 * (self.first - 1)
            + 0.2 * self.last
            + 0.15 * self.filled
            + 0.1 * (self.column - 1)
            + (WORDS if self.mark == " " else 0.7 * bool(self.mark))
            + 0.5 * self.back
            + 0.3 * self.bare
        )

    @property
    def reads(self) -> frozenset[str]:
        """What it needs beside the unit."""
        return frozenset({"full"} if self.what == "down" else {"top"} if self.what == "tops" else ())

    def of(self, unit: Unit) -> Row:
        """The cells."""
        cells = self._all(unit)
        if self.mark:
            cells = tuple(part for cell in cells for part in cell.split(self.mark))
        if self.filled:
            cells = tuple(cell for cell in cells if not is_blank(cell))
        if self.bare:
            cells = tuple(cell.strip(" ") for cell in cells)
        cells = cells[::-1] if self.back else cells
        return cells[self.first - 1 : max(0, len(cells) - self.last)]

    def _all(self, unit: Unit) -> Row:
        if self.what == "lines":
            return tuple(cell for line in unit.part for cell in line)
        if self.what == "columns":
            return tuple(cell for column in zip(*unit.part, strict=True) for cell in column)
        if self.what == "down":
            return tuple(cell for line in unit.full for cell in line[unit.base :])
        if self.what == "right":
            return tuple(cell for line in unit.part for cell in _filled_right(line))
        if self.what == "column":
            return tuple(cell_at(line, self.column) for line in unit.part)
        if self.what == "labels":
            return tuple(cell_at(line, self.column) for line in unit.block)
        if self.what == "sides":
            return unit.block[0][: unit.sides] if unit.block else ()
        return tuple(cell_at(line, unit.base + 1) for line in unit.top)

    def sql(self) -> str:
        """Lists flattened, filtered and cut."""
        text = {
            "lines": "flatten(part)",
            "columns": (
                "flatten(list_transform(range(1, len(part[1]) + 1), lambda i: list_transform(part, lambda l: l[i])))"
            ),
            "down": "flatten(list_transform(down, lambda l: l[start + 1:]))",
            "right": f"flatten(list_transform(part, lambda l: {_FILLED_RIGHT}))",
            "column": f"list_transform(part, lambda l: coalesce(l[{self.column}], ''))",
            "labels": f"list_transform(block, lambda l: coalesce(l[{self.column}], ''))",
            "sides": "block[1][:sides]",
            "tops": "list_transform(top, lambda l: coalesce(l[start + 1], ''))",
        }[self.what]
        if self.mark:
            text = f"flatten(list_transform({text}, lambda c: string_split(c, {literal(self.mark)})))"
        if self.filled:
            text = f"list_filter({text}, lambda c: trim(c) <> '')"
        if self.bare:
            text = f"list_transform({text}, lambda c: trim(c))"
        text = f"list_reverse({text})" if self.back else text
        if self.last:
            text = f"list_reverse(list_reverse({text})[{self.last + 1}:])"
        return text if self.first == 1 else f"{text}[{self.first}:]"

    def words(self) -> str:
        """Which cells."""
        what = {
            "lines": "all cells line by line",
            "columns": "all cells column by column",
            "down": "all cells, blank ones with the value above",
            "right": "all cells, blank ones with the value to their left",
            "column": f"column {self.column} of all lines",
            "labels": f"cell {self.column} of all lines",
            "sides": "all labels",
            "tops": "all headings above",
        }[self.what]
        start = "" if self.first == 1 else f" from the {ordinal(self.first)} on"
        end = "" if not self.last else " but for the last" if self.last == 1 else f" but for the last {self.last}"
        split = f", split at {quoted(self.mark)}," if self.mark else ""
        bare = " without spaces around them" if self.bare else ""
        back = ", the last first," if self.back else ""
        return ("the filled ones of " if self.filled else "") + what + bare + split + back + start + end


@dataclass(frozen=True, slots=True)
class Joined:
    """The texts of a list, joined as one cell."""

    cells: Cells
    separator: str

    @property
    def cost(self) -> float:
        """The list and its separator."""
        return self.cells.cost + 0.5

    @property
    def reads(self) -> frozenset[str]:
        """What the list reads."""
        return self.cells.reads

    @property
    def name(self) -> str:
        """What it is."""
        return f"joined_{self.cells.what}"

    def of(self, unit: Unit) -> str:
        """The text."""
        return self.separator.join(self.cells.of(unit))

    def sql(self) -> str:
        """`array_to_string`."""
        return f"array_to_string({self.cells.sql()}, {literal(self.separator)})"

    def words(self) -> str:
        """What is joined by what."""
        return f"{self.cells.words()}, joined by {quoted(self.separator)}"


@dataclass(frozen=True, slots=True)
class Stripped:
    """A cell without spaces around it."""

    address: Address

    @property
    def cost(self) -> float:
        """A little more than the cell."""
        return self.address.cost + 0.3

    @property
    def reads(self) -> frozenset[str]:
        """What the cell reads."""
        return self.address.reads

    @property
    def name(self) -> str:
        """As the cell's."""
        return f"{self.address.name}_stripped"

    def of(self, unit: Unit) -> str:
        """The text."""
        return self.address.of(unit).strip(" ")

    def sql(self) -> str:
        """`trim`."""
        return f"trim({self.address.sql()})"

    def words(self) -> str:
        """What goes."""
        return f"{self.address.words()} without spaces around it"


@dataclass(frozen=True, slots=True)
class Part:
    """The n-th part of a cell between marks, or from the end."""

    address: Address
    mark: str
    place: int

    @property
    def cost(self) -> float:
        """The cell, and what it is split at."""
        return self.address.cost + (WORDS if self.mark == " " else 0.6) + far(self.place, 0.05)

    @property
    def reads(self) -> frozenset[str]:
        """What the cell reads."""
        return self.address.reads

    @property
    def name(self) -> str:
        """By its place."""
        return f"{self.address.name}_part_{self.place}".replace("-", "last")

    def of(self, unit: Unit) -> str:
        """The part."""
        return cell_at(tuple(self.address.of(unit).split(self.mark)), self.place)

    def sql(self) -> str:
        """`string_split` and a subscript."""
        return f"string_split(coalesce({self.address.sql()}, ''), {literal(self.mark)})[{self.place}]"

    def words(self) -> str:
        """Which part."""
        return f"{self.address.words()}, its {ordinal(self.place)} part at {quoted(self.mark)}"


def bare(item: "Address | Cells") -> "Address | Cells":
    """The place that a part or a stripped text is taken from; any other as it is."""
    while isinstance(item, Stripped | Part):
        item = item.address
    return item


def follows(first: Address, second: Address, width: int) -> bool:
    """Whether a place is the one behind another, in units so wide: the next cell, or the first one of the next line."""
    if isinstance(first, Cell) and isinstance(second, Cell):
        (line, column), (following, after) = _place(first, width), _place(second, width)
        return (following, after) in ((line, column + 1), (line + 1, column + 1 - width))
    if isinstance(first, Stripped | Part) or isinstance(second, Stripped | Part):
        return False
    return type(first) is type(second) and _moved(first) == second


def at_same(first: Address, second: Address, width: int) -> bool:
    """Whether two places are one in units so wide, counted from either end."""
    return isinstance(first, Cell) and isinstance(second, Cell) and _place(first, width) == _place(second, width)


def _moved(place: Address) -> Address | None:
    """The place behind another."""
    if isinstance(place, Side | Heading | Fixed):
        return replace(place, column=place.column + 1)
    if isinstance(place, Title | Filled):
        return replace(place, place=place.place + 1)
    return None


def _place(cell: Cell, width: int) -> tuple[int, int]:
    return cell.line, cell.column if cell.column > 0 else width + 1 + cell.column


_FILLED_RIGHT = (
    "list_transform(range(1, len(l) + 1), lambda i: coalesce(list_filter(l[:i], lambda c: trim(c) <> '')[-1], ''))"
)


def _filled_right(line: Row) -> Iterator[str]:
    held = ""
    for cell in line:
        held = held if is_blank(cell) else cell
        yield held

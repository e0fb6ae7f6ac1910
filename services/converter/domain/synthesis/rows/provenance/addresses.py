"""Where a cell of the output stands, as seen from its unit: relative addresses, of one cell or of all to an end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from services.converter.domain.synthesis.rows.provenance.layout import Unit
from services.converter.domain.synthesis.rows.provenance.lines import cell_at, is_blank
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.table import Row

WORDS = 1.7
"""What it costs to split at blanks: names have more words than one."""
_ORDINALS = {1: "first", 2: "second", 3: "third", -1: "last", -2: "last but one"}


def ordinal(place: int) -> str:
    """A place from 1 on, or from the end, in words."""
    return _ORDINALS.get(place) or (f"{place}th" if place > 0 else f"{-place}th last")


class Address(Protocol):
    """A place of one cell."""

    @property
    def cost(self) -> float:
        """The price in the ranking."""

    @property
    def reads(self) -> frozenset[str]:
        """Which of `full`, `head` and `top` it needs."""

    @property
    def name(self) -> str:
        """A name for a column of such cells."""

    def of(self, unit: Unit) -> str:
        """The cell, empty where there is none."""

    def sql(self) -> str:
        """The cell over `units`, NULL where there is none."""

    def words(self) -> str:
        """The place in words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the unit, by line and column, from 1 on or from the end."""

    line: int
    column: int

    @property
    def cost(self) -> float:
        """Near the beginning is likelier; the end is as plain a place."""
        return 0.45 + _far(self.line, 0.1) + _far(self.column, 0.05)

    @property
    def reads(self) -> frozenset[str]:
        """Nothing beside the unit."""
        return frozenset()

    @property
    def name(self) -> str:
        """By its place."""
        return f"cell_{self.line}_{self.column}".replace("-", "last")

    def of(self, unit: Unit) -> str:
        """The cell."""
        return _line_at(unit.part, self.line, self.column)

    def sql(self) -> str:
        """Two subscripts."""
        return f"part[{self.line}][{self.column}]"

    def words(self) -> str:
        """Its place."""
        line = "" if self.line == 1 else f" of the {ordinal(self.line)} line"
        return f"the {ordinal(self.column)} cell{line}"


@dataclass(frozen=True, slots=True)
class Side:
    """A label before the unit's columns, by its place in the record's first line (or another); ``down``: or above."""

    column: int
    down: bool = False

    @property
    def cost(self) -> float:
        """Labels stand to the left."""
        return 0.45 + 0.05 * (self.column - 1) + (0.2 if self.down else 0.0)

    @property
    def reads(self) -> frozenset[str]:
        """The lines filled down, if asked."""
        return frozenset({"full"}) if self.down else frozenset()

    @property
    def name(self) -> str:
        """By its place."""
        return f"{'group' if self.down else 'label'}_{self.column}"

    def of(self, unit: Unit) -> str:
        """The label."""
        return _line_at(unit.full if self.down else unit.block, 1, self.column)

    def sql(self) -> str:
        """A cell of the first line."""
        return f"{'down' if self.down else 'block'}[1][{self.column}]"

    def words(self) -> str:
        """Its place."""
        return f"column {self.column}" + (", or the value above" if self.down else "")


@dataclass(frozen=True, slots=True)
class Label:
    """The nearest filled cell to the left that stands under a blank heading."""

    @property
    def cost(self) -> float:
        """It holds for labels of any block."""
        return 0.7

    @property
    def reads(self) -> frozenset[str]:
        """The headings."""
        return frozenset({"top"})

    @property
    def name(self) -> str:
        """What it is."""
        return "nearest_label"

    def of(self, unit: Unit) -> str:
        """The label."""
        line = unit.block[0] if unit.block else ()
        heads = unit.top[0] if unit.top else ()
        found = [c for c, h in zip(line[: unit.base], heads, strict=False) if is_blank(h) and not is_blank(c)]
        return found[-1] if found else ""

    def sql(self) -> str:
        """Cells filtered by the heading above them."""
        test = "trim(top[1][i]) = '' AND trim(c) <> ''"
        return f"list_filter(block[1][:start], lambda c, i: {test})[-1]"

    def words(self) -> str:
        """Its place."""
        return "the nearest label to the left, under a blank heading"


@dataclass(frozen=True, slots=True)
class Heading:
    """The cell of a top line above the unit's n-th column; ``wide``: or the nearest filled one to its left."""

    line: int
    column: int = 1
    wide: bool = False

    @property
    def cost(self) -> float:
        """Headings stand above."""
        return 0.45 + _far(self.line, 0.05) + _far(self.column, 0.1) + (0.2 if self.wide else 0.0)

    @property
    def reads(self) -> frozenset[str]:
        """The headings."""
        return frozenset({"top"})

    @property
    def name(self) -> str:
        """By its line."""
        name = f"{'wide' if self.wide else 'heading'}_{self.line}".replace("-", "last")
        return name if self.column == 1 else f"{name}_{self.column}"

    def of(self, unit: Unit) -> str:
        """The heading."""
        place = unit.base + self.column
        if not self.wide:
            return _line_at(unit.top, self.line, place)
        line = _whole_line(unit.top, self.line)[unit.sides : place]
        return next((cell for cell in reversed(line) if not is_blank(cell)), "")

    def sql(self) -> str:
        """A subscript, or the last filled cell up to there."""
        place = f"start + {self.column}"
        if not self.wide:
            return f"top[{self.line}][{place}]"
        return f"list_filter(top[{self.line}][sides + 1:{place}], lambda c: trim(c) <> '')[-1]"

    def words(self) -> str:
        """Its place."""
        line = f"the {ordinal(self.line)} heading above"
        at = "" if self.column == 1 else f" the {ordinal(self.column)} cell"
        return line + at + (", filled to the right" if self.wide else "")


@dataclass(frozen=True, slots=True)
class Title:
    """A cell of the section's title: at a place, above the unit's first column (``above``), or the n-th filled one.

    ``over``: of the title of several sections.
    """

    how: Literal["at", "filled", "above"]
    place: int = 1
    over: bool = False

    @property
    def cost(self) -> float:
        """A title's first cell is the plainest."""
        return {"at": 0.5, "filled": 0.55, "above": 0.5}[self.how] + _far(self.place, 0.1)

    @property
    def reads(self) -> frozenset[str]:
        """The title."""
        return frozenset({self._line})

    @property
    def _line(self) -> str:
        return "over" if self.over else "head"

    @property
    def name(self) -> str:
        """By its place."""
        return f"{'over' if self.over else 'title'}_{self.how}_{self.place}".replace("-", "last")

    def of(self, unit: Unit) -> str:
        """The cell."""
        line = unit.over if self.over else unit.head
        if self.how == "filled":
            return cell_at(tuple(c for c in line if not is_blank(c)), self.place)
        return cell_at(line, self.place + (unit.base if self.how == "above" else 0))

    def sql(self) -> str:
        """A subscript."""
        if self.how == "filled":
            return f"list_filter({self._line}, lambda c: trim(c) <> '')[{self.place}]"
        return f"{self._line}[{f'start + {self.place}' if self.how == 'above' else self.place}]"

    def words(self) -> str:
        """Its place."""
        if self.how == "above":
            return "the section's title line, in the same column"
        whose = "title above the section's" if self.over else "section's title"
        return f"the {ordinal(self.place)} {'filled ' if self.how == 'filled' else ''}cell of the {whose}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A cell of the file's top lines, the same for all units."""

    line: int
    column: int

    @property
    def cost(self) -> float:
        """Something that the whole file says of itself."""
        return 0.8 + _far(self.line, 0.1) + _far(self.column, 0.1)

    @property
    def reads(self) -> frozenset[str]:
        """The headings."""
        return frozenset({"top"})

    @property
    def name(self) -> str:
        """By its place."""
        return f"top_{self.line}_{self.column}".replace("-", "last")

    def of(self, unit: Unit) -> str:
        """The cell."""
        return _line_at(unit.top, self.line, self.column)

    def sql(self) -> str:
        """Two subscripts."""
        return f"top[{self.line}][{self.column}]"

    def words(self) -> str:
        """Its place."""
        return f"cell {self.column} of the file's {ordinal(self.line)} line"


@dataclass(frozen=True, slots=True)
class Filled:
    """The n-th filled cell of the unit, line by line."""

    place: int

    @property
    def cost(self) -> float:
        """It holds wherever the cells stand."""
        return 0.65 + _far(self.place, 0.1)

    @property
    def reads(self) -> frozenset[str]:
        """Nothing beside the unit."""
        return frozenset()

    @property
    def name(self) -> str:
        """By its place."""
        return f"filled_{self.place}".replace("-", "last")

    def of(self, unit: Unit) -> str:
        """The cell."""
        return cell_at(tuple(c for line in unit.part for c in line if not is_blank(c)), self.place)

    def sql(self) -> str:
        """`list_filter`."""
        return f"list_filter(flatten(part), lambda c: trim(c) <> '')[{self.place}]"

    def words(self) -> str:
        """Its place."""
        return f"the {ordinal(self.place)} filled cell"


@dataclass(frozen=True, slots=True)
class Written:
    """A text that stands nowhere in the file."""

    text: str

    @property
    def cost(self) -> float:
        """Every letter must be believed."""
        return 1.6 + 0.04 * len(self.text)

    @property
    def reads(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    @property
    def name(self) -> str:
        """What it is."""
        return "written"

    def of(self, unit: Unit) -> str:
        """The text."""
        del unit
        return self.text

    def sql(self) -> str:
        """A literal."""
        return literal(self.text)

    def words(self) -> str:
        """The text."""
        return f"always {quoted(self.text)}" if self.text else "nothing"


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
        return self.address.cost + (WORDS if self.mark == " " else 0.6) + _far(self.place, 0.05)

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


def _far(place: int, price: float) -> float:
    return price * (place - 1) if place > 0 else price + 0.2 * (-place - 1)


_FILLED_RIGHT = (
    "list_transform(range(1, len(l) + 1), lambda i: coalesce(list_filter(l[:i], lambda c: trim(c) <> '')[-1], ''))"
)


def _filled_right(line: Row) -> Iterator[str]:
    held = ""
    for cell in line:
        held = held if is_blank(cell) else cell
        yield held


def _whole_line(lines: tuple[Row, ...], number: int) -> Row:
    if number > 0:
        return lines[number - 1] if number <= len(lines) else ()
    return lines[number] if -number <= len(lines) else ()


def _line_at(lines: tuple[Row, ...], number: int, column: int) -> str:
    return cell_at(_whole_line(lines, number), column)

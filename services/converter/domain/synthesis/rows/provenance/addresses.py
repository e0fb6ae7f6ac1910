"""Where a cell of the output stands, as seen from its unit: relative addresses of one cell."""

from dataclasses import dataclass
from typing import Literal, Protocol

from services.converter.domain.synthesis.rows.provenance.lines import cell_at, is_blank
from services.converter.domain.synthesis.rows.provenance.sheet import Unit
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
        return 0.45 + far(self.line, 0.1) + far(self.column, 0.05)

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
        return 0.45 + far(self.line, 0.05) + far(self.column, 0.1) + (0.2 if self.wide else 0.0)

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
        return {"at": 0.5, "filled": 0.55, "above": 0.5}[self.how] + far(self.place, 0.1)

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
        return 0.8 + far(self.line, 0.1) + far(self.column, 0.1)

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
        return 0.65 + far(self.place, 0.1)

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


def far(place: int, price: float) -> float:
    """The price of a place by how far it is from its end."""
    return price * (place - 1) if place > 0 else price + 0.2 * (-place - 1)


def _whole_line(lines: tuple[Row, ...], number: int) -> Row:
    if number > 0:
        return lines[number - 1] if number <= len(lines) else ()
    return lines[number] if -number <= len(lines) else ()


def _line_at(lines: tuple[Row, ...], number: int, column: int) -> str:
    return cell_at(_whole_line(lines, number), column)

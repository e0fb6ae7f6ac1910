"""Programs that move cells: a layout that cuts the file into units, and for each output column a place in its unit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source, Step
from services.converter.domain.synthesis.rows.provenance.addresses import (
    Address,
    Cell,
    Heading,
    Label,
    Side,
    Title,
    Written,
)
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.layout_sql import order_of, relations_of
from services.converter.domain.synthesis.rows.provenance.left_out import edges_of
from services.converter.domain.synthesis.rows.provenance.lines import Lines, LineTest, cell_at
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Part
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER, Unit
from services.converter.domain.synthesis.rows.provenance.support import grounds_of
from services.converter.domain.synthesis.sqltext import comment, identifier, literal
from services.converter.domain.table import Row

PLAIN = 0.6
"""What any cut of the file costs."""
NAME = 0.25
"""What a name in the header costs that is not read from the file."""

STANDING = 0.25
JOINED = 0.2
"""What it costs that names are joined from two cells."""


@dataclass(frozen=True, slots=True)
class TopName:
    """A name in the header that stands in a line of the file."""

    line: int
    column: int

    @property
    def cost(self) -> float:
        """Reading a name explains it."""
        return 0.05

    def of(self, lines: Lines) -> Row:
        """The name."""
        line = lines[self.line - 1] if self.line <= len(lines) else ()
        return (cell_at(line, self.column),)

    def sql(self, lines: str) -> str:
        """Two subscripts, as a list of one."""
        return f"[coalesce((SELECT cells[{self.column}] FROM {lines} WHERE line = {self.line}), '')]"


@dataclass(frozen=True, slots=True)
class TopNames:
    """All cells of a line from one on, but for some at the end."""

    line: int
    first: int
    last: int = 0

    @property
    def cost(self) -> float:
        """One for all of them."""
        return 0.1

    def of(self, lines: Lines) -> Row:
        """The names."""
        line = lines[self.line - 1] if self.line <= len(lines) else ()
        return line[self.first - 1 : max(0, len(line) - self.last)]

    def sql(self, lines: str) -> str:
        """A slice."""
        cells = f"(SELECT cells FROM {lines} WHERE line = {self.line})"
        if self.last:
            cells = f"list_reverse(list_reverse({cells})[{self.last + 1}:])"
        return f"coalesce({cells}[{self.first}:], [])"


@dataclass(frozen=True, slots=True)
class FirstNames:
    """A list of the first unit: what stands beside the values of each record; ``also``: joined with a second list."""

    cells: Cells
    separator: str = ""
    also: Cells | None = None

    @property
    def cost(self) -> float:
        """The records must agree in it."""
        return self.cells.cost + (JOINED if self.also is not None else 0.0)

    @property
    def reads(self) -> frozenset[str]:
        """What the lists read."""
        return self.cells.reads | (self.also.reads if self.also is not None else frozenset())

    def of(self, unit: Unit) -> Row:
        """The names."""
        cells = self.cells.of(unit)
        if self.also is None:
            return cells
        return tuple(f"{a}{self.separator}{b}" for a, b in zip(cells, self.also.of(unit), strict=False))

    def sql(self) -> str:
        """The list over `units`."""
        if self.also is None:
            return self.cells.sql()
        pairs = f"list_zip({self.cells.sql()}, {self.also.sql()}, true)"
        return f"list_transform({pairs}, lambda p: p[1] || {literal(self.separator)} || p[2])"


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name that is not read from the file. ``stands``: though the example's file has a cell of that text."""

    text: str
    stands: bool = False

    @property
    def cost(self) -> float:
        """Names are given by people; those that stand in the file are more likely read there."""
        return NAME + (STANDING if self.stands else 0.0)

    def of(self, lines: Lines) -> Row:
        """The name."""
        del lines
        return (self.text,)

    def sql(self, lines: str) -> str:
        """A literal."""
        del lines
        return f"[{literal(self.text)}]"


Name = TopName | TopNames | WrittenName | FirstNames
Item = Address | Cells


@dataclass(frozen=True, slots=True)
class Located(Step):
    """One row for each unit of the layout, made of its ``items``; ``names`` above them, if any."""

    layout: Layout
    items: tuple[Item, ...]
    names: tuple[Name, ...] = ()
    unread: float = 0.0
    """What it costs that parts of the example's file are left out without a reason."""
    by_words: bool = False
    """Whether the words of names are counted: columns made of what stands around may say more."""
    title = "moved"
    by_cell = True

    @property
    def cost(self) -> float:
        """The layout, the places, the names, and what is left unexplained."""
        places = sum(item.cost for item in self.items) + sum(name.cost for name in self.names)
        return PLAIN + self.layout.cost + places + self.unread

    @property
    def is_fixed(self) -> bool:
        """Whether every row has one cell for each of a number of names that are written, not read."""
        return not any(isinstance(item, Cells) for item in self.items) and all(
            isinstance(name, WrittenName) for name in self.names
        )

    @property
    def renumbers(self) -> bool:  # type: ignore[override]
        """Unless each unit begins in a row of its own, below what is the header's place."""
        layout = self.layout
        return bool(layout.split) or layout.columns != "all" or (layout.names and not layout.tops)

    @property
    def from_first_line(self) -> bool:  # type: ignore[override]
        """Whether no heading stands above the lines, the header's among them."""
        return self.layout.names and not self.layout.tops

    @property
    def written(self) -> int:
        """How many names are written that stand in the file."""
        return sum(isinstance(name, WrittenName) and name.stands for name in self.names)

    def run(self, relation: Relation) -> Relation:
        """The rows, with the header."""
        sheet = self.layout.sheet(relation)
        return relation.remade(self.rows_of(sheet.lines, self.layout.units(sheet)))

    def rows_of(self, lines: Lines, units: list[Unit]) -> list[Row]:
        """The rows of units that were cut already."""
        rows = [_row(self.items, unit) for unit in units]
        if self.names:
            rows.insert(0, self._header(lines, units))
        return rows

    def _header(self, lines: Lines, units: list[Unit]) -> Row:
        cells: list[str] = []
        for name in self.names:
            if isinstance(name, FirstNames):
                cells += name.of(units[0]) if units else ()
            else:
                cells += name.of(lines)
        return tuple(cells)

    def rests_on(self, relation: Relation) -> Mapping[str, int]:
        """The decisions of the layout."""
        return grounds_of(self.layout, self.layout.units(self.layout.sheet(relation)))

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """What the layout does not read, unlike the example's."""
        yield from edges_of(self.layout, relation, self.items)

    def sql(self, source: Source) -> str:
        """The layout's units, a row of each, and the header above them."""
        lists = [name for name in self.names if isinstance(name, FirstNames)]
        reads = frozenset[str]().union(*(item.reads for item in (*self.items, *lists)))
        lines, units = relations_of(self.layout, source, reads)
        number = f"row_number() OVER (ORDER BY {order_of(self.layout)})"
        if not self.renumbers:
            number = f"line - {int(self.layout.names)}"
        rows = f"SELECT {number} AS _row, {_row_sql(self.items)} AS _cells\nFROM {units}"
        if not self.names:
            return rows
        names = [self._name_sql(name, lines, units) for name in self.names]
        head = names[0] if len(names) == 1 else f"flatten([{', '.join(names)}])"
        return f"SELECT 0 AS _row, {head}::VARCHAR[] AS _cells\nUNION ALL\n{rows}"

    def _name_sql(self, name: Name, lines: str, units: str) -> str:
        if isinstance(name, FirstNames):
            first = f"SELECT {name.sql()} FROM {units} ORDER BY {order_of(self.layout)} LIMIT 1"
            return f"coalesce(({first}), [])"
        return name.sql(lines)

    def words(self) -> str:
        """The cut, then the places."""
        return f"{self.layout.words()}: {', '.join(item.words() for item in self.items)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held; layouts and places have further ones of their own."""
        crossed = Layout(tops=1, sides=1, columns="each")
        sections = Layout(begins=LineTest("lone"), records="whole")
        return (
            cls(crossed, (Side(1), Heading(1), Cell(1, 1)), (WrittenName("p"), TopName(1, 2), TopName(1, 9))),
            cls(sections, (Title("filled"), Cells("lines", filled=True))),
            cls(Layout(names=True, tops=1), (Cells("down", 2),), (TopNames(1, 2),)),
            cls(
                replace(sections, sides=1), (Title("at"), Cells("column")), (TopName(1, 1), FirstNames(Cells("labels")))
            ),
        )


@dataclass(frozen=True, slots=True)
class Locate(Step):
    """The units of the file as rows, with what stands in and around each as columns."""

    layout: Layout
    addresses: tuple[tuple[str, Address], ...]
    title = "located"
    by_cell = True

    @property
    def chooses_cells(self) -> bool:  # type: ignore[override]
        """A unit is not all of a record, and some units go."""
        return self.layout.columns != "all" and self.layout.keep != "all"

    @property
    def from_first_line(self) -> bool:  # type: ignore[override]
        """Whether no heading stands above the lines, the header's among them."""
        return self.layout.names and not self.layout.tops

    def shares(self, relation: Relation) -> frozenset[str]:
        """What is read of titles and headings."""
        del relation
        return frozenset(name for name, address in self.addresses if address.reads & {"head", "over", "top"})

    @property
    def cost(self) -> float:
        """The layout's."""
        return PLAIN + self.layout.cost

    def run(self, relation: Relation) -> Relation:
        """A row for each unit."""
        units = self.layout.units(self.layout.sheet(relation))
        shift = 0 if self.layout.names else 1
        count = max(1, len(relation.cells))
        return replace(
            relation,
            names=tuple(name for name, _ in self.addresses),
            rows=tuple(tuple(address.of(unit) for _, address in self.addresses) for unit in units),
            origins=tuple(min(count, max(1, unit.place[1] + shift)) for unit in units),
            cells=tuple(unit.part[0] if unit.part else () for unit in units),
            order=("_unit",),
        )

    def sql(self, source: Source) -> str:
        """The layout's units, and a column for each place."""
        chosen = [(name, address) for name, address in self.addresses if name in source.needed]
        reads = frozenset[str]().union(*(address.reads for _, address in chosen))
        _, units = relations_of(self.layout, source, reads)
        unit = f"row_number() OVER (ORDER BY {order_of(self.layout)})"
        first = unit if self.layout.split else f"greatest(1, line - {int(self.layout.names)})"
        columns = [f"{unit} AS _unit", f"{first} AS _row", "part[1] AS _cells"]
        for name, address in chosen:
            columns.append(f"{comment(address.words())}\n    coalesce({address.sql()}, '') AS {identifier(name)}")
        listed = ",\n    ".join(columns)
        return f"SELECT\n    {listed}\nFROM {units}"

    def words(self) -> str:
        """The cut."""
        return self.layout.words()

    def rests_on(self, relation: Relation) -> Mapping[str, int]:
        """The decisions of the layout."""
        return grounds_of(self.layout, self.layout.units(self.layout.sheet(relation)))

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """What the layout does not read, unlike the example's."""
        yield from edges_of(self.layout, relation, [address for _, address in self.addresses])

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        around = (("above", Heading(1, wide=True)), ("beside", Side(1, down=True)), ("cell", Cell(1, 1)))
        return (
            cls(Layout(tops=1, sides=1, columns="each"), around),
            cls(Layout(tops=1, sides=1, columns="each", trail=1, keep="any"), around),
            cls(Layout(records="every", size=2), (("first", Cell(1, 1)), ("last", Cell(2, -1)))),
            cls(
                Layout(tops=CORNER, sides=CORNER, columns="groups", group=2), (("label", Label()), ("two", Cell(1, 2)))
            ),
        )


def is_word(item: Item) -> bool:
    """Whether a place is a word of a cell, told by counting."""
    return isinstance(item, Part | Cells) and item.mark == " "


def _row(items: tuple[Item, ...], unit: Unit) -> Row:
    cells: list[str] = []
    for item in items:
        if isinstance(item, Cells):
            cells += item.of(unit)
        else:
            cells.append(item.of(unit))
    return tuple(cells)


def _row_sql(items: tuple[Item, ...]) -> str:
    lists: list[str] = []
    single: list[str] = []
    for item in items:
        if isinstance(item, Cells):
            if single:
                lists.append(f"[{', '.join(single)}]")
                single = []
            lists.append(f"coalesce({item.sql()}, [])")
        else:
            single.append(item.sql() if isinstance(item, Written) else f"coalesce({item.sql()}, '')")
    if single:
        lists.append(f"[{', '.join(single)}]")
    return lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"

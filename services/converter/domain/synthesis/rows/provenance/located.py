"""Programs that move cells: a layout that cuts the file into units, and for each output column a place in its unit."""

from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Step
from services.converter.domain.synthesis.rows.provenance.addresses import Address, Cells, Written
from services.converter.domain.synthesis.rows.provenance.layout import Layout, Lines, Unit
from services.converter.domain.synthesis.rows.provenance.lines import cell_at
from services.converter.domain.synthesis.rows.steps.wide import Listing, WholeTable
from services.converter.domain.synthesis.sqltext import identifier, indent, literal
from services.converter.domain.table import Row

NAME = 0.25
"""What a name in the header costs that is not read from the file."""

STANDING = 0.25


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

    def sql(self) -> str:
        """Two subscripts, as a list of one."""
        return f"[coalesce((SELECT cells[{self.column}] FROM lines WHERE line = {self.line}), '')]"


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

    def sql(self) -> str:
        """A slice."""
        cells = f"(SELECT cells FROM lines WHERE line = {self.line})"
        if self.last:
            cells = f"list_reverse(list_reverse({cells})[{self.last + 1}:])"
        return f"coalesce({cells}[{self.first}:], [])"


@dataclass(frozen=True, slots=True)
class FirstNames:
    """A list of the first unit: what stands beside the values of each record."""

    cells: Cells

    @property
    def cost(self) -> float:
        """The records must agree in it."""
        return self.cells.cost


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

    def sql(self) -> str:
        """A literal."""
        return f"[{literal(self.text)}]"


Name = TopName | TopNames | WrittenName | FirstNames
Item = Address | Cells


@dataclass(frozen=True, slots=True)
class Located(WholeTable):
    """One row for each unit of the layout, made of its ``items``; ``names`` above them, if any."""

    layout: Layout
    items: tuple[Item, ...]
    names: tuple[Name, ...] = ()
    unread: float = 0.0
    """What it costs that parts of the example's file are left out without a reason."""

    @property
    def cost(self) -> float:
        """The layout, the places, the names, and what is left unexplained."""
        places = sum(item.cost for item in self.items) + sum(name.cost for name in self.names)
        return 0.6 + self.layout.cost + places + self.unread

    @property
    def reads(self) -> frozenset[str]:
        """What the items need beside the unit's cells."""
        return frozenset().union(*(item.reads for item in self.items))

    def run(self, relation: Relation) -> list[Row]:
        """The rows, as wide as the widest, with the header."""
        sheet = self.layout.sheet(relation)
        return self.rows_of(sheet.lines, self.layout.units(sheet))

    def rows_of(self, lines: Lines, units: list[Unit]) -> list[Row]:
        """The rows of units that were cut already."""
        rows = [_row(self.items, unit) for unit in units]
        if self.names:
            rows.insert(0, self._header(lines, units))
        width = max((len(row) for row in rows), default=0)
        return [row + ("",) * (width - len(row)) for row in rows]

    def _header(self, lines: Lines, units: list[Unit]) -> Row:
        cells: list[str] = []
        for name in self.names:
            if isinstance(name, FirstNames):
                cells += name.cells.of(units[0]) if units else ()
            else:
                cells += name.of(lines)
        return tuple(cells)

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """The layout's CTEs, the rows, and the header above them."""
        reads = self.reads.union(*(n.cells.reads for n in self.names if isinstance(n, FirstNames)))
        ctes = self.layout.sql(source, reads)
        rows = (
            f"SELECT row_number() OVER (ORDER BY {self.layout.order}) AS _row, {_row_sql(self.items)} AS _cells\n"
            "FROM units"
        )
        ctes.append(f"moved AS (\n    -- a row is: {self._items_words()}\n{indent(rows)}\n)")
        last = "moved"
        if self.names:
            lists = [_name_sql(name, self.layout.order) for name in self.names]
            head = lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"
            body = f"SELECT -2 AS _row, {head}::VARCHAR[] AS _cells\nUNION ALL\nSELECT _row, _cells FROM moved"
            ctes.append(f"with_names AS (\n    -- the names above the rows\n{indent(body)}\n)")
            last = "with_names"
        return ctes, Listing(f"list_resize(_cells, (SELECT max(len(_cells)) FROM {last}), '')", last, "_row")

    def _items_words(self) -> str:
        return ", ".join(item.words() for item in self.items).replace("\n", " ").replace("\r", " ")

    def words(self) -> str:
        """The cut, then the places."""
        return f"{self.layout.words()}: {self._items_words()}"


@dataclass(frozen=True, slots=True)
class Locate(Step):
    """The units of the file as rows, with what stands in and around each as columns."""

    layout: Layout
    addresses: tuple[tuple[str, Address], ...]
    title = "located"

    @property
    def cost(self) -> float:
        """The layout's."""
        return 0.6 + self.layout.cost

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
            order=("_row",),
        )

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """The layout's CTEs in brackets, and a column for each place."""
        del relation
        chosen = [(name, address) for name, address in self.addresses if name in needed]
        reads = frozenset[str]().union(*(address.reads for _, address in chosen))
        ctes = ",\n".join(self.layout.sql(source, reads))
        columns = [f"row_number() OVER (ORDER BY {self.layout.order}) AS _row", "part[1] AS _cells"]
        columns += [f"coalesce({address.sql()}, '') AS {identifier(name)}" for name, address in chosen]
        listed = ",\n    ".join(columns)
        return f"WITH\n{ctes}\nSELECT\n    {listed}\nFROM units"

    def words(self) -> str:
        """The cut."""
        return self.layout.words()


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


def _name_sql(name: Name, order: str) -> str:
    if isinstance(name, FirstNames):
        return f"coalesce((SELECT {name.cells.sql()} FROM units ORDER BY {order} LIMIT 1), [])"
    return name.sql()

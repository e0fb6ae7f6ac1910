"""The header of a table as a row of it: read with the rows, or put above them."""

from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import filled_cells
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.table import Row

NAME = 0.3
"""What a name costs that is not read from the file."""


@dataclass(frozen=True, slots=True)
class HeaderLine(Step):
    """The names of the file's header, where it has one, as a first row of cells."""

    title = "lines"
    by_cell = True
    by_row = True
    from_first_line = True

    @property
    def cost(self) -> float:
        """It takes the file as it is."""
        return 0.0

    def run(self, relation: Relation) -> Relation:
        """The header above the rows."""
        return relation.remade(((relation.header,) if relation.header else ()) + relation.cells)

    def sql(self, source: Source) -> str:
        """`UNION ALL` with the header."""
        header = "SELECT 0 AS _row, list(name ORDER BY position) AS _cells\nFROM header\nHAVING count(*) > 0"
        return f"{header}\nUNION ALL\nSELECT _row, _cells FROM {source}"

    def words(self) -> str:
        """What is read."""
        return "every line of the file, its header too"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)


@dataclass(frozen=True, slots=True)
class Headed(Step):
    """A row of names above the rows.

    ``read``: ``none``: ``names`` are all there is; ``header`` or ``row``: the filled cells of the file's header or of
    its first row, then ``names``; ``count``: `col1, col2, ...`, as many as the widest row has cells.
    """

    names: Row = ()
    read: Literal["none", "header", "row", "count"] = "none"
    title = "with_names"
    in_place = True
    by_cell = True
    by_row = True

    @property
    def cost(self) -> float:
        """What is written without being read."""
        return NAME * len(self.names) + {"none": 0.0, "header": 0.3, "row": 0.0, "count": 0.0}[self.read]

    def run(self, relation: Relation) -> Relation:
        """The names above the rows; there are none where what they are read from is not there."""
        names: list[Row] = [self.names]
        if self.read == "count":
            names = [numbered_names(max(map(len, relation.cells), default=0))]
        elif self.read != "none":
            line = relation.tops[:1] if self.read == "row" else (relation.header,) if relation.header else ()
            names = [(*filled_cells(cells), *self.names) for cells in line]
        return relation.remade((*names, *relation.cells))

    def sql(self, source: Source) -> str:
        """`UNION ALL` with the names."""
        names = f"[{', '.join(literal(name) for name in self.names)}]::VARCHAR[]"
        first, origin = "coalesce(min(_row), 1) - 1", source.name
        if self.read == "count":
            names = "list_transform(range(1, coalesce(max(len(_cells)), 0) + 1), lambda i: 'col' || i)"
        elif self.read != "none":
            line = "list(name ORDER BY position)" if self.read == "header" else "arg_min(_cells, _row)"
            names = f"list_concat(list_filter({line}, lambda c: trim(c) <> ''), {names})"
            first = f"(SELECT {first} FROM {source})"
            origin = f"{'header' if self.read == 'header' else 'input'}\nHAVING count(*) > 0"
        head = f"SELECT {first} AS _row, {names} AS _cells\nFROM {origin}"
        return f"{head}\nUNION ALL\nSELECT _row, _cells FROM {source}"

    def words(self) -> str:
        """Where the names come from."""
        if self.read == "count":
            return "the header col1, col2, ... above the rows, as wide as the widest"
        if self.read == "none":
            return "the header's names above the rows"
        more = ", then further names," if self.names else ""
        return (
            f"the filled cells of the file's {'header' if self.read == 'header' else 'first row'}{more} above the rows"
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(("p", "q")), cls(("more",), "row"), cls((), "header"), cls(read="count"))


def numbered_names(width: int) -> Row:
    """The header `col1..colN`."""
    return tuple(f"col{i}" for i in range(1, width + 1))

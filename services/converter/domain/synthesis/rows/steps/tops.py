"""Cells of the file's first rows, lent to every row: a title, an account or a date that stands above the table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import OPENING, Edge, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, literal, quoted
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class Top:
    """One cell, by its ``row`` and ``column`` (1-based); or by a ``label``, wherever among the first rows that stands:
    before it in its row, in column ``beside``, or as the beginning of the cell itself (0)."""

    row: int
    column: int
    label: str = ""
    beside: int = 0

    @property
    def name(self) -> str:
        """A name for a column of it."""
        words = "".join(ch if ch.isalnum() else "_" for ch in self.label).strip("_")
        return f"top_{words}" if words else f"top_{self.row}_{self.column}"

    def of(self, rows: tuple[Row, ...]) -> str | None:
        """The cell, or what stands behind its label in it; None where there is none."""
        if not self.label:
            line = rows[self.row - 1] if self.row <= len(rows) else ()
            return _at(line, self.column)
        for line in rows:
            said = _at(line, self.beside or self.column) or ""
            if self.beside and said.strip(" ") == self.label:
                return _at(line, self.column)
            if not self.beside and said.startswith(self.label):
                return said[len(self.label) :].strip(" ")
        return None

    @property
    def _labelled(self) -> str:
        """SQL that holds on the row of its label."""
        where = f"_row <= {OPENING} AND "
        if self.beside:
            return where + f"trim(coalesce(_cells[{self.beside}], '')) = {literal(self.label)}"
        return where + f"starts_with(coalesce(_cells[{self.column}], ''), {literal(self.label)})"

    def sql(self) -> str:
        """A scalar subquery of `input`."""
        cell = f"_cells[{self.column}]"
        if not self.label:
            return f"(SELECT {cell} FROM input WHERE _row = {self.row})"
        behind = cell if self.beside else f"trim({cell}[{len(self.label) + 1}:])"
        return f"(SELECT {behind} FROM input WHERE {self._labelled} ORDER BY _row LIMIT 1)"

    def absent(self) -> str:
        """SQL that holds where the file has no such label."""
        return f"NOT EXISTS (SELECT 1 FROM input WHERE {self._labelled})"

    def words(self) -> str:
        """Where it stands."""
        if not self.label:
            return f"at row {self.row} column {self.column}"
        return f"{'beside' if self.beside else 'behind'} {quoted(self.label)}"


@dataclass(frozen=True, slots=True)
class TopCells(Step):
    """Adds a column for each place among the file's first rows."""

    places: tuple[Top, ...]
    title = "with_top_cells"
    keeps_rows = True
    in_place = True

    @property
    def cost(self) -> float:
        """A cell that is read is likelier than a text that is written down."""
        return 0.2

    def _added(self, relation: Relation) -> list[tuple[str, Top]]:
        names: list[tuple[str, Top]] = []
        for place in self.places:
            taken = {name for name, _ in names}
            name = relation.fresh(place.name)
            while name in taken:
                name += "_"
            names.append((name, place))
        return names

    def shares(self, relation: Relation) -> frozenset[str]:
        """All that it adds."""
        return frozenset(name for name, _ in self._added(relation))

    def run(self, relation: Relation) -> Relation:
        """The rows with the cells beside them."""
        lent = tuple(place.of(relation.opening) for place in self.places)
        names = (*relation.names, *(name for name, _ in self._added(relation)))
        return replace(relation, names=names, rows=tuple((*row, *lent) for row in relation.rows))

    def sql(self, source: Source) -> str:
        """Scalar subqueries of `input`."""
        lines = [
            f"    {place.sql()} AS {identifier(name)}"
            for name, place in self._added(source.relation)
            if name in source.needed
        ]
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def words(self) -> str:
        """Which cells."""
        return f"each row sees the cell {' and '.join(place.words() for place in self.places)} of the file"

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Files that lack a label."""
        for name, place in self._added(relation):
            if place.label:
                words = f"the file's first rows have no {quoted(place.label)}, which the example's had"
                together = (frozenset({name}),)
                yield Edge(words, literal(place.label), where=place.absent(), together=together)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls((Top(1, 2), Top(2, 3), Top(2, 9))),
            cls((Top(1, 2, "a", 1), Top(1, 1, "x"), Top(1, 2, "b", 1), Top(3, 3, "1", 2))),
        )


def _at(line: Row, column: int) -> str | None:
    return line[column - 1] if column <= len(line) else None

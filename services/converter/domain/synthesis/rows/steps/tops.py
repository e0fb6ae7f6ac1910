"""Cells of the file's first rows, lent to every row: a title, a unit or a date that stands above the table."""

from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier


@dataclass(frozen=True, slots=True)
class TopCells(Step):
    """Adds ``top_R_C`` for each place (row, column; 1-based) among the file's first rows."""

    places: tuple[tuple[int, int], ...]
    title = "with_top_cells"
    keeps_rows = True
    in_place = True

    @property
    def cost(self) -> float:
        """A cell that is read is likelier than a text that is written down."""
        return 0.2

    def _added(self, relation: Relation) -> list[tuple[str, int, int]]:
        return [(relation.fresh(f"top_{row}_{col}"), row, col) for row, col in self.places]

    def run(self, relation: Relation) -> Relation:
        """The rows with the cells beside them."""
        lent = tuple(
            relation.tops[row - 1][col - 1]
            if row <= len(relation.tops) and col <= len(relation.tops[row - 1])
            else None
            for row, col in self.places
        )
        names = (*relation.names, *(name for name, _, _ in self._added(relation)))
        return replace(relation, names=names, rows=tuple((*row, *lent) for row in relation.rows))

    def sql(self, source: Source) -> str:
        """Scalar subqueries of `input`."""
        lines = [
            f"    (SELECT _cells[{col}] FROM input WHERE _row = {row}) AS {identifier(name)}"
            for name, row, col in self._added(source.relation)
            if name in source.needed
        ]
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def words(self) -> str:
        """Which cells."""
        places = ", ".join(f"row {row} column {col}" for row, col in self.places)
        return f"each row sees the cell at {places} of the file"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(((1, 2), (2, 3), (2, 9))),)

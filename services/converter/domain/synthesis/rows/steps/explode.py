"""One row for each part of a cell."""

from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, literal, quoted


@dataclass(frozen=True, slots=True)
class Explode(Step):
    """Each row once for each part of one of its cells, split at a delimiter."""

    column: str
    delimiter: str
    by_part: bool = False
    """Whether the first parts of all rows come first."""
    title = "exploded"

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 1.5 + 0.2 * self.by_part

    def run(self, relation: Relation) -> Relation:
        """The rows repeated, with the part beside them."""
        index = relation.names.index(self.column)
        found = [
            (number, position, (*row, part))
            for position, row in enumerate(relation.rows)
            for number, part in enumerate((row[index] or "").split(self.delimiter))
        ]
        if self.by_part:
            found.sort(key=lambda item: item[:2])
        return replace(
            relation,
            names=(*relation.names, relation.fresh("part")),
            rows=tuple(row for _, _, row in found),
            origins=tuple(relation.origins[position] for _, position, _ in found),
            cells=tuple(relation.cells[position] for _, position, _ in found),
            order=("_part", *relation.order) if self.by_part else (*relation.order, "_part"),
        )

    def sql(self, source: Source) -> str:
        """`unnest(string_split(...))` with the part's number."""
        parts = f"string_split(coalesce({identifier(self.column)}, ''), {literal(self.delimiter)})"
        part = f"unnest({parts}) AS {identifier(source.relation.fresh('part'))}"
        return f"SELECT\n    *,\n    {part},\n    unnest(range(1, len({parts}) + 1)) AS _part\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The column that is split."""
        del relation, needed
        return frozenset({self.column})

    def words(self) -> str:
        """What becomes a row."""
        by = ", the first parts of all rows first" if self.by_part else ""
        return f"one row for each part of {self.column}, split at {quoted(self.delimiter)}{by}"

    def parts(self, relation: Relation) -> frozenset[str]:
        """The part."""
        return frozenset({relation.fresh("part")})

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("b", ";"), cls("b", ";", by_part=True))

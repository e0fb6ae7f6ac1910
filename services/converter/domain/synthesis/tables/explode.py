"""One row for each part of a cell."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.operators.split import delimiters
from services.converter.domain.synthesis.sqltext import identifier, literal, quoted
from services.converter.domain.synthesis.tables.relation import Plan, Relation, Step


@dataclass(frozen=True, slots=True)
class Explode(Step):
    """Each row once for each part of one of its cells, split at a delimiter."""

    column: str
    delimiter: str
    title = "exploded"

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 1.5

    def run(self, relation: Relation) -> Relation:
        """The rows repeated, with the part beside them."""
        index = relation.names.index(self.column)
        rows, origins, cells = [], [], []
        for row, origin, raw in zip(relation.rows, relation.origins, relation.cells, strict=True):
            for part in (row[index] or "").split(self.delimiter):
                rows.append((*row, part))
                origins.append(origin)
                cells.append(raw)
        return replace(
            relation,
            names=(*relation.names, relation.fresh("part")),
            rows=tuple(rows),
            origins=tuple(origins),
            cells=tuple(cells),
            order=(*relation.order, "_part"),
        )

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """`unnest(string_split(...))` with the part's number."""
        del needed
        parts = f"string_split(coalesce({identifier(self.column)}, ''), {literal(self.delimiter)})"
        part = f"unnest({parts}) AS {identifier(relation.fresh('part'))}"
        return f"SELECT\n    *,\n    {part},\n    unnest(range(1, len({parts}) + 1)) AS _part\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The column that is split."""
        del relation, needed
        return frozenset({self.column})

    def words(self) -> str:
        """What becomes a row."""
        return f"one row for each part of {self.column}, split at {quoted(self.delimiter)}"


def explosions(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Explosions that give at least as many rows as are wanted."""
    relation = plan.relation
    for index, name in enumerate(relation.names[:40]):
        values = [row[index] or "" for row in relation.rows]
        for delimiter in delimiters(values)[:8]:
            total = sum(v.count(delimiter) + 1 for v in values)
            if wanted_rows <= total <= max(50, 4 * wanted_rows):
                yield plan.then(Explode(name, delimiter))

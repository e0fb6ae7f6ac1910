"""Records that stand on several lines each."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Plan, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier

MAX_LINES = 24


@dataclass(frozen=True, slots=True)
class Records(Step):
    """Every ``lines`` rows (after ``skip``) are one record; its columns are those of the lines, numbered."""

    lines: int
    skip: int = 0
    title = "records"

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 2.6 + 0.05 * self.lines + 0.4 * self.skip

    def _names(self, relation: Relation) -> list[tuple[str, str, int]]:
        """(new name, old name, line)."""
        if len(relation.names) == 1:
            return [(f"line_{k + 1}", relation.names[0], k) for k in range(self.lines)]
        return [(f"{name}_line_{k + 1}", name, k) for k in range(self.lines) for name in relation.names]

    def run(self, relation: Relation) -> Relation:
        """The records."""
        rows: list[Cells] = []
        origins, cells = [], []
        width = len(relation.names)
        chosen = [(row, o) for row, o in zip(relation.rows, relation.origins, strict=True) if o > self.skip]
        for start in range(0, len(chosen), self.lines):
            group = chosen[start : start + self.lines]
            flat: list[str | None] = [cell for row, _ in group for cell in row]
            flat += [None] * (width * self.lines - len(flat))
            rows.append(tuple(flat))
            origins.append(group[0][1])
            cells.append(tuple(c or "" for c in flat))
        return Relation(
            tuple(n for n, _, _ in self._names(relation)),
            tuple(rows),
            tuple(origins),
            tuple(cells),
            ("_row",),
            (),
            relation.tops,
        )

    def sql(self, source: Source) -> str:
        """One group for each record, `max` with FILTER for each line; it counts on rows without gaps."""
        base = f"_row - {self.skip + 1}"
        lines = ["    min(_row) AS _row"]
        for new, old, line in self._names(source.relation):
            if new in source.needed:
                lines.append(
                    f"    max({identifier(old)}) FILTER (WHERE ({base}) % {self.lines} = {line}) AS {identifier(new)}"
                )
        where = f"\nWHERE _row > {self.skip}" if self.skip else ""
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {source}{where}\nGROUP BY ({base}) // {self.lines}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The lines' columns."""
        del needed
        return frozenset(relation.names)

    def words(self) -> str:
        """How many lines a record has."""
        return f"every {self.lines} rows are one record" + (f", after the first {self.skip}" if self.skip else "")

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Rows that are left over."""
        del relation
        yield Edge(
            f"the rows do not divide into records of {self.lines}",
            "CAST(count(*) AS VARCHAR) || ' rows'",
            where=f"_row > {self.skip}",
            having=f"count(*) % {self.lines} <> 0",
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(2), cls(3, 1))


def records(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Records of as many lines as bring the rows down to the wanted number, or somewhat more to filter."""
    rows = len(plan.relation.rows)
    if len(plan.relation.names) > 12:
        return
    for skip in (0, 1):
        for lines in range(2, MAX_LINES + 1):
            if (rows - skip) % lines == 0 and wanted_rows <= (rows - skip) // lines <= wanted_rows + 1:
                yield plan.then(Records(lines, skip))

"""The same rows several times."""

from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier


@dataclass(frozen=True, slots=True)
class Repeat(Step):
    """Each row as many times, with the number of the time beside it."""

    times: int
    by_time: bool = False
    """Whether all rows come once before any comes again."""
    title = "repeated"
    in_full = True

    @property
    def cost(self) -> float:
        """Above plain rows; that more rows are wanted than there are is no reason yet for one more number."""
        return 1.5 + 0.2 * self.by_time

    def run(self, relation: Relation) -> Relation:
        """The rows repeated, with the number of the time beside them."""
        places = [(time, position) for position in range(len(relation.rows)) for time in range(1, self.times + 1)]
        if self.by_time:
            places.sort()
        return replace(
            relation,
            names=(*relation.names, relation.fresh("time")),
            rows=tuple((*relation.rows[position], str(time)) for time, position in places),
            origins=tuple(relation.origins[position] for _, position in places),
            cells=tuple(relation.cells[position] for _, position in places),
            order=("_part", *relation.order) if self.by_time else (*relation.order, "_part"),
        )

    def sql(self, source: Source) -> str:
        """`unnest(range(...))` beside the row."""
        time = identifier(source.relation.fresh("time"))
        times = f"unnest(range(1, {self.times + 1}))"
        return f"SELECT *, CAST(_part AS VARCHAR) AS {time}\nFROM (SELECT *, {times} AS _part FROM {source})"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """Nothing of its own."""
        del relation, needed
        return frozenset()

    def words(self) -> str:
        """How often a row comes."""
        return f"each row {self.times} times" + (", all rows before any comes again" if self.by_time else "")

    def parts(self, relation: Relation) -> frozenset[str]:
        """The number of the time."""
        return frozenset({relation.fresh("time")})

    def tells(self, relation: Relation) -> frozenset[str]:
        """The number of the time."""
        return frozenset({relation.fresh("time")})

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(2), cls(3, by_time=True))

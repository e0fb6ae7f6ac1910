"""A column made of another, before rows are put in groups."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.language import Column, Expression
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier

CONFIRMED = 0.5
"""What a column costs whose figures the example shows on every group: as little as a copy."""


@dataclass(frozen=True, slots=True)
class Computed(Step):
    """Adds one column."""

    name: str
    expression: Expression
    confirmed: bool = False
    """Whether the sums of it are wanted of every group: then it was hardly chosen by chance."""
    title = "with_part"
    keeps_rows = True
    in_place = True

    @property
    def cost(self) -> float:
        """That of the expression, which is wanted as a column of its own as well."""
        return CONFIRMED if self.confirmed else 0.5 * self.expression.cost

    def run(self, relation: Relation) -> Relation:
        """The rows with the column."""
        name = relation.fresh(self.name)
        rows = tuple((*row, self.expression.run(row)) for row in relation.rows)
        return replace(relation, names=(*relation.names, name), rows=rows)

    def sql(self, source: Source) -> str:
        """The expression."""
        name = identifier(source.relation.fresh(self.name))
        return f"SELECT\n    *,\n    {self.expression.sql()} AS {name}\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """What the expression reads."""
        del needed
        return frozenset(relation.names[i] for i in self.expression.columns)

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Rows of which nothing is made, where something was of each of the example's."""
        if all(map(self.expression.run, relation.rows)):
            words = f"nothing is made of the row, as of none of the example's: {self.expression.words()}"
            source = next(iter(sorted(self.expression.columns)), None)
            value = identifier(relation.names[source]) if source is not None else "''"
            yield Edge(
                words, value, f"coalesce({self.expression.sql()}, '') = ''", reads=self.reads(relation, frozenset())
            )

    def words(self) -> str:
        """The column."""
        return f"each row sees the {self.expression.words()}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("a", Split(Column(1, "b"), ";", 2)),)

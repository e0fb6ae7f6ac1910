"""Keep some rows."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import Condition
from services.converter.domain.synthesis.operators.condition import Both, Contains, Equals, LongerThan, Not, Relates
from services.converter.domain.synthesis.tables.relation import Relation, Step


@dataclass(frozen=True, slots=True)
class Filter(Step):
    """The rows on which a condition holds."""

    condition: Condition
    title = "kept_rows"

    @property
    def cost(self) -> float:
        """The condition's; values read off a few rows are likelier chance than blanks and kinds of text."""
        inner = self.condition.condition if isinstance(self.condition, Not) else self.condition
        specific = isinstance(inner, Equals | Contains | LongerThan | Both | Relates)
        return 0.8 + self.condition.cost + (1.5 if specific else 0.0)

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        return relation.keep(i for i, row in enumerate(relation.rows) if self.condition.holds(row))

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """`WHERE`."""
        del relation, needed
        return f"SELECT *\nFROM {source}\nWHERE {self.condition.sql()}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The condition's columns."""
        del needed
        return frozenset(relation.names[i] for i in self.condition.columns)

    def words(self) -> str:
        """Which rows stay."""
        return f"keep the rows where {self.condition.words()}"


@dataclass(frozen=True, slots=True)
class FilterRows(Step):
    """The rows from one place on, and up to a number of rows before the end."""

    skip: int
    leave: int = 0
    title = "kept_rows"

    @property
    def cost(self) -> float:
        """Skipping one header line is common."""
        return 0.7 + 0.3 * self.skip + 0.5 * self.leave

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        last = max(relation.origins, default=0) - self.leave
        return relation.keep(i for i, origin in enumerate(relation.origins) if self.skip < origin <= last)

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """`WHERE _row`."""
        del relation, needed
        tests = [f"_row > {self.skip}"] if self.skip else []
        if self.leave:
            tests.append(f"_row <= (SELECT max(_row) FROM input) - {self.leave}")
        return f"SELECT *\nFROM {source}\nWHERE {' AND '.join(tests)}"

    def words(self) -> str:
        """Which rows go."""
        parts = [f"the first {self.skip} rows"] if self.skip else []
        parts += [f"the last {self.leave} rows"] if self.leave else []
        return f"leave out {' and '.join(parts)}"

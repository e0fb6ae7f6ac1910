"""Keep some rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.language import Column, Condition, Examples
from services.converter.domain.synthesis.operators.logic.condition import (
    Blank,
    Both,
    Contains,
    Equals,
    LongerThan,
    Not,
    Relates,
)
from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step

SKIPPED, LEFT = 3.5, 1.5
"""What it costs more to leave out the first or the last rows of a table whose header was read."""
MOST_KINDS, LEAST_DROPPED = 6, 2
_ODD = re.compile(r"[0-9]|.{60}")


@dataclass(frozen=True, slots=True)
class Filter(Step):
    """The rows on which a condition holds."""

    condition: Condition
    category: bool = False
    """Whether the condition names the kinds of rows, in a column that holds few kinds (see `categories`)."""
    told: float = 0.0
    """The price of a condition on a figure of the row's group, which seldom holds by chance; 0: it is on no such."""
    title = "kept_rows"

    @property
    def cost(self) -> float:
        """The condition's; values read off a few rows are likelier chance than blanks and kinds of text."""
        if self.told:
            return self.told
        inner = self.condition.condition if isinstance(self.condition, Not) else self.condition
        if self.category and isinstance(inner, Equals):
            return 2.3 + 0.1 * (len(inner.values) - 1)
        specific = isinstance(inner, Equals | Contains | LongerThan | Both | Relates)
        return 0.8 + self.condition.cost + (1.5 if specific else 0.0)

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        return relation.keep(i for i, row in enumerate(relation.rows) if self.condition.holds(row))

    def sql(self, source: Source) -> str:
        """`WHERE`."""
        return f"SELECT *\nFROM {source}\nWHERE {self.condition.sql()}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The condition's columns."""
        del needed
        return frozenset(relation.names[i] for i in self.condition.columns)

    def words(self) -> str:
        """Which rows stay."""
        return f"keep the rows where {self.condition.words()}"

    @property
    def keeps(self) -> Condition:
        """Its condition."""
        return self.condition

    @property
    def is_common(self) -> bool:
        """A kind of row, or a cell that is blank or not: what people filter by."""
        inner = self.condition.condition if isinstance(self.condition, Not) else self.condition
        return self.category or isinstance(inner, Blank)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(Not(Blank(Column(0, "a")))),)


def categories(task: Examples, labels: Sequence[bool]) -> Iterator[Filter]:
    """Filters by the kind of row, which is what people filter exports by: `Action` is Buy or Sell.

    The kinds are words of a column that has far fewer values than rows; kept rows and others share none, every kept
    kind was seen in two rows on average, and so were rows that go. The shorter of the two lists of kinds is asked for.
    """
    for index in range(len(task.names)):
        column = task.column(index)
        values = [column.run(row) or "" for row in task.records]
        kept = {value for value, label in zip(values, labels, strict=True) if label}
        dropped = {value for value, label in zip(values, labels, strict=True) if not label}
        if kept & dropped or 3 * len(kept | dropped) > 2 * len(values) or sum(labels) < max(3, 2 * len(kept)):
            continue
        if len(labels) - sum(labels) < LEAST_DROPPED:
            continue
        for wanted in (kept, dropped) if len(kept) <= len(dropped) else (dropped, kept):
            if len(wanted) <= MOST_KINDS and all(value.strip() and not _ODD.search(value) for value in wanted):
                condition = Equals(column, tuple(sorted(wanted)))
                yield Filter(condition if wanted is kept else Not(condition), category=True)
                break


@dataclass(frozen=True, slots=True)
class FilterRows(Step):
    """The rows from one place on, and up to a number of rows before the end."""

    skip: int
    leave: int = 0
    named: bool = False
    """Whether the rows stand under a header that names them: then the first are rows like the others."""
    title = "kept_rows"

    @property
    def cost(self) -> float:
        """Skipping one header line is common; under a header it is not, what tells the rows apart is wanted."""
        price = 0.7 + 0.3 * self.skip + 0.5 * self.leave
        return price + self.named * (SKIPPED * (self.skip > 0) + LEFT * (self.leave > 0))

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        last = max(relation.origins, default=0) - self.leave
        return relation.keep(i for i, origin in enumerate(relation.origins) if self.skip < origin <= last)

    def sql(self, source: Source) -> str:
        """`WHERE _row`."""
        tests = [f"_row > {self.skip}"] if self.skip else []
        if self.leave:
            tests.append(f"_row <= (SELECT max(_row) FROM input) - {self.leave}")
        return f"SELECT *\nFROM {source}\nWHERE {' AND '.join(tests)}"

    def words(self) -> str:
        """Which rows go."""
        parts = [f"the first {self.skip} rows"] if self.skip else []
        parts += [f"the last {self.leave} rows"] if self.leave else []
        return f"leave out {' and '.join(parts)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(1, 1), cls(2))

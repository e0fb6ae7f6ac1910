"""One column inside another: taken out of it, and counted in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Column, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes

MOST_COLUMNS = 8
"""Columns that are held against each other: the work grows by their square."""


@dataclass(frozen=True, slots=True)
class Without(Expression):
    """A text without every occurrence of another column's text."""

    source: Expression
    other: Expression

    def run(self, record: Record) -> str | None:
        """What is left."""
        text, other = self.source.run(record), self.other.run(record)
        return None if text is None or other is None else text.replace(other, "") if other else text

    def sql(self) -> str:
        """`replace`."""
        return f"replace({self.source.sql()}, {self.other.sql()}, '')"

    def words(self) -> str:
        """What is taken out of what."""
        return f"{self.source.words()} without {self.other.words()}"


@dataclass(frozen=True, slots=True)
class Occurrences(Expression):
    """How often one column's text stands in another's; NULL where it is empty."""

    source: Expression
    other: Expression

    def run(self, record: Record) -> str | None:
        """The number as text."""
        text, other = self.source.run(record), self.other.run(record)
        return None if text is None or not other else str(text.count(other))

    def sql(self) -> str:
        """The parts between, less one."""
        counted = f"CAST(len(string_split({self.source.sql()}, {self.other.sql()})) - 1 AS VARCHAR)"
        return f"CASE WHEN {self.other.sql()} <> '' THEN {counted} END"

    def words(self) -> str:
        """What is counted where."""
        return f"how often {self.other.words()} stands in {self.source.words()}"


@proposes(piece=90)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Pairs of columns of which one stands in the other."""
    columns = [(e, v) for e, v in sources if isinstance(e, Column)][:MOST_COLUMNS]
    for source, values in columns:
        for other, insides in columns:
            if other is source or not all(insides):
                continue
            stands = [inside in value for inside, value in zip(insides, values, strict=True)]
            nodes = (
                (Without(source, other), Occurrences(source, other)) if all(stands) else (Occurrences(source, other),)
            )
            for node in nodes if any(stands) else ():
                texts = tuple(node.run(r) or "" for r in task.records)
                if occurs(task, texts):
                    yield Candidate(node, texts)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Without(CELL, OTHER_CELL), Occurrences(CELL, OTHER_CELL)

"""Conditions made of conditions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.edges import Check
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Condition, Examples, Node, Record
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains, Equals


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The opposite of a condition (also where that is unknown)."""

    condition: Condition

    @property
    def bare(self) -> Condition:
        """The condition."""
        return self.condition.bare

    def holds(self, record: Record) -> bool:
        return not self.condition.holds(record)

    def choices(self, task: Examples) -> float:
        """Those of the condition."""
        return self.condition.choices(task)

    def bits(self, task: Examples) -> float:
        """Those of the condition: that it is turned round is no choice."""
        return self.condition.bits(task)

    def sql(self) -> str:
        """`NOT`, with NULL as false first."""
        inner = self.condition
        if isinstance(inner, Blank):
            return f"trim({inner.source.sql()}) <> ''"
        return f"NOT coalesce({inner.sql()}, false)"

    def words(self) -> str:
        text = self.condition.words()
        return text.replace(" is ", " is not ", 1) if " is " in text else f"not: {text}"


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """Two conditions hold."""

    left: Condition
    right: Condition
    is_particular = True

    @property
    def listed(self) -> tuple[str, ...]:
        """The values of both."""
        return self.left.listed + self.right.listed

    def scopes(self) -> Iterator[tuple[Node, tuple[Condition, ...]]]:
        """What its conditions are asked of: where they have no ground it says itself."""
        for side in (self.left, self.right):
            for condition in (node for node in side.walk() if isinstance(node, Condition)):
                yield from ((part, ()) for part in condition.parts if not isinstance(part, Condition))

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Those of each side, on rows that the other does not tell for sure to be no such ones."""
        for side, other in ((self.left, self.right), (self.right, self.left)):
            unknown = [
                check.outside for check in _edges(other, rows) if check.severity == "unseen" and not check.across
            ]
            open_ = " OR ".join([f"coalesce({other.sql()}, false)", *(f"({test})" for test in unknown)])
            for check in _edges(side, rows):
                yield replace(check, outside=f"{check.outside} AND ({open_})", reads=check.reads | other.columns)

    def holds(self, record: Record) -> bool:
        return self.left.holds(record) and self.right.holds(record)

    def choices(self, task: Examples) -> float:
        """Those of the two, and which of them is which does not count."""
        return max(0.0, self.left.choices(task) + self.right.choices(task) - 1.0)

    def bits(self, task: Examples) -> float:
        """Those of the two, and which of them is which does not count."""
        return max(0.0, self.left.bits(task) + self.right.bits(task) - 1.0)

    def sql(self) -> str:
        return f"{self.left.sql()} AND {self.right.sql()}"

    def words(self) -> str:
        return f"{self.left.words()} and {self.right.words()}"


def _edges(condition: Condition, rows: Sequence[Record]) -> Iterator[Check]:
    if isinstance(condition, Both):
        yield from condition.edges(rows)
        return
    for node in condition.walk():
        if isinstance(node, Condition):
            yield from node.edges(rows)


def law() -> tuple[Condition, ...]:
    """Instances on which `holds` equals `sql`."""
    return (
        Not(Blank(CELL)),
        Not(Equals(CELL, ("a",))),
        Both(Contains(CELL, "a"), Not(Equals(OTHER_CELL, ("b",)))),
    )

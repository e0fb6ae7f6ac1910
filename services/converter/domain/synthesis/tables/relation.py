"""Relations and the steps between them: what happens to whole rows before columns are made."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Table

Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Named columns of text in a known order of rows.

    ``origins`` are the 1-based input rows that each row came from; ``order`` are SQL expressions over the relation that
    give the order of its rows (``_row`` first).
    """

    names: tuple[str, ...]
    rows: tuple[Cells, ...]
    origins: tuple[int, ...]
    order: tuple[str, ...] = ("_row",)

    @staticmethod
    def of(table: Table) -> "Relation":
        """The relation `input` of a table."""
        names = table.column_names
        width = len(names)
        rows = tuple(tuple(row) + (None,) * (width - len(row)) for row in table.rows)
        return Relation(names, rows, tuple(range(1, len(rows) + 1)))

    def keep(self, positions: list[int]) -> "Relation":
        """The rows at these positions."""
        return replace(self, rows=tuple(self.rows[i] for i in positions), origins=tuple(self.origins[i] for i in positions))


class Step(ABC):
    """One operator on rows: its meaning, its SELECT, its words."""

    title: str = "step"
    """The name of its common table expression."""

    @property
    @abstractmethod
    def cost(self) -> float:
        """The price in the ranking."""

    @abstractmethod
    def run(self, relation: Relation) -> Relation:
        """The relation after the step."""

    @abstractmethod
    def sql(self, relation: Relation, source: str) -> str:
        """A SELECT over ``source``, which holds ``relation`` (the relation before the step)."""

    @abstractmethod
    def words(self) -> str:
        """What happens to the rows, for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain of steps from the input, with the relation that it gives."""

    relation: Relation
    steps: tuple[Step, ...] = ()
    distinct: bool = False

    @property
    def cost(self) -> float:
        """The price of all steps."""
        return sum(step.cost for step in self.steps) + (1.0 if self.distinct else 0.0)

    def then(self, step: Step) -> "Plan":
        """The plan with one more step."""
        return Plan(step.run(self.relation), (*self.steps, step), self.distinct)


def column_list(names: tuple[str, ...]) -> str:
    """Column names as a SELECT list."""
    return ", ".join(identifier(name) for name in names)

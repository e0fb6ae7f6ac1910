"""Relations and the steps between them: what happens to whole rows before columns are made."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Row, Table

Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Named columns of text in a known order of rows.

    ``origins`` are the 1-based input rows that each row came from, ``cells`` the row's `_cells`; ``order`` are SQL
    expressions over the relation that give the order of its rows (``_row`` first).
    """

    names: tuple[str, ...]
    rows: tuple[Cells, ...]
    origins: tuple[int, ...]
    cells: tuple[Row, ...] = ()
    order: tuple[str, ...] = ("_row",)
    header: Row = ()
    tops: tuple[Row, ...] = ()
    """The first rows of the input, which stay in reach of every step."""

    @staticmethod
    def of(table: Table) -> "Relation":
        """The relation `input` of a table."""
        names = table.column_names
        width = len(names)
        rows = tuple(tuple(row) + (None,) * (width - len(row)) for row in table.rows)
        return Relation(
            names, rows, tuple(range(1, len(rows) + 1)), table.rows, header=table.header or (), tops=table.rows[:2]
        )

    def keep(self, positions: Iterable[int]) -> "Relation":
        """The rows at these positions."""
        kept = list(positions)
        return replace(
            self,
            rows=tuple(self.rows[i] for i in kept),
            origins=tuple(self.origins[i] for i in kept),
            cells=tuple(self.cells[i] for i in kept),
        )

    def fresh(self, name: str) -> str:
        """A column name that is not taken yet."""
        taken = {n.lower() for n in self.names} | {"_row", "_cells", "_col", "_part"}
        candidate, count = name, 1
        while candidate.lower() in taken:
            count += 1
            candidate = f"{name}_{count}"
        return candidate


class Step(ABC):
    """One operator on rows: its meaning, its SELECT, its words."""

    title: str = "step"
    """The name of its common table expression."""
    distant: bool = False
    """Whether the columns that it adds hold what other rows say."""
    keeps_rows: bool = False
    """Whether it only adds columns: such a step is left out of the program where none of them is read."""

    @property
    @abstractmethod
    def cost(self) -> float:
        """The price in the ranking."""

    @abstractmethod
    def run(self, relation: Relation) -> Relation:
        """The relation after the step."""

    @abstractmethod
    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """A SELECT over ``source``, which holds ``relation``, with at least the ``needed`` columns."""

    @abstractmethod
    def words(self) -> str:
        """What happens to the rows, for people."""

    @property
    def doubt(self) -> str:
        """Why the step is an open question rather than a rule, for people; empty where it is one."""
        return ""

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns of ``relation`` that the step itself reads to make the needed ones."""
        del relation, needed
        return frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain of steps from the input, with the relation that it gives."""

    relation: Relation
    steps: tuple[Step, ...] = ()
    distinct: bool = False
    lent: frozenset[str] = frozenset()
    """Columns that hold what other rows say."""
    earlier: tuple[Relation, ...] = field(default=(), compare=False, repr=False)
    """The relations before each step, where the plan was made step by step."""

    @property
    def cost(self) -> float:
        """The price of all steps."""
        return sum(step.cost for step in self.steps) + (1.0 if self.distinct else 0.0)

    def stages(self) -> Iterator[tuple["Plan", Step]]:
        """Each step with the plan before it, whose rows are known already."""
        for place, (relation, step) in enumerate(zip(self.earlier, self.steps, strict=True)):
            yield Plan(relation, self.steps[:place], earlier=self.earlier[:place]), step

    def then(self, step: Step) -> "Plan":
        """The plan with one more step."""
        relation = step.run(self.relation)
        added = frozenset(relation.names) - frozenset(self.relation.names) if step.distant else frozenset()
        earlier = (*self.earlier, self.relation)
        return Plan(relation, (*self.steps, step), self.distinct, self.lent | added, earlier)


def column_list(names: Iterable[str]) -> str:
    """Column names as a SELECT list."""
    return ", ".join(identifier(name) for name in names)

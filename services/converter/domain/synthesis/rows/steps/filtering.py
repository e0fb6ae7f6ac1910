"""Rows kept by a condition, or by their places."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import Column, Condition
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.logic.condition import Blank
from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import is_figure

SKIPPED, LEFT = 3.5, 1.5
"""What it costs more to leave out the first or the last rows of a table whose header was read."""

SAID = 0.5
"""The price of a condition that the user asks for."""


@dataclass(frozen=True, slots=True)
class Filter(Step):
    """The rows on which a condition holds."""

    condition: Condition
    category: bool = False
    """Whether the condition names the kinds of rows, in a column that holds few kinds (see `categories`)."""
    told: float = 0.0
    """The price of a condition that seldom holds by chance, on kinds of rows or on a figure of the row's group; 0: it
    is on no such."""
    evidence: float = 0.0
    """Bits that the rows confirm, less those that were chosen (see `synthesis.evidence`)."""
    least: float = 0.0
    """The price below which it is not to be had, since a likelier reason explains the rows."""
    said: bool = False
    """Whether the user asks for it in words."""
    title = "kept_rows"

    @property
    def doubt(self) -> str:
        """Why the rule is an open question, for people; empty where the rows are ground for it."""
        figure = next(filter(is_figure, self.condition.bare.listed), None)
        if figure is not None and not self.said:
            return f"{quoted(figure)} is data of the example, written into the rule"
        # The make of a cell is why rows and cells are kept in tables of any size.
        if self.is_common or self.condition.bare.tells_make or self.evidence >= 0:
            return ""
        return f"so few rows would be told apart by some condition in any case: {self.condition.words()}"

    @property
    def stays(self) -> str:
        """Its condition, unknown for false."""
        return f"coalesce({self.condition.sql()}, false)"

    @property
    def cost(self) -> float:
        """The condition's; values read off a few rows are likelier chance than blanks and kinds of text.

        What is not what people filter by pays for the bits that the example does not cover.
        """
        if self.said:
            return SAID
        open_bits = 0.0 if self.is_common else max(0.0, -self.evidence)
        if self.told:
            return max(self.least, self.told + open_bits)
        return max(self.least, 0.8 + self.condition.cost + self.condition.bare.price_as_rule + open_bits)

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
        return self.said or self.category or self.condition.bare.asks_for_blank

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(Not(Blank(Column(0, "a")))),)


@dataclass(frozen=True, slots=True)
class FilterRows(Step):
    """The rows from one place on, and up to a number of rows before the end."""

    skip: int
    leave: int = 0
    named: bool = False
    """Whether the rows stand under a header that names them: then the first are rows like the others."""
    title = "kept_rows"

    @property
    def stays(self) -> str:
        """Their places."""
        tests = [f"_row > {self.skip}"] if self.skip else []
        if self.leave:
            tests.append(f"_row <= (SELECT max(_row) FROM input) - {self.leave}")
        return " AND ".join(tests)

    @property
    def cost(self) -> float:
        """Skipping one header line is common; under a header it is not, what tells the rows apart is wanted."""
        price = 0.7 + 0.3 * self.skip + 0.5 * self.leave
        return price + self.named * (SKIPPED * (self.skip > 0) + LEFT * (self.leave > 0))

    def run(self, relation: Relation) -> Relation:
        """The kept rows."""
        last = relation.count - self.leave
        return relation.keep(i for i, origin in enumerate(relation.origins) if self.skip < origin <= last)

    def sql(self, source: Source) -> str:
        """`WHERE _row`."""
        return f"SELECT *\nFROM {source}\nWHERE {self.stays}"

    def words(self) -> str:
        """Which rows go."""
        parts = [f"the first {self.skip} rows"] if self.skip else []
        parts += [f"the last {self.leave} rows"] if self.leave else []
        return f"leave out {' and '.join(parts)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(1, 1), cls(2), cls(0, 3))

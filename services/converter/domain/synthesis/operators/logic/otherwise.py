"""What is written where a program finds nothing."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import Expression, Record


@dataclass(frozen=True, slots=True)
class OrElse(Expression):
    """A text, or another where it is NULL or empty."""

    source: Expression
    other: Expression

    @property
    def cost(self) -> float:
        """Both, and a little for the choice."""
        return self.source.cost + self.other.cost + 0.5

    def run(self, record: Record) -> str | None:
        """The first of the two that there is."""
        return self.source.run(record) or self.other.run(record)

    def sql(self) -> str:
        """`coalesce`."""
        return f"coalesce(nullif({self.source.sql()}, ''), {self.other.sql()})"

    def words(self) -> str:
        """Both."""
        return f"{self.source.words()}, or {self.other.words()} where there is none"

"""What is written where a program finds nothing."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Expression, Record


@dataclass(frozen=True, slots=True)
class OrElse(Expression):
    """A text, or another where it is NULL or empty."""

    source: Expression
    other: Expression

    @property
    def given(self) -> tuple[Expression, ...]:
        """Both."""
        return (*self.source.given, *self.other.given)

    @property
    def is_whole(self) -> bool:
        """Where both are."""
        return self.source.is_whole and self.other.is_whole

    def run(self, record: Record) -> str | None:
        return self.source.run(record) or self.other.run(record)

    def sql(self) -> str:
        return f"coalesce(nullif({self.source.sql()}, ''), {self.other.sql()})"

    def words(self) -> str:
        return f"{self.source.words()}, or {self.other.words()} where there is none"


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (OrElse(CELL, OTHER_CELL),)

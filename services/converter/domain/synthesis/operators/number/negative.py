"""Amounts whose sign is said elsewhere in the row, as a trade's side says it."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import Condition, Expression, Record, operand


@dataclass(frozen=True, slots=True)
class NegativeIf(Expression):
    """The amount with a minus where the condition holds."""

    condition: Condition
    amount: Expression

    @property
    def cost(self) -> float:
        """Both: a sign asks for less belief than two programs do."""
        return self.condition.cost + self.amount.cost + 0.8

    def run(self, record: Record) -> str | None:
        """The amount, negative or not."""
        text = self.amount.run(record)
        return None if text is None else ("-" if self.condition.holds(record) else "") + text

    def sql(self) -> str:
        """A minus or nothing before the amount."""
        return f"CASE WHEN {self.condition.sql()} THEN '-' ELSE '' END || {operand(self.amount)}"

    def words(self) -> str:
        """The amount, and when it is negative."""
        return f"{self.amount.words()}, negative if {self.condition.words()}"

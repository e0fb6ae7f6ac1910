"""Amounts whose sign is said elsewhere in the row, as a trade's side says it."""

import re
from dataclasses import dataclass

from services.converter.domain.synthesis.language import (
    CELL,
    OTHER_CELL,
    Condition,
    Examples,
    Expression,
    Record,
    operand,
)
from services.converter.domain.synthesis.operators.logic.condition import Contains

_NOTHING = re.compile(r"\A-([^1-9]*)\Z")


@dataclass(frozen=True, slots=True)
class NegativeIf(Expression):
    """The amount with a minus where the condition holds; nothing is never negative."""

    condition: Condition
    amount: Expression

    def doubt(self, task: Examples) -> str:
        """A sign that is told by how large the amount itself is, or by something of which any few rows have one."""
        condition = self.condition.bare
        if condition.listed or condition.asks_for_blank or condition.tells_sign or condition.columns <= task.telling:
            return ""
        if condition.columns <= self.amount.columns and condition.gap(task.records):
            return f"an amount has no sign for its size: {self.condition.words()}"
        if self.condition.told(task) < 0.0:
            return f"so few rows would be told apart by some condition in any case: {self.condition.words()}"
        return ""

    def run(self, record: Record) -> str | None:
        text = self.amount.run(record)
        return None if text is None else _NOTHING.sub(r"\1", ("-" if self.condition.holds(record) else "") + text)

    def sql(self) -> str:
        """A minus or nothing before the amount."""
        amount = f"CASE WHEN {self.condition.sql()} THEN '-' ELSE '' END || {operand(self.amount)}"
        return f"regexp_replace({amount}, '^-([^1-9]*)$', '\\1')"

    def words(self) -> str:
        return f"{self.amount.words()}, negative if {self.condition.words()}"


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (NegativeIf(Contains(CELL, ","), OTHER_CELL),)

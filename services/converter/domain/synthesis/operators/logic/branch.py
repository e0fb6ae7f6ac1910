"""One program or another by a condition, and dictionaries from value to value."""

from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Condition, Constant, Expression, Record
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains
from services.converter.domain.synthesis.sqltext import literal, quoted


@dataclass(frozen=True, slots=True)
class Branch(Expression):
    """``then`` where the condition holds, else ``otherwise``."""

    condition: Condition
    then: Expression
    otherwise: Expression

    @property
    def cost(self) -> float:
        """All three."""
        return self.condition.cost + self.then.cost + self.otherwise.cost + 1.0

    def run(self, record: Record) -> str | None:
        """The chosen program's value."""
        return (self.then if self.condition.holds(record) else self.otherwise).run(record)

    def sql(self) -> str:
        """`CASE WHEN`."""
        lines = [f"    WHEN {self.condition.sql()} THEN {self.then.sql()}"]
        rest = self.otherwise
        while isinstance(rest, Branch):
            lines.append(f"    WHEN {rest.condition.sql()} THEN {rest.then.sql()}")
            rest = rest.otherwise
        lines.append(f"    ELSE {rest.sql()}")
        return "CASE\n" + "\n".join(lines) + "\nEND"

    def words(self) -> str:
        """If, then, otherwise."""
        return f"if {self.condition.words()} then {self.then.words()}, otherwise {self.otherwise.words()}"


@dataclass(frozen=True, slots=True)
class Dictionary(Expression):
    """Each value seen stands for another; NULL for a value that was not seen."""

    source: Expression
    pairs: tuple[tuple[str, str], ...]

    @property
    def cost(self) -> float:
        """Each pair must be believed."""
        return self.source.cost + 2.0 + 0.5 * len(self.pairs)

    def run(self, record: Record) -> str | None:
        """The value that stands for it."""
        text = self.source.run(record)
        return None if text is None else dict(self.pairs).get(text)

    def sql(self) -> str:
        """`CASE x WHEN`."""
        lines = [f"    WHEN {literal(key)} THEN {literal(value)}" for key, value in self.pairs if key]
        blank = [f"    WHEN '' THEN {literal(value)}" for key, value in self.pairs if not key]
        return f"CASE {self.source.sql()}\n" + "\n".join(lines + blank) + "\nEND"

    def words(self) -> str:
        """The first pairs."""
        shown = ", ".join(f"{quoted(k)} as {quoted(v)}" for k, v in self.pairs[:4])
        return f"{self.source.words()} by a list of values seen: {shown}" + (
            f" and {len(self.pairs) - 4} more" if len(self.pairs) > 4 else ""
        )


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (
        Branch(Contains(CELL, ","), OTHER_CELL, Branch(Blank(CELL), Constant("blank"), CELL)),
        Dictionary(CELL, (("", "none"), ("a", "it's"))),
    )

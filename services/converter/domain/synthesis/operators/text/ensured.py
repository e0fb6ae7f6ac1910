"""Texts that all have what some of them lack: an ending, a bracket, a unit, a prefix."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record, character_price, operand
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted


@dataclass(frozen=True, slots=True)
class Ensured(Expression):
    """The text with a mark at its end (or at its start) where it has none there."""

    source: Expression
    mark: str
    at_end: bool

    @property
    def surcharge(self) -> float:
        """A test, and the mark's letters."""
        return 0.5 * sum(map(character_price, self.mark))

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return self.source.holds_text

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        if text is None:
            return None
        if self.at_end:
            return text if text.endswith(self.mark) else text + self.mark
        return text if text.startswith(self.mark) else self.mark + text

    def sql(self) -> str:
        """`ends_with` or `starts_with`."""
        text, mark = self.source.sql(), literal(self.mark)
        test = f"ends_with({text}, {mark})" if self.at_end else f"starts_with({text}, {mark})"
        longer = f"{operand(self.source)} || {mark}" if self.at_end else f"{mark} || {operand(self.source)}"
        return f"CASE WHEN {test} THEN {text} ELSE {longer} END"

    def words(self) -> str:
        return (
            f"{self.source.words()} with {quoted(self.mark)} at its {'end' if self.at_end else 'start'} where it lacks"
        )


@proposes(piece=103)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Texts of which some are the outputs, and the others lack the same mark at the same end."""
    outputs = tuple(task.outputs)
    for source, values in sources:
        pairs = [(v, o) for v, o in zip(values, outputs, strict=True) if v != o]
        if not pairs or len(pairs) == len(outputs):
            continue
        for at_end in (True, False):
            fits = (o.startswith(v) if at_end else o.endswith(v) for v, o in pairs)
            marks = {o[len(v) :] if at_end else o[: len(o) - len(v)] for v, o in pairs}
            if len(marks) == 1 and all(fits):
                node = Ensured(source, marks.pop(), at_end)
                if tuple(node.run(r) or "" for r in task.records) == outputs:
                    yield Candidate(node, outputs)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Ensured(CELL, ".", at_end=True), Ensured(CELL, "a", at_end=False), Ensured(CELL, "\u0301", at_end=True)

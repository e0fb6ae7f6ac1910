"""Text filled up to a width: codes with zeros before them, columns of fixed width."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record, operand
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted

WIDEST = 60
"""Characters of the widest field that people fill up to."""
Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Pad(Expression):
    """The text with a character before (or after) it up to a width; longer texts as they stand."""

    source: Expression
    width: int
    character: str
    side: Side

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return self.source.holds_text

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        if text is None:
            return None
        return text.rjust(self.width, self.character) if self.side == "left" else text.ljust(self.width, self.character)

    def sql(self) -> str:
        """`repeat` before or after."""
        text = operand(self.source)
        fill = f"repeat({literal(self.character)}, greatest({self.width} - length({self.source.sql()}), 0))"
        return f"{fill} || {text}" if self.side == "left" else f"{text} || {fill}"

    def words(self) -> str:
        where = "before" if self.side == "left" else "after"
        return f"{self.source.words()} with {quoted(self.character)} {where} it up to {self.width} characters"


_SIGNS = "+-\N{MINUS SIGN}"


@proposes(piece=100)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Fillings that make all texts as wide as the outputs.

    None is made of letters, nor of signs before digits: those make another number, which is no matter of width.
    """
    widths = {len(o) for o in task.outputs}
    if len(widths) != 1 or max(widths) > WIDEST:
        return
    width = widths.pop()
    for source, values in sources:
        if len({len(v) for v in values}) < 2 or max(map(len, values)) > width:
            continue
        first = next((i for i, v in enumerate(values) if len(v) < width), 0)
        for side, character in (("left", task.outputs[first][:1]), ("right", task.outputs[first][-1:])):
            if character.isalpha() or (character in _SIGNS and values[first][:1].isdigit()):
                continue
            node = Pad(source, width, character, "left" if side == "left" else "right")
            texts = tuple(node.run(r) or "" for r in task.records)
            if occurs(task, texts):
                yield Candidate(node, texts)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Pad(CELL, 7, "0", "left"), Pad(CELL, 5, "é", "right")

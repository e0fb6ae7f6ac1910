"""Text with something put between its characters, as between the words of `camelCase`; or over them: masks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import Pattern, charset, raw

LONGEST, MOST_SHOWN = 200, 6
"""Characters of the longest text of words run together, and of what a mask leaves to be seen."""
_SEPARATORS = (" ", "-", "_", "/", ".")
SEAMS: tuple[tuple[Pattern, str], ...] = (
    (raw("(") + charset("WD") + raw(")(") + charset("U") + raw(")"), "before capitals"),
    (raw("(") + charset("L") + raw(")(") + charset("D") + raw(")"), "between letters and digits"),
    (raw("(") + charset("D") + raw(")(") + charset("L") + raw(")"), "between digits and letters"),
)


@dataclass(frozen=True, slots=True)
class Parted(Expression):
    """A separator put where two kinds of characters meet; the pattern's groups are the characters on both sides."""

    source: Expression
    seam: Pattern
    separator: str
    what: str

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else self.seam.sub(rf"\1{self.separator}\2", text)

    def sql(self) -> str:
        """`regexp_replace` everywhere."""
        made = literal(rf"\1{self.separator}\2")
        return f"regexp_replace({self.source.sql()}, {literal(self.seam.sql)}, {made}, 'g')"

    def words(self) -> str:
        return f"{self.source.words()} with {quoted(self.separator)} {self.what}"


@dataclass(frozen=True, slots=True)
class Masked(Expression):
    """The last characters, and a mark for each one before them."""

    source: Expression
    mark: str
    shown: int

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        if text is None:
            return None
        hidden = max(0, len(text) - self.shown)
        return self.mark * hidden + text[hidden:]

    def sql(self) -> str:
        """`repeat`, and the end of the text."""
        text = self.source.sql()
        return (
            f"repeat({literal(self.mark)}, greatest(length({text}) - {self.shown}, 0)) || right({text}, {self.shown})"
        )

    def words(self) -> str:
        return f"{self.source.words()} with {quoted(self.mark)} for all but its last {self.shown} characters"


@proposes(piece=120)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Partings and masks of texts."""
    joined = "".join(task.outputs)
    separators = [separator for separator in _SEPARATORS if separator in joined]
    for source, values in sources:
        if max(map(len, values)) > LONGEST:
            continue
        for seam, what in SEAMS if separators else ():
            if any(seam.search(value) for value in values):
                for separator in separators:
                    yield _made(Parted(source, seam, separator, what), task)
        mark = task.outputs[0][:1]
        if mark in ("*", "x", "X", "#", "•"):
            for shown in range(1, MOST_SHOWN + 1):
                yield from _fitting(Masked(source, mark, shown), task)


def _made(node: Expression, task: Examples) -> Candidate:
    return Candidate(node, tuple(node.run(record) or "" for record in task.records))


def _fitting(node: Expression, task: Examples) -> Iterator[Candidate]:
    made = _made(node, task)
    if occurs(task, made.values):
        yield made


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (*(Parted(CELL, seam, "_", what) for seam, what in SEAMS), Masked(CELL, "*", 3))

"""Optional parts: a text with what stands around it, and nothing at all where there is no text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product, takewhile

from services.converter.domain.formats.letters import BLANKS
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record, character_price, operand
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted

MOST_AROUND = 3
"""Characters that may stand before and after an optional part."""


@dataclass(frozen=True, slots=True)
class Framed(Expression):
    """The text with marks before and after it; empty where the text is blank or absent."""

    source: Expression
    before: str
    after: str

    @property
    def surcharge(self) -> float:
        """The marks."""
        return sum(map(character_price, self.before + self.after))

    @property
    def is_whole(self) -> bool:
        """Whether the text is."""
        return self.source.is_whole

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return self.source.holds_text

    def run(self, record: Record) -> str | None:
        text = self.source.run(record) or ""
        return self.before + text + self.after if text.strip(BLANKS) else ""

    def sql(self) -> str:
        text = self.source.sql()
        pieces = [literal(self.before)] * bool(self.before) + [operand(self.source)]
        pieces += [literal(self.after)] * bool(self.after)
        return f"CASE WHEN trim(coalesce({text}, '')) = '' THEN '' ELSE {' || '.join(pieces)} END"

    def words(self) -> str:
        around = [f"{quoted(self.before)} before it"] * bool(self.before)
        around += [f"{quoted(self.after)} after it"] * bool(self.after)
        return f"{self.source.words()} with {' and '.join(around)} where there is any"


@proposes(piece=104)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Texts that some rows lack and that stand in the outputs of the others with the same marks around them."""
    for source, values in sources:
        filled = [(v, o) for v, o in zip(values, task.outputs, strict=True) if v.strip(BLANKS)]
        if not filled or len(filled) == len(values) or any(o.count(v) != 1 for v, o in filled):
            continue
        places = [(o[: o.index(v)], o[o.index(v) + len(v) :]) for v, o in filled]
        before = _marks([left[::-1] for left, _ in places])[::-1]
        after = _marks([right for _, right in places])
        befores = [before[i:] for i in range(len(before) + 1)]
        afters = [after[:i] for i in range(len(after) + 1)]
        for left, right in product(befores, afters):
            if left or right:
                node = Framed(source, left, right)
                yield Candidate(node, tuple(left + v + right if v.strip(BLANKS) else "" for v in values))


def _marks(texts: list[str]) -> str:
    """The marks and blanks that all texts begin with."""
    alike = takewhile(lambda column: len(set(column)) == 1 and not column[0].isalnum(), zip(*texts, strict=False))
    return "".join(column[0] for column in islice(alike, MOST_AROUND))


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Framed(CELL, " ", "."), Framed(CELL, "", ", "), Framed(CELL, "it's (", "")

"""How many pieces, how long."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.evidence import chosen
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import (
    ALNUMS,
    CAPITALISED,
    DIGITS,
    LETTERS,
    NONSPACE,
    NUMBER,
    Pattern,
    charset,
    exactly,
)

_LARGEST = 10_000
"""Counts in a cell are less."""
BY_LETTER = 2.0
"""What it costs more to count one letter."""


@dataclass(frozen=True, slots=True)
class Count(Expression):
    """The number of matches of a pattern, plus a constant."""

    source: Expression
    pattern: Pattern
    plus: int
    what: str
    price: float = 0.0

    @property
    def surcharge(self) -> float:
        """Above a match."""
        return self.price + 0.3 * abs(self.plus)

    def doubt(self, task: Examples) -> str:
        """Letters, of which there are so many kinds that some are as often there as is wanted, whatever is meant; and
        counts with a constant of their own, where so few numbers are met by some count in any case."""
        if not all(map(str.isdigit, task.outputs)):
            return ""
        if self.plus not in (0, 1) and self.told(task) < 0.0:
            return f"so few numbers are met by some count in any case: {self.words()}"
        if self.price < BY_LETTER:
            return ""
        texts = [self.source.run(record) or "" for record in task.records]
        confirmed = len(set(texts)) * math.log2(1 + max(map(int, task.outputs)))
        if confirmed < chosen(len(task.names), len({ch for text in texts for ch in text if ch.isalpha()})) + self.price:
            return f"in so few rows some letter is as often there in any case: {self.words()}"
        return ""

    def told(self, task: Examples) -> float:
        """Every different text tells a number out of as many as there are up to the largest; columns, kinds of pieces
        and constants were chosen from."""
        counts = [int(output) for output in task.outputs if output.isdigit()]
        texts = {self.source.run(record) for record in task.records}
        reach = chosen(len(task.names), len(_WORDS) + len(_KINDS), 2 * abs(self.plus) + 1)
        return len(texts) * math.log2(1 + max(counts, default=0)) - reach

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else str(len(self.pattern.findall(text)) + self.plus)

    def sql(self) -> str:
        """`len` of `regexp_extract_all`."""
        plus = f" + {self.plus}" if self.plus > 0 else f" - {-self.plus}" if self.plus < 0 else ""
        return f"CAST(len(regexp_extract_all({self.source.sql()}, {literal(self.pattern.sql)})){plus} AS VARCHAR)"

    def words(self) -> str:
        plus = f" plus {self.plus}" if self.plus > 0 else f" minus {-self.plus}" if self.plus < 0 else ""
        return f"number of {self.what} in {self.source.words()}{plus}"


@dataclass(frozen=True, slots=True)
class Length(Expression):
    """The number of characters."""

    source: Expression

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else str(len(text))

    def sql(self) -> str:
        return f"CAST(length({self.source.sql()}) AS VARCHAR)"

    def words(self) -> str:
        return f"length of {self.source.words()}"


_WORDS: tuple[tuple[Pattern, str, float], ...] = (
    (NONSPACE.pattern, "words", 0.0),
    (charset("'\n", negated=True), "", 9.0),
)
_KINDS: tuple[tuple[Pattern, str, float], ...] = (
    (NUMBER.pattern, "numbers", 0.2),
    (DIGITS.pattern, "runs of digits", 0.3),
    (charset("D"), "digits", 0.2),
    (charset("L"), "letters", 0.3),
    (charset("U"), "capital letters", 0.3),
    (charset("W"), "small letters", 0.4),
    (CAPITALISED.pattern, "capitalised words", 0.4),
    (LETTERS.pattern, "runs of letters", 0.3),
    (ALNUMS.pattern, "runs of letters and digits", 0.3),
    (charset("LDS", negated=True), "punctuation characters", 0.5),
)


def _counted(values: tuple[str, ...]) -> Iterator[tuple[Pattern, str, float]]:
    """What may be counted in texts, with its price: kinds of pieces, then marks, words and letters that they have."""
    marks = sorted({ch for v in values[:3] for ch in v[:2000] if not ch.isalnum()})[:24]
    words = sorted({w for w in values[0].replace(",", " ").split() if 2 < len(w) < 15})[:12]
    yield from _WORDS
    yield from ((exactly(m), quoted(m), 0.3) for m in marks)
    yield from _KINDS
    yield from ((exactly(w), quoted(w), 0.8) for w in words)
    if any(len(v) < 200 for v in values) and max(map(len, values)) > 1:
        letters = sorted({ch for v in values[:3] for ch in v[:200] if ch.isalpha()})[:30]
        yield from ((exactly(letter), quoted(letter), BY_LETTER) for letter in letters)


@proposes(piece=80)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Counts that differ from the outputs by one constant, where the outputs are small whole numbers."""
    if not all(o.isdigit() and int(o) < _LARGEST for o in task.outputs) or (
        len(set(task.outputs)) < 2 and len(task.outputs) > 1
    ):
        return
    wanted = [int(o) for o in task.outputs]
    for source, values in sources:
        if all(len(v) == w for v, w in zip(values, wanted, strict=True)):
            yield Candidate(Length(source), tuple(task.outputs))
        for pattern, what, price in _counted(values):
            counts = [len(pattern.findall(v)) for v in values]
            plus = wanted[0] - counts[0]
            if abs(plus) <= 2 and any(counts) and all(c + plus == w for c, w in zip(counts, wanted, strict=True)):
                yield Candidate(Count(source, pattern, plus, what, price), tuple(task.outputs))


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    kinds = (DIGITS.pattern, charset("L"), charset("U"), NONSPACE.pattern, charset("LDS", negated=True), exactly("é"))
    return (*(Count(CELL, pattern, -1, "pieces") for pattern in kinds), Length(CELL))

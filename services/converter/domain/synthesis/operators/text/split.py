"""Split at a delimiter and pick a part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.asking import PICKED, TRUNCATED, Ask, picked
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import MOST_KEPT, Candidate, kept_for, proposes
from services.converter.domain.synthesis.positions import delimiters, ordinal
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import encloses


@dataclass(frozen=True, slots=True)
class Split(Expression):
    """The part number ``pick`` (1-based, negative from the end); empty text where there are fewer parts."""

    source: Expression
    delimiter: str
    pick: int
    asks = (TRUNCATED, *PICKED.values())

    @property
    def met(self) -> tuple[Ask, ...]:
        """It cuts, and picks one part."""
        return (TRUNCATED, *picked(self.pick))

    @property
    def splits_at(self) -> str:
        """The delimiter."""
        return self.delimiter

    @property
    def is_whole(self) -> bool:
        """It is where the delimiter parts fields, not words."""
        return self.source.is_whole and encloses(self.delimiter)

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts without the delimiter, where all had it."""
        texts = texts_of(self.source, sampling.some(rows, MOST_CHECKED))
        if texts and all(self.delimiter in text for text in texts):
            yield from self.lacking([f"NOT contains({self.source.sql()}, {literal(self.delimiter)})"])

    @property
    def surcharge(self) -> float:
        """Near ends and common delimiters are simpler; blanks say less than punctuation."""
        return 0.35 * (abs(self.pick) - 1) + (0.1 if self.pick < 0 else 0.0) + (0.3 if self.delimiter == " " else 0.0)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else pick_part(text, self.delimiter, self.pick)

    def sql(self) -> str:
        return f"split_part({self.source.sql()}, {literal(self.delimiter)}, {self.pick})"

    def words(self) -> str:
        return f"{ordinal(self.pick)} part of {self.source.words()} split at {quoted(self.delimiter)}"


@dataclass(frozen=True, slots=True)
class AfterFirst(Expression):
    """All that stands behind the first mark, marks and all; empty text where there is none."""

    source: Expression
    mark: str

    @property
    def splits_at(self) -> str:
        """The mark."""
        return self.mark

    @property
    def is_whole(self) -> bool:
        """It is where the mark parts fields, not words."""
        return self.source.is_whole and encloses(self.mark)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else text.partition(self.mark)[2]

    def sql(self) -> str:
        """`substr` behind `strpos`."""
        text, mark = self.source.sql(), literal(self.mark)
        rest = f"substr({text}, strpos({text}, {mark}) + {len(self.mark)})"
        return f"CASE WHEN contains({text}, {mark}) THEN {rest} WHEN {text} IS NOT NULL THEN '' END"

    def words(self) -> str:
        return f"{self.source.words()} after its first {quoted(self.mark)}"


def pick_part(text: str, delimiter: str, pick: int) -> str:
    """DuckDB's `split_part`: out of range is empty."""
    parts = text.split(delimiter)
    if pick > 0:
        return parts[pick - 1] if pick <= len(parts) else ""
    return parts[pick] if -pick <= len(parts) else ""


def texts_of(source: Expression, rows: Sequence[Record]) -> list[str]:
    """What a source gives for rows, NULL as blank."""
    return [source.run(row) or "" for row in rows]


NAMING = (":", "=")
"""Marks between a name and its value."""


def _is_named(text: str, mark: str) -> bool:
    """Whether a word, and nothing of an address or a time, stands before the first mark."""
    name, _, value = text.partition(mark)
    return name[:1].isalpha() and bool(value) and not value.startswith("//") and "@" not in name


@proposes(pick=10, piece=10)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Parts that may be needed, from both ends; rows with fewer parts do not count as explained."""
    del task
    for source, values in sources:
        yield from kept_for(_parts, source, values)


@lru_cache(maxsize=MOST_KEPT)
def _parts(source: Expression, values: tuple[str, ...]) -> Sequence[Candidate]:
    made: list[Candidate] = []
    for delimiter in delimiters(values):
        if delimiter.strip() in NAMING and all(_is_named(value, delimiter) for value in values):
            made.append(Candidate(AfterFirst(source, delimiter), tuple(v.partition(delimiter)[2] for v in values)))
        pieces = [value.split(delimiter) for value in values]
        shortest = min(len(p) for p in pieces)
        if max(len(p) for p in pieces) < 2:
            continue
        for pick in range(1, min(shortest, 12) + 1):
            if delimiter == " " and pick > 1 and _is_punctuated(pieces, pick - 1):
                continue
            made.append(Candidate(Split(source, delimiter, pick), tuple([p[pick - 1] for p in pieces])))
        for pick in range(1, min(shortest, 6) + 1):
            if delimiter == " " and _is_punctuated(pieces, -pick):
                continue
            made.append(Candidate(Split(source, delimiter, -pick), tuple([p[-pick] for p in pieces])))
        if max(len(p) for p in pieces) > shortest and shortest < 4:
            pick = shortest + 1
            found = tuple(p[pick - 1] if len(p) >= pick else "" for p in pieces)
            made.append(Candidate(Split(source, delimiter, pick), found))
    return made


def _is_punctuated(pieces: list[list[str]], pick: int) -> bool:
    """Whether the blank before a part follows the same punctuation in every row: `name: value` is split at `: `."""
    before = {p[pick - 1][-1:] if len(p) > abs(pick) or pick > 0 else "" for p in pieces}
    mark = next(iter(before))
    return len(pieces) > 1 and len(before) == 1 and bool(mark) and mark in ":=;|"


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Split(CELL, ",", 2), Split(CELL, ", ", -2), Split(CELL, " ", 1), AfterFirst(CELL, ": ")

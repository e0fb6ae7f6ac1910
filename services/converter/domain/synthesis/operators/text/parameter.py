"""Parts of one column that another column says: how many characters, which part, after or before which mark."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Column, Examples, Expression, Record
from services.converter.domain.synthesis.operators.text.split import pick_part
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.positions import delimiters
from services.converter.domain.synthesis.sqltext import literal, quoted

MOST_COLUMNS, MOST_DELIMITERS = 8, 8
"""Columns and delimiters that are tried with each other: the work grows by the square of the columns."""
_NUMBER = "[1-9][0-9]{0,4}"
Side = Literal["first", "last", "from", "at"]
SIDES: Mapping[Side, tuple[Callable[[str, int], str], str, str]] = {
    "first": (lambda text, n: text[:n], "left({text}, {n})", "as many first characters of {text} as {n} says"),
    "last": (lambda text, n: text[-n:], "right({text}, {n})", "as many last characters of {text} as {n} says"),
    "from": (lambda text, n: text[n - 1 :], "substr({text}, {n})", "{text} from the character that {n} says"),
    "at": (lambda text, n: text[n - 1 : n], "substr({text}, {n}, 1)", "the character of {text} that {n} says"),
}


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(_NUMBER, text) else None


def _count_sql(number: Expression, then: str) -> str:
    """The text for a count that is one; NULL for anything else."""
    return f"CASE WHEN regexp_full_match({number.sql()}, '{_NUMBER}') THEN {then} END"


@dataclass(frozen=True, slots=True)
class PartBy(Expression):
    """The part of a split text whose number another column gives; NULL where that is no whole number above 0."""

    source: Expression
    delimiter: str
    number: Expression

    @property
    def splits_at(self) -> str:
        """The delimiter."""
        return self.delimiter

    def run(self, record: Record) -> str | None:
        """The part."""
        text, pick = self.source.run(record), _count(self.number.run(record))
        return None if text is None or pick is None else pick_part(text, self.delimiter, pick)

    def sql(self) -> str:
        """`split_part`."""
        pick = f"CAST({self.number.sql()} AS INTEGER)"
        return _count_sql(self.number, f"split_part({self.source.sql()}, {literal(self.delimiter)}, {pick})")

    def words(self) -> str:
        """Which part."""
        return f"the part of {self.source.words()} split at {quoted(self.delimiter)} that {self.number.words()} says"


@dataclass(frozen=True, slots=True)
class CharactersBy(Expression):
    """So many characters from an end, or from a place, as another column says; NULL where that is no such number."""

    source: Expression
    number: Expression
    side: Side

    def run(self, record: Record) -> str | None:
        """The characters."""
        text, count = self.source.run(record), _count(self.number.run(record))
        return None if text is None or count is None else SIDES[self.side][0](text, count)

    def sql(self) -> str:
        """`left`, `right` or `substr`."""
        count = f"CAST({self.number.sql()} AS INTEGER)"
        return _count_sql(self.number, SIDES[self.side][1].format(text=self.source.sql(), n=count))

    def words(self) -> str:
        """How many, from where."""
        return SIDES[self.side][2].format(text=self.source.words(), n=self.number.words())


@dataclass(frozen=True, slots=True)
class Beside(Expression):
    """The text after, or before, what another column holds; empty where it does not stand there."""

    source: Expression
    mark: Expression
    after: bool

    def run(self, record: Record) -> str | None:
        """The rest of the text."""
        text, mark = self.source.run(record), self.mark.run(record)
        if text is None or not mark:
            return None
        before, found, rest = text.partition(mark)
        return (rest if self.after else before) if found else ""

    def sql(self) -> str:
        """`substr` beside `strpos`."""
        text, mark = self.source.sql(), self.mark.sql()
        place = f"strpos({text}, {mark})"
        rest = f"substr({text}, {place} + length({mark}))" if self.after else f"left({text}, {place} - 1)"
        return f"CASE WHEN {mark} <> '' AND {text} IS NOT NULL THEN CASE WHEN {place} > 0 THEN {rest} ELSE '' END END"

    def words(self) -> str:
        """What it stands beside."""
        return f"{self.source.words()} {'after' if self.after else 'before'} its {self.mark.words()}"


@dataclass(frozen=True, slots=True)
class WordWith(Expression):
    """The first word of a text in which another column's text stands; NULL where there is none."""

    source: Expression
    mark: Expression

    def run(self, record: Record) -> str | None:
        """The word."""
        text, mark = self.source.run(record), self.mark.run(record)
        return None if text is None or not mark else next((w for w in text.split(" ") if mark in w), None)

    def sql(self) -> str:
        """`list_filter`."""
        words = f"list_filter(string_split({self.source.sql()}, ' '), lambda item: contains(item, {self.mark.sql()}))"
        return f"CASE WHEN {self.mark.sql()} <> '' THEN {words}[1] END"

    def words(self) -> str:
        """Which word."""
        return f"the word of {self.source.words()} that has {self.mark.words()} in it"


@proposes(piece=106)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Parts that a second column gives, where no row's column is blank."""
    columns = [(e, v) for e, v in sources if isinstance(e, Column) and all(v)][:MOST_COLUMNS]
    for number, counts in columns:
        counted = all(_count(count) is not None for count in counts)
        for source, values in columns:
            if source is number:
                continue
            nodes = _counted(source, values, number) if counted else _marked(source, values, number, counts)
            for node in nodes:
                texts = tuple(node.run(r) or "" for r in task.records)
                if all(texts) and occurs(task, texts):
                    yield Candidate(node, texts)


def _counted(source: Expression, values: tuple[str, ...], number: Expression) -> Iterator[Expression]:
    yield from (PartBy(source, delimiter, number) for delimiter in delimiters(values)[:MOST_DELIMITERS])
    yield from (CharactersBy(source, number, side) for side in SIDES)


def _marked(
    source: Expression, values: tuple[str, ...], mark: Expression, marks: tuple[str, ...]
) -> Iterator[Expression]:
    if all(text in value and text != value for text, value in zip(marks, values, strict=True)):
        yield from (Beside(source, mark, after) for after in (True, False))
        if all(" " in value for value in values):
            yield WordWith(source, mark)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (
        PartBy(CELL, ",", OTHER_CELL),
        *(CharactersBy(CELL, OTHER_CELL, side) for side in SIDES),
        *(Beside(CELL, OTHER_CELL, after) for after in (False, True)),
        WordWith(CELL, OTHER_CELL),
    )

"""All pieces of a kind, joined: initials, all digits, all words in capitals; and the letters turned round."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.letters import strip_accents
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.list.listed import Found, Joined
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.tokens import (
    ACRONYM,
    ALNUMS,
    CAPITALISED,
    DIGITS,
    LETTERS,
    LONGEST_KEPT,
    LOWERS,
    NONSPACE,
    NUMBER,
    UPPER,
    UPPERS,
    Pattern,
    charset,
    raw,
)

_SEPARATORS = ("", " ", ", ", ",", ".", "-", ". ", "/", "; ", ";", "|", "_")
_INITIAL = raw("(") + charset("L") + raw(")") + charset("L") + raw("*")
_WORD_INITIAL = raw("(") + charset("S", negated=True) + raw(")") + charset("S", negated=True) + raw("*")
_KINDS: tuple[tuple[Pattern, bool, str], ...] = (
    (_INITIAL, True, "first letters of words"),
    (_WORD_INITIAL, True, "first characters of words"),
    (UPPER.pattern, False, "capital letters"),
    *(
        (t.pattern, False, {"digits": "runs of digits"}.get(t.name, t.name))
        for t in (DIGITS, NUMBER, LETTERS, ALNUMS, UPPERS, LOWERS, CAPITALISED, ACRONYM, NONSPACE)
    ),
)


@dataclass(frozen=True, slots=True)
class Reverse(Expression):
    """The text from its end to its beginning."""

    source: Expression

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else text[::-1]

    def sql(self) -> str:
        """`list_reverse` of the characters: `reverse` keeps those that are drawn as one together."""
        return f"array_to_string(list_reverse(string_split({self.source.sql()}, '')), '')"

    def words(self) -> str:
        return f"{self.source.words()} backwards"


@dataclass(frozen=True, slots=True)
class StripAccents(Expression):
    """The text with plain letters for accented ones."""

    source: Expression

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else strip_accents(text)

    def sql(self) -> str:
        return f"strip_accents({self.source.sql()})"

    def words(self) -> str:
        return f"{self.source.words()} without accents"


@lru_cache(maxsize=4096)
def _kept(text: str) -> tuple[Sequence[str], ...]:
    return tuple(pattern.findall(text) for pattern, _, _ in _KINDS)


def _found_in(text: str) -> tuple[Sequence[str], ...]:
    """What of each kind a text holds."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _kept.__wrapped__(text)


@proposes(piece=70)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Joins whose first pieces agree with the outputs."""
    for source, values in sources:
        backwards = tuple(v[::-1] for v in values)
        if backwards != values and occurs(task, backwards) and any(len(v) > 1 for v in values):
            yield Candidate(Reverse(source), backwards)
        if any(ord(ch) > 127 for v in values for ch in v):
            plain = tuple(strip_accents(v) for v in values)
            if plain != values:
                yield Candidate(StripAccents(source), plain)
        for (pattern, grouped, what), *found in zip(_KINDS, *map(_found_in, values), strict=True):
            if max(len(f) for f in found) < 2:
                continue
            for separator in _SEPARATORS:
                if separator and not any(separator in o for o in task.outputs):
                    continue
                joined = tuple(separator.join(f) for f in found)
                if joined != values:
                    yield Candidate(Joined(Found(source, pattern, grouped, what), separator), joined)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    joined = (Joined(Found(CELL, pattern, grouped, what), ".") for pattern, grouped, what in _KINDS)
    return (*joined, Reverse(CELL), StripAccents(CELL))

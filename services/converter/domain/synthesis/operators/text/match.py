"""The n-th piece of text of a kind: the second number, the last word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.synthesis.asking import PICKED, TRUNCATED, Ask, picked
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import MOST_KEPT, Candidate, kept_for, proposes
from services.converter.domain.synthesis.positions import ordinal
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import DIGITS, LONGEST_KEPT, NUMBER, SIGNED, TOKENS, Token

AMONG = 0.7
"""What a number costs more that is one of several: words have their order, numbers what stands beside them."""
_NUMBERS = (DIGITS, NUMBER, SIGNED)


@dataclass(frozen=True, slots=True)
class Match(Expression):
    """The match number ``pick`` of a token (1-based, negative from the end); NULL where there are fewer."""

    source: Expression
    token: Token
    pick: int
    among: bool = False
    """Whether some row of the example holds several numbers, so that which of them it is was counted."""
    asks = (TRUNCATED, *PICKED.values())

    @property
    def met(self) -> tuple[Ask, ...]:
        """It cuts, and picks one match."""
        return (TRUNCATED, *picked(self.pick))

    @property
    def cost(self) -> float:
        """Near ends and plain kinds are simpler."""
        counted = 0.35 * (abs(self.pick) - 1) + (0.15 if self.pick < 0 else 0.0)
        return self.source.cost + 1.5 + self.token.cost + counted + (AMONG if self.among else 0.0)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        if text is None:
            return None
        found = self.token.pattern.findall(text)
        if self.pick > 0:
            return found[self.pick - 1] if self.pick <= len(found) else None
        return found[self.pick] if -self.pick <= len(found) else None

    def sql(self) -> str:
        """An index into `regexp_extract_all`."""
        return f"regexp_extract_all({self.source.sql()}, {literal(self.token.pattern.sql)})[{self.pick}]"

    def words(self) -> str:
        return f"{ordinal(self.pick)} {self.token.name} in {self.source.words()}"


def _tokens_in(text: str) -> tuple[tuple[str, ...], ...]:
    """The matches of each token in a text."""
    return _kept_tokens(text) if len(text) <= LONGEST_KEPT else _kept_tokens.__wrapped__(text)


@lru_cache(maxsize=8192)
def _kept_tokens(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(filter(None, (m.group() for m in token.pattern.finditer(text)))) for token in TOKENS)


@proposes(pick=20, piece=20)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """The matches that every row has, from both ends."""
    del task
    for source, values in sources:
        yield from kept_for(_matches, source, values)


@lru_cache(maxsize=MOST_KEPT)
def _matches(source: Expression, values: tuple[str, ...]) -> Sequence[Candidate]:
    made: list[Candidate] = []
    for token, *found in zip(TOKENS, *map(_tokens_in, values), strict=True):
        fewest, among = min(map(len, found)), token in _NUMBERS and max(map(len, found)) > 1
        for pick in (*range(1, min(fewest, 8) + 1), *range(-1, -min(fewest, 5) - 1, -1)):
            place = pick - 1 if pick > 0 else pick
            made.append(Candidate(Match(source, token, pick, among), tuple([f[place] for f in found])))
    return made


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`: every kind of text, from both ends."""
    return tuple(Match(CELL, token, pick) for token in TOKENS for pick in (1, -2))

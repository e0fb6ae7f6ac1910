"""Positions in texts: marks that they may be split at, and places that every one of them has."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import (
    ALNUMS,
    CAPITALISED,
    DIGITS,
    HYPHENATED,
    LETTERS,
    LOWERS,
    NONSPACE,
    NUMBER,
    SPACES,
    UPPERS,
    Pattern,
    Token,
    literal_token,
    raw,
)

_KINDS = (DIGITS, LETTERS, UPPERS, LOWERS, ALNUMS, NONSPACE, SPACES, NUMBER, CAPITALISED, HYPHENATED)
_FAR = 10
"""Characters from the end of a text after which one offset is as unlikely as the next."""
_LONGEST = 600
"""Values longer than this many characters are cut by literals only."""
_PUNCTUATION = frozenset(",;:|/\\-_.@#&=()[]{}<>*+~!?%$'\"`^ \t\n")
_LONGER = (
    ", ",
    "; ",
    ": ",
    " - ",
    " / ",
    " | ",
    "::",
    "//",
    "--",
    "->",
    "=>",
    " & ",
    " and ",
    " by ",
    " – ",
    " (",
    ") ",
    "\r\n",
    "\n\n",
    "  ",
    ". ",
)


_PADDED = re.compile(r"[^\w\s](?: +)|(?: +)[^\w\s](?: +)?")
_LOOKED_AT, _MOST_PADDED = 300, 4
"""Characters of the first text that are searched for marks with blanks around them, and such marks that are tried."""
MARKS_OF_NUMBERS = ".-"
"""What parts no list where all texts are numbers: a decimal mark, and the sign."""


def delimiters(values: Iterable[str]) -> list[str]:
    """Delimiters that stand in at least one value, those in all values first."""
    return list(_delimiters(tuple(v for v in values if v)))


@lru_cache(maxsize=512)
def _delimiters(texts: tuple[str, ...]) -> Sequence[str]:
    if not texts:
        return ()
    found = {ch for text in texts for ch in text if ch in _PUNCTUATION}
    found |= {d for d in _LONGER if any(d in text for text in texts)}
    ranked = sorted(found, key=lambda d: (-sum(d in text for text in texts), -len(d), d))[:14]
    padded = [m.group() for m in _PADDED.finditer(texts[0][:_LOOKED_AT])]
    own = [d for d in dict.fromkeys(padded) if d not in found and all(d in text for text in texts)]
    return ranked + own[:_MOST_PADDED]


def ordinal(position: int) -> str:
    """1 -> first, -1 -> last, -2 -> 2nd last, 4 -> 4th."""
    if position == -1:
        return "last"
    if position < 0:
        return f"{_suffixed(-position)} last"
    return "first" if position == 1 else _suffixed(position)


def _suffixed(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


TellsPlace = Literal["an end", "characters", "a kind", "a mark", "a word"]
"""What a position in texts is told by."""


@dataclass(frozen=True, slots=True)
class Offset:
    """``count`` characters from the left, or from the right. ``at_most``: shorter texts were seen, and were whole."""

    count: int
    from_end: bool = False
    at_most: bool = False

    @property
    def cost(self) -> float:
        """Far offsets are less likely; the ends of the text are free."""
        return 0.0 if self.count == 0 else 0.9 + 0.04 * min(self.count, _FAR) + (0.2 if self.at_most else 0.0)

    def find(self, text: str) -> int | None:
        """The position, None where the text is too short."""
        if self.count > len(text) and not self.at_most:
            return None
        return self.run(text)

    def run(self, text: str) -> int:
        """The position; 0 or the end where the text is too short."""
        return max(0, len(text) - self.count) if self.from_end else min(self.count, len(text))

    @property
    def told_by(self) -> TellsPlace:
        """What it is told by."""
        return "characters" if self.count else "an end"

    @property
    def manner(self) -> tuple[bool, TellsPlace]:
        """From which end it is told, and by what."""
        return self.from_end, self.told_by

    def sql(self, text: str) -> str:
        """SQL of the position in a text, given in SQL; 0 or the end where the text is too short."""
        return (
            f"greatest(length({text}) - {self.count}, 0)" if self.from_end else f"least({self.count}, length({text}))"
        )

    @property
    def is_counted(self) -> bool:
        """Whether characters are counted: it is not simply an end of the text."""
        return self.count > 0

    def missing(self, text: str) -> str:
        """SQL that holds where a text, given in SQL, has no such place; empty where every text has."""
        return f"length({text}) < {self.count}" if self.count and not self.at_most else ""

    def words(self) -> str:
        """The position in words."""
        if self.count == 0:
            return "the end" if self.from_end else "the start"
        return f"{self.count} before the end" if self.from_end else f"character {self.count}"


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the ``pick``-th match of a token; ``pattern`` measures the text up to it (or from it)."""

    token: Token
    pick: int
    after: bool

    @property
    def cost(self) -> float:
        """Near matches of plain kinds are simpler."""
        return 1.0 + self.token.cost + 0.35 * (abs(self.pick) - 1) + (0.1 if self.pick < 0 else 0.0)

    @property
    def pattern(self) -> Pattern:
        """Group 1 is the text before the position (from the left), or after it (from the right)."""
        token, pick = self.token, self.pick
        if pick > 0:
            if self.after:
                return (
                    raw("^((?:.*?") + token.pattern + raw(f"){{{pick}}})")
                    if pick > 1
                    else raw("^(.*?") + token.pattern + raw(")")
                )
            lead = raw("^((?:.*?") + token.pattern + raw(f"){{{pick - 1}}}.*?)") if pick > 1 else raw("^(.*?)")
            return lead + token.pattern
        if token.outside is None:
            raise ValueError(f"{token.name} cannot be counted from the right")
        run = token.pattern
        gap = token.outside + raw("*" if token.inside is None else "+")
        tail = token.outside + raw("*$)")
        between = raw("(?:") + gap + run + raw(f"){{{-pick - 1}}}") if pick < -1 else raw("")
        if self.after:
            return run + raw("(") + between + tail
        return raw("(") + run + between + tail

    def find(self, text: str) -> int | None:
        """The position, None where there is no such match."""
        m = self.pattern.search(text)
        if m is None:
            return None
        return m.end(1) if self.pick > 0 else m.start(1)

    def run(self, text: str) -> int:
        """The position; the start (from the left) or the end (from the right) where there is no such match."""
        found = self.find(text)
        return found if found is not None else (0 if self.pick > 0 else len(text))

    @property
    def told_by(self) -> TellsPlace:
        """What it is told by."""
        if self.token in _KINDS:
            return "a kind"
        return "a word" if any(map(str.isalnum, self.token.name)) else "a mark"

    @property
    def manner(self) -> tuple[bool, TellsPlace]:
        """From which end it is told, and by what."""
        return self.pick < 0, self.told_by

    def sql(self, text: str) -> str:
        """SQL of the position in a text, given in SQL; the start or the end where there is no such match."""
        measured = f"length(regexp_extract({text}, {literal(self.pattern.sql)}, 1))"
        return measured if self.pick > 0 else f"length({text}) - {measured}"

    @property
    def is_counted(self) -> bool:
        """Matches are counted, not characters."""
        return False

    def missing(self, text: str) -> str:
        """SQL that holds where a text, given in SQL, has no such place."""
        return f"NOT regexp_matches({text}, {literal(self.pattern.sql)})"

    def words(self) -> str:
        """The position in words."""
        name = (
            quoted(self.token.name)
            if self.token.inside is None and len(self.token.name) < 8 and not self.token.name.isalpha()
            else self.token.name
        )
        return f"{'after' if self.after else 'before'} the {ordinal(self.pick)} {name}"


Position = Offset | Edge


def shared_words(values: tuple[str, ...]) -> list[str]:
    """Words, with the blanks and punctuation at their sides, that stand in every value."""
    if len(values[0]) > 4000:
        return []
    first = [m.group() for m in re.finditer(r"[^\W\d_]{2,}", values[0])]
    shared = [w for w in dict.fromkeys(first) if all(w in v for v in values)] if len(set(values)) > 1 else []
    out = []
    for word in shared[:16]:
        longest = word
        for grow in (
            r"[^\w]{0,3}" + re.escape(word) + r"[^\w]{0,3}",
            re.escape(word) + r"[^\w]{0,3}",
            r"[^\w]{0,3}" + re.escape(word),
        ):
            sides = dict.fromkeys(m.group() for m in re.finditer(grow, values[0]))
            best = max((s for s in sides if all(s in v for v in values)), key=len, default=word)
            if len(best) > len(longest):
                longest = best
        out.append(longest)
        if longest.strip() != longest:
            out.append(longest.strip())
        tail = re.search(re.escape(word) + r"[^\w]*", longest)
        if tail and tail.group() not in out:
            out.append(tail.group())
    return list(dict.fromkeys(out))


@lru_cache(maxsize=512)
def positions(values: tuple[str, ...]) -> Mapping[tuple[int, ...], Position]:
    """Positions that every value has, the simplest for each tuple of places."""
    found: dict[tuple[int, ...], Position] = {}
    for position, places in shared_positions(values):
        kept = found.get(places)
        if kept is None or position.cost < kept.cost:
            found[places] = position
    return found


def shared_positions(values: tuple[str, ...]) -> Iterator[tuple[Position, tuple[int, ...]]]:
    """All positions that every value has, with where each value has them."""
    shortest = min(len(v) for v in values)
    for count in range(min(shortest, 16) + 1):
        yield Offset(count), tuple(count for _ in values)
        yield Offset(count, from_end=True), tuple(len(v) - count for v in values)
    if max(len(v) for v in values) > _LONGEST:
        kinds: tuple[Token, ...] = ()
    else:
        kinds = _KINDS
    literals = [literal_token(d) for d in delimiters(values) if all(d in v for v in values)]
    literals += [literal_token(w) for w in shared_words(values)]
    for token in (*kinds, *literals):
        matches = [token.find_all(v) for v in values]
        fewest = min(len(m) for m in matches)
        if not fewest:
            continue
        picks = [
            *range(1, min(fewest, 6) + 1),
            *(range(-1, -min(fewest, 4) - 1, -1) if token.outside is not None else ()),
        ]
        for pick in picks:
            index = pick - 1 if pick > 0 else pick
            yield Edge(token, pick, after=False), tuple(m[index].start() for m in matches)
            yield Edge(token, pick, after=True), tuple(m[index].end() for m in matches)

"""The words by which narratives speak of figures, compiled: names of measures, directions, bounds and bases.

``reference/vocabulary.yaml`` holds them; ``adapters.reference_files`` reads and checks the file. A phrase matches whole
words without case; ``*`` stands for any ending of a word, a space also for a hyphen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

NEVER = re.compile(r"(?!)")


class Direction(StrEnum):
    """Which words say whether a figure of a measure is above or below zero."""

    MOVE = "move"
    EFFECT = "effect"
    LEVEL = "level"
    TRADE = "trade"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's words: ``names`` say that it is meant, ``words`` go with others too.

    Measures of one ``family`` may be set against each other; ``whole`` ones exist for the whole portfolio only;
    ``counts`` where the figure counts things.
    """

    names: re.Pattern[str]
    words: re.Pattern[str]
    direction: Direction | None = None
    family: str = ""
    whole: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What a superlative is over: facts whose id starts with one of ``prefixes``, the first that there are.

    ``inverted`` where the largest is the lowest (the largest loss), ``absolute`` where signs do not count.
    """

    name: str
    words: re.Pattern[str]
    prefixes: tuple[str, ...]
    inverted: bool = False
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Pole:
    """What words that set one thing above or below another are of, and whether ``than`` stands before the other."""

    measures: tuple[str, ...] = ()
    than: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a measure: ``named`` where they leave no doubt that it is meant."""

    tokens: tuple[str, ...]
    measure: str
    named: bool


_REMEMBERED_WORDS = 4096
"""Words whose phrases are kept at hand: more than the words of any few texts, and small."""


class PhraseIndex:
    """Finds the phrases of all measures in a text in one pass over its words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: dict[str, list[Phrase]] = {}
        self._by_stem: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            first = phrase.tokens[0]
            places = self._by_stem if first.endswith("*") else self._by_word
            places.setdefault(first.rstrip("*"), []).append(phrase)
        self._longest = max(map(len, self._by_stem), default=0)
        self._list_from = lru_cache(maxsize=_REMEMBERED_WORDS)(self._collect)

    def find(self, text: str) -> Iterator[tuple[int, int, Phrase]]:
        """Where which phrase stands; phrases overlap."""
        words = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(text)]
        count = len(words)
        for place, (start, _, word) in enumerate(words):
            for phrase in self._list_from(word):
                index = place
                for token in phrase.tokens[1:]:
                    index += 1
                    if index == count or not _fits(token, words[index][2]):
                        break
                else:
                    yield start, words[index][1], phrase

    def _collect(self, word: str) -> tuple[Phrase, ...]:
        """The phrases that begin with a word."""
        found = list(self._by_word.get(word, ()))
        for size in range(1, min(len(word), self._longest) + 1):
            found += self._by_stem.get(word[:size], ())
        return tuple(found)


_WORD = re.compile(r"[^\W_][\w'’]*(?:\.[\w]+)*")


def _fits(token: str, word: str) -> bool:
    return word.startswith(token[:-1]) if token.endswith("*") else word == token


def split_phrase(phrase: str) -> tuple[str, ...]:
    """A phrase as words in the form in which texts are split."""
    return tuple(part for part in re.split(r"[\s-]+", phrase.casefold().strip()) if part)


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Numbers as words, lower case."""

    units: Mapping[str, int]
    tens: Mapping[str, int]
    powers: Mapping[str, int]
    none: tuple[str, ...]
    fractions: Mapping[str, int]
    multiples: Mapping[str, Decimal]
    ordinals: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Everything of the file, compiled."""

    measures: Mapping[str, Measure]
    directions: Mapping[Direction, re.Pattern[str]]
    """Each with the groups ``up``, ``down`` and ``neutral``."""
    bases: re.Pattern[str]
    """With a group for each basis."""
    bounds: Mapping[str, re.Pattern[str]]
    """Words of each kind of bound, at the end of what stands before a figure."""
    comparisons: re.Pattern[str]
    """With a group for each relation."""
    poles: Mapping[str, Pole]
    pole_words: re.Pattern[str]
    """With the groups ``up_`` and ``down_`` of each pole's name."""
    superlatives: re.Pattern[str]
    scopes: tuple[Scope, ...]
    counted: re.Pattern[str]
    boundaries: re.Pattern[str]
    undecidable: re.Pattern[str]
    """With the groups ``forecast``, ``guarantee`` and ``cause``."""
    together: re.Pattern[str]
    apart: re.Pattern[str]
    times: re.Pattern[str]
    portfolio: re.Pattern[str]
    benchmark: re.Pattern[str]
    indexes: re.Pattern[str]
    profiles: re.Pattern[str]
    """A risk profile that is named as one; ``named`` or ``said`` is its name."""
    same_profiles: Mapping[str, str]
    """Names of risk profiles, lower case, each with the one that stands for all."""
    numbers: NumberWords
    phrases: PhraseIndex
    same: Mapping[str, str]
    """Names that mean the same subject, each with the one that stands for all; short ones match in this case only."""
    ordinary: frozenset[str]
    """Words that name no asset though a sentence begins with them, lower case."""
    words: frozenset[str]
    """Every word of the measures: as part of an asset's name it names no asset alone."""

    def key(self, subject: str) -> str:
        """What a subject is compared by, whatever name it goes by."""
        name = " ".join(subject.casefold().split())
        return self.same.get(name, name)

    def measure(self, name: str) -> Measure:
        """The measure of that name; one without words where the file has none."""
        return self.measures.get(name, _WORDLESS)


_WORDLESS = Measure(NEVER, NEVER)


def write_pattern(phrases: Iterable[str]) -> str:
    """Phrases as a regular expression without flags, the longest first; it matches nothing where there are none."""
    parts = [
        r"[\s-]+".join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())
        for phrase in sorted(set(phrases), key=len, reverse=True)
    ]
    return rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)" if parts else "(?!)"


def compile_phrases(phrases: Iterable[str], before: str = "", after: str = "") -> re.Pattern[str]:
    """Phrases as a pattern, with what must stand before and after them."""
    return re.compile(before + write_pattern(phrases) + after, re.IGNORECASE)


def compile_groups(groups: Mapping[Any, Iterable[str]]) -> re.Pattern[str]:
    """Phrases by group, as one pattern with a named group each; the longest phrase of all wins."""
    every = sorted(((phrase, name) for name, phrases in groups.items() for phrase in phrases), key=lambda x: -len(x[0]))
    names: dict[str, list[str]] = {}
    for phrase, name in every:
        names.setdefault(name, []).append(phrase)
    return re.compile(
        "|".join(f"(?P<{name}>{write_pattern(phrases)})" for name, phrases in names.items()) or "(?!)", re.IGNORECASE
    )


def compile_profiles(names: Iterable[str]) -> re.Pattern[str]:
    """Names of risk profiles where they are said of a client: before the word, or after ``risk profile is``."""
    name = write_pattern(names)
    return re.compile(
        rf"(?P<named>{name})\s+(?:risk\s+)?(?:profile|investors?|clients?|mandate)\b|"
        rf"\brisk\s+(?:profile|appetite|tolerance)(?:\s+(?:is|of|was|being)|:)?\s+"
        rf"(?:stated\s+as\s+|a\s+)?(?P<said>{name})",
        re.IGNORECASE,
    )

"""``vocabulary.yaml``: read, checked, and compiled into a ``Vocabulary``. Errors name the line."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from services.portfolio.adapters.yaml_lines import Strict, check_document, read_document
from services.portfolio.domain.vocabulary import (
    Direction,
    Measure,
    NumberWords,
    Phrase,
    PhraseIndex,
    Pole,
    Scope,
    Vocabulary,
    compile_groups,
    compile_phrases,
    compile_profiles,
    split_phrase,
    write_pattern,
)

FILE = "vocabulary.yaml"
Phrases = tuple[str, ...]


class _Measure(Strict):
    names: Phrases = ()
    words: Phrases = ()
    direction: Direction | None = None
    family: str = ""
    whole: bool = False
    counts: bool = False


class _Direction(Strict):
    up: Phrases
    down: Phrases
    neutral: Phrases = ()


class _Scope(Strict):
    words: Phrases
    ids: Phrases
    reversed: bool = False
    absolute: bool = False


class _Superlatives(Strict):
    most: Phrases
    least: Phrases


class _Numbers(Strict):
    units: dict[str, int]
    tens: dict[str, int]
    powers: dict[str, int]
    none: Phrases
    fractions: dict[str, int]
    multiples: dict[str, Decimal]
    ordinals: dict[str, int]


class _Pole(Strict):
    up: Phrases
    down: Phrases
    than: bool = False
    of: Phrases = ()


class _File(Strict):
    measures: dict[str, _Measure] = Field(min_length=1)
    directions: dict[Direction, _Direction]
    bases: dict[
        Literal["per_year", "per_month", "per_quarter", "cumulative", "trailing", "after_tax", "before_tax"], Phrases
    ]
    bounds: dict[Literal["above", "below", "near", "under", "over"], Phrases]
    comparisons: dict[Literal["above", "below", "level", "within", "outside"], Phrases]
    poles: dict[str, _Pole]
    superlatives: _Superlatives
    scopes: dict[str, _Scope]
    counted: Phrases
    boundaries: Phrases
    undecidable: dict[Literal["forecast", "guarantee", "cause"], Phrases]
    together: Phrases
    apart: Phrases
    times: Phrases
    portfolio: Phrases
    benchmark: Phrases
    number_words: _Numbers
    indexes: Phrases
    profiles: tuple[Phrases, ...]
    same: tuple[Phrases, ...]
    ordinary: Phrases


def parse_vocabulary(text: str) -> Vocabulary:
    """The vocabulary in YAML text. Raises ``CatalogueError`` naming the line of a fault."""
    found = check_document(read_document(text, FILE), _File, FILE)
    return Vocabulary(
        measures={
            name: Measure(
                compile_phrases(item.names), compile_phrases(item.words), item.direction, item.family, item.whole,
                item.counts,
            )
            for name, item in found.measures.items()
        },
        directions={
            kind: compile_groups({"up": item.up, "down": item.down, "neutral": item.neutral})
            for kind, item in found.directions.items()
        },
        bases=compile_groups(found.bases),
        bounds={name: compile_phrases(phrases, after=r"\s*$") for name, phrases in found.bounds.items()},
        comparisons=compile_groups(found.comparisons),
        poles={name: Pole(item.of, item.than) for name, item in found.poles.items()},
        pole_words=compile_groups(
            {
                f"{way}_{name}": phrases
                for name, item in found.poles.items()
                for way, phrases in (("up", item.up), ("down", item.down))
            }
        ),
        superlatives=compile_groups(found.superlatives.model_dump()),
        scopes=tuple(
            Scope(name, _compile_nouns(item.words), item.ids, item.reversed, item.absolute)
            for name, item in found.scopes.items()
        ),
        counted=compile_phrases(found.counted),
        boundaries=re.compile(rf";|—|\s–\s|{write_pattern(found.boundaries)}", re.IGNORECASE),
        undecidable=compile_groups(found.undecidable),
        together=compile_phrases(found.together),
        apart=compile_phrases(found.apart),
        times=re.compile(rf"{write_pattern(found.times)}|\dx\b", re.IGNORECASE),
        portfolio=compile_phrases(found.portfolio),
        benchmark=compile_phrases(found.benchmark),
        indexes=re.compile(
            rf"\b(?:{'|'.join(re.escape(word) for word in sorted(found.indexes, key=len, reverse=True))})\b"
            r"(?:[ -](?:[A-Z][\w&]*|\d{2,4}(?![\d.,]*\s?(?:%|per)|[.,]\d)))*"
        ),
        profiles=compile_profiles(name for group in found.profiles for name in group),
        same_profiles={name.casefold(): group[0] for group in found.profiles for name in group},
        numbers=NumberWords(**found.number_words.model_dump()),
        phrases=PhraseIndex(_list_phrases(found)),
        same={name: group[0] for group in found.same for name in group},
        ordinary=frozenset(word.casefold() for word in found.ordinary),
        words=frozenset(
            word.rstrip("*").casefold()
            for item in found.measures.values()
            for phrase in (*item.names, *item.words)
            for word in phrase.replace("-", " ").split()
        ),
    )  # fmt: skip


def _list_phrases(found: _File) -> Iterator[Phrase]:
    """Every phrase of every measure; words of its direction go with a measure too."""
    for name, item in found.measures.items():
        moves = found.directions[item.direction] if item.direction is not None else None
        loose = [*item.words, *((*moves.up, *moves.down, *moves.neutral) if moves is not None else ())]
        for phrases, named in ((item.names, True), (loose, False)):
            yield from (Phrase(tokens, name, named) for phrase in set(phrases) if (tokens := split_phrase(phrase)))


def _compile_nouns(words: Phrases) -> re.Pattern[str]:
    """Nouns with their plurals."""
    plural = {f"{word[:-1]}ies" if word.endswith("y") else f"{word}s" for word in words}
    return compile_phrases({*words, *plural, *(f"{word}es" for word in words if word.endswith("s"))})

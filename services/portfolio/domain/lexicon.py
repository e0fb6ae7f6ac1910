"""Names of columns and fields as sets of what their words mean, in any order, language and abbreviation.

``Mkt Val``, ``valeur de marché`` and ``Marktwert`` are one set: market and value. A word that is in no table means
itself, so that a name with one more word than is known is another name.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_PUNCTUATION = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])")
_TOKENS = re.compile(r"[^\W\d_]+|\d+|[%#]")
_MOST_JOINED = 3
"""So many words in a row may be one of the table's, such as ``as of`` or ``P&L``."""
_LEAST_PIECE, _LEAST_COMPOUND = 3, 6
"""Letters of a word within a compound, and of the compound: two-letter pieces are found in everything."""
_LINKS = ("", "s", "n")
"""What German puts between the words of a compound."""
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_MOST_LETTERS = 80
"""A longer name is a sentence."""
_REMEMBERED = 8192
_EXACT = "="
_OPTIONAL = re.compile(r"\(([^()]*)\)")


@lru_cache(maxsize=4096)  # the names of all sections, and those of the last payloads
def match_form(name: str) -> str:
    """A name without case, spaces, underscores, punctuation and accents."""
    return _PUNCTUATION.sub("", _fold(name))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if not unicodedata.combining(character))


def spell_word(word: str) -> tuple[str, ...]:
    """The forms of a word of the table: without accents, and with umlauts written out."""
    written = word.casefold()
    for letter, letters in _UMLAUTS.items():
        written = written.replace(letter, letters)
    return tuple(dict.fromkeys((_fold(word), _fold(written))))


def is_exact(phrase: str) -> bool:
    """Whether a phrase is one spelling alone (``=nav``), which may stand for several things."""
    return phrase.startswith(_EXACT)


class Lexicon:
    """What words mean: each form of a word with the parts of a meaning that it stands for."""

    def __init__(self, words: Mapping[str, tuple[str, ...]] | None = None, fillers: Iterable[str] = ()) -> None:
        self._words = dict(words or {})
        self._fillers = frozenset(fillers)
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_name)

    def read(self, name: str) -> frozenset[str]:
        """The parts of a name's meaning; a word that is not known is a part of its own."""
        return self._read(name)

    def _read_name(self, name: str) -> frozenset[str]:
        if len(name) > _MOST_LETTERS:
            return frozenset({name})
        composed = unicodedata.normalize("NFC", name).replace("#", " no ")
        tokens = _TOKENS.findall(_fold(_CAMEL.sub(" ", composed)))
        parts: set[str] = set()
        place = 0
        while place < len(tokens):
            for length in range(min(_MOST_JOINED, len(tokens) - place), 0, -1):
                if (found := self._words.get("".join(tokens[place : place + length]))) is not None:
                    break
            else:
                length, found = 1, self._read_unknown(tokens[place])
            parts.update(found)
            place += length
        return frozenset(parts)

    def _read_unknown(self, word: str) -> tuple[str, ...]:
        if word in self._fillers:
            return ()
        singular = word.removesuffix("s")
        if singular in self._words and len(word) > _LEAST_PIECE:
            return self._words[singular]
        pieces = self._split(word) if len(word) >= _LEAST_COMPOUND else None
        return pieces if pieces is not None else (word,)

    def _split(self, compound: str) -> tuple[str, ...] | None:
        """The parts of a compound whose every piece is known: the fewest pieces, None where there is no such cut."""
        # By length: how many pieces and links it took, and the parts.
        best: list[tuple[int, tuple[str, ...]] | None] = [(0, ()), *([None] * len(compound))]
        for start in range(len(compound)):
            if (before := best[start]) is None:
                continue
            for stop in range(start + _LEAST_PIECE, len(compound) + 1):
                if (found := self._words.get(compound[start:stop])) is None:
                    continue
                for link in _LINKS:
                    after = stop + len(link)
                    if not compound.startswith(link, stop) or (link and after == len(compound)):
                        continue
                    count = before[0] + 1 + bool(link)
                    if (old := best[after]) is None or count < old[0]:
                        best[after] = (count, (*before[1], *found))
        whole = best[-1]
        return whole[1] if whole is not None else None


@dataclass(frozen=True, slots=True)
class _Pattern:
    needed: frozenset[str]
    allowed: frozenset[str]
    meaning: str


@dataclass(frozen=True)
class Names:
    """What columns or fields may be called: phrases by the canonical name that they stand for.

    A phrase matches every name of the same words; ``value (market total)`` also without those in brackets, and
    ``=valor`` is one spelling alone. ``then`` are names that count where none of these is met: those that all sections
    share, behind a section's own.
    """

    phrases: Mapping[str, tuple[str, ...]]
    lexicon: Lexicon
    then: "Names | None" = None
    exact: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)
    _patterns: tuple[_Pattern, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        exact: dict[str, dict[str, None]] = {}
        patterns: dict[_Pattern, None] = {}
        for meaning, phrases in self.phrases.items():
            for phrase in (f"{_EXACT}{meaning}", *phrases):
                bare = phrase.removeprefix(_EXACT)
                if not _OPTIONAL.search(phrase):
                    exact.setdefault(match_form(bare), {})[meaning] = None
                if not is_exact(phrase) and (pattern := self._make_pattern(phrase, meaning)) is not None:
                    patterns[pattern] = None
        object.__setattr__(self, "exact", {form: tuple(found) for form, found in exact.items()})
        object.__setattr__(self, "_patterns", tuple(patterns))
        object.__setattr__(self, "_find", lru_cache(maxsize=_REMEMBERED)(self._find_meanings))

    def _make_pattern(self, phrase: str, meaning: str) -> _Pattern | None:
        needed = self.lexicon.read(_OPTIONAL.sub(" ", phrase))
        optional = (self.lexicon.read(word) for words in _OPTIONAL.findall(phrase) for word in words.split())
        return _Pattern(needed, needed.union(*optional), meaning) if needed else None

    def find_exact(self, name: str) -> tuple[str, ...]:
        """What a name may stand for by its spelling alone."""
        return self.exact.get(match_form(name), ())

    def find(self, name: str) -> tuple[str, ...]:
        """What a name may stand for: nothing, one thing, or several that only its content tells apart."""
        found: tuple[str, ...] = self._find(name)  # type: ignore[attr-defined]
        return found

    def _find_meanings(self, name: str) -> tuple[str, ...]:
        found = self.find_exact(name) or self._match(name)
        return found if found or self.then is None else self.then.find(name)

    def find_by_words(self, name: str) -> tuple[str, ...]:
        """What a name may stand for by its words, whatever its spelling stands for."""
        found = self._match(name)
        return found if found or self.then is None else self.then.find_by_words(name)

    def _match(self, name: str) -> tuple[str, ...]:
        parts = self.lexicon.read(name)
        met = [pattern for pattern in self._patterns if pattern.needed <= parts <= pattern.allowed] if parts else []
        return tuple(dict.fromkeys(pattern.meaning for pattern in met))

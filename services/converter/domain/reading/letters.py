"""Which letters follow one another in the words of languages, learned from the names that Unicode's tables hold.

A language's words are its names of territories, languages, currencies, months and days (CLDR, as `babel` has them):
some 1,400 words each, written by people who write the language. Of a word there is said how likely it is one of it, by
pairs of letters; what stands in none of these words is a stranger there.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_EDGE = "\n"
_PAIR_WEIGHT = 8.0
"""How many pairs a letter must begin before these say more of what follows it than the letters' own shares do."""
STRANGER, _MARK = math.log(1e-6), math.log(0.003)
"""What is no letter of the language; a mark that prose has before or behind a word."""
_BEFORE, BEHIND = "¿¡°", "²³¹ºª°™®"
_LATER_LETTERS = str.maketrans("șțȘȚ", "şţŞŢ")
"""Letters that came later than encodings of one byte, and what is written there in their place."""


@dataclass(frozen=True, slots=True)
class Letters:
    """How often letters, and pairs of them, stand in the words of a language."""

    pairs: Counter[str]
    begun: Counter[str]
    single: Counter[str]
    total: int

    def weigh(self, word: str) -> float:
        """The logarithm of how likely a word of the language is this one."""
        likelihood = 0.0
        first, last = word[:1], word[-1:]
        if len(word) > 1 and first in _BEFORE:
            word, likelihood = word[1:], likelihood + _MARK
        if len(word) > 1 and last in BEHIND:
            word, likelihood = word[:-1], likelihood + _MARK
        before = _EDGE
        for letter in _plain_case(word) + _EDGE:
            likelihood += self._follows(before, letter)
            before = letter
        return likelihood

    def _follows(self, before: str, letter: str) -> float:
        if letter not in self.single:
            return STRANGER
        share = self.single[letter] / self.total
        pairs = self.pairs[before + letter]
        return math.log((pairs + _PAIR_WEIGHT * share) / (self.begun[before] + _PAIR_WEIGHT))


def _plain_case(word: str) -> str:
    """A word in small letters; a capital behind a small letter stays one: it begins no word."""
    return word[:1].lower() + "".join(
        letter if letter.isupper() and before.islower() else letter.lower() for before, letter in pairwise(word)
    )


@lru_cache(maxsize=64)
def letters_of(language: str) -> Letters:
    """The letters of a language by its code. Takes some ten milliseconds."""
    from babel import Locale  # noqa: PLC0415 - tables that most files never ask for

    locale = Locale.parse(language)
    names: list[str] = []
    for listed in (locale.territories, locale.languages, locale.currencies):
        names += map(str, listed.values())
    for calendar in (locale.months, locale.days):
        names += (str(name) for form in calendar.values() for name in form["wide"].values())
    prose = "\n".join(names).translate(_LATER_LETTERS).lower()
    words = set("".join(c if c.isalpha() else " " for c in prose).split())
    pairs: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    single: Counter[str] = Counter()
    for word in words:
        edged = f"{_EDGE}{word}{_EDGE}"
        pairs.update(first + second for first, second in pairwise(edged))
        begun.update(edged[:-1])
        single.update(edged[1:])
    return Letters(pairs, begun, single, single.total())

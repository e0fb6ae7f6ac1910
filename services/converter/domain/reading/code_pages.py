"""In which one-byte encoding a text is, decided by the words that its letters make.

Every byte is some letter in every such encoding, so none is refuted by the bytes alone: `£ódŸ` and `Łódź` are the same
four. What tells them apart is that the letters of one make words of a language. Readings are weighed against one
another by how likely their words are: each as a word of the language that most of the file's words are of, of another
language that is written in this encoding, or as one that the example's other side holds.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.reading.letters import BEHIND, STRANGER, letters_of

_WESTERN = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "ca")
_CENTRAL = ("en", "de", "pl", "cs", "sk", "hu", "hr", "sl", "ro")
PAGES: dict[str, tuple[float, tuple[str, ...]]] = {
    "cp1252": (1.0, _WESTERN),
    "cp1251": (0.1, ("en", "ru", "uk", "bg", "sr")),
    "cp1250": (0.1, _CENTRAL),
    "iso-8859-2": (0.1, _CENTRAL),
    "cp1254": (0.1, ("en", "de", "tr")),
    "cp1257": (0.01, ("en", "de", "et", "lv", "lt")),
    "cp1253": (0.01, ("en", "el")),
    "cp850": (0.01, _WESTERN),
    "cp852": (0.01, _CENTRAL),
    "mac_roman": (0.01, _WESTERN),
}
"""Encodings of one byte a letter: how often one is met for each file in the first, in orders of magnitude (as pages of
the web that are not Unicode; those of DOS and old Macs are rarer), and the languages that are written in it."""
DECIDED = math.log(100)
"""By how much a reading must be likelier than any other to be believed."""
_OF_SENDER = math.log(1e4)
"""How much likelier it is that a sender's files are all in one encoding than that one of them is in another."""
_OTHER_LANGUAGE, _OF_OTHER_SIDE = 0.1, 0.5
"""How often a word is of another language than most words of its file; or one of the example's other side, where that
is known."""
_MOST_WORDS = 200
"""Words that are looked at, of those that readings differ on and of the others."""
_HOPELESS = 3
"""Words more than another reading has with a symbol among their letters: no likelihood makes up for so many."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_TEXT_WORD = re.compile(r"[^\W\d_]+")
_AROUND = "‘’“”„‚–—…«»‹›\xa0"
_WITHIN = re.compile("(?<=[^\\W\\d_])[’·–\xad\xa0](?=[^\\W\\d_])")
_PUNCTUATION, _SYMBOL = math.log(0.01), math.log(0.1)
"""Punctuation of print, which stands around words, and between parts of them; how often it does there, and a symbol by
itself among texts with other than plain letters, as `£` before figures."""
_IMPOSSIBLE = re.compile("[\x80-\x9f\ufffd]")
_SLIPS = 0.01
"""Words with a byte that is no letter of an encoding that do not refute it: were the file in another one, they would be
one in twenty-five and more (Windows-1252 lacks the fewest: five bytes of 128)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The likeliest encoding, and ``others`` that make other words and are nearly as likely."""

    name: str
    others: tuple[str, ...] = ()


def decide_page(content: bytes, *, known: Collection[str] = (), prior: str = "") -> Decision:
    """Decide by a text's words.

    ``known`` are words of the other side of an example, ``prior`` is the encoding of the example's own file.
    """
    words = Counter(_WORD.findall(content))
    marked = [word for word in words if not word.isascii()][:_MOST_WORDS]
    counts = [words[word] for word in marked]
    plain = [word.decode("ascii") for word in words if word.isascii() and len(word) > 2][:_MOST_WORDS]
    fitting = [
        found for page in sorted(PAGES, key=lambda p: p != prior) if (found := _Reading.of(page, marked, counts))
    ]
    fewest = min(reading.strange for reading in fitting)
    different: dict[tuple[str, ...], _Reading] = {}
    for reading in fitting:
        if reading.strange <= fewest + _HOPELESS:
            # Of encodings that make the same words one is as good as another.
            different.setdefault(reading.texts, reading)
    if len(different) == 1:
        return Decision(next(iter(different.values())).page)
    folded = frozenset(word.casefold() for word in known)
    weights = {
        each.page: each.weigh(plain, folded) + (_OF_SENDER if each.page == prior else 0.0)
        for each in different.values()
    }
    best = max(weights, key=lambda page: weights[page])
    behind = sorted((weights[best] - weight, page) for page, weight in weights.items() if page != best)
    return Decision(best, tuple(page for by, page in behind if by < 2 * DECIDED) if behind[0][0] < DECIDED else ())


def open_letters(name: str, others: Sequence[str]) -> str:
    """The letters of an encoding that are others in one of those that a text could as well be in."""
    own, *others = (bytes(range(0x80, 0x100)).decode(page, "replace") for page in (name, *others))
    return "".join(
        letter for place, letter in enumerate(own) if letter.isprintable() and any(o[place] != letter for o in others)
    )


def words_of(text: str) -> frozenset[str]:
    """The words of a text that have other than plain letters."""
    return frozenset(word for word in _TEXT_WORD.findall(text) if not word.isascii())


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text's words with other than plain letters, as an encoding has them; ``marks`` is how likely the punctuation
    around them is; ``strange`` ones have a symbol among their letters, or letters of two scripts."""

    page: str
    texts: tuple[str, ...]
    words: tuple[str, ...]
    marks: float
    strange: int

    @classmethod
    def of(cls, page: str, words: Sequence[bytes], counts: Sequence[int]) -> "_Reading | None":
        texts = [word.decode(page, "replace") for word in words]
        slips = {text for text in texts if _IMPOSSIBLE.search(text)}
        if sum(count for text, count in zip(texts, counts, strict=True) if text in slips) > sum(counts) * _SLIPS:
            return None
        parts: list[str] = []
        marks = 0.0
        for text in texts:
            if text in slips:
                continue
            if not any(map(str.isalpha, text)):
                marks += STRANGER if any(map(_is_debris, text)) else _SYMBOL
                continue
            stripped = [part.strip(_AROUND) for part in _WITHIN.split(text)]
            parts += filter(None, stripped)
            marks += _PUNCTUATION * (len(text) - sum(map(len, stripped)))
        return cls(page, tuple(texts), tuple(parts), marks, len(slips) + sum(map(_is_strange, parts)))

    def weigh(self, plain: Sequence[str], known: frozenset[str]) -> float:
        """How likely the words are, and the plain ones beside them, in the likeliest language of the encoding."""
        often, languages = PAGES[self.page]
        words = (*self.words, *plain)
        models = [letters_of(language) for language in languages]
        likely = [[model.weigh(word) for model in models] for word in words]
        weights = []
        for number in range(len(languages)):
            weight = 0.0
            for word, by_language in zip(words, likely, strict=True):
                most = max(by_language)
                other = most + math.log(sum(math.exp(value - most) for value in by_language) / len(by_language))
                of_file = _either(by_language[number], other, _OTHER_LANGUAGE)
                if known:
                    listed = -math.log(len(known)) if word.casefold() in known else -math.inf
                    of_file = _either(of_file, listed, _OF_OTHER_SIDE)
                weight += of_file
            weights.append(weight)
        return max(weights) + math.log(often) + self.marks + self.strange * STRANGER


def _either(first: float, second: float, share: float) -> float:
    """The logarithm of a mixture of two likelihoods, of which the second has so great a share."""
    one, other = first + math.log(1 - share), second + math.log(share)
    most = max(one, other)
    return most + math.log(math.exp(one - most) + math.exp(other - most))


def _is_debris(symbol: str) -> bool:
    """Whether no text has it by itself: an accent without its letter, a piece of a drawn frame."""
    return unicodedata.category(symbol) in ("Sk", "Mn") or "\u2500" <= symbol <= "\u259f"


def _is_strange(word: str) -> bool:
    inner = word.strip("".join(c for c in word if not c.isalpha()) + BEHIND)
    return inner != "" and (not inner.isalpha() or len({_script(c) for c in inner}) > 1)


@lru_cache(maxsize=512)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]

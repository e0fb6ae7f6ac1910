"""The shapes in which limits are sent: by name, nested, as a list of rules, as a range, or in words.

Each gives its figure, or both ends of its range, with the words that stand around it.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.numbers import COMMA, POINT, scan_number
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.mandates import is_floor
from services.portfolio.domain.reference import Reference, match_words
from services.portfolio.domain.terms import is_empty, spell

MOST_RULES = 200
LONGEST_PHRASE = 4
_WHOLE = Decimal(100)
_MARK = r"(?:%|percent\b|pct\b|per cent\b|prozent\b|pour cent\b|procent\b|por ciento\b|per cento\b)"
_PERCENT = re.compile(rf"\d+(?:[.,]\d+)?\s?{_MARK}?", re.IGNORECASE)
_PARTS = re.compile(r"[;\n]|,\s+|(?<=%)\s*(?:and|und|et|en|e|y)\s+")
_NUMBER = rf"(\d{{1,3}}(?:[.,]\d+)?)\s*({_MARK})?"
_DASH, _AND = r"-|\u2010|\u2011|\u2013|\u2014|to\b|bis\b|à|a\b|tot\b|al\b", r"and\b|und\b|et\b|en\b|e\b|y\b"
_ALONE = re.compile(rf"(\D*?){_NUMBER}\s*(?:{_DASH}|{_AND})\s*{_NUMBER}(\D*)", re.IGNORECASE)
"""A text that says one range, with the words around it."""
_BETWEEN = re.compile(
    rf"(?:\b(?:between|zwischen|entre|tussen|tra|fra)\s+{_NUMBER}\s*(?:{_AND})\s*{_NUMBER})|{_NUMBER}\s*(?:{_DASH})\s*{_NUMBER}",
    re.IGNORECASE,
)
"""A range among other words: an ``and`` between two figures makes one only behind a word that says so."""
_SIGNS = ((">=", " at least "), ("≥", " at least "), (">", " at least "), ("<=", " at most "), ("≤", " at most "),
          ("<", " at most "))  # fmt: skip
_LOWER = frozenset({"from", "von", "lower", "low", "de", "da", "van", "desde", "dal"})
"""Names of the lower end in an object of two, beside the words of limits that are least ones."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The least and the most of a range, each as it was sent, and how both were."""

    least: object
    most: object
    says: str

    @property
    def ascend(self) -> bool:
        """Whether the range goes up, and not beyond the whole; another is none that could judge anything."""
        numbers = [scan_number(end, "") for end in (self.least, self.most)]
        low, high = (
            (number.under(POINT) or number.under(COMMA) or Decimal(0)) if number is not None else _WHOLE + 1
            for number in numbers
        )
        return 0 <= low < high <= _WHOLE


Words = tuple[str, ...]
Named = Callable[[str], bool]


def read_ends(raw: object, reference: Reference) -> Ends | None:
    """The least and the most that a value says and nothing else; None where it says none."""
    if isinstance(raw, str):
        met = _ALONE.fullmatch(raw.strip())
        mark = "%" if met is not None and (met[3] or met[5]) else ""
        return (
            Ends(f"{met[2]}{mark}", f"{met[4]}{mark}", raw.strip()) if met is not None and not is_figure(raw) else None
        )
    if isinstance(raw, list):
        return Ends(raw[0], raw[1], spell(raw)) if len(raw) == 2 and all(map(is_figure, raw)) else None
    if not isinstance(raw, Mapping):
        return None
    sides = [
        [value for name, value in raw.items() if is_figure(value) and names_end(str(name), reference) == end]
        for end in ("min", "max")
    ]
    return Ends(sides[0][0], sides[1][0], spell(raw)) if all(len(side) == 1 for side in sides) else None


def names_end(name: str, reference: Reference) -> str | None:
    """``min`` or ``max`` for a name of an end."""
    if reference.names_any(name, reference.terms.limit_least | _LOWER):
        return "min"
    return "max" if reference.names_any(name, reference.terms.limit_most) else None


def flatten(path: Words, raw: object, reference: Reference, is_rule: Named) -> Iterator[tuple[Words, object]]:
    """Each figure or range (``Ends``) with the words that stand around it; those of a rule as an object are its texts
    as well. ``is_rule`` says of words whether they mean a limit of some kind."""
    if isinstance(raw, list) and (ends := read_ends(raw, reference)) is not None:
        yield path, ends
    elif isinstance(raw, Mapping):
        yield from _flatten_object(path, raw, reference, is_rule)
    elif isinstance(raw, list):
        for item in raw[:MOST_RULES]:
            yield from flatten(path, item, reference, is_rule)
    elif isinstance(raw, str) and not is_figure(raw):
        yield from _flatten_text(path, raw, reference)
    elif not is_empty(raw):
        yield path, raw


def _flatten_text(path: Words, raw: str, reference: Reference) -> Iterator[tuple[Words, object]]:
    if (ends := read_ends(raw, reference)) is not None and (met := _ALONE.fullmatch(raw.strip())) is not None:
        rest = f"{met[1]} {met[6]}"
        yield _join(path, rest if any(character.isalpha() for character in rest) else ""), ends
        return
    text, ranges = raw, list[Ends]()
    for sign, words in _SIGNS:
        text = text.replace(sign, words)

    def keep(met: re.Match[str]) -> str:
        groups = [group for group in met.groups() if group]
        numbers = [group for group in groups if group[0].isdigit()]
        if len(groups) == len(numbers):
            return met[0]  # bare numbers among words may be years or places
        ranges.append(Ends(f"{numbers[0]}%", f"{numbers[1]}%", met[0].strip()))
        return f" \x00{len(ranges) - 1}\x00 "

    last: Words = ()
    sides = reference.terms.limit_least | reference.terms.limit_most | reference.terms.limit_plain
    for part in _PARTS.split(_BETWEEN.sub(keep, text)):
        met = re.search("\x00(\\d+)\x00", part)
        figures = [match for match in _PERCENT.finditer(part) if match[0].strip()]
        marked = [match for match in figures if not match[0].strip()[-1].isdigit()] or figures
        if met is not None:
            yield _join(path, f"{part[: met.start()]} {part[met.end() :]}"), ranges[int(met[1])]
        elif len(marked) == 1:
            own = _join((), f"{part[: marked[0].start()]} {part[marked[0].end() :]}")
            if drop_phrases(match_words(" ".join(own)).split(), sides):
                last = own
            else:
                own = (*last, *own)  # the second end of what was named before
            yield (*path, *own), marked[0][0]
        elif part.strip():
            yield path, part.strip()


def drop_phrases(words: list[str], plain: Container[str]) -> list[str]:
    """The words without these phrases, the longest first."""
    for size in range(LONGEST_PHRASE, 0, -1):
        start = 0
        while start + size <= len(words):
            if " ".join(words[start : start + size]) in plain:
                words = words[:start] + words[start + size :]
            else:
                start += 1
    return words


def _join(path: Words, words: str) -> Words:
    found = split_words(" ".join(words.replace(":", " ").split()))
    return (*path, found) if found else path


def _flatten_object(
    path: Words, raw: Mapping[object, object], reference: Reference, is_rule: Named
) -> Iterator[tuple[Words, object]]:
    """An object of limits by name, or one that is a rule: there no name of a figure says what it is of, but a text."""
    figures = [
        split_words(str(name)) for name, value in raw.items()
        if not is_empty(value) and (is_figure(value) or read_ends(value, reference) is not None)
    ]  # fmt: skip
    named = any(is_rule(name) for name in figures)
    texts = () if named or not figures else tuple(
        str(value) for name, value in raw.items() if isinstance(value, str) and not is_empty(value)
        and not is_figure(value) and read_ends(value, reference) is None and not is_floor(str(name), value, reference)
    )  # fmt: skip
    for name, value in raw.items():
        words = split_words(str(name))
        words = (names_end(words, reference) or words) if len(words.split()) == 1 else words
        if is_empty(value):
            continue
        if (ends := read_ends(value, reference)) is not None and not isinstance(value, str):
            yield (*path, *texts, words), ends
        elif isinstance(value, Mapping | list):
            yield from flatten((*path, words), value, reference, is_rule)
        elif is_figure(value):
            yield (*path, *texts, words), value
        elif isinstance(value, str) and _PERCENT.search(value) and value not in texts:
            yield from _flatten_text((*path, *texts, words), value, reference)
        elif not texts or is_floor(words, value, reference):
            yield (*path, words), value


def is_figure(value: object) -> bool:
    """Whether a value is one figure."""
    if isinstance(value, bool) or value is None:
        return False
    try:
        return scan_number(value, "limits") is not None
    except (InputError, NumberError):
        return False

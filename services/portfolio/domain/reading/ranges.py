"""The range that the client set for equity, in whatever shape it was sent: as text, a pair, or an object of least and
most, alone or among those of other classes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.headers import Header
from services.portfolio.domain.numbers import COMMA, POINT, scan_number
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reference import EQUITY, FieldSpec, Reference, match_words

_SPEC = FieldSpec("rate", "shares", {"any": (Decimal("0.99"), Decimal(100))})
_NUMBER = r"(\d{1,3}(?:[.,]\d+)?)\s*(%|percent|prozent|pour cent|procent|per cento|por ciento)?"
_TEXT = re.compile(
    rf"\D*?{_NUMBER}\s*(?:-|\u2010|\u2011|\u2013|\u2014|to|and|bis|und|à|et|a|tot|en|y|e)\s*{_NUMBER}\D*", re.IGNORECASE
)
_LIMITS = "limits"
_WHOLE = Decimal(100)
_MOST_ROWS = 50
Ends = tuple[object, object]


def scan_range(feed: Feed) -> tuple[str, str, str] | None:
    """The field of the range, and the columns of its least and its most; None where none or several were sent."""
    fields = {name: value for name, value in feed.detected.unknown.items() if _names_range(name, feed.reference)}
    if isinstance(limits := feed.detected.get(_LIMITS), Mapping | list):
        fields[feed.detected.name_of(_LIMITS)] = limits
    found = [
        (name, ends)
        for name, value in fields.items()
        for ends in _find(_drop_range(name, feed.reference), value, feed.reference)
    ]
    if len(found) != 1:
        return None
    field, ends = found[0]
    if not _ascend(ends):
        return None
    keys = tuple(f"equity_range.{end}" for end in ("least", "most"))
    for key, value in zip(keys, ends, strict=True):
        column = Column(key, field, _SPEC, Header(field))
        column.add(0, value, field)
        if column.faults or 0 not in column.cells:
            return None
        feed.columns["", key] = column
    return field, keys[0], keys[1]


def _ascend(ends: Ends) -> bool:
    """Whether a range goes up, and not beyond the whole; another is none that could judge anything."""
    least, most = (scan_number(end, "") for end in ends)
    if least is None or most is None:
        return False
    low, high = (number.under(POINT) or number.under(COMMA) or Decimal(0) for number in (least, most))
    return 0 <= low < high <= _WHOLE


def _names_range(name: str, reference: Reference) -> bool:
    words = match_words(split_words(name)).split()
    return any(word.endswith(phrase) for word in words for phrase in reference.terms.limit_ranges)


def _drop_range(name: str, reference: Reference) -> str:
    """What a name says beside that it is a range: what it is one of."""
    ends = sorted(reference.terms.limit_ranges, key=len, reverse=True)
    words = []
    for word in match_words(split_words(name)).split():
        end = next((phrase for phrase in ends if word.endswith(phrase)), "")
        words.append(word.removesuffix(end))
    return " ".join(filter(None, words))


def _find(words: str, raw: object, reference: Reference) -> Iterator[Ends]:
    """The ends of each range in a value that is one of equity, by the words around it."""
    ends = _read_ends(raw, reference)
    if ends is not None:
        if is_equity(words, reference):
            yield ends
    elif isinstance(raw, Mapping):
        for name, value in raw.items():
            yield from _find(_drop_range(str(name), reference), value, reference)
    elif isinstance(raw, list):
        for item in raw[:_MOST_ROWS]:
            if isinstance(item, Mapping):
                texts = [value for value in item.values() if isinstance(value, str) and not _TEXT.fullmatch(value)]
                yield from _find_in_row(texts, item, reference)


def _find_in_row(texts: Sequence[str], item: Mapping[object, object], reference: Reference) -> Iterator[Ends]:
    if not any(is_equity(match_words(text), reference) for text in texts):
        return
    for raw in (item, *item.values()):
        if (ends := _read_ends(raw, reference)) is not None:
            yield ends
            return


def is_equity(words: str, reference: Reference) -> bool:
    """Whether words, or one of them, are those of equity as a class."""
    kinds = (reference.classify(part, None, "") for part in (words, *words.split()) if part)
    return any(kind is not None and kind.name == EQUITY for kind in kinds)


def _read_ends(raw: object, reference: Reference) -> Ends | None:
    """The least and the most that a value says in percent or parts; None where it says none."""
    if isinstance(raw, str):
        met = _TEXT.fullmatch(raw.strip())
        mark = "%" if met is not None and (met[2] or met[4]) else ""
        return (f"{met[1]}{mark}", f"{met[3]}{mark}") if met is not None else None
    if isinstance(raw, list):
        return (raw[0], raw[1]) if len(raw) == 2 and all(map(_is_figure, raw)) else None
    if not isinstance(raw, Mapping):
        return None
    sides = [
        [value for name, value in raw.items() if _is_figure(value) and reference.names_any(str(name), phrases)]
        for phrases in (reference.terms.limit_least | {"from", "von", "lower", "low", "de"}, reference.terms.limit_most)
    ]
    return (sides[0][0], sides[1][0]) if all(len(side) == 1 for side in sides) else None


def _is_figure(value: object) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    try:
        return scan_number(value, "") is not None
    except (InputError, NumberError):
        return False

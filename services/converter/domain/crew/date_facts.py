"""What the world says of dates, whatever an example shows: which name and which number a month has."""

import re
from collections.abc import Iterable
from itertools import chain

from services.converter.domain.crew.constants import Constant
from services.converter.domain.formats.datenames import COMMON, DateNames, names_of


def _by_name(lists: Iterable[tuple[str, ...]]) -> dict[str, int]:
    return {name.casefold().rstrip("."): place for names in lists for place, name in enumerate(names, 1)}


def _lists(names: DateNames, *fields: str) -> Iterable[tuple[str, ...]]:
    return (getattr(names, field) for field in fields)


_LANGUAGES = tuple(map(names_of, COMMON))
_MONTHS = _by_name(chain.from_iterable(_lists(names, "months", "months_short") for names in _LANGUAGES))
_DAYS = _by_name(chain.from_iterable(_lists(names, "days", "days_short") for names in _LANGUAGES))
_WORD = re.compile(r"[^\W\d_]+")
_WEEK = 7
_FIRST_DAYS = {"Monday is 1": 0, "Monday is 0": 1, "Sunday is 1": 6}
"""How weekdays are numbered: what is to be added to the number, in days of the week from Monday on."""
_NAMES = re.compile(
    rf"(?:(?:{'|'.join(map(re.escape, sorted((*_MONTHS, *_DAYS), key=len, reverse=True)))})|[\W_])+", re.IGNORECASE
)


def names_dates(text: str) -> bool:
    """Whether a text is the name of a month or a weekday, or several with nothing but marks between.

    The world gives these, not the example. What picks them may still be by heart.
    """
    return any(sign.isalpha() for sign in text) and _NAMES.fullmatch(text) is not None


def is_date_fact(constant: Constant, texts: Iterable[str]) -> bool:
    """Whether a constant is a number of the month or the weekday that one of the texts of a row names, or its name."""
    text = constant.text.casefold().rstrip(".")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("12") else None
    words = {word.casefold() for other in texts for word in _WORD.findall(other)}
    months, days = ({names[word] for word in words & names.keys()} for names in (_MONTHS, _DAYS))
    if number is None:
        return _MONTHS.get(text) in months or _DAYS.get(text) in days
    return number in months or any((day - number) % _WEEK in _FIRST_DAYS.values() for day in days)

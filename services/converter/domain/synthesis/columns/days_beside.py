"""Days that a text names, however they are written."""

import re
from datetime import date
from functools import lru_cache

from services.converter.domain.formats.date import infer_formats, read_moment
from services.converter.domain.formats.datenames import languages_of, names_of

MOST_WORDS = 3
"""Words that write a day: `31`, `March`, `2025`."""
_LONGEST_TEXT, _LONGEST_DAY = 300, 30
"""Characters of a text in which days are looked for, and of one day."""
_LEAST_DIGITS = 3
"""Digits of a day and a year."""
_WORD = re.compile(r"[^\s,;:()|]+")
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=4096)
def days_in(text: str) -> frozenset[date]:
    """The days that words of a text may be read as, in every order of day and month; none in a text that is long."""
    words = list(_WORD.finditer(text)) if len(text) <= _LONGEST_TEXT else []
    found: set[date] = set()
    for first in range(len(words)):
        for last in words[first : first + MOST_WORDS]:
            found |= _read(text[words[first].start() : last.end()])
    return frozenset(found)


def _read(text: str) -> set[date]:
    if len(text) > _LONGEST_DAY or len(_DIGIT.findall(text)) < _LEAST_DIGITS:
        return set()
    spelled = [text, *(names_of(language).to_english(text) for language in languages_of([text]))]
    codes = ((each, code) for each in spelled for code in infer_formats([each]))
    moments = (read_moment(each, code) for each, code in codes if "%d" in code and "%y" in code.lower())
    return {moment.date() for moment in moments if moment is not None}

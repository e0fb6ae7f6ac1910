"""Names of months and weekdays in the languages that account files come in, and how their dates are put in English."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from unicodedata import combining, normalize

from services.converter.domain.formats.date import DAYS, DAYS_SHORT, MONTHS, MONTHS_SHORT
from services.converter.domain.formats.letters import lower


@dataclass(frozen=True, slots=True)
class DateNames:
    """One language's names, January and Monday first, and the endings of its ordinal days (a pattern)."""

    months: tuple[str, ...]
    months_short: tuple[str, ...]
    days: tuple[str, ...]
    days_short: tuple[str, ...]
    endings: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Further spellings, in small letters, with the English abbreviation of each."""

    @property
    def spellings(self) -> tuple[tuple[str, str], ...]:
        """Every name in small letters, as a pattern, with its English abbreviation; long ones before those inside them.

        A weekday's abbreviation is a word of its own, and none where it is a month's as well.
        """
        return _spellings(self)

    def may_date(self, text: str) -> bool:
        """Whether the text names a month in this language, or a half of the day with points."""
        return _named(self).search(text.lower()) is not None

    def to_english(self, text: str) -> str:
        """A date's text in small letters, with English abbreviations, and without ordinal endings and points."""
        text = lower(text)
        if self.endings:
            text = re.sub(f"([0-9])(?:{self.endings})", r"\1", text)
        text = re.sub(r"([a-z])\.", r"\1", text)
        for pattern, short in self.spellings:
            text = re.sub(pattern, short, text, flags=re.ASCII)
        return text

    def to_english_sql(self, text: str) -> str:
        """The same over SQL text: `list_reduce` over the names; those that must be words of their own one by one."""
        text = f"lower({text})"
        if self.endings:
            text = f"regexp_replace({text}, '([0-9])(?:{self.endings})', '\\1', 'g')"
        text = f"regexp_replace({text}, '([a-z])\\.', '\\1', 'g')"
        listed = ", ".join(_quoted(f"{name}={short}") for name, short in self.spellings if not _is_word(name))
        replaced = "replace(t, split_part(name, '=', 1), split_part(name, '=', 2))"
        text = f"list_reduce([{listed}], lambda t, name: {replaced}, {text})"
        for pattern, short in filter(lambda pair: _is_word(pair[0]), self.spellings):
            text = f"regexp_replace({text}, {_quoted(pattern)}, {_quoted(short)}, 'g')"
        return text


def _is_word(pattern: str) -> bool:
    return pattern.startswith("\\b")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=512)
def _named(names: DateNames) -> re.Pattern[str]:
    months = {name.lower().rstrip(".") for name in (*names.months, *names.months_short)}
    return re.compile("|".join([*sorted(months), *(name for name, _ in names.others), r"[ap]\.m\b"]))


@lru_cache(maxsize=512)
def _spellings(names: DateNames) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, str] = dict(names.others)
    for some, english in (
        (names.months, MONTHS_SHORT),
        (names.months_short, MONTHS_SHORT),
        (names.days, DAYS_SHORT),
    ):
        for name, short in zip(some, english, strict=True):
            pairs.setdefault(name.lower().rstrip("."), short.lower())
    changed = ((name, short) for name, short in pairs.items() if name != short)
    months = {name.lower() for name in MONTHS_SHORT}
    days = ((day.lower().rstrip("."), short.lower()) for day, short in zip(names.days_short, DAYS_SHORT, strict=True))
    return (
        *sorted(changed, key=lambda pair: -len(pair[0])),
        *((rf"\b{day}\b", short) for day, short in days if day != short and day not in months),
    )


_PREFIXES = (4, 3)
"""Letters of a month's name that stand for it where no other month begins so."""
_ENDINGS = {"en": "st|nd|rd|th", "fr": "er", "es": "º", "it": "º", "pt": "º", "nl": "e"}
"""Endings of ordinal days, which Unicode's tables do not hold."""
_OTHERS = {"en": (("tues", "tue"),), "de": (("mrz", "mar"), ("jänner", "jan"), ("jän", "jan"))}
"""Spellings of spreadsheets and of Austria that the tables of these languages do not hold."""
COMMON = {
    "English": "en", "German": "de", "French": "fr", "Spanish": "es", "Italian": "it", "Portuguese": "pt",
    "Dutch": "nl",
}  # fmt: skip
"""Languages whose names are written too, and read before others, with their codes."""


def _of(code: str) -> DateNames:
    """The names that Unicode's tables hold for a language, and their usual shorter and plainer spellings."""
    from babel.dates import get_day_names, get_month_names  # noqa: PLC0415 - tables that most conversions never ask for

    wide, short = (
        _listed(get_month_names("wide", "format", code)),
        _listed(get_month_names("abbreviated", "format", code)),
    )
    alone = _listed(get_month_names("wide", "stand-alone", code))
    days, days_short = (
        _listed(get_day_names("wide", "format", code)),
        _listed(get_day_names("abbreviated", "format", code)),
    )
    others = dict(_OTHERS.get(code, ()))
    for name, month in zip((*wide, *alone), (*MONTHS_SHORT, *MONTHS_SHORT), strict=True):
        others.setdefault(name.lower(), month.lower())
        for size in _PREFIXES:
            begun = {m for full, m in zip((*wide, *alone), (*MONTHS_SHORT, *MONTHS_SHORT), strict=True)
                     if full.lower().startswith(name.lower()[:size])}  # fmt: skip
            if len(name) > size and len(begun) == 1:
                others.setdefault(name.lower()[:size], month.lower())
    for name, month in list(others.items()):
        plain = "".join(ch for ch in normalize("NFD", name) if not combining(ch))
        others.setdefault(plain, month)
        others.setdefault(name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"), month)
    spoken = tuple((name, month) for name, month in others.items() if name.isalpha())
    return DateNames(wide, short, days, days_short, _ENDINGS.get(code, ""), spoken)


def _listed(names: Mapping[int, str]) -> tuple[str, ...]:
    """Names in the order of their numbers: months from 1, weekdays from Monday, 0."""
    return tuple(name for _, name in sorted(dict(names).items()))


@cache
def further_languages() -> Mapping[str, DateNames]:
    """All other languages that have names of months in letters, those of more countries first. Takes half a second."""
    from babel import Locale  # noqa: PLC0415 - as above
    from babel.core import get_global  # noqa: PLC0415 - as above
    from babel.languages import get_official_languages  # noqa: PLC0415 - as above
    from babel.localedata import locale_identifiers  # noqa: PLC0415 - as above

    titles = Locale("en").languages
    codes = [code for code in locale_identifiers() if len(code) == 2 and code not in COMMON.values()]
    spoken = Counter(code for land in get_global("territory_languages") for code in get_official_languages(land))
    found = {}
    for code in sorted(codes, key=lambda code: (-spoken[code], code)):
        names = _of(code) if code in titles else None
        if names is not None and names.months != MONTHS and all(map(_is_name, names.months)):
            found[str(titles[code])] = names
    return found


def _is_name(name: str) -> bool:
    return name.replace(" ", "").replace("-", "").isalpha()


@cache
def names_of(language: str) -> DateNames:
    """A language's names; KeyError for one that has none."""
    if language == "English":
        return DateNames(MONTHS, MONTHS_SHORT, DAYS, DAYS_SHORT, _ENDINGS["en"], (("sept", "sep"), *_OTHERS["en"]))
    return _of(COMMON[language]) if language in COMMON else further_languages()[language]


_WORDED = re.compile(r"(?s)[0-9].*[^\W\d_]{2}|[^\W\d_]{2}.*[0-9]|[0-9] ?[ap][.]m\b", re.IGNORECASE)
_SPOKEN = re.compile(
    r"\b[0-9]{1,2}[.,]?[ /-]*(?:de )?[^\W\d_]{3,}[.,]?[ /-]*(?:de )?[0-9]{2,4}\b"
    r"|[^\W\d_]{3,}[.,]? [0-9]{1,2},? [0-9]{4}\b"
)
"""A day, a word and a year: what is worth it to look into the tables of all languages."""


def languages_of(texts: Sequence[str]) -> Iterator[str]:
    """Languages in which every text names a month: the common ones, or where there is none, any others."""
    if not all(map(_WORDED.search, texts)):
        return
    common = [language for language in COMMON if all(map(names_of(language).may_date, texts))]
    yield from common
    if not common and all(map(_SPOKEN.search, texts)):
        yield from (language for language, names in further_languages().items() if all(map(names.may_date, texts)))

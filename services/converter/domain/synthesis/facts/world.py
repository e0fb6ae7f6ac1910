"""Tables of the world that people expect to be known: countries, currencies, states, months, weekdays, units.

The names and codes of countries, currencies and states are those of ISO 3166 and ISO 4217 as pycountry and babel
keep them; both are loaded when a column first looks as if it held such names or codes, and not before.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.datenames import COMMON, names_of
from services.converter.domain.synthesis.facts.worldfacts import ALIASES, CALLING_CODES, CONTINENTS, EXCHANGES, SIGNS
from services.converter.domain.synthesis.operators.number.spelled import ONES, TENS

MOST_ENTRIES = 300
"""Tables with more entries are not written into a program."""


@dataclass(frozen=True, slots=True)
class WorldTable:
    """Things of one kind with their names and codes: ``entries`` hold, for each thing, its spellings by attribute.

    ``attributes`` name what can be answered; a thing is found by any spelling of an attribute, the first is answered.
    """

    title: str
    attributes: tuple[str, ...]
    entries: tuple[tuple[tuple[str, ...], ...], ...]

    def pairs(self, source: int, target: int) -> dict[str, str]:
        """From every spelling of one attribute to another attribute; a spelling of several things is left out."""
        found: dict[str, str] = {}
        doubtful: set[str] = set()
        for entry in self.entries:
            if not entry[target]:
                continue
            for spelling in entry[source]:
                if found.setdefault(spelling, entry[target][0]) != entry[target][0]:
                    doubtful.add(spelling)
        return {key: value for key, value in found.items() if key not in doubtful}


@lru_cache(maxsize=1)
def small_tables() -> tuple[WorldTable, ...]:
    """Tables that cost nothing to load."""
    return (_calendar("month"), _calendar("weekday"), _UNITS, _exchanges(), _numerals())


@lru_cache(maxsize=1)
def tables() -> tuple[WorldTable, ...]:
    """All tables, the commonest first."""
    return (
        _countries(),
        _currencies(),
        _states("US", "US state"),
        _states("IN", "Indian state"),
        *small_tables(),
        _states("CA", "Canadian province"),
        _states("AU", "Australian state"),
        _languages(),
    )


def _plain(text: str) -> str:
    """A name without its accents."""
    return "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))


def _spellings(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for name in names if name for form in (name, _plain(name))))


_TONGUES = {"German": "de", "French": "fr", "Spanish": "es", "Italian": "it"}
"""Languages in which countries are named."""


def _countries() -> WorldTable:
    import pycountry  # noqa: PLC0415 - half a megabyte of names that most conversions never ask for
    from babel import Locale  # noqa: PLC0415 - as above

    continents = {code: name for name, codes in CONTINENTS.items() for code in codes.split()}
    calling = {entry[:2]: entry[2:] for entry in CALLING_CODES.split()}
    english, *others = (Locale(code).territories for code in ("en", *_TONGUES.values()))
    entries = []
    for country in pycountry.countries:
        code = country.alpha_2
        short = getattr(country, "common_name", None)
        official = getattr(country, "official_name", None)
        others_too = (*_turned(country.name), *ALIASES.get(code, "").split("|"))
        names = _spellings(short or english.get(code), country.name, official, english.get(code), *others_too)
        dialled = calling.get(code, "")
        entries.append(
            (
                names,
                (code,),
                (country.alpha_3,),
                (country.numeric,),
                (country.name,),
                _currency_of(code),
                (f"+{dialled}",) if dialled else (),
                (dialled,) if dialled else (),
                (continents[code],) if code in continents else (),
                *(((names_in[code],) if code in names_in else ()) for names_in in others),
            )
        )
    attributes = (
        "name", "two-letter code", "three-letter code", "number", "ISO name", "currency", "calling code",
        "calling code number", "continent", *(f"{language} name" for language in _TONGUES),
    )  # fmt: skip
    return WorldTable("country", attributes, tuple(entries))


def _turned(name: str) -> tuple[str, ...]:
    """An ISO name as people say it: `Congo, The Democratic Republic of the` turned round, others without brackets."""
    head, _, tail = name.partition(", ")
    said = f"{tail} {head}" if tail else re.sub(r" \([^)]*\)", "", name)
    return said, said.removeprefix("The ")


def _currency_of(country: str) -> tuple[str, ...]:
    """The legal tender of a country today; none where it has several."""
    from babel.core import get_global  # noqa: PLC0415 - as above

    current = [
        code for code, _, end, tender in get_global("territory_currencies").get(country, ()) if tender and not end
    ]
    return (current[0],) if len(current) == 1 else ()


def _languages() -> WorldTable:
    import pycountry  # noqa: PLC0415 - as above
    from babel import Locale  # noqa: PLC0415 - as above

    english = Locale("en").languages
    entries = [
        (_spellings(english.get(language.alpha_2), language.name), (language.alpha_2,), (language.alpha_3,))
        for language in pycountry.languages
        if hasattr(language, "alpha_2")
    ]
    return WorldTable("language", ("name", "two-letter code", "three-letter code"), tuple(entries))


def _exchanges() -> WorldTable:
    found = (entry.split("=") for entry in EXCHANGES)
    entries = tuple((tuple(names.split("|")), (code,), (country,)) for names, code, country in found)
    return WorldTable("exchange", ("name", "market identifier", "country"), entries)


def _currencies() -> WorldTable:
    import pycountry  # noqa: PLC0415 - as above
    from babel import Locale  # noqa: PLC0415 - as above

    english = Locale("en")
    entries = []
    for currency in pycountry.currencies:
        code = currency.alpha_3
        symbol = english.currency_symbols.get(code, "")
        own = SIGNS.get(code, "" if symbol == code else symbol)
        names = _spellings(currency.name, english.currencies.get(code))
        entries.append(((code,), names, tuple(own.split("|")) if own else (), (currency.numeric,)))
    return WorldTable("currency", ("code", "name", "sign", "number"), tuple(entries))


def _states(country: str, title: str) -> WorldTable:
    import pycountry  # noqa: PLC0415 - as above

    found = [state for state in pycountry.subdivisions if state.country_code == country]
    entries = tuple(
        (_spellings(_plain(state.name), state.name), (state.code.partition("-")[2],), (state.code,)) for state in found
    )
    return WorldTable(title, ("name", "code", "ISO code"), entries)


_FUTURES = "FGHJKMNQUVXZ"
"""The letters of the months in which futures end."""


def _calendar(title: str) -> WorldTable:
    """Months or weekdays, with their names in every language, numbers, and the letters of futures."""
    is_month = title == "month"
    entries = []
    for number in range(1, 13 if is_month else 8):
        spoken: list[tuple[str, ...]] = []
        for names in map(names_of, COMMON):
            full, brief = (names.months, names.months_short) if is_month else (names.days, names.days_short)
            spoken += [(full[number - 1],), (brief[number - 1],)]
        letter = (_FUTURES[number - 1],) if is_month else ()
        entries.append((*spoken[:2], (str(number),), (f"{number:02d}",), *spoken[2:], letter))
    others = (f"{language} {kind}" for language in list(COMMON)[1:] for kind in ("name", "short name"))
    attributes = ("name", "short name", "number", "two-digit number", *others, "futures letter")
    return WorldTable(title, attributes, tuple(entries))


_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
             "twelve": "twelfth"}  # fmt: skip
MOST_NUMERAL = 99
"""The largest number that is known in words."""


def _numerals() -> WorldTable:
    """Small numbers in words, and the words that count them off."""
    entries = []
    for number in range(MOST_NUMERAL + 1):
        tens, ones = divmod(number, 10)
        head, last = ("", ONES[number] or "zero") if number < 20 else (TENS[tens], ONES[ones])
        word = "-".join(part for part in (head, last) if part)
        counted = _ORDINALS.get(last, f"{last}th") if last else f"{head[:-1]}ieth"
        nth = f"{head}-{counted}" if head and last else counted
        forms = [(form, form.replace("-", " ")) for form in (word, word.capitalize(), nth, nth.capitalize())]
        entries.append((*forms, (str(number),)))
    attributes = ("word", "capitalised word", "ordinal word", "capitalised ordinal word", "number")
    return WorldTable("numeral", attributes, tuple(entries))


_UNITS = WorldTable(
    "unit",
    ("symbol", "name", "name of several"),
    tuple(
        ((symbol,), (name,), ({"foot": "feet", "inch": "inches"}.get(name, f"{name}s"),))
        for symbol, name in (
            ("kg", "kilogram"), ("g", "gram"), ("mg", "milligram"), ("t", "tonne"), ("lb", "pound"), ("oz", "ounce"),
            ("km", "kilometre"), ("m", "metre"), ("cm", "centimetre"), ("mm", "millimetre"), ("mi", "mile"),
            ("yd", "yard"), ("ft", "foot"), ("in", "inch"), ("l", "litre"), ("ml", "millilitre"), ("h", "hour"),
            ("min", "minute"), ("s", "second"), ("d", "day"),
        )
    ),
)  # fmt: skip


@lru_cache(maxsize=256)
def _pairs(table: int, source: int, target: int) -> dict[str, str]:
    return tables()[table].pairs(source, target)


@lru_cache(maxsize=1)
def _places() -> dict[str, frozenset[tuple[int, int]]]:
    """For each spelling, the tables and attributes in which it stands."""
    found: dict[str, set[tuple[int, int]]] = {}
    for number, table in enumerate(tables()):
        if len(table.entries) > MOST_ENTRIES:
            continue
        for entry in table.entries:
            for attribute, spellings in enumerate(entry):
                for spelling in spellings:
                    found.setdefault(spelling, set()).add((number, attribute))
    return {spelling: frozenset(places) for spelling, places in found.items()}


def lookups(keys: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Everything that the tables answer for all keys, as (words, pairs), the commonest tables first."""
    places = _places()
    common = frozenset[tuple[int, int]].intersection(*(places.get(key, frozenset()) for key in keys))
    for number, source in sorted(common):
        table = tables()[number]
        for target, target_name in enumerate(table.attributes):
            source_name = table.attributes[source]
            # From one number to another is no knowledge: 3 to 03 is padding.
            if source == target or ("number" in source_name and "number" in target_name):
                continue
            pairs = _pairs(number, source, target)
            if all(key in pairs for key in keys):
                yield f"{target_name} of the {table.title} by its {source_name}", pairs


def known_pairs(keys: tuple[str, ...], values: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Tables that turn each key into its value, as (words, pairs)."""
    for words, pairs in lookups(tuple(key for key in keys if key)):
        if all(pairs.get(key, "") == value for key, value in zip(keys, values, strict=True)):
            yield words, pairs

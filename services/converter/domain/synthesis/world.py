"""Tables of the world that people expect to be known: countries, currencies, states, months, weekdays, units.

The names and codes of countries, currencies and states are those of ISO 3166 and ISO 4217 as pycountry and babel
keep them; both are loaded when a column first looks as if it held such names or codes, and not before.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.date import DAYS, DAYS_SHORT, MONTHS, MONTHS_SHORT

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
def tables() -> tuple[WorldTable, ...]:
    """All tables, the commonest first."""
    return (
        _countries(),
        _currencies(),
        _states("US", "US state"),
        _states("IN", "Indian state"),
        _calendar("month", MONTHS, MONTHS_SHORT),
        _calendar("weekday", DAYS, DAYS_SHORT),
        _UNITS,
    )


def _plain(text: str) -> str:
    """A name without its accents."""
    return "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))


def _spellings(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for name in names if name for form in (name, _plain(name))))


def _countries() -> WorldTable:
    import pycountry  # noqa: PLC0415 - half a megabyte of names that most conversions never ask for

    entries = []
    for country in pycountry.countries:
        short = getattr(country, "common_name", None)
        official = getattr(country, "official_name", None)
        entries.append(
            (
                _spellings(short, country.name, official),
                (country.alpha_2,),
                (country.alpha_3,),
                (country.numeric,),
                (country.name,),
            )
        )
    attributes = ("name", "two-letter code", "three-letter code", "number", "ISO name")
    return WorldTable("country", attributes, tuple(entries))


def _currencies() -> WorldTable:
    import pycountry  # noqa: PLC0415 - as above
    from babel import Locale  # noqa: PLC0415 - as above

    english = Locale("en")
    entries = []
    for currency in pycountry.currencies:
        code = currency.alpha_3
        symbol = english.currency_symbols.get(code, "")
        own = _SYMBOLS.get(code, "" if symbol == code else symbol)
        names = _spellings(currency.name, english.currencies.get(code))
        entries.append(((code,), names, (own,) if own else (), (currency.numeric,)))
    return WorldTable("currency", ("code", "name", "sign", "number"), tuple(entries))


_SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "RUB": "₽", "TRY": "₺", "UAH": "₴"}


def _states(country: str, title: str) -> WorldTable:
    import pycountry  # noqa: PLC0415 - as above

    found = [state for state in pycountry.subdivisions if state.country_code == country]
    entries = tuple(
        (_spellings(_plain(state.name), state.name), (state.code.partition("-")[2],), (state.code,)) for state in found
    )
    return WorldTable(title, ("name", "code", "ISO code"), entries)


def _calendar(title: str, names: tuple[str, ...], short: tuple[str, ...]) -> WorldTable:
    entries = tuple(
        ((name,), (brief,), (str(number),), (f"{number:02d}",))
        for number, (name, brief) in enumerate(zip(names, short, strict=True), 1)
    )
    return WorldTable(title, ("name", "short name", "number", "two-digit number"), entries)


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


def known_pairs(keys: tuple[str, ...], values: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Tables that turn each key into its value, as (words, pairs)."""
    for table in tables():
        for source, source_name in enumerate(table.attributes):
            for target, target_name in enumerate(table.attributes):
                # From one number to another is no knowledge: 3 to 03 is padding.
                if source == target or ("number" in source_name and "number" in target_name):
                    continue
                pairs = table.pairs(source, target)
                if len(table.entries) <= MOST_ENTRIES and all(
                    pairs.get(key) == value for key, value in zip(keys, values, strict=True)
                ):
                    yield f"{target_name} of the {table.title} by its {source_name}", pairs

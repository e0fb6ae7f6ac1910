"""The rates at which gains are taxed, as a payload states them, and what rows say of their lots.

Rates count only where every share of the object is understood: a partial exemption that nobody reads would make the tax
wrong.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import read_day, read_money
from services.portfolio.domain.reading.credit import read_share
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Lot, Row, Taxes
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.terms import is_empty

_LOAD = re.compile(
    r"(?P<share>\d+(?:[.,]\d+)?)\s?%\D*(?P<count>\d+)\s?(?P<unit>d|tag|jour|m[oi]|y|jahr|an)", re.IGNORECASE
)
_UNITS = {"d": 1, "tag": 1, "jour": 1, "mo": 30, "mi": 30, "y": 365, "jahr": 365, "an": 365}


def read_taxes(feed: Feed) -> Taxes | None:
    """The rates and what is left of the exemption: of the first object that states a rate, else of the fields that each
    state a part; an exemption of its own field counts beside an object that has none."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    fields: dict[str, object] = {}
    names: list[str] = []
    found: Taxes | None = None
    for name, value in feed.detected.unknown.items():
        if names_any(name, terms.gains_exempt):
            fields |= _spread_exempt(name, value)
            names.append(name)
        elif isinstance(value, Mapping) and names_any(name, terms.tax_fields):
            found = found or _read_object(feed, name, value)
        elif _states_rate(feed, name) and read_share(value, name) is not None:
            fields[name] = value
            names.append(name)
    alone = _read_object(feed, next(iter(fields), ""), fields, is_gains=True)
    if found is None:
        return replace(alone, fields=tuple(names)) if alone is not None and alone.short is not None else None
    if found.exempt is None and alone is not None and alone.exempt is not None:
        return replace(found, exempt=alone.exempt, exempts_long=alone.exempts_long, fields=(found.name, *names))
    return found


def _states_rate(feed: Feed, name: str) -> bool:
    """Whether a field is a rate on gains by itself: by its name, or by how long they were held and a word for a tax."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    by_term = names_any(name, terms.short_term | terms.long_term) and names_any(name, terms.tax_fields | terms.rates)
    return by_term or names_any(name, terms.gains_tax)


def _spread_exempt(name: str, value: object) -> dict[str, object]:
    """An exemption as fields, where it was sent as an object of what it is and what is used of it."""
    if not isinstance(value, Mapping):
        return {name: value}
    return {f"{name} {key}": part for key, part in value.items()}


_MOST_RATE = Decimal(65)
"""No country taxes gains higher (OECD, Taxing Wages and capital income)."""
_PERIOD = re.compile(r"(\d+)\s?(?:(d|tag|jour|giorn|dag)|(mo|mon|mes|maand)|(y|jahr|an|jaar|añ))", re.IGNORECASE)
_DAYS_A_MONTH = Decimal(365) / 12


def _read_object(
    feed: Feed, name: str, value: Mapping[object, object] | Mapping[str, object], *, is_gains: bool = False
) -> Taxes | None:
    """The tax that an object states; fields that are known to be of gains (``is_gains``) need no word for a rate."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    found, used = Taxes(name), Decimal(0)
    for raw_key, part in value.items():
        key = str(raw_key)
        if is_empty(part):
            continue
        money = read_money(feed, part, key)
        is_short, is_long = names_any(key, terms.short_term), names_any(key, terms.long_term)
        if names_any(key, terms.long_from) and (months := _read_months(key, part)) is not None:
            found = replace(found, months=months)
        elif names_any(key, terms.used):  # which may name what it is of
            used += money.value if money is not None and not is_short else Decimal(0)
        elif names_any(key, terms.exempt | terms.gains_exempt):
            left = names_any(key, terms.left)
            found = replace(found, exempt=money or Money(Decimal(0), None), is_left=left, exempts_long=is_long)
        elif names_any(key, terms.lot_order_fields):
            continue  # which is read with the lots
        elif (rate := read_share(part, key)) is not None and (
            is_short or is_long or is_gains or names_any(key, terms.rates | terms.gains_tax)
        ):
            if rate > _MOST_RATE:
                return None
            found = replace(found, short=found.short if is_long else rate, long=found.long if is_short else rate)
        elif not isinstance(part, str) or any(character.isdigit() for character in part):
            return None  # a figure of the tax that nobody reads
    if found.short is None and found.long is None and not (is_gains and found.exempt is not None):
        return None
    if found.exempt is None or found.is_left:
        return found
    return replace(found, exempt=Money(max(found.exempt.value - used, Decimal(0)), found.exempt.currency))


def _read_months(key: str, part: object) -> int | None:
    """A period in months: with its unit beside the figure, or in the name of its field."""
    if isinstance(part, int) and not isinstance(part, bool):
        part = f"{part} {split_words(key).split()[-1]}"
    match = _PERIOD.search(part) if isinstance(part, str) else None
    if match is None:
        return None
    count = int(match[1])
    return round(count / _DAYS_A_MONTH) if match[2] else count if match[3] else count * 12


def read_lot(feed: Feed, row: Row) -> Lot | None:
    """When a row was bought, whether it counts as held short-term, and what leaving it costs until when."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    bought, is_short, load = None, False, None
    for name, value in row.extra.items():
        if names_any(name, terms.bought):
            bought = read_day(feed, value) or bought
        elif names_any(name, terms.holding_term) and isinstance(value, str):
            is_short = match_words(value) in terms.short_term
        elif names_any(name, terms.exit_load) and isinstance(value, str):
            load = _LOAD.search(value)
    if bought is None:
        return None
    if load is None:
        return Lot(bought, is_short)
    days = int(load["count"]) * _UNITS[load["unit"].lower()]
    share = Decimal(load["share"].replace(",", "."))
    return Lot(bought, is_short, share, bought + timedelta(days) if days < _MOST_DAYS else date.max)


_MOST_DAYS = 36_500

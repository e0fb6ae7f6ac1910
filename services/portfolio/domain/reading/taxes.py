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
    """The rates and what is left of the exemption, from the first object that states a rate."""
    for name, value in feed.detected.unknown.items():
        if isinstance(value, Mapping) and feed.reference.names_any(name, feed.reference.terms.tax_fields):
            found = _read_object(feed, name, value)
            if found is not None:
                return found
        elif feed.reference.names_any(name, feed.reference.terms.gains_tax):
            rate = read_share(value, name)
            if rate is not None and 0 < rate <= _MOST_RATE:
                return Taxes(name, rate, rate)
    return None


_MOST_RATE = Decimal(65)
"""No country taxes gains higher (OECD, Taxing Wages and capital income)."""


def _read_object(feed: Feed, name: str, value: Mapping[object, object]) -> Taxes | None:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    found, used = Taxes(name), Decimal(0)
    for raw_key, part in value.items():
        key = str(raw_key)
        if is_empty(part):
            continue
        money = read_money(feed, part, key)
        is_short, is_long = names_any(key, terms.short_term), names_any(key, terms.long_term)
        if names_any(key, terms.exempt):
            left = names_any(key, terms.left)
            found = replace(found, exempt=money or Money(Decimal(0), None), is_left=left)
        elif names_any(key, terms.used):
            used += money.value if money is not None and not is_short else Decimal(0)
        elif (rate := read_share(part, key)) is not None and (is_short or is_long or names_any(key, terms.rates)):
            found = replace(found, short=found.short if is_long else rate, long=found.long if is_short else rate)
        elif not isinstance(part, str) or any(character.isdigit() for character in part):
            return None  # a figure of the tax that nobody reads
    if found.short is None and found.long is None:
        return None
    if found.exempt is None or found.is_left:
        return found
    return replace(found, exempt=Money(max(found.exempt.value - used, Decimal(0)), found.exempt.currency))


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

"""The words beside numbers: scales, units and currencies, as feeds and narratives write them."""

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from babel.core import get_global


class Unit(StrEnum):
    """What a number counts."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    BASIS_POINTS = "bps"
    POINTS = "pp"
    MULTIPLE = "x"
    YEARS = "years"
    DAYS = "days"


LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)

SCALES: dict[str, Decimal] = {
    "k": Decimal(1_000),
    "thousand": Decimal(1_000),
    "thousands": Decimal(1_000),
    "milliers": Decimal(1_000),
    "m": Decimal(1_000_000),
    "mn": Decimal(1_000_000),
    "mm": Decimal(1_000_000),
    "mio": Decimal(1_000_000),
    "million": Decimal(1_000_000),
    "millions": Decimal(1_000_000),
    "b": Decimal(1_000_000_000),
    "bn": Decimal(1_000_000_000),
    "billion": Decimal(1_000_000_000),
    "billions": Decimal(1_000_000_000),
    "t": Decimal(1_000_000_000_000),
    "tn": Decimal(1_000_000_000_000),
    "trillion": Decimal(1_000_000_000_000),
    "lakh": LAKH,
    "lakhs": LAKH,
    "lac": LAKH,
    "lacs": LAKH,
    "cr": CRORE,
    "crs": CRORE,
    "crore": CRORE,
    "crores": CRORE,
    "tsd": Decimal(1_000),
    "tausend": Decimal(1_000),
    "millionen": Decimal(1_000_000),
    "milliarden": Decimal(1_000_000_000),
    "md": Decimal(1_000_000_000),
    "mrd": Decimal(1_000_000_000),
    "mds": Decimal(1_000_000_000),
    "千": Decimal(1_000),
    "万": Decimal(10_000),
    "百万": Decimal(1_000_000),
    "億": Decimal(100_000_000),
}
"""Scale words, lower case. ``L`` is lakh only beside a rupee sign and is handled where it is read."""

UNITS: dict[str, Unit] = {
    "%": Unit.PERCENT,
    "percent": Unit.PERCENT,
    "per cent": Unit.PERCENT,
    "pct": Unit.PERCENT,
    "bp": Unit.BASIS_POINTS,
    "bps": Unit.BASIS_POINTS,
    "basis point": Unit.BASIS_POINTS,
    "basis points": Unit.BASIS_POINTS,
    "pp": Unit.POINTS,
    "ppt": Unit.POINTS,
    "ppts": Unit.POINTS,
    "percentage point": Unit.POINTS,
    "percentage points": Unit.POINTS,
    "x": Unit.MULTIPLE,
}

CURRENCY_SIGNS: dict[str, str] = {
    "₹": "INR",
    "rs": "INR",
    "rs.": "INR",
    "$": "USD",
    "us$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "s$": "SGD",
    "sg$": "SGD",
    "hk$": "HKD",
    "nz$": "NZD",
    "nt$": "TWD",
    "mx$": "MXN",
    "r$": "BRL",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "cn¥": "CNY",
    "₩": "KRW",
    "฿": "THB",
    "₪": "ILS",
    "₽": "RUB",
    "円": "JPY",
    "euro": "EUR",
    "euros": "EUR",
    "rupees": "INR",
    "yen": "JPY",
}
"""Signs and abbreviations, lower case. A bare dollar sign is the US dollar."""

SHARED_SIGNS: dict[str, frozenset[str]] = {
    "USD": frozenset({"AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "USD", "MXN"}),
    "JPY": frozenset({"JPY", "CNY"}),
}
"""Currencies that are written with the bare sign of another at home."""

MINOR_SIGNS: dict[str, str] = {"p": "GBX", "GBp": "GBX", "GBX": "GBX", "ZAc": "ZAC", "ZAC": "ZAC", "ILA": "ILA"}
"""Codes of a hundredth of a currency as exchanges quote them; case matters, for ``GBP`` is the pound."""
MINOR_UNITS: dict[str, str] = {"GBX": "GBP", "ZAC": "ZAR", "ILA": "ILS"}
"""Each minor unit's currency."""
_COMPOUND = re.compile(r"(?P<before>[TtKkMm]|[Mm]io)?(?P<code>[A-Z]{3})(?P<after>k|m|mn|b|bn|cr)?")
_COMPOUND_SCALES = {"t": Decimal(1_000)} | {word: SCALES[word] for word in ("k", "m", "mio", "mn", "b", "bn", "cr")}


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """Every ISO 4217 code that babel knows."""
    return frozenset(get_global("all_currencies"))


def find_currency(word: str) -> str | None:
    """The currency that a sign, abbreviation or upper-case ISO code stands for, or None."""
    if (code := CURRENCY_SIGNS.get(word.lower())) is not None:
        return code
    code = word.upper()
    return code if len(word) == 3 and code in currency_codes() else None


def split_compound(word: str) -> tuple[Decimal, str] | None:
    """Scale and currency of a word that is both (``TEUR``, ``MUSD``, ``EURm``), None for any other."""
    match = _COMPOUND.fullmatch(word)
    if match is None or bool(match["before"]) == bool(match["after"]) or match["code"] not in currency_codes():
        return None
    return _COMPOUND_SCALES[(match["before"] or match["after"]).lower()], match["code"]

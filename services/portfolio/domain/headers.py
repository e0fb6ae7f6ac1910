"""Headers: what the name of a column or field says beside what it is."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.number_words import CURRENCY_SIGNS, MINOR_SIGNS, SCALES, currency_codes, split_compound
from services.portfolio.domain.periods import find_period, split_words

PERCENT, FRACTION, BPS = "percent", "fraction", "bps"
_PARTS = re.compile(r"(?:us|au|ca|sg|hk|nz|nt|mx|[acsr])\$|'?\b000(?:['’]?s)?\b|[^\W_]+|[%₹$€£¥]", re.IGNORECASE)
_UNITS = {
    "%": PERCENT, "pct": PERCENT, "percent": PERCENT, "percentage": PERCENT, "bps": BPS, "fraction": FRACTION,
    "decimal": FRACTION,
}  # fmt: skip
_FILLERS = frozenset({"in", "of", "en", "d", "de"})
_MINOR_WORDS = {"pence": "GBX", "gbx": "GBX", "ila": "ILA", "zac": "ZAC"}
_YEARLY = {"j": "annual", "m": "monthly", "q": "quarterly", "k": "quarterly"}
_COMPOUND = re.compile(
    r"(?<![^\W\d_])(?P<period>jahres|jaar|monats|maand|quartals|kwartaal)"
    r"(?=(?:netto|brutto|bruto)?(?:bedarf|ertr|einkommen|einnahmen|ausgaben|kosten|bez|geb"
    r"|honorar|behoefte|inkom|uitgaven|opbrengst))",
    re.IGNORECASE,
)
"""Periods that German and Dutch write in one word with the sums that are theirs (``Monatsbedarf``)."""
_NO_CURRENCIES = frozenset({"all", "top"})
_BEFORE, _AFTER = {"t": 3, "k": 3, "m": 6}, {"k": 3, "m": 6, "b": 9}
"""Powers of ten of the letters that are a scale beside a currency: ``T€`` (Tausend), ``€m``."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a column's name says beside what it is: unit, currency, scale, and how many of its figures make a year.

    ``is_adverb`` where the period is an adverb (``monthly``).
    """

    base: str
    unit: str | None = None
    currency: str | None = None
    scale: Decimal | None = None
    a_year: int | None = None
    is_adverb: bool = False

    @property
    def says_something(self) -> bool:
        """Whether it names a unit, a currency, a scale or a period."""
        return bool(self.unit or self.currency or self.scale or self.a_year)

    def alike(self, other: "Header") -> bool:
        """Whether both say the same of their unit."""
        return (self.unit, self.currency, self.scale, self.a_year) == (
            other.unit, other.currency, other.scale, other.a_year,
        )  # fmt: skip

    def over(self, other: "Header") -> "Header":
        """This, with what ``other`` says where it says nothing."""
        a_year, is_adverb = (self.a_year, self.is_adverb) if self.a_year else (other.a_year, other.is_adverb)
        return replace(
            self,
            unit=self.unit or other.unit,
            currency=self.currency or other.currency,
            scale=self.scale or other.scale,
            a_year=a_year,
            is_adverb=is_adverb,
        )


_REMEMBERED = 1024
"""Names that are kept as read: a payload asks for each of its own once for every section, and systems send the same."""


@lru_cache(maxsize=_REMEMBERED)
def read_header(name: str) -> Header:
    """A name without the words of it that are units: ``Market Value (INR lakh)``, ``Weight %``, ``Monthly income``."""
    spaced = _COMPOUND.sub(lambda match: f"{_YEARLY[match['period'][0].lower()]} ", split_words(name))
    period = find_period(spaced)
    words = _PARTS.findall(period.rest if period is not None else spaced)
    currencies = [_find_currency(word) for word in words]
    header = Header("", a_year=period.a_year if period else None, is_adverb=period is not None and period.is_adverb)
    base = []
    for place, word in enumerate(words):
        found = _read_word(word, currencies, place)
        if found is None:
            base.append(word)
        else:
            header = found.over(header)
    return replace(header, base=" ".join(base))


def _read_word(word: str, currencies: list[str | None], place: int) -> Header | None:
    """What one word says, None where it belongs to the name."""
    lowered = word.lower()
    if lowered in _FILLERS:
        return Header("")
    if lowered in _UNITS:
        return Header("", unit=_UNITS[lowered])
    if (currency := currencies[place]) is not None:
        return Header("", currency=currency)
    if "000" in word and lowered.strip("'’s") == "000":
        return Header("", scale=Decimal(1000))
    if (scale := _find_scale(lowered, currencies, place)) is not None:
        return Header("", scale=scale)
    compound = split_compound(word)
    return Header("", currency=compound[1], scale=compound[0]) if compound is not None else None


def _find_currency(word: str) -> str | None:
    """The currency, or minor unit, that a word of a header stands for."""
    lowered = word.lower()
    if word in MINOR_SIGNS and (len(word) == 3 or word == "p"):
        return MINOR_SIGNS[word]
    if lowered in _MINOR_WORDS:
        return _MINOR_WORDS[lowered]
    if lowered in CURRENCY_SIGNS:
        return CURRENCY_SIGNS[lowered]
    is_code = len(word) == 3 and word.upper() in currency_codes() and lowered not in _NO_CURRENCIES
    return word.upper() if is_code else None


def _find_scale(word: str, currencies: list[str | None], place: int) -> Decimal | None:
    """The scale that a word stands for; a letter is one only beside a currency."""
    if len(word) > 1 or not word.isascii():
        return SCALES.get(word.removesuffix("円") or word)
    after = currencies[place + 1] if place + 1 < len(currencies) else None
    before = currencies[place - 1] if place else None
    if before == "INR" and word == "l":
        return SCALES["lakh"]
    power = (_BEFORE.get(word) if after else None) or (_AFTER.get(word) if before else None)
    return Decimal(10) ** power if power is not None else None

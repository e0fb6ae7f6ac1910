"""Figures as people read them, in the style of a locale: ``₹1.2 crore`` in India, ``$12 million`` elsewhere.

The text of narratives is English; the locale decides grouping, decimal sign, scale words and the order of dates. Lakh
and crore, and the grouping that goes with them, are of rupees alone, whatever the locale.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date
from babel.localedata import exists
from babel.numbers import (
    NumberPattern,
    format_decimal,
    get_currency_symbol,
    get_territory_currencies,
    parse_pattern,
)

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.number_words import CRORE, LAKH, Unit

_WESTERN = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))
_INDIAN = ((CRORE, "crore"), (LAKH, "lakh"))
_SOUTH_ASIA = frozenset({"IN", "PK", "BD", "NP", "LK"})
_RUPEES = frozenset({None, "INR", "PKR", "BDT", "NPR", "LKR"})
DEFAULT_LOCALE = "en_IN"
_ENGLISH_ELSEWHERE = "en_150"
"""English as it is written in Europe."""
_ENGLISH_ABROAD = "en_001"
"""English as it is written where no English is at home."""
_UNIONS = {"EU": "150", "XA": "001", "XO": "001", "XC": "001", "XP": "001"}
"""The regions of currencies that belong to no single country, by the first letters of their codes."""
_DOLLARS = {"AUD": "A$", "CAD": "C$", "HKD": "HK$", "MXN": "MX$", "NZD": "NZ$", "SGD": "S$", "TWD": "NT$"}
"""Dollars and pesos that are written with the bare sign at home: a text goes abroad, where that is the US dollar."""
_MOST_DIGITS = 12
_WIDE = Context(prec=400)
"""Room to round any figure, however large a ratio of odd inputs may be."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one locale writes figures. Make one with ``make_style``.

    ``stated`` where the request, or whoever asks, chose it; a style that nobody chose gives way to the payload's
    currency (``suited_to``).
    """

    locale: str
    decimal: str
    group: str
    indian: bool
    stated: bool = True

    def suited_to(self, currency: str | None) -> "Style":
        """This style where it was stated, or where its country pays in ``currency``; else that of the currency's own.

        The country of a currency is the first two letters of its code (ISO 4217): pounds are written as in the United
        Kingdom, rupees as in India, euros as English is written in Europe.
        """
        if self.stated or currency is None or currency in _list_currencies(self.locale):
            return self
        region = _UNIONS.get(currency[:2], currency[:2])
        own = f"en_{region}"
        return make_style(own if exists(own) else _ENGLISH_ABROAD)

    def money(self, value: Decimal, currency: str | None) -> str:
        """An amount with its sign and currency, in lakh and crore or million where it is large."""
        style = self._for_amounts(currency)
        scales = _INDIAN if style.indian else _WESTERN
        size = abs(value)
        symbol = self._symbol(currency)
        sign = "-" if value < 0 else ""
        for scale, word in scales:
            if size >= scale:
                return f"{sign}{symbol}{style.number(size / scale, 2)} {word}"
        return f"{sign}{symbol}{style.number(size, 0 if size >= 100 else 2)}"

    def money_in_full(self, value: Decimal, currency: str | None) -> str:
        """An amount to the cent with its grouping (``₹1,20,00,000``)."""
        sign = "-" if value < 0 else ""
        whole = abs(value) == abs(value).to_integral_value()
        pattern = _make_pattern(0 if whole else 2, 0 if whole else 2, indian=self._for_amounts(currency).indian)
        with localcontext(_WIDE):
            digits = format_decimal(abs(value), format=pattern, locale=_find_locale(self.locale))
        return f"{sign}{self._symbol(currency)}{digits}"

    def _for_amounts(self, currency: str | None) -> "Style":
        """This style, with lakh and crore and their grouping only where they are at home: in rupees, or where no
        currency is known."""
        return self if not self.indian or currency in _RUPEES else replace(self, indian=False)

    def percent(self, value: Decimal) -> str:
        """A percentage with one decimal, two below one percent."""
        return f"{self.number(value, self._digits(value))}%"

    def signed_percent(self, value: Decimal) -> str:
        """A percentage that always shows its sign."""
        return f"+{self.percent(value)}" if value > 0 else self.percent(value)

    def points(self, value: Decimal) -> str:
        """Percentage points, without a sign: the words beside it say whether above or below."""
        printed = self.number(abs(value), self._digits(value))
        return f"{printed} percentage point{'' if printed == '1' else 's'}"

    def number(self, value: Decimal, digits: int) -> str:
        """A plain number with at most that many decimals."""
        with localcontext(_WIDE):
            rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
            if not rounded:
                rounded = abs(rounded)  # no "-0.0"
            return str(format_decimal(rounded, format=self._pattern(0, digits), locale=_find_locale(self.locale)))

    def fixed(self, value: Decimal, digits: int) -> str:
        """A plain number with exactly that many decimals."""
        with localcontext(_WIDE):
            rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
            if not rounded:
                rounded = abs(rounded)
            return str(format_decimal(rounded, format=self._pattern(digits, digits), locale=_find_locale(self.locale)))

    @property
    def language(self) -> str:
        """The locale of words: the texts are English, whatever the figures' style."""
        return self.locale if self.locale.startswith("en") else _ENGLISH_ELSEWHERE

    def day(self, value: date) -> str:
        """A day in words, English as the text around it, in the order of the locale."""
        return str(format_date(value, format="long", locale=_find_locale(self.language)))

    def value(self, value: Decimal, unit: Unit, currency: str | None = None) -> str:
        """A figure in its unit, exact enough for tables."""
        if unit is Unit.MONEY:
            return self.money_in_full(value, currency)
        if unit is Unit.PERCENT:
            return f"{self.number(value, _show(value, 2))}%"
        suffix = {
            Unit.POINTS: " pp",
            Unit.MULTIPLE: "x",
            Unit.YEARS: " years",
            Unit.DAYS: " days",
            Unit.BASIS_POINTS: " bps",
        }
        return f"{self.number(value, _show(value, 4 if unit is Unit.NUMBER else 2))}{suffix.get(unit, '')}"

    def _symbol(self, currency: str | None) -> str:
        if currency is None:
            return ""
        symbol = str(get_currency_symbol(currency, locale=_find_locale(self.locale)))
        if symbol == "$":
            symbol = _DOLLARS.get(currency, symbol)
        return f"{symbol} " if symbol[-1].isalpha() else symbol

    @staticmethod
    def _digits(value: Decimal) -> int:
        """Two decimals below one, and below ten where they say all there is (1.25, not 1.2); else one."""
        size = abs(value)
        exact = size < 10 and size == size.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        return 2 if size < 1 or exact else 1

    def _pattern(self, least: int, most: int) -> NumberPattern:
        return _make_pattern(least, most, indian=self.indian)


@lru_cache(maxsize=64)
def _find_locale(locale: str) -> Locale:
    """The locale of that name: babel parses a name at each call."""
    return Locale.parse(locale)


@lru_cache(maxsize=64)
def _make_pattern(least: int, most: int, *, indian: bool) -> NumberPattern:
    decimals = "0" * least + "#" * (most - least)
    integer = "#,##,##0" if indian else "#,##0"
    return parse_pattern(f"{integer}.{decimals}" if decimals else integer)


def _show(value: Decimal, digits: int) -> int:
    """So many decimals, or as many more as what is not zero takes not to be printed as zero."""
    return digits if not value or value.adjusted() >= -digits else min(1 - value.adjusted(), _MOST_DIGITS)


@lru_cache(maxsize=64)
def _list_currencies(locale: str) -> frozenset[str]:
    """The currencies of a locale's country; of a language alone, those of the country where most speak it."""
    parsed = Locale.parse(locale)
    likely = str(get_global("likely_subtags").get(str(parsed), ""))
    territory = parsed.territory or likely.rpartition("_")[2]
    return frozenset(get_territory_currencies(territory)) if territory else frozenset()


def find_home_currency(locale: str) -> str | None:
    """The one currency of the country that a locale names; None where it names none, or that has several."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None
    found = get_territory_currencies(parsed.territory) if parsed.territory else []
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=64)
def make_style(locale: str, *, stated: bool = True) -> Style:
    """The style of a locale such as ``en_IN`` or ``en-GB``; not ``stated`` where it is only a default. Raises
    ``InputError`` for one that is not known."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise InputError("locale", locale, "no such locale") from None
    symbols = parsed.number_symbols.get("latn") or parsed.number_symbols
    return Style(str(parsed), str(symbols["decimal"]), str(symbols["group"]), parsed.territory in _SOUTH_ASIA, stated)

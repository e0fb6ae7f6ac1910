"""What a feed uses, stated once: by the request, by one of its payloads, or by the tenant's default."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from babel import Locale

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.number_words import SCALES, currency_codes
from services.portfolio.domain.numbers import COMMA, POINT
from services.portfolio.domain.siblings import NO_SIBLINGS, Siblings

FIELD = "input_conventions"
ORDERS = ("DMY", "MDY", "YMD")
_UNITS = ("fraction", "percent")
_PLAIN_SCALES = {"one": Decimal(1), "units": Decimal(1), "hundred": Decimal(100)}


@dataclass(frozen=True, slots=True)
class Conventions:
    """Empty fields say nothing.

    ``dates`` is one of ``DMY``, ``MDY``, ``YMD``; ``decimals`` is ``.`` or ``,``; ``weights`` (weights, model weights,
    bands, shares) and ``rates`` (returns, yields, fees, tax and the like) are ``fraction`` or ``percent``;
    ``money_scale`` is a scale word such as ``lakh``; ``base_currency`` an ISO code; ``fiscal_year_start`` the number
    of a fiscal year's first month (4 for April).
    """

    dates: str = ""
    decimals: str = ""
    weights: str = ""
    rates: str = ""
    money_scale: str = ""
    base_currency: str = ""
    fiscal_year_start: int = 0

    @property
    def scale(self) -> Decimal | None:
        """What bare amounts are multiplied by, None where nothing was stated."""
        return None if not self.money_scale else (SCALES | _PLAIN_SCALES)[self.money_scale]

    def overridden_by(self, other: "Conventions") -> "Conventions":
        """These, with what ``other`` states in their place."""
        return replace(self, **{item.name: value for item in fields(self) if (value := getattr(other, item.name))})

    def render(self) -> dict[str, str | int]:
        """What is stated, as an object; it reads back as the same."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}


NOTHING = Conventions()


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the payload. ``locale`` is that which the request states, empty where it states none: the
    service's default is no evidence of how a feed writes."""

    request: Conventions = NOTHING
    tenant: Conventions = NOTHING
    locale: str = ""
    siblings: Siblings = NO_SIBLINGS
    """What the other payloads of the task say."""
    received: date | None = None
    """The day on which the task was submitted, as its record has it; None where nothing says so."""


def read_conventions(raw: object, field: str = FIELD) -> Conventions:
    """The conventions in an object. Raises ``InputError`` naming what is unknown or wrong."""
    if raw is None:
        return NOTHING
    if not isinstance(raw, Mapping):
        raise InputError(field, raw, "an object is needed, such as {'dates': 'DMY'}")
    known = {item.name for item in fields(Conventions)}
    if unknown := [str(name) for name in raw if name not in known]:
        raise InputError(f"{field}.{unknown[0]}", None, f"not known; known: {', '.join(sorted(known))}")
    stated = {str(name): value for name, value in raw.items() if value not in (None, "", 0)}
    for name, allowed in (
        ("dates", ORDERS), ("decimals", (POINT, COMMA)), ("weights", _UNITS), ("rates", _UNITS),
        ("money_scale", (*SCALES, *_PLAIN_SCALES)), ("base_currency", currency_codes()),
        ("fiscal_year_start", range(1, 13)),
    ):  # fmt: skip
        if name in stated and (isinstance(stated[name], bool) or stated[name] not in allowed):
            shown = ", ".join(map(str, list(allowed)[:40])) if name != "base_currency" else "an ISO 4217 code"
            raise InputError(f"{field}.{name}", stated[name], f"one of these is needed: {shown}")
    return Conventions(**stated)


def find_locale_order(locale: str) -> str:
    """The order of a day's parts in a locale's short dates."""
    pattern = Locale.parse(locale).date_formats["short"].pattern
    places = sorted((pattern.lower().find(part), part.upper()) for part in "dmy")
    order = "".join(part for _, part in places)
    return order if order in ORDERS else ""


def find_locale_decimal(locale: str) -> str:
    """The decimal sign of a locale."""
    sign = Locale.parse(locale).number_symbols["latn"]["decimal"]
    return sign if sign in {POINT, COMMA} else ""

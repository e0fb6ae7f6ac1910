"""Single values of a payload: money, percent, dates and words, with errors that name the caller's own field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.numbers import Quantity, Unit, parse_quantity
from services.portfolio.domain.sections import Detected

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_WORDED = ("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y", "%b %Y", "%B %Y")
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; ``currency`` is an ISO code where the text named one."""

    value: Decimal
    currency: str | None


def read_money(raw: object, field: str) -> Money | None:
    """An amount of money, None for a blank. Raises ``NumberError`` or ``InputError`` naming the field."""
    quantity = parse_quantity(raw, field)
    if quantity is None:
        return None
    if quantity.unit not in {Unit.NUMBER, Unit.MONEY}:
        raise InputError(field, raw, "an amount of money is needed, not a percentage or ratio")
    return Money(quantity.value, quantity.currency)


def read_percent(raw: object, field: str) -> Decimal | None:
    """A percentage in percent (a bare number is percent, basis points are converted), None for a blank."""
    quantity = parse_quantity(raw, field)
    return None if quantity is None else to_percent(quantity, raw, field)


def to_percent(quantity: Quantity, raw: object, field: str) -> Decimal:
    """The quantity in percent. Raises ``InputError`` for money and multiples."""
    if quantity.unit in {Unit.MONEY, Unit.MULTIPLE}:
        raise InputError(field, raw, "a percentage is needed")
    return quantity.as_percent


def read_number(raw: object, field: str) -> Decimal | None:
    """A bare number, None for a blank."""
    quantity = parse_quantity(raw, field)
    if quantity is not None and quantity.unit is not Unit.NUMBER:
        raise InputError(field, raw, "a plain number is needed")
    return None if quantity is None else quantity.value


def read_text(raw: object, field: str) -> str | None:
    """Text of at most 200 characters on one line, None for a blank."""
    if raw is None:
        return None
    if not isinstance(raw, str | int | float | Decimal) or isinstance(raw, bool):
        raise InputError(field, raw, "text is needed")
    text = " ".join(str(raw).split())
    if len(text) > _MAX_NAME:
        raise InputError(field, raw, f"longer than {_MAX_NAME} characters")
    return text or None


def read_date(raw: object, field: str) -> date | None:
    """A day: ISO, ``31/12/2025`` (day first unless only month first is a date), ``31-Dec-2025``, ``31 March 2026``.

    Raises ``InputError`` for anything else; None for a blank.
    """
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = read_text(raw, field)
    if text is None or text == "-":
        return None
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _SLASHED.fullmatch(text):
            first, second, year = int(match[1]), int(match[2]), int(match[3])
            return date(year, first, second) if second > 12 else date(year, second, first)
    except ValueError:
        raise InputError(field, raw, "no such day") from None
    for form in _WORDED:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
    raise InputError(field, raw, "a date is needed, such as 2026-03-31")


def read_currency(detected: Detected, *names: str) -> str | None:
    """The currency that the first of the named fields holds, upper case."""
    for name in names:
        if (text := read_text(detected.get(name), detected.name_of(name))) is not None:
            code = text.upper()
            if not re.fullmatch(r"[A-Z]{3}", code):
                raise InputError(detected.name_of(name), text, "an ISO 4217 currency code is needed")
            return code
    return None


def read_rates(detected: Detected) -> dict[str, Decimal]:
    """Exchange rates by currency: units of the reporting currency for one unit of that currency."""
    raw, field = detected.get("Fx Rates"), detected.name_of("Fx Rates")
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise InputError(field, raw, "an object is needed, such as {'USD': 83.2}")
    rates = {}
    for code, value in raw.items():
        rate = read_number(value, f"{field}.{code}")
        if rate is None or rate <= 0:
            raise InputError(f"{field}.{code}", value, "a rate above zero is needed")
        rates[str(code).strip().upper()] = rate
    return rates


def settle_currency(amounts: list[Money | None], stated: str | None, field: str) -> str | None:
    """The one currency of amounts that must agree with each other and with the stated one.

    Raises ``InputError`` where they do not.
    """
    found = {amount.currency for amount in amounts if amount is not None and amount.currency}
    if stated:
        found.add(stated)
    if len(found) > 1:
        raise InputError(
            field, None, f"amounts in different currencies ({', '.join(sorted(found))}) cannot be compared"
        )
    return next(iter(found), None)

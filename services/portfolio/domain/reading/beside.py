"""What a payload sends beside the fields of its section: what may not be sold (``schedules`` reads what is spoken for).

A lock is put to the rows that it binds, so that all that is advised of them knows of it. What is not understood stays
among what is quoted.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.headers import read_header
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import scan_number
from services.portfolio.domain.reading.bases import strip_basis
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.dates import scan_day
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reference import match_words

AMOUNT = re.compile(
    r"(?:\b(?:[A-Z]{1,2}\$|[A-Z]{3}\s?)|[$€£₹¥])\s?\d[\d.,'’ \u00a0\u202f]*\d?"
    r"(?:\s?(?:k|m|mn|mio|bn|million|lakh|crore|cr)\b\.?)?"
    r"|\b\d[\d.,'’ \u00a0\u202f]*\d?(?:\s?(?:k|m|mn|mio|million|lakh|crore|cr)\b\.?)?\s?(?:[€£]|\b[A-Z]{3}\b)"
)
"""Amounts of money in a sentence: a currency stands before or behind the digits."""
_YES = frozenset({"yes", "true", "y", "1", "ja", "oui", "si", "x"})
_NO = frozenset({"no", "false", "n", "0", "nein", "non", "nee", "none", "nicht", "na", "n a", "nil", "null"})


def read_answer(value: object) -> bool | None:
    """Yes or no, None for what is neither; a quantity of nothing is a no."""
    if isinstance(value, bool):
        return value
    try:
        cell = scan_number(value, "answer")
    except (InputError, NumberError):
        cell = None
    if cell is not None and not cell.point and not cell.comma:
        return False
    word = match_words(str(value))
    return True if word in _YES else False if word in _NO else None


def read_money(feed: Feed, raw: object, name: str = "") -> Money | None:
    """An amount above zero, in the currency and scale that its ``name`` says, or the payload of all its amounts; digits
    that could be either are grouped, for nobody writes thousandths of a currency."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    raw = strip_basis(raw, feed.reference)
    try:
        cell = scan_number(raw.strip(" .,") if isinstance(raw, str) else raw, "amount")
    except (InputError, NumberError):
        return None
    if cell is None or cell.unit not in {Unit.NUMBER, Unit.MONEY}:
        return None
    values = [value for value in (cell.point, cell.comma) if value is not None]
    value = max(values) if values else Decimal(0)
    return feed.make_money(cell, value, read_header(name).over(feed.stated), None) if value > 0 else None


def read_figure(raw: object) -> tuple[Decimal, Unit] | None:
    """A bare or marked figure with its unit; digits that could be either are grouped, but in a percentage, of which
    nobody sends thousands."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    try:
        cell = scan_number(raw, "figure")
    except (InputError, NumberError):
        return None
    values = [value for value in (cell.point, cell.comma) if value is not None] if cell is not None else []
    if cell is None or not values:
        return None
    if cell.unit is Unit.PERCENT:
        return min(values, key=abs), cell.unit
    return (max(values) if max(values) > 0 else min(values)), cell.unit


def find_amount(feed: Feed, sentence: str) -> Money | None:
    """The one amount of money that a sentence names; None where it names none or several."""
    amounts = [money for part in AMOUNT.findall(sentence) if (money := read_money(feed, part)) is not None]
    return amounts[0] if len(amounts) == 1 else None


def read_day(feed: Feed, raw: object) -> date | None:
    """A day in the order of the payload's days, of its locale, or of the day itself; None where none decides."""
    if not isinstance(raw, str) or raw.strip().isdigit():
        return None
    try:
        found = scan_day(raw, "day")
    except InputError:
        return None
    if found is None or found.options is None:
        return found.fixed if found is not None else None
    for order in _list_orders(feed):
        if (day := found.under(order)) is not None:
            return day
    days = set(found.options.values())
    return days.pop() if len(days) == 1 else None


def _list_orders(feed: Feed) -> Iterable[str]:
    settled = [column.order for column in feed.columns.values() if column.order]
    return [order for order in (feed.request.dates, *settled, feed.locale_order) if order]


def find_day(feed: Feed) -> date | None:
    """The day that the payload is of."""
    column: Column | None = feed.columns.get(("", "As Of"))
    if column is None or column.reason is not None:
        return None
    value = feed.value(column)
    return value if isinstance(value, date) else None

"""What part of a row may not be sold, and until when, as its fields and notes say it: in money, units or percent."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import AMOUNT, read_figure, read_money
from services.portfolio.domain.reading.days import find_day_after
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row

CLAUSES = re.compile(r"[;\n]|,\s+|\.\s+|(?<=\s)[-–—]\s")
_PERCENT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,]\d+)?)\s?(?:%|per ?cent\b|prozent\b|pour ?cent\b|por ciento\b|per cento\b)"
)
_NUMBER = r"\d[\d.,'’ \u00a0\u202f]*"
_HUNDRED = Decimal(100)


def find_share(feed: Feed, name: str, value: object, row: Row, *, of_lock: bool) -> Decimal | None:
    """The part of a row, of one, that a field says is not to be sold; None where it says nothing of a part.

    A note says it in one clause with a word for what is held back, which the field of a lock (``of_lock``) is itself; a
    bare figure says it by the name of its field and its unit.
    """
    if isinstance(value, str) and read_figure(value) is None:
        told = [clause for clause in CLAUSES.split(value) if _is_of_part(feed, clause, of_lock=of_lock)]
        found = [share for clause in told for share in _read_clause(feed, clause, row)]
        return found[0] if len(found) == 1 else None
    share = _read_field(feed, name, value, row)
    if share is None:
        return None
    return 1 - share if feed.reference.names_any(name, feed.reference.terms.free) else share


def find_end(feed: Feed, text: str) -> date | None:
    """The last day of a lock by a note: the day that stands behind a word for an end."""
    return find_day_after(feed, text, feed.reference.terms.until)


def _is_of_part(feed: Feed, clause: str, *, of_lock: bool) -> bool:
    """Whether a clause speaks of what is held back, and of no fee for it."""
    terms, says_any = feed.reference.terms, feed.reference.says_any
    return (of_lock or says_any(clause, terms.held_back)) and not says_any(clause, terms.charges | terms.exit_load)


def _read_clause(feed: Feed, clause: str, row: Row) -> Iterator[Decimal]:
    terms = feed.reference.terms
    for match in _PERCENT.finditer(clause.casefold()):
        if (share := _fit(Decimal(match[1].replace(",", ".")) / _HUNDRED)) is not None:
            yield share
    worth = row.money("market_value")
    for amount in AMOUNT.findall(clause) if worth is not None and worth.value > 0 else ():
        money = read_money(feed, amount)
        if money is not None and worth is not None and money.currency in {None, worth.currency, feed.currency}:
            share = _fit(money.value / worth.value)
            if share is not None:
                yield share
                return
    for match in re.finditer(rf"({_NUMBER})(?:(?:of|von|sur|de|van|su) {_NUMBER})?\s?([^\W\d_]+)", clause):
        if feed.reference.says_any(match[2], terms.units) and (share := _count(match[1], row)) is not None:
            yield share


def _read_field(feed: Feed, name: str, value: object, row: Row) -> Decimal | None:
    terms, number = feed.reference.terms, read_figure(value)
    if number is None:
        return None
    words = split_words(name).casefold().split()
    size, unit = number
    if unit is Unit.PERCENT or {"%", "pct", "percent", "prozent"} & set(words):
        return _fit(size / _HUNDRED)
    if unit is Unit.NUMBER and feed.reference.names_any(name, terms.units):
        return _count(str(value), row)
    return None


def _count(written: str, row: Row) -> Decimal | None:
    """So many units as a part of the row's; digits that could be either are grouped, as of units they mostly are."""
    number, whole = read_figure(written.strip(" .,'’")), row.number("quantity")
    return _fit(number[0] / whole) if number is not None and whole else None


def _fit(share: Decimal) -> Decimal | None:
    return share if 0 < share < 1 else None

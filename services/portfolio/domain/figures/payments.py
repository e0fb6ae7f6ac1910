"""Lists of single payments with their days: what was and will be paid, and a year's income only over a year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.figures.amounts import Amounts
from services.portfolio.domain.reading import Row
from services.portfolio.domain.reference import Reference, match_words

_LEAST_DAYS, _YEAR_DAYS = 330, 365
"""Days from the first to the last payment of a year's list: monthly payments of a year lie 334 days apart or more."""
_REPEATED_DAYS = 350
"""A source whose payments lie so many days apart has one of the next year among them."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a source; ``is_paid`` where its row says so, None where it says nothing."""

    name: str
    day: date
    amount: Decimal
    is_paid: bool | None


def list_payments(rows: Sequence[tuple[str, Row]], amounts: Amounts, reference: Reference) -> list[Payment]:
    """The payments of rows, by their sources' names, in the order of their days; one has a day and an amount."""
    found = []
    for name, row in rows:
        day, amount = row.day("next_payment"), amounts.convert(row.money("paid"), row)
        if day is None or amount is None:
            continue
        status = row.text("status")
        is_paid = match_words(status) in reference.settled if status else None
        found.append(Payment(name, day, amount, is_paid))
    return sorted(found, key=lambda payment: (payment.day, payment.name))


def sum_year(payments: Sequence[Payment]) -> Mapping[str, Decimal] | None:
    """What each source pays in the year that the payments cover; None where they cover less or more than one."""
    days: dict[str, list[date]] = defaultdict(list)
    for payment in payments:
        days[payment.name].append(payment.day)
    whole = (payments[-1].day - payments[0].day).days if payments else 0
    if not _LEAST_DAYS <= whole < _YEAR_DAYS or any((own[-1] - own[0]).days >= _REPEATED_DAYS for own in days.values()):
        return None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment in payments:
        sums[payment.name] += payment.amount
    return sums

"""Lists of single payments with their days: what was and will be paid, and a year's income only over a year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.amounts import Amounts
from services.portfolio.domain.reading import Row, Table
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


def find_gap(payments: Sequence[Payment], table: Table) -> MissingInputError | None:
    """Why payments say no income of a year; None where they do."""
    if not payments:
        return MissingInputError(table.find_fault("paid", "next_payment") or "no payment has a day and an amount")
    if sum_year(payments) is None:
        span = f"from {payments[0].day.isoformat()} to {payments[-1].day.isoformat()}"
        return MissingInputError(f"the payments sent run {span}, which is not one year")
    if len(payments) < len(table.rows):
        return MissingInputError(table.find_fault("paid", "next_payment") or "a payment has no day or no amount")
    return None


def add_payments(payments: Sequence[Payment], field: str, most: int, draft: Draft) -> None:
    """The payments that are due, and those that were before the day of the list and are not said to be paid."""
    as_of = draft.frame.as_of
    before = [payment for payment in payments if as_of is not None and payment.day < as_of]
    due = [payment for payment in payments if payment not in before and not payment.is_paid]
    late = [payment for payment in before if payment.is_paid is False]
    for fact_id, chosen in (("overdue", late), ("next_payment", due)):
        for payment in chosen[:most]:
            draft.state(
                fact_id, payment.amount, (field,), subject=payment.name, key=slug(payment.name), method="as sent",
                dates=(payment.day,),
            )  # fmt: skip
    if not due:
        raise MissingInputError("no payment is due after the valuation date")
    if len(due) > 1:
        total = sum((payment.amount for payment in due), Decimal(0))
        draft.state("payments_due", total, (field,), dates=(due[-1].day,))

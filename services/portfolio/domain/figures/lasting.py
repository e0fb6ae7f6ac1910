"""What is left of an income once the sources that are known to end have ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.quoting import HUNDRED

_MOST = 5
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stop:
    """A source that pays until a day; ``tax`` in percent is that on its income."""

    name: str
    income: Decimal
    day: date
    tax: Decimal


def add_stops(found: Sequence[Stop], income: Decimal, field: str, draft: Draft) -> None:
    """State each of them, what is paid a year without them, and what part of the need that covers, after tax and fees
    where these are known."""
    if not found:
        return
    for item in sorted(found, key=lambda item: (item.day, item.name))[:_MOST]:
        draft.state(
            "stopping_income", item.income, (field,), subject=item.name, key=slug(item.name), dates=(item.day,)
        )  # fmt: skip
    lasting = income - sum((item.income for item in found), _NOTHING)
    draft.state("income_lasting", lasting, (field,))
    need, after, fee = (draft.find(name) for name in ("annual_need", "income_after_tax", "portfolio_fee_amount"))
    if need is None:
        return
    is_net = after is not None and draft.find("income_cover_after_tax") is not None
    net = sum((item.income * (1 - item.tax / HUNDRED) for item in found), _NOTHING)
    paid = after.value - net if is_net and after is not None else lasting
    paid -= fee.value if fee is not None else _NOTHING
    draft.state("cover_lasting", paid * HUNDRED / need.value, (field, *need.inputs))
    if paid < need.value:
        draft.state("gap_lasting", need.value - paid, (field, *need.inputs))

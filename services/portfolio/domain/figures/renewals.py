"""What pays an income and matures within a year: what it pays once it is renewed, where its rate was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.quoting import HUNDRED

_YEAR_DAYS = 366
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ending:
    """One source of income with its last day; ``rate`` and ``tax`` in percent are those of its renewal and income."""

    name: str
    income: Decimal
    value: Decimal | None
    day: date
    rate: Decimal | None
    tax: Decimal

    @property
    def change(self) -> Decimal | None:
        """What it pays more a year once it is renewed; None where that is not known."""
        if self.rate is None or self.value is None:
            return None
        return self.value * self.rate / HUNDRED - self.income


def add_renewals(found: Sequence[Ending], as_of: date | None, income: Decimal, field: str, draft: Draft) -> None:
    """State what ends within a year of the payload's day and what its renewal makes of the whole income, and of its
    cover of a need."""
    soon = [item for item in found if as_of is not None and 0 <= (item.day - as_of).days <= _YEAR_DAYS]
    for item in sorted(soon, key=lambda item: (item.day, item.name)):
        of = {"subject": item.name, "key": slug(item.name)}
        if item.value is not None:
            draft.state("ending_value", item.value, (field,), dates=(item.day,), **of)
        draft.state("ending_income", item.income, (field,), dates=(item.day,), **of)
        if item.rate is not None and item.change is not None:
            draft.state("renewal_rate", item.rate, (field,), **of)
            draft.state("renewal_income", item.income + item.change, (field,), **of)
            draft.state("renewal_change", item.change, (field,), **of)
    changes = [item.change for item in soon]
    if not soon or None in changes:
        return
    gross = sum((change or _NOTHING for change in changes), _NOTHING)
    draft.state("income_renewed", income + gross, (field,))
    is_net, need = draft.find("income_cover_after_tax") is not None, draft.find("annual_need")
    after = draft.find("income_after_tax") if is_net else None
    if need is None:
        return
    net = sum(((item.change or _NOTHING) * (1 - item.tax / HUNDRED) for item in soon), _NOTHING)
    paid = after.value + net if after is not None else income + gross
    fee = draft.find("portfolio_fee_amount")
    paid -= fee.value if fee is not None else _NOTHING
    draft.state("cover_renewed", paid * HUNDRED / need.value, (field, *need.inputs))

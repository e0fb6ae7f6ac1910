"""One source of income, as its row says."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Source:
    """One source of income a year; amounts in the table's currency. ``income`` is None where it could not be had."""

    name: str
    income: Decimal | None
    market_value: Decimal | None
    cost: Decimal | None
    kind: str | None
    frequency: int | None
    next_payment: date | None
    tax_rate: Decimal | None = None
    fault: str | None = None
    matures: date | None = None
    renewal: Decimal | None = None
    """The rate in percent at which it is renewed then."""
    is_bound: bool = False
    """Whether all of it may not be sold, by what was sent of it."""
    ends: date | None = None
    """The last day on which it pays."""

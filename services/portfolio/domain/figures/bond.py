"""One bond of a list, with what is known of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bond:
    """One bond: weight, coupon and yield in percent, duration and maturity in years."""

    name: str
    market_value: Decimal
    weight: Decimal
    coupon: Decimal | None
    maturity: date | None
    years: Decimal | None
    ytm: Decimal | None
    duration: Decimal | None
    rating: str | None
    derived: bool
    """Whether yield or duration was computed here from price, coupon and maturity."""
    linked: bool
    """Whether its payments rise with prices, so that its yield is one after inflation."""
    currency: str | None = None
    why: str = ""
    """Why yield and duration could not be computed."""
    issuer: str | None = None
    """Who owes it, as its row says."""
    failed: bool = False
    """Whether its debtor has failed to pay: it pays no coupon, and has no yield, no duration and no day."""
    called: date | None = None
    """The day on which it is likely to be called, to which its yield and duration are then."""

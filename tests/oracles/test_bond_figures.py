"""Yields and durations of plain bonds against QuantLib, on coupon days and between them.

The product computes these in a few lines, with times as actual days / 365.25; QuantLib counts the days of each coupon
period. On a coupon day the two are the same sum; between, they may differ by what a day of interest is worth.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.figures.bonds import compute_duration, solve_yield

ql = pytest.importorskip("QuantLib", reason="another implementation of the figures, installed by `make test-oracles`")

CASES = [
    (coupon, price, frequency, years)
    for coupon in (2.5, 7.26, 11.0)
    for price in (88.5, 100.0, 113.25)
    for frequency in (1, 2, 4)
    for years in (1, 7, 30)
]
MATURITY = date(2056, 2, 6)


@dataclass(frozen=True)
class Peer:
    """QuantLib's bond on a day."""

    bond: Any
    today: Any
    price: float
    period: int

    @property
    def ytm(self) -> float:
        """Yield to maturity in percent, of a price without accrued interest."""
        quoted = ql.BondPrice(self.price, ql.BondPrice.Clean)
        return float(
            100 * self.bond.bondYield(quoted, count_days(), ql.Compounded, self.period, self.today, 1e-14, 1000)
        )

    def duration(self, ytm: float) -> float:
        """Modified duration in years at a yield in percent."""
        rate = ql.InterestRate(ytm / 100, count_days(), ql.Compounded, self.period)
        return float(ql.BondFunctions.duration(self.bond, rate, ql.Duration.Modified, self.today))


def count_days() -> Any:
    """Days as the coupon periods count them."""
    return ql.ActualActual(ql.ActualActual.ISMA)


def make_peer(today: date, coupon: float, price: float, frequency: int) -> Peer:
    day, end = (ql.Date(moment.day, moment.month, moment.year) for moment in (today, MATURITY))
    ql.Settings.instance().evaluationDate = day
    first = ql.Date(6, 2, 2020)
    schedule = ql.MakeSchedule(first, end, ql.Period(12 // frequency, ql.Months), backwards=True)
    count = ql.ActualActual(ql.ActualActual.ISMA, schedule)
    return Peer(ql.FixedRateBond(0, 100.0, schedule, [coupon / 100], count), day, price, frequency)


@pytest.mark.parametrize(("coupon", "price", "frequency", "years"), CASES)
def test_on_a_coupon_day_yield_and_duration_are_quantlibs(
    coupon: float, price: float, frequency: int, years: int
) -> None:
    peer = make_peer(date(MATURITY.year - years, 2, 6), coupon, price, frequency)
    ytm = solve_yield(Decimal(str(price)), Decimal(str(coupon)), Decimal(years), frequency)
    assert ytm is not None
    assert float(ytm) == pytest.approx(peer.ytm, rel=1e-7)
    duration = compute_duration(Decimal(str(coupon)), Decimal(years), frequency, ytm)
    assert float(duration) == pytest.approx(peer.duration(float(ytm)), rel=1e-7)


@pytest.mark.parametrize(("coupon", "price", "frequency"), [(2.5, 88.5, 1), (7.26, 101.5, 2), (11.0, 113.25, 4)])
@pytest.mark.parametrize("today", [date(2026, 4, 30), date(2033, 11, 22), date(2049, 2, 7)])
def test_between_coupons_yield_is_within_half_a_basis_point(
    today: date, coupon: float, price: float, frequency: int
) -> None:
    peer = make_peer(today, coupon, price, frequency)
    years = Decimal((MATURITY - today).days) / Decimal("365.25")
    ytm = solve_yield(Decimal(str(price)), Decimal(str(coupon)), years, frequency)
    assert ytm is not None
    assert float(ytm) == pytest.approx(peer.ytm, abs=0.005)
    assert float(compute_duration(Decimal(str(coupon)), years, frequency, ytm)) == pytest.approx(
        peer.duration(peer.ytm), abs=0.01
    )

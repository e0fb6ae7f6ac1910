"""Yields and durations of plain bonds against QuantLib: 200 bonds of all day counts and frequencies.

Both count the days of each coupon period by the bond's day count, and compound at the coupon's frequency.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.figures.bond_pricing import compute_duration, list_payments, solve_yield

ql = pytest.importorskip("QuantLib", reason="another implementation of the figures, installed by `make test-oracles`")

DAY_COUNTS = ("actual/actual", "actual/365", "actual/360", "30/360", "30e/360")
FREQUENCIES = (1, 2, 4, 12)
HALF_A_BASIS_POINT = 0.005


@dataclass(frozen=True)
class Terms:
    """A bond on a day."""

    coupon: float
    price: float
    frequency: int
    day_count: str
    today: date
    maturity: date


def make_terms(seed: int) -> Terms:
    rng = random.Random(seed)
    today = date(2026, 3, 31) + timedelta(days=rng.randrange(0, 400))
    return Terms(
        coupon=rng.randrange(0, 1200) / 100,
        price=rng.randrange(7500, 12500) / 100,
        frequency=FREQUENCIES[seed % len(FREQUENCIES)],
        day_count=DAY_COUNTS[seed // len(FREQUENCIES) % len(DAY_COUNTS)],
        today=today,
        maturity=today + timedelta(days=rng.randrange(200, 11_000)),
    )


def to_day(day: date) -> Any:
    return ql.Date(day.day, day.month, day.year)


def count_days(name: str, schedule: Any) -> Any:
    return {
        "actual/actual": lambda: ql.ActualActual(ql.ActualActual.ISMA, schedule),
        "actual/365": ql.Actual365Fixed,
        "actual/360": ql.Actual360,
        "30/360": lambda: ql.Thirty360(ql.Thirty360.BondBasis),
        "30e/360": lambda: ql.Thirty360(ql.Thirty360.EurobondBasis),
    }[name]()


def compute_peer(terms: Terms) -> tuple[float, float]:
    """QuantLib's yield in percent and modified duration in years."""
    ql.Settings.instance().evaluationDate = to_day(terms.today)
    # A whole number of coupon periods before maturity, so that no period is a stub.
    length = ql.Period(12 // terms.frequency, ql.Months)
    start, steps = to_day(terms.maturity), 0
    while start > to_day(terms.today):
        steps += 1
        start = to_day(terms.maturity) - ql.Period(steps * 12 // terms.frequency, ql.Months)
    calendar, rule = ql.NullCalendar(), ql.DateGeneration.Backward
    schedule = ql.Schedule(start, to_day(terms.maturity), length, calendar, ql.Unadjusted, ql.Unadjusted, rule, False)
    days = count_days(terms.day_count, schedule)
    bond = ql.FixedRateBond(0, 100.0, schedule, [terms.coupon / 100], days)
    price = ql.BondPrice(terms.price, ql.BondPrice.Clean)
    ytm = bond.bondYield(price, days, ql.Compounded, terms.frequency, to_day(terms.today), 1e-12, 1000)
    rate = ql.InterestRate(ytm, days, ql.Compounded, terms.frequency)
    return 100 * ytm, float(ql.BondFunctions.duration(bond, rate, ql.Duration.Modified, to_day(terms.today)))


@pytest.mark.parametrize("seed", range(200))
def test_yield_and_duration_are_quantlibs_within_half_a_basis_point(seed: int) -> None:
    terms = make_terms(seed)
    payments = list_payments(Decimal(str(terms.coupon)), terms.maturity, terms.today, terms.frequency, terms.day_count)
    ytm = solve_yield(Decimal(str(terms.price)), payments)
    peer_ytm, peer_duration = compute_peer(terms)

    assert ytm is not None
    assert float(ytm) == pytest.approx(peer_ytm, abs=HALF_A_BASIS_POINT), terms
    assert float(compute_duration(ytm, payments)) == pytest.approx(peer_duration, abs=0.002), terms

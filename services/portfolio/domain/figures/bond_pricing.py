"""What a plain bond's payments are worth: coupon dates, day counts, accrued interest, yield and duration.

Coupon days step back from maturity. Times and amounts follow the bond's day count (ICMA Rule 251; ISDA 2006, 4.16);
yields compound at the coupon's frequency, as markets quote them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

DEFAULT_DAY_COUNT = "actual/actual"
_MOST_PAYMENTS = 6000
_LOWEST, _HIGHEST = -0.5, 2.0


@dataclass(frozen=True, slots=True)
class Payments:
    """Times in years from today and amounts per 100 of face, the interest accrued, and compounding periods a year."""

    flows: tuple[tuple[float, float], ...]
    accrued: float
    periods: int


def list_payments(
    coupon: Decimal, maturity: date, today: date, frequency: int, day_count: str = DEFAULT_DAY_COUNT
) -> Payments:
    """What a bond still pays. A frequency of 0 pays interest, compounded yearly, and face at maturity."""
    rate = float(coupon) / 100
    if not frequency:
        years = (maturity - today).days / 365.25
        return Payments(((years, 100.0 * (1 + rate) ** years),), 0.0, 1)
    ends = _list_coupon_days(maturity, today, frequency)
    gone = year_fraction(ends[0], today, ends[0], ends[1], frequency, day_count)
    flows = []
    # What is gone of a period and what is left of it make the period, also where months of thirty days would not.
    moment = -gone
    for start, end in pairwise(ends):
        part = year_fraction(start, end, start, end, frequency, day_count)
        moment += part
        flows.append((moment, 100 * rate * part + (100.0 if end == maturity else 0.0)))
    accrued = 100 * rate * gone
    return Payments(tuple(flows), accrued, frequency)


def _list_coupon_days(maturity: date, today: date, frequency: int) -> list[date]:
    """The coupon days from the last one on or before today to maturity."""
    days = [maturity]
    step = 0
    while days[-1] > today and step < _MOST_PAYMENTS:
        step += 1
        days.append(_step_back(maturity, step, frequency))
    return days[::-1]


def _step_back(maturity: date, steps: int, frequency: int) -> date:
    if 12 % frequency:
        return maturity - timedelta(days=steps * 364 // frequency)
    months = maturity.year * 12 + maturity.month - 1 - steps * (12 // frequency)
    year, month = divmod(months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(maturity.day, last))


def year_fraction(first: date, last: date, start: date, end: date, frequency: int, day_count: str) -> float:
    """The part of a year between two days, of which ``start`` to ``end`` is the coupon period around them."""
    days = (last - first).days
    if day_count == "actual/365":
        return days / 365
    if day_count == "actual/360":
        return days / 360
    if day_count in {"30/360", "30e/360"}:
        return _count_thirties(first, last, european=day_count == "30e/360") / 360
    return days / ((end - start).days * frequency)


def _count_thirties(first: date, last: date, *, european: bool) -> int:
    """Days between in months of thirty."""
    start, end = first.day, last.day
    if start == 31:
        start = 30
    if end == 31 and (european or start == 30):
        end = 30
    return 360 * (last.year - first.year) + 30 * (last.month - first.month) + end - start


def compute_price(flows: Iterable[tuple[float, float]], rate: float, periods: int) -> float:
    """What payments are worth at a yearly rate (as a fraction) compounded ``periods`` times a year."""
    return math.fsum(amount / (1 + rate / periods) ** (moment * periods) for moment, amount in flows)


def solve_yield(price: Decimal, payments: Payments) -> Decimal | None:
    """The yield to maturity in percent at which the payments are worth the price; None outside -50% to 200%.

    ``price`` is per 100 of face without accrued interest, as bonds are quoted. The worth falls as the rate rises, so
    halving the range always finds it.
    """
    low, high, wanted = _LOWEST, _HIGHEST, float(price) + payments.accrued
    flows, periods = payments.flows, payments.periods
    if not compute_price(flows, high, periods) <= wanted <= compute_price(flows, low, periods):
        return None
    for _ in range(80):
        middle = (low + high) / 2
        if compute_price(flows, middle, periods) > wanted:
            low = middle
        else:
            high = middle
    return Decimal(repr((low + high) / 2)) * 100


def compute_duration(ytm: Decimal, payments: Payments) -> Decimal:
    """Modified duration in years: the time of the payments weighted by their worth, over one period's growth."""
    rate, periods = float(ytm) / 100, payments.periods
    worths = [(moment, amount / (1 + rate / periods) ** (moment * periods)) for moment, amount in payments.flows]
    total = math.fsum(worth for _, worth in worths)
    macaulay = math.fsum(moment * worth for moment, worth in worths) / total
    return Decimal(repr(macaulay / (1 + rate / periods)))

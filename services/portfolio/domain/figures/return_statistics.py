"""Statistics of periodic returns (fractions), in plain floating point with exact sums.

Definitions are those that performance libraries share (the oracles hold them against ffn, quantstats, skfolio and
empyrical): sample standard deviations, linear percentiles, downside deviation over all periods.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

Returns = Sequence[float]
_LEAST_FACTOR, _MOST_FACTOR = 1e-6, 1e6
_STEPS, _FEW_STEPS = 2400, 48
_MOST_TERMS = 4_000_000
"""Amounts times grid points that are worth the time; more amounts are looked at on a coarser grid."""


def mean(values: Returns) -> float:
    """The arithmetic mean."""
    return math.fsum(values) / len(values)


def deviation(values: Returns) -> float:
    """The sample standard deviation."""
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def downside_deviation(excess: Returns) -> float:
    """The root of the mean squared shortfall, over all periods."""
    return math.sqrt(math.fsum(min(value, 0.0) ** 2 for value in excess) / len(excess))


def percentile(values: Returns, share: float) -> float:
    """The value below which ``share`` of them lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def expected_shortfall(values: Returns, share: float) -> float:
    """The mean of the values up to that place."""
    ordered = sorted(values)
    return mean(ordered[: int((len(ordered) - 1) * share) + 1])


def beta(values: Returns, factor: Returns) -> float:
    """Covariance over the factor's variance."""
    middle, other = mean(values), mean(factor)
    shared = math.fsum((a - middle) * (b - other) for a, b in zip(values, factor, strict=True))
    return shared / math.fsum((b - other) ** 2 for b in factor)


def alpha(values: Returns, factor: Returns, risk_free: float, slope: float, periods: int) -> float:
    """What a year brings beyond ``slope`` times the factor, compounded from the mean of a period."""
    rest = mean([(a - risk_free) - slope * (b - risk_free) for a, b in zip(values, factor, strict=True)])
    return float((1 + rest) ** periods - 1)


def growth(values: Returns) -> float:
    """All of them compounded, less one."""
    return math.prod(1 + value for value in values) - 1


def annual_growth(values: Returns, periods: int) -> float:
    """Growth a year by the number of periods: for a choice of periods that no calendar spans."""
    total = math.prod(1 + value for value in values)  # not growth + 1: of many falls nothing would be left of it
    return float(total ** (periods / len(values)) - 1) if total > 0 else -1.0


def find_rates(days: Sequence[date], amounts: Sequence[float]) -> list[float]:
    """Every yearly rate from -99.9999 % to 100,000,000 % at which dated amounts are worth nothing (actual/365).

    Roots are bracketed on a fine grid of growth factors and halved to full precision; a solver that starts from a guess
    finds one of several, or none for large amounts.
    """
    start = min(days)
    years = [(day - start).days / 365 for day in days]
    scale = max((abs(amount) for amount in amounts), default=0.0)
    if not scale or max(years) == 0:
        return []
    parts = [(amount / scale, year) for amount, year in zip(amounts, years, strict=True)]

    def worth(log_factor: float) -> float:
        # Weighed at the end of the longest time where money shrinks, so that nothing overflows.
        shift = max(years) if log_factor < 0 else 0.0
        return math.fsum(amount * math.exp(log_factor * (shift - year)) for amount, year in parts)

    low, high = math.log(_LEAST_FACTOR), math.log(_MOST_FACTOR)
    # Amounts that change sign once, in order of time, have one root at most (Descartes).
    signs = [amount > 0 for _, amount in sorted(zip(years, amounts, strict=True)) if amount]
    turns = sum(before != after for before, after in pairwise(signs))
    steps = _FEW_STEPS if turns <= 1 else max(_FEW_STEPS, min(_STEPS, _MOST_TERMS // len(parts)))
    points = [low + (high - low) * step / steps for step in range(steps + 1)]
    values = [worth(point) for point in points]
    found = []
    for left, right, before, after in zip(points, points[1:], values, values[1:], strict=False):
        if before == 0:
            found.append(math.exp(left) - 1)
        elif before * after < 0:
            found.append(math.exp(_halve(worth, left, right, before)) - 1)
    return found


def _halve(worth: Callable[[float], float], left: float, right: float, before: float) -> float:
    for _ in range(200):
        middle = (left + right) / 2
        if middle in {left, right}:
            break
        value = worth(middle)
        if value == 0:
            return middle
        if (value > 0) == (before > 0):
            left = middle
        else:
            right = middle
    return (left + right) / 2


def count_years(left: float, draw: float, rate: float) -> float | None:
    """For how many years a yearly sum can be drawn from what earns a yearly rate; None where it never ends, or nothing
    is earned."""
    if rate <= 0 or rate * left >= draw:
        return None
    return -math.log1p(-rate * left / draw) / math.log1p(rate)

"""Where values and days lie on a chart: linear scales, and ticks at round values that lie exactly where they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_YEAR = 12
_DAYS = (1, 2, 7, 14)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale: ``low`` lies at ``start``, ``high`` at ``end``."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def place(self, value: Decimal) -> float:
        """Where a value lies."""
        with localcontext(prec=60):
            share = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * float(share)


def list_ticks(low: Decimal, high: Decimal, most: int = 5) -> tuple[Decimal, ...]:
    """Round values, evenly spaced, from at or below ``low`` to at or above ``high``; at most ``most`` + 2."""
    with localcontext(prec=60):
        if low == high:
            low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
        least = (high - low) / most
        power = Decimal(1).scaleb(least.adjusted())
        step = next(power * factor for factor in _STEPS if power * factor >= least)
        first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
        return tuple(step * count for count in range(int(first), int(last) + 1))


def read_places(labels: Sequence[str]) -> tuple[tuple[Decimal, ...], tuple[date, ...]]:
    """Where the points of a line lie from left to right, and their days where the labels are days.

    Days lie as far apart as they are, numbers too; anything else, and what does not ascend, is evenly spaced.
    """
    try:
        days = tuple(date.fromisoformat(label) for label in labels)
        places = tuple(Decimal(day.toordinal()) for day in days)
    except ValueError:
        days, places = (), tuple(Decimal(label) for label in labels if label.isascii() and label.isdecimal())
    if len(places) == len(labels) and all(left < right for left, right in pairwise(places)):
        return places, days
    return tuple(map(Decimal, range(len(labels)))), ()


def list_day_ticks(first: date, last: date, most: int) -> tuple[tuple[date, ...], str]:
    """At most ``most`` firsts of years or months, or single days, between two days; and what their labels must say:
    ``year``, ``month`` or ``day``."""
    for days in _DAYS:
        if (last - first).days / days < most and (last - first).days < 60:
            step = range(first.toordinal(), last.toordinal() + 1, days)
            return tuple(map(date.fromordinal, step)), "day"
    for months in _MONTHS:
        ticks = tuple(_list_months(first, last, months))
        if len(ticks) <= most:
            return ticks, "year" if months >= _YEAR else "month"
    return (), "year"


def _list_months(first: date, last: date, step: int) -> Iterator[date]:
    start = first.year * _YEAR + first.month - 1
    for count in range(-(-start // step) * step, last.year * _YEAR + last.month, step):
        day = date(count // _YEAR, count % _YEAR + 1, 1)
        if first <= day <= last:
            yield day

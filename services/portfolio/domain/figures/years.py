"""How long a track is: in years by the calendar, never by counting points.

A year is 365 days, or twelve complete months where a track runs from month-end to month-end (GIPS, provision 2.A.12,
lets nothing shorter be annualised).
"""

from collections.abc import Sequence
from datetime import date, timedelta

DAYS_A_YEAR = 365
_FRIDAY = 4


def count_years(start: date, end: date) -> float:
    """The years between two days: complete months / 12 between month-ends, else days / 365."""
    first, last = _find_month_end(start), _find_month_end(end)
    if first is not None and last is not None and last > first:
        return (last - first) / 12
    return (end - start).days / DAYS_A_YEAR


def _find_month_end(day: date) -> int | None:
    """The number of the month that a day closes: its last business day or later, or before the next one's first."""
    if all(
        (day + timedelta(days=more)).month != day.month or _is_weekend(day + timedelta(days=more)) for more in (1, 2, 3)
    ):
        return day.year * 12 + day.month
    before = [day.replace(day=number) for number in range(1, day.day + 1)]
    if day.day <= 3 and (day.day == 1 or all(_is_weekend(other) for other in before)):
        return day.year * 12 + day.month - 1
    return None


def _is_weekend(day: date) -> bool:
    return day.weekday() > _FRIDAY


def share_of_weekends(days: Sequence[date]) -> float:
    """How many of the days are Saturdays and Sundays."""
    return sum(_is_weekend(day) for day in days) / len(days) if days else 0.0

"""A track and its benchmark over the periods that both have."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from statistics import median

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.series import Series, step_back
from services.portfolio.domain.figures.years import count_years


def align(series: Series, benchmark: Series, field: str, draft: Draft) -> tuple[list[float], list[float], float | None]:
    """Both series over the periods that they share, empty where days match nowhere, and the years that those span.

    Raises ``InputError`` for series without dates that differ in length.
    """
    if series.days and benchmark.days:
        return _align_by_day(series, benchmark, field, draft)
    if len(series.returns) != len(benchmark.returns):
        raise InputError(
            field, None, f"{len(benchmark.returns)} returns beside {len(series.returns)} of the portfolio, and no dates"
        )
    return list(series.returns), list(benchmark.returns), None


def _align_by_day(
    series: Series, benchmark: Series, field: str, draft: Draft
) -> tuple[list[float], list[float], float | None]:
    """Benchmark values at the portfolio's days: both series' growth between the days that they share."""
    own = _growth_by_day(series)
    other = _growth_by_day(benchmark)
    _begin_at(own, other)
    _begin_at(other, own)
    shared = sorted(own.keys() & other.keys())
    if len(shared) < 2:
        draft.note(
            "benchmark_unmatched",
            f"{field} has no two days in common with the portfolio and is not used.",
            warning=True,
            field=field,
        )
        return [], [], None
    missing = len(own) - len(shared)
    if missing:
        draft.note(
            "benchmark_gaps", f"{missing} of {len(own)} days have no benchmark; periods around them were joined.",
            warning=True, field=field,
        )  # fmt: skip
    pairs = list(pairwise(shared))
    start = shared[0] if shared[0] != date.min else step_back(series.days)
    return (
        [own[later] / own[earlier] - 1 for earlier, later in pairs],
        [other[later] / other[earlier] - 1 for earlier, later in pairs],
        count_years(start, shared[-1]),
    )


def _begin_at(levels: Mapping[date, float], returns: dict[date, float]) -> None:
    """Let returns begin on the day of the level before their first end, where that is about as far off as they are
    apart: they were sent beside these levels."""
    ends = sorted(returns.keys() - {date.min})
    if date.min not in returns or date.min in levels or len(ends) < 2:
        return
    start = max((day for day in levels if day < ends[0]), default=None)
    step = median((later - earlier).days for earlier, later in pairwise(ends))
    if start is not None and (ends[0] - start).days <= step + step / 4:
        returns[start] = returns.pop(date.min)


def _growth_by_day(series: Series) -> dict[date, float]:
    level, growth = 1.0, {}
    if len(series.days) > len(series.returns):
        growth[series.days[0]] = level
    else:
        growth[date.min] = level
    for day, change in zip(series.end_days, series.returns, strict=True):
        level *= 1 + change
        growth[day] = level
    return growth

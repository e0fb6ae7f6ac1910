"""Figures of ``performance_and_risk``: growth, the money-weighted return, and the charts of a track."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from statistics import median

from services.portfolio.domain.facts import Chart, Draft
from services.portfolio.domain.figures.benchmark import BENCHMARK_IDS, add_benchmark
from services.portfolio.domain.figures.goal import add_goal, add_missed
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.return_statistics import count_years, find_rates
from services.portfolio.domain.figures.risk import add_risk
from services.portfolio.domain.figures.track import Track, add_figure, read_track
from services.portfolio.domain.number_words import Unit

_CHART_POINTS = 240
_REGULAR = 3
"""So many withdrawals alike are regular."""
_YEAR_DAYS = 365
_SHORT = "less than a year, which is not annualised"


def _add_growth(track: Track, draft: Draft) -> None:
    _add_values(track, draft)
    _add_xirr(track, draft)
    returns, days = track.need_returns(), track.series.days
    levels = list(accumulate(returns, lambda level, change: level * (1 + change), initial=1.0))
    span = (days[0], days[-1]) if days else ()
    add_figure(track, draft, "twr", levels[-1] - 1, method=track.series.method, dates=span)
    draft.state("periods", Decimal(len(returns)), (track.field,))
    _add_periods(track, returns, draft)
    if days:
        draft.frame = replace(draft.frame, start=days[0], end=days[-1])
    if track.years is not None:
        draft.state("years", Decimal(repr(track.years)), (track.field,), dates=span)
    if track.years is None:
        draft.miss("cagr", "periods per year are not known")
    elif track.years < 1:
        draft.miss("cagr", _SHORT)
    else:
        basis = "days / 365, or complete months / 12" if days else "returns / periods per year"
        method = f"(1 + total return) ^ (1 / years) - 1, years = {basis}"
        add_figure(track, draft, "cagr", levels[-1] ** (1 / track.years) - 1, method=method)
    _add_draw(track, draft)
    add_missed(track, draft)
    add_goal(track, draft)
    _add_growth_charts(track, levels, draft)


def _add_periods(track: Track, returns: Sequence[float], draft: Draft) -> None:
    """The best and the worst period, how many rose and fell, and the last year where the track is longer."""
    if len(returns) < 3:
        return
    ends = track.series.end_days
    for fact_id, value in (("best_period", max(returns)), ("worst_period", min(returns))):
        day = (ends[returns.index(value)],) if len(ends) == len(returns) else ()
        add_figure(track, draft, fact_id, value, dates=day)
    for fact_id, count in (
        ("rising_periods", sum(value > 0 for value in returns)),
        ("falling_periods", sum(value < 0 for value in returns)),
    ):
        draft.state(fact_id, Decimal(count), (track.field,))
    if track.periods is not None and len(returns) > track.periods:
        last = returns[-track.periods :]
        add_figure(track, draft, "trailing_return", math.prod(1 + value for value in last) - 1)


def _add_values(track: Track, draft: Draft) -> None:
    if track.series.values:
        days = track.series.days
        first, last = ((days[0],), (days[-1],)) if days else ((), ())
        draft.state("start_value", track.series.values[0], (track.field,), dates=first)
        draft.state("market_value", track.series.values[-1], (track.field,), label="value at the end", dates=last)
        inside = track.series.inside
        if inside and track.series.missing is None:
            net = sum((flow.amount for flow in inside), Decimal(0))
            draft.state("net_flows", net, ("flows",))
            draft.state("earned", track.series.values[-1] - track.series.values[0] - net, (track.field, "flows"))


def _add_draw(track: Track, draft: Draft) -> None:
    """What is withdrawn regularly in a year, of what is left, and for how long that lasts: without any return, and at
    the yearly return so far.

    Regular is what is within a quarter of the median withdrawal, where there are three of such at least; single larger
    or smaller sums are none.
    """
    out = [(flow.day, -flow.amount) for flow in track.flows if flow.amount < 0]
    if len(out) < _REGULAR or not track.series.values or not track.series.days:
        return
    usual = median(amount for _, amount in out)
    regular = [(day, amount) for day, amount in out if abs(amount - usual) * 4 <= usual]
    end, left = track.series.days[-1], track.series.values[-1]
    draw = sum((amount for day, amount in regular if 0 <= (end - day).days < _YEAR_DAYS), Decimal(0))
    if len(regular) < _REGULAR or draw <= 0 or left <= 0:
        return
    sources = (track.field, "flows")
    draft.state("draw", draw, sources)
    draft.state("draw_rate", draw / left * 100, sources)
    draft.state("draw_years", left / draw, sources)
    yearly = draft.find("cagr")
    years = count_years(float(left), float(draw), float(yearly.value) / 100) if yearly is not None else None
    if years is not None:
        draft.state("draw_years_earning", Decimal(repr(years)), sources)


def _add_xirr(track: Track, draft: Draft) -> None:
    series = track.series
    if not series.values or not series.days:
        draft.miss("xirr", "needs values with dates")
        return
    if series.missing is not None and not series.are_flows_known:
        draft.miss("xirr", series.missing)
        return
    if track.years is None or track.years < 1:
        draft.miss("xirr", _SHORT)
        return
    flows = sorted(series.inside, key=lambda flow: flow.day)
    days = [series.days[0], *(flow.day for flow in flows), series.days[-1]]
    amounts = [-float(series.values[0]), *(-float(flow.amount) for flow in flows), float(series.values[-1])]
    rates = find_rates(days, amounts)
    if not any(amount > 0 for amount in amounts) or not any(amount < 0 for amount in amounts):
        draft.miss("xirr", "all flows have one sign, so that no rate makes them worth nothing")
    elif not rates:
        draft.miss("xirr", "no rate makes the flows worth nothing")
    elif len(rates) > 1:
        shown = ", ".join(f"{rate:.2%}" for rate in rates[:3])
        draft.miss("xirr", f"{len(rates)} rates make the flows worth nothing ({shown}), so that none is the return")
    else:
        add_figure(
            track,
            draft,
            "xirr",
            rates[0],
            label="money-weighted return a year (XIRR)",
            method="XIRR, actual/365: the one rate at which all flows are worth nothing",
            inputs=("flows",) if track.flows else (),
        )


def compute_xirr(days: Sequence[date], amounts: Sequence[float]) -> float | None:
    """The one yearly rate at which dated amounts (paid below zero, received above) are worth nothing; None where there
    is none, or more than one."""
    rates = find_rates(days, amounts)
    return rates[0] if len(rates) == 1 else None


def _add_growth_charts(track: Track, levels: Sequence[float], draft: Draft) -> None:
    has_days = len(track.series.days) == len(levels)
    labels = (
        [day.isoformat() for day in track.series.days] if has_days else [str(index) for index in range(len(levels))]
    )
    lines = [("Portfolio", [level * 100 for level in levels])]
    if len(track.benchmark) == len(levels) - 1:
        growth = accumulate(track.benchmark, lambda level, change: level * (1 + change), initial=100.0)
        lines.append(("Benchmark", list(growth)))
    peaks = list(accumulate(levels, max))
    falls = [(level / peak - 1) * 100 for level, peak in zip(levels, peaks, strict=True)]
    _chart(draft, "Growth of 100", Unit.NUMBER, labels, lines)
    _chart(draft, "Drawdown", Unit.PERCENT, labels, [("Drawdown", falls)])


def _chart(
    draft: Draft, title: str, unit: Unit, labels: Sequence[str], lines: Sequence[tuple[str, Sequence[float]]]
) -> None:
    kept = keep_extremes([values for _, values in lines], _CHART_POINTS)
    series = tuple((name, tuple(round(Decimal(repr(values[index])), 4) for index in kept)) for name, values in lines)
    draft.charts.append(Chart("lines", title, unit, tuple(labels[index] for index in kept), series))


def keep_extremes(lines: Sequence[Sequence[float]], most: int) -> list[int]:
    """Which points to draw: the lowest and the highest of each stretch of every line, and both ends.

    Every n-th point would leave out the very peaks and troughs that a chart is looked at for.
    """
    count = len(lines[0])
    if count <= most:
        return list(range(count))
    kept = {0, count - 1}
    stretches = max(1, most // (2 * len(lines)))
    for stretch in range(stretches):
        places = range(count * stretch // stretches, count * (stretch + 1) // stretches)
        for values in lines:
            kept.add(min(places, key=values.__getitem__))
            kept.add(max(places, key=values.__getitem__))
    return sorted(kept)


FIGURES = Figures(
    read_track,
    (
        Group("growth", _add_growth, ("twr", "cagr", "xirr", "periods")),
        Group(
            "risk", add_risk,
            ("volatility", "sharpe", "sortino", "var", "cvar", "drawdown"),
        ),
        Group("relative", add_benchmark, BENCHMARK_IDS),
    ),
)  # fmt: skip

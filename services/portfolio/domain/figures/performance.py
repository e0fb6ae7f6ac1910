"""Figures of ``performance_and_risk``, by empyrical (risk) and pyxirr (money-weighted return).

Both are imported when first needed: empyrical brings pandas, some 100 MB, which other sections do without.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate

from services.portfolio.domain.facts import Chart, Draft, Fact
from services.portfolio.domain.figures.benchmark import add_benchmark
from services.portfolio.domain.figures.risk import add_risk
from services.portfolio.domain.figures.track import Track, add_figure, read_track
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected

_CHART_POINTS = 240


def load_libraries() -> None:
    """Import empyrical and pyxirr, which figures otherwise do when they first need them."""
    import empyrical  # noqa: F401, PLC0415
    import pyxirr  # noqa: F401, PLC0415


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Growth, risk, and figures against the benchmark, as the section's analytics ask for."""
    track = read_track(detected, catalogue, draft)
    groups: dict[str, Callable[[Track, Draft], None]] = {
        "growth": _add_growth,
        "risk": add_risk,
        "relative": add_benchmark,
    }
    for name in detected.section.analytics:
        groups[name](track, draft)


def _add_growth(track: Track, draft: Draft) -> None:
    returns, days = track.series.returns, track.series.days
    levels = list(accumulate(returns, lambda level, change: level * (1 + change), initial=1.0))
    span = (days[0], days[-1]) if days else ()
    add_figure(
        track,
        draft,
        "twr",
        "time-weighted return over the whole period",
        levels[-1] - 1,
        unit=Unit.PERCENT,
        method="returns compounded" if not track.flows else "returns net of flows, compounded",
        signed=True,
        dates=span,
    )
    draft.add(
        Fact(
            "periods",
            "number of returns",
            Decimal(len(returns)),
            Unit.NUMBER,
            "periods",
            "returns counted",
            (track.field,),
        )
    )
    if track.periods is None:
        draft.miss("cagr", "periods per year are not known")
    elif len(returns) < track.periods:
        draft.miss("cagr", "less than a year of returns, which is not annualised")
    else:
        add_figure(
            track,
            draft,
            "cagr",
            "return a year, compounded",
            levels[-1] ** (track.periods / len(returns)) - 1,
            unit=Unit.PERCENT,
            method="empyrical.cagr: (1 + total return) ^ (periods per year / periods) - 1",
            signed=True,
        )
    _add_xirr(track, draft)
    _add_values(track, draft)
    _add_growth_chart(track, levels, draft)


def _add_values(track: Track, draft: Draft) -> None:
    if track.series.values:
        for fact_id, label, value in (
            ("start_value", "value at the start", track.series.values[0]),
            ("market_value", "value at the end", track.series.values[-1]),
        ):
            draft.add(
                Fact(fact_id, label, value, Unit.MONEY, "market_value", "as sent", (track.field,), draft.currency)
            )


def _add_xirr(track: Track, draft: Draft) -> None:
    series = track.series
    if not series.values or not series.days:
        draft.miss("xirr", "needs values with dates")
        return
    if (series.days[-1] - series.days[0]).days < 365:
        draft.miss("xirr", "less than a year of values, which is not annualised")
        return
    flows = [flow for flow in track.flows if flow.day > series.days[0]]
    days = [series.days[0], *(flow.day for flow in flows), series.days[-1]]
    amounts = [-float(series.values[0]), *(-float(flow.amount) for flow in flows), float(series.values[-1])]
    rate = compute_xirr(days, amounts)
    if rate is None:
        draft.miss("xirr", "the flows have no single rate of return")
    else:
        add_figure(
            track,
            draft,
            "xirr",
            "money-weighted return a year (XIRR)",
            rate,
            unit=Unit.PERCENT,
            method="pyxirr.xirr, actual/365",
            signed=True,
            inputs=("flows",) if track.flows else (),
        )


def compute_xirr(days: Sequence[date], amounts: Sequence[float]) -> float | None:
    """The yearly rate at which dated amounts (paid below zero, received above) are worth nothing; None where none
    is."""
    import pyxirr  # noqa: PLC0415  # heavy libraries are loaded where they are first needed

    rate = pyxirr.xirr(list(days), list(amounts), silent=True)
    return None if rate is None or not math.isfinite(rate) else float(rate)


def _add_growth_chart(track: Track, levels: Sequence[float], draft: Draft) -> None:
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
    step = max(1, math.ceil(len(labels) / _CHART_POINTS))
    kept = sorted({*range(0, len(labels), step), len(labels) - 1})
    series = tuple((name, tuple(round(Decimal(repr(values[index])), 4) for index in kept)) for name, values in lines)
    draft.charts.append(Chart("lines", title, unit, tuple(labels[index] for index in kept), series))

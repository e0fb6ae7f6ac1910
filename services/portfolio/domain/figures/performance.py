"""Figures of ``performance_and_risk``, by empyrical (risk) and pyxirr (money-weighted return).

Both are imported when first needed: empyrical brings pandas, some 100 MB, which other sections do without.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Chart, Draft, Fact
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.series import (
    Flow,
    Series,
    align,
    find_periods_per_year,
    read_benchmark,
    read_series,
)
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected

_HUNDRED = Decimal(100)
_CHART_POINTS = 240
_FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class _Track:
    """Everything that the figures are computed from; ``shared`` and ``benchmark`` cover the same periods."""

    series: Series
    flows: tuple[Flow, ...]
    periods: int | None
    risk_free: Decimal | None
    confidence: Decimal
    shared: tuple[float, ...]
    benchmark: tuple[float, ...]
    field: str

    @property
    def period_risk_free(self) -> float:
        """The risk-free return of one period; zero where none was sent."""
        if self.risk_free is None or self.periods is None:
            return 0.0
        return float((1 + float(self.risk_free) / 100) ** (1 / self.periods) - 1)


def load_libraries() -> None:
    """Import empyrical and pyxirr, which figures otherwise do when they first need them."""
    import empyrical  # noqa: F401, PLC0415
    import pyxirr  # noqa: F401, PLC0415


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Growth, risk, and figures against the benchmark, as the section's analytics ask for."""
    track = _read(detected, catalogue, draft)
    groups: dict[str, Callable[[_Track, Draft], None]] = {
        "growth": _add_growth,
        "risk": _add_risk,
        "relative": _add_relative,
    }
    for name in detected.section.analytics:
        groups[name](track, draft)


def _read(detected: Detected, catalogue: Catalogue, draft: Draft) -> _Track:
    series, flows = read_series(detected, catalogue, draft)
    periods = find_periods_per_year(detected, series, draft)
    risk_free = inputs.read_percent(detected.get("risk_free"), detected.name_of("risk_free"))
    if risk_free is not None and abs(risk_free) >= _HUNDRED:
        raise InputError(detected.name_of("risk_free"), detected.get("risk_free"), "a yearly rate in percent is needed")
    confidence = inputs.read_percent(detected.get("confidence"), detected.name_of("confidence")) or Decimal(95)
    confidence = confidence * 100 if confidence <= 1 else confidence
    if not Decimal(50) <= confidence < _HUNDRED:
        raise InputError(
            detected.name_of("confidence"), detected.get("confidence"), "50 to below 100 percent is needed"
        )
    draft.currency = inputs.read_currency(detected, "Currency")
    name = inputs.read_text(detected.get("benchmark_name"), detected.name_of("benchmark_name"))
    draft.name(name or "")
    benchmark = read_benchmark(detected, catalogue, draft)
    shared, other = align(series, benchmark, detected.name_of("benchmark"), draft) if benchmark else ([], [])
    field = detected.name_of("series") if detected.get("series") is not None else detected.name_of("returns")
    return _Track(series, flows, periods, risk_free, confidence, tuple(shared), tuple(other), field)


def _add(
    track: _Track, draft: Draft, fact_id: str, label: str, value: float, *, unit: Unit, method: str, **more: Any
) -> None:
    """A figure of the track, or its absence where the computation has no finite answer."""
    if not math.isfinite(value):
        draft.miss(fact_id, "the computation has no finite answer for this series")
        return
    scaled = Decimal(repr(value)) * (_HUNDRED if unit in {Unit.PERCENT, Unit.POINTS} else 1)
    measure = more.pop("measure", fact_id)
    draft.add(
        Fact(fact_id, label, scaled, unit, measure, method, (track.field, *more.pop("inputs", ())),
             periods_per_year=track.periods, **more)
    )  # fmt: skip


def _add_growth(track: _Track, draft: Draft) -> None:
    returns, days = track.series.returns, track.series.days
    levels = list(accumulate(returns, lambda level, change: level * (1 + change), initial=1.0))
    span = (days[0], days[-1]) if days else ()
    _add(
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
        _add(
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


def _add_values(track: _Track, draft: Draft) -> None:
    if track.series.values:
        for fact_id, label, value in (
            ("start_value", "value at the start", track.series.values[0]),
            ("market_value", "value at the end", track.series.values[-1]),
        ):
            draft.add(
                Fact(fact_id, label, value, Unit.MONEY, "market_value", "as sent", (track.field,), draft.currency)
            )


def _add_xirr(track: _Track, draft: Draft) -> None:
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
        _add(
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


def _add_growth_chart(track: _Track, levels: Sequence[float], draft: Draft) -> None:
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


def _add_risk(track: _Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    returns = np.asarray(track.series.returns)
    _add_drawdown(track, draft)
    if len(returns) < 3:
        for fact_id in ("volatility", "sharpe", "sortino", "var", "cvar"):
            draft.miss(fact_id, "fewer than three returns")
        return
    cutoff = float(1 - track.confidence / 100)
    level, name = (track.confidence,), f"{track.confidence.normalize():f}%"
    with np.errstate(all="ignore"):
        _add(
            track,
            draft,
            "var",
            f"{name} value at risk for one period",
            float(empyrical.value_at_risk(returns, cutoff)),
            unit=Unit.PERCENT,
            method="empyrical.value_at_risk: historical percentile of returns",
            signed=True,
            parameters=level,
        )
        _add(
            track,
            draft,
            "cvar",
            f"{name} expected shortfall for one period",
            float(empyrical.conditional_value_at_risk(returns, cutoff)),
            unit=Unit.PERCENT,
            method="empyrical.conditional_value_at_risk: mean of the returns at or below the percentile",
            signed=True,
            parameters=level,
        )
        if track.periods is None:
            for fact_id in ("volatility", "sharpe", "sortino"):
                draft.miss(fact_id, "periods per year are not known")
            return
        _add(
            track,
            draft,
            "volatility",
            "volatility a year",
            float(empyrical.annual_volatility(returns, annualization=track.periods)),
            unit=Unit.PERCENT,
            method="empyrical.annual_volatility: sample standard deviation x sqrt(periods per year)",
        )
        _add_ratios(track, returns, draft)


def _add_ratios(track: _Track, returns: Any, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415

    assumed = "" if track.risk_free is not None else ", risk-free rate taken as zero since none was sent"
    if track.risk_free is not None:
        draft.add(
            Fact(
                "risk_free",
                "risk-free rate a year",
                track.risk_free,
                Unit.PERCENT,
                "risk_free",
                "as sent",
                ("risk_free",),
            )
        )
    excess = returns - track.period_risk_free
    if float(returns.std(ddof=1)) < _FLAT:
        draft.miss("sharpe", "the returns do not vary")
    else:
        _add(
            track,
            draft,
            "sharpe",
            "Sharpe ratio",
            float(empyrical.sharpe_ratio(returns, risk_free=track.period_risk_free, annualization=track.periods)),
            unit=Unit.MULTIPLE,
            method=f"empyrical.sharpe_ratio, annualised{assumed}",
            signed=True,
        )
    if not (excess < 0).any():
        draft.miss("sortino", "no return is below the risk-free rate")
    else:
        _add(
            track,
            draft,
            "sortino",
            "Sortino ratio",
            float(
                empyrical.sortino_ratio(returns, required_return=track.period_risk_free, annualization=track.periods)
            ),
            unit=Unit.MULTIPLE,
            method=f"empyrical.sortino_ratio, annualised{assumed}",
            signed=True,
        )


def _add_drawdown(track: _Track, draft: Draft) -> None:
    """The largest fall from a peak (as empyrical.max_drawdown), with the days of peak, trough and recovery."""
    levels = list(accumulate(track.series.returns, lambda level, change: level * (1 + change), initial=1.0))
    peaks = list(accumulate(levels, max))
    falls = [level / peak - 1 for level, peak in zip(levels, peaks, strict=True)]
    trough = min(range(len(falls)), key=falls.__getitem__)
    peak = max(index for index in range(trough + 1) if levels[index] == peaks[trough])
    recovered = next((index for index in range(trough, len(levels)) if levels[index] >= peaks[trough]), None)
    days = track.series.days
    dates: tuple[date, ...] = ()
    if len(days) == len(levels) and falls[trough] < 0:
        dates = (days[peak], days[trough]) + ((days[recovered],) if recovered is not None else ())
    _add(
        track,
        draft,
        "drawdown",
        "largest fall from a peak",
        falls[trough],
        unit=Unit.PERCENT,
        method="empyrical.max_drawdown: lowest value / highest before it - 1; dates are peak, trough and recovery",
        signed=True,
        dates=dates,
    )
    if falls[-1] < 0 and len(levels) > 1:
        _add(
            track,
            draft,
            "current_drawdown",
            "fall from the last peak",
            falls[-1],
            unit=Unit.PERCENT,
            method="last value / highest value before it - 1",
            signed=True,
            measure="drawdown",
        )


def _add_relative(track: _Track, draft: Draft) -> None:
    ids = ("beta", "alpha", "tracking_error", "information_ratio", "up_capture", "down_capture", "benchmark_twr",
           "excess_twr")  # fmt: skip
    if not track.benchmark:
        for fact_id in ids:
            draft.miss(fact_id, "no benchmark was sent")
        return
    _add_benchmark_growth(track, draft)
    if len(track.shared) < 3 or track.periods is None:
        reason = "periods per year are not known" if track.periods is None else "fewer than three shared returns"
        for fact_id in ids[:6]:
            draft.miss(fact_id, reason)
        return
    _add_regression(track, draft)
    _add_active(track, draft)
    _add_capture(track, draft)


def _add_benchmark_growth(track: _Track, draft: Draft) -> None:
    own, other = (math.prod(1 + change for change in changes) - 1 for changes in (track.shared, track.benchmark))
    used = ("benchmark",)
    _add(
        track,
        draft,
        "benchmark_twr",
        "benchmark return over the shared period",
        other,
        unit=Unit.PERCENT,
        method="returns compounded",
        measure="benchmark_return",
        signed=True,
        inputs=used,
    )
    _add(
        track,
        draft,
        "excess_twr",
        "return above the benchmark",
        own - other,
        unit=Unit.POINTS,
        method="portfolio return - benchmark return over the shared periods",
        measure="excess_return",
        signed=True,
        inputs=used,
    )
    if track.periods is not None and len(track.benchmark) >= track.periods:
        yearly = track.periods / len(track.benchmark)
        _add(
            track,
            draft,
            "benchmark_cagr",
            "benchmark return a year",
            (1 + other) ** yearly - 1,
            unit=Unit.PERCENT,
            method="empyrical.cagr of the benchmark",
            measure="benchmark_return",
            signed=True,
            inputs=used,
        )
        _add(
            track,
            draft,
            "excess_cagr",
            "return a year above the benchmark",
            (1 + own) ** yearly - (1 + other) ** yearly,
            unit=Unit.POINTS,
            method="portfolio CAGR - benchmark CAGR over the shared periods",
            measure="excess_return",
            signed=True,
            inputs=used,
        )


def _add_regression(track: _Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    own, other = np.asarray(track.shared), np.asarray(track.benchmark)
    if float(other.std()) < _FLAT:
        draft.miss("beta", "the benchmark's returns do not vary")
        draft.miss("alpha", "the benchmark's returns do not vary")
        return
    with np.errstate(all="ignore"):
        _add(
            track,
            draft,
            "beta",
            "beta to the benchmark",
            float(empyrical.beta(own, other, track.period_risk_free)),
            unit=Unit.MULTIPLE,
            method="empyrical.beta: covariance / variance of the benchmark",
            inputs=("benchmark",),
            signed=False,
        )
        _add(
            track,
            draft,
            "alpha",
            "alpha a year",
            float(empyrical.alpha(own, other, track.period_risk_free, annualization=track.periods)),
            unit=Unit.PERCENT,
            method="empyrical.alpha: mean return beyond beta x benchmark, annualised",
            inputs=("benchmark",),
            signed=True,
        )


def _add_active(track: _Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    own, other = np.asarray(track.shared), np.asarray(track.benchmark)
    yearly = math.sqrt(track.periods or 1)
    error = float((own - other).std(ddof=1)) * yearly
    _add(
        track,
        draft,
        "tracking_error",
        "tracking error a year",
        error,
        unit=Unit.PERCENT,
        method="sample standard deviation of active returns x sqrt(periods per year)",
        inputs=("benchmark",),
    )
    if error < _FLAT:
        draft.miss("information_ratio", "the portfolio does not differ from its benchmark")
        return
    _add(
        track,
        draft,
        "information_ratio",
        "information ratio",
        float(empyrical.excess_sharpe(own, other)) * yearly,
        unit=Unit.MULTIPLE,
        method="empyrical.excess_sharpe x sqrt(periods per year)",
        inputs=("benchmark",),
        signed=True,
    )


def _add_capture(track: _Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    own, other = np.asarray(track.shared), np.asarray(track.benchmark)
    for fact_id, word, chosen in (("up_capture", "rising", other > 0), ("down_capture", "falling", other < 0)):
        if not chosen.any():
            draft.miss(fact_id, f"the benchmark has no {word} period")
            continue
        with np.errstate(all="ignore"):
            market = float(empyrical.annual_return(other[chosen], annualization=track.periods))
            ratio = (
                float(empyrical.annual_return(own[chosen], annualization=track.periods)) / market
                if market
                else math.nan
            )
        _add(
            track,
            draft,
            fact_id,
            f"capture of {word} markets",
            ratio,
            unit=Unit.PERCENT,
            method=f"empyrical.{fact_id}: annualised return over the benchmark's in its {word} periods",
            inputs=("benchmark",),
        )

"""Risk of a track by empyrical: how far returns scatter, what they earn for it, and how far they fell."""

from datetime import date
from itertools import accumulate
from typing import Any

from services.portfolio.domain.facts import Draft, Fact
from services.portfolio.domain.figures.track import FLAT, Track, add_figure
from services.portfolio.domain.numbers import Unit


def add_risk(track: Track, draft: Draft) -> None:
    """Volatility, value at risk, ratios and drawdown."""
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
        add_figure(
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
        add_figure(
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
        add_figure(
            track,
            draft,
            "volatility",
            "volatility a year",
            float(empyrical.annual_volatility(returns, annualization=track.periods)),
            unit=Unit.PERCENT,
            method="empyrical.annual_volatility: sample standard deviation x sqrt(periods per year)",
        )
        _add_ratios(track, returns, draft)


def _add_ratios(track: Track, returns: Any, draft: Draft) -> None:
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
    if float(returns.std(ddof=1)) < FLAT:
        draft.miss("sharpe", "the returns do not vary")
    else:
        add_figure(
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
        add_figure(
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


def _add_drawdown(track: Track, draft: Draft) -> None:
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
    add_figure(
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
        add_figure(
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

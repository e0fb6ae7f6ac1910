"""Risk of a track: how far returns scatter, what they earn for it, and how far they fell."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures import return_statistics as stats
from services.portfolio.domain.figures.track import FLAT, LEAST_RETURNS, LEAST_VOLATILITY, Track, add_figure


def add_risk(track: Track, draft: Draft) -> None:
    """Volatility, value at risk, ratios and drawdown."""
    if track.fall_limit is not None:
        draft.state("fall_limit", track.fall_limit[2], track.fall_limit[:1])
    returns = track.need_returns()
    _add_drawdown(track, draft)
    if len(returns) < 3:
        for fact_id in ("volatility", "sharpe", "sortino", "var", "cvar"):
            draft.miss(fact_id, "fewer than three returns")
        return
    cutoff = float(1 - track.confidence / 100)
    level, name = (track.confidence,), f"{track.confidence.normalize():f}%"
    add_figure(
        track, draft, "var", stats.percentile(returns, cutoff), label=f"{name} value at risk for one period",
        parameters=level,
    )  # fmt: skip
    add_figure(
        track, draft, "cvar", stats.expected_shortfall(returns, cutoff),
        label=f"{name} expected shortfall for one period", parameters=level,
    )  # fmt: skip
    if track.periods is None:
        for fact_id in ("volatility", "sharpe", "sortino"):
            draft.miss(fact_id, "periods per year are not known")
        return
    volatility = stats.deviation(returns) * track.periods**0.5
    add_figure(track, draft, "volatility", volatility)
    if track.risk_free is not None:
        draft.state("risk_free", track.risk_free, ("risk_free",))
    try:
        _add_ratios(track, returns, volatility, track.periods, draft)
    except MissingInputError as missing:
        draft.miss("sharpe", missing)
        draft.miss("sortino", missing)


def _add_ratios(track: Track, returns: Sequence[float], volatility: float, periods: int, draft: Draft) -> None:
    assumed = "" if track.risk_free is not None else ", risk-free rate taken as zero since none was sent"
    excess = [value - track.period_risk_free for value in returns]
    reason = explain_noise(returns, volatility)
    if reason is not None:
        draft.miss("sharpe", reason)
        draft.miss("sortino", reason)
        return
    middle = stats.mean(excess)
    add_figure(
        track, draft, "sharpe", middle / stats.deviation(excess) * periods**0.5,
        method=f"{draft.specs['sharpe'].method}{assumed}",
    )  # fmt: skip
    downside = stats.downside_deviation(excess) * periods**0.5
    if not any(value < 0 for value in excess):
        draft.miss("sortino", "no return is below the risk-free rate")
    elif downside < LEAST_VOLATILITY:
        draft.miss("sortino", f"the downside deviation of {downside:.2%} a year is noise, by which nothing is divided")
    else:
        add_figure(
            track, draft, "sortino", middle * periods / downside,
            method=f"{draft.specs['sortino'].method}{assumed}",
        )  # fmt: skip


def explain_noise(returns: Sequence[float], volatility: float) -> str | None:
    """Why the scatter of returns is noise, by which nothing is to be divided; None where it is not."""
    if stats.deviation(returns) < FLAT:
        return "the returns do not vary"
    if len(returns) < LEAST_RETURNS:
        return f"{len(returns)} returns are too few for a ratio of risk, which wants {LEAST_RETURNS}"
    if volatility < LEAST_VOLATILITY:
        return f"a volatility of {volatility:.2%} a year is noise, by which nothing is divided"
    return None


def _add_drawdown(track: Track, draft: Draft) -> None:
    """The largest fall from a peak, with the days of peak, trough and recovery."""
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
    add_figure(track, draft, "drawdown", falls[trough], dates=dates)
    if falls[-1] < 0 and len(levels) > 1:
        add_figure(track, draft, "current_drawdown", falls[-1])

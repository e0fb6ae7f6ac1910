"""A track beside its benchmark, over the periods that both have."""

import math
from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures import return_statistics as stats
from services.portfolio.domain.figures.risk import explain_noise
from services.portfolio.domain.figures.track import FLAT, LEAST_RETURNS, LEAST_TRACKING_ERROR, Track, add_figure

BENCHMARK_IDS = (
    "beta", "alpha", "tracking_error", "information_ratio", "up_capture", "down_capture",
    "capture_difference", "benchmark_twr", "excess_twr", "benchmark_volatility", "benchmark_trailing",
)  # fmt: skip
_USED = ("benchmark",)
_SURE = 3
"""Two captures are told apart from so many standard errors of their difference on: chance alone takes one track of
several hundred that far."""


def add_benchmark(track: Track, draft: Draft) -> None:
    """Returns above the benchmark, beta and alpha, tracking error, and capture of its rises and falls."""
    track.need_returns()
    if track.no_benchmark is not None:
        raise track.no_benchmark
    if not track.benchmark:
        raise MissingInputError("no benchmark was sent")
    _add_growth(track, draft)
    _add_trailing(track, draft)
    _add_behind(track, draft)
    if len(track.shared) < 3 or track.periods is None:
        raise MissingInputError(
            "periods per year are not known" if track.periods is None else "fewer than three shared returns"
        )
    _add_regression(track, track.periods, draft)
    _add_active(track, track.periods, draft)
    _add_capture(track, track.periods, draft)


def _add_growth(track: Track, draft: Draft) -> None:
    own, other = stats.growth(track.shared), stats.growth(track.benchmark)
    add_figure(track, draft, "benchmark_twr", other, inputs=_USED)
    add_figure(track, draft, "excess_twr", own - other, inputs=_USED)
    part = len(track.shared) != len(track.series.returns)
    if part:
        add_figure(track, draft, "shared_twr", own)
    years = track.shared_years
    if years is not None and years >= 1:
        yearly = (1 + other) ** (1 / years) - 1
        add_figure(track, draft, "benchmark_cagr", yearly, inputs=_USED)
        if part:
            add_figure(track, draft, "shared_cagr", (1 + own) ** (1 / years) - 1)
        add_figure(track, draft, "excess_cagr", (1 + own) ** (1 / years) - 1 - yearly, inputs=_USED)


def _add_behind(track: Track, draft: Draft) -> None:
    """In how many of the shared periods the portfolio returned less than the benchmark."""
    behind = sum(own < other for own, other in zip(track.shared, track.benchmark, strict=True))
    draft.state("shared_periods", Decimal(len(track.shared)), _USED)
    draft.state("periods_behind", Decimal(behind), _USED)


def _add_trailing(track: Track, draft: Draft) -> None:
    """The benchmark beside the portfolio over the last twelve months, and how far apart they were before; where both
    have all of the periods."""
    periods = track.periods
    if periods is None or draft.find("trailing_return") is None or len(track.shared) != len(track.series.returns):
        draft.miss("benchmark_trailing", "needs a longer track, and all of its periods of the benchmark too")
        return
    own, other = (stats.growth(side[-periods:]) for side in (track.shared, track.benchmark))
    add_figure(track, draft, "benchmark_trailing", other, inputs=_USED)
    add_figure(track, draft, "trailing_excess", own - other, inputs=_USED)
    earlier = [stats.growth(side[:-periods]) for side in (track.shared, track.benchmark)]
    add_figure(track, draft, "earlier_excess", earlier[0] - earlier[1], inputs=_USED)


def _add_regression(track: Track, periods: int, draft: Draft) -> None:
    own, other = track.shared, track.benchmark
    add_figure(track, draft, "benchmark_volatility", stats.deviation(other) * math.sqrt(periods), inputs=_USED)
    reason = explain_noise(other, stats.deviation(other) * math.sqrt(periods))
    if reason is not None:
        for fact_id in ("beta", "alpha"):
            draft.miss(fact_id, f"of the benchmark: {reason}")
        return
    slope = stats.beta(own, other)
    add_figure(track, draft, "beta", slope, inputs=_USED)
    if track.shared_years is not None and track.shared_years < 1:
        draft.miss("alpha", "less than a year, which is not annualised")
        return
    try:
        risk_free = track.period_risk_free
    except MissingInputError as missing:
        draft.miss("alpha", missing)
        return
    add_figure(track, draft, "alpha", stats.alpha(own, other, risk_free, slope, periods), inputs=_USED)


def _add_active(track: Track, periods: int, draft: Draft) -> None:
    active = [a - b for a, b in zip(track.shared, track.benchmark, strict=True)]
    error = stats.deviation(active) * math.sqrt(periods)
    add_figure(track, draft, "tracking_error", error, inputs=_USED)
    if error < FLAT:
        draft.miss("information_ratio", "the portfolio does not differ from its benchmark")
    elif len(active) < LEAST_RETURNS:
        draft.miss(
            "information_ratio",
            f"{len(active)} returns are too few for a ratio of risk, which wants {LEAST_RETURNS}",
        )
    elif error < LEAST_TRACKING_ERROR:
        draft.miss("information_ratio", "a tracking error below a basis point is noise, by which nothing is divided")
    else:
        ratio = stats.mean(active) / stats.deviation(active) * math.sqrt(periods)
        add_figure(track, draft, "information_ratio", ratio, inputs=_USED)


def _add_capture(track: Track, periods: int, draft: Draft) -> None:
    pairs = list(zip(track.shared, track.benchmark, strict=True))
    for fact_id, word, sign in (("up_capture", "rising", 1), ("down_capture", "falling", -1)):
        chosen = [(own, other) for own, other in pairs if other * sign > 0]
        if not chosen:
            draft.miss(fact_id, f"the benchmark has no {word} period")
            continue
        market = stats.annual_growth([other for _, other in chosen], periods)
        own = stats.annual_growth([own for own, _ in chosen], periods)
        add_figure(track, draft, fact_id, own / market if market else math.nan, inputs=_USED)
    _add_capture_difference(draft, pairs)


def _add_capture_difference(draft: Draft, pairs: Sequence[tuple[float, float]]) -> None:
    """How far the captures differ, where the single periods bear it out.

    Annualised captures also differ by compounding alone: who moves with the market at four fifths has a lower one of
    rises than of falls. So the two must differ as plain sums of periods too, to the same side, and beyond their error.
    """
    up, down = draft.find("up_capture"), draft.find("down_capture")
    if up is None or down is None:
        draft.miss("capture_difference", "needs rising and falling periods of the benchmark")
        return
    rises, falls = ([pair for pair in pairs if pair[1] * sign > 0] for sign in (1, -1))
    if min(len(rises), len(falls)) < LEAST_RETURNS // 2:
        draft.miss(
            "capture_difference",
            f"{len(rises)} rising and {len(falls)} falling periods are too few to tell the captures apart",
        )
        return
    (high, high_error), (low, low_error) = _estimate_capture(rises), _estimate_capture(falls)
    apart = high - low
    if abs(apart) <= _SURE * math.hypot(high_error, low_error) or apart * float(up.value - down.value) <= 0:
        draft.miss("capture_difference", "the captures differ by no more than chance and compounding explain")
        return
    draft.state("capture_difference", up.value - down.value, (up.id, down.id))


def _estimate_capture(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The share of the benchmark's moves that the portfolio made over these periods, and its standard error."""
    market = sum(other for _, other in pairs)
    share = sum(own for own, _ in pairs) / market
    residues = [own - share * other for own, other in pairs]
    return share, math.sqrt(sum(value * value for value in residues) * len(pairs) / (len(pairs) - 1)) / abs(market)

"""A track beside its benchmark, over the periods that both have."""

import math

from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.track import FLAT, Track, add_figure
from services.portfolio.domain.numbers import Unit


def add_benchmark(track: Track, draft: Draft) -> None:
    """Returns above the benchmark, beta and alpha, tracking error, and capture of its rises and falls."""
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


def _add_benchmark_growth(track: Track, draft: Draft) -> None:
    own, other = (math.prod(1 + change for change in changes) - 1 for changes in (track.shared, track.benchmark))
    used = ("benchmark",)
    add_figure(
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
    add_figure(
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
        add_figure(
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
        add_figure(
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


def _add_regression(track: Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    own, other = np.asarray(track.shared), np.asarray(track.benchmark)
    if float(other.std()) < FLAT:
        draft.miss("beta", "the benchmark's returns do not vary")
        draft.miss("alpha", "the benchmark's returns do not vary")
        return
    with np.errstate(all="ignore"):
        add_figure(
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
        add_figure(
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


def _add_active(track: Track, draft: Draft) -> None:
    import empyrical  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    own, other = np.asarray(track.shared), np.asarray(track.benchmark)
    yearly = math.sqrt(track.periods or 1)
    error = float((own - other).std(ddof=1)) * yearly
    add_figure(
        track,
        draft,
        "tracking_error",
        "tracking error a year",
        error,
        unit=Unit.PERCENT,
        method="sample standard deviation of active returns x sqrt(periods per year)",
        inputs=("benchmark",),
    )
    if error < FLAT:
        draft.miss("information_ratio", "the portfolio does not differ from its benchmark")
        return
    add_figure(
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


def _add_capture(track: Track, draft: Draft) -> None:
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
        add_figure(
            track,
            draft,
            fact_id,
            f"capture of {word} markets",
            ratio,
            unit=Unit.PERCENT,
            method=f"empyrical.{fact_id}: annualised return over the benchmark's in its {word} periods",
            inputs=("benchmark",),
        )

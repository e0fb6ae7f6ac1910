"""Performance and risk figures against other implementations, on 20 stocks and the S&P 500 over 33 years of days.

Only where the definitions agree. They differ on purpose in: value at risk and expected shortfall (quantstats' are
parametric, skfolio takes the nearest return where ours interpolates), ffn's return a year (by calendar days), and
quantstats' alpha (not compounded). The prices come with skfolio's wheel; nothing is fetched.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.figures import compute
from services.portfolio.domain.figures.performance import compute_xirr
from services.portfolio.domain.sections import Detected, detect

_WHY = "other implementations of the figures, installed by `make test-oracles`"
datasets = pytest.importorskip("skfolio.datasets", reason=_WHY)
measures = pytest.importorskip("skfolio.measures", reason=_WHY)
ffn = pytest.importorskip("ffn", reason=_WHY)
quantstats = pytest.importorskip("quantstats", reason=_WHY)
empyrical = pytest.importorskip("empyrical", reason=_WHY)
pyxirr = pytest.importorskip("pyxirr", reason=_WHY)

DAYS = 252
RISK_FREE = 0.03
STOCKS = tuple(datasets.load_sp500_dataset().columns)


@dataclass(frozen=True)
class Track:
    """One stock: its figures as the product computes them, and what the oracles want."""

    figures: dict[str, float]
    prices: Any
    returns: Any
    benchmark: Any


def compute_figures(prices: Any, benchmark: Any, **fields: Any) -> dict[str, float]:
    """The product's figures; percentages as fractions."""
    catalogue = load_catalogue()
    payload = {
        "series": list_points(prices), "benchmark": list_points(benchmark), "periods_per_year": DAYS, **fields,
    }  # fmt: skip
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected)
    percentages = {"percent", "points", "pp"}
    return {
        fact.id: float(fact.value / 100 if fact.unit.value in percentages else fact.value)
        for fact in compute(found, catalogue).facts
    }


def list_points(prices: Any) -> list[dict[str, Any]]:
    return [{"date": f"{day:%Y-%m-%d}", "value": Decimal(repr(float(value)))} for day, value in prices.items()]


@pytest.fixture(scope="module", params=STOCKS)
def track(request: pytest.FixtureRequest) -> Track:
    prices = datasets.load_sp500_dataset()[request.param]
    index = datasets.load_sp500_index().iloc[:, 0]
    return Track(
        compute_figures(prices, index, risk_free=f"{RISK_FREE:%}"),
        prices,
        prices.pct_change().dropna(),
        index.pct_change().dropna(),
    )


ORACLES: dict[str, tuple[str, Callable[[Track], float]]] = {
    "total return, ffn": ("twr", lambda t: ffn.calc_total_return(t.prices)),
    "total return, quantstats": ("twr", lambda t: quantstats.stats.comp(t.returns)),
    "return a year, of days / 365": (
        "cagr",
        lambda t: (t.prices.iloc[-1] / t.prices.iloc[0]) ** (365 / (t.prices.index[-1] - t.prices.index[0]).days) - 1,
    ),
    "volatility, quantstats": ("volatility", lambda t: quantstats.stats.volatility(t.returns, periods=DAYS)),
    "volatility, skfolio": (
        "volatility",
        lambda t: measures.standard_deviation(t.returns.to_numpy()) * math.sqrt(DAYS),
    ),
    "Sharpe, ffn": ("sharpe", lambda t: ffn.calc_sharpe(t.returns, rf=RISK_FREE, nperiods=DAYS)),
    "Sharpe, quantstats": ("sharpe", lambda t: quantstats.stats.sharpe(t.returns, rf=RISK_FREE, periods=DAYS)),
    "Sortino, quantstats": ("sortino", lambda t: quantstats.stats.sortino(t.returns, rf=RISK_FREE, periods=DAYS)),
    "Sortino, ffn": ("sortino", lambda t: ffn.calc_sortino_ratio(t.returns, rf=RISK_FREE, nperiods=DAYS)),
    "drawdown, ffn": ("drawdown", lambda t: ffn.calc_max_drawdown(t.prices)),
    "drawdown, quantstats": ("drawdown", lambda t: quantstats.stats.max_drawdown(t.prices)),
    "drawdown, skfolio": (
        "drawdown",
        lambda t: -measures.max_drawdown(measures.get_drawdowns(t.returns.to_numpy(), compounded=True)),
    ),
    "beta, quantstats": ("beta", lambda t: quantstats.stats.greeks(t.returns, t.benchmark, periods=DAYS)["beta"]),
    "information ratio, ffn": (
        "information_ratio",
        lambda t: ffn.calc_information_ratio(t.returns, t.benchmark) * math.sqrt(DAYS),
    ),
    "information ratio, quantstats": (
        "information_ratio",
        lambda t: quantstats.stats.information_ratio(t.returns, t.benchmark) * math.sqrt(DAYS),
    ),
    "tracking error, skfolio": (
        "tracking_error",
        lambda t: measures.standard_deviation((t.returns - t.benchmark).to_numpy()) * math.sqrt(DAYS),
    ),
}


@pytest.mark.parametrize("name", ORACLES)
def test_a_figure_is_what_another_implementation_computes(track: Track, name: str) -> None:
    figure, oracle = ORACLES[name]
    assert track.figures[figure] == pytest.approx(float(oracle(track)), rel=1e-9, abs=0)


def compute_capture(track: Track, chosen: Any) -> float:
    """Its capture, with the periods a year that we state: empyrical's own takes names of frequencies alone."""
    own, other = (
        empyrical.annual_return(returns[chosen], annualization=DAYS) for returns in (track.returns, track.benchmark)
    )
    return float(own / other)


PERIOD_RISK_FREE = (1 + RISK_FREE) ** (1 / DAYS) - 1
EMPYRICAL: dict[str, Callable[[Track], float]] = {
    "volatility": lambda t: empyrical.annual_volatility(t.returns, annualization=DAYS),
    "sharpe": lambda t: empyrical.sharpe_ratio(t.returns, risk_free=PERIOD_RISK_FREE, annualization=DAYS),
    "sortino": lambda t: empyrical.sortino_ratio(t.returns, required_return=PERIOD_RISK_FREE, annualization=DAYS),
    "var": lambda t: empyrical.value_at_risk(t.returns, 0.05),
    "cvar": lambda t: empyrical.conditional_value_at_risk(t.returns.to_numpy(), 0.05),
    "drawdown": lambda t: empyrical.max_drawdown(t.returns),
    "beta": lambda t: empyrical.beta(t.returns, t.benchmark, PERIOD_RISK_FREE),
    "alpha": lambda t: empyrical.alpha(t.returns, t.benchmark, PERIOD_RISK_FREE, annualization=DAYS),
    "information_ratio": lambda t: empyrical.excess_sharpe(t.returns, t.benchmark) * math.sqrt(DAYS),
    "up_capture": lambda t: compute_capture(t, t.benchmark > 0),
    "down_capture": lambda t: compute_capture(t, t.benchmark < 0),
}


@pytest.mark.parametrize("figure", EMPYRICAL)
def test_a_figure_is_what_empyrical_computes(track: Track, figure: str) -> None:
    """The figures came from empyrical once; they are the same without it."""
    assert track.figures[figure] == pytest.approx(float(EMPYRICAL[figure](track)), rel=1e-12, abs=0)


@pytest.mark.parametrize("seed", range(100))
def test_xirr_is_pyxirrs_where_there_is_one(seed: int) -> None:
    rng = random.Random(seed)
    day = date(2015, 1, 1)
    days, amounts = [day], [-float(rng.randrange(1_000, 2_000_000))]
    for _ in range(rng.randrange(0, 20)):
        day += timedelta(days=rng.randrange(10, 200))
        days.append(day)
        amounts.append(-float(rng.randrange(100, 50_000)))
    days.append(day + timedelta(days=rng.randrange(100, 900)))
    amounts.append(-sum(amounts) * rng.uniform(0.5, 2.5))

    assert compute_xirr(days, amounts) == pytest.approx(pyxirr.xirr(days, amounts), abs=1e-8)

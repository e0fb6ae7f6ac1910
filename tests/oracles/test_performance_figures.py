"""Performance and risk figures against other implementations, on 20 stocks and the S&P 500 over 33 years of days.

Only where the definitions agree. They differ on purpose in: value at risk and expected shortfall (quantstats' are
parametric, skfolio takes the nearest return where ours interpolates), ffn's return a year (by calendar days), and
quantstats' alpha (not compounded). The prices come with skfolio's wheel; nothing is fetched.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.figures import compute
from services.portfolio.domain.sections import Detected, detect

_WHY = "other implementations of the figures, installed by `make test-oracles`"
datasets = pytest.importorskip("skfolio.datasets", reason=_WHY)
measures = pytest.importorskip("skfolio.measures", reason=_WHY)
ffn = pytest.importorskip("ffn", reason=_WHY)
quantstats = pytest.importorskip("quantstats", reason=_WHY)

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
    "return a year, quantstats": ("cagr", lambda t: quantstats.stats.cagr(t.returns, periods=DAYS)),
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

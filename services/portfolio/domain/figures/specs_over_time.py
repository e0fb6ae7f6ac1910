"""The kinds of facts of a track over time."""

from services.portfolio.domain.facts import FactSpec
from services.portfolio.domain.number_words import Unit

_MONEY, _PERCENT, _POINTS, _NUMBER = Unit.MONEY, Unit.PERCENT, Unit.POINTS, Unit.NUMBER
_MULTIPLE, _YEARS = Unit.MULTIPLE, Unit.YEARS
_YEARLY, _WHOLE = ("per_year",), ("cumulative",)

OVER_TIME: dict[str, FactSpec] = {
    # Over time
    "twr": FactSpec(
        "time-weighted return over the whole period", _PERCENT, "twr", "returns compounded", signed=True, bases=_WHOLE
    ),
    "shared_twr": FactSpec(
        "return over the periods that the benchmark has too",
        _PERCENT,
        "twr",
        "returns compounded",
        signed=True,
        bases=_WHOLE,
    ),
    "shared_cagr": FactSpec(
        "return a year, compounded, over the periods that the benchmark has too",
        _PERCENT,
        "cagr",
        "(1 + total return) ^ (1 / years) - 1",
        signed=True,
        bases=_YEARLY,
    ),
    "years": FactSpec("length of the track", _YEARS, "span", "days / 365, or complete months / 12"),
    "best_period": FactSpec("best return of one period", _PERCENT, "best_period", "largest return", signed=True),
    "fall_limit": FactSpec("limit for a fall", _PERCENT, "limit", "as sent"),
    "worst_period": FactSpec("worst return of one period", _PERCENT, "worst_period", "lowest return", signed=True),
    "rising_periods": FactSpec("number of rising periods", _NUMBER, "gainers", "returns above zero"),
    "falling_periods": FactSpec("number of falling periods", _NUMBER, "losers", "returns below zero"),
    "trailing_return": FactSpec(
        "return over the last twelve months",
        _PERCENT,
        "trailing_return",
        "returns of the last year compounded",
        signed=True,
        bases=("trailing",),
    ),
    "benchmark_trailing": FactSpec(
        "benchmark return over the last twelve months",
        _PERCENT,
        "benchmark_return",
        "returns of the last year compounded",
        signed=True,
        bases=("trailing",),
    ),
    "trailing_excess": FactSpec(
        "return above the benchmark over the last twelve months",
        _POINTS,
        "excess_return",
        "portfolio return - benchmark return over the last twelve months",
        signed=True,
        bases=("trailing",),
    ),
    "earlier_excess": FactSpec(
        "return above the benchmark before the last twelve months",
        _POINTS,
        "excess_return",
        "portfolio return - benchmark return over all periods but those of the last twelve months",
        signed=True,
    ),
    "benchmark_volatility": FactSpec(
        "volatility of the benchmark a year",
        _PERCENT,
        "benchmark_volatility",
        "sample standard deviation x sqrt(periods per year)",
        bases=_YEARLY,
    ),
    "net_flows": FactSpec("paid in less taken out", _MONEY, "net_flows", "sum of the flows", signed=True),
    "earned": FactSpec(
        "earned by the investments", _MONEY, "earned", "value at the end - value at the start - flows", signed=True
    ),
    "goal": FactSpec("what the client saves for", _MONEY, "goal", "as sent"),
    "goal_payment": FactSpec(
        "what is paid in each month", _MONEY, "goal_payment", "most frequent payment of the last year"
    ),
    "goal_open": FactSpec("what payments alone leave open of the goal", _MONEY, "goal_open", "goal - value - payments"),
    "goal_rate": FactSpec(
        "yearly return that the goal asks for",
        _PERCENT,
        "goal_rate",
        "the rate at which the value and a payment at each month's end become the goal",
        bases=_YEARLY,
    ),
    "draw": FactSpec(
        "regular withdrawals of a year",
        _MONEY,
        "draw",
        "withdrawals of the last 365 days within a quarter of the median",
    ),
    "draw_rate": FactSpec(
        "regular withdrawals a year, of what is left", _PERCENT, "gap_rate", "draw / value at the end"
    ),
    "draw_years": FactSpec(
        "years that the withdrawals last without any return", _YEARS, "draw_years", "value at the end / draw"
    ),
    "draw_years_earning": FactSpec(
        "years that the withdrawals last at the return so far",
        _YEARS,
        "draw_years",
        "-ln(1 - return x value / draw) / ln(1 + return)",
    ),
    "shared_periods": FactSpec("number of returns that both have", _NUMBER, "shared_periods", "returns counted"),
    "periods_behind": FactSpec("number of returns below the benchmark's", _NUMBER, "periods_behind", "returns counted"),
    "periods": FactSpec("number of returns", _NUMBER, "periods", "returns counted"),
    "cagr": FactSpec(
        "return a year, compounded",
        _PERCENT,
        "cagr",
        "(1 + total return) ^ (1 / years) - 1",
        signed=True,
        bases=_YEARLY,
    ),
    "volatility": FactSpec(
        "volatility a year", _PERCENT, "volatility", "sample standard deviation x sqrt(periods per year)", bases=_YEARLY
    ),
    "var": FactSpec("value at risk for one period", _PERCENT, "var", "historical percentile of returns", signed=True),
    "cvar": FactSpec(
        "expected shortfall for one period",
        _PERCENT,
        "cvar",
        "mean of the returns at or below the percentile",
        signed=True,
    ),
    "risk_free": FactSpec("risk-free rate a year", _PERCENT, "risk_free", "as sent", bases=_YEARLY),
    "sharpe": FactSpec(
        "Sharpe ratio",
        _MULTIPLE,
        "sharpe",
        "mean excess return / its sample standard deviation x sqrt(periods per year)",
        signed=True,
    ),
    "sortino": FactSpec(
        "Sortino ratio",
        _MULTIPLE,
        "sortino",
        "mean excess return x periods per year / annual downside deviation",
        signed=True,
    ),
    "drawdown": FactSpec(
        "largest fall from a peak",
        _PERCENT,
        "drawdown",
        "lowest value / highest before it - 1; dates are peak, trough and recovery",
        signed=True,
    ),
    "current_drawdown": FactSpec(
        "fall from the last peak", _PERCENT, "current_drawdown", "last value / highest value before it - 1", signed=True
    ),
    "benchmark_twr": FactSpec(
        "benchmark return over the shared period",
        _PERCENT,
        "benchmark_return",
        "returns compounded",
        signed=True,
        bases=_WHOLE,
    ),
    "excess_twr": FactSpec(
        "return above the benchmark",
        _POINTS,
        "excess_return",
        "portfolio return - benchmark return over the shared periods",
        signed=True,
        bases=_WHOLE,
    ),
    "benchmark_cagr": FactSpec(
        "benchmark return a year",
        _PERCENT,
        "benchmark_return",
        "(1 + benchmark return) ^ (1 / years) - 1",
        signed=True,
        bases=_YEARLY,
    ),
    "excess_cagr": FactSpec(
        "return a year above the benchmark",
        _POINTS,
        "excess_return",
        "portfolio CAGR - benchmark CAGR over the shared periods",
        signed=True,
        bases=_YEARLY,
    ),
    "beta": FactSpec("beta to the benchmark", _MULTIPLE, "beta", "covariance / variance of the benchmark"),
    "alpha": FactSpec(
        "alpha a year", _PERCENT, "alpha", "mean return beyond beta x benchmark, annualised", signed=True, bases=_YEARLY
    ),
    "tracking_error": FactSpec(
        "tracking error a year",
        _PERCENT,
        "tracking_error",
        "sample standard deviation of active returns x sqrt(periods per year)",
        bases=_YEARLY,
    ),
    "information_ratio": FactSpec(
        "information ratio",
        _MULTIPLE,
        "information_ratio",
        "mean active return / its sample standard deviation x sqrt(periods per year)",
        signed=True,
    ),
    "up_capture": FactSpec(
        "capture of rising markets",
        _PERCENT,
        "up_capture",
        "annualised return over the benchmark's in its rising periods",
    ),
    "down_capture": FactSpec(
        "capture of falling markets",
        _PERCENT,
        "down_capture",
        "annualised return over the benchmark's in its falling periods",
    ),
    "capture_difference": FactSpec(
        "capture of rising less capture of falling markets",
        _POINTS,
        "capture_difference",
        "up capture - down capture, where its periods tell the two apart",
        signed=True,
    ),
}

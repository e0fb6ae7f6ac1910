"""Figures over time: years by the calendar, flows by their days, and nothing divided by noise.

Public reports of other tools that went wrong are named beside the tests that hold us to the right figure.
"""

import math
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures.performance import compute_xirr, keep_extremes
from services.portfolio.domain.figures.return_statistics import find_rates
from services.portfolio.domain.figures.years import count_years
from tests.unit.portfolio.conftest import Compute


def value_of(table: FactTable, fact_id: str) -> float:
    fact = table.find(fact_id)
    assert fact is not None, [item for item in table.absent if item.id == fact_id]
    return float(fact.value)


def reason_for(table: FactTable, fact_id: str) -> str:
    assert table.find(fact_id) is None, table.find(fact_id)
    return next(item.reason for item in table.absent if item.id == fact_id)


def grow(start: date, end: date, step: int, total: float) -> list[dict[str, Any]]:
    """Values every ``step`` days that grow by ``total`` from the first day to the last."""
    length = (end - start).days
    days = [start + timedelta(days=done) for done in range(0, length, step)] + [end]
    return [{"date": day.isoformat(), "value": 100 * (1 + total) ** ((day - start).days / length)} for day in days]


@pytest.mark.parametrize("step", [1, 7, 30, 91])
def test_a_year_is_a_year_however_often_it_is_looked_at(step: int, facts_of: Compute) -> None:
    """quantstats_lumi#74, quantstats#356, #458: the frequency of points has no part in a yearly rate."""
    table = facts_of({"series": grow(date(2023, 6, 1), date(2024, 5, 31), step, 0.10)})

    assert value_of(table, "cagr") == pytest.approx(10, rel=1e-9)


def test_a_calendar_year_from_its_first_day_to_its_last_is_one_year(facts_of: Compute) -> None:
    """quantstats#302: 100 that became 200 within 2022 earned 100 % a year, not 61.83 %."""
    table = facts_of({"series": grow(date(2022, 1, 1), date(2022, 12, 31), 1, 1.0)})

    assert value_of(table, "cagr") == pytest.approx(100, rel=1e-9)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2023, 1, 31), date(2024, 1, 31), 1.0),  # 365 days, and twelve months
        (date(2024, 1, 31), date(2025, 1, 31), 1.0),  # twelve months, of 366 days
        (date(2024, 5, 31), date(2025, 5, 30), 1.0),  # business month-ends, 364 days apart
        (date(2024, 6, 28), date(2025, 6, 30), 1.0),
        (date(2022, 1, 1), date(2022, 12, 31), 1.0),
        (date(2024, 3, 15), date(2025, 3, 15), 1.0),
        (date(2024, 3, 15), date(2025, 3, 14), 364 / 365),
        (date(2021, 12, 31), date(2024, 6, 28), 2.5),
    ],
)
def test_years_are_counted_by_the_calendar(start: date, end: date, years: float) -> None:
    assert count_years(start, end) == pytest.approx(years)


def test_less_than_a_year_is_not_annualised_but_volatility_and_ratios_are(facts_of: Compute) -> None:
    """OpenBB#3678: a portfolio of some months has no yearly return."""
    rng = random.Random(1)
    days = [date(2024, 1, 1) + timedelta(days=index) for index in range(200)]
    values = [100.0]
    for _ in days[1:]:
        values.append(values[-1] * (1 + rng.gauss(0.0004, 0.01)))
    points = [{"date": day.isoformat(), "value": value} for day, value in zip(days, values, strict=True)]
    table = facts_of({"series": points, "benchmark": grow(days[0], days[-1], 1, 0.02)})

    for fact_id in ("cagr", "xirr"):
        assert "less than a year" in reason_for(table, fact_id)
    assert table.find("volatility") is not None
    assert table.find("sharpe") is not None
    assert any(note.code == "short" for note in table.notes)


def test_points_on_weekends_make_a_calendar_year_of_365_periods(facts_of: Compute) -> None:
    table = facts_of({"series": grow(date(2023, 6, 1), date(2024, 5, 31), 1, 0.10)})

    fact = table.find("volatility")
    assert fact is not None
    assert fact.periods_per_year == 365


# Flows


def test_the_published_example_of_three_investors(facts_of: Compute) -> None:
    """Investopedia, "Time-Weighted Rate of Return": whatever is paid in or out in August, the return is 19.23 %."""
    for flow, august, december in ((0, 1_162_484, 1_192_328), (100_000, 1_262_484, 1_294_900),
                                   (-100_000, 1_062_484, 1_089_760)):  # fmt: skip
        series = [["2019-12-31", 1_000_000], ["2020-08-15", august], ["2020-12-31", december]]
        payload = {"series": series, "flows": [{"date": "2020-08-15", "amount": flow}] if flow else []}
        table = facts_of(payload if flow else {"series": series})

        assert value_of(table, "twr") == pytest.approx(19.23, abs=0.01)


def test_a_large_flow_between_values_is_weighed_by_its_days(facts_of: Compute) -> None:
    """fava-portfolio-returns#177: money that arrives in the middle of a month earns for half of it."""
    series = [["2025-06-01", 100_000], ["2025-07-01", 100_000 * 1.04 + 1_000_000 * 1.02]]
    table = facts_of({"series": series, "flows": [{"date": "2025-06-16", "amount": 1_000_000}]})

    assert value_of(table, "twr") == pytest.approx(4, abs=1e-9)
    note = next(note for note in table.notes if note.code == "large_flows")
    assert "2025-06-16" in note.message
    fact = table.find("twr")
    assert fact is not None
    assert "modified Dietz" in fact.method


def test_accounts_that_join_later_are_flows_and_not_returns(facts_of: Compute) -> None:
    """wealthfolio#1414: a portfolio whose every account gained cannot have lost."""
    series = [
        ["2025-12-16", 10_000], ["2026-05-15", 11_000 + 200_000], ["2026-06-25", 11_100 + 203_000 + 500_000],
        ["2026-07-31", 11_169 + 204_000 + 510_000],
    ]  # fmt: skip
    flows = [{"date": "2026-05-15", "amount": 200_000}, {"date": "2026-06-25", "amount": 500_000}]
    table = facts_of({"series": series, "flows": flows})

    expected = 1.1 * (214_100 / 211_000) * (725_169 / 714_100)
    assert value_of(table, "twr") == pytest.approx((expected - 1) * 100, rel=1e-9)


def test_no_return_where_flows_leave_no_capital(facts_of: Compute) -> None:
    series = [["2025-06-01", 100_000], ["2025-07-01", 20_000], ["2025-08-01", 21_000]]
    table = facts_of({"series": series, "flows": [{"date": "2025-06-02", "amount": -150_000}]})

    assert "no capital" in reason_for(table, "twr")
    assert value_of(table, "market_value") == 21_000


# XIRR

_LARGE = [
    ("2018-06-30", -84_000_000.0), ("2019-03-31", 800_000.0), ("2019-06-30", 760_000.0), ("2019-09-30", 680_000.0),
    ("2019-12-31", 800_000.0), ("2020-03-31", 280_000.0), ("2020-06-30", 740_000.0), ("2020-09-30", 520_000.0),
    ("2022-03-31", -2_100_000.0), ("2023-03-31", -13_000_000.0), ("2024-09-30", -3_000_000.0),
    ("2024-09-30", -4_100_000.0), ("2024-12-31", -250_000.0), ("2024-12-31", -1_800_000.0),
    ("2025-03-31", -8_400_000.0), ("2025-12-31", 1_800_000.0), ("2026-03-31", 43_000.0), ("2026-03-31", -6_600.0),
]  # fmt: skip


@pytest.mark.parametrize("divisor", [1, 10, 100, 1000, 10_000])
def test_xirr_is_found_whatever_the_size_of_the_flows(divisor: int) -> None:
    """pyxirr#75: Excel gives -0.912781382 for this series."""
    rates = find_rates([date.fromisoformat(day) for day, _ in _LARGE], [amount / divisor for _, amount in _LARGE])

    assert any(rate == pytest.approx(-0.912781382, abs=1e-8) for rate in rates)


def test_flows_that_two_rates_fit_have_no_xirr(facts_of: Compute) -> None:
    days = [date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)]

    assert len(find_rates(days, [-100, 230, -132])) == 2
    assert compute_xirr(days, [-100, 230, -132]) is None
    table = facts_of(
        {"series": [["2020-01-01", 100], ["2021-01-01", 40], ["2022-01-01", 10]],
         "flows": [["2021-01-01", -230], ["2021-06-01", 150]]}
    )  # fmt: skip
    assert table.find("xirr") is not None or "rate" in reason_for(table, "xirr")


def test_flows_of_one_sign_have_no_rate() -> None:
    assert find_rates([date(2020, 1, 1), date(2021, 1, 1)], [-100, -10]) == []


# Noise as a denominator


def test_returns_that_do_not_vary_have_no_ratio(facts_of: Compute) -> None:
    """ffn#346: 250 returns of 0.001 have no Sharpe ratio, not one of 7e16."""
    table = facts_of({"returns": [0.001] * 250, "periods_per_year": 252, "returns_unit": "fraction"})

    assert "do not vary" in reason_for(table, "sharpe")
    assert table.find("sortino") is None


def test_a_liquid_funds_accrual_is_no_risk_to_divide_by(facts_of: Compute) -> None:
    rng = random.Random(2)
    values, points = 1000.0, []
    for index in range(300):
        values *= 1 + 0.065 / 365 + rng.gauss(0, 1e-6)
        points.append([(date(2024, 1, 1) + timedelta(days=index)).isoformat(), round(values, 4)])
    table = facts_of({"series": points})

    assert "noise" in reason_for(table, "sharpe")
    assert value_of(table, "volatility") < 0.5


def test_four_daily_values_have_no_ratio_of_risk(facts_of: Compute) -> None:
    table = facts_of({"series": [["2025-01-01", 100], ["2025-01-02", 101], ["2025-01-03", 99], ["2025-01-06", 102]]})

    assert "too few" in reason_for(table, "sharpe")


# Charts


def test_a_chart_shows_every_extreme() -> None:
    values = [math.sin(index / 50) for index in range(10_000)]
    values[5_003], values[7_777] = -9.0, 9.0

    kept = keep_extremes([values], 240)

    assert len(kept) <= 242
    assert {0, 5_003, 7_777, 9_999} <= set(kept)
    assert min(values[index] for index in kept) == min(values)
    assert max(values[index] for index in kept) == max(values)


def test_a_track_without_flows_says_nothing_of_timing(facts_of: Compute) -> None:
    from services.portfolio.domain.formats import make_style
    from services.portfolio.domain.narrative import write_narrative

    table = facts_of({"series": grow(date(2022, 1, 1), date(2024, 3, 31), 30, 0.30), "Currency": "INR"})
    text = write_narrative(table, make_style("en_IN")).render()

    assert "came and went" not in text
    assert Decimal(str(value_of(table, "xirr"))) > 0

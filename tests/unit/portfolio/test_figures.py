"""Figures against hand-worked cases and the laws that they must keep."""

import math
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import bond_pricing, compute
from services.portfolio.domain.figures.trades import Drift, compute_trades
from services.portfolio.domain.reference import INVESTMENT
from services.portfolio.domain.sections import Detected, detect
from tests.support.drawn import drawn
from tests.unit.portfolio.conftest import Compute

CATALOGUE = load_catalogue()
SNAPSHOT = {"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"}


def value_of(table: FactTable, fact_id: str) -> Decimal:
    fact = table.find(fact_id)
    assert fact is not None, [absent for absent in table.absent if absent.id == fact_id]
    return fact.value


def reason_for(table: FactTable, fact_id: str) -> str:
    assert table.find(fact_id) is None
    return next(absent.reason for absent in table.absent if absent.id == fact_id)


def codes_of(table: FactTable) -> set[str]:
    return {note.code for note in table.notes}


def test_gain_is_value_less_cost_in_money_and_percent(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT)

    assert value_of(table, "gain") == 2_000_000
    assert value_of(table, "gain_pct") == 20
    assert table.currency == "INR"


def test_a_snapshot_takes_its_xirr_and_benchmark_in_percent(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"xirr": 12.4, "Benchmark XIRR": "1110 bps"})

    assert value_of(table, "xirr") == Decimal("12.4")
    assert value_of(table, "xirr_excess") == Decimal("1.3")


def test_what_was_not_sent_is_absent_with_the_reason(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Investment Value": "-"})

    assert reason_for(table, "gain") == "Investment Value is blank"
    assert "not sent" in reason_for(table, "xirr")


def test_concentration_follows_from_squared_weights(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Asset Allocation": {"Equity": "50%", "Debt": "30%", "Gold": "20%"}})

    assert value_of(table, "hhi") == Decimal("0.38")
    assert value_of(table, "effective_number") == 1 / Decimal("0.38")


@pytest.mark.parametrize(
    "allocation",
    [
        {"Equity": "65%", "Debt": "35%"},
        {"Equity": 65, "Debt": 35},
        {"Equity": 0.65, "Debt": 0.35},
        {"Equity": "₹78,00,000", "Debt": "₹42,00,000"},
        ["Equity (65%)", "Debt (35%)"],
        "Equity 65%, Debt 35%",
        [{"name": "Equity", "weight": 65}, {"name": "Debt", "weight": 35}],
    ],
)
def test_an_allocation_is_read_however_it_is_written(allocation: object, facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Asset Allocation": allocation})

    assert value_of(table, "weight.asset_class.equity") == 65
    assert not table.warnings


def test_an_allocation_that_is_not_whole_is_warned_of(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Asset Allocation": {"Equity": "65%", "Debt": "60%"}})

    assert "weights_do_not_sum" in codes_of(table)


def test_a_top_asset_that_differs_from_its_allocation_is_warned_of(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Asset Allocation": {"Equity": "70%", "Debt": "30%"}})

    assert "top_asset_mismatch" in codes_of(table)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Market Value": "1,2,3"}, "Market Value"),
        ({"Market Value": "-5"}, "Market Value"),
        ({"Market Value": "12%"}, "Market Value"),
        ({"Market Value": "$5", "Investment Value": "₹5"}, "Market Value"),
        ({"Top Asset": "Equity (165%)"}, "Top Asset"),
        ({"Currency": "rupees"}, "Currency"),
    ],
)
def test_a_snapshot_that_cannot_be_used_names_the_field(change: dict[str, Any], field: str, facts_of: Compute) -> None:
    with pytest.raises(InputError) as refusal:
        facts_of(SNAPSHOT | change)

    assert refusal.value.field == field


@pytest.mark.parametrize(("name", "value"), [("As Of", "31/31/2026"), ("Cash", "lots"), ("XIRR_SI", "n.m.")])
def test_an_optional_field_that_cannot_be_read_costs_its_own_figures_alone(
    name: str, value: str, facts_of: Compute
) -> None:
    table = facts_of(SNAPSHOT | {name: value})

    assert table.find("gain_pct") is not None
    assert table.find({"As Of": "as_of", "Cash": "cash", "XIRR_SI": "xirr"}[name]) is None
    assert name in next(note.message for note in table.notes if note.code == "bad_field")


@pytest.mark.parametrize(
    ("line", "name", "change", "weight"),
    [
        ("Infosys rose 3.2% (weight 5%)", "Infosys", "3.2", "5"),
        ("Wipro: −2.1%, weight 3.4%", "Wipro", "-2.1", "3.4"),
        ("HDFC Bank (8.2% of portfolio) fell 1.4%", "HDFC Bank", "-1.4", "8.2"),
        ("- TCS (+1.0%) weight 2%", "TCS", "1.0", "2"),
        ("HDFC Bank (8.2%): +3.4%", "HDFC Bank", "3.4", "8.2"),
        ("Infosys 5% weight, 3.2% return", "Infosys", "3.2", "5"),
        ("1. Reliance Industries - return 4.5%, weight 12%", "Reliance Industries", "4.5", "12"),
        ("7.26% GS 2033 gained 1.1% on a weight of 4%", "7.26% GS 2033", "1.1", "4"),
        ("M&M returned (2.4%), weight 3%", "M&M", "-2.4", "3"),
        ("Wipro lost 25 bps, weight 4%", "Wipro", "-0.25", "4"),
    ],
)
def test_movers_are_read_from_prose(line: str, name: str, change: str, weight: str, facts_of: Compute) -> None:
    table = facts_of({"top_movers_data": f"Top movers of the week:\n{line}"})

    (moved,) = table.list_measure("return")
    (weighed,) = table.list_measure("weight")
    assert (moved.subject, moved.value, weighed.value) == (name, Decimal(change), Decimal(weight))


@pytest.mark.parametrize(
    "data",
    [
        [{"name": "A Ltd", "weight": 5, "return": 3}],
        '[{"name": "A Ltd", "weight": "5%", "return": "3%"}]',
        "name,weight,return\nA Ltd,5,3\n",
        "Stock;Wt;Ret\nA Ltd;5%;3%\n",
        {"gainers": [{"security": "A Ltd", "wt": 5, "change": 3}]},
    ],
)
def test_movers_come_as_a_list_json_or_csv(data: object, facts_of: Compute) -> None:
    assert value_of(facts_of({"top_movers_data": data}), "contribution.a_ltd") == Decimal("0.15")


@pytest.mark.parametrize(
    "data", [[], "", "nothing moved", "Infosys (3.4%)", [{"name": "A", "return": -140}], [{"name": "A"}]]
)
def test_movers_that_cannot_be_used_are_refused(data: object, facts_of: Compute) -> None:
    with pytest.raises(InputError):
        facts_of({"top_movers_data": data})


def test_movers_that_are_the_whole_portfolio_must_explain_its_return(facts_of: Compute) -> None:
    rows = [{"name": "A Ltd", "weight": 60, "return": 10}, {"name": "B Ltd", "weight": 40, "return": -5}]

    assert "contributions_do_not_sum" not in codes_of(facts_of({"top_movers_data": rows, "Portfolio Return": 4}))
    assert "contributions_do_not_sum" in codes_of(facts_of({"top_movers_data": rows, "Portfolio Return": 6}))


WEIGHTS = st.lists(st.integers(min_value=1, max_value=10_000), min_size=2, max_size=12)


@given(sizes=WEIGHTS, seed=st.integers(min_value=0, max_value=10_000))
@settings(max_examples=60, deadline=None)
def test_contributions_of_a_whole_portfolio_sum_to_its_return(sizes: list[int], seed: int) -> None:
    rng = random.Random(seed)
    total = sum(sizes)
    returns = [Decimal(rng.randrange(-9000, 20_000)).scaleb(-2) for _ in sizes]  # all with two decimals
    end = sum(size * (1 + change / 100) for size, change in zip(sizes, returns, strict=True))
    rows = [
        {"name": f"Asset {chr(65 + index)}", "weight": Decimal(size) * 100 / total, "return": change}
        for index, (size, change) in enumerate(zip(sizes, returns, strict=True))
    ]
    (found,) = detect([{"top_movers_data": rows}], CATALOGUE.sections)
    assert isinstance(found, Detected)

    got = value_of(compute(found, CATALOGUE), "total_contribution")

    assert got == pytest.approx((end / total - 1) * 100, abs=Decimal("1e-18"))


@given(values=WEIGHTS, seed=st.integers(min_value=0, max_value=10_000))
@settings(max_examples=60, deadline=None)
def test_trades_sum_to_zero_and_reach_the_model(values: list[int], seed: int) -> None:
    rng = random.Random(seed)
    models = [Decimal(rng.randrange(1, 100)) for _ in values]
    scale, total = sum(models), Decimal(sum(values))
    drifts = [
        Drift(str(index), None, value * 100 / total, model * 100 / scale, Decimal(5), True, None, Decimal(value))
        for index, (value, model) in enumerate(zip(values, models, strict=True))
    ]

    trades = compute_trades(drifts, total)

    assert sum(trade for _, trade in trades) == 0
    for drift, trade in trades:
        assert abs(drift.market_value + trade - drift.model * total / 100) <= Decimal("0.01") * len(values)


@given(values=WEIGHTS)
@settings(max_examples=60, deadline=None)
def test_weights_sum_to_one_hundred(values: list[int]) -> None:
    rows = [
        {"name": f"Asset {index}", "isin": f"X{index}", "market_value": value} for index, value in enumerate(values)
    ]
    (found,) = detect([{"holdings": rows}], CATALOGUE.sections)
    assert isinstance(found, Detected)

    weights = [fact.value for fact in compute(found, CATALOGUE).list_measure("weight", "weight.position.")]

    assert sum(weights) == pytest.approx(100, abs=Decimal("1e-20"))


def _model(**change: Any) -> dict[str, Any]:
    return {
        "total_portfolio_mv": 1_000_000,
        "customer_risk_profile": "Moderate",
        "assets": [
            {"name": "Shares", "asset_class": "Equity", "market_value": 700_000, "model_weight": 60},
            {"name": "Bonds", "asset_class": "Debt", "market_value": 300_000, "model_weight": 40},
        ],
    } | change


def test_drift_trades_and_turnover_follow_from_the_model(facts_of: Compute) -> None:
    table = facts_of(_model())

    assert value_of(table, "drift.shares") == 10
    assert value_of(table, "trade.shares") == -100_000
    assert value_of(table, "trade.bonds") == 100_000
    assert value_of(table, "turnover") == 10
    assert value_of(table, "active_share") == 10
    assert value_of(table, "breaches") == 2


def test_the_risk_profile_used_is_named(facts_of: Compute) -> None:
    table = facts_of(_model(customer_risk_profile="Balanced investor"))

    assert value_of(table, "equity_share") == 70
    assert value_of(table, "profile_max") == 65
    assert any("moderate profile" in note.message for note in table.notes)


def test_model_weights_as_fractions_are_recognised_and_said_so(facts_of: Compute) -> None:
    assets = [
        {"name": "Shares", "market_value": 700, "model_weight": 0.6},
        {"name": "Bonds", "market_value": 300, "model_weight": 0.4},
    ]
    table = facts_of(_model(assets=assets, total_portfolio_mv=1000))

    assert value_of(table, "model_weight.shares") == 60
    assert "weights_as_fractions" in codes_of(table)


def test_a_model_over_a_hundred_percent_gives_no_trades(facts_of: Compute) -> None:
    assets = [
        {"name": "Shares", "market_value": 700, "model_weight": 80},
        {"name": "Bonds", "market_value": 300, "model_weight": 40},
    ]
    table = facts_of(_model(assets=assets, total_portfolio_mv=1000))

    assert "do not sum to 100%" in reason_for(table, "trade")
    assert "weights_do_not_sum" in codes_of(table)


def test_a_total_that_is_not_the_sum_of_assets_is_warned_of(facts_of: Compute) -> None:
    table = facts_of(_model(total_portfolio_mv=1_200_000))

    assert value_of(table, "unlisted") == 200_000
    assert "parts_do_not_sum" in codes_of(table)


@pytest.mark.parametrize(
    ("assets", "says"),
    [
        ([], "no rows"),
        ([{"name": "A", "market_value": 0, "model_weight": 100}], "sum to 0"),
        ([{"name": "A", "market_value": 5, "model_weight": 50}, {"name": "B", "market_value": -5}], "sum to 0"),
        ([{"market_value": 5, "model_weight": 100}], "without a name"),
        ("text", "CSV"),
        (5, "list of objects"),
    ],
)
def test_assets_that_cannot_be_used_are_refused(assets: object, says: str, facts_of: Compute) -> None:
    with pytest.raises(InputError, match=says):
        facts_of(_model(assets=assets))


def test_duplicate_rows_are_added_up_and_said_so(facts_of: Compute) -> None:
    table = facts_of({"holdings": [{"name": "A Ltd", "market_value": 5}, {"name": "A Ltd", "market_value": 7}]})

    assert value_of(table, "market_value.a_ltd") == 12
    assert "duplicate_rows" in codes_of(table)


def test_a_negative_holding_is_kept_and_said_so(facts_of: Compute) -> None:
    table = facts_of({"holdings": [{"name": "A Ltd", "market_value": 150}, {"name": "Loan", "market_value": -50}]})

    assert value_of(table, "market_value") == 100
    assert "negative_values" in codes_of(table)
    assert "negative weight" in reason_for(table, "hhi")


@pytest.mark.parametrize(
    ("assets", "says"),
    [
        ([{"name": "A", "market_value": 5}], "no asset has a model weight"),
        ([{"name": "A", "market_value": 5, "model_weight": -5}], "negative"),
    ],
)
def test_a_model_that_cannot_be_used_costs_the_drifts_alone(assets: object, says: str, facts_of: Compute) -> None:
    table = facts_of(_model(assets=assets))

    assert says in reason_for(table, "drift")
    assert says in reason_for(table, "trade")
    assert value_of(table, "market_value") == 1_000_000


def test_mixed_currencies_without_rates_have_no_total(facts_of: Compute) -> None:
    rows = [{"name": "A", "market_value": 5, "currency": "INR"}, {"name": "B", "market_value": 6, "currency": "USD"}]
    table = facts_of({"holdings": rows})

    assert "mixed currencies (INR, USD)" in reason_for(table, "market_value")
    assert "mixed currencies" in reason_for(table, "weight.position")
    local = table.find("market_value.b")
    assert local is not None
    assert (local.value, local.currency) == (6, "USD")
    assert value_of(table, "weight.in_usd.b") == 100


def test_mixed_currencies_are_converted_at_the_rates_sent(facts_of: Compute) -> None:
    rows = [{"name": "A", "market_value": 500, "currency": "INR"}, {"name": "B", "market_value": 5, "currency": "USD"}]

    table = facts_of({"holdings": rows, "Base Currency": "INR", "fx_rates": {"USD": 80}})

    assert value_of(table, "market_value") == 900
    assert table.currency == "INR"


def test_a_missing_rate_is_named(facts_of: Compute) -> None:
    rows = [{"name": "A", "market_value": "€5"}, {"name": "B", "market_value": "₹5"}]

    table = facts_of({"holdings": rows, "Currency": "INR"})

    assert "no rate from EUR to INR" in reason_for(table, "market_value")


def test_quantity_times_price_stands_in_for_a_market_value(facts_of: Compute) -> None:
    table = facts_of({"holdings": [{"name": "A", "units": 10, "nav": "₹12.50"}]})

    assert value_of(table, "market_value") == 125


def test_a_price_that_contradicts_the_market_value_is_warned_of(facts_of: Compute) -> None:
    table = facts_of({"holdings": [{"name": "A", "units": 10, "nav": 12, "market_value": 500}]})

    assert "price_mismatch" in codes_of(table)


def test_holdings_come_as_csv_with_other_header_names(facts_of: Compute) -> None:
    header = "\ufeffScheme Name;ISIN;Current Value;Invested Amount"
    text = f"{header}\nA Fund;INF000X01015;1,20,000;1,00,000\nB Fund;;80,000;90,000\n"

    table = facts_of({"holdings_csv": text})

    assert value_of(table, "gain") == 10_000
    assert value_of(table, "weight.position.a_fund") == 60


def test_rules_use_the_limits_that_the_payload_sets(facts_of: Compute) -> None:
    rows = [{"name": f"Asset {letter}", "market_value": 25} for letter in "ABCD"]

    assert value_of(facts_of({"concentration": rows, "limits": {"single_name": "30%"}}), "breaches") == 0
    assert value_of(facts_of({"concentration": rows, "limits": {"single_name": "20%"}}), "breaches") == 4


def test_a_sector_that_is_spread_by_itself_breaks_no_rule(facts_of: Compute) -> None:
    rows = [{"name": f"Fund {n}", "market_value": 10, "sector": "Diversified", "region": "Global"} for n in range(10)]
    one_sector = [{**row, "sector": "Banks"} for row in rows]

    assert facts_of({"concentration": rows}).find("excess.sector.diversified") is None
    assert facts_of({"concentration": one_sector}).find("excess.sector.banks") is not None


def test_the_expense_ratio_is_weighted_by_value(facts_of: Compute) -> None:
    rows = [{"name": "A", "market_value": 75, "ter": "1%"}, {"name": "B", "market_value": 25, "ter": "2%"}]

    assert value_of(facts_of({"holdings": rows}), "fee") == Decimal("1.25")


@pytest.mark.drawn
def test_as_many_holdings_as_are_taken_give_a_bounded_table(facts_of: Compute) -> None:
    count = drawn(20_000, 100_000)
    table = facts_of({"holdings": [{"name": f"Asset {index}", "market_value": index + 1} for index in range(count)]})

    assert value_of(table, "count") == count
    assert len(table.facts) < 300


def test_more_holdings_than_the_limit_are_refused(facts_of: Compute) -> None:
    with pytest.raises(BoundError):
        facts_of({"holdings": [{"name": "A", "market_value": 1}] * 100_001})


def _monthly(values: list[float]) -> list[dict[str, Any]]:
    return [
        {"date": f"{2024 + index // 12}-{index % 12 + 1:02d}-28", "value": value} for index, value in enumerate(values)
    ]


def test_a_series_gives_its_time_weighted_return_and_drawdown_with_dates(facts_of: Compute) -> None:
    table = facts_of({"series": _monthly([100, 120, 90, 99, 130])})

    fact = table.find("drawdown")
    assert fact is not None
    assert float(value_of(table, "twr")) == pytest.approx(30)
    assert float(fact.value) == pytest.approx(-25)
    assert fact.dates == (date(2024, 2, 28), date(2024, 3, 28), date(2024, 5, 28))


def test_flows_do_not_count_as_return(facts_of: Compute) -> None:
    table = facts_of({"series": _monthly([100, 160, 176]), "flows": [{"date": "2024-02-28", "amount": 50}]})

    assert float(value_of(table, "twr")) == pytest.approx((1.1 * 1.1 - 1) * 100)


def test_risk_figures_follow_their_definitions(facts_of: Compute) -> None:
    returns = [0.02, -0.01, 0.03, -0.02, 0.01, 0.015, -0.005, 0.02, 0.0, 0.01, -0.015, 0.025]
    other = [0.01, -0.02, 0.02, -0.01, 0.01, 0.01, -0.01, 0.01, 0.01, 0.0, -0.02, 0.02]
    table = facts_of({"returns": returns, "benchmark": other, "periods_per_year": 12})

    count = len(returns)
    mean, base = sum(returns) / count, sum(other) / count
    variance = sum((value - mean) ** 2 for value in returns) / (count - 1)
    shared = sum((a - mean) * (b - base) for a, b in zip(returns, other, strict=True))
    active = [a - b for a, b in zip(returns, other, strict=True)]
    spread = math.sqrt(sum((value - sum(active) / count) ** 2 for value in active) / (count - 1))
    assert float(value_of(table, "volatility")) == pytest.approx(math.sqrt(variance * 12) * 100, rel=1e-9)
    assert float(value_of(table, "sharpe")) == pytest.approx(mean / math.sqrt(variance) * math.sqrt(12), rel=1e-9)
    assert float(value_of(table, "beta")) == pytest.approx(shared / sum((b - base) ** 2 for b in other), rel=1e-9)
    assert float(value_of(table, "tracking_error")) == pytest.approx(spread * math.sqrt(12) * 100, rel=1e-9)
    assert float(value_of(table, "information_ratio")) == pytest.approx(
        sum(active) / count / spread * math.sqrt(12), rel=1e-9
    )


def test_returns_in_percent_and_as_fractions_give_the_same_figures(facts_of: Compute) -> None:
    fractions = facts_of({"returns": [0.02, -0.01, 0.03, 0.01], "periods_per_year": "monthly"})
    percent = facts_of({"returns": ["2%", "-1%", "3%", "1%"], "periods_per_year": 12})

    assert float(value_of(fractions, "twr")) == pytest.approx(float(value_of(percent, "twr")))


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"series": _monthly([100])}, "at least two"),
        ({"series": _monthly([100, 0])}, "above zero"),
        ({"series": [{"date": "2024-01-01", "value": 1}, {"date": "2024-01-01", "value": 2}]}, "stands twice"),
        ({"series": []}, "0 point"),
        ({"returns": [0.1, -1.2], "returns_unit": "fraction"}, "hundred percent or more"),
        ({"series": _monthly([1, 2]), "flows": [{"date": "2030-01-01", "amount": 5}]}, "after the last value"),
        ({"returns": [1, 2], "benchmark": [1]}, "1 returns beside 2"),
    ],
)
def test_a_series_that_cannot_be_used_is_refused(payload: dict[str, Any], says: str, facts_of: Compute) -> None:
    with pytest.raises(InputError, match=says):
        facts_of(payload)


def test_a_gap_in_the_series_is_warned_of(facts_of: Compute) -> None:
    series = _monthly([100, 101, 102, 103, 104, 105, 106, 107])
    del series[3:6]

    assert "gaps" in codes_of(facts_of({"series": series}))


def test_a_short_series_is_not_annualised(facts_of: Compute) -> None:
    table = facts_of({"series": _monthly([100, 101, 102, 103])})

    assert "less than a year" in reason_for(table, "cagr")
    assert "less than a year" in reason_for(table, "xirr")


def test_a_series_that_does_not_vary_has_no_sharpe_ratio(facts_of: Compute) -> None:
    table = facts_of({"series": _monthly([100.0] * 14)})

    assert "do not vary" in reason_for(table, "sharpe")


TODAY, MATURITY = date(2026, 3, 31), date(2031, 3, 31)


def test_a_par_bond_on_its_coupon_date_yields_its_coupon() -> None:
    rate = bond_pricing.solve_yield(Decimal(100), bond_pricing.list_payments(Decimal(8), MATURITY, TODAY, 2))

    assert rate is not None
    assert float(rate) == pytest.approx(8, abs=1e-9)


def test_a_zero_coupon_bonds_duration_is_its_term() -> None:
    duration = bond_pricing.compute_duration(Decimal(5), bond_pricing.list_payments(Decimal(0), MATURITY, TODAY, 1))

    assert float(duration) == pytest.approx(5 / 1.05)


def test_duration_is_the_slope_of_the_price() -> None:
    payments = bond_pricing.list_payments(Decimal(7), date(2032, 7, 15), TODAY, 2)
    up, down = (bond_pricing.compute_price(payments.flows, 0.08 + step, 2) for step in (1e-5, -1e-5))

    slope = -(up - down) / 2e-5 / bond_pricing.compute_price(payments.flows, 0.08, 2)

    assert float(bond_pricing.compute_duration(Decimal(8), payments)) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("rating", "good"),
    [
        ("AAA", True),
        ("CRISIL AA+", True),
        ("Baa2", True),
        ("BBB-", True),
        ("SOV", True),
        ("BB+", False),
        ("D", False),
        ("Unrated", False),
    ],
)
def test_ratings_are_told_apart_at_investment_grade(rating: str, good: bool) -> None:
    assert (CATALOGUE.reference.grade(rating) == INVESTMENT) is good


def test_without_a_valuation_date_no_maturity_is_computed(facts_of: Compute) -> None:
    table = facts_of({"fixed_income": [{"name": "A", "market_value": 5, "maturity": "2030-01-01", "coupon": 7}]})

    assert "no_date" in codes_of(table)
    assert "valuation date" in reason_for(table, "average_maturity")


def test_income_is_compared_with_the_clients_need(facts_of: Compute) -> None:
    rows = [{"name": "Deposit", "market_value": "₹10 lakh", "yield": "7%"}, {"name": "Fund", "income": 30_000}]
    table = facts_of({"income": rows, "annual_need": "₹2 lakh", "tax_rate": "30%"})

    assert value_of(table, "income") == 100_000
    assert value_of(table, "income_cover") == 50
    assert value_of(table, "income_after_tax") == 70_000
    assert "market value" in reason_for(table, "yield")


def test_a_malformed_number_deep_in_a_table_names_its_path(facts_of: Compute) -> None:
    rows = [{"name": "A", "market_value": 5, "sector": "Banks"}, {"name": "B", "market_value": "1,2,3"}]
    table = facts_of({"holdings": rows})

    assert "holdings[1].market_value" in reason_for(table, "market_value")
    assert "holdings[1].market_value" in reason_for(table, "weight.position")
    assert value_of(table, "count") == 2

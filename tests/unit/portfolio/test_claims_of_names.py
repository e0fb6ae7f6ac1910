"""Whose figure a sentence states: of what is named, not of what stands nearest and has no such figure."""

from typing import Any

import pytest

from services.portfolio.domain.claims.texts import check
from services.portfolio.domain.formats import make_style
from tests.unit.portfolio.conftest import Compute

STYLE = make_style("en_GB")
HOLDINGS: dict[str, Any] = {
    "Client Name": "Helen Marsh", "As Of": "2026-08-31", "Currency": "GBP", "holdings": [
        {"name": "Acme Growth Fund", "asset_class": "Equity", "market_value": 64_000, "cost": 41_500, "account": "ISA"},
        {"name": "Acme Growth Fund", "asset_class": "Equity", "market_value": 38_000, "cost": 19_000, "account": "GIA"},
        {"name": "Marsh Robotics", "asset_class": "Equity", "market_value": 9_000, "cost": 22_000, "account": "GIA"},
        {"name": "Treasury 4% 2031", "asset_class": "Gilts", "market_value": 89_000, "cost": 30_000, "account": "ISA"},
    ],
}  # fmt: skip
TRACK: dict[str, Any] = {
    "returns": ["1%", "2%", "-1%", "1.5%"] * 6 + ["-2%"], "benchmark": ["1.2%", "2.6%", "-1.6%", "2%"] * 6 + ["-1%"],
    "benchmark_name": "Index", "periods_per_year": 12, "risk_free": "2%", "Currency": "GBP",
}  # fmt: skip
INCOME: dict[str, Any] = {
    "income": [{"name": "State pension", "income": 12_000}, {"name": "Fund", "market_value": 100_000, "income": 4_000},
               {"name": "Shell", "market_value": 50_000, "income": 2_000}],
    "annual_need": 15_000, "Currency": "GBP",
}  # fmt: skip


def is_faulty(text: str, payload: dict[str, Any], facts_of: Compute) -> bool:
    table = facts_of(payload)
    verdicts = check(text, [(table.section, table)], STYLE)
    assert verdicts, text
    return any(verdict.fault for verdict in verdicts)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Acme Growth comes to £102,000 over the ISA and the GIA.", "Marsh Robotics comes to £102,000 over the GIA."),
        ("Acme Growth has gained more than two thirds on its cost.", "Marsh has gained more than two thirds on cost."),
        ("The Treasury bond has nearly tripled.", "Marsh Robotics has nearly tripled."),
        ("Ms Marsh's portfolio is worth £200,000.", "Marsh Robotics is worth £200,000."),
        ("Acme Growth and Marsh Robotics together come to £111,000, about 56%.",
         "Acme Growth and Marsh Robotics together come to £121,000, about 66%."),
    ],
)  # fmt: skip
def test_a_figure_is_of_the_asset_that_has_such_a_one(true: str, false: str, facts_of: Compute) -> None:
    assert not is_faulty(true, HOLDINGS, facts_of)
    assert is_faulty(false, HOLDINGS, facts_of)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("It stands below its last peak.", "It stands at its peak again."),
        ("The portfolio beat a deposit.", "A deposit would have done better than the portfolio."),
        ("It is less volatile than its benchmark.", "It is more volatile than its benchmark."),
    ],
)
def test_standings_without_a_figure_are_decided(true: str, false: str, facts_of: Compute) -> None:
    table = facts_of(TRACK)
    assert not any(verdict.fault for verdict in check(true, [(table.section, table)], STYLE))
    assert is_faulty(false, TRACK, facts_of)


def test_each_volatility_is_of_the_one_that_is_named(facts_of: Compute) -> None:
    table = facts_of(TRACK)
    own, other = table.find("volatility"), table.find("benchmark_volatility")
    assert own is not None
    assert other is not None
    first, second = STYLE.percent(own.value), STYLE.percent(other.value)

    assert not is_faulty(f"Volatility was {first} a year, against {second} for the benchmark.", TRACK, facts_of)
    assert is_faulty(f"Volatility was {second} a year, against {first} for the benchmark.", TRACK, facts_of)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Income covers the need 1.2 times.", "Income covers the need 1.5 times."),
        ("Fund and Shell together pay £6,000 a year.", "Fund and Shell together pay £7,000 a year."),
        ("Pensions bring in £12,000 a year.", "Pensions bring in £16,000 a year."),
        ("That leaves a surplus of £3,000 a year.", "That leaves a surplus of £5,000 a year."),
    ],
)
def test_income_is_read_as_people_say_it(true: str, false: str, facts_of: Compute) -> None:
    assert not is_faulty(true, INCOME, facts_of)
    assert is_faulty(false, INCOME, facts_of)


@pytest.mark.parametrize("turned", range(4))
def test_each_of_a_list_has_the_direction_that_stands_by_it(turned: int, facts_of: Compute) -> None:
    weights = {"Acme": (34, 20), "Beta": (12, 24), "Gamma": (33, 26), "Delta": (21, 30)}
    assets = [
        {"name": name, "market_value": weight * 100, "model_weight": f"{model}%", "band": "2%"}
        for name, (weight, model) in weights.items()
    ]
    payload = {"assets": assets, "total_portfolio_mv": 10_000, "Currency": "GBP"}

    def write(turned: int | None) -> str:
        told = []
        for place, (name, (weight, model)) in enumerate(weights.items()):
            over = (weight > model) != (place == turned)
            told.append(f"{name}, {abs(weight - model)} percentage points {'over' if over else 'under'}weight")
        return f"{', '.join(told[:-1])}, and {told[-1]}, are outside their bands."

    assert not is_faulty(write(None), payload, facts_of)
    assert is_faulty(write(turned), payload, facts_of)

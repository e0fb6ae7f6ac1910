"""Columns of one meaning of which each row fills one: they are one column, each cell read as its own name says."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.portfolio.conftest import Compute

PERIODS = {"Annual income": 1, "Monthly income": 12, "Quarterly income": 4}


@pytest.mark.parametrize("first", PERIODS)
@pytest.mark.parametrize("second", PERIODS)
@pytest.mark.parametrize("mark", ["£", ""])
def test_incomes_of_several_periods_are_those_of_a_year(first: str, second: str, mark: str, facts_of: Compute) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "Flat in Quay Street", first: f"{mark}1150"}, {"name": "Fund", second: f"{mark}2000"},
        {"name": "Gilts", first: f"{mark}500"},
    ]  # fmt: skip
    table = facts_of({"Currency": "GBP", "income": rows})
    income = table.find("income")
    assert income is not None

    assert income.value == Decimal(1650 * PERIODS[first] + 2000 * PERIODS[second])


@pytest.mark.parametrize(("first", "second"), [("Market value", "Value"), ("Kurswert", "Market Value")])
def test_values_under_two_names_are_one_column(first: str, second: str, facts_of: Compute) -> None:
    rows = [{"name": "Acme", first: 1000}, {"name": "Beta", second: 3000}]

    assert facts_of({"Currency": "GBP", "holdings": rows}).find("market_value").value == 4000  # type: ignore[union-attr]

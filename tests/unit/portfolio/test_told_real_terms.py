"""What inflation leaves of bonds, what tax leaves of each source, and what part of a gain one position made."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.claims import ground
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

STYLE = make_style("en_GB")


def _bonds(inflation: object, ytm: str, coupon: str) -> dict[str, Any]:
    rows = [
        {"name": f"Gilt {year}", "market_value": "£100,000", "coupon": coupon, "ytm": ytm, "duration": 3,
         "maturity": f"{year}-06-01", "rating": "AA"}
        for year in (2030, 2032)
    ]  # fmt: skip
    return {"Currency": "GBP", "As Of": "2026-10-31", "fixed_income": rows, "Inflation": inflation}


@pytest.mark.parametrize(
    ("inflation", "ytm", "coupon", "said", "unsaid"),
    [
        ("3.0%", "4.5%", "2.0%", ["leaves 1.5 percentage points", "below inflation", "index-linked"], ["lose"]),
        ("3.0%", "4.5%", "4.0%", ["leaves 1.5 percentage points"], ["below inflation", "lose"]),
        ("5.0%", "4.5%", "4.0%", ["0.5 percentage points a year below it", "buy less", "index-linked"], ["leaves"]),
        ("-0.5%", "0.5%", "0.4%", [], ["Inflation"]),
    ],
)
def test_bonds_are_told_in_what_they_can_buy(
    inflation: str, ytm: str, coupon: str, said: list[str], unsaid: list[str], facts_of: Compute
) -> None:
    table = facts_of(_bonds(inflation, ytm, coupon))
    text = write_narrative(table, STYLE).render()

    assert [part for part in said if part not in text] == []
    assert [part for part in unsaid if part in text] == []
    assert ground(text, table, STYLE).complete


def test_without_inflation_nothing_is_told_of_it(facts_of: Compute) -> None:
    table = facts_of(_bonds(None, "4.5%", "2.0%") | {"Inflation": ""})

    assert table.find("real_yield") is None
    assert "nflation" not in write_narrative(table, STYLE).render()


def _income(rates: list[str | None], rest: str | None) -> dict[str, Any]:
    rows = [
        {"name": name, "income": "£10,000"} | ({"tax_rate": rate} if rate is not None else {})
        for name, rate in zip(("Rent", "Shares ISA", "Deposit"), rates, strict=True)
    ]
    return {"Currency": "GBP", "income": rows, "annual_need": "£20,000"} | ({"tax_rate": rest} if rest else {})


@pytest.mark.parametrize(
    ("rates", "rest", "left"),
    [
        (["40%", "0%", "20%"], None, "24000"),
        (["40%", None, None], "20%", "22000"),
        (["33.75%", "0%", None], "45%", "22125"),
        ([None, None, None], "20%", "24000"),
    ],
)
def test_each_source_is_taxed_at_its_own_rate(
    rates: list[str | None], rest: str | None, left: str, facts_of: Compute
) -> None:
    table = facts_of(_income(rates, rest))
    after = table.find("income_after_tax")

    assert after is not None
    assert after.value == Decimal(left)
    text = write_narrative(table, STYLE).render()
    assert ("each source at the rate" in text) is any(rate is not None for rate in rates)
    assert ground(text, table, STYLE).complete


def test_a_source_without_a_rate_leaves_the_income_after_tax_open(facts_of: Compute) -> None:
    table = facts_of(_income(["40%", None, "20%"], None))

    assert table.find("income_after_tax") is None
    assert any("Shares ISA" in item.reason for item in table.absent if item.id == "income_after_tax")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((190, 110, 105), "Alpha has done best, with a gain of 90% on its cost, and made 85.7% of the whole gain"),
        ((190, 60, 100), "more than the whole gain"),
        ((120, 120, 120), ""),
        ((90, 80, 100), ""),
    ],
)
def test_a_gain_that_one_position_made_is_told(values: tuple[int, ...], said: str, facts_of: Compute) -> None:
    rows = [
        {"name": name, "asset_class": "Equity", "market_value": f"£{value},000", "cost": "£100,000"}
        for name, value in zip(("Alpha", "Beta", "Gamma"), values, strict=True)
    ]
    table = facts_of({"Base Currency": "GBP", "holdings": rows})
    text = write_narrative(table, STYLE).render()

    assert said in text
    assert said or "whole gain" not in text
    assert ground(text, table, STYLE).complete

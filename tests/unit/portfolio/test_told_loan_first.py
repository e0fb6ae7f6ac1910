"""A mix does not merely suit a profile beside a loan that does not, and a deposit is no unrated bond."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
LOANS: list[Payload] = [
    {"lombard loan": {"drawn": 300_000, "limit": 400_000}}, {"credit line": {"drawn": 300_000, "limit": 400_000}},
    {"Lombardkredit": {"beansprucht": 300_000, "Limite": 400_000}},
]  # fmt: skip


@pytest.mark.parametrize("loan", LOANS)
@pytest.mark.parametrize("section", ["holdings", "assets"])
def test_what_suits_is_told_with_the_loan_that_does_not(section: str, loan: Payload, facts_of: Compute) -> None:
    rows = [
        {"name": "World Equity Fund", "asset_class": "Equity", "market_value": 550_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 450_000},
    ]
    payload: Payload = {"As Of": "2026-03-31", "Currency": "EUR", section: rows}
    if section == "assets":
        for row in rows:
            row["model_weight"] = "50%"
        payload |= {"total_portfolio_mv": 1_000_000, "customer_risk_profile": "balanced"}
    else:
        payload["Risk Profile"] = "balanced"
    text = write_narrative(facts_of(payload | loan), STYLE).render()

    assert "but the borrowing does not, and has to be settled before" in text, text
    assert text.index("leveraged") < text.index("suits a balanced profile")
    if section == "assets":
        assert "but the borrowing does not suit the client" in text.splitlines()[0]


DEPOSITS = ["Term deposit Deutsche Bank", "Festgeld Sparkasse", "Fixed Deposit HDFC", "Dépôt à terme BNP"]


@pytest.mark.parametrize("rating", ["NR", "unrated", "n/a", ""])
@pytest.mark.parametrize("name", DEPOSITS)
@pytest.mark.parametrize("field", ["fixed_income", "holdings"])
def test_a_deposit_is_no_unrated_bond(field: str, name: str, rating: str, facts_of: Compute) -> None:
    kind = {"asset_class": "Fixed Income"} if field == "holdings" else {}
    rows = [
        {"name": "Unilever 3% 2031", "rating": "A+", "market_value": 300_000} | kind,
        {"name": name, "rating": rating, "market_value": 300_000} | kind,
        {"name": "Siemens 2% 2030", "rating": "A+", "market_value": 400_000} | kind,
    ]
    limits = {"below_investment_grade": "10%"}
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", field: rows, "limits": limits})
    text = write_narrative(table, STYLE).render()

    assert table.find("excess.bound.below_investment_grade") is None, text
    assert "below investment grade" not in text.replace("below investment grade: 10%", "").lower() or (
        "Bonds below investment grade are 0%" in text
    ), text


def test_a_bond_without_a_rating_is_one_beside_a_deposit(facts_of: Compute) -> None:
    rows = [
        {"name": "Unilever 3% 2031", "rating": "A+", "market_value": 300_000},
        {"name": "Festgeld Sparkasse", "rating": "NR", "market_value": 300_000},
        {"name": "Bolt 6% 2030", "rating": "NR", "market_value": 400_000},
    ]
    limits = {"below_investment_grade": "10%"}
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "fixed_income": rows, "limits": limits})
    excess = table.find("excess.bound.below_investment_grade")

    assert excess is not None
    assert excess.value == 30

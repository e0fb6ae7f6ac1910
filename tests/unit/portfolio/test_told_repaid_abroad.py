"""A currency above its limit that a repayment brings down asks for no sale; one that stays above it does."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
LIMITS: list[tuple[Payload, str]] = [
    ({"currency": {"USD": "25%"}}, "USD"), ({"foreign_currency": "30%"}, "foreign currencies"),
    ({"Fremdwährungen": "30 %"}, "foreign currencies"),
]  # fmt: skip
BILLS: list[Payload] = [
    {"name": "US Treasury Bill", "maturity": "2026-05-15"}, {"name": "US Treasury Bill 15 May 2026"},
    {"name": "US Treasury Bill", "Fälligkeit": "15.05.2026"},
]  # fmt: skip


def _hold(bill: Payload, limits: Payload) -> Payload:
    rows = [
        {"asset_class": "Bonds", "currency": "USD", "market_value": 150_000} | bill,
        {"name": "US Equity Fund", "asset_class": "Equity", "currency": "USD", "market_value": 200_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "currency": "EUR", "market_value": 650_000},
    ]
    return {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows, "limits": limits, "Fx Rates": {"USD": 1}}


@pytest.mark.parametrize("bill", BILLS)
@pytest.mark.parametrize(("limits", "what"), LIMITS)
def test_what_is_repaid_cures_a_currency(limits: Payload, what: str, bill: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(bill, limits)), make_style("en_GB")).render()

    assert f"That takes {what} to 20%, so that no sale is asked for it" in text, text
    assert "on 15 May 2026" in text
    assert "down by €" not in text


@pytest.mark.parametrize(("bill", "most"), [
    ({"name": "US Treasury Bill", "maturity": "2026-05-15"}, "15%"),
    ({"name": "US Treasury Note", "maturity": "2029-05-15"}, "30%"), ({"name": "US Treasury Note"}, "30%"),
])  # fmt: skip
def test_what_stays_above_its_limit_is_brought_down(bill: Payload, most: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(bill, {"foreign_currency": most})), make_style("en_GB")).render()

    assert "Bring foreign currencies down" in text, text
    assert "no sale is asked for it" not in text

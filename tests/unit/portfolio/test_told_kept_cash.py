"""An amount that is to be kept at hand is spoken for, whatever it is called and wherever it stands: it is no cash
that is free."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
KEPT: list[Payload] = [
    {"Minimum cash": "EUR 60,000"}, {"minLiquidity": 60000}, {"Mindestliquidität": "60.000 €"},
    {"Liquiditätsreserve": 60000},
    {"liquidity": {"minimum": 60000}}, {"liquidityPolicy": {"minimum_cash": 60000, "currency": "EUR"}},
    {"constraints": {"min_cash_eur": 60000}}, {"limits": {"minimum cash": 60000, "single stock": "10%"}},
    {"limits": {"cash": {"min": 60000}}}, {"limits": [{"type": "minimum liquidity", "value": 60000, "unit": "EUR"}]},
    {"trésorerie minimale": "60 000 €"}, {"liquidità minima": "60.000 EUR"}, {"colchón de liquidez": 60000},
    {"Minimale liquiditeit": "60.000 EUR"}, {"cash_reserve": 60000}, {"Emergency fund": "€60,000"},
    {"cashFloor": 60000},
    {"notes": "Always keep EUR 60,000 at hand."}, {"Bemerkung": "Der Kunde will stets 60.000 EUR liquide halten."},
    {"remarque": "Garder 60 000 € de liquidités en permanence"}, {"limits": {"liquidity": {"min_amount": 60000}}},
]  # fmt: skip


def _hold(said: Payload) -> Payload:
    rows = [
        {"name": "World Equity Fund", "asset_class": "Equity", "market_value": 300_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 400_000},
        {"name": "Cash", "asset_class": "Cash", "market_value": 300_000},
    ]  # fmt: skip
    return {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows} | said


@pytest.mark.parametrize("said", KEPT)
def test_what_is_to_be_kept_at_hand_is_spoken_for(said: Payload, facts_of: Compute) -> None:
    table = facts_of(_hold(said))
    text = write_narrative(table, make_style("en_GB")).render()
    spoken, left = table.find("spoken_for"), table.find("cash_left")

    assert spoken is not None, text
    assert left is not None
    assert (spoken.value, left.value) == (60_000, 240_000)
    assert "€60,000 is spoken for" in text, text
    assert "limits could be held" not in text


SHARES: list[Payload] = [
    {"Minimum cash": "5%"}, {"limits": {"minimum cash": "5%"}}, {"Minimum cash": 5},
    {"limits": {"cash": {"min": 5, "max": 40}}},
    {"Minimum investment": 60_000}, {"Maximum cash": "€60,000"},
]  # fmt: skip


@pytest.mark.parametrize("said", SHARES)
def test_a_share_of_cash_and_other_least_amounts_are_none(said: Payload, facts_of: Compute) -> None:
    assert facts_of(_hold(said)).find("spoken_for") is None

"""Commitments that are not called yet, and what the year ahead asks for, held against what can be sold for it; the
client's own limit for private assets."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
COLUMNS = [
    "Unfunded", "unfunded_commitment", "Uncalled", "Open commitment", "Nicht abgerufen", "offene Zusage",
    "Engagement non appelé", "undrawn commitment",
]  # fmt: skip
FLOWS = [
    {"Est. Capital Calls": 9_400, "Est. Distributions": 3_100, "Family Spending": 2_600, "Tax Due": 1_250},
    {"capitalCalls": 9_400, "expectedDistributions": 3_100, "spending": 2_600, "taxDue": 1_250},
    {"Kapitalabrufe": 9_400, "Erwartete Ausschüttungen": 3_100, "Ausgaben": 2_600, "Steuerzahlung": 1_250},
    {"Appels de fonds": 9_400, "Distributions attendues": 3_100, "Dépenses": 2_600, "Impôts": 1_250},
]  # fmt: skip
FIELDS = ["Next 12M", "Cash plan", "Liquiditätsplan", "Besoins"]


def _hold(column: str = "Unfunded", **more: object) -> Payload:
    rows: list[tuple[str, int, int | None]] = [
        ("Public Equity", 18_450, None), ("Core Bonds", 6_050, None), ("Cash", 2_150, None),
        ("Hedge Funds", 5_600, None), ("Private Equity", 24_900, 11_800), ("Venture Capital", 7_300, 2_900),
        ("Private Credit", 6_200, 1_500), ("Credit Line (SOFR+175)", -1_500, None),
    ]  # fmt: skip
    held = [{"name": name, "market_value": value, column: unfunded} for name, value, unfunded in rows]
    return {"As Of": "2026-12-31", "Currency": "USD", "holdings": held} | more


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_US")).render()


@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_committed_is_added_up_and_held_against_what_can_be_sold(column: str, facts_of: Compute) -> None:
    table = facts_of(_hold(column))
    text = write_narrative(table, make_style("en_US")).render()
    unfunded, liquid = table.find("unfunded"), table.find("liquid_value")

    assert unfunded is not None
    assert liquid is not None
    assert (unfunded.value, liquid.value) == (16_200, 26_650)
    assert "Commitments of $16,200 are not called yet" in text, text
    assert "60.8% of the $26,650 that can be sold within days" in text


@pytest.mark.parametrize(("field", "flows"), list(product(FIELDS, FLOWS)))
def test_the_year_ahead_is_held_against_the_cash_with_what_is_expected_apart(
    field: str, flows: Payload, facts_of: Compute
) -> None:
    table = facts_of(_hold(**{field: flows}))
    text = write_narrative(table, make_style("en_US")).render()
    spoken, short, net = (table.find(name) for name in ("spoken_for", "cash_short", "cash_short_net"))

    assert spoken is not None
    assert short is not None
    assert net is not None
    assert (spoken.value, short.value, net.value) == (13_250, 11_100, 8_000)
    assert "$3,100 is expected" in text, text
    assert "Should what is expected come, $8,000 would still have to be found" in text, text


POLICIES = [
    {"Policy": {"Private Assets Max % of Net": 45}}, {"limits": {"private assets": "45%"}},
    {"Anlagegrenzen": {"Private Markets": "45 %"}}, {"Limites": "Actifs non cotés 45 %"},
    {"limits": {"max private investments": "45%"}},
]  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
def test_the_clients_limit_for_private_assets_is_held_against_them(policy: Payload, facts_of: Compute) -> None:
    table = facts_of(_hold(**policy))
    text = write_narrative(table, make_style("en_US")).render()
    share = table.find("class_share.private")

    assert share is not None
    assert round(share.value, 1) == Decimal("55.5")
    assert "Private assets" in text, text
    assert "55.5%" in text
    assert "client's own limit of 45%" in text
    assert "no new commitment" in text

"""What is above a limit and locked in part is sold out of the part that is free: all of it where that is enough, as
much as is free where it is not, and the rest once it may be sold."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
PARTS: list[Payload] = [
    {"note": "{units} units pledged until 2027-06-30"}, {"Bemerkung": "{units} Stück gesperrt bis 30.06.2027"},
    {"remarque": "{units} titres nantis jusqu'au 30/06/2027"}, {"nota": "{units} acciones pignoradas"},
    {"opmerking": "{units} aandelen geblokkeerd tot 30-06-2027"}, {"Restricted Quantity": "{units}"},
    {"lock": "{percent}% blocked until 2027-06-30"}, {"locked %": "{percent}"},
]  # fmt: skip


def _fill(said: Payload, percent: int) -> Payload:
    return {name: text.format(units=10 * percent, percent=percent) for name, text in said.items()}


def _hold(said: Payload, currency: str = "EUR", **more: object) -> Payload:
    share = {"name": "Acme", "asset_class": "Equity", "quantity": 1_000, "price": 300, "market_value": 300_000} | said
    rows = [
        share, {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 400_000},
        {"name": "Global Equity Fund", "asset_class": "Equity", "market_value": 300_000},
    ]  # fmt: skip
    return {"As Of": "2026-03-31", "Currency": currency, "holdings": rows, "limits": {"single stock": "20%"}} | more


@pytest.mark.parametrize("currency", ["EUR", "GBP", "INR", "CHF"])
@pytest.mark.parametrize("said", PARTS)
def test_a_free_part_that_is_enough_is_what_is_sold(said: Payload, currency: str, facts_of: Compute) -> None:
    table = facts_of(_hold(_fill(said, 40), currency))
    text = write_narrative(table, STYLE).render()
    sale = table.find("reduction.acme")

    assert sale is not None
    assert sale.value == 100_000
    assert "once it may be sold" not in text, text
    assert "Bring Acme down to the limit by selling" in text, text
    assert "out of the part that is free" in text, text


@pytest.mark.parametrize("said", PARTS)
def test_a_free_part_that_is_too_small_is_sold_first_and_the_rest_later(said: Payload, facts_of: Compute) -> None:
    table = facts_of(_hold(_fill(said, 80)))
    text = write_narrative(table, STYLE).render()
    rest = table.find("reduction.locked.acme")

    assert table.find("reduction.acme") is None
    assert rest is not None
    assert rest.value == 40_000
    assert (
        "Sell the €60,000 of Acme that is free, and the other €40,000 that has to go once that may be sold" in text
    ), text
    assert "Bring Acme down" not in text


@pytest.mark.parametrize("locked", [{"locked": True}, {"note": "locked until 2027-06-30"}])
def test_rows_that_are_free_beside_locked_ones_are_what_is_sold(locked: Payload, facts_of: Compute) -> None:
    payload = _hold({"quantity": 600, "market_value": 180_000})
    held = {"name": "Acme", "asset_class": "Equity", "quantity": 400, "price": 300, "market_value": 120_000}
    payload["holdings"].append(held | locked)
    table = facts_of(payload)
    text = write_narrative(table, STYLE).render()

    assert "by selling €100,000 out of the part that is free" in text, text


@pytest.mark.parametrize("said", PARTS)
def test_what_is_free_of_a_position_counts_for_what_is_due(said: Payload, facts_of: Compute) -> None:
    payload = _hold(_fill(said, 40), plannedWithdrawals=[
        {"date": "2026-09-30", "amount": 100_000, "source": "Depot A", "purpose": "house"}
    ])  # fmt: skip
    for row in payload["holdings"]:
        row["account"] = "Depot A" if row["name"] == "Acme" else "Depot B"
    table = facts_of(payload)
    found = {fact.id: fact.value for fact in table.facts if fact.id.startswith("source_held.")}

    assert found["source_held.free.depot_a.acme"] == 180_000
    assert found["source_held.bound.depot_a.acme"] == 120_000


def test_limits_of_groups_count_what_is_free_of_their_members(facts_of: Compute) -> None:
    payload = _hold(_fill(PARTS[0], 40), limits={"issuer": "20%", "sector": "25%"})
    for row in payload["holdings"]:
        row |= {"issuer": row["name"], "sector": "Energy" if row["name"] == "Acme" else "Broad"}
    table = facts_of(payload)
    after = {fact.id: fact.value for fact in table.facts if fact.id.startswith("weight_after.")}

    assert after["weight_after.issuer.acme"] == 20
    assert after["weight_after.sector.energy"] == 20

"""Days on which something may not be sold are read from notes, entries and rows, and every sale that is advised waits
for their end; cash that is spoken for repays no loan."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def _hold(row: Payload, *, loan: bool = False, **more: object) -> Payload:
    rows = [
        {"name": "Acme", "asset_class": "Equity", "quantity": 1_000, "price": 300, "market_value": 300_000} | row,
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 430_000},
        {"name": "World Equity Fund", "asset_class": "Equity", "market_value": 200_000},
        {"name": "Cash", "asset_class": "Cash", "market_value": 70_000},
    ]  # fmt: skip
    if loan:
        rows.append({"name": "Lombard loan", "asset_class": "Loan", "market_value": -200_000})
    payload = {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows, "limits": {"single stock": "20%"}}
    return payload | {name: value for name, value in more.items() if value is not None}


CLOSED: list[Payload] = [
    {"notes": "Acme: closed period until 15 May 2026."},
    {"note": "Blackout window for Acme 1 April 2026 to 15 May 2026"},
    {"Bemerkung": "Handelssperre für Acme bis 15.05.2026"}, {"remarque": "Acme : fenêtre fermée jusqu'au 15/05/2026"},
    {"nota": "Acme: periodo cerrado hasta 15/05/2026"}, {"opmerking": "Acme: gesloten periode tot 15-05-2026"},
    {"insider": {"Acme": "blackout until 2026-05-15"}}, {"dealing": {"closed periods": {"Acme": "until 2026-05-15"}}},
    {"restrictions": [{"security": "Acme", "type": "closed period", "from": "2026-03-15", "to": "2026-05-15"}]},
    {"blackouts": [{"issuer": "Acme", "kind": "blackout period", "start": "2026-04-01", "end": "2026-05-15"}]},
]  # fmt: skip
OF_ROW: list[Payload] = [
    {"blackout until": "2026-05-15"}, {"closed_period": "2026-04-01 to 2026-05-15"}, {"closedPeriodEnd": "2026-05-15"},
    {"note": "blackout window 1 April 2026 to 15 May 2026"}, {"Hinweis": "Handelssperre bis 15.05.2026"},
]  # fmt: skip
KINDS = [*((said, {}) for said in CLOSED), *(({}, row) for row in OF_ROW)]


@pytest.mark.parametrize("lock", [{}, {"Restricted Quantity": 300}])
@pytest.mark.parametrize(("said", "row"), KINDS)
def test_a_sale_waits_for_the_end_of_a_closed_period(
    said: Payload, row: Payload, lock: Payload, facts_of: Compute
) -> None:
    text = write_narrative(facts_of(_hold(row | lock, **said)), STYLE).render()

    assert "Acme may not be sold in its closed period" in text, text
    assert "Bring Acme down to the limit once its closed period is over by selling €100,000" in text, text
    assert "wishes" not in text
    assert ("out of the part that is free" in text) is bool(lock)


@pytest.mark.parametrize("free", [400, 800])
@pytest.mark.parametrize(("said", "row"), KINDS)
def test_the_free_part_waits_as_well(said: Payload, row: Payload, free: int, facts_of: Compute) -> None:
    locked = {"Restricted Quantity": 1_000 - free}
    table = facts_of(
        _hold(row | locked, limits={"single stock": "10%"} if free == 400 else {"single stock": "20%"}, **said)
    )
    text = write_narrative(table, STYLE).render()
    sales = [line for line in text.splitlines() if "Acme" in line and ("selling" in line or "Sell " in line)]

    assert sales, text
    assert all("once its closed period is over" in line for line in sales), text


@pytest.mark.parametrize(("said", "row"), KINDS)
@pytest.mark.parametrize(("day", "counts"), [("2026-04-30", False), ("2026-09-30", True)])
def test_what_is_closed_pays_for_nothing_that_is_due_before(
    said: Payload, row: Payload, day: str, counts: bool, facts_of: Compute
) -> None:
    payload = _hold(
        row, plannedWithdrawals=[{"date": day, "amount": 120_000, "source": "Depot", "purpose": "house"}], **said
    )
    for held in payload["holdings"]:
        held["account"] = "Depot"
    table = facts_of(payload)
    ids = {fact.id for fact in table.facts if fact.id.startswith("source_held.")}

    assert ("source_held.free.depot.acme" in ids) is counts
    assert ("source_held.bound.depot.acme" in ids) is not counts


NOT_CLOSED: list[Payload] = [
    {"notes": "Acme: closed period until 15 March 2026."}, {"insider": {"Acme": "blackout until 2026-03-15"}},
    {"restrictions": [{"security": "Acme", "type": "closed period", "from": "2026-10-01", "to": "2026-11-15"}]},
    {"restrictions": [{"security": "Bolt", "type": "closed period", "from": "2026-03-15", "to": "2026-05-15"}]},
]  # fmt: skip


@pytest.mark.parametrize("said", NOT_CLOSED)
def test_days_that_are_over_far_ahead_or_of_others_close_nothing(said: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold({}, **said)), STYLE).render()

    assert "may not be sold in its closed period" not in text
    assert "Bring Acme down to the limit by selling €100,000" in text, text


NEEDS: list[Payload] = [
    {"plannedWithdrawals": [{"date": "2026-04-30", "amount": 60_000, "purpose": "house"}]},
    {"Entnahme": {"Betrag": 60_000, "Datum": "30.04.2026", "Zweck": "Hauskauf"}},
    {"Liquidity need": "€60,000 for a house by 30 April 2026"}, {"Minimum cash": "EUR 60,000"},
]  # fmt: skip


@pytest.mark.parametrize("need", NEEDS)
@pytest.mark.parametrize("limits", [{"leverage": "10%"}, {"single stock": "40%", "leverage": "10%"}])
def test_cash_that_is_spoken_for_repays_no_loan(need: Payload, limits: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold({}, loan=True, limits=limits, **need)), STYLE).render()

    assert "Use the €10,000 of cash that is not spoken for before" in text, text
    assert "Use the cash at hand" not in text


def test_where_all_cash_is_spoken_for_none_repays_a_loan(facts_of: Compute) -> None:
    need = [{"date": "2026-04-30", "amount": 90_000, "purpose": "house"}]
    text = write_narrative(facts_of(_hold({}, loan=True, plannedWithdrawals=need, limits={"leverage": "10%"})), STYLE)

    assert "cash at hand" not in text.render()
    assert "cash that is not spoken for" not in text.render()

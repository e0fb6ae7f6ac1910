"""A lock on a part of a row, in units or percent as in money, and with a last day: the rest is free to be sold."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def _hold(section: str, **said: object) -> Payload:
    share = {"name": "Acme", "asset_class": "Equity", "quantity": 1_000, "price": 600, "market_value": 600_000} | said
    rows = [share, {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 400_000}]
    if section == "holdings":
        return {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows}
    for row, model in zip(rows, (20, 80), strict=True):
        row["model_weight"] = f"{model}%"
    return {"As Of": "2026-03-31", "Currency": "EUR", "total_portfolio_mv": 1_000_000, "assets": rows}


PARTS: list[tuple[Payload, int]] = [
    ({"note": "700 units pledged until 2027-06-30"}, 70), ({"remark": "of which 700 shares locked"}, 70),
    ({"Bemerkung": "700 Stück gesperrt bis 30.06.2027"}, 70), ({"remarque": "700 titres nantis"}, 70),
    ({"nota": "700 azioni vincolate fino al 30/06/2027"}, 70), ({"nota": "700 acciones pignoradas"}, 70),
    ({"opmerking": "700 aandelen geblokkeerd tot 30-06-2027"}, 70), ({"lock": "30% blocked until 2027-06-30"}, 30),
    ({"Bemerkung": "30 % gesperrt bis 30.06.2027"}, 30), ({"remarque": "30 % bloqués jusqu'au 30/06/2027"}, 30),
    ({"lock-up": "30%"}, 30), ({"locked %": 30}, 30), ({"locked_pct": "30"}, 30), ({"locked shares": 700}, 70),
    ({"pledged units": "700"}, 70), ({"vested %": 70}, 30), ({"vested shares": 300}, 70),
    ({"Restricted Quantity": 700}, 70), ({"restriction": "700 of 1,000 shares restricted"}, 70),
]  # fmt: skip


@pytest.mark.parametrize("section", ["holdings", "assets"])
@pytest.mark.parametrize(("said", "percent"), PARTS)
def test_the_part_that_is_not_locked_is_free(section: str, said: Payload, percent: int, facts_of: Compute) -> None:
    table = facts_of(_hold(section, **said))
    text = write_narrative(table, STYLE).render()
    free = next((fact for fact in table.facts if fact.id.startswith("free_value")), None)

    assert "A part of Acme may not be sold now" in text, text
    assert free is not None
    assert free.value == 6_000 * (100 - percent)
    if section == "assets":  # the model asks for a sale of 400,000
        sold = next(fact.value for fact in table.list_measure("trade", "planned.") if fact.subject == "Acme") if (
            table.list_measure("trade", "unsold.")
        ) else table.find("trade.acme").value  # type: ignore[union-attr]  # fmt: skip
        assert sold == -min(Decimal(400_000), free.value)


WHOLE: list[Payload] = [
    {"lock-up": "until 2027-06-30, 5% exit fee"}, {"lock-in": 3}, {"notice period": "90 days"}, {"locked": True},
    {"note": "10% gate, redemptions suspended"}, {"note": "locked until 2027-06-30; yields 4%"},
    {"note": "lock-up of 12 months"}, {"locked since": "2020-01-01"}, {"note": "2,000 shares pledged"},
]  # fmt: skip


@pytest.mark.parametrize("said", WHOLE)
def test_what_names_no_part_binds_the_whole(said: Payload, facts_of: Compute) -> None:
    table = facts_of(_hold("holdings", **said))
    text = write_narrative(table, STYLE).render()

    assert "Acme may not be sold now" in text, text
    assert not any(fact.id.startswith("free_value") for fact in table.facts)


OVER: list[Payload] = [
    {"lock": "30% blocked until 2025-06-30"}, {"note": "locked until 31 December 2025"},
    {"Bemerkung": "gesperrt bis 30.06.2025"}, {"remarque": "bloqué jusqu'au 30/06/2025"},
    {"note": "700 shares pledged, ends 2025-12-31"}, {"nota": "vincolato fino al 30/06/2025"},
]  # fmt: skip


@pytest.mark.parametrize("said", OVER)
def test_a_lock_whose_last_day_is_past_binds_nothing_and_is_quoted(said: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold("holdings", **said)), STYLE).render()

    assert "may not be sold" not in text, text
    assert "2025" in text


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("till", "is_locked"), [("2027-01-15", True), ("2025-01-15", False)])
def test_fields_of_one_row_speak_of_one_lock(first: bool, till: str, is_locked: bool, facts_of: Compute) -> None:
    fields = [("lockedUnits", 400), ("lockInTill", till)]
    table = facts_of(_hold("holdings", **dict(fields if first else reversed(fields))))
    free = next((fact.value for fact in table.facts if fact.id.startswith("free_value")), None)

    assert free == (360_000 if is_locked else None)
    assert ("may not be sold" in write_narrative(table, STYLE).render()) is is_locked

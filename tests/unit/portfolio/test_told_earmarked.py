"""No trade spends what is spoken for: it is paid first, and what is traded is what the model asks for of the rest."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
SPENT = [
    lambda amount: {"plannedWithdrawals": [{"amount": amount, "date": "2026-12-05", "purpose": "trip"}]},
    lambda amount: {"Tax due": {"amount": amount, "date": "2027-01-31"}},
    lambda amount: {"Tax due": amount},
    lambda amount: {"fees due": f"€{amount:,} on 2026-12-15"},
    lambda amount: {"Advisory fee payable": {"amount": amount, "date": "2026-12-31"}},
    lambda amount: {"Gebühren fällig": amount},
    lambda amount: {"honoraires dus": amount},
    lambda amount: {"standing orders": [{"amount": amount / 12, "frequency": "monthly", "direction": "out"}]},
    lambda amount: {"Dauerauftrag": {"Betrag": amount / 12, "Turnus": "monatlich", "Richtung": "Auszahlung"}},
    lambda amount: {"virement permanent": {"montant": amount / 4, "fréquence": "trimestriel", "sens": "sortie"}},
    lambda amount: {"Notes": f"Client needs €{amount:,} for a house in spring."},
    lambda amount: {"upcoming": [{"type": "withdrawal", "amount": amount, "date": "2026-12-05", "purpose": "car"}]},
]
WEIGHTS = [(42, 48, 10), (50, 45, 5), (42, 53, 5), (60, 36, 4), (38, 42, 20), (52, 43, 5)]


def make(weights: tuple[int, int, int] | tuple[int, int], **more: object) -> Payload:
    rows = [
        {"name": "World ETF", "asset_class": "Equity", "model_weight": "50%", "band": "5%"},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "model_weight": "45%", "band": "5%"},
        {"name": "Giro", "asset_class": "Cash", "model_weight": "5%", "band": "3%"},
    ]
    if len(weights) == 2:
        rows = [rows[0], rows[1] | {"model_weight": "50%"}]
    for row, weight in zip(rows, weights, strict=True):
        row["market_value"] = weight * 10_000  # type: ignore[assignment]
    return {"As Of": "2026-10-31", "Currency": "EUR", "customer_risk_profile": "Balanced", "assets": rows} | more


@pytest.mark.parametrize(("weights", "amount"), list(itertools.product(WEIGHTS, (12_000, 48_000, 96_000))))
def test_the_trades_leave_what_is_spoken_for(weights: tuple[int, int, int], amount: int, facts_of: Compute) -> None:
    for spent in SPENT:
        table = facts_of(make(weights, **spent(amount)))
        text = write_narrative(table, STYLE).render()
        spoken, after = table.find("spoken_for"), table.find("breaches_after")
        assert spoken is not None, spent(amount)
        assert after is not None
        assert spoken.value == amount
        cash = Decimal(weights[2] * 10_000)
        trades = {fact.subject: fact.value for fact in table.list_measure("trade", "planned.")}
        assert sum(trades.values()) == 0
        assert cash + trades.get("Giro", Decimal(0)) >= amount
        left = [weight * 10_000 - (amount if place == 2 else 0) for place, weight in enumerate(weights)]
        whole = sum(left)
        outside = sum(
            abs(value * 100 / whole - model) > band
            for value, model, band in zip(left, (50, 45, 5), (5, 5, 3), strict=True)
        )
        assert after.value == outside
        told = "To return to the model" in text
        assert told is bool(outside), text
        if not told:
            assert "Or make one trade" not in text


@pytest.mark.parametrize("amount", [30_000, 200_000])
@pytest.mark.parametrize("weights", [(60, 40), (50, 50)])
def test_where_no_cash_is_held_the_sales_bring_it(weights: tuple[int, int], amount: int, facts_of: Compute) -> None:
    table = facts_of(make(weights, **{"Tax due": {"amount": amount, "date": "2027-01-31"}}))

    assert sum(fact.value for fact in table.list_measure("trade", "planned.")) == -amount


@pytest.mark.parametrize("locked", ["World ETF", "Euro Bond Fund"])
@pytest.mark.parametrize("amount", [30_000, 96_000])
def test_what_may_not_be_sold_pays_for_nothing(locked: str, amount: int, facts_of: Compute) -> None:
    payload = make((62, 36, 2), **{"Tax due": {"amount": amount, "date": "2027-01-31"}})
    for row in payload["assets"]:
        if row["name"] == locked:
            row["lock-up"] = "until 2028-06-30"
    table = facts_of(payload)
    trades = {fact.subject: fact.value for fact in table.list_measure("trade", "planned.")}

    assert trades.get(locked, Decimal(0)) >= 0
    assert sum(trades.values()) == 0
    sold = -sum(value for value in trades.values() if value < 0)
    assert trades.get("Giro", Decimal(0)) >= min(sold, amount - 20_000)


@pytest.mark.parametrize("kind", ["recurring deposits", "Monthly contribution", "Sparplan", "versements programmés",
                                  "aportaciones periódicas", "regular savings", "Dauerauftrag"])  # fmt: skip
def test_what_is_paid_in_again_and_again_is_spoken_for_by_nothing(kind: str, facts_of: Compute) -> None:
    entry = {"amount": 2_000, "frequency": "monthly"}
    if kind == "Dauerauftrag":
        entry["Richtung"] = "Einzahlung"
    for weights in WEIGHTS:
        table = facts_of(make(weights, **{kind: entry}))
        text = write_narrative(table, STYLE).render()
        assert table.find("spoken_for") is None, text
        assert "withdrawal" not in text
        assert "spoken for" not in text


@pytest.mark.parametrize("name", ["regular withdrawals", "rachatsProgrammes", "retraits programmés", "Entnahmen", "SWP",
                                  "geplante Auszahlungen", "prelievi", "retiradas", "periodieke opname"])  # fmt: skip
@pytest.mark.parametrize("rhythm", [{"frequency": "monthly"}, {"périodicité": "mensuelle"}, {"Turnus": "monatlich"}])
def test_what_is_taken_out_again_and_again_is_a_need_of_a_year(name: str, rhythm: Payload, facts_of: Compute) -> None:
    spoken = facts_of(make(WEIGHTS[0], **{name: {"amount": 1_500} | rhythm})).find("spoken_for")

    assert spoken is not None
    assert spoken.value == 18_000


@pytest.mark.parametrize("amount", [20_000, 60_000])
def test_where_the_sales_bring_what_is_due_that_is_said(amount: int, facts_of: Compute) -> None:
    text = write_narrative(facts_of(make((60, 40), **{"Tax due": amount})), STYLE).render()

    assert f"keep {STYLE.money(Decimal(amount), 'EUR')} of what that brings for what is due" in text, text


@pytest.mark.parametrize("band", ["bande", "band", "Bandbreite", "banda", "bandbreedte", "tolerance"])
def test_a_band_is_read_in_any_of_these_languages(band: str, facts_of: Compute) -> None:
    payload = make(WEIGHTS[0])
    payload["assets"] = [
        {band if key == "band" else key: value for key, value in row.items()} for row in payload["assets"]
    ]
    fact = facts_of(payload).find("band.giro")

    assert fact is not None
    assert fact.value == 3

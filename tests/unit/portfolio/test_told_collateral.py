"""Loans on what is held: what fall of the collateral uses up the margin, days on which nothing may be sold, and what of
a sale is taken first."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
ROWS = [
    {"Name": "Lonza Group SA", "Class": "Equity", "Market Value": 1_320_000, "Advance rate": "50%"},
    {"Name": "MSCI World ETF", "Class": "Equity fund", "Market Value": 620_000, "Advance rate": "70%"},
    {"Name": "Swiss Confederation 0.5% 2032", "Class": "Bonds", "Market Value": 960_000, "Advance rate": "80%"},
    {"Name": "Alpha Fund", "Class": "Equity fund", "Market Value": 500_000, "Advance rate": "50%"},
    {"Name": "Account", "Class": "Cash", "Market Value": 100_000, "Advance rate": "100%"},
]  # fmt: skip
LENT = 660_000 + 434_000 + 768_000 + 250_000 + 100_000
CALLS: list[Payload] = [
    {"Margin call": "as soon as the loan exceeds the lending value"}, {"Margin call": "100%"},
    {"Nachschuss": "sobald der Kredit den Belehnungswert übersteigt"},
    {"Appel de marge": "dès que le crédit dépasse la valeur d'avance"},
    {"Richiamo di margine": "quando il credito supera il valore di anticipo"},
]  # fmt: skip


def _lend(**more: object) -> Payload:
    return {"As Of": "2026-06-30", "Currency": "CHF", "concentration": [dict(row) for row in ROWS],
            "Lombard loan": {"Drawn": 2_050_000, "Limit": 2_400_000}, "limits": {"single_name": "20%"},
            } | more  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_what_fall_of_the_collateral_brings_the_margin_call_is_told(call: Payload, facts_of: Compute) -> None:
    table = facts_of(_lend(**{"Lombard loan": {"Drawn": 2_050_000, "Limit": 2_400_000, **call}}))
    text = write_narrative(table, make_style("en_GB")).render()
    whole, one = table.find("credit_fall"), table.find("credit_fall_one")

    assert whole is not None
    assert float(whole.value) == pytest.approx(100 - 205_000_000 / LENT)
    assert one is not None
    assert one.subject == "Lonza Group SA"
    assert float(one.value) == pytest.approx((LENT - 2_050_000) / 660_000 * 100)
    assert "in Lonza Group SA alone" in text, text


BANS = [
    "Closed period for Lonza: no dealing until 22 July 2026", "Blackout period Lonza until 22 July 2026",
    "Verkaufssperre für Lonza bis 22.07.2026", "Période d'interdiction de vente Lonza jusqu'au 22.07.2026",
    "Verkoopverbod Lonza tot 22-07-2026", "Divieto di vendita Lonza fino al 22/07/2026",
    "Prohibición de venta de Lonza hasta el 22/07/2026",
]  # fmt: skip


@pytest.mark.parametrize("says", BANS)
@pytest.mark.parametrize("field", ["Remarks", "Note"])
def test_days_without_a_sale_are_told_before_any_sale(field: str, says: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_lend(**{field: says})), make_style("en_GB")).render()

    assert "Lonza Group SA may not be sold in its closed period" in text, text


def test_a_closed_period_that_is_past_binds_nothing(facts_of: Compute) -> None:
    payload = _lend(Remarks="Closed period for Lonza until 22 May 2026")

    assert "closed period (" not in write_narrative(facts_of(payload), make_style("en_GB")).render()


PARTS = ["Shares worth CHF 480,000 locked until 1 March 2028", "Actions pour CHF 480'000 bloquées jusqu'au 01.03.2028",
         "Aktien für CHF 480'000 gesperrt bis 01.03.2028"]  # fmt: skip


@pytest.mark.parametrize("says", PARTS)
def test_an_amount_that_is_locked_leaves_the_rest_free(says: str, facts_of: Compute) -> None:
    payload = _lend()
    payload["concentration"][0]["Remark"] = says
    text = write_narrative(facts_of(payload), make_style("en_GB")).render()

    assert "840,000 of it is free" in text, text


def test_a_sale_pays_what_is_due_first_and_repays_with_the_rest(facts_of: Compute) -> None:
    paid = [{"Date": "2026-09-30", "Amount": 145_000, "Purpose": "Taxes 2025"}]
    payload = _lend(**{"Planned payments": paid}) | {"limits": {"single_name": "20%", "leverage": "50%"}}
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    sale = table.find("cure_sale")

    assert sale is not None
    assert sale.subject == "Lonza Group SA"
    kept, whole, drawn = 1_320_000 - sale.value, 3_400_000 - sale.value, 2_050_000 - (sale.value - 45_000)
    assert float(kept / whole) <= 0.2 + 1e-9
    assert float(drawn / whole) <= 0.5 + 1e-9
    assert "repays the credit" in text, text


@pytest.mark.parametrize(
    "says", ["95% of lending value", "95 %", "at 95% of the lending value", 0.95, "bei 95 % des Belehnungswert"]
)
def test_the_way_to_the_call_is_told_beside_the_headroom_of_the_line(says: object, facts_of: Compute) -> None:
    rows = [
        {"Asset Class": "Equities", "Mkt Val": 2_964_000, "Weight": "57%",
         "Target Weight": "50%", "Lending Value": "60%"},
        {"Asset Class": "Bonds", "Mkt Val": 1_352_000, "Weight": "26%", "Target Weight": "33%", "Lending Value": "80%"},
        {"Asset Class": "Hedge funds", "Mkt Val": 520_000, "Weight": "10%",
         "Target Weight": "10%", "Lending Value": "0%"},
        {"Asset Class": "Cash", "Mkt Val": 364_000, "Weight": "7%", "Target Weight": "7%", "Lending Value": "95%"},
    ]  # fmt: skip
    table = facts_of({
        "As Of": "2026-06-30", "Currency": "SGD", "Risk Profile": "Growth", "Assets": rows,
        "Credit Line": {"Drawn": "SGD 2,850,000", "Limit": "SGD 3,200,000", "Margin Call": says},
    })  # fmt: skip
    left, fall, sold = (table.find(name) for name in ("credit_room_call", "credit_fall_one", "repaid_by_sales"))

    assert left is not None
    assert left.value == 195_510
    assert fall is not None
    assert round(fall.value, 1) == Decimal("11.6")
    assert sold is not None
    assert round((2_850_000 - sold.value) * 100 / (5_200_000 - sold.value), 6) == 10

"""The tax of a sale is by the lots that were sent, in the order that was sent, by the exemption and by how long each
lot was held; where the order is open the first bought first and the dearest first are told, and where lots are open,
nothing."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
LOTS: list[tuple[str, list[Payload]]] = [
    ("lots", [{"date": "2015-01-05", "quantity": 600, "cost": 60_000},
              {"date": "2025-10-01", "quantity": 400, "cost": 112_000}]),
    ("taxLots", [{"acquired": "2025-10-01", "units": 400, "costBasis": 112_000},
                 {"acquired": "2015-01-05", "units": 600, "costBasis": 60_000}]),
    ("Tax Lots", [{"Kaufdatum": "05.01.2015", "Stück": 600, "Einstandswert": "60.000"},
                  {"Kaufdatum": "01.10.2025", "Stück": 400, "Einstandswert": "112.000"}]),
    ("lots", [{"date": "2015-01-05", "qty": 600, "unit cost": 100},
    {"date": "2025-10-01", "qty": 400, "unit cost": 280}]),
    ("lots", [{"trade_date": "2015-01-05", "qty": 600, "price": 100},
    {"trade_date": "2025-10-01", "qty": 400, "price": 280}]),
]  # fmt: skip
"""The same lots in several spellings: 180,000 and 120,000 today, so that a sale of 100,000 is out of one of them."""
GAINS = {"first": 66_667, "last": 6_667, "dearest": 6_667, "average": 42_667}


def _hold(currency: str, lots: tuple[str, list[Payload]], **more: object) -> Payload:
    share = {"name": "Acme", "asset_class": "Equity", "quantity": 1_000, "market_value": 300_000, lots[0]: lots[1]}
    rows = [
        share, {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 400_000},
        {"name": "World Equity Fund", "asset_class": "Equity", "market_value": 300_000},
    ]  # fmt: skip
    return {
        "As Of": "2026-03-31", "Currency": currency, "holdings": rows, "limits": {"single stock": "20%"},
    } | more  # fmt: skip


def _round(table: FactTable, fact_id: str) -> int | None:
    fact = table.find(fact_id)
    return None if fact is None else round(fact.value)


ORDERS: list[tuple[Payload, str]] = [
    ({"lotMethod": "FIFO"}, "first"), ({"cost basis method": "LIFO"}, "last"), ({"Tax Lot Method": "HIFO"}, "dearest"),
    ({"costBasisMethod": "average"}, "average"), ({"Verbrauchsfolge": "FIFO"}, "first"),
    ({"methode de cession": "PMP"}, "average"), ({"lot relief": "highest cost"}, "dearest"),
    ({"metodo di scarico": "costo medio ponderato"}, "average"), ({"share matching": "Section 104 pool"}, "average"),
]  # fmt: skip


@pytest.mark.parametrize("currency", ["EUR", "USD", "CHF"])
@pytest.mark.parametrize(("said", "order"), ORDERS)
def test_lots_are_sold_in_the_order_that_was_sent(said: Payload, order: str, currency: str, facts_of: Compute) -> None:
    table = facts_of(_hold(currency, LOTS[0], **said, tax={"gains rate": "25%"}))
    text = write_narrative(table, make_style("en_GB")).render()

    assert _round(table, "sales_gain") == GAINS[order]
    assert _round(table, "sales_tax.short") == round(GAINS[order] / 4)
    assert "as was sent" in text, text
    assert "Name the lots" not in text
    assert "With the dearest lots first" not in text


EXEMPT: list[tuple[Payload, int]] = [
    ({"tax": {"gains rate": "25%", "allowance": 1_000}}, 1_000), ({"CGT rate": "25%", "CGT allowance": 1_000}, 1_000),
    ({"Abgeltungsteuer": "25 %", "Freistellungsauftrag": "1.000 €"}, 1_000),
    ({"Abgeltungsteuer": "25 %", "Freistellungsauftrag": {"erteilt": 1_000, "genutzt": 400}}, 600),
    ({"Kapitalertragsteuer": {"Satz": "25 %", "Freistellungsauftrag": 1_000, "genutzt": 400}}, 600),
    ({"cgt": {"rate": 0.25, "annual exempt amount": 3_000, "used": 1_000}}, 2_000),
    ({"capital gains tax": {"rate": "25%"}, "annual exempt amount": 3_000}, 3_000),
    ({"CGT rate": "25%", "CGT annual exempt amount remaining": 1_200}, 1_200),
    ({"Abgeltungsteuer": "25,000 %", "Sparerpauschbetrag": 1_000}, 1_000), ({"tax": {"gains rate": "25%"}}, 0),
]  # fmt: skip


@pytest.mark.parametrize("lots", LOTS)
@pytest.mark.parametrize(("tax", "exempt"), EXEMPT)
def test_what_is_exempt_counts_and_an_open_order_is_told_both_ways(
    tax: Payload, exempt: int, lots: tuple[str, list[Payload]], facts_of: Compute
) -> None:
    table = facts_of(_hold("EUR", lots, **tax))
    text = write_narrative(table, make_style("en_GB")).render()

    assert _round(table, "sales_gain") == GAINS["first"], text
    assert _round(table, "sales_tax.short") == round((200_000 / 3 - exempt) / 4)
    assert _round(table, "sales_tax.dearest") == round((20_000 / 3 - exempt) / 4)
    assert "the first bought first, as no order was sent" in text, text
    assert "With the dearest lots first, where the client may choose" in text
    assert "in no figure here" not in text


@pytest.mark.parametrize(("currency", "order"), [("GBP", "average"), ("CAD", "average"), ("INR", "first")])
def test_the_law_of_a_currencys_country_says_an_order_that_nobody_chooses(
    currency: str, order: str, facts_of: Compute
) -> None:
    table = facts_of(_hold(currency, LOTS[0], tax={"gains rate": "25%"}))
    text = write_narrative(table, make_style("en_GB")).render()

    assert _round(table, "sales_gain") == GAINS[order]
    assert "as the law of the currency's country has it" in text, text
    assert "Name the lots" not in text


TERMS: list[tuple[str, Payload, int]] = [
    ("INR", {"tax": {"STCG rate": "20%", "LTCG rate": "12.5%", "LTCG exemption": 50_000}}, 2_083),
    ("INR", {"tax": {"STCG rate": "20%", "LTCG rate": "12.5%", "LTCG exemption": 125_000}}, 0),
    ("INR", {"STCG tax": "20%", "LTCG tax": "12.5%", "LTCG exemption": "₹50,000"}, 2_083),
    ("USD", {"tax": {"short term": "37%", "long term": "20%"}, "lotMethod": "FIFO"}, 13_333),
    ("USD", {"tax": {"short term": "37%", "long term": "20%"}, "lotMethod": "HIFO"}, 2_467),
    ("EUR", {"tax": {"short term": "30%", "long term": 0, "holding period": "12 months"}, "lotMethod": "LIFO"}, 2_000),
    ("EUR", {"tax": {"short term": "30%", "long term": 0, "long from": "3 years"}, "lotMethod": "FIFO"}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "tax", "due"), TERMS)
def test_each_lot_is_taxed_by_how_long_it_was_held(currency: str, tax: Payload, due: int, facts_of: Compute) -> None:
    table = facts_of(_hold(currency, LOTS[0], **tax))
    text = write_narrative(table, make_style("en_GB")).render()

    assert _round(table, "sales_tax.both") == due, text
    assert "how long each was held is not known" not in text


def test_an_exemption_for_long_gains_is_none_of_short_ones(facts_of: Compute) -> None:
    payload = _hold("INR", ("note", []), tax={"STCG rate": "20%", "LTCG rate": "12.5%", "LTCG exemption": 50_000})
    payload["holdings"][0] |= {"cost": 100_000}
    table = facts_of(payload)
    gain = 200_000 / 3

    assert _round(table, "sales_tax.short") == round(gain * 0.2)
    assert _round(table, "sales_tax.long") == round((gain - 50_000) * 0.125)
    assert "how long each was held is not known here" in write_narrative(table, make_style("en_GB")).render()


OPEN: list[list[Payload]] = [
    [{"date": "2015-01-05", "quantity": 600, "cost": 60_000}, {"date": "2025-10-01", "quantity": 300, "cost": 112_000}],
    [{"date": "2015-01-05", "quantity": 600, "cost": 60_000}, {"date": "2025-10-01", "quantity": 400}],
]


@pytest.mark.parametrize(("lots", "cost"), list(product(OPEN, [None, 172_000])))
def test_lots_that_make_no_whole_leave_the_tax_open(lots: list[Payload], cost: int | None, facts_of: Compute) -> None:
    payload = _hold("EUR", ("lots", lots), tax={"gains rate": "25%", "allowance": 1_000})
    payload["holdings"][0] |= {"cost": cost} if cost is not None else {}
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()

    assert _round(table, "sales_gain") is None
    assert "the gain and the tax of a sale cannot be said" in text, text
    assert "costs tax" not in text


def test_a_sale_for_a_payment_is_taxed_by_lots_and_uses_the_exemption_first(facts_of: Compute) -> None:
    need = [{"date": "2026-09-30", "amount": 100_000, "source": "Depot", "purpose": "house"}]
    payload = _hold("EUR", LOTS[0], plannedWithdrawals=need, lotMethod="FIFO",
                    tax={"gains rate": "25%", "allowance": 1_000})  # fmt: skip
    payload["holdings"][0]["account"] = "Depot"
    table = facts_of(payload)

    assert _round(table, "source_gain.depot") == GAINS["first"]
    assert _round(table, "payment_tax.depot") == round((200_000 / 3 - 1_000) / 4)
    assert _round(table, "sales_tax.short") == round(200_000 / 3 / 4)
    assert table.find("gains_exempt") is None

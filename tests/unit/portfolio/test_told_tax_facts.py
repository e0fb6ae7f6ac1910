"""What waiting saves where a lot becomes long-term soon, and what a sale for a planned payment costs in tax, by the
rates that the payload states; without them the fields are quoted."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
TAXES: list[Payload] = [
    {"tax": {"STCG rate": "20%", "LTCG rate": "12.5%", "LTCG exemption": "1,25,000", "LTCG realised FYTD": "38,000"}},
    {"taxes": {"shortTermRate": 0.2, "longTermRate": 0.125, "annualExemption": 125_000, "usedThisYear": 38_000}},
    {"Capital gains tax": {"short term": "20%", "long term": "12.5%", "exemption left": 87_000}},
]
LOTS: list[Payload] = [
    {"buy_dt": "24-Feb-2025", "term": "ST", "exit_load": "1% within 1 year"},
    {"Purchase date": "2025-02-24", "Term": "Short", "Exit load": "1% if redeemed within 365 days"},
    {"acquired": "24/02/2025", "holdingTerm": "short term", "exitLoad": "1% within 12 months"},
]


def _lots(lot: Payload, currency: str = "INR", **more: object) -> Payload:
    rows: list[Payload] = [
        {"name": "Nippon Small Cap Fund", "cost": 600_000, "market_value": 745_000, **lot},
        {"name": "Flexi Cap Fund", "cost": 400_000, "market_value": 812_000},
    ]
    return {"As Of": "2026-01-31", "Currency": currency, "holdings": rows} | more


@pytest.mark.parametrize(("lot", "tax"), list(product(LOTS, TAXES)))
def test_what_waiting_saves_is_computed_from_the_rates_that_were_sent(
    lot: Payload, tax: Payload, facts_of: Compute
) -> None:
    table = facts_of(_lots(lot, **tax))
    text = write_narrative(table, make_style("en_IN")).render()
    now, then, load, saved = (
        table.find(f"{name}.nippon_small_cap_fund") for name in ("tax_now", "tax_then", "exit_load", "tax_saved")
    )

    assert now is not None
    assert then is not None
    assert load is not None
    assert saved is not None
    assert (now.value, then.value, load.value, saved.value) == (29_000, 7_250, 7_450, 29_200)
    assert "from 25 February 2026" in text, text
    assert "waiting saves ₹29,200" in text


@pytest.mark.parametrize(("lot", "more"), [
    ({"buy_dt": "2025-02-24", "term": "LT"}, TAXES[0]), ({"buy_dt": "2025-09-01", "term": "ST"}, TAXES[0]),
    ({"buy_dt": "2025-02-24", "term": "ST"}, {}), ({"term": "ST"}, TAXES[0]),
    ({"buy_dt": "2025-02-24", "term": "ST"}, {"tax": {"rate": "20%", "Teilfreistellung": "30%"}}),
])  # fmt: skip
def test_nothing_is_computed_that_was_not_stated(lot: Payload, more: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_lots(lot, **more)), make_style("en_IN")).render()

    assert "waiting saves" not in text


def test_a_holding_period_is_that_of_the_currencys_law_alone(facts_of: Compute) -> None:
    assert (
        "waiting saves"
        not in write_narrative(facts_of(_lots(LOTS[0], "GBP", **TAXES[1])), make_style("en_GB")).render()
    )


GAINS = [
    {"cgt": {"annualExempt": 3000, "usedThisYear": 0, "rate": 0.24}},
    {"Capital gains tax": {"rate": "24%", "allowance": "£3,000"}}, {"cgt": {"rate": 24, "exemption remaining": 3000}},
]  # fmt: skip


@pytest.mark.parametrize("tax", GAINS)
def test_a_sale_for_a_payment_is_told_with_its_gain_and_its_tax(tax: Payload, facts_of: Compute) -> None:
    rows = [
        {"account": "GIA", "name": "Cash", "market_value": 73_784},
        {"account": "GIA", "name": "Global Equity Index Acc", "market_value": 88_450, "cost": 61_200},
        {"account": "ISA", "name": "Bond Fund", "market_value": 200_000, "cost": 210_000},
    ]
    need = {"date": "2027-01-15", "amount": 120_000, "source": "GIA", "purpose": "house"}
    payload = {"As Of": "2026-10-31", "Currency": "GBP", "holdings": rows, "plannedWithdrawals": [need]} | tax
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    gain, due, free = (table.find(f"{name}.gia") for name in ("source_gain", "payment_tax", "source_free_sale"))

    assert gain is not None
    assert due is not None
    assert free is not None
    assert (round(gain.value), round(due.value), round(free.value)) == (14_238, 2_697, 9_738)
    assert gain.value < Decimal(27_250)
    assert "realises a gain of £14,238 and costs tax of £2,697" in text, text
    assert "£9,738 of it can be sold within the exemption" in text


RATES: list[tuple[Payload, Decimal, int]] = [
    ({"CGT rate": "24%"}, Decimal(24), 0), ({"capital gains tax": 0.24}, Decimal(24), 0),
    ({"Abgeltungsteuer": "24 %"}, Decimal(24), 0),
    ({"CGT": {"rate": "24%", "annual exempt amount": 3_000}}, Decimal(24), 3_000),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "rate", "exempt"), RATES)
@pytest.mark.parametrize("cost", [100_000, 250_000])
def test_the_tax_of_the_sales_that_are_advised_is_told(
    sent: Payload, rate: Decimal, exempt: int, cost: int, facts_of: Compute
) -> None:
    rows = [
        {"name": "Shell", "asset_class": "Equity", "market_value": 300_000, "cost": cost, "account": "GIA"},
        {"name": "World ETF", "asset_class": "Equity", "market_value": 700_000, "cost": 1, "account": "ISA"},
    ]
    table = facts_of({"As Of": "2026-03-31", "Currency": "GBP", "holdings": rows} | sent)
    gain = Decimal(300_000 - cost) * 2 / 3  # of a sale of 200,000, down to a tenth

    assert round(table.find("sales_tax.short").value, 2) == round((gain - exempt) * rate / 100, 2)  # type: ignore[union-attr]
    assert "At the gains tax rate of 24%" in write_narrative(table, make_style("en_GB")).render()


@pytest.mark.parametrize("account", [None, "ISA"])
@pytest.mark.parametrize("cost", [400_000, 900_000, None])
def test_the_tax_of_trades_towards_a_model_is_told_where_there_is_one(
    account: str | None, cost: int | None, facts_of: Compute
) -> None:
    rows: list[Payload] = [
        {"name": "World Equity", "asset_class": "Equity", "market_value": 700_000, "model_weight": "60%"},
        {"name": "Gilts", "asset_class": "Bonds", "market_value": 300_000, "model_weight": "40%"},
    ]
    if cost is not None:
        rows[0]["cost"] = cost
    if account is not None:
        rows[0]["account"] = account
    table = facts_of({"Currency": "GBP", "total_portfolio_mv": 1_000_000, "assets": rows, "CGT rate": "24%"})
    tax = table.find("sales_tax.short")

    assert (tax is not None) is (account is None and cost == 400_000)
    if tax is not None:
        assert round(tax.value, 2) == round(Decimal(300_000) / 7 * Decimal("0.24"), 2)


def test_sales_that_are_not_advised_have_no_tax(facts_of: Compute) -> None:
    rows = [
        {"name": "World Equity", "asset_class": "Equity", "market_value": 610, "cost": 1, "model_weight": "60%"},
        {"name": "Gilts", "asset_class": "Bonds", "market_value": 390, "cost": 1, "model_weight": "40%"},
    ]
    text = write_narrative(facts_of({"Currency": "GBP", "total_portfolio_mv": 1_000, "assets": rows, "CGT": "24%"}),
                           make_style("en_GB")).render()  # fmt: skip

    assert "tax of" not in text


@pytest.mark.parametrize("rates", [{"ST": "37%", "LT": "20%"}, {"short term": "37%", "long term": "20%"}])
def test_two_rates_are_both_told_where_no_lot_says_which(rates: Payload, facts_of: Compute) -> None:
    rows = [{"name": "MICROSOFT CORP", "asset_class": "Equity", "market_value": 300_000, "cost": 100_000},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 700_000, "cost": 600_000}]  # fmt: skip
    payload = {"As Of": "2026-03-31", "Currency": "USD", "holdings": rows, "TaxRates": rates}
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()

    assert table.find("sales_tax.long").value < table.find("sales_tax.short").value  # type: ignore[union-attr]
    assert "for what was held long that costs tax of" in text, text

"""What is planned to be paid out and in, in the many shapes in which systems send it: read into amounts, days, purposes
and sources, told as a sentence, and held against the money of the source that is named."""

import re
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import read
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
TODAY = "2026-10-31"


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


def _hold(**more: object) -> Payload:
    rows = [
        {"account": "GIA", "name": "Cash", "market_value": 14_300},
        {"account": "GIA", "name": "UK Treasury 0.125% 30/01/2027", "market_value": 59_484, "maturity": "2027-01-30"},
        {"account": "GIA", "name": "Global Equity Index Acc", "market_value": 88_450},
        {"account": "GIA", "name": "UK Commercial Property Fund", "market_value": 52_000,
         "dealingStatus": "SUSPENDED"},
        {"account": "ISA", "name": "Sterling Corporate Bond Fund", "market_value": 48_900},
        {"account": "ISA", "name": "Cash", "market_value": 1_120},
        {"account": "SIPP", "name": "Multi-Asset Growth Fund", "market_value": 236_400},
    ]  # fmt: skip
    return {"As Of": TODAY, "Currency": "GBP", "holdings": rows} | more


ENTRIES = [
    {"date": "2027-01-15", "amount": 20_000, "purpose": "house deposit"},
    {"Due Date": "15/01/2027", "Amt": "£20,000", "Reason": "house deposit"},
    {"when": "15 Jan 2027", "value": "20,000.00", "for": "house deposit", "id": 4711},
    {"Datum": "15.01.2027", "Betrag": "20.000,00", "Zweck": "house deposit"},
    {"date": "15/01/2027", "montant": "20 000", "objet": "house deposit"},
    {"ref": 98_000, "date": "2027-01-15", "amountGBP": 20000, "description": "house deposit"},
]  # fmt: skip
FIELDS = [
    "plannedWithdrawals", "Planned Withdrawals", "upcoming_payments", "Geplante Bezüge", "Geplante Entnahmen",
    "Retraits prévus", "Spending plan", "cashNeeds", "Capital Calls", "Next 12 Months", "Zahlungsplan", "Échéancier",
    "Planned Distributions", "Tax Due",
]  # fmt: skip


@pytest.mark.parametrize(("field", "entry"), list(product(FIELDS, ENTRIES)))
@pytest.mark.parametrize("shape", ["list", "object", "inside"])
def test_a_planned_payment_is_told_with_amount_day_and_purpose(
    field: str, entry: Payload, shape: str, facts_of: Compute
) -> None:
    value: object = {"list": [entry], "object": entry, "inside": {"items": [entry]}}[shape]
    text = write(_hold(**{field: value}), facts_of)

    assert "£20,000 is spoken for: it is planned for 15 January 2027 (house deposit)" in text, text


AMOUNTS_BY_NAME = [
    {"Capital Calls": 9_000, "Tax Due": 1_000},
    {"Est. Capital Calls": "£9,000", "Taxes due": "£1,000"},
    {"Family Spending": 9_000, "Tax Payable": 1_000},
    {"Kapitalabrufe": "9.000", "Steuerschuld": "1.000"},
    {"Appels de fonds": "9 000", "Impôts": "1 000"},
]


@pytest.mark.parametrize("amounts", AMOUNTS_BY_NAME)
@pytest.mark.parametrize("field", ["Next 12M", "cash plan", "Liquiditätsplan", "Besoins"])
def test_amounts_by_name_are_needs_each(field: str, amounts: Payload, facts_of: Compute) -> None:
    text = write(_hold(**{field: amounts}), facts_of)

    assert "£10,000 is spoken for" in text, text
    assert all(f"for {name}" in text for name in amounts)


@pytest.mark.parametrize("day", ["2027-01-15", "2027-02-15"])
@pytest.mark.parametrize("source", ["sourceWrapper", "source", "From account", "Quelle", "compte", "paid from"])
def test_a_need_is_held_against_the_cash_of_its_source_and_what_can_be_sold_before(
    source: str, day: str, facts_of: Compute
) -> None:
    need = {"date": day, "amount": 120_000, "purpose": "house deposit (daughter)", source: "GIA"}
    table = facts_of(_hold(plannedWithdrawals=[need]))
    text = write_narrative(table, make_style("en_GB")).render()
    short = table.find("source_short.gia")

    assert short is not None
    assert short.value == (105_700 if day < "2027-01-30" else 46_216)
    assert "Cash in GIA comes to £14,300" in text
    assert ("matures on 30 January 2027, too late for it" in text) is (day < "2027-01-30")
    assert "£46,216" in text
    assert "UK Commercial Property Fund (£52,000) counts for nothing" in text
    assert "1,120" not in text.partition("Cash in GIA")[2].partition("To consider")[0]


def test_a_source_with_enough_cash_leaves_some(facts_of: Compute) -> None:
    need = {"date": "2027-01-15", "amount": 10_000, "source": "GIA"}
    text = write(_hold(plannedWithdrawals=[need]), facts_of)

    assert "which leaves £4,300 of the cash in GIA" in text


@pytest.mark.parametrize("field", ["pending_orders", "Pipeline", "last_withdrawals", "trade history", "gains", "Lots"])
def test_what_is_no_payment_of_the_client_is_no_need(field: str, facts_of: Compute) -> None:
    item = {"date": "2027-01-15", "amount": 20_000, "purpose": "redeem all"}

    assert "spoken for" not in write(_hold(**{field: [item]}), facts_of)


INFLOWS = [
    "plannedDeposit", "Planned Contribution", "expected_inflows", "geplanteEinzahlung", "Geplante Einzahlungen",
    "Versement prévu", "Apport prévu", "plannedContributions",
]  # fmt: skip


@pytest.mark.parametrize("field", INFLOWS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_planned_deposit_is_no_need(field: str, entry: Payload, facts_of: Compute) -> None:
    text = write(_hold(**{field: entry}), facts_of)

    assert "spoken for" not in text
    assert "£20,000 is expected on 15 January 2027 (house deposit)" in text, text


def _model(deposit: int, field: str = "plannedDeposit") -> Payload:
    rows = [("World ETF", 97_380, 45), ("EM ETF", 15_120, 10), ("Govt Bond ETF", 34_200, 25),
            ("Corp Bond ETF", 23_580, 15), ("Cash", 9_720, 5)]  # fmt: skip
    assets = [{"name": name, "market_value": value, "model_weight": f"{model}%"} for name, value, model in rows]
    return {"As Of": TODAY, "Currency": "EUR", "total_portfolio_mv": 180_000, "assets": assets, "Default Band": "5%",
            field: {"date": "2026-12-01", "amount": deposit, "purpose": "Bonus"}}  # fmt: skip


@pytest.mark.parametrize("deposit", [8_000, 25_000, 60_000])
def test_what_a_deposit_alone_cures_needs_no_sale(deposit: int, facts_of: Compute) -> None:
    table = facts_of(_model(deposit))
    text = write_narrative(table, make_style("en_GB")).render()
    put = sum(fact.value for fact in table.list_measure("trade", "deposit."))
    after = table.find("deposit_breaches")

    assert put == deposit
    assert after is not None
    assert ("without a sale" in text) is (after.value == 0)
    assert (after.value == 0) is (deposit >= 25_000)
    assert ("To return to the model, sell" in text) is (after.value > 0)


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_read_as_a_need_has_its_parts(field: str, catalogue: Catalogue) -> None:
    value = [{"date": "2027-01-15", "amount": 20_000, "purpose": "house", "source": "GIA"}]
    (found,) = detect([_hold(**{field: value})], catalogue.sections)
    assert isinstance(found, Detected)
    (need,) = read(found, catalogue).needs

    assert (need.amount is not None and need.amount.value, need.purpose, need.source) == (20_000, "house", "GIA")


@pytest.mark.parametrize(("day", "is_need"), [("2027-03-15", True), ("2031-03-15", False)])
@pytest.mark.parametrize("field", ["goals", "Ziele", "objectifs"])
def test_a_goal_that_is_due_within_a_year_is_a_need(day: str, field: str, is_need: bool, facts_of: Compute) -> None:
    goal = {"goal": "Flat booking amount", "amt": 7_000, "due": day}
    text = write(_hold(**{field: [goal]}), facts_of)

    assert ("£7,000 is spoken for" in text) is is_need, text
    assert ("The client saves for this" in text) is not is_need


@pytest.mark.parametrize(("cash", "gap"), [(205_000, "$227,000"), (0, "$432,000"), (431_000, "$1,000")])
def test_an_overview_asks_for_what_the_cash_is_short_of(cash: int, gap: str, facts_of: Compute) -> None:
    payload = {
        "Market Value": "$8,640,000", "Investment Value": "$7,200,000", "As Of": "2026-09-30", "Cash": f"${cash:,}",
        "Top Asset": "World ETF", "XIRR_SI": "5.8%", "Benchmark XIRR": "6.1%",
        "scheduledDistribution": [{"date": "2026-12-31", "amount": "$432,000", "purpose": "Annual grants"}],
    }  # fmt: skip
    text = write_narrative(facts_of(payload), make_style("en_US")).render()

    assert f"Plan now what is sold for the {gap} that has to be found" in text


_DUE = {"date": "2026-12-31", "amount": "$432,000", "purpose": "Grants"}
_CLIENT = {"Client Name": "Foundation", "As Of": "2026-09-30"}
SECTIONS: dict[str, Payload] = {
    "movers": {"Period": "Q3 2026", "top_movers_data": [
        {"name": "Alpha", "begWt": "12%", "return": "-31%"}, {"name": "Beta", "begWt": "6%", "return": "8.5%"}]},
    "movers, a column of others' figures": {"Period": "Q3 2026", "top_movers_data": [
        {"name": "Alpha", "return": "-31%", "contribution": "-3.72%"},
        {"name": "Beta", "return": "8.5%", "contribution": "0.51%"}]},
    "holdings": {"holdings": [{"name": "World ETF", "market_value": 90_000}, {"name": "Cash", "market_value": 9_000}]},
    "holdings, a weight that is none": {"holdings": [
        {"name": "World ETF", "market_value": 90_000, "weight": "5x"}, {"name": "Cash", "market_value": 9_000}]},
    "overview": {"Market Value": "$8,640,000", "Investment Value": "$7,200,000", "Top Asset": "Bond ETF",
                 "Cash": "$205,000", "XIRR_SI": "5.8%"},
}  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("entry", [_DUE, {**_DUE, "amount": "CHF 432,000"}, {**_DUE, "amount": "open"}])
def test_no_text_has_empty_brackets_or_the_places_of_cells(section: str, entry: Payload, facts_of: Compute) -> None:
    text = write(_CLIENT | SECTIONS[section] | {"scheduledDistribution": [entry]}, facts_of)

    assert "()" not in text
    assert "( )" not in text
    assert not re.search(r"\w\[\d+\]", text), text


@pytest.mark.parametrize(("cash", "short"), [("$205,000", "$227,000"), ("$1,000", "$431,000"), ("$431,000", "$1,000")])
def test_what_has_to_be_sold_is_what_the_cash_that_was_sent_lacks(cash: str, short: str, facts_of: Compute) -> None:
    text = write(_CLIENT | SECTIONS["overview"] | {"Cash": cash, "scheduledDistribution": [_DUE]}, facts_of)

    assert f"US{short} has to come from elsewhere than the cash" in text
    assert f"what is sold for the US{short} that has to be found" in text, text


RECURRING = [
    "recurringDeposit", "Recurring contribution", "monthly_contribution", "Monthly Deposit", "autoDeposit",
    "regularContributions", "scheduled deposits", "SIP", "Sparplan", "Monatliche Einzahlung", "versement programmé",
    "Versement mensuel", "aportación mensual", "maandelijkse inleg", "transfer in", "deposit", "contribution",
]  # fmt: skip
PAID_IN = [
    {"amount": 600, "frequency": "monthly", "next": "2026-12-05"},
    {"amt": "£600", "frequency": "monthly", "Date": "05 Dec 2026"},
    {"date": "2026-12-05", "value": "600.00", "interval": "month"},
]


@pytest.mark.parametrize("field", RECURRING)
@pytest.mark.parametrize("entry", PAID_IN)
@pytest.mark.parametrize("shape", ["list", "object"])
def test_what_is_paid_in_again_and_again_is_expected_and_no_need(
    field: str, entry: Payload, shape: str, facts_of: Compute
) -> None:
    text = write(_hold(**{field: [entry] if shape == "list" else entry}), facts_of)

    assert "spoken for" not in text, text
    assert "set aside" not in text
    assert "£600 is expected on 5 December 2026" in text, text


UNDECIDED = ["deposit", "Contribution", "transfer", "standingOrder", "Dauerauftrag", "recurring transfer", "Versement"]


@pytest.mark.parametrize("field", UNDECIDED)
def test_what_may_go_either_way_is_quoted(field: str, facts_of: Compute) -> None:
    text = write(_hold(**{field: {"date": "2026-12-05", "amount": 600}}), facts_of)

    assert "spoken for" not in text, text
    assert "is expected" not in text
    assert "600" in text


@pytest.mark.parametrize("field", ["recurringTransfer", "transfer", "Dauerauftrag"])
@pytest.mark.parametrize(("way", "is_need"), [("withdrawal", True), ("out", True), ("deposit", False), ("in", False)])
def test_an_entry_that_says_its_direction_is_read_by_it(field: str, way: str, is_need: bool, facts_of: Compute) -> None:
    text = write(_hold(**{field: {"date": "2026-12-05", "amount": 600, "direction": way}}), facts_of)

    assert ("£600 is spoken for" in text) is is_need, text
    assert ("£600 is expected on 5 December 2026" in text) is not is_need


@pytest.mark.parametrize("field", ["recurringWithdrawal", "house deposit", "monthly spending", "transfer out"])
def test_what_is_paid_out_again_and_again_is_a_need(field: str, facts_of: Compute) -> None:
    text = write(_hold(**{field: {"date": "2026-12-05", "amount": 600, "frequency": "monthly"}}), facts_of)

    assert "£7,200 is spoken for: it is planned for a year of" in text, text


@pytest.mark.parametrize("amount", ["open", "USD 600"])
def test_a_deposit_that_no_figure_takes_is_quoted(amount: str, facts_of: Compute) -> None:
    text = write(_hold(recurringDeposit={"amount": amount, "frequency": "monthly", "next": "2026-12-05"}), facts_of)

    assert "spoken for" not in text
    assert amount in text, text


@pytest.mark.parametrize("part", ["scheme", "fund", "ISIN", "into", "ticker"])
def test_what_is_paid_in_for_one_fund_is_no_money_to_put_elsewhere(part: str, facts_of: Compute) -> None:
    text = write(_hold(SIP={part: "Flexi Cap Fund", "amount": 600, "next": "2026-12-05"}), facts_of)

    assert "spoken for" not in text
    assert "is expected" not in text, text
    assert "Flexi Cap Fund" in text

"""What a plan of sales rests on: what can be sold in part, what is riskiest, which currency it is in, and how it is
taxed."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
HELD = ("holdings", "concentration")
WORLD = {"name": "World ETF", "asset_class": "Equity", "market_value": 50_000, "cost": 50_000}


def write(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


def list_advice(text: str) -> list[str]:
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def test_the_gain_of_a_sale_is_a_capital_gain_and_no_taxed_amount(facts_of: Compute) -> None:
    for worth, cost, account in itertools.product((40_000, 60_000), (10_000, 30_000), ("Taxable", "GIA")):
        share = {"asset_class": "Equity", "account": account}
        rows = [share | {"name": "Acme Group", "market_value": worth, "cost": cost},
                share | {"name": "Loss plc", "market_value": 5_000, "cost": 9_000}, WORLD]  # fmt: skip
        advice = " ".join(list_advice(write(facts_of({"holdings": rows, "Currency": "GBP"}))))
        sold = Decimal(worth) - Decimal(worth + 55_000) / 10

        assert f"a capital gain of {STYLE.money(sold * (worth - cost) / worth, 'GBP')}" in advice
        assert "can be set against it only once it is realised (sold)" in advice
        assert "taxable gain" not in advice


WHOLE = [
    ("Investment flat Geelong", "Property", None), ("Holiday house Cornwall", "Real Estate", None),
    ("Bauland Potsdam", "Immobilien", None), ("Farmland Iowa", "Real Estate", None),
    ("Eigentumswohnung Wien", "Real Estate", None), ("Wine bar", "Private company", None),
    ("Meier Maschinenbau", "Equity", "Unlisted equity"), ("Stake in Patel Foods", "Private Equity", None),
    ("12 Oak Street", "Residential property", None),
]  # fmt: skip
PARTS = [("Segro", "Real Estate", None), ("Land Securities", "Equity", None), ("House Foods", "Equity", None),
         ("Acme Group", "Equity", "Listed equity")]  # fmt: skip


@pytest.mark.parametrize("section", HELD)
@pytest.mark.parametrize(("name", "kind", "type_"), [*WHOLE, *PARTS])
def test_what_cannot_be_sold_in_part_is_kept_or_sold_whole(
    name: str, kind: str, type_: str | None, section: str, facts_of: Compute
) -> None:
    whole = (name, kind, type_) in WHOLE
    rows: list[Payload] = [
        {"name": name, "asset_class": kind, "market_value": 40_000, "cost": 9_000, "account": "Taxable",
         "sector": "Other", "issuer": name} | ({"kind": type_} if type_ else {}),
        {"name": "Beta Group", "asset_class": "Equity", "market_value": 30_000, "issuer": "Beta"}, WORLD,
    ]  # fmt: skip
    table = facts_of({section: rows, "Currency": "GBP", "limits": {"illiquid": 20, "position": 12}})
    advice = list_advice(write(table))
    own = [line for line in advice if name in line]

    assert (table.find("reduction." + name.casefold().replace(" ", "_")) is None) is whole
    assert any("it can only be sold whole" in line for line in own) is whole
    assert any("£" in line for line in own) is not whole, own
    if whole:
        assert not any("illiquid assets" in line and "£" in line for line in advice), advice


@pytest.mark.parametrize("rule", ["issuer", "currency"])
@pytest.mark.parametrize("flat", [40, 60, 80])
def test_what_the_sales_leave_above_a_limit_is_not_passed_over_where_the_rest_can_only_be_sold_whole(
    rule: str, flat: int, facts_of: Compute
) -> None:
    alike = {"issuer": "Brown family", "currency": "USD"}
    rows = [alike | {"name": "Flat in Leeds", "asset_class": "Property", "market_value": flat},
            alike | {"name": "Brown Group", "asset_class": "Equity", "market_value": 30},
            {"name": "World ETF", "asset_class": "Equity", "issuer": "World", "currency": "GBP", "market_value": 40},
            ]  # fmt: skip
    advice = list_advice(write(facts_of({"holdings": rows, "Currency": "GBP", "Fx Rates": {"USD": 1},
                                         "limits": {rule: 25}})))  # fmt: skip
    named = [line for line in advice if alike[rule] in line and not line.startswith("Bring Brown Group")]

    assert named, advice
    assert not any("\u00a3" in line for line in named), named


BONDS = [("US Treasury 4% 2030", "USD"), ("Apple 3% 2031", "USD"), ("Gilt 4% 2032", "GBP"), ("Nestle 2% 2029", "CHF")]


@pytest.mark.parametrize("section", HELD)
@pytest.mark.parametrize(("name", "code"), BONDS)
@pytest.mark.parametrize("base", ["EUR", "own"])
def test_the_main_risk_of_a_bond_in_a_foreign_currency_is_the_currency(
    name: str, code: str, base: str, section: str, facts_of: Compute
) -> None:
    own = code if base == "own" else base
    rows = [{"name": name, "asset_class": "Bonds", "currency": code, "market_value": 40_000},
            {"name": "Tagesgeld", "asset_class": "Cash", "currency": own, "market_value": 30_000},
            {"name": "Novo", "asset_class": "Equity", "currency": "DKK", "market_value": 15_000}]  # fmt: skip
    text = write(facts_of({section: rows, "Currency": own, "Risk Profile": "Conservative",
                           "Fx Rates": {"USD": 1, "GBP": 1, "CHF": 1, "DKK": 1}}))  # fmt: skip
    abroad = code != own

    assert (f"{name} is a bond in a foreign currency: the exchange rate is its main risk, before" in text) is abroad
    if abroad:
        assert f"{name}, with a weight of {STYLE.percent(Decimal(40_000) / 850)}" in text, text
        assert any(name in line for line in list_advice(text)[:2]), text  # sold as a single name, or moved first


@pytest.mark.parametrize(
    ("name", "code"), [*BONDS, ("USD Aggregate Bond Fund", "USD"), ("Apple 2031 EUR Hedged", "USD")]
)
@pytest.mark.parametrize("base", ["EUR", "own"])
def test_among_bonds_the_currency_comes_before_what_rates_can_do(
    name: str, code: str, base: str, facts_of: Compute
) -> None:
    own = code if base == "own" else base
    rows = [{"name": name, "market_value": 40, "currency": code, "duration": 4, "ytm": "3%"},
            {"name": "Bund 2033", "market_value": 60, "currency": own, "duration": 6, "ytm": "3%"}]  # fmt: skip
    text = write(facts_of({"fixed_income": rows, "Currency": own, "Fx Rates": {"USD": 1, "GBP": 1, "CHF": 1}}))
    told = text.find(f"{name} is a bond in a foreign currency: the exchange rate is its main risk")

    assert (told >= 0) is (code != own and "Fund" not in name and "Hedged" not in name), text
    assert told < text.find("With a modified duration"), text


@pytest.mark.parametrize("rate", [9, 14, 21])
@pytest.mark.parametrize("rating", ["CCC", "BB", None])
def test_the_yield_without_what_lifts_it_is_told_and_compared_with_inflation(
    rate: int, rating: str | None, facts_of: Compute
) -> None:
    rows: list[Payload] = [
        {"name": "State 2042", "market_value": 40_000, "ytm": "0.7%", "rating": "AAA", "duration": 14},
        {"name": "Bank 2029", "market_value": 50_000, "ytm": "0.9%", "rating": "AA", "duration": 3},
        {"name": "Junk 2029", "market_value": 10_000, "ytm": f"{rate}%", "duration": 2}
        | ({"rating": rating} if rating else {}),
    ]
    text = write(facts_of({"fixed_income": rows, "Currency": "CHF", "As Of": "2026-10-31", "Inflation": "1.0%"}))
    plain = Decimal("7.3") / 9

    assert f"Without Junk 2029 the average yield is {STYLE.percent(plain)}. The average yield" in text, text
    assert "Inflation is 1% a year, and without Junk 2029" in text


RISKS = [("Weak 7% 2028", "Bonds", "B"), ("Acme Group", "Equity", None), ("Sound 3% 2030", "Bonds", "BBB+"),
         ("Prime 3% 2033", "Bonds", "AAA")]  # fmt: skip


@pytest.mark.parametrize("sizes", list(itertools.permutations((600, 500, 400, 300)))[::3])
def test_what_is_riskiest_goes_first_and_the_safest_last(sizes: tuple[int, ...], facts_of: Compute) -> None:
    rows: list[Payload] = [
        {"name": name, "asset_class": kind, "market_value": size * 1000, "issuer": name.split()[0]}
        | ({"rating": rating} if rating else {})
        for (name, kind, rating), size in zip(RISKS, sizes, strict=True)
    ]
    advice = list_advice(write(facts_of({"concentration": rows, "Currency": "SGD", "limits": {"position": 12}})))
    sale = next(line for line in advice if line.startswith("Bring ") and "in this order" in line)
    order = [sale.find(name) for name, _, _ in RISKS[:3]]

    assert order == sorted(order), sale
    assert order[0] > 0, sale
    assert any("Prime 3% 2033 can wait" in line for line in advice), advice


@pytest.mark.parametrize(("name", "kind"), [("Ascendas REIT", "REIT"), ("World ETF", "Equity"), ("LIC plc", "LIC")])
@pytest.mark.parametrize("own", [True, False])
def test_a_fund_past_the_clients_own_limit_for_a_position_is_told_to_be_so(
    name: str, kind: str, own: bool, facts_of: Compute
) -> None:
    rows = [{"name": name, "asset_class": kind, "market_value": 30},
            {"name": "Sweep", "asset_class": "Cash", "market_value": 70}]  # fmt: skip
    text = write(facts_of({"holdings": rows, "Currency": "GBP"} | ({"limits": {"position": 12}} if own else {})))

    assert (f"{name} (30%) is above the client's own limit of 12% as a position too" in text) is own, text


@pytest.mark.parametrize("big", [10, 30, 60])
def test_the_top_five_have_an_action_of_their_own_only_where_the_sales_do_not_mend_them(
    big: int, facts_of: Compute
) -> None:
    sizes = [big, *[9] * 5, *[3] * 12]
    rows = [{"name": f"Firm {place}", "asset_class": "Equity", "market_value": size}
            for place, size in enumerate(sizes)]  # fmt: skip
    table = facts_of({"holdings": rows, "Currency": "GBP", "limits": {"top_five": 25, "position": 20}})
    advice = list_advice(write(table))

    assert sum("top 5" in line for line in advice) == 1
    assert ("funds of many names" in " ".join(advice)) is (big == 10)


def _within(**more: object) -> dict[str, Any]:
    rows = [("US Equity", "VTI", 68_195, "45%"), ("International Equity", "VXUS", 34_097.5, "25%"),
            ("US Bonds", "BND", 35_580, "25%"), ("Cash", None, 10_377.5, "5%")]  # fmt: skip
    assets = [
        {"assetClass": kind, "ticker": ticker, "mktValue": value, "targetWt": model}
        for kind, ticker, value, model in rows
    ]
    return {"asOf": "2026-11-27", "Currency": "USD", "total_portfolio_mv": 148_250, "Default Band": "5%",
            "assets": assets, **more}  # fmt: skip


_SAVED = {"recurringDeposit": {"amount": 600, "frequency": "monthly", "next": "2026-12-05"}}
_TAKEN = {"plannedWithdrawals": [{"amount": 600, "date": "2026-12-05", "purpose": "trip"}]}


@pytest.mark.parametrize("more", [{}, _SAVED, _TAKEN])
def test_within_the_bands_no_trades_are_spoken_of_and_money_is_put_as_it_flows(
    more: dict[str, Any], facts_of: Compute
) -> None:
    text = write_narrative(facts_of(_within(**more)), make_style("en_US")).render()

    assert "no trade is due" in text
    assert "trades towards the model" not in text
    assert "Unnamed" not in text
    assert "withdrawals to bring" not in text
    assert ("the coming deposit to bring VXUS" in text) is (more is _SAVED), text
    assert ("what has to be paid to bring Cash" in text) is (more is _TAKEN)
    assert ("new money to bring VXUS" in text) is (not more)


@pytest.mark.parametrize(
    ("name", "is_bare"), [("VGS", True), ("VWRL.L", True), ("BHP Group", False), ("Siemens", False)]
)
def test_a_ticker_alone_may_be_a_fund(name: str, is_bare: bool, facts_of: Compute) -> None:
    rows = [{"name": name, "asset_class": "Equity", "market_value": 30_000}, WORLD]
    text = write(facts_of({"holdings": rows, "Currency": "AUD"}))

    assert (f"Make sure first that {name} is no fund" in text) is is_bare, text

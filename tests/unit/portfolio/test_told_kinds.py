"""What a builtin text must say beside a figure, kind by kind: whose a limit is, what a grade means, over which time."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
DEFAULT = make_style("en_IN", stated=False)


def write(payload: Payload, facts_of: Compute) -> str:
    table = facts_of(payload)
    return write_narrative(table, DEFAULT.suited_to(table.currency)).render()


@pytest.mark.parametrize(
    ("currency", "locale", "printed"),
    [("INR", "en_IN", "₹12,34,567"), ("GBP", "en_GB", "£1,234,567"), ("USD", "en_US", "$1,234,567"),
     ("EUR", "en_150", "€1,234,567"), ("CHF", "en_CH", "CHF 1’234’567"), ("AUD", "en_AU", "A$1,234,567"),
     ("CAD", "en_CA", "C$1,234,567"), ("SGD", "en_SG", "S$1,234,567"), ("XAF", "en_001", "FCFA 1,234,567")],
)  # fmt: skip
def test_without_a_stated_locale_the_currency_decides_how_figures_are_written(
    currency: str, locale: str, printed: str
) -> None:
    style = DEFAULT.suited_to(currency)

    assert (style.locale, style.money_in_full(Decimal(1234567), currency)) == (locale, printed)


@pytest.mark.parametrize("locale", ["en_IN", "de_DE", "en_US"])
@pytest.mark.parametrize("currency", ["GBP", "INR", None])
def test_a_stated_locale_stands_whatever_the_currency(locale: str, currency: str | None) -> None:
    assert make_style(locale).suited_to(currency).locale == locale


@pytest.mark.parametrize(("locale", "currency"), [("de_DE", "EUR"), ("fr_FR", "EUR"), ("en_IN", "INR"), ("de", "EUR")])
def test_a_default_stands_where_its_country_pays_in_the_currency(locale: str, currency: str) -> None:
    assert make_style(locale, stated=False).suited_to(currency).locale == locale


RULES = {
    "single_name": [{"name": "Acme", "asset_class": "Equity"}, {"name": "World ETF", "asset_class": "Equity"}],
    "sector": [{"name": "A ETF", "sector": "Energy"}, {"name": "B ETF", "sector": "Banks"}],
    "region": [{"name": "A ETF", "region": "Japan"}, {"name": "B ETF", "region": "Europe"}],
    "account": [{"name": "A ETF", "account": "Custodian A"}, {"name": "B ETF", "account": "GIA"}],
    "issuer": [{"name": "A ETF", "issuer": "Acme"}, {"name": "B ETF", "issuer": "Beta"}],
}


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("own", [True, False])
def test_a_limit_is_told_with_whose_it_is(rule: str, own: bool, facts_of: Compute) -> None:
    first, second = RULES[rule]
    rows = [first | {"market_value": 900}, second | {"market_value": 100}]
    text = write({"concentration": rows, "limits": {rule: "50%"}} if own else {"concentration": rows}, facts_of)

    assert ("the client's own limit of 50%" in text) is own
    assert own or "the house limit of" in text
    assert text.count("a default, as the client has set none") <= 1


@pytest.mark.parametrize(
    ("rating", "meaning"),
    [("BB+", "speculative"), ("Ba2", "speculative"), ("B-", "highly speculative"), ("CCC", "close to default"),
     ("Caa1", "close to default"), ("CC", "edge of default"), ("[ICRA]D", "failed to pay"),
     ("CRISIL D", "failed to pay")],
)  # fmt: skip
def test_a_grade_below_investment_grade_is_told_with_its_meaning(rating: str, meaning: str, facts_of: Compute) -> None:
    bonds = [
        {"name": "Gilt", "market_value": 70, "ytm": "4%", "duration": 1, "maturity": "2030-01-01", "rating": "AA"},
        {"name": "Weak", "market_value": 30, "ytm": "9%", "duration": 3, "maturity": "2031-01-01", "rating": rating},
    ]

    text = write({"fixed_income": bonds, "As Of": "2026-06-30", "Currency": "GBP"}, facts_of)

    assert f"Weak is rated {rating}" in text
    assert meaning in text


@pytest.mark.parametrize(("periods", "word"), [(12, "monthly"), (4, "quarterly"), (52, "weekly"), (252, "daily")])
def test_value_at_risk_is_told_with_horizon_confidence_and_method(periods: int, word: str, facts_of: Compute) -> None:
    returns = ["2%", "-3%", "1%", "-1%", "4%", "-2%"] * 20

    text = write({"returns": returns, "periods_per_year": periods}, facts_of)

    assert f"This is the historical value at risk at 95%, read off {word} returns." in text


@pytest.mark.parametrize(
    ("benchmark", "equity", "told"),
    [("Nifty 50 TRI", 58, True), ("S&P 500", 68, True), ("MSCI World", 97, False), ("60/40 composite", 58, False),
     ("Bloomberg US Aggregate", 58, True), ("Balanced composite", 58, False)],
)  # fmt: skip
def test_a_benchmark_of_another_class_is_told_to_be_one(
    benchmark: str, equity: int, told: bool, facts_of: Compute
) -> None:
    payload = {
        "Market Value": "120000", "Investment Value": "100000", "Top Asset": f"Equity ({equity}%)", "Currency": "USD",
        "XIRR_SI": "8%", "Benchmark XIRR": "11%", "Benchmark Name": benchmark,
        "Asset Allocation": {"Equity": f"{equity}%", "Bonds": f"{100 - equity}%"},
    }  # fmt: skip

    text = write(payload, facts_of)

    assert ("the two differ in what they hold" in text) is told
    assert ("blended benchmark" in text) is told


@pytest.mark.parametrize(("name", "told"), [("World Index Fund", True), ("Acme Inc", False)])
def test_a_funds_listing_currency_is_not_told_as_its_exposure(name: str, told: bool, facts_of: Compute) -> None:
    rows = [{"name": name, "currency": "USD", "market_value": 600}, {"name": "B plc", "currency": "GBP",
                                                                     "market_value": 400}]  # fmt: skip

    text = write({"holdings": rows, "Base Currency": "GBP", "Fx Rates": {"USD": 1}}, facts_of)

    assert ("no more than quoted in it" in text) is told
    assert ("exchange rates can undo" in text) is not told


@pytest.mark.parametrize("accounts", [("ISA", "SIPP"), ("Demat 1", "Demat 2")])
def test_gains_of_one_position_are_told_by_account(accounts: tuple[str, str], facts_of: Compute) -> None:
    rows = [{"name": "Shell", "market_value": 62000, "cost": 40000, "account": accounts[0]},
            {"name": "Shell", "market_value": 31000, "cost": 36000, "account": accounts[1]},
            {"name": "World ETF", "market_value": 90000, "cost": 80000, "account": accounts[0]}]  # fmt: skip

    text = write({"holdings": rows, "Currency": "GBP"}, facts_of)

    assert f"Shell ({accounts[0]}) stands at a gain of £22,000" in text
    assert f"Shell ({accounts[1]}) stands at a loss of £5,000" in text
    assert "Choose the account before Shell is sold" in text


def test_a_bond_that_is_overdue_is_told_first(facts_of: Compute) -> None:
    bonds = [{"name": "Gone", "market_value": 30, "maturity": "2025-09-30", "coupon": "9%"},
             {"name": "Gilt", "market_value": 70, "maturity": "2030-09-30", "coupon": "4%"}]  # fmt: skip

    text = write({"fixed_income": bonds, "As Of": "2026-06-30", "Currency": "GBP"}, facts_of)

    assert text.split("\n\n")[1].startswith("Gone fell due on 30 September 2025 and is listed still")


@pytest.mark.parametrize(("need", "gap"), [(30000, "£20,000"), (9000, None)])
def test_what_income_leaves_open_is_told_in_money(need: int, gap: str | None, facts_of: Compute) -> None:
    payload = {"income": [{"name": "Fund", "market_value": 200000, "income": 10000}], "annual_need": need,
               "Currency": "GBP"}  # fmt: skip

    text = write(payload, facts_of)

    assert (f"the rest, {gap} a year, has to come from elsewhere" in text) is (gap is not None)


def test_bonds_of_a_state_are_in_no_sector(facts_of: Compute) -> None:
    rows = [{"name": "US Treasury 2030", "asset_class": "Bonds", "sector": "Government", "market_value": 60},
            {"name": "Shell", "asset_class": "Equity", "sector": "Energy", "market_value": 9},
            {"name": "World ETF", "asset_class": "Equity", "sector": "Diversified", "market_value": 31}]  # fmt: skip

    assert "for a sector" not in write({"concentration": rows}, facts_of)

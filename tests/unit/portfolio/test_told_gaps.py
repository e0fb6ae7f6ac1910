"""What is missing is no nought, what can be read two ways is settled by the payload's own figures, sections of one task
know of one another, and a stock sentence stands only where its own condition holds."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.figures.goal import solve_rate
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


def tell_all(payloads: list[Payload], catalogue: Catalogue) -> dict[str, str]:
    """The texts of the sections of one task."""
    found = detect(payloads, catalogue.sections)
    context = add_siblings(found, catalogue, Context())
    return {item.key: write(compute(item, catalogue, context)) for item in found if isinstance(item, Detected)}


# A missing rate


def _in_currencies(code: str, value: int) -> Payload:
    rows = [
        {"name": "Alpha", "asset_class": "Equity", "currency": "CHF", "market_value": 300_000},
        {"name": "Beta", "asset_class": "Equity", "currency": "USD", "market_value": 500_000},
        {"name": "Gamma", "asset_class": "Equity", "currency": code, "market_value": value},
    ]
    return {"Currency": "CHF", "fx_rates": {"USD": 0.8}, "holdings": rows, "limits": {"currency": {"USD": "40%"}}}


@pytest.mark.parametrize(("code", "value"), [("GBP", 50_000), ("EUR", 90_000), ("SEK", 900_000), ("DKK", 900_000)])
def test_one_missing_rate_leaves_the_totals_of_all_else(code: str, value: int, facts_of: Compute) -> None:
    table = facts_of(_in_currencies(code, value))
    text = write(table)

    assert table.find("market_value") is None
    assert table.find("converted").value == 700_000  # type: ignore[union-attr]
    assert table.find("excess.currency.usd") is not None
    assert f"Left out, as no rate was sent for {code}: Gamma at" in text
    assert "By usual rates of exchange Gamma would have a weight of about" in text
    assert "the notes of this section" not in text


@pytest.mark.parametrize(("code", "value"), [("GBP", 5_000_000), ("XTS", 10)])
def test_where_most_is_left_out_or_nobody_knows_how_much_there_are_no_weights(
    code: str, value: int, facts_of: Compute
) -> None:
    table = facts_of(_in_currencies(code, value))

    assert table.find("converted") is None
    assert table.find("weight.position.alpha") is None


# A missing model weight


def _model(weights: list[str | None]) -> Payload:
    values = (320, 140, 300, 140, 100)
    rows = [
        {"name": name, "asset_class": kind, "market_value": value * 1000, "band": "5%"}
        | ({} if weight == "absent" else {"model_weight": weight})
        for name, kind, value, weight in zip(
            ("World ETF", "Nifty ETF", "Bonds", "Gold", "Savings"), ("Equity", "Equity", "Debt", "Gold", "Cash"),
            values, weights, strict=True,
        )
    ]  # fmt: skip
    return {"total_portfolio_mv": 1_000_000, "Currency": "EUR", "assets": rows}


@pytest.mark.parametrize("blank", [None, "", "-", "n/a", "absent"])
def test_an_asset_without_a_model_weight_is_not_sold(blank: str | None, facts_of: Compute) -> None:
    table = facts_of(_model(["25%", "25%", "50%", blank, "0%"]))
    text = write(table)

    assert table.find("drift.gold") is None
    assert table.find("trade.gold") is None
    assert "No model weight was sent for Gold" in text
    assert "000 of Gold" not in text.partition("To consider:")[2]
    planned = [fact.value for fact in table.facts if fact.id.startswith("planned.")]
    assert planned
    assert sum(planned) == 0


@pytest.mark.parametrize("blank", [None, "", "absent"])
def test_the_one_missing_weight_is_what_the_others_leave_of_the_whole(blank: str | None, facts_of: Compute) -> None:
    table = facts_of(_model(["25%", "25%", "30%", blank, "10%"]))

    assert table.find("model_weight.gold").value == 10  # type: ignore[union-attr]
    assert "No model weight was sent for Gold: it is taken at what the others leave of the whole" in write(table)


@pytest.mark.parametrize("first", [0, 5])
def test_the_first_sale_is_said_to_pay_for_what_is_bought_only_where_it_does(first: int, facts_of: Compute) -> None:
    rows = [
        {"name": name, "asset_class": kind, "market_value": value * 1000, "model_weight": f"{model}%", "band": "1%"}
        for name, kind, value, model in (
            ("Alpha", "Equity", 40 + first, 20), ("Beta", "Equity", 30 - first, 20 if first == 0 else 30 - first),
            ("Bonds", "Debt", 30, 60 if first == 0 else 55),
        )
    ]  # fmt: skip
    text = write(facts_of({"total_portfolio_mv": 100_000, "Currency": "EUR", "assets": rows}))

    assert ("sell Alpha first, as that pays for what is bought" in text) is (first == 5)
    assert ("place the sales first, as they pay for what is bought" in text) is (first == 0)


# Two readings


@pytest.mark.parametrize(("coupon", "times"), [("4.25%", 2), ("3%", 4), ("6,5 %", 2), ("0.625%", 2), ("5%", 12)])
@pytest.mark.parametrize("price", ["0.9", "1", "1.1"])
@pytest.mark.parametrize("paid_at_once", [False, True])
def test_a_bonds_coupon_settles_of_what_period_its_income_is(
    coupon: str, times: int, price: str, paid_at_once: bool, facts_of: Compute
) -> None:
    rate = Decimal(coupon.replace(",", ".").rstrip("% "))
    year = rate * 1000
    word = {2: "half-yearly", 4: "quarterly", 12: "monthly"}[times]
    row = {"name": f"UK Gilt {coupon} 2031", "market_value": Decimal(price) * 100_000, "frequency": word,
           "income": year / times if paid_at_once else year}  # fmt: skip
    table = facts_of({"income": [row], "Currency": "GBP"})

    assert table.find("income").value == pytest.approx(year)  # type: ignore[union-attr]


def test_an_income_that_nothing_settles_leaves_a_headline_that_says_so(facts_of: Compute) -> None:
    row = {"name": "Alpha plc", "market_value": 10_000, "income": 300, "frequency": "half-yearly"}
    text = write(facts_of({"income": [row], "Currency": "GBP", "annual_need": 900}))

    assert text.startswith("What the portfolio pays a year cannot be told.")


# Sections of one task

MODEL = _model(["45%", "15%", "20%", "10%", "10%"]) | {
    "customer_risk_profile": "Moderate",
    "Client Name": "A. Deshpande",
}
OVERVIEW = {
    "Client Name": "A. Deshpande", "Market Value": 1_000_000, "Investment Value": 900_000, "Top Asset": "Equity (46%)",
    "Asset Allocation": {"Equity": "46%", "Debt": "30%", "Gold": "14%", "Cash": "10%"}, "Currency": "EUR",
}  # fmt: skip
MOVERS = {"Currency": "EUR", "top_movers_data": [{"name": "Bonds", "weight": "30%", "return": "-8%"},
                                                 {"name": "World ETF", "weight": "32%", "return": "12%"}]}  # fmt: skip


@pytest.mark.parametrize("order", [0, 1])
def test_the_profile_of_one_section_is_that_of_all(order: int, catalogue: Catalogue) -> None:
    texts = tell_all([MODEL, OVERVIEW][:: 1 if order == 0 else -1], catalogue)

    assert "Record the client's risk profile" not in texts["portfolio_snapshot"]
    assert "suits a moderate profile" in texts["portfolio_snapshot"]


def test_a_profile_is_not_shared_between_clients(catalogue: Catalogue) -> None:
    texts = tell_all([MODEL, OVERVIEW | {"Client Name": "B. Iyer"}], catalogue)

    assert "Record the client's risk profile" in texts["portfolio_snapshot"]


def test_what_the_model_sells_is_not_told_to_be_tested_before_it_is(catalogue: Catalogue) -> None:
    texts = tell_all([MODEL, MOVERS], catalogue)

    assert "have Bonds sold" in texts["top_movers"]
    assert "before adding to it or selling" not in texts["top_movers"]
    assert "intended weight" not in texts["top_movers"]
    assert "before adding to it or selling" in tell_all([MOVERS], catalogue)["top_movers"]


def test_cash_is_not_said_to_be_free_where_another_section_needs_it(catalogue: Catalogue) -> None:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 60_000},
            {"name": "Savings", "asset_class": "Cash", "market_value": 40_000}]  # fmt: skip
    income = {"income": [{"name": "World ETF", "market_value": 60_000, "yield": "2%"}], "annual_need": "€9,000"}
    texts = tell_all([{"holdings": rows, "Currency": "EUR"}, income | {"Currency": "EUR"}], catalogue)

    assert "€7,800 is spoken for: it is planned for what income leaves open of a year's need" in texts["holdings"]
    assert "invest what is not needed" not in texts["holdings"]
    assert "invest what is not needed" in tell_all([{"holdings": rows, "Currency": "EUR"}], catalogue)["holdings"]


# Payments and goals


@pytest.mark.parametrize("days", [-30, -1, 0, 1])
def test_a_payment_whose_day_is_past_is_asked_for(days: int, facts_of: Compute) -> None:
    today = date(2026, 9, 30)
    row = {"name": "City Trust", "market_value": 10_000, "yield": "4%", "frequency": "quarterly",
           "next_payment": (today + timedelta(days)).isoformat()}  # fmt: skip
    text = write(facts_of({"income": [row], "Currency": "GBP", "As Of": today.isoformat()}))

    assert ("Check that City Trust paid" in text) is (days < 0)
    assert ("The next payment is that of City Trust" in text) is (days >= 0)


def _plan(**more: object) -> Payload:
    days = [date(2025 + (8 + month) // 12, (8 + month) % 12 + 1, 28) for month in range(13)]
    flows = [{"date": day.isoformat(), "amount": 250} for day in days[1:]]
    series = [{"date": day.isoformat(), "value": 8_000 + 300 * place} for place, day in enumerate(days)]
    return {"series": series, "flows": flows, "Currency": "EUR", **more}


@pytest.mark.parametrize("field", ["goal", "Ziel", "objectif", "doel", "obiettivo", "objetivo"])
def test_a_goal_is_held_against_the_value_and_the_payments(field: str, facts_of: Compute) -> None:
    table = facts_of(_plan(**{field: {"amount": "€40,000", "by": "2031-09-28"}}))
    rate = table.find("goal_rate")
    assert rate is not None

    assert table.find("goal_payment").value == 250  # type: ignore[union-attr]
    assert table.find("goal_open").value == 40_000 - 11_600 - 60 * 250  # type: ignore[union-attr]
    assert float(rate.value) / 100 == pytest.approx(solve_rate(11_600, 250, 60, 40_000))
    assert "The goal of €40,000 is set for 28 September 2031" in write(table)


def test_the_rate_that_a_goal_asks_for_is_the_one_that_reaches_it() -> None:
    assert solve_rate(10_000, 0, 12, 10_500) == pytest.approx(0.05)
    assert solve_rate(0, 100, 120, 12_000) == pytest.approx(0, abs=1e-6)
    assert solve_rate(1_000, 0, 12, 1_000_000) is None


@pytest.mark.parametrize("amount", [0, 250])
def test_a_payment_of_nothing_among_regular_ones_is_asked_for(amount: int, facts_of: Compute) -> None:
    payload = _plan()
    payload["flows"][5]["amount"] = amount

    assert ("Among payments that recur, nothing is listed as paid" in write(facts_of(payload))) is (amount == 0)


# Unlike things


@pytest.mark.parametrize(
    "name", ["14 Bellevue Terrace, Fremantle", "3 Elm Close", "Calle Mayor 12", "Lindenallee 4, Haus"]
)
def test_a_house_is_no_security_above_the_houses_limit(name: str, facts_of: Compute) -> None:
    rows = [{"name": name, "asset_class": "Property", "market_value": 2_000_000},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 500_000}]  # fmt: skip
    text = write(facts_of({"holdings": rows, "Currency": "AUD"}))

    assert f"of {name}" not in text.partition("To consider:")[2]
    assert "for a position" not in text
    assert f"Have {name} valued" in text


@pytest.mark.parametrize(
    "name", ["Vanguard MSCI Intl Shares (VGS)", "iShares Edge Quality", "SPDR Gold", "Betashares A200"]
)
def test_a_name_of_a_house_that_offers_funds_alone_is_that_of_a_fund(name: str, catalogue: Catalogue) -> None:
    assert catalogue.reference.is_broad(name)


@pytest.mark.parametrize("loan", [0, 400_000])
def test_limits_of_the_house_are_held_against_parts_of_all_that_is_held(loan: int, facts_of: Compute) -> None:
    rows = [{"name": "Acme plc", "asset_class": "Equity", "market_value": 95_000},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 905_000}]  # fmt: skip
    if loan:
        rows.append({"name": "Loan", "asset_class": "Loan", "market_value": -loan})
    text = write(facts_of({"holdings": rows, "Currency": "EUR"}))

    assert "Acme plc has a weight" not in text
    assert "The top 5 hold" not in text


@pytest.mark.parametrize(("code", "locale", "sign"), [
    ("AUD", "en_AU", "A$"), ("SGD", "en_SG", "S$"), ("NZD", "en_NZ", "NZ$"), ("CAD", "en_CA", "C$"),
    ("HKD", "en_HK", "HK$"), ("USD", "en_US", "$"), ("AUD", "en_US", "A$"), ("USD", "en_GB", "US$"),
])  # fmt: skip
def test_a_bare_dollar_sign_is_the_us_dollar_alone(code: str, locale: str, sign: str) -> None:
    style = make_style(locale)

    assert style.money(Decimal(60_000), code) == f"{sign}60,000"
    assert style.money_in_full(Decimal(60_000), code) == f"{sign}60,000"


@pytest.mark.parametrize(
    ("name", "told"), [("Liquidités", False), ("Cash", False), ("Actions Europe", True), ("Gold", True)]
)
def test_only_what_can_fall_has_a_weak_spell(name: str, told: bool, facts_of: Compute) -> None:
    payload = {"Market Value": 1_000_000, "Investment Value": 900_000, "Top Asset": f"{name} (81%)", "Currency": "EUR",
               "Asset Allocation": {name: "81%", "Obligations": "19%"}}  # fmt: skip

    assert ("weak spell" in write(facts_of(payload))) is told

"""What a text says of sizes, debts, periods and contradictions: only what the figures bear out, and so much of it that
one can act on it."""

import random
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


def list_advice(text: str) -> list[str]:
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def make_holdings(*rows: tuple[str, str, int], **more: Any) -> Payload:
    held = [{"name": name, "asset_class": kind, "market_value": value} for name, kind, value in rows]
    return {"holdings": held, "Currency": "GBP", "As Of": "2026-09-30", **more}


STATE_DEBT = [
    ("7.10% GS 2029", "Debt"), ("7.38% GOI 2027", "Debt"), ("Treasury 4.125% 2029", "Gilts"),
    ("Eidgenossenschaft 0.5% 2045", "Bonds"), ("Bundesanleihe 2034", "Bonds"),
    ("Republic of Austria 2.9% 2033", "Bonds"),
    ("4.5% 2034", "Government bonds"), ("Kingdom of Spain 2031", "Bonds"),
]  # fmt: skip
COMPANIES = [
    ("GS 4.25% 2029", "Debt"), ("Treasury Wine Estates", "Equity"), ("Siemens 2.5% 2031", "Bonds"),
    ("GS Holdings", "Equity"), ("Republic Services", "Equity"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), STATE_DEBT)
@pytest.mark.parametrize("section", ["holdings", "concentration"])
def test_debt_of_a_state_is_no_single_name_and_not_to_be_sold(
    name: str, kind: str, section: str, facts_of: Compute
) -> None:
    payload = make_holdings((name, kind, 60), ("World ETF", "Equity", 40))
    text = write({section: payload.pop("holdings"), **payload}, facts_of)

    assert "for a position" not in text
    assert f"{name} is debt of a state" in text
    assert not [line for line in list_advice(text) if name in line]


@pytest.mark.parametrize(("name", "kind"), COMPANIES)
def test_a_company_that_is_called_like_a_state_is_a_single_name(name: str, kind: str, facts_of: Compute) -> None:
    text = write(make_holdings((name, kind, 60), ("World ETF", "Equity", 40)), facts_of)

    assert "for a position" in text
    assert "debt of a state" not in text


@pytest.mark.parametrize("name", ["Eidgenossenschaft 0.5% 2045", "Bundesanleihe 2034", "7.10% GS 2029"])
def test_a_state_is_no_debtor_above_the_limit_for_one(name: str, facts_of: Compute) -> None:
    bonds = [{"name": name, "market_value": 700, "coupon": "1%", "ytm": "1%", "duration": 4, "maturity": "2034-06-30"},
             {"name": "Sika 2029", "market_value": 300, "coupon": "2%", "ytm": "2%", "duration": 2,
              "maturity": "2029-06-30"}]  # fmt: skip
    text = write({"fixed_income": bonds, "As Of": "2026-06-30", "Currency": "CHF"}, facts_of)

    assert "Sika 2029 has a weight of 30%" in text
    assert f"{name} has a weight" not in text


@pytest.mark.parametrize("name", ["SBI fixed deposit", "Term deposit Barclays", "Festgeld DKB"])
def test_a_deposit_is_not_sold_but_its_insurance_asked_for(name: str, facts_of: Compute) -> None:
    text = write(make_holdings((name, "Fixed Deposit", 30), ("World ETF", "Equity", 70)), facts_of)

    assert f"{name} is a deposit: how much of it is insured is worth checking" in text
    assert "for a position" not in text


@pytest.mark.parametrize("seed", range(25))
def test_what_is_to_be_sold_is_told_in_money_that_reaches_the_limit(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    big, rest, limit = draw.randint(3, 9) * 10_000, draw.randint(10, 30) * 10_000, draw.choice([3, 5, 8])
    table = facts_of(
        make_holdings(("Acme", "Equity", big), ("World ETF", "Equity", rest), limits={"single_name": f"{limit}%"})
    )
    text = write_narrative(table, STYLE).render()

    sold = table.find("reduction.acme")
    assert sold is not None
    assert abs((big - sold.value) / (big + rest) * 100 - limit) < Decimal("0.0001")
    assert f"by selling {STYLE.money(sold.value, 'GBP')}" in " ".join(list_advice(text))


@pytest.mark.parametrize("profile", ["Conservative", "Moderate", "Growth", "Aggressive"])
@pytest.mark.parametrize("equity", [5, 25, 50, 75, 95])
def test_the_way_back_into_a_profile_is_told_in_money(profile: str, equity: int, facts_of: Compute) -> None:
    table = facts_of(
        make_holdings(("World ETF", "Equity", equity * 1000), ("Gilts", "Gilts", (100 - equity) * 1000))
        | {"Risk Profile": profile}
    )
    text = write_narrative(table, STYLE).render()
    least, most, moved = (table.find(name) for name in ("profile_min", "profile_max", "equity_move"))
    assert least is not None
    assert most is not None

    outside = max(equity - most.value, least.value - equity)
    assert (moved is not None) is (outside > 0)
    if moved is not None:
        assert moved.value == outside * 1000
        way = "out of" if equity > most.value else "into"
        assert f"by moving {STYLE.money(moved.value, 'GBP')} {way} shares" in text


def test_sales_that_would_leave_too_few_shares_are_told_to_stay_in_shares(facts_of: Compute) -> None:
    rows = (("Acme", "Equity", 20), ("World ETF", "Equity", 25), ("Gilts", "Gilts", 55))
    told = "stay above the 40% that the profile asks for"

    assert told in write(make_holdings(*rows) | {"Risk Profile": "Moderate"}, facts_of)
    more = (("Acme", "Equity", 20), ("World ETF", "Equity", 40), ("Gilts", "Gilts", 40))
    assert told not in write(make_holdings(*more) | {"Risk Profile": "Moderate"}, facts_of)


@pytest.mark.parametrize("part", [20, 40, 60, 80])
def test_the_equity_of_a_mixed_fund_is_read_off_its_name(part: int, facts_of: Compute) -> None:
    payload = make_holdings((f"LifeStrategy {part}% Equity Fund", "Multi-Asset", 50), ("World ETF", "Equity", 50))
    table = facts_of(payload | {"Risk Profile": "Growth"})

    share = table.find("equity_share")
    assert share is not None
    assert share.value == 50 + Decimal(part) / 2


def test_what_cannot_be_told_of_the_profile_is_said_once(facts_of: Compute) -> None:
    payload = make_holdings(("Strategy Fund", "Multi-Asset", 50), ("World ETF", "Equity", 50))
    text = write(payload | {"Risk Profile": "Growth"}, facts_of)

    assert text.count("cannot be told") == 1
    assert "how much of Strategy Fund is equity is not known" in text


def make_snapshot(**more: Any) -> Payload:
    return {"Market Value": "500000", "Investment Value": "450000", "Top Asset": "Equity (60%)", "Currency": "CHF",
            "Risk Profile": "Growth", **more}  # fmt: skip


@pytest.mark.parametrize("name", ["Lombard loan", "Mortgage", "Margin", "Kredit", "Overdraft"])
@pytest.mark.parametrize("owed", [5, 15, 25])
def test_what_is_owed_is_leverage_whatever_it_is_called(name: str, owed: int, facts_of: Compute) -> None:
    allocation = {"Equity": f"{60 + owed}%", "Bonds": "40%", name: f"-{owed}%"}
    text = write(make_snapshot(**{"Asset Allocation": allocation}), facts_of)

    assert f"comes to {owed}% of its value" in text
    assert "leverage of at most 10%" in text
    assert "the equity share" in text.lower() or "equity makes up" in text.lower()


@pytest.mark.parametrize("own", ["CHF", "USD"])
def test_currencies_of_a_snapshot_are_held_against_the_profile(own: str, facts_of: Compute) -> None:
    payload = make_snapshot(**{"Asset Allocation": {"Equity": "60%", "Bonds": "40%"},
                               "Currency Allocation": {"CHF": "30%", "USD": "70%"}})  # fmt: skip
    text = write(payload | {"Currency": own}, facts_of)

    assert ("Foreign currencies are 70% of the portfolio, above the limit of 60%" in text) is (own == "CHF")


def test_what_is_owed_is_repaid_and_not_bought(facts_of: Compute) -> None:
    rows = [("World ETF", "Equity", 3300, 50), ("Bonds", "Bonds", 2300, 50), ("Credit line", "Cash", -600, 0)]
    assets = [{"name": name, "asset_class": kind, "market_value": value, "model_weight": model}
              for name, kind, value, model in rows]  # fmt: skip
    text = write({"total_portfolio_mv": 5000, "assets": assets, "customer_risk_profile": "Moderate",
                  "Currency": "EUR"}, facts_of)  # fmt: skip

    assert "repay €600 of Credit line" in text
    assert "Credit line, 12 percentage points underweight" not in text


@pytest.mark.parametrize("gap", [-9, -3, 4, 12])
def test_what_contradicts_what_is_named(gap: int, facts_of: Compute) -> None:
    allocation = {"Equity": f"{60 + gap}%", "Bonds": "40%"}
    text = write(make_snapshot(**{"Asset Allocation": allocation, "Unrealised Gain": "40000"}), facts_of)

    assert f"the shares of Asset Allocation add up to {100 + gap}%" in text
    assert "the gain is stated as CHF 40,000, while market value less cost is CHF 50,000" in text


@pytest.mark.parametrize(("equity", "told"), [(82, False), (75, True), (99, True)])
def test_a_profile_is_judged_only_where_a_wrong_sum_leaves_no_doubt(equity: int, told: bool, facts_of: Compute) -> None:
    allocation = {"Equity": f"{equity}%", "Bonds": f"{107 - equity}%"}
    text = write(make_snapshot(**{"Asset Allocation": allocation}), facts_of)

    assert ("a growth profile cannot be told" in text) is not told


def make_track(own: list[float], other: list[float], **more: Any) -> Payload:
    return {"returns": [f"{value}%" for value in own], "benchmark": [f"{value}%" for value in other],
            "benchmark_name": "Index", "periods_per_year": 12, "Currency": "GBP", **more}  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_benchmark_stands_beside_the_last_twelve_months(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    other = [round(draw.gauss(0.8, 2), 2) for _ in range(36)]
    early, late = draw.choice([-0.3, 0.0, 0.2]), draw.choice([-1.0, -0.4, 0.5])
    own = [round(value + (late if place >= 24 else early), 2) for place, value in enumerate(other)]
    table = facts_of(make_track(own, other))
    text = write_narrative(table, STYLE).render()

    assert "while the benchmark" in text
    whole, last, before = (table.find(name) for name in ("excess_twr", "trailing_excess", "earlier_excess"))
    assert whole is not None
    assert last is not None
    assert before is not None
    alone = whole.value * last.value > 0 >= whole.value * before.value and abs(last.value) >= 1
    assert ("So it is the last twelve months that put it" in text) is alone


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0, 1.3])
def test_swings_are_compared_by_volatility_and_not_by_beta(factor: float, facts_of: Compute) -> None:
    draw = random.Random(3)
    other = [round(draw.gauss(0.5, 2), 2) for _ in range(36)]
    own = [round(value * factor + draw.gauss(0, 1.5), 2) for value in other]
    table = facts_of(make_track(own, other))
    text = write_narrative(table, STYLE).render()
    theirs = table.find("benchmark_volatility")

    assert theirs is not None
    assert f"against {STYLE.percent(theirs.value)} for the benchmark" in text
    assert "it swings" not in text


@pytest.mark.parametrize("paid", [50_000, 20_000, -10_000, -60_000])
def test_what_was_paid_in_is_told_apart_from_what_was_earned(paid: int, facts_of: Compute) -> None:
    days = ["2025-01-31", "2025-07-31", "2026-01-31"]
    values = [200_000, 208_000 + paid, 214_000 + paid]
    payload = {"series": [{"date": day, "value": value} for day, value in zip(days, values, strict=True)],
               "flows": [{"date": "2025-07-31", "amount": paid}], "Currency": "GBP"}  # fmt: skip
    text = write(payload, facts_of)

    assert f"£{abs(paid):,} were {'paid in' if paid > 0 else 'taken out'}" in text
    assert "the investments earned £14,000" in text
    assert ("so that the capital shrank" in text) is (paid < -14_000)
    assert "could not be used" not in text


@pytest.mark.parametrize("months", [4, 8, 11])
def test_few_months_are_not_judged(months: int, facts_of: Compute) -> None:
    draw = random.Random(months)
    other = [round(draw.gauss(0.8, 2), 2) for _ in range(months)]
    text = write(make_track([value - 0.5 for value in other], other), facts_of)

    assert "too short to judge" in text
    assert "Volatility" not in text
    assert "judge the shortfall once a full year can be seen" in text


@pytest.mark.parametrize("source", ["State pension", "USS pension", "Annuity", "Altersrente"])
def test_what_is_paid_for_life_is_no_payer_to_spread(source: str, facts_of: Compute) -> None:
    rows = [{"name": source, "income": 30_000}, {"name": "World Fund", "market_value": 200_000, "income": 6_000}]
    text = write({"income": rows, "annual_need": 20_000, "Currency": "GBP"}, facts_of)

    assert "are paid for life" in text
    assert "spread the income" not in text
    assert "£16,000 a year to spare" in text


def test_the_gap_is_held_against_what_could_be_drawn_on(facts_of: Compute) -> None:
    rows = [{"name": "Flat", "income": 18_000}, {"name": "World Fund", "market_value": 300_000, "income": 6_000}]
    text = write({"income": rows, "annual_need": 45_000, "Currency": "GBP"}, facts_of)

    assert "Drawn from the sources whose value was sent, £300,000 in all, the gap would take 7%" in text


@pytest.mark.parametrize("duration", [5, 8, 12, 17])
def test_a_long_duration_is_urgent_where_a_point_costs_a_tenth(duration: int, facts_of: Compute) -> None:
    bonds = [{"name": "Long 2045", "market_value": 600, "coupon": "1%", "ytm": "1%", "duration": duration,
              "maturity": "2045-06-30"},
             {"name": "Short 2028", "market_value": 400, "coupon": "2%", "ytm": "1.5%", "duration": 1.5,
              "maturity": "2028-06-30"}]  # fmt: skip
    table = facts_of({"fixed_income": bonds, "As Of": "2026-06-30", "Currency": "CHF"})
    first = write_narrative(table, STYLE).render().split("\n\n")[1]

    cost = table.find("sensitivity")
    assert cost is not None
    assert first.startswith("With a modified duration") is (cost.value <= -10)


@pytest.mark.parametrize(("rate", "told"), [("7.6%", False), ("9%", False), ("14%", True)])
def test_a_yield_far_above_the_others_is_doubted_whatever_the_rating(rate: str, told: bool, facts_of: Compute) -> None:
    bonds = [{"name": "7.10% GS 2029", "market_value": 850, "coupon": "7.1%", "ytm": "7%", "duration": 2.4,
              "maturity": "2029-04-08", "rating": "SOV"},
             {"name": "Finance NCD 2027", "market_value": 90, "coupon": "9%", "ytm": rate, "duration": 1,
              "maturity": "2027-10-10", "rating": "AA"}]  # fmt: skip
    text = write({"fixed_income": bonds, "As Of": "2026-06-30", "Currency": "INR"}, facts_of)

    assert ("pay for a risk that its lenders see" in text) is told


@pytest.mark.parametrize("client", ["Priscilla Okafor", "John Acme", "Familie Brunner"])
def test_a_client_who_is_called_like_a_company_is_not_taken_for_it(client: str, facts_of: Compute) -> None:
    company = f"{client.rsplit(maxsplit=1)[-1]} Robotics Inc"
    payload = make_holdings((company, "Equity", 60), ("World ETF", "Equity", 40)) | {"Client Name": client}

    assert write(payload, facts_of).startswith(f"The portfolio of {client} is worth £100")


@pytest.mark.parametrize("drift", [1, 2])
def test_one_point_is_no_points(drift: int, facts_of: Compute) -> None:
    assets = [{"name": "Shares", "asset_class": "Equity", "weight": 60 + drift, "model_weight": 60},
              {"name": "Bonds", "asset_class": "Bonds", "weight": 40 - drift, "model_weight": 40}]  # fmt: skip
    text = write({"total_portfolio_mv": 1000, "assets": assets, "Currency": "GBP"}, facts_of)

    assert f"{drift} percentage point{'s' if drift > 1 else ''} overweight" in text

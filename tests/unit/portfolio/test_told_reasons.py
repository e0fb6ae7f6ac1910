"""What a builtin text may give as a reason, compare or advise: only what the figures beside it bear out."""

import random
import re
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
    """The suggestions of a text in their order."""
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def make_snapshot(own: float, other: float, equity: int, classes: dict[str, str] | None = None) -> Payload:
    return {
        "Market Value": "110000", "Investment Value": "100000", "Top Asset": f"Equity ({equity}%)", "Currency": "GBP",
        "XIRR_SI": f"{own}%", "Benchmark XIRR": f"{other}%", "Benchmark Name": "MSCI World",
        "Asset Allocation": classes or {"Equity": f"{equity}%", "Bonds": f"{100 - equity}%"},
    }  # fmt: skip


@pytest.mark.parametrize("narrow", ["Small Cap Equity", "Mid Cap", "Emerging Market Equity", "Sectoral"])
def test_shares_of_a_narrow_kind_are_a_risk_and_reduced_first(narrow: str, facts_of: Compute) -> None:
    classes = {narrow: "54%", "Large Cap Equity": "24%", "Debt": "22%"}
    text = write(make_snapshot(5, 4, 54, classes) | {"Risk Profile": "Moderate"}, facts_of)

    assert f"{narrow} alone is 54% of the portfolio" in text
    assert list_advice(text)[0].startswith("Bring the equity share down")
    assert f"{narrow} first" in list_advice(text)[0]


TAXED, SHELTERED = ("Taxable", "Brokerage", "GIA", "Demat 1"), ("Roth IRA", "ISA", "401(k)", "SIPP", "TFSA")


def make_accounts(first: str, second: str, gains: tuple[int, int]) -> Payload:
    rows = [{"name": "Acme", "market_value": 50000 + gain, "cost": 50000, "account": account, "asset_class": "Equity"}
            for account, gain in zip((first, second), gains, strict=True)]  # fmt: skip
    rows.append({"name": "World ETF", "market_value": 20000, "cost": 19000, "account": first, "asset_class": "Equity"})
    return {"holdings": rows, "Currency": "GBP"}


@pytest.mark.parametrize("sheltered", SHELTERED)
@pytest.mark.parametrize("taxed", TAXED)
@pytest.mark.parametrize("gains", [(90000, -4000), (-6000, 30000)])
def test_a_sheltered_account_is_sold_from_first(
    taxed: str, sheltered: str, gains: tuple[int, int], facts_of: Compute
) -> None:
    advice = " ".join(list_advice(write(make_accounts(taxed, sheltered, gains), facts_of)))

    assert (
        f"Choose the account before Acme is sold: {sheltered} normally neither taxes a gain nor counts a loss" in advice
    )
    assert "taxed where they arise" not in advice


@pytest.mark.parametrize(("first", "second"), [("Taxable", "Depot 2"), ("Roth IRA", "ISA")])
def test_no_tax_is_claimed_of_accounts_that_do_not_differ(first: str, second: str, facts_of: Compute) -> None:
    text = write(make_accounts(first, second, (90000, -4000)), facts_of)

    assert "normally neither taxes a gain nor counts a loss, while" not in text


@pytest.mark.parametrize("account", [*TAXED, *SHELTERED])
def test_a_wrapper_is_no_custodian(account: str, facts_of: Compute) -> None:
    payload = make_accounts(account, "Other", (900000, 1000))

    assert "for an account" not in write(payload, facts_of)
    own = write(payload | {"limits": {"account": 50}}, facts_of)
    assert "above the client's own limit of 50% for an account" in own
    assert "custodian" not in own


@pytest.mark.parametrize("seed", range(20))
def test_single_names_are_brought_down_before_funds_are_sold_for_their_currency(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    rows = [
        {"name": "Siemens", "asset_class": "Equity", "currency": "EUR", "market_value": draw.randint(80, 130)},
        {"name": "World UCITS ETF", "asset_class": "Equity", "currency": "USD", "market_value": draw.randint(280, 500)},
        {"name": "Bund 2034", "asset_class": "Bonds", "currency": "EUR", "market_value": draw.randint(150, 300)},
    ]
    payload = {"concentration": rows, "Base Currency": "EUR", "Fx Rates": {"USD": 1},
               "limits": {"single_name": "10%", "currency": "20%"}}  # fmt: skip
    advice = list_advice(write(payload, facts_of))

    assert advice[0].startswith("Bring Siemens down")
    assert not [line for line in advice if "furthest above first" in line]
    assert [line for line in advice if line.startswith("Look inside World UCITS ETF")]


@pytest.mark.parametrize("count", [3, 5, 8])
def test_an_effective_number_is_told_as_about_so_many(count: int, facts_of: Compute) -> None:
    rows = [
        {"name": "Biggest", "market_value": 300},
        *({"name": f"Name {n}", "market_value": 40} for n in range(count)),
    ]
    text = write({"holdings": rows}, facts_of)

    assert "effective" not in text
    assert re.search(r"only as over about (\d+ equal positions|one position)", text)


def make_track(own: list[float], other: list[float] | None = None, periods: int = 12, **more: Any) -> Payload:
    payload = {"returns": [f"{value:.4f}%" for value in own], "periods_per_year": periods, **more}
    if other is not None:
        payload |= {"benchmark": [f"{value:.4f}%" for value in other], "benchmark_name": "TOPIX"}
    return payload


def draw_market(seed: int, count: int) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(0.9, 4) for _ in range(count)]


@pytest.mark.parametrize("seed", range(25))
def test_captures_that_differ_by_chance_alone_are_not_told(seed: int, facts_of: Compute) -> None:
    market, draw = draw_market(seed, 48), random.Random(seed + 1000)
    text = write(make_track([0.8 * value + draw.gauss(0, 0.1) for value in market], market), facts_of)

    assert "captured" not in text


@pytest.mark.parametrize(("up", "down"), [(1.2, 0.6), (0.6, 1.2)])
@pytest.mark.parametrize("seed", range(5))
def test_captures_that_differ_are_told(seed: int, up: float, down: float, facts_of: Compute) -> None:
    market, draw = draw_market(seed, 60), random.Random(seed + 1000)
    own = [(up if value > 0 else down) * value + draw.gauss(0, 0.1) for value in market]
    text = write(make_track(own, market), facts_of)

    assert ("more with rises than with falls" in text) is (up > down)
    assert ("more with falls than with rises" in text) is (up < down)


@pytest.mark.parametrize("beta", [0.6, 0.8, 1.3])
def test_a_gap_that_beta_explains_is_told_by_it_and_asks_for_no_index_fund(beta: float, facts_of: Compute) -> None:
    market = [value + 0.5 for value in draw_market(3, 48)]
    text = write(make_track([beta * value for value in market], market, risk_free="0%"), facts_of)

    assert f"taking {'less' if beta < 1 else 'more'} market risk" in text
    assert "index fund" not in text
    assert "pay" not in text.split("market risk")[0].split("behind")[-1]


@pytest.mark.parametrize(("count", "periods", "word"), [(8, 4, "quarter"), (24, 12, "month"), (5, 1, "year")])
def test_a_tail_of_few_is_told_as_the_worst_one(count: int, periods: int, word: str, facts_of: Compute) -> None:
    text = write(make_track([*draw_market(count, count - 1), -5], periods=periods), facts_of)

    assert f"Its worst {word} lost" in text
    assert "on average in that tail" not in text
    assert "worst quarters" not in text


def test_a_tail_of_many_is_told_with_its_average(facts_of: Compute) -> None:
    text = write(make_track(draw_market(1, 120)), facts_of)

    assert "on average in that tail" in text


@pytest.mark.parametrize(
    ("count", "periods", "told"),
    [(8, 4, "8 quarters"), (36, 12, "36 months"), (3, 1, "3 years"), (60, 252, "60 trading days")],
)
def test_a_return_is_told_with_its_period(count: int, periods: int, told: str, facts_of: Compute) -> None:
    assert write(make_track(draw_market(2, count), periods=periods), facts_of).startswith(
        f"Over the whole period of {told} "
    )


@pytest.mark.parametrize("years", [2, 3, 4, 8])
def test_a_gap_and_a_return_of_another_period_are_in_sentences_that_name_theirs(years: int, facts_of: Compute) -> None:
    market = [abs(value) for value in draw_market(years, years * 12)]
    text = write(make_track([value / 2 for value in market], market), facts_of)

    (gap,) = [sentence for sentence in re.split(r"(?<=[.:]) ", text.replace("\n\n", " ")) if "behind the" in sentence]
    assert gap.startswith("Over the same months")
    assert "last twelve months alone it" in text
    assert text.index("last twelve months") > text.index("behind the")


@pytest.mark.parametrize("rate", ["0.5%", "4%", None])
def test_a_ratio_is_told_with_the_risk_free_rate_that_it_rests_on(rate: str | None, facts_of: Compute) -> None:
    more = {"risk_free": rate} if rate else {}
    text = write(make_track(draw_market(5, 36), **more), facts_of)

    (sentence,) = [part for part in text.split(". ") if "Sharpe" in part]
    assert (f"risk-free rate of {rate}" if rate else "no risk-free rate was sent") in sentence


@pytest.mark.parametrize("rate", [4, 9])
def test_a_return_below_the_risk_free_rate_is_told_as_no_reward(rate: int, facts_of: Compute) -> None:
    text = write(make_track([4.1, -6.2, 3.3, 5.9, -2, 1.4, -7.7, 2.2], periods=4, risk_free=f"{rate}%"), facts_of)

    assert f"below the risk-free rate of {rate}% a year" in text
    assert any("still suits" in line for line in list_advice(text))


def make_bond(name: str, value: int, maturity: str, rating: str, ytm: str = "6%") -> Payload:
    return {"name": name, "market_value": value, "coupon": "6%", "ytm": ytm, "duration": 1, "maturity": maturity,
            "rating": rating}  # fmt: skip


def make_bonds(*rows: Payload, **more: Any) -> Payload:
    return {"fixed_income": list(rows), "As Of": "2026-06-30", "Currency": "GBP", **more}


GILT = make_bond("UK Gilt 2033", 700, "2033-08-14", "AA")


@pytest.mark.parametrize("rating", ["D", "SD", "RD", "CRISIL D", "[ICRA]D"])
def test_overdue_debt_in_default_is_told_as_default_with_what_to_do(rating: str, facts_of: Compute) -> None:
    text = write(make_bonds(GILT, make_bond("Gone NCD", 20, "2024-03-31", rating, "30%")), facts_of)

    assert "Gone NCD is in default: it fell due on 31 March 2024" in text
    assert f"Its rating is {rating}" in text
    assert "paid back, or" not in text
    assert "Find out whether Gone NCD" not in text
    assert list_advice(text)[0].startswith("Have the claim on Gone NCD registered")
    assert "average yield counts" not in text  # what is past its day has no yield


@pytest.mark.parametrize(("rating", "default"), [("D", True), ("B", False), ("AA", False)])
@pytest.mark.parametrize("maturity", ["2026-07-02", "2026-09-15", "2026-09-28"])
def test_debt_that_is_due_within_ninety_days_asks_for_a_decision(
    rating: str, default: bool, maturity: str, facts_of: Compute
) -> None:
    rows = make_bond("Edge NCD", 60, maturity, rating), make_bond("Also Due", 30, maturity, "AA")
    advice = " ".join(list_advice(write(make_bonds(GILT, *rows), facts_of)))

    assert "Also Due" in advice
    assert ("is rated B: decide now where the money goes" in advice) is (rating == "B")
    assert ("claim on Edge NCD" in advice) is default


def test_debt_that_is_due_later_asks_for_no_decision_now(facts_of: Compute) -> None:
    advice = " ".join(list_advice(write(make_bonds(GILT, make_bond("Edge NCD", 60, "2026-10-15", "AA")), facts_of)))

    assert "decide now" not in advice


@pytest.mark.parametrize(("weight", "named"), [(180, True), (300, True), (40, False)])
@pytest.mark.parametrize("rating", ["AA-", "BBB"])
def test_the_largest_debtor_above_the_limit_is_named(weight: int, named: bool, rating: str, facts_of: Compute) -> None:
    text = write(make_bonds(GILT, make_bond("Vedanta NCD", weight, "2027-08-20", rating)), facts_of)

    assert ("Vedanta NCD has a weight of" in text and "above the house limit of 10%" in text) is named
    assert any("Vedanta NCD" in line for line in list_advice(text)) is named
    assert "UK Gilt 2033 has a weight" not in text


@pytest.mark.parametrize(
    ("name", "rating", "named"),
    [("7.18% GS 2033", None, False), ("State loan", "Government", False), ("KA SDL 2030", "SOV", False),
     ("Bond Fund", "AA", False), ("GS 5% 2030", "A", True), ("Acme 5% 2030", None, True)],
)  # fmt: skip
def test_states_and_funds_are_no_single_debtors(name: str, rating: str | None, named: bool, facts_of: Compute) -> None:
    row = make_bond(name, 300, "2030-08-20", "A") | {"rating": rating}
    text = write(make_bonds(GILT, row), facts_of)

    assert (f"{name} has a weight of" in text) is named


@pytest.mark.parametrize("weight", [150, 300, 400])
def test_one_bond_alone_is_no_crowd_of_maturities(weight: int, facts_of: Compute) -> None:
    text = write(make_bonds(GILT, make_bond("Vedanta NCD", weight, "2027-08-20", "AA")), facts_of)

    assert "Spread the maturities" not in text


def test_many_bonds_of_one_time_are_a_crowd(facts_of: Compute) -> None:
    rows = [make_bond(f"UK Gilt {n} 2033", 100, "2033-08-14", "AA") for n in range(6)]
    text = write(make_bonds(*rows, make_bond("Gilt 2028", 200, "2028-01-01", "AA")), facts_of)

    assert "Spread the maturities" in text


@pytest.mark.parametrize("rate", ["10.8%", "14%"])
def test_a_yield_that_may_not_last_asks_for_something(rate: str, facts_of: Compute) -> None:
    rows = [{"name": "Vodafone", "market_value": 60000, "yield": rate},
            {"name": "Gilt", "market_value": 210000, "yield": "4.6%"}]  # fmt: skip
    text = write({"income": rows, "Currency": "GBP"}, facts_of)

    assert any("Vodafone" in line for line in list_advice(text))


@pytest.mark.parametrize("word", ["Balanced", "Moderate"])
def test_a_profile_is_called_as_the_client_calls_it(word: str, facts_of: Compute) -> None:
    text = write(make_snapshot(5, 6, 80) | {"Risk Profile": word}, facts_of)

    assert f"a {word.casefold()} profile" in text


def test_the_only_breach_is_told_before_what_is_in_order(facts_of: Compute) -> None:
    payload = make_snapshot(5, 6, 50) | {"Cash": "20000", "Risk Profile": "Moderate"}
    text = write(payload, facts_of)

    assert text.index("Cash is") < text.index("The equity share of")

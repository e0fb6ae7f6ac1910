"""What a comparison, a gap and a contradiction rest on: yields beside like maturities, needs beside what is charged,
returns beside what is held, and figures that deny each other beside both of them."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.claims import ground
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    table = facts_of(payload)
    text = write_narrative(table, STYLE).render()
    assert ground(text, table, STYLE).complete
    return text


def make_bonds(*beside: Payload, due: int = 2029, ytm: str = "6.1%", rating: str = "BB") -> Payload:
    """A bond of low grade that falls due in June of a year, with a large long state bond, and what stands beside."""
    rows: list[Payload] = [
        {"name": "Weak plc", "market_value": 5, "ytm": ytm, "maturity": f"{due}-06-30", "rating": rating},
        {"name": "Long state", "market_value": 200, "ytm": "4.9%", "maturity": "2056-06-30", "rating": "AA"},
        *({"market_value": 20, "ytm": "3%", "rating": "A"} | row for row in beside),
    ]
    return {"Currency": "EUR", "As Of": "2026-06-30", "fixed_income": rows}


@pytest.mark.parametrize(
    ("beside", "with_whom"),
    [
        ([{"name": "Like AG", "maturity": "2029-01-31"}], "Like AG"),
        ([{"name": "Like AG", "maturity": "2030-12-31"}, {"name": "Liker AG", "maturity": "2029-12-31"}], "Liker AG"),
        ([{"name": "State", "maturity": "2029-01-31", "rating": "SOV"}], "State"),
        ([{"name": "Late AG", "maturity": "2032-06-30"}], None),
        ([{"name": "Foreign AG", "maturity": "2029-06-30", "currency": "USD"}], None),
        ([{"name": "As weak AG", "maturity": "2029-06-30", "rating": "BB-"}], None),
        ([{"name": "Unrated AG", "maturity": "2029-06-30", "rating": ""}], None),
        ([{"name": "Linked AG inflation-linked", "maturity": "2029-06-30"}], None),
        ([], None),
    ],
)
def test_a_yield_is_compared_with_a_like_maturity_of_better_grade_alone(
    beside: list[Payload], with_whom: str | None, facts_of: Compute
) -> None:
    text = write(make_bonds(*beside) | {"Fx Rates": {"USD": 1}}, facts_of)

    assert ("nearest in maturity of better grade" in text) is (with_whom is not None)
    if with_whom is not None:
        assert f"3.1 percentage points above {with_whom}, the nearest" in text
    assert "so much more is pay" not in text
    assert "rated BB" in text


@pytest.mark.parametrize(("ytm", "paid"), [("6%", True), ("3.5%", True), ("3%", False), ("2.4%", False)])
def test_a_risk_is_called_paid_for_only_where_it_is(ytm: str, paid: bool, facts_of: Compute) -> None:
    text = write(make_bonds({"name": "Like AG", "maturity": "2029-01-31"}, ytm=ytm), facts_of)

    assert ("pay for a risk that its lenders see" in text) is paid
    assert ("its risk is not paid for" in text) is not paid


@pytest.mark.parametrize(
    ("due", "other", "like"), [(2028, 2030, True), (2027, 2030, False), (2046, 2052, True), (2034, 2038, False)]
)
def test_how_near_a_like_maturity_is_depends_on_the_time_to_run(
    due: int, other: int, like: bool, facts_of: Compute
) -> None:
    table = facts_of(make_bonds({"name": "Like AG", "maturity": f"{other}-06-30"}, due=due))

    assert bool(table.list_measure("yield_pickup")) is like


# Income


def make_income(**more: Any) -> Payload:
    """£25,000 after tax of £800,000, beside a need of £30,000."""
    rows = [
        {"name": "Fund", "market_value": "£500,000", "income": "£20,000", "tax_rate": "25%"},
        {"name": "Deposit", "market_value": "£300,000", "income": "£10,000", "tax_rate": "0%"},
    ]
    return {"Currency": "GBP", "annual_need": "£30,000", "income": rows, **more}


@pytest.mark.parametrize(
    ("fee", "amount", "gap"),
    [
        ({"portfolio_fee": "0.75%"}, "£6,000", "£11,000"),
        ({"portfolio_fee": 0.0075}, "£6,000", "£11,000"),
        ({"Fees": "75 bps"}, "£6,000", "£11,000"),
        ({"charges": "1%"}, "£8,000", "£13,000"),
        ({"Management Fee": "0.25% per quarter"}, "£8,000", "£13,000"),
        ({"advisory_fee": "£2,400 p.a."}, "£2,400", "£7,400"),
        ({"annual_charges": "£2,400"}, "£2,400", "£7,400"),
        ({"Annual Fee (GBP)": 2400}, "£2,400", "£7,400"),
        ({"monthly_fee": "£200"}, "£2,400", "£7,400"),
    ],
)
def test_a_fee_that_was_sent_is_part_of_the_gap(fee: Payload, amount: str, gap: str, facts_of: Compute) -> None:
    text = write(make_income(**fee), facts_of)

    assert "Income after tax, before the fee, covers 83.3% of the yearly need of £30,000" in text
    assert f"{amount} a year, {gap} a year is left open and has to come from elsewhere" in text


@pytest.mark.parametrize(
    "fee",
    [
        {"portfolio_fee": "as agreed"},
        {"portfolio_fee": "£2,400"},
        {"portfolio_fee": 2400},
        {"portfolio_fee": "120%"},
        {"Performance Fee": "10% above 5%"},
        {"entryCharges": "2%"},
    ],
)
def test_charges_that_cannot_be_counted_are_said_to_be_left_out(fee: Payload, facts_of: Compute) -> None:
    (name,) = fee

    assert f"Charges sent as {name} could not be used and are not counted in that." in write(
        make_income(**fee), facts_of
    )


def test_a_fee_of_no_known_kind_is_said_to_be_left_out_beside_the_one_that_counts(facts_of: Compute) -> None:
    text = write(make_income(**{"Advisory Fee": "0.5%", "Performance Fee": "0.25%"}), facts_of)

    assert "With the fee of 0.5% of the value" in text
    assert "Charges sent as Performance Fee could not be used and are not counted in that." in text


def test_a_rate_of_a_value_that_is_not_known_is_not_counted(facts_of: Compute) -> None:
    payload = make_income(portfolio_fee="1%")
    del payload["income"][1]["market_value"]

    assert "are not counted in that" in write(payload, facts_of)


def test_a_fee_counts_in_what_the_gap_takes_of_the_assets(facts_of: Compute) -> None:
    rate = facts_of(make_income(portfolio_fee="0.75%")).find("gap_rate")

    assert rate is not None
    assert rate.value == Decimal(11000) / Decimal(8000)


@pytest.mark.parametrize(
    ("need", "left"), [(15000, "£4,000 a year to spare once the fee of 0.75% of the value"), (24000, None)]
)
def test_a_surplus_is_what_the_fee_leaves_of_it(need: int, left: str | None, facts_of: Compute) -> None:
    text = write(make_income(portfolio_fee="0.75%", annual_need=f"£{need} a year"), facts_of)

    assert (left in text) if left else ("£5,000 a year is left open" in text)


# Mixes


@pytest.mark.parametrize("own", [-4, 3, 9, 14])
@pytest.mark.parametrize("equity", [30, 71, 94, 96, 100])
def test_a_mix_that_differs_is_neither_a_reason_for_the_gap_nor_none(own: int, equity: int, facts_of: Compute) -> None:
    allocation = {"Equity": f"{equity}%"} | ({"Bonds": f"{100 - equity}%"} if equity < 100 else {})
    text = write(
        {
            "Market Value": "110000", "Investment Value": "100000", "Top Asset": f"Equity ({equity}%)",
            "Currency": "GBP", "XIRR_SI": f"{own}%", "Benchmark XIRR": "8%", "Benchmark Name": "MSCI World",
            "Asset Allocation": allocation,
        }, facts_of,
    )  # fmt: skip

    assert "no reason for the gap" not in text
    assert "explains" not in text
    assert ("the gap alone is no measure of the choice of holdings" in text) is (equity < 95)
    assert ("blended benchmark" in text) is (equity < 95)


# Contradictions

SNAPSHOT: Payload = {"Market Value": "£100,000", "Investment Value": "£80,000", "Top Asset": "Equity (60%)",
                     "Currency": "GBP", "Asset Allocation": {"Equity": "60%", "Bonds": "40%"}}  # fmt: skip
MOVERS = [{"name": "A", "return": "10%", "weight": "60%"}, {"name": "B", "return": "5%", "weight": "40%"}]


@pytest.mark.parametrize(
    ("payload", "both"),
    [
        (SNAPSHOT | {"Unrealised Gain": "35000"}, ["£35,000", "£20,000"]),
        (SNAPSHOT | {"Asset Allocation": {"Equity": "£60,000", "Bonds": "£25,000"}}, ["£85,000", "£100,000"]),
        (SNAPSHOT | {"Holdings": [{"name": "X", "market_value": "£130,000"}]}, ["£130,000", "£100,000"]),
        (SNAPSHOT | {"Asset Allocation": {"Equity": "60%", "Bonds": "47%"}}, ["107%", "the whole"]),
        (SNAPSHOT | {"Top Asset": "Equity (52%)"}, ["52%", "60%"]),
        (SNAPSHOT | {"Cash": "£130,000"}, ["£130,000", "£100,000"]),
        ({"holdings": [{"name": "X", "weight": "50%"}, {"name": "Y", "weight": "38%"}]}, ["88%", "the whole"]),
        ({"total_portfolio_mv": "£90,000", "Currency": "GBP", "assets": [
            {"name": "X", "market_value": "£40,000", "model_weight": "50%"},
            {"name": "Y", "market_value": "£30,000", "model_weight": "50%"}]}, ["£70,000", "£90,000"]),
        ({"top_movers_data": MOVERS, "Portfolio Return": "5%"}, ["8 percentage points", "5%"]),
        ({"top_movers_data": [*MOVERS, {"name": "C", "return": "1%", "weight": "20%"}], "Portfolio Return": "8%"},
         ["120%", "the whole"]),
        ({"top_movers_data": [{"name": "A", "return": "10%", "period": "Q1"}, {"name": "B", "return": "5%",
                                                                            "period": "Q2"}]}, ["Q1", "Q2"]),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_with_both_figures_before_what_rests_on_it(
    payload: Payload, both: list[str], facts_of: Compute
) -> None:
    text = write(payload, facts_of)
    after_headline = text.split("\n\n")[1]

    assert after_headline.startswith("The figures sent contradict each other: ")
    assert [part for part in both if part not in after_headline.partition(" Settle that")[0]] == []
    assert "notes of this section" not in text

"""What a builtin text puts first, leaves out and never says: kinds in which it once misled."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.narrative.text import Narrative, Role
from tests.support.portfolio_payloads import make_payload
from tests.unit.portfolio.conftest import Compute

STYLE = make_style("en_GB")
Payload = dict[str, Any]


def write(payload: Payload, facts_of: Compute) -> Narrative:
    return write_narrative(facts_of(payload), STYLE)


def make_model(profile: str, model_equity: int) -> Payload:
    return {
        "total_portfolio_mv": "900000", "customer_risk_profile": profile,
        "assets": [
            {"name": "Tracker", "asset_class": "Equity", "market_value": "540000", "model_weight": f"{model_equity}%"},
            {"name": "Gilts", "asset_class": "Bonds", "market_value": "360000",
             "model_weight": f"{100 - model_equity}%"},
        ],
    }  # fmt: skip


def make_snapshot(**fields: Any) -> Payload:
    return {"Market Value": "412000", "Investment Value": "455000", "Top Asset": "Equity (71%)", **fields}


def make_movers(total: str) -> Payload:
    movers = [{"name": name, "weight": "10%", "return": change} for name, change in
              (("Alder", "-12%"), ("Birch", "-4%"), ("Cedar", "6%"))]  # fmt: skip
    return {"top_movers_data": movers, "Portfolio Return": total}


@pytest.mark.parametrize("seed", range(0, 80, 4))
def test_suggestions_come_in_the_order_of_their_importance(seed: int, facts_of: Compute) -> None:
    read = [line for line in write(make_payload(seed), facts_of).read() if line.role is Role.ACTION]
    assert [line.importance for line in read] == sorted((line.importance for line in read), reverse=True)


def test_nobody_is_told_to_trade_towards_a_model_that_does_not_suit(facts_of: Compute) -> None:
    text = write(make_model("Conservative", 70), facts_of).render()
    assert "To return to the model" not in text
    assert "needs rebalancing" not in text
    assert "the model itself does not suit the client" in text


def test_trades_towards_a_model_that_suits_are_named(facts_of: Compute) -> None:
    text = write(make_model("Growth", 75), facts_of).render()
    assert "needs rebalancing" in text
    assert "To return to the model" in text


def test_an_overdraft_is_no_contradiction_and_asks_to_be_settled(facts_of: Compute) -> None:
    allocation = {"Equity": "71%", "Bonds": "32%", "Cash": "-3%"}
    text = write(make_snapshot(**{"Cash": "-12360", "Asset Allocation": allocation}), facts_of).render()
    assert "overdrawn" in text
    assert "contradict" not in text
    assert "Settle how the overdraft is paid back" in text


def test_what_is_owed_is_no_share_among_others(facts_of: Compute) -> None:
    allocation = {"Equity": "71%", "Bonds": "32%", "Cash": "-3%"}
    text = write(make_snapshot(**{"Asset Allocation": allocation}), facts_of).render()
    assert "followed by Bonds (32%)." in text


def test_the_profiles_warning_on_equity_is_said_once(facts_of: Compute) -> None:
    snapshot = make_snapshot(**{"Risk Profile": "Conservative", "Asset Allocation": {"Equity": "71%", "Bonds": "29%"}})
    risks = [line.text for line in write(snapshot, facts_of).select(Role.RISK)]
    assert len([text for text in risks if "71%" in text]) == 1


@pytest.mark.parametrize(
    ("total", "first", "second"),
    [("-1.9%", "largest fall", "strongest gain"), ("1.9%", "strongest gain", "largest fall")],
)
def test_the_side_that_made_the_result_is_told_first(total: str, first: str, second: str, facts_of: Compute) -> None:
    text = write(make_movers(total), facts_of).render()
    assert text.index(first) < text.index(second)


def test_a_small_rise_is_no_reason_to_look_at_a_weight(facts_of: Compute) -> None:
    assert "intended weight" not in write(make_movers("1.9%"), facts_of).render()


def test_a_broad_fund_is_no_single_name_above_a_limit(facts_of: Compute) -> None:
    rows = [{"name": "Nifty 50 Index Fund", "market_value": 45}, {"name": "Reliance Industries", "market_value": 18},
            *({"name": f"Share {n}", "market_value": 37 / 5} for n in range(5))]  # fmt: skip
    narrative = write({"concentration": rows}, facts_of)
    assert [line.text for line in narrative.select(Role.RISK) if "Nifty" in line.text] == []
    assert any("Reliance Industries" in line.text for line in narrative.select(Role.RISK))


@pytest.mark.parametrize(
    ("name", "asset_class"),
    [("US Treasury 4.25% 2034", "Bond"), ("UK Gilt 2031", "Debt"), ("7.18% GOI 2033", "Bond"),
     ("Premium Bonds", "Cash"), ("SBI Savings Account", "Cash")],
)  # fmt: skip
def test_money_at_hand_and_debt_of_a_state_are_no_single_names(facts_of: Compute, name: str, asset_class: str) -> None:
    rows = [{"name": name, "asset_class": asset_class, "market_value": 20},
            {"name": "Reliance Industries", "asset_class": "Equity", "market_value": 18},
            *({"name": f"Share {n}", "asset_class": "Equity", "market_value": 62 / 8} for n in range(8))]  # fmt: skip
    risks = [line.text for line in write({"concentration": rows}, facts_of).select(Role.RISK)]
    assert [text for text in risks if name in text and "position" in text] == []
    assert any("Reliance Industries" in text for text in risks)


def test_all_that_is_above_a_limit_is_named_unless_it_is_printed_as_the_limit(facts_of: Compute) -> None:
    rows = [("Alder", "30"), ("Birch", "20"), ("Cedar", "10.004"), *((f"Share {n}", "7.999") for n in range(5))]
    holdings = [{"name": name, "market_value": Decimal(value)} for name, value in rows]
    risks = " ".join(line.text for line in write({"holdings": holdings}, facts_of).select(Role.RISK))
    assert "Alder has a weight of 30%" in risks
    assert "too: Birch (20%)." in risks
    assert "Cedar" not in risks


def test_long_tracks_say_the_last_twelve_months(facts_of: Compute) -> None:
    returns = ["2%"] * 12 + ["-1%"] * 12
    text = write({"returns": returns, "periods_per_year": 12}, facts_of).render()
    assert "Over the last twelve months alone it lost 11.4%, which gave back a part of what was gained before." in text


def test_the_weak_bond_that_raises_the_average_yield_is_named(facts_of: Compute) -> None:
    bonds = [
        {"name": "Gilt", "market_value": 80, "ytm": "4%", "duration": 1, "maturity": "2030-01-01", "rating": "AA"},
        {
            "name": "Thames",
            "market_value": 20,
            "ytm": "14.2%",
            "duration": 3,
            "maturity": "2031-01-01",
            "rating": "CCC",
        },
    ]
    text = write({"fixed_income": bonds, "As Of": "2026-06-30"}, facts_of).render()
    assert "Thames is rated CCC, has a weight of 20% and yields 14.2%" in text


@pytest.mark.parametrize(("profile", "calm"), [("Moderate", True), ("Conservative", False)])
def test_no_trade_is_due_only_where_everything_suits(profile: str, calm: bool, facts_of: Compute) -> None:
    text = write(make_model(profile, 60), facts_of).render()
    assert "is within its bands" in text
    assert ("no trade is due" in text) is calm

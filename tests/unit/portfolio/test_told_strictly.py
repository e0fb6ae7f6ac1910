"""What a strict reader of holdings, models and snapshots would be misled by: sales of what cannot be sold, advice that
makes another finding worse or contradicts it, amounts that are not there, and judgements on what does not hold."""

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
BOND = {"name": "Euro bond fund", "asset_class": "Bonds", "market_value": 60_000}
WORLD = {"name": "World ETF", "asset_class": "Equity", "market_value": 40_000}


def write(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


def list_advice(text: str) -> list[str]:
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def hold(*rows: Payload, section: str = "holdings", **more: Any) -> Payload:
    return {section: list(rows), "Currency": "GBP", "As Of": "2026-09-30", **more}


def model(*rows: tuple[str, str, int, int], profile: str | None = None, band: Any = 5, **more: Any) -> Payload:
    """Assets as name, class, value and model weight."""
    assets = [
        {"name": name, "asset_class": kind, "market_value": value, "model_weight": f"{weight}%", "band": f"{band}"}
        for name, kind, value, weight in rows
    ]
    found = {"total_portfolio_mv": sum(row[2] for row in rows), "assets": assets, "Currency": "GBP", **more}
    return found | ({"customer_risk_profile": profile} if profile else {})


TRACKERS = ["FTSE All-Share tracker", "Vanguard Total Stock", "L&G Global Index", "S&P 500 tracker",
            "Offener Aktienfonds", "iShares Core MSCI World", "Amundi S&P 500",
            "European index", "Fidelity Total Bond", "Nordea Indexfonds"]  # fmt: skip
COMPANIES = ["Hang Seng Bank", "Nasdaq Inc", "Index Living Mall", "Tracking Systems plc", "Dow Inc"]


@pytest.mark.parametrize("section", HELD)
@pytest.mark.parametrize("name", [*TRACKERS, *COMPANIES])
def test_what_follows_an_index_is_no_single_name(name: str, section: str, facts_of: Compute) -> None:
    row = {"name": name, "asset_class": "Equity", "market_value": 50_000}
    text = write(facts_of(hold(row, WORLD, BOND, section=section)))

    assert (f"Bring {name} down" in text) is (name in COMPANIES)
    assert (f"{name} is a fund" in text or f"{name} and World ETF are funds" in text) is (name in TRACKERS)


LOCKED = [
    ("Folksam traditional annuity", "Annuity"), ("Lebensversicherung", "Insurance"), ("PPF", "Debt"),
    ("NPS Tier I", "Pension"),
    ("RSU Stripe (unvested)", "Equity"), ("Acme shares, vesting 2028", "Equity"), ("EPF", "Debt"),
    ("Endowment policy", "Bonds"),
]  # fmt: skip


@pytest.mark.parametrize("section", HELD)
@pytest.mark.parametrize(("name", "kind"), LOCKED)
def test_what_cannot_be_sold_freely_is_not_sold(name: str, kind: str, section: str, facts_of: Compute) -> None:
    rows = {"name": name, "asset_class": kind, "market_value": 50_000, "cost": 90_000}, WORLD, BOND
    text = write(facts_of(hold(*rows, section=section, **{"Risk Profile": "Moderate"})))

    assert f"Find out when the money of {name} can be had" in text
    assert f"Bring {name} down" not in text
    assert f"0 of {name}" not in text.partition("To consider:")[2]
    assert "Illiquid assets are 33.3% of the portfolio" in text
    assert f"may hold {name}" not in text
    assert f"Decide on {name}" not in text


@pytest.mark.parametrize("section", HELD)
@pytest.mark.parametrize(("name", "kind"), [
    ("Ping An Insurance", "Equity"), ("HDFC Life Insurance", "Stocks"), ("Pension Insurance Corp 2031", "Bonds"),
    ("Insurance Australia Group", "Equity"), ("Annuity Bond Fund", "Bonds"),
])  # fmt: skip
def test_the_papers_of_an_insurer_can_be_sold(name: str, kind: str, section: str, facts_of: Compute) -> None:
    row = {"name": name, "asset_class": kind, "market_value": 50_000}
    text = write(facts_of(hold(row, WORLD, BOND, section=section)))

    assert "cannot be sold" not in text
    assert (f"Bring {name} down" in text) is not name.endswith("Fund")


@pytest.mark.parametrize(
    ("name", "kind", "illiquid"),
    [
        ("Realty Income", "Real Estate", False), ("Vonovia", "Immobilien", False), ("Segro", "Property", False),
        ("Swiss real estate funds", "Real Estate", True), ("Offener Immobilienfonds", "Real Estate", True),
        ("Office building", "Property", True), ("Meier AG", "Private company", True),
        ("Real estate", "Real Estate", True), ("UK Property", "Property", True),
    ],
)  # fmt: skip
def test_what_is_traded_is_not_illiquid_and_what_is_sold_whole_is(
    name: str, kind: str, illiquid: bool, facts_of: Compute
) -> None:
    table = facts_of(hold({"name": name, "asset_class": kind, "market_value": 50_000}, WORLD, BOND))

    assert (table.find("illiquid_share") is not None) is illiquid


OWED = [({"name": "Lombard loan", "asset_class": "Loan", "market_value": -30_000}, "Moderate"),
        ({"name": "Account", "asset_class": "Cash", "market_value": -9_000}, "Cautious")]  # fmt: skip


@pytest.mark.parametrize(("owed", "profile"), OWED)
def test_what_sales_bring_repays_what_may_not_be_owed(owed: Payload, profile: str, facts_of: Compute) -> None:
    share = {"name": "Acme Group", "asset_class": "Equity", "market_value": 50_000}
    text = write(facts_of(hold(owed, share, BOND, WORLD, **{"Risk Profile": profile})))

    assert "use what that brings to repay what is owed, and spread only what is left of it" in text
    assert "where the profile allows no leverage" in text


@pytest.mark.parametrize(
    ("cash", "first"), [(0, ""), (4_000, ", first out of the cash at hand,"), (20_000, " out of the cash at hand")]
)
def test_what_is_owed_is_repaid_out_of_cash_before_anything_is_sold_for_it(
    cash: int, first: str, facts_of: Compute
) -> None:
    share = {"name": "Acme Group", "asset_class": "Equity", "market_value": 30_000}
    owed = {"name": "Lombard loan", "asset_class": "Loan", "market_value": -8_000}
    money = {"name": "Savings", "asset_class": "Cash", "market_value": cash}
    rows = [share, BOND, owed, *([money] if cash else [])]
    advice = " ".join(list_advice(write(facts_of(hold(*rows, **{"Risk Profile": "Moderate"})))))

    assert f"Repay what is owed{first} before anything is bought" in advice
    assert ("use what that brings to repay" in advice) is (cash < 8_000)
    assert "Agree what the cash is kept for" not in advice


def test_what_is_sold_in_a_sheltered_account_repays_nothing_outside_it(facts_of: Compute) -> None:
    share = {"name": "Acme Group", "asset_class": "Equity", "market_value": 30_000, "account": "SIPP"}
    owed = {"name": "Lombard loan", "asset_class": "Loan", "market_value": -8_000, "account": "Brokerage"}
    text = write(facts_of(hold(share, BOND | {"account": "SIPP"}, owed, **{"Risk Profile": "Moderate"})))

    assert "use what that brings to repay" not in text


@pytest.mark.parametrize(
    ("name", "kind"), [("Xetra-Gold", "Gold"), ("Gold bars", "Gold"), ("Oil certificate", "Commodity")]
)
def test_bullion_is_no_company_and_no_debt_of_a_state(name: str, kind: str, facts_of: Compute) -> None:
    text = write(facts_of(hold({"name": name, "asset_class": kind, "market_value": 30_000}, WORLD, BOND)))

    assert f"{name} has a weight" not in text
    assert f"{name} is debt" not in text


@pytest.mark.parametrize("size", [2_000, 5_000, 9_000])
def test_leverage_that_the_profile_allows_asks_for_nothing(size: int, facts_of: Compute) -> None:
    for kind, name in (("Loan", "Credit line"), ("Derivatives", "Short index future")):
        owed = {"name": name, "asset_class": kind, "market_value": -size}
        text = write(facts_of(hold(owed, WORLD | {"market_value": 80_000}, BOND, **{"Risk Profile": "Growth"})))

        assert "where the profile allows leverage of at most 10%" in text
        assert "pay down" not in text
        assert ("sold short" in text) is (kind == "Derivatives")


@pytest.mark.parametrize("worth", [12_000, 15_000, 18_000])
@pytest.mark.parametrize(("kind", "name"), [("Equity", "Acme Group"), ("Crypto", "Bitcoin")])
def test_where_shares_are_too_few_what_a_sale_brings_goes_into_shares(
    kind: str, name: str, worth: int, facts_of: Compute
) -> None:
    rows = {"name": name, "asset_class": kind, "market_value": worth}, BOND | {"market_value": 100_000 - worth}
    advice = " ".join(list_advice(write(facts_of(hold(*rows, **{"Risk Profile": "Balanced"})))))

    assert "spread what that brings more widely, into shares, of which there are too few" in advice


@pytest.mark.parametrize(("free", "enough"), [(5_000, False), (15_000, False), (30_000, True)])
def test_no_more_is_moved_into_shares_than_can_be_sold(free: int, enough: bool, facts_of: Compute) -> None:
    flat = {"name": "Flat in Leeds", "asset_class": "Property", "market_value": 100_000 - free - 20_000}
    rows = flat, BOND | {"market_value": free}, WORLD | {"market_value": 20_000}
    advice = " ".join(list_advice(write(facts_of(hold(*rows, **{"Risk Profile": "Moderate"})))))

    assert ("by moving £20,000 into shares" in advice) is enough
    assert ("as illiquid assets pay out or can be sold" in advice) is not enough


@pytest.mark.parametrize(("name", "kin"), [
    ("Snowflake RSU (vesting 2028)", True), ("Snowflake class B", True), ("Snow Leopard", False),
    ("Snowflake ETF", False),
])  # fmt: skip
@pytest.mark.parametrize("section", HELD)
def test_shares_whose_names_begin_alike_are_told_to_add_up(
    name: str, kin: bool, section: str, facts_of: Compute
) -> None:
    rows = [{"name": each, "asset_class": "Equity", "market_value": 30_000} for each in ("Snowflake", name)]
    text = write(facts_of(hold(*rows, WORLD, BOND, section=section)))

    assert (f"Snowflake and {name} may be of one company, and have a weight of" in text) is kin


@pytest.mark.parametrize(("gained", "worth_it"), [(1_000, False), (5_000, False), (40_000, True)])
def test_a_loss_is_set_against_a_sale_that_realises_something_beside_it(
    gained: int, worth_it: bool, facts_of: Compute
) -> None:
    share = {"name": "Acme Group", "asset_class": "Equity", "market_value": 20_000 + gained, "cost": 20_000}
    lost = {"name": "Fallen plc", "asset_class": "Equity", "market_value": 5_000, "cost": 45_000}
    whole = {"name": "World ETF", "asset_class": "Equity", "market_value": 100_000, "cost": 100_000}
    text = write(facts_of(hold(share, lost, whole)))

    assert ("set it against what the sale of Acme Group realises" in text) is worth_it


@pytest.mark.parametrize("profile", ["Conservative", "Income"])
def test_what_a_profile_allows_none_of_is_said_so(profile: str, facts_of: Compute) -> None:
    coin = {"name": "Bitcoin", "asset_class": "Crypto", "market_value": 4_000}
    text = write(facts_of(hold(coin, BOND, WORLD, **{"Risk Profile": profile})))

    assert "where the profile allows none" in text
    assert "Sell what is held in crypto, £4,000, or agree in writing why it is kept." in text
    assert "0% that the profile sets" not in text.replace("10% that", "")


def test_nothing_held_alone_is_left_without_a_question_of_whom_it_suits(facts_of: Compute) -> None:
    assert list_advice(write(facts_of(hold(WORLD))))[0].startswith("Record the client's risk profile")


# Models


@pytest.mark.parametrize("profile", ["Moderate", "Growth"])
@pytest.mark.parametrize("shares", [30_000, 85_000])
def test_what_trades_towards_the_model_settle_is_not_advised_twice(
    shares: int, profile: str, facts_of: Compute
) -> None:
    text = write(facts_of(model(("World fund", "Equity", shares, 60), ("Bonds", "Bonds", 100_000 - shares, 40),
                                profile=profile)))  # fmt: skip

    assert "the trades towards it settle that too" in text
    assert "Raise the equity share" not in text
    assert "Bring the equity share" not in text


@pytest.mark.parametrize("kept", [0, 5])
def test_a_bound_that_the_model_keeps_is_not_advised_beside_its_trades(kept: int, facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 20_000, 25), ("Bonds", "Bonds", 50_000, 75 - kept)
    text = write(
        facts_of(model(*rows, ("Listed infrastructure", "Alternatives", 30_000, kept), profile="Conservative"))
    )

    assert "To return to the model, sell" in text
    assert "let them come down" not in text
    assert "Bring alternatives" not in text


def test_within_its_bands_and_unsuitable_is_said_at_once(facts_of: Compute) -> None:
    for profile, held in itertools.product(("Conservative", "Moderate"), (80_000, 83_000)):
        rows = ("World fund", "Equity", held, 80), ("Bonds", "Bonds", 100_000 - held, 20)
        first = write(facts_of(model(*rows, profile=profile))).splitlines()[0]

        assert first.endswith("is within its bands, but the model itself does not suit the client.")


@pytest.mark.parametrize("weights", [(60, 30), (50, 30), (70, 45)])
def test_nothing_is_judged_by_a_model_that_is_no_whole(weights: tuple[int, int], facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 90_000, weights[0]), ("Bonds", "Bonds", 10_000, weights[1])
    text = write(facts_of(model(*rows)))

    assert "cannot be held against its model: the model weights do not add up to the whole" in text
    assert "needs rebalancing" not in text
    assert "outside" not in text
    assert list_advice(text)[0].startswith("Correct the model first")


@pytest.mark.parametrize("band", ["20% of something", "about five", "5 of each"])
def test_without_bands_that_can_be_read_nothing_is_traded(band: str, facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 90_000, 60), ("Bonds", "Bonds", 10_000, 40)
    text = write(facts_of(model(*rows, band=band)))

    assert text.startswith("Whether the portfolio is outside its bands cannot be told.")
    assert "To return to the model" not in text
    assert list_advice(text)[0].startswith("Settle the bands first")


@pytest.mark.parametrize("idle", [20_000, 40_000])
def test_money_at_hand_is_used_and_not_sold(idle: int, facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 60_000, 65), ("Bonds", "Bonds", 40_000 - idle, 30), ("Cash", "Cash", idle, 5)
    text = write(facts_of(model(*rows)))

    assert f"take {STYLE.money(Decimal(idle - 5_000), 'GBP')} out of Cash" in text
    assert "of Cash" not in text.replace("out of Cash", "")
    assert "costs of the sales" not in text


@pytest.mark.parametrize(("owed", "least"), [(-10_000, 5), (-4_000, 10), (-20_000, 0)])
def test_no_more_is_repaid_than_is_owed(owed: int, least: int, facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 80_000, 70), ("Bonds", "Bonds", 20_000 - owed, 30 - least)
    text = write(facts_of(model(*rows, ("Cash", "Cash", owed, least))))

    assert ("into Cash, which repays what is owed and keeps the rest at hand" in text) is (least > 0)
    assert ("repay £20,000 of Cash" in text) is (least == 0)


def test_what_is_furthest_beside_what_is_owed_is_told(facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 92_000, 75), ("Bonds", "Bonds", 28_000, 20)
    text = write(facts_of(model(*rows, ("Cash", "Cash", -20_000, 5))))

    assert "Beside what is owed, there is World fund, 17 percentage points overweight" in text


@pytest.mark.parametrize(("name", "kind"), [("Office building", "Property"), ("Meier AG", "Private company"),
                                            ("Riester annuity", "Annuity")])  # fmt: skip
def test_a_part_of_what_is_sold_whole_is_no_trade(name: str, kind: str, facts_of: Compute) -> None:
    rows = ("World fund", "Equity", 40_000, 60), ("Bonds", "Bonds", 20_000, 30)
    text = write(facts_of(model(*rows, (name, kind, 40_000, 10))))

    assert f"of {name}, which the model would sell: it cannot be sold freely" in text
    assert "To return to the model" not in text
    assert "buy" not in text.partition("To consider:")[2].partition("use new money")[0]


# Snapshots


def overview(classes: dict[str, int], **more: Any) -> Payload:
    top = max(classes, key=lambda name: classes[name])
    shares = {name: f"{share}%" for name, share in classes.items()}
    return {"Market Value": "£200,000", "Investment Value": "£200,000", "Top Asset": f"{top} ({classes[top]}%)",
            "Asset Allocation": shares, "Currency": "GBP", **more}  # fmt: skip


@pytest.mark.parametrize(("cash", "told"), [(8, False), (12, True), (55, True)])
def test_cash_among_the_classes_is_held_against_its_limit(cash: int, told: bool, facts_of: Compute) -> None:
    text = write(facts_of(overview({"Equity": 45, "Bonds": 55 - cash, "Cash": cash})))

    assert (f"Cash is {cash}% of the portfolio" in text) is told
    assert ("Agree what the cash is kept for" in text) is told


@pytest.mark.parametrize(("own", "other"), [("4%", "6%"), ("8%", "6%"), ("-1%", "2%"), ("3%", "-1%")])
def test_yearly_rates_and_their_gap_are_said_to_be_yearly(own: str, other: str, facts_of: Compute) -> None:
    more = {"XIRR_SI": own, "Benchmark XIRR": other, "Benchmark Name": "Index"}
    text = write(facts_of(overview({"Equity": 50, "Bonds": 50}, **more)))

    assert "percentage points a year" in text
    assert f"{other.removeprefix('-')} a year" in text


@pytest.mark.parametrize("words", [("Small cap", "Large cap"), ("Small caps", "Large caps"), ("Midcaps", "Bluechips"),
                                   ("Emerging markets equities", "US equities")])  # fmt: skip
def test_classes_in_the_plural_are_those_in_the_singular(words: tuple[str, str], facts_of: Compute) -> None:
    classes = {words[0]: 45, words[1]: 25, "Bonds": 30}
    table = facts_of(overview(classes, **{"Risk Profile": "Growth"}))

    if words[1] != "Bluechips":  # which is a word of names and of no class
        assert table.find("equity_share") is not None
        assert f"{words[0]} alone is 45%" in write(table)


def test_what_counts_for_two_limits_is_said_to(facts_of: Compute) -> None:
    for stakes in (20, 38):
        classes = {"Private Equity": stakes, "Equity": 50, "Real Estate": 40 - stakes, "Cash": 10}
        text = write(facts_of(overview(classes, **{"Risk Profile": "Moderate"})))

        assert "What leaves them counts for illiquid assets too." in text

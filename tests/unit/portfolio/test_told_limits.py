"""Limits that are passed: every kind of them is named with its excess and has an action, and a plan says what it cures,
what it leaves and what it is taxed."""

import random
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable, Mark
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
SECTORS, REGIONS, CODES = ("Technology", "Energy", "Utilities"), ("Japan", "Canada", "France"), ("GBP", "USD", "JPY")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


def list_advice(text: str) -> str:
    return " ".join(line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- "))


NAMES = ["Alpha", "Beta", "Gamma", "Delta", "Omega", "Kappa", "Sigma", "Theta", "Lambda", "Epsilon", "Zeta", "Iota"]


def make_rows(draw: random.Random, over: str) -> list[Payload]:
    """Twelve rows of which the first five are alike in what a limit is on, and weigh about 60 percent."""
    rows: list[Payload] = []
    for place, name in enumerate(NAMES):
        alike = place < 5
        row: Payload = {
            "name": f"{name} Group",
            "asset_class": "Equity", "currency": CODES[place % 3], "sector": SECTORS[place % 3],
            "region": REGIONS[place % 3], "account": f"Depot {place % 3}", "issuer": f"House {place}",
            "market_value": (draw.randint(110, 130) if alike else draw.randint(50, 60)) * 1000,
        }  # fmt: skip
        rows.append(row | (_ALIKE[over] if alike and over in _ALIKE else {}))
    if over == "single_name":
        rows[0]["market_value"] = 900_000
    return rows


_ALIKE: dict[str, Payload] = {
    "sector": {"sector": "Technology"}, "region": {"region": "Japan"}, "issuer": {"issuer": "House of Alpha"},
    "account": {"account": "Depot 0"}, "currency": {"currency": "USD"}, "own currency": {"currency": "GBP"},
    "asset_class": {"asset_class": "Real Estate"}, "real estate": {"asset_class": "Real Estate"},
    "illiquid": {"asset_class": "Private Equity"}, "rating": {"asset_class": "Bonds", "rating": "BB"},
    "cash": {"asset_class": "Cash"}, "liquidity": {"asset_class": "Hedge Fund"},
}  # fmt: skip
"""What the large rows have in common, by the limit that they pass together."""
_NAMED = {
    "sector": "Technology", "region": "Japan", "issuer": "House of Alpha", "account": "Depot 0", "currency": "USD",
    "own currency": "GBP", "single_name": "Alpha Group", "asset_class": "Real Estate", "real estate": "Real estate",
    "illiquid": "Illiquid assets", "liquidity": "Illiquid assets", "rating": "Bonds below investment grade",
    "cash": "Cash", "top_five": "The top 5",
}  # fmt: skip
_KEYS = {"own currency": "currency"}


@pytest.mark.parametrize("section", ["holdings", "concentration"])
@pytest.mark.parametrize("over", list(_NAMED))
@pytest.mark.parametrize("profile", [None, "Aggressive"])
def test_every_limit_of_the_client_that_is_passed_is_named_with_its_excess_and_an_action(
    over: str, section: str, profile: str | None, facts_of: Compute
) -> None:
    draw = random.Random(f"{over}{section}")
    limit = draw.choice([25, 30, 35])
    payload: Payload = {
        section: make_rows(draw, over), "Currency": "GBP", "Fx Rates": {"USD": 1, "JPY": 1},
        "limits": {"single_name": 30, "top_five": 90, "sector": 90, "issuer": 90, "account": 90, "region": 90,
                   "currency": 90, "cash": 90, _KEYS.get(over, over): limit},
    } | ({"Risk Profile": profile} if profile else {})  # fmt: skip
    text = write(payload, facts_of)
    subject = _NAMED[over]
    told = next((line for line in text.replace("\n", " ").split(". ") if subject in line and f"{limit}%" in line), "")

    assert "the client's own limit" in told, text
    assert "percentage point" in told, text
    word = {"The top 5": "top 5", "Cash": "cash"}.get(subject, subject)
    assert word.casefold() in list_advice(text).casefold(), text


@pytest.mark.parametrize("owed", [10, 30])
def test_a_limit_on_leverage_is_named_where_it_is_passed(owed: int, facts_of: Compute) -> None:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 100 + owed},
            {"name": "Lombard loan", "asset_class": "Loan", "market_value": -owed}]  # fmt: skip
    text = write({"holdings": rows, "Currency": "GBP", "limits": {"leverage": 5}}, facts_of)

    assert "the client's own limit of 5%" in text
    assert "by repaying" in list_advice(text)


@pytest.mark.parametrize("seed", range(6))
def test_limits_are_told_in_the_order_of_how_far_they_are_passed(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    sector, region = draw.sample([15, 20, 25, 30, 35, 40], 2)
    rows = [{"name": f"Firm {place}", "asset_class": "Equity", "market_value": 100, "sector": "Energy",
             "region": "Japan"} for place in range(6)]  # fmt: skip
    rows += [{"name": f"Firm {place}", "asset_class": "Equity", "market_value": 100, "sector": f"S{place}",
              "region": f"R{place}"} for place in range(6, 12)]  # fmt: skip
    limits = {"sector": sector, "region": region, "single_name": 20, "top_five": 90}
    text = write({"holdings": rows, "Currency": "GBP", "limits": limits}, facts_of)

    first, second = ("Energy has a weight", "Japan has a weight")
    assert (text.index(first) < text.index(second)) is (sector < region)


TRUSTS = [
    ("Scottish Mortgage Investment Trust", "Equity", None), ("Pershing Square Closed-End Fund", "Equity", None),
    ("CapitaLand Integrated Commercial Trust", "Real Estate", None), ("Realty Income", "REIT", None),
    ("Embassy Office Parks", "REITs", None), ("BlackRock TCP Capital", "Closed-End Fund", None),
    ("RIT Capital Partners", "Equity", "Investment Trust"), ("Argo Investments", "Equity", "Listed investment company"),
    ("iShares MSCI Korea", "Equity", "ETF"), ("Gabelli Equity Income", "Equity", "CEF"),
]  # fmt: skip


@pytest.mark.parametrize("section", ["holdings", "concentration"])
@pytest.mark.parametrize(("name", "kind", "type_"), TRUSTS)
def test_what_holds_many_is_no_single_name_in_rule_text_and_trades(
    name: str, kind: str, type_: str | None, section: str, facts_of: Compute
) -> None:
    rows: list[Payload] = [
        {"name": name, "asset_class": kind, "market_value": 40} | ({"kind": type_} if type_ else {}),
        {"name": "Acme Group", "asset_class": "Equity", "market_value": 60},
    ]
    table = facts_of({section: rows, "Currency": "GBP"})
    text = write_narrative(table, STYLE).render()

    assert {fact.subject for fact in table.list_measure("excess", "excess.single_name.")} == {"Acme Group"}
    assert table.is_marked(name, Mark.FUND)
    assert f"of {name}" not in list_advice(text)


@pytest.mark.parametrize("name", ["Northern Trust Corporation", "Trustpilot Group", "Wilmington Trust Bank"])
def test_a_bank_that_is_called_a_trust_is_a_single_name(name: str, facts_of: Compute) -> None:
    rows = [{"name": name, "asset_class": "Equity", "market_value": 40},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 60}]  # fmt: skip

    assert facts_of({"holdings": rows, "Currency": "GBP"}).list_measure("excess", "excess.single_name.")


def test_a_fund_that_may_hold_what_is_too_large_is_not_called_harmless(facts_of: Compute) -> None:
    bank = {"name": "DBS Group", "asset_class": "Equity", "sector": "Financials", "market_value": 40, "region": "Asia"}
    fund = {"name": "Asian Banks ETF", "asset_class": "Equity", "sector": "Financials", "market_value": 60}

    assert "may hold DBS Group too" in write({"holdings": [bank, fund], "Currency": "SGD"}, facts_of)
    apart = [bank, fund | {"region": "Europe"}]
    assert "may hold DBS Group too" not in write({"holdings": apart, "Currency": "SGD"}, facts_of)


def find_value(table: FactTable, fact_id: str) -> Decimal:
    fact = table.find(fact_id)
    assert fact is not None, fact_id
    return fact.value


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_says_what_it_cures_and_what_it_leaves(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    big, peer, rest = draw.randint(20, 50), draw.randint(3, 9), draw.randint(40, 70)
    rows = [{"name": "Acme Group", "asset_class": "Equity", "sector": "Technology", "market_value": big * 1000}]
    rows += [{"name": f"Peer {place}", "asset_class": "Equity", "sector": "Technology", "market_value": peer * 1000}
             for place in "ABC"]  # fmt: skip
    rows.append({"name": "World ETF", "asset_class": "Equity", "sector": "Diversified", "market_value": rest * 1000})
    table = facts_of({"holdings": rows, "Currency": "GBP", "limits": {"sector": 25}})
    text = write_narrative(table, STYLE).render()
    total = big + 3 * peer + rest
    before = Decimal(big + 3 * peer) / total * 100
    if before <= 25:
        return
    sold = max(Decimal(big) / total * 100 - 10, Decimal(0))
    after = find_value(table, "weight_after.sector.technology")
    assert abs(after - (before - sold)) < Decimal("0.0001")

    advice = list_advice(text)
    assert f"takes Technology from {STYLE.percent(before)} to {STYLE.percent(after)}" in advice, text
    assert ("more out of Technology" in advice) is (after > 25 + Decimal("0.05"))
    assert "See then" not in text


@pytest.mark.parametrize("seed", range(8))
def test_no_trade_is_proposed_that_the_rest_of_the_plan_makes_idle(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    big, fund, bonds = draw.randint(20, 60), draw.randint(20, 60), draw.randint(15, 40)
    rows = [("Acme Group", "Equity", big), ("World ETF", "Equity", fund), ("Gilts", "Gilts", bonds)]
    held = [{"name": name, "asset_class": kind, "market_value": value * 1000} for name, kind, value in rows]
    table = facts_of({"holdings": held, "Currency": "GBP", "Risk Profile": "Moderate"})
    advice = list_advice(write_narrative(table, STYLE).render())
    move, sale = table.find("equity_move"), table.find("reduction.acme_group")
    if move is None or sale is None or find_value(table, "equity_share") < 65:
        return

    if sale.value >= move.value:
        assert "Bring the equity share down" not in advice
        most = f"At least {STYLE.money(move.value, 'GBP')} of it has to stay outside shares"
        assert (most if sale.value > move.value else "None of it may go into shares") in advice
    else:
        assert f"{STYLE.money(move.value, 'GBP')} out of shares, the sales of single names counted in" in advice


ACCOUNTS = [("Taxable", True), ("General account", True), ("GIA", True), ("Brokerage", True), ("ISA", False),
            ("SIPP", False), ("401(k)", False), ("Roth IRA", False), ("Super", False), ("Pension", False),
            ("IRA", False)]  # fmt: skip


@pytest.mark.parametrize(("account", "taxed"), ACCOUNTS)
def test_a_sale_is_taxed_by_the_account_that_it_is_made_in(account: str, taxed: bool, facts_of: Compute) -> None:
    rows = [
        {"name": "Acme Group", "asset_class": "Equity", "market_value": 40_000, "cost": 10_000, "account": account},
        {"name": "World ETF", "asset_class": "Equity", "market_value": 55_000, "cost": 50_000, "account": "ISA"},
        {"name": "Loss plc", "asset_class": "Equity", "market_value": 5_000, "cost": 9_000, "account": account},
        {"name": "Bond Fund", "asset_class": "Bonds", "market_value": 20_000, "cost": 22_000, "account": "SIPP"},
    ]
    advice = list_advice(write({"holdings": rows, "Currency": "GBP"}, facts_of))

    sold = 40_000 - 12_000
    gain = STYLE.money(Decimal(sold) * 3 / 4, "GBP")
    assert (f"a capital gain of {gain}" in advice) is taxed
    assert ("£4,000 on Loss plc" in advice) is taxed
    assert "£2,000 on Bond Fund" not in advice.partition("cannot")[0]
    assert ("not taxed" in advice) is not taxed
    assert "in steps where gains are taxed" not in advice


def test_without_accounts_nothing_is_said_of_tax_on_a_sale(facts_of: Compute) -> None:
    rows = [{"name": "Acme Group", "asset_class": "Equity", "market_value": 40, "cost": 10},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 60, "cost": 50}]  # fmt: skip

    assert "taxed" not in list_advice(write({"holdings": rows, "Currency": "SGD"}, facts_of))

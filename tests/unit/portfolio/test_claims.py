"""What the builtin writer claims, held against the facts without any text; and what it must say first."""

import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.claims.holding import hold
from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import draft_lines, write_narrative
from services.portfolio.domain.narrative.text import URGENT, Line, Narrative, Role
from services.portfolio.domain.sections import Detected, detect
from tests.support.portfolio_payloads import make_payload
from tests.unit.portfolio.conftest import Compute

CATALOGUE = load_catalogue()
STYLE = make_style("en_IN")
Payload = dict[str, Any]
PAYLOADS = int(os.environ.get("CLAIM_PAYLOADS", "160"))
"""How many generated payloads are tried; `make test-claims` tries two thousand."""


def compute_seed(seed: int) -> FactTable:
    """The facts of a generated payload."""
    (found,) = detect([make_payload(seed)], CATALOGUE.sections)
    assert isinstance(found, Detected)
    return compute(found, CATALOGUE)


def list_contradicted(table: FactTable) -> list[tuple[str, str | None]]:
    """The claims of the builtin text that a fact denies, with why."""
    verdicts = (hold(claim, table) for line in draft_lines(table, STYLE) for claim in line.claims)
    return [(verdict.claim.text, verdict.why) for verdict in verdicts if verdict.fault]


def test_no_claim_of_generated_payloads_is_contradicted_by_a_fact() -> None:
    for seed in range(PAYLOADS):
        assert list_contradicted(compute_seed(seed)) == [], seed


def _assets(equity: float, model: float, **more: Any) -> Payload:
    """A portfolio of a share fund and a bond fund, in percent of a hundred thousand."""
    return {
        "total_portfolio_mv": 100_000, "Currency": "INR",
        "assets": [
            {
                "name": "Nifty 50 Index Fund", "asset_class": "Equity", "market_value": equity * 1000,
                "model_weight": model,
            },
            {
                "name": "Gilt Fund", "asset_class": "Debt", "market_value": (100 - equity) * 1000,
                "model_weight": 100 - model,
            },
        ],
        **more,
    }  # fmt: skip


def _holdings(*rows: tuple[str, str, float], **more: Any) -> Payload:
    return {
        "holdings": [{"name": name, "asset_class": kind, "market_value": value} for name, kind, value in rows],
        "Currency": "INR", **more,
    }  # fmt: skip


def _income(need: int, tax: str | None = None) -> Payload:
    payload: Payload = {
        "income": [{"name": "Gilt Fund", "market_value": 1_000_000, "income": 70_000}], "Currency": "INR",
        "annual_need": need,
    }  # fmt: skip
    return payload | ({"tax_rate": tax} if tax else {})


_PROFILES = {"conservative": (0, 30), "moderately conservative": (20, 45), "moderate": (40, 65),
             "moderately aggressive": (55, 80), "aggressive": (70, 100)}  # fmt: skip
ABOVE_MODEL, ABOVE, BELOW = ("above", "model_equity"), ("above", "equity_share"), ("below", "equity_share")


def _list_first() -> Iterator[tuple[str, Payload, tuple[str, str]]]:
    """Payloads with the claim that must come first, stated by hand."""
    for name, model in (("conservative", 31), ("moderately conservative", 46), ("moderate", 66),
                        ("moderately aggressive", 81)):  # fmt: skip
        yield f"model too bold for {name}", _assets(model, model, customer_risk_profile=name), ABOVE_MODEL
    for name, model in (("moderately conservative", 19), ("moderate", 39), ("moderately aggressive", 54),
                        ("aggressive", 69)):  # fmt: skip
        yield (
            f"model too timid for {name}",
            _assets(model, model, customer_risk_profile=name),
            ("below", "model_equity"),
        )
    for name, equity, model in (("conservative", 40, 30), ("moderately conservative", 50, 45), ("moderate", 71, 60),
                                ("moderately aggressive", 90, 80)):  # fmt: skip
        yield f"too bold for {name}", _assets(equity, model, customer_risk_profile=name), ABOVE
    for name, equity, model in (("moderately conservative", 15, 30), ("moderate", 30, 50),
                                ("moderately aggressive", 50, 60), ("aggressive", 60, 80)):  # fmt: skip
        yield f"too timid for {name}", _assets(equity, model, customer_risk_profile=name), BELOW
    for name, (low, high) in _PROFILES.items():
        middle = (low + high) / 2
        yield f"all is well for {name}", _assets(middle, middle, customer_risk_profile=name), ("none", "breaches")
    yield "out of band without a profile", _assets(70, 60), ("is", "breaches")
    yield "out of band within the profile", _assets(62, 50, customer_risk_profile="moderate"), ("is", "breaches")
    yield "an overdraft", _holdings(("Fund", "Equity", 120), ("Current account", "Cash", -20)), ("is", "leverage")
    yield (
        "a short position",
        _holdings(("A", "Equity", 90), ("B", "Equity", 30), ("C", "Equity", -20)),
        ("is", "leverage"),
    )
    yield "one share too large", _holdings(("Acme", "Equity", 30), ("Gilt Fund", "Debt", 70)), ("above", "weight")
    yield "two shares too large", _holdings(("Acme", "Equity", 40), ("Beta", "Equity", 60)), ("above", "weight")
    yield "a broad fund alone", _holdings(("Nifty 50 Index Fund", "Equity", 100)), ("is", "market_value")
    yield "broad funds alone", _holdings(("World ETF", "Equity", 50), ("Gilt Fund", "Debt", 50)), ("is", "market_value")
    yield "income short of the need", _income(90_000), ("is", "income_cover")
    yield "income short after tax", _income(69_000, "30%"), ("is", "income_cover")
    yield "income enough", _income(50_000), ("is", "income")
    yield "income enough after tax", _income(40_000, "30%"), ("is", "income")
    yield "a snapshot too bold", {
        "Market Value": 100, "Investment Value": 90, "Top Asset": "Equity (80%)", "Risk Profile": "Conservative",
        "Asset Allocation": {"Equity": "80%", "Debt": "20%"}, "Currency": "INR",
    }, ABOVE  # fmt: skip
    yield "a snapshot too timid", {
        "Market Value": 100, "Investment Value": 90, "Top Asset": "Debt (80%)", "Risk Profile": "Aggressive",
        "Asset Allocation": {"Equity": "20%", "Debt": "80%"}, "Currency": "INR",
    }, BELOW  # fmt: skip
    yield "a snapshot that suits", {
        "Market Value": 100, "Investment Value": 90, "Top Asset": "Equity (50%)", "Risk Profile": "Moderate",
        "Asset Allocation": {"Equity": "50%", "Debt": "50%"}, "Currency": "INR",
    }, ("rose", "gain")  # fmt: skip
    yield "a snapshot at a loss", {
        "Market Value": 90, "Investment Value": 100, "Top Asset": "Equity (50%)", "Currency": "INR",
    }, ("fell", "gain")  # fmt: skip
    yield "a snapshot level with its cost", {
        "Market Value": 100, "Investment Value": 100, "Top Asset": "Equity (50%)", "Currency": "INR",
    }, ("level", "market_value")  # fmt: skip
    yield "movers that gained", {
        "top_movers_data": [{"name": "Acme", "weight": 5, "return": 10}], "Portfolio Return": "2%",
    }, ("rose", "portfolio_return")  # fmt: skip
    yield "movers of a portfolio", {
        "top_movers_data": [{"name": "Acme", "weight": 5, "return": -10}], "Portfolio Return": "-2%",
    }, ("fell", "portfolio_return")  # fmt: skip


FIRST = list(_list_first())


@pytest.mark.parametrize(("payload", "expected"), [case[1:] for case in FIRST], ids=[case[0] for case in FIRST])
def test_what_must_not_be_missed_comes_first(payload: Payload, expected: tuple[str, str], facts_of: Compute) -> None:
    first = find_first(write_narrative(facts_of(payload), STYLE))

    assert (first.relation.value, first.measure) == expected


def find_first(narrative: Narrative) -> Claim:
    """The first claim of the most urgent risk, else of the headline."""
    urgent = [line for line in narrative.select(Role.RISK) if line.importance >= URGENT]
    return max(urgent, key=lambda line: line.importance, default=narrative.lines[0]).claims[0]


def test_forty_first_claims_are_stated() -> None:
    assert len(FIRST) >= 40


def _say(payload: Payload, facts_of: Compute) -> tuple[list[Line], list[Claim]]:
    lines = list(write_narrative(facts_of(payload), STYLE).read())
    return lines, [claim for line in lines for claim in line.claims]


def test_within_bands_nothing_is_traded(facts_of: Compute) -> None:
    _, claims = _say(_assets(62, 60), facts_of)

    assert not [claim for claim in claims if claim.measure == "trade"]


def test_a_need_is_held_against_income_after_tax_where_the_tax_is_known(facts_of: Compute) -> None:
    _, claims = _say(_income(60_000, "30%"), facts_of)

    assert [claim.fact for claim in claims if claim.measure == "income_cover"] == ["income_cover_after_tax"]


def test_a_payment_before_the_valuation_date_is_overdue_and_not_the_next(facts_of: Compute) -> None:
    row = {
        "name": "Gilt Fund",
        "income": 100,
        "market_value": 1000,
        "frequency": "annual",
        "next_payment": "2026-01-15",
    }

    lines, claims = _say({"income": [row], "As Of": "2026-03-31", "Currency": "INR"}, facts_of)
    text = " ".join(line.text for line in lines)

    assert [claim.fact for claim in claims if claim.relation is Relation.DATED] == ["overdue.gilt_fund"]
    assert "The next payment" not in text
    assert "Check that Gilt Fund paid" in text


def test_best_and_worst_look_at_all_positions_however_small(facts_of: Compute) -> None:
    rows = [{"name": f"Fund {i}", "market_value": 10_000 * (i + 2), "cost": 9_000 * (i + 2)} for i in range(14)]
    rows += [
        {"name": "Tiny Winner", "market_value": 90, "cost": 10},
        {"name": "Tiny Loser", "market_value": 1, "cost": 50},
    ]

    _, claims = _say({"holdings": rows, "Currency": "INR"}, facts_of)

    said = {claim.relation: claim.subject for claim in claims if claim.measure == "gain" and claim.subject}
    assert (said[Relation.MOST], said[Relation.LEAST]) == ("Tiny Winner", "Tiny Loser")


def test_one_position_in_two_accounts_is_one(facts_of: Compute) -> None:
    rows = [
        {"name": "Acme", "isin": "INE009A01021", "account": account, "market_value": value, "cost": 100}
        for account, value in (("A", 150), ("B", 60))
    ]

    _, claims = _say({"holdings": [*rows, {"name": "Beta", "market_value": 90, "cost": 100}]}, facts_of)

    assert {claim.subject for claim in claims if claim.relation is Relation.MOST and claim.measure == "gain"} == {
        "Acme"
    }


def test_a_yield_above_the_coupon_says_nothing_of_par(facts_of: Compute) -> None:
    row = {"name": "7% GS 2033", "market_value": 106.4, "coupon": 7, "ytm": 7.5, "price": 106.4, "duration": 5}

    lines, _ = _say({"fixed_income": [row], "As Of": "2026-03-31", "Currency": "INR"}, facts_of)

    assert not [line.text for line in lines if "par" in line.text.split()]


def test_a_misspelt_optional_field_is_no_contradiction(facts_of: Compute) -> None:
    table = facts_of({"Market Value": 100, "Investment Value": 90, "Top Asset": "Equity (65%)", "Benchmrk Name": "X"})

    assert table.warnings
    assert "contradict" not in write_narrative(table, STYLE).render()


def test_client_day_and_benchmark_are_named(facts_of: Compute) -> None:
    text = write_narrative(
        facts_of(
            {
                "Market Value": "₹1.2 Cr", "Investment Value": "₹1 Cr", "Top Asset": "Equity (65%)", "XIRR_SI": "12%",
                "Benchmark XIRR": "11%", "Benchmark Name": "Nifty 500 TRI", "As Of": "2026-03-31",
                "Client Name": "A. Rao",
            }
        ),
        STYLE,
    ).render()  # fmt: skip

    assert all(name in text for name in ("A. Rao", "31 March 2026", "Nifty 500 TRI"))


def test_what_a_profile_bounds_beside_equity_is_held_against_it(facts_of: Compute) -> None:
    table = facts_of(
        {
            "total_portfolio_mv": 100, "customer_risk_profile": "conservative", "Currency": "INR",
            "assets": [
                {"name": "Gilt Fund", "asset_class": "Debt", "market_value": 80, "model_weight": 80},
                {"name": "Private Credit", "asset_class": "Private Credit", "market_value": 20, "model_weight": 20},
            ],
        }
    )  # fmt: skip

    limit, share = table.find("profile_limit.illiquid"), table.find("illiquid_share")
    assert limit is not None
    assert share is not None
    assert (share.value, limit.value) == (Decimal(20), Decimal(10))


@pytest.mark.parametrize(
    ("column", "value", "bounded", "limit"),
    [("currency", "USD", "foreign_currency", 25), ("rating", "BB+", "below_investment_grade", 5)],
)
def test_a_profile_bounds_foreign_currencies_and_low_ratings(
    column: str, value: str, bounded: str, limit: int, facts_of: Compute
) -> None:
    own = {"currency": "INR", "rating": "AAA"}[column]
    assets = [
        {"name": "Gilt Fund", "asset_class": "Debt", "market_value": 60, "model_weight": 60, column: own},
        {"name": "Acme 2030", "asset_class": "Debt", "market_value": 40, "model_weight": 40, column: value},
    ]

    table = facts_of(
        {"total_portfolio_mv": 100, "customer_risk_profile": "conservative", "Currency": "INR", "assets": assets,
         "Fx Rates": {"USD": 1}}
    )  # fmt: skip

    most, share = table.find(f"profile_limit.{bounded}"), table.find(f"class_share.{bounded}")
    assert most is not None
    assert share is not None
    assert (share.value, most.value) == (Decimal(40), Decimal(limit))


def test_a_broad_fund_breaks_no_rule_of_single_names(facts_of: Compute) -> None:
    table = facts_of(_holdings(("Nifty 50 Index Fund", "Equity", 60), ("Acme", "Equity", 40)))

    breaches = table.find("breaches")
    assert breaches is not None
    assert breaches.value == 1

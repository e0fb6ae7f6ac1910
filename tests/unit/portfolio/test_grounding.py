"""Figures of narratives traced to facts, and those that are not."""

import json
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.portfolio.adapters.reference_files import load_reference
from services.portfolio.domain.claims import ground
from services.portfolio.domain.claims.evidence import gather
from services.portfolio.domain.claims.printed import read_figures
from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.errors import BoundError
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import draft_lines
from services.portfolio.domain.narrative.text import Narrative
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.support.drawn import drawn
from tests.support.narrative_mutations import list_mutations
from tests.support.portfolio_payloads import make_payload
from tests.unit.portfolio.conftest import Compute

SHARED_CASES = Path(__file__).parents[4] / "shared" / "data" / "grounding_cases.json"
STYLE = make_style("en_IN")
VOCABULARY = load_reference().vocabulary

READINGS: list[tuple[str, list[str]]] = [
    ("The book stands at ₹2,35,00,000 (2.35 crore)", ["23500000", "23500000"]),
    ("Rs. 7.25 lakh was added", ["725000"]),
    ("EUR 3.4m of bonds", ["3400000"]),
    ("£2.75bn of assets", ["2750000000"]),
    ("a (4.6)% return", ["-4.6"]),
    ("a shortfall of (2,468.10)", ["-2468.10"]),
    ("lost 40 bps", ["40"]),
    ("Debt (22.5%)", ["22.5"]),
    ("as of 30/06/2026 it held 8k units", ["8000"]),
    ("−6.3% since March 2024", ["-6.3"]),
    ("₹3L in cash", ["300000"]),
    ("12L", ["12"]),
    ("Nifty 500 gained 2.5% and the FTSE 100 lost 1%", ["2.5", "1"]),
    ("Sortino 0.92x", ["0.92"]),
    ("Top 10 positions are 61.2% of assets", ["10", "61.2"]),
    ("top five positions", ["5"]),
    ("In FY2025-26 and Q1 FY27 it gained +1.85%", ["1.85"]),
    ("between 40 and 65%", ["40", "65"]),
    ("60-65%", ["60", "65"]),
    ("-$1,250.00 (-3.10%)", ["-1250", "-3.10"]),
    ("ITC (20%)", ["20"]),
    ("COVID19, section 80C, US0378331005, the 2nd quarter", []),
    ("a 60/40 mix over a 3-year plan", ["60", "40", "3"]),
    ("two-fifths, three quarters of the money, ¾", ["40", "75", "75"]),
    ("seventy-five per cent, forty basis points", ["75", "40"]),
    ("it doubled; three of the eight positions fell", ["2", "3", "8"]),
    ("one month in twenty", ["5"]),
    ("31 December 2025, Dec 31, 2025, 2025-12-31, in 2025, 10:30", []),
]


@pytest.mark.parametrize(("text", "values"), READINGS)
def test_figures_are_read_and_what_only_looks_like_one_is_not(text: str, values: list[str]) -> None:
    assert [claim.value for claim in read_figures(text, VOCABULARY)] == [Decimal(value) for value in values]


def test_the_shared_reading_cases_pass() -> None:
    if not SHARED_CASES.exists():
        pytest.skip(f"the shared cases are not on this machine: {SHARED_CASES}")
    for case in json.loads(SHARED_CASES.read_text()):
        got = [claim.value for claim in read_figures(case["text"], VOCABULARY)]
        assert got == [Decimal(str(value)) for value in case["values"]], case["text"]


def test_names_of_the_input_hold_no_figures() -> None:
    claims = read_figures(
        "HDFC Top 100 Fund and 7.26% GS 2033 are 8%", VOCABULARY, ["HDFC Top 100 Fund", "7.26% GS 2033"]
    )

    assert [claim.value for claim in claims] == [8]


def test_a_name_that_is_only_a_number_hides_no_figure() -> None:
    assert [claim.value for claim in read_figures("Equity is 65%", VOCABULARY, ["65"])] == [65]


def test_a_locale_with_comma_decimals_is_read_in_its_own_style() -> None:
    claims = read_figures("worth €1.234.567,89 or 12,5%", VOCABULARY, (), ",", ".")

    assert [claim.value for claim in claims] == [Decimal("1234567.89"), Decimal("12.5")]


def test_the_printed_digits_say_how_exact_a_figure_is() -> None:
    (claim,) = read_figures("₹1.2 Cr", VOCABULARY)

    assert claim.step == Decimal(1_000_000)
    assert claim.unit is Unit.MONEY


SNAPSHOT: dict[str, Any] = {
    "Market Value": "₹1,20,00,000",
    "Investment Value": "₹1.0 Cr",
    "Top Asset": "Equity (65%)",
    "XIRR SI": "12.4%",
    "benchmark_xirr": "11.1",
    "Cash": "₹6 lakh",
    "As Of": "2026-03-31",
    "Asset Allocation": {"Equity": "65%", "Debt": "25%", "Gold": "5%", "Cash": "5%"},
}
MOVERS: dict[str, Any] = {
    "top_movers_data": [
        {"name": "Infosys Ltd", "weight": 5, "return": 3.2},
        {"name": "Wipro", "weight": 3.4, "return": -2.1},
        {"name": "HDFC Bank", "weight": 8.2, "return": -1.4},
        {"name": "TCS", "weight": 2, "return": 1},
    ],
    "portfolio return": "0.8%",
}
MODEL: dict[str, Any] = {
    "total_portfolio_mv": "₹1 crore",
    "customer_risk_profile": "Moderate",
    "currency": "INR",
    "assets": [
        {"name": "Nifty 50 Index Fund", "asset_class": "Equity", "market_value": 6200000, "model_weight": 55},
        {"name": "Corporate Bond Fund", "asset_class": "Debt", "market_value": 3000000, "model_weight": 35},
        {"name": "Gold ETF", "asset_class": "Gold", "market_value": 800000, "model_weight": 10},
    ],
}
RIGHT = [
    (SNAPSHOT, "Your portfolio is currently valued at ₹1.20 crore, up 20% from the ₹1 crore you invested."),
    (SNAPSHOT, "As of 31 March 2026, the portfolio's market value was INR 1,20,00,000."),
    (SNAPSHOT, "It has delivered an XIRR of 12.4% since inception, outperforming its benchmark (11.1%) by 130 bps."),
    (SNAPSHOT, "With 65% in equities, the allocation is growth-oriented."),
    (SNAPSHOT, "Asset allocation: Equity 65%, Debt 25%, Gold 5%, Cash 5%."),
    (SNAPSHOT, "Equity accounts for nearly two-thirds (65%) of assets, while debt makes up a quarter at 25%."),
    (SNAPSHOT, "Equity stands 40 percentage points above debt, at 65% against 25%."),
    (SNAPSHOT, "Gold and cash together account for 10%."),
    (SNAPSHOT, "Equity is 2.6x the debt allocation of 25%."),
    (SNAPSHOT, "The top 3 asset classes represent 95% of the total."),
    (SNAPSHOT, "1. Market value: ₹1.2 Cr\n2. Invested: ₹1 Cr\n3. Gain: ₹20 lakh (20%)"),
    (SNAPSHOT, "- **Market value:** ₹1.2 Cr\n- **Gain:** +20%"),
    (MOVERS, "Infosys was the top gainer at +3.2%, contributing 16 bps."),
    (MOVERS, "Wipro declined 2.1%, detracting 0.07 percentage points."),
    (MOVERS, "HDFC Bank, at 8.2% of the portfolio, slipped 1.4% and cost 0.11 pp."),
    (MOVERS, "Gainers: Infosys (+3.2%), TCS (+1.0%). Losers: Wipro (-2.1%), HDFC Bank (-1.4%)."),
    (MOVERS, "Infosys rose 3.2%, while Wipro and HDFC Bank fell 2.1% and 1.4% respectively."),
    (MOVERS, "Infosys, Wipro and TCS returned 3.2%, -2.1% and 1% respectively."),
    (MOVERS, "Wipro's 2.1% decline hurt performance. It had a weight of 3.4%."),
    (MOVERS, "Two stocks gained and two lost."),
    (MODEL, "Nifty 50 Index Fund is 7 percentage points overweight at 62% versus a 55% target."),
    (MODEL, "Corporate Bond Fund sits at 30%, 5 pp below its 35% model weight."),
    (MODEL, "Gold ETF is 2 pp underweight (8% vs 10%)."),
    (MODEL, "Sell ₹7 lakh of Nifty 50 Index Fund and buy ₹5 lakh of Corporate Bond Fund and ₹2 lakh of Gold ETF."),
    (MODEL, "Equity exposure of 62% is within the 40-65% range for a moderate profile."),
    (MODEL, "One asset breaches its 5 percentage point band."),
]
WRONG = [
    (SNAPSHOT, "Your portfolio is valued at ₹1.21 crore.", "₹1.21 crore"),
    (SNAPSHOT, "The portfolio is worth ₹12 crore.", "₹12 crore"),
    (SNAPSHOT, "Equity is 65.4%.", "65.4%"),
    (SNAPSHOT, "Equity is 0.65 of the portfolio.", "0.65"),
    (SNAPSHOT, "Debt is 65%.", "65%"),
    (SNAPSHOT, "The portfolio lost 20%.", "20%"),
    (SNAPSHOT, "XIRR of 12.4% trails the benchmark's 11.1%.", "11.1%"),
    (SNAPSHOT, "The benchmark returned 12.4%.", "12.4%"),
    (SNAPSHOT, "Market value is $1.2 crore.", "$1.2 crore"),
    (SNAPSHOT, "The portfolio earned 130% more.", "130%"),
    (MOVERS, "Infosys fell 3.2%.", "3.2%"),
    (MOVERS, "TCS gained 3.2%.", "3.2%"),
    (MOVERS, "Wipro (+2.1%) led.", "(+2.1%)"),
    (MOVERS, "Infosys contributed -0.16 pp.", "-0.16 pp"),
    (MOVERS, "HDFC Bank has a weight of 1.4%.", "1.4%"),
    (MODEL, "Gold ETF is 2 pp overweight.", "2 pp"),
    (MODEL, "Buy ₹7 lakh of Nifty 50 Index Fund.", "₹7 lakh"),
    (MODEL, "Gold ETF has a model weight of 8%.", "8%"),
    (MODEL, "Nifty 50 Index Fund drifted by 7%.", "7%"),
    (MODEL, "Corporate Bond Fund is at 62%.", "62%"),
]


@pytest.mark.parametrize(("payload", "text"), RIGHT)
def test_a_right_sentence_is_fully_supported(payload: dict[str, Any], text: str, facts_of: Compute) -> None:
    grounding = ground(text, facts_of(payload), STYLE)

    assert grounding.unsupported == ()
    assert grounding.claims == grounding.grounded + len(grounding.derived) > 0


@pytest.mark.parametrize(("payload", "text", "figure"), WRONG)
def test_a_wrong_figure_is_named_with_the_reason(
    payload: dict[str, Any], text: str, figure: str, facts_of: Compute
) -> None:
    grounding = ground(text, facts_of(payload), STYLE)

    assert [fault.text for fault in grounding.unsupported] == [figure]
    assert grounding.unsupported[0].why


def test_a_derived_figure_records_its_formula(facts_of: Compute) -> None:
    grounding = ground("Gold and debt together are 30% of the portfolio.", facts_of(SNAPSHOT), STYLE)

    (derivation,) = grounding.derived
    assert set(derivation.formula.split(" + ")) == {"weight.asset_class.debt", "weight.asset_class.gold"}


def test_a_figure_within_half_its_last_printed_digit_is_right(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT | {"Market Value": "₹1.24 Cr"})

    assert ground("The portfolio is worth ₹1.2 Cr.", table, STYLE).complete
    assert not ground("The portfolio is worth ₹1.3 Cr.", table, STYLE).complete


def test_a_text_beyond_the_bound_is_refused(facts_of: Compute) -> None:
    with pytest.raises(BoundError):
        ground("a" * 100_001, facts_of(SNAPSHOT), STYLE)


def test_a_hostile_text_takes_no_more_than_linear_time(facts_of: Compute) -> None:
    table = facts_of(SNAPSHOT)

    grounding = ground("1 " * 4000, table, STYLE)

    assert grounding.grounded == 0


def _tables(catalogue: Catalogue, seeds: range) -> list[FactTable]:
    found = [detect([make_payload(seed)], catalogue.sections)[0] for seed in seeds]
    return [compute(item, catalogue) for item in found if isinstance(item, Detected)]


@pytest.mark.drawn
@pytest.mark.timeout(400)
def test_mutated_narratives_are_caught(catalogue: Catalogue) -> None:
    made: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for seed, table in enumerate(_tables(catalogue, range(drawn(50, 160)))):
        style = make_style(["en_IN", "en_US"][seed % 2])
        evidence = gather([(table.section, table)])
        text = Narrative(draft_lines(table, style)).render()
        for mutation in list_mutations(random.Random(seed), text, table, style):
            made[mutation.kind] += 1
            missed[mutation.kind] += not any(item.fault for item in check_against(mutation.text, evidence, style))

    assert min(made.values()) >= drawn(30, 100), made
    assert missed.total() / made.total() <= 0.02, (made, missed)

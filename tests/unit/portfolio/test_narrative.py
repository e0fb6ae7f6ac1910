"""The builtin narrative: every line with its sources, ordered by what matters, in the locale's style."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import draft_lines, write_narrative
from services.portfolio.domain.narrative.grounding import tell_sources
from services.portfolio.domain.narrative.text import Role
from services.portfolio.domain.sections import Detected, detect
from tests.support.drawn import drawn
from tests.support.portfolio_payloads import MAKERS, make_payload
from tests.unit.portfolio.conftest import Compute

CATALOGUE = load_catalogue()


@given(
    names=st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=6, unique=True),
    values=st.lists(st.integers(min_value=1, max_value=10**9), min_size=6, max_size=6),
)
@settings(max_examples=drawn(50, 150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_assets_are_called_every_line_is_said_with_its_sources(names: list[str], values: list[int]) -> None:
    payload = {"holdings": [{"name": name, "market_value": value} for name, value in zip(names, values, strict=False)]}
    (found,) = detect([payload], CATALOGUE.sections)
    assert isinstance(found, Detected)
    try:
        table = compute(found, CATALOGUE)
    except InputError:
        return

    narrative = write_narrative(table, make_style("en_IN"))
    text, traces = narrative.render(), tell_sources(narrative).traces

    assert narrative.lines == draft_lines(table, make_style("en_IN"))
    assert all(table.find(trace.fact_id) for trace in traces)
    assert all(text[trace.start :].startswith(trace.text) for trace in traces)


@pytest.mark.parametrize("section", list(MAKERS))
def test_a_narrative_leads_with_one_headline(section: str, facts_of: Compute) -> None:
    narrative = write_narrative(facts_of(make_payload(list(MAKERS).index(section))), make_style("en_IN"))

    assert len(narrative.select(Role.HEADLINE)) == 1
    assert narrative.render().startswith(narrative.select(Role.HEADLINE)[0].text)


def test_the_style_follows_the_locale(facts_of: Compute) -> None:
    table = facts_of({"Market Value": "₹1,20,00,000", "Investment Value": "₹1 Cr", "Top Asset": "Equity (65%)"})

    assert "₹1.2 crore" in write_narrative(table, make_style("en_IN")).render()
    assert "₹12 million" in write_narrative(table, make_style("en_US")).render()


def test_contradicting_input_is_said(facts_of: Compute) -> None:
    payload = {"Market Value": 100, "Investment Value": 90, "Top Asset": "Equity (65%)"}
    table = facts_of(payload | {"Asset Allocation": {"Equity": "80%", "Debt": "40%"}})

    assert table.warnings
    assert "contradict each other" in write_narrative(table, make_style("en_IN")).render()


def test_a_breach_of_suitability_outranks_a_turnover(facts_of: Compute) -> None:
    narrative = write_narrative(
        facts_of(
            {
                "total_portfolio_mv": 1000,
                "customer_risk_profile": "Conservative",
                "assets": [
                    {"name": "Shares", "asset_class": "Equity", "market_value": 800, "model_weight": 30},
                    {"name": "Bonds", "asset_class": "Debt", "market_value": 200, "model_weight": 70},
                ],
            }
        ),
        make_style("en_IN"),
    )

    most = max(narrative.lines, key=lambda line: line.importance)
    assert "suits a conservative profile" in most.text

"""Figures of risk that are sent beside what is held: read in any shape, told with their period and basis, and held
against one another."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
SHAPES: list[Payload] = [
    {"risk": [{"metric": "Volatility", "value": "12.1%", "period": "3y"},
              {"metric": "Beta", "value": 0.85, "period": "3y"},
              {"metric": "Max drawdown", "value": "-18%", "period": "3y"}]},
    {"risk": {"volatility_3y": "12.1%", "beta_3y": 0.85, "max_drawdown_3y": "-18%"}},
    {"riskMetrics": {"3y": {"volatility": 0.121, "beta": 0.85, "maxDrawdown": -0.18}}},
    {"risk statistics": [{"period": "3y", "volatility": "12.1%", "beta": 0.85, "maxDrawdown": "-18%"}]},
    {"Risikokennzahlen": {"Volatilität 3y": "12,1 %", "Beta 3y": "0,85", "Max. Drawdown 3y": "-18,0 %"}},
    {"indicateurs de risque": [{"indicateur": "Volatilité", "valeur": "12,1 %", "période": "3y"},
                               {"indicateur": "Bêta", "valeur": "0,85", "période": "3y"},
                               {"indicateur": "Perte maximale", "valeur": "-18 %", "période": "3y"}]},
    {"Volatility 3y": "12.1%", "Beta 3y": 0.85, "Max Drawdown 3y": "-18%"},
]  # fmt: skip


def _hold(**more: object) -> Payload:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 60_000},
            {"name": "Bund 2031", "asset_class": "Bonds", "market_value": 40_000}]  # fmt: skip
    return {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows} | more


@pytest.mark.parametrize("sent", SHAPES)
def test_a_table_of_risk_is_told_with_its_period(sent: Payload, facts_of: Compute) -> None:
    table = facts_of(_hold(**sent))
    text = write_narrative(table, STYLE).render()
    values = {fact.id.partition(".")[0]: fact.value for fact in table.facts if fact.id.startswith("sent_")}

    assert values == {"sent_volatility": Decimal("12.1"), "sent_beta": Decimal("0.85"), "sent_drawdown": 18}
    assert "volatility of 12.1% (3y)" in text, text
    assert "drawdown of 18% (3y)" in text
    assert "in no figure here" not in text
    assert "cannot both be so" not in text
    assert "none was sent" not in text


@pytest.mark.parametrize(("kind", "raw", "value"), [
    ("volatility", 0.121, "12.1"), ("volatility", 12.1, "12.1"), ("volatility", "0.4%", "0.4"), ("var", 0.012, "1.2"),
    ("volatility", 0.95, None), ("volatility", 450, None), ("beta", 85, None), ("sharpe", -0.4, "-0.4"),
    ("volatility", "n/a", None),
])  # fmt: skip
def test_a_figure_is_read_where_its_size_fits_one_reading_alone(
    kind: str, raw: object, value: str | None, facts_of: Compute
) -> None:
    table = facts_of(_hold(risk={kind: raw}))
    found = [fact.value for fact in table.facts if fact.id.startswith("sent_")]

    assert found == ([] if value is None else [Decimal(value)])
    if value is None:
        assert str(raw) in write_narrative(table, STYLE).render()


def test_a_value_at_risk_is_told_with_its_level_and_in_money(facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(risk=[
        {"metric": "VaR", "confidence": "95%", "horizon": "1m", "value": "€5,400"},
        {"metric": "VaR 99%", "horizon": "1m", "value": "8.1%"}])), STYLE).render()  # fmt: skip

    assert "value at risk of €5,400 (95%, 1m)" in text, text
    assert "value at risk of 8.1% (99%, 1m)" in text
    assert "cannot both be so" not in text


OTHERS: list[Payload] = [
    {"max volatility": "10%"}, {"risk limits": {"volatility": "10%", "var": "5%"}}, {"stress": {"volatility": "10%"}},
    {"variance": "10%"}, {"Risk Profile": "Balanced"},
]  # fmt: skip


@pytest.mark.parametrize("fields", OTHERS)
def test_what_is_a_limit_or_something_else_is_no_figure_of_risk(fields: Payload, facts_of: Compute) -> None:
    assert not any(fact.id.startswith("sent_") for fact in facts_of(_hold(**fields)).facts)


def test_what_is_not_read_of_a_table_is_quoted_beside_the_rest(facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(risk={"volatility": "12.1%", "beta": 0.8, "omega": 1.4})), STYLE).render()

    assert "volatility of 12.1%" in text
    assert "omega 1.4" in text, text
    assert "none was sent" in text


DENIED: list[tuple[Payload, bool]] = [
    ({"VaR 95%": "6%", "VaR 99%": "4%"}, True), ({"VaR 95%": "4%", "VaR 99%": "6%"}, False),
    ({"VaR": "6%", "expected shortfall": "4%"}, True), ({"VaR": "4%", "expected shortfall": "6%"}, False),
    ({"volatility": "10%", "beta": 1.0, "tracking error": "30%"}, True),
    ({"volatility": "10%", "beta": 0.8, "tracking error": "4%"}, False),
    ({"volatility 1y": "10%", "beta 3y": 1.0, "tracking error 5y": "30%"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("risk", "is_denied"), DENIED)
def test_figures_that_deny_each_other_are_named(risk: Payload, is_denied: bool, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(risk=risk)), STYLE).render()

    assert ("cannot both be so" in text) is is_denied, text
    assert ("Ask how these figures of risk were computed" in text) is is_denied


@pytest.mark.parametrize(("sent", "is_denied"), [("30%", True), ("4.5%", False)])
def test_a_volatility_far_from_the_computed_one_is_named(sent: str, is_denied: bool, facts_of: Compute) -> None:
    returns = [{"date": f"2025-{month:02}-28", "return": f"{1 + (-1) ** month * 1.2:.2f}%"} for month in range(1, 13)]
    text = write_narrative(facts_of({"Currency": "EUR", "returns": returns, "volatility": sent}), STYLE).render()

    assert ("cannot both be so" in text) is is_denied, text

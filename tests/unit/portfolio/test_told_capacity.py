"""What the client can bear to lose, as an amount, against what stress results and drawdowns would take of what is
held."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
CAPACITIES = [
    ("CRM: capacity for loss", "£150,000 in any 12 months"), ("capacityForLoss", 150_000),
    ("Maximum loss", {"amount": "150,000", "horizon": "12 months"}), ("Verlusttragfähigkeit", "150.000 GBP"),
    ("Perte maximale", "150 000 GBP par an"), ("loss_capacity", "GBP 150,000"), ("max tolerable loss", "£150k"),
]  # fmt: skip
STRESSES = [
    ("stress", [{"Metric": "Volatility 3y", "Portfolio": "8.1%"},
                {"Metric": "Stress: 2008 replay", "Portfolio": "-19.6%", "Bmk": "-22.4%", "Limit": None}]),
    ("Stress tests", {"2008 replay": "-19.6%", "Rates +200bp": "-4.2%"}),
    ("scenarios", [{"scenario": "2008 replay", "loss": "19.6%"}, {"scenario": "2020", "loss": "9%"}]),
    ("Stresstest", [{"Szenario": "2008 replay", "Verlust": "-19,6 %"}]),
    ("Scénarios de stress", {"2008 replay": {"impact": "-19,6 %"}}),
    ("stressResults", [{"name": "2008 replay", "resultPct": -19.6}]),
]  # fmt: skip


def _hold(value: int = 942_300, **more: object) -> Payload:
    rows = [{"name": "Global Index Fund", "market_value": value - 60_000}, {"name": "Cash", "market_value": 60_000}]
    return {"As Of": "2026-09-30", "Currency": "GBP", "holdings": rows} | more


@pytest.mark.parametrize(("capacity", "stress"), list(product(CAPACITIES, STRESSES)))
def test_a_stress_is_told_in_money_beside_what_can_be_borne(
    capacity: tuple[str, object], stress: tuple[str, object], facts_of: Compute
) -> None:
    table = facts_of(_hold(**{capacity[0]: capacity[1], stress[0]: stress[1]}))
    text = write_narrative(table, make_style("en_GB")).render()
    excess = table.find("capacity_excess")

    assert excess is not None, text
    assert round(excess.value) == 34_691
    assert "2008 replay" in text
    assert "a stress loss of £184,691" in text, text
    assert "The client can bear to lose £150,000, so that £34,691 is beyond it" in text


@pytest.mark.parametrize("value", [700_000, 765_306, 765_307, 942_300])
def test_only_a_loss_beyond_what_can_be_borne_asks_for_action(value: int, facts_of: Compute) -> None:
    text = write_narrative(
        facts_of(_hold(value, **{"capacity for loss": 150_000, "stress": {"2008 replay": "-19.6%"}})),
        make_style("en_GB"),
    ).render()

    assert "The client can bear to lose £150,000" in text
    assert ("Bring the loss down" in text) is (value > 765_306)


@pytest.mark.parametrize("field", ["capacity for loss", "stress"])
def test_one_without_the_other_is_quoted(field: str, facts_of: Compute) -> None:
    value: object = 150_000 if field == "capacity for loss" else {"2008 replay": "-19.6%"}
    text = write_narrative(facts_of(_hold(**{field: value})), make_style("en_GB")).render()

    assert "stress loss" not in text
    assert field in text


def test_a_drawdown_is_held_against_it_too(facts_of: Compute) -> None:
    values = [1_000_000, 1_100_000, 880_000, 900_000, 950_000, 1_000_000, 1_050_000]
    series = [{"date": f"2026-{month:02}-28", "value": value} for month, value in enumerate(values, 1)]
    table = facts_of({"series": series, "Currency": "GBP", "capacity for loss": 150_000})
    text = write_narrative(table, make_style("en_GB")).render()

    assert "a stress loss of £210,000" in text, text
    assert "£60,000 is beyond it" in text

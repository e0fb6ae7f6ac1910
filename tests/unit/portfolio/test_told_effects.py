"""What each mover did to the whole, where it is sent: a column of contributions beside returns is no flow of money."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

ROWS = [("Acme", Decimal(12), Decimal(-31)), ("Beta", Decimal(6), Decimal("8.5")), ("Gamma", Decimal(22), Decimal(5))]
SHAPES = {"signs": "{}%", "bare": "{}"}
WEIGHTS = ["weight", "begWt", "Beginning Weight", "Opening Weight", "Avg Weight"]
EFFECTS = ["contribution", "Contribution", "net contribution"]


def _send(shape: str, weight: str | None, effect: str | None) -> dict[str, Any]:
    def cell(value: Decimal) -> object:
        return SHAPES[shape].format(value.normalize()) if shape == "signs" else float(value)

    rows = []
    for name, size, change in ROWS:
        row = {"name": name, "return": cell(change)}
        if weight:
            row[weight] = cell(size)
        if effect:
            row[effect] = cell(size * change / 100)
        rows.append(row)
    return {"Period": "Q3 2026", "Portfolio Return": "-2.1%", "top_movers_data": rows}


@pytest.mark.parametrize(
    ("shape", "weight", "effect"),
    [*product(SHAPES, WEIGHTS, [None, *EFFECTS]), *product(["signs"], [None], EFFECTS)],
)  # fmt: skip
def test_contributions_are_told_by_what_was_sent(
    shape: str, weight: str | None, effect: str | None, facts_of: Compute
) -> None:
    table = facts_of(_send(shape, weight, effect))
    text = write_narrative(table, make_style("en_US")).render()

    assert table.find("contribution.acme").value == Decimal("-3.72")  # type: ignore[union-attr]
    assert table.find("total_contribution").value == Decimal("-2.11")  # type: ignore[union-attr]
    for wrong in ("Without weights", "could not be read", "amount of money is needed", "spoken for", "()"):
        assert wrong not in text


def test_a_flow_of_money_beside_returns_stays_one(facts_of: Compute) -> None:
    rows = [{"name": name, "return": f"{change}%", "contribution": "$5,000"} for name, _, change in ROWS]
    table = facts_of({"top_movers_data": rows})

    assert table.find("contribution.acme") is None

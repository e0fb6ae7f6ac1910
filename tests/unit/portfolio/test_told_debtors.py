"""Of debtors above the limit all are named, the weakest first, and what is to be done begins with the weakest."""

from itertools import permutations

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

DEBTORS = [("Province Alpha 3.60% 2033", 380_000, "AA-"), ("Bank Beta 5.20% 2034", 250_000, "A"),
           ("Hydro Gamma 4.00% 2055", 140_000, "BBB"), ("Aero Delta 7.45% 2034", 125_000, "BB-")]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_every_debtor_above_the_limit_is_told_and_the_weakest_first(order: tuple[int, ...], facts_of: Compute) -> None:
    rows = [
        {"name": DEBTORS[at][0], "market_value": DEBTORS[at][1], "rating": DEBTORS[at][2], "coupon": "4%",
         "face_value": DEBTORS[at][1], "price": "100", "maturity": DEBTORS[at][0][-4:] + "-09-01"} for at in order
    ]  # fmt: skip
    rows.append({"name": "Bell Epsilon 3.35% 2029", "market_value": 80_000, "face_value": 80_000, "price": "100",
                 "rating": "BBB", "coupon": "3.35%", "maturity": "2029-03-12"})  # fmt: skip
    text = write_narrative(
        facts_of({"As Of": "2026-06-30", "Currency": "CAD", "bonds": rows}), make_style("en_CA")
    ).render()
    lead, _, rest = text.partition("one default would reach")
    too = rest.partition("for a single debtor too: ")[2].partition("To consider")[0]

    assert "Aero Delta 7.45% 2034 has a weight of 12.8%" in lead, text
    assert all(name in too for name, _, _ in DEBTORS[:3]), too
    assert "Next step: ask for bids on Aero Delta" in text or "Next step: ask for bids on what Aero Delta" in text, text

"""A rating below the client's own minimum, and income that ends with what matures within a year, however both are
sent."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
FLOORS: list[Payload] = [
    {"limits": {"minRating": "BBB-"}}, {"limits": {"Minimum rating": "BBB-", "single_name": "60%"}},
    {"Limites": {"notationMin": "BBB-"}},
    {"limits": {"minRating": "BBB-", "single_name": 60}}, {"Anlagerichtlinien": {"Mindestrating": "BBB-"}},
    {"Minimum Rating": "BBB-"}, {"rating_floor": "BBB-"}, {"notation minimale": "BBB-"},
]  # fmt: skip
BEFORE = [
    {"previousRating": "BBB-", "ratingDate": "2026-10-22"}, {"Prior rating": "BBB-"},
    {"notationPrec": "BBB-", "dateNotation": "22/10/2026"}, {"Vorheriges Rating": "BBB-"}, {},
]  # fmt: skip


def _bonds(before: Payload | None = None, weak: str = "BB+", **more: object) -> Payload:
    rows: list[Payload] = [
        {"name": "OAT 2.75% 2030", "face_value": 200_000, "price": 100, "coupon": 2.75, "maturity": "2030-02-25",
         "ytm": 2.6, "rating": "A+"},
        {"name": "Meridia 5.25%", "face_value": 250_000, "price": 100, "coupon": 5.25, "maturity": "2027-01-15",
         "ytm": 2.9, "rating": "A-"},
        {"name": "Ardenne 4.75%", "face_value": 100_000, "price": 100, "coupon": 4.75, "maturity": "2029-06-20",
         "ytm": 6.3, "rating": weak, **(before or {})},
    ]  # fmt: skip
    return {"As Of": "2026-11-14", "Currency": "EUR", "fixed_income": rows} | more


@pytest.mark.parametrize(("floor", "before"), list(product(FLOORS, BEFORE)))
def test_a_rating_below_the_clients_minimum_is_named(floor: Payload, before: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_bonds(before, **floor)), make_style("en_GB")).render()

    assert "Ardenne 4.75% is rated BB+, below the client's own minimum of BBB-" in text, text
    assert ("(before: BBB-" in text) is bool(before)
    assert "Meridia 5.25% is rated" not in text
    assert "could be held against this list" not in text


@pytest.mark.parametrize(("rating", "floor", "told"), [
    ("BBB-", "BBB-", False), ("BBB", "BBB-", False), ("BB+", "BB", False), ("BBB+", "A-", True), ("Ba1", "Baa3", True),
    ("Baa2", "Baa3", False), ("BB+", "Baa3", False), ("[ICRA]A", "AA-", True), ("CCC", "B-", True),
])  # fmt: skip
def test_only_symbols_of_one_scale_are_compared(rating: str, floor: str, told: bool, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_bonds(weak=rating, minRating=floor)), make_style("en_GB")).render()

    assert ("below the client's own minimum" in text) is told


@pytest.mark.parametrize("floor", FLOORS[:3])
def test_holdings_are_held_against_the_minimum_too(floor: Payload, facts_of: Compute) -> None:
    rows = [{"name": "Ardenne 4.75% 2029", "market_value": 100_000, "rating": "BB+", "asset_class": "Bonds"},
            {"name": "World Fund", "market_value": 900_000}]  # fmt: skip
    text = write_narrative(facts_of({"holdings": rows, "Currency": "EUR"} | floor), make_style("en_GB")).render()

    assert "Ardenne 4.75% 2029 is rated BB+, below the client's own minimum of BBB-" in text, text


NEEDS = ["annualIncomeNeed", "Income need", "besoinRevenuAnnuel", "Einkommensbedarf", "Required income"]


@pytest.mark.parametrize("field", NEEDS)
@pytest.mark.parametrize("need", [23_000, 12_000])
def test_income_that_ends_with_what_matures_is_told_beside_the_need(field: str, need: int, facts_of: Compute) -> None:
    table = facts_of(_bonds(**{field: need}))
    text = write_narrative(table, make_style("en_GB")).render()
    whole, ends, left = (table.find(name) for name in ("coupon_income", "coupon_ending", "coupon_left"))

    assert whole is not None
    assert ends is not None
    assert left is not None
    assert (whole.value, ends.value, left.value) == (Decimal(23_375), Decimal(13_125), Decimal(10_250))
    assert "coupon payments of €23,375 a year" in text, text
    assert "leaves coupon payments of €10,250 a year" in text
    assert f"€{need:,} a year is needed" in text
    assert "spoken for" not in text


def test_without_a_maturity_within_a_year_no_income_ends(facts_of: Compute) -> None:
    payload = _bonds()
    payload["fixed_income"][1]["maturity"] = "2028-01-15"

    assert facts_of(payload).find("coupon_ending") is None

"""What has no price is in no total and no average, and is told by name; what is in default pays no coupon."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import Mark
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
LOST = "Severn Housing 5% 2044"
BLANKS = [None, "", "n/a", "-", "—", "N.A.", "no price", "not priced", "stale", "k.A.", "n.d.", "TBD"]


def _list_bonds(column: str, cell: object, **more: object) -> Payload:
    """Three bonds, the last of which has nothing in its column of worth."""
    worth = {"price": ("99.00", "101.00"), "market_value": ("99000", "202000")}[column]
    rows = [
        {"name": "Alpha 2% 2028", "face_value": "100000", column: worth[0], "coupon": "2%", "maturity": "2028-06-30",
         "rating": "AA"},
        {"name": "Beta 3% 2030", "face_value": "200000", column: worth[1], "coupon": "3%", "maturity": "2030-06-30",
         "rating": "A"},
        {"name": LOST, "face_value": "300000", column: cell, "coupon": "5%", "maturity": "2044-09-30",
         "rating": "A-"} | more,
    ]  # fmt: skip
    return {"As Of": "2026-06-30", "Currency": "GBP", "fixed_income": rows}


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


@pytest.mark.parametrize("column", ["price", "market_value"])
@pytest.mark.parametrize("blank", BLANKS)
def test_a_bond_without_a_price_is_in_no_figure_and_is_named(column: str, blank: object, facts_of: Compute) -> None:
    table = facts_of(_list_bonds(column, blank))
    text = write_narrative(table, make_style("en_GB")).render()
    value, duration = table.find("market_value"), table.find("duration")

    assert value is not None
    assert value.value == 301_000
    assert duration is not None
    assert duration.value < 4
    assert not [fact for fact in table.facts if fact.subject == LOST]
    assert f"{LOST} has no price and is in no figure here" in text, text
    assert "over 10 years" not in text


@pytest.mark.parametrize("names", [("Face", "Price"), ("Nominal", "Kurs"), ("Nominal", "Cours")])
def test_it_is_so_in_other_words(names: tuple[str, str], facts_of: Compute) -> None:
    face, price = names
    rows = [{"Name": "Alpha 2% 2028", face: 100_000, price: 99, "Coupon": "2%", "Maturity": "2028-06-30"},
            {"Name": LOST, face: 300_000, price: "n/a", "Coupon": "5%", "Maturity": "2044-09-30"}]  # fmt: skip
    table = facts_of({"As Of": "2026-06-30", "Currency": "EUR", "fixed_income": rows})
    value = table.find("market_value")

    assert value is not None
    assert value.value == 99_000


def test_a_deposit_needs_no_price(facts_of: Compute) -> None:
    table = facts_of(_list_bonds("price", "n/a", name="Northbank fixed term deposit", maturity="2026-12-31"))
    value = table.find("market_value")

    assert value is not None
    assert value.value == 601_000


def test_faces_alone_are_said_to_be_no_prices(facts_of: Compute) -> None:
    rows = [{"name": "Alpha 2% 2028", "face_value": 100_000, "coupon": "2%", "maturity": "2028-06-30"},
            {"name": "Beta 3% 2030", "face_value": 200_000, "coupon": "3%", "maturity": "2030-06-30"}]  # fmt: skip
    text = write({"As Of": "2026-06-30", "Currency": "GBP", "fixed_income": rows}, facts_of)

    assert "No price was sent: all is told at its face value" in text


def test_without_any_price_the_column_of_prices_leaves_no_figures(facts_of: Compute) -> None:
    rows = [{"name": "Alpha 2% 2028", "face_value": 100_000, "price": "n/a", "coupon": "2%", "maturity": "2028-06-30"}]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "fixed_income": rows})

    assert table.find("market_value") is None


FAILED: list[Payload] = [
    {"rating": "D"},
    {"rating": "A-", "status": "in default since March"},
    {"rating": None, "remark": "Stopped paying in March 2026"},
    {"Bemerkung": "Zahlungsausfall seit März 2026"},
    {"Remarque": "En défaut de paiement depuis mars 2026"},
    {"Opmerking": "In gebreke sinds maart 2026"},
    {"Nota": "Emittente insolvente da marzo 2026"},
    {"Observaciones": "En impago desde marzo de 2026"},
]


@pytest.mark.parametrize("says", FAILED)
@pytest.mark.parametrize("price", ["22.00", "n/a"])
def test_what_is_in_default_pays_no_coupon_and_has_no_yield(says: Payload, price: str, facts_of: Compute) -> None:
    rows = _list_bonds("price", price, maturity="2027-03-31") | {}
    rows["fixed_income"][-1].pop("rating")
    rows["fixed_income"][-1] |= says
    table = facts_of(rows)
    text = write_narrative(table, make_style("en_GB")).render()
    coupon, yearly, value = (table.find(name) for name in ("coupon", "ytm", "market_value"))

    assert table.is_marked(LOST, Mark.DEFAULTED)
    assert coupon is not None
    assert coupon.value < 3
    assert yearly is not None
    assert yearly.value < Decimal("3.5")
    assert value is not None
    assert value.value == (367_000 if price == "22.00" else 301_000)
    assert table.find("coupon_income") is None
    assert "under 1 year" not in text
    assert f"{LOST}" in text
    assert "in default" in text


@pytest.mark.parametrize("says", ["Not in default", "Never defaulted", "Kein Zahlungsausfall", "default risk: low"])
def test_what_is_not_in_default_is_as_others(says: str, facts_of: Compute) -> None:
    table = facts_of(_list_bonds("price", "98.00", remark=says))

    assert not table.is_marked(LOST, Mark.DEFAULTED)


@pytest.mark.parametrize("blank", ["n/a", None, "-"])
def test_a_holding_without_a_price_is_in_no_weight_and_is_named(blank: object, facts_of: Compute) -> None:
    rows = [{"name": "Alpha plc", "quantity": 100, "price": 50}, {"name": "Beta plc", "quantity": 50, "price": 100},
            {"name": "Gamma plc", "quantity": 70, "price": blank}]  # fmt: skip
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "holdings": rows})
    text = write_narrative(table, make_style("en_GB")).render()

    assert not [fact for fact in table.facts if fact.subject == "Gamma plc"]
    assert "Gamma plc" in text, text

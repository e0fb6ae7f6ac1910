"""Rows are called by the column that names them, whatever it is called, and else by what they are."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
COLUMNS = [
    "Source", "Quelle", "Bezeichnung", "Income source", "Ertragsquelle", "Source de revenu", "Bron", "Inkomstenbron",
    "Fonte", "Fuente", "Libellé", "Position", "Anlage", "Placement", "Omschrijving", "Payer", "Property", "From",
    "What", "Item", "Zahler", "Débiteur", "収入源",
]  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_sources_of_income_have_their_names(column: str, facts_of: Compute) -> None:
    rows = [
        {column: "State Pension", "Annual income": "£12,400", "Frequency": "monthly", "Remark": "indexed"},
        {column: "Gilts", "Annual income": "£6,500", "Frequency": "semi-annual", "Next payment": "29 July 2026"},
    ]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "income": rows})

    assert {fact.subject for fact in table.facts if fact.id.startswith("income.")} == {"State Pension", "Gilts"}
    (due,) = [fact for fact in table.facts if fact.id.startswith("next_payment")]
    assert (due.subject, due.value) == ("Gilts", 3_250)


@pytest.mark.parametrize("column", ["Emission", "Papier", "Obligation", "Titolo", "Instrument"])
def test_bonds_have_their_names(column: str, facts_of: Compute) -> None:
    rows = [
        {column: "Alpha 2% 2028", "market_value": 100_000, "coupon": "2%", "maturity": "2028-06-30"},
        {column: "Beta 3% 2030", "market_value": 200_000, "coupon": "3%", "maturity": "2030-06-30"},
    ]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "fixed_income": rows})

    assert {fact.subject for fact in table.facts if fact.id.startswith("weight.")} == {"Alpha 2% 2028", "Beta 3% 2030"}


NAMELESS: list[tuple[Payload, str]] = [
    ({"Type": "Rent"}, "Rent"), ({}, "the source in row 1"), ({"asset_class": "Bonds"}, "Bonds"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "name"), NAMELESS)
def test_a_row_without_a_name_is_called_by_what_it_is(more: Payload, name: str, facts_of: Compute) -> None:
    rows = [{"Annual income": "£12,400", "Frequency": "monthly", **more}, {"name": "Gilts", "Annual income": "£6,500"}]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "income": rows})

    assert any(fact.subject == name for fact in table.facts), [fact.subject for fact in table.facts]
    assert "Unnamed" not in write_narrative(table, make_style("en_GB")).render()


@pytest.mark.parametrize(
    ("column", "amount", "yearly"),
    [("Monthly income", "£1,150", 13_800), ("Income per month", 1_150, 13_800), ("Quarterly income", "£3,000", 12_000),
     ("Monatlicher Ertrag", "1150", 13_800), ("Revenu mensuel", "1 150", 13_800)],
)  # fmt: skip
def test_a_monthly_amount_stands_beside_yearly_ones(
    column: str, amount: object, yearly: int, facts_of: Compute
) -> None:
    annual = {"Monatlicher Ertrag": "Jährlicher Ertrag", "Revenu mensuel": "Revenu annuel"}.get(column, "Annual income")
    rows = [{"Source": "State Pension", annual: "12400", "Frequency": "monthly"}, {"Source": "Rent", column: amount}]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "income": rows})
    rent, whole = table.find("income.rent"), table.find("income")

    assert rent is not None
    assert rent.value == yearly
    assert whole is not None
    assert whole.value == yearly + 12_400


ENDS: list[tuple[str, str]] = [
    ("Remark", "Tenant has given notice, leaves 31 August 2026; no new tenancy agreed"),
    ("Note", "Lease ends on 31 August 2026"), ("Comment", "Paid until 31 August 2026"),
    ("Bemerkung", "Mieter hat gekündigt, zieht am 31. August 2026 aus"), ("Bemerkung", "Endet am 31.08.2026"),
    ("Remarque", "Le locataire part le 31 août 2026"), ("Remarque", "Bail résilié au 31/08/2026"),
    ("Opmerking", "Huurder vertrekt op 31 augustus 2026"), ("Opmerking", "Loopt af op 31-08-2026"),
    ("Nota", "L'inquilino lascia il 31 agosto 2026"), ("Nota", "El inquilino se va el 31/08/2026"),
    ("End date", "2026-08-31"), ("Paid until", "31 Aug 2026"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "says"), ENDS)
def test_an_income_that_ends_on_a_day_is_told_to_end_and_what_is_left(
    column: str, says: str, facts_of: Compute
) -> None:
    rows = [
        {"Source": "State Pension", "Annual income": "£12,400", "Frequency": "monthly"},
        {"Source": "Rent", "Annual income": "£13,800", column: says},
    ]
    payload = {"As Of": "2026-06-30", "Currency": "GBP", "income": rows, "annual_need": "£25,000", "tax_rate": "0%"}
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    left = table.find("income_lasting")

    assert left is not None, text
    assert left.value == 12_400
    assert "Rent pays £13,800 a year until 31 August 2026" in text, text
    assert "£12,400 a year is left" in text


@pytest.mark.parametrize(
    "says", ["Lease renewed until 2030", "Indexed each year on 31 August", "Rent review on 31 August 2026",
             "Ended 31 August 2019 and was let again", "Does not end on 31 August 2026"],
)  # fmt: skip
def test_an_income_that_goes_on_is_not_told_to_end(says: str, facts_of: Compute) -> None:
    rows = [
        {"Source": "State Pension", "Annual income": "£12,400"},
        {"Source": "Rent", "Annual income": "£13,800", "Remark": says},
    ]
    table = facts_of({"As Of": "2026-06-30", "Currency": "GBP", "income": rows})

    assert table.find("income_lasting") is None

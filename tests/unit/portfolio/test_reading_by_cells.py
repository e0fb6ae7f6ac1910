"""Columns that are known by what stands in them, and the least rating that a sentence sets, in any language."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
FLOOR: Payload = {"minimum rating": "BBB-"}
BELOW = "Ardenne 4.75% is rated BB-, below the client's own minimum of BBB-"


def _bonds(column: str, ratings: tuple[str, str, str] = ("AA-", "BB-", "A"), more: Payload | None = None) -> Payload:
    names = ("OAT 2.75% 2030", "Ardenne 4.75%", "Meridia 5.25%")
    rows = [
        {"name": name, "face_value": 200_000, "price": 100, "coupon": 3, "maturity": "2030-02-25", column: rating}
        for name, rating in zip(names, ratings, strict=True)
    ]
    return {"As Of": "2026-11-14", "Currency": "EUR", "fixed_income": rows} | (more or {})


def _tell(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


@pytest.mark.parametrize("column", ["Cote", "Note", "Nota", "Stufe", "Qualité", "Klasse der Güte", "信用"])
def test_a_column_of_symbols_of_agencies_is_the_rating_whatever_it_is_called(column: str, facts_of: Compute) -> None:
    table = facts_of(_bonds(column, more=FLOOR))

    assert BELOW in write_narrative(table, make_style("en_GB")).render()
    assert [entry.read_as for entry in table.reading if entry.field.endswith(f".{column}")] == [{"unit": "rating"}]


@pytest.mark.parametrize(("column", "ratings"), [
    ("Grade", ("A", "B+", "C")), ("ESG", ("AAA", "BBB", "BB")), ("Previous rating", ("AA-", "BB-", "A")),
    ("Remark", ("AA-", "sold", "new")), ("Type", ("A", "B", "A")), ("Remark", ("nr", "not rated", "unrated")),
])  # fmt: skip
def test_what_may_be_something_else_is_no_rating(column: str, ratings: tuple[str, str, str], facts_of: Compute) -> None:
    table = facts_of(_bonds(column, ratings, FLOOR))

    assert "below the client's own minimum" not in write_narrative(table, make_style("en_GB")).render()


def test_of_two_columns_of_symbols_neither_is_taken(facts_of: Compute) -> None:
    payload = _bonds("Heute", more=FLOOR)
    for row in payload["fixed_income"]:
        row["Gestern"] = "AA-"

    assert "below the client's own minimum" not in _tell(payload, facts_of)


def test_a_rating_by_its_name_counts_before_one_by_its_cells(facts_of: Compute) -> None:
    payload = _bonds("Cote", more=FLOOR)
    for row in payload["fixed_income"]:
        row["rating"] = "AA-"

    assert "below the client's own minimum" not in _tell(payload, facts_of)


@pytest.mark.parametrize("sentence", [
    "Mandat : aucune obligation sous BBB-.", "Mandat: keine Anleihen unter BBB-.", "Nessuna obbligazione sotto BBB-",
    "Ninguna por debajo de BBB-.", "Geen obligaties onder BBB-", "No bonds below BBB-, no cash need before 2027.",
    "The client wants nothing rated below BBB-.", "Keine Anleihe mit einem Rating unter BBB-.",
    "Aucun titre noté en dessous de BBB-.", "Nessun titolo con rating inferiore a BBB-.",
    "Ningún bono con calificación inferior a BBB-.", "Geen obligaties met een rating lager dan BBB-.",
    "Nenhuma obrigação abaixo de BBB-.", "Inga obligationer under BBB-.", "Żadnych obligacji poniżej BBB-.",
    "Bonds below BBB- are not allowed.", "Anleihen unter BBB- sind ausgeschlossen.",
    "Obligations sous BBB- interdites.",
    "Obbligazioni sotto BBB- non ammesse.", "Bonos por debajo de BBB- prohibidos.",
    "Obligaties onder BBB- zijn niet toegestaan.", "Not below BBB-.",
])  # fmt: skip
def test_a_sentence_sets_the_least_rating(sentence: str, facts_of: Compute) -> None:
    text = _tell(_bonds("rating", more={"Remark": f"{sentence} Met in May."}), facts_of)

    assert BELOW in text, text
    assert "Met in May" in text


@pytest.mark.parametrize("sentence", [
    "No problem with bonds below BBB-.", "Bonds below BBB- are welcome.", "One bond fell below BBB- in May.",
    "Keine Einwände gegen Anleihen unter BBB-.", "No bonds below BBB-. Nothing below A-.",
    "No ESG rating below BBB.", "Obligations sous BBB- souhaitées.", "No need of cash below 5,000.",
])  # fmt: skip
def test_a_sentence_of_something_else_sets_none(sentence: str, facts_of: Compute) -> None:
    assert "below the client's own minimum" not in _tell(_bonds("rating", more={"Remark": sentence}), facts_of)

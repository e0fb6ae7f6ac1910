"""Tables deeper in a payload are read like those at its top, or refused or named, and never passed over."""

import json
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue, Detected, Undetected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
ROWS: dict[str, list[Payload]] = {
    "holdings": [{"name": "World ETF", "asset_class": "Equity", "market_value": 600},
                 {"name": "Bund 2031", "asset_class": "Bonds", "market_value": 400}],
    "Positionen": [{"Bezeichnung": "World ETF", "Anlageklasse": "Aktien", "Kurswert": "600,00"},
                   {"Bezeichnung": "Bund 2031", "Anlageklasse": "Anleihen", "Kurswert": "400,00"}],
    "assets": [{"name": "World ETF", "market_value": 600, "model_weight": "50%"},
               {"name": "Bund 2031", "market_value": 400, "model_weight": "50%"}],
    "bonds": [{"name": "Bund 2031", "face_value": 1_000, "price": 99, "coupon": "1%", "maturity": "2031-02-15"}],
    "income": [{"name": "World ETF", "market_value": 600, "yield": "2%"},
               {"name": "Bund 2031", "market_value": 400, "yield": "3%"}],
}  # fmt: skip
TOP = {"asOf": "2026-03-31", "currency": "EUR"}


def _flat(name: str) -> Payload:
    return {"clientName": "Otto", **TOP, name: ROWS[name]}


SHAPES = {
    "under the portfolio": lambda name: {"client": {"name": "Otto"}, "portfolio": {**TOP, name: ROWS[name]}},
    "under the client": lambda name: {"client": {"name": "Otto", name: ROWS[name]}, **TOP},
    "in an envelope": lambda name: {"result": {"data": {"clientName": "Otto", **TOP, "portfolio": {name: ROWS[name]}}}},
    "under one account": lambda name: {"client": {"name": "Otto", "accounts": [{"id": "7", name: ROWS[name]}]}, **TOP},
    "by account": lambda name: {"clientName": "Otto", **TOP, "accounts": [
        {"name": "ISA", name: ROWS[name][:1]}, {"name": "GIA", name: ROWS[name][1:]}]},
    "by portfolio and account": lambda name: {"clientName": "Otto", **TOP, "portfolios": [
        {"name": "P", "accounts": [{"name": "ISA", name: ROWS[name]}]}]},
}  # fmt: skip


def _find(payload: Payload, catalogue: Catalogue) -> Detected | Undetected:
    (found,) = detect([payload], catalogue.sections)
    return found


def _list_values(table: FactTable) -> list[tuple[str, object]]:
    return sorted((fact.id, fact.value) for fact in table.facts if "account" not in fact.id)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ROWS)
def test_what_stands_deeper_has_the_figures_of_what_stands_at_the_top(
    shape: str, name: str, facts_of: Compute, catalogue: Catalogue
) -> None:
    deep, flat = facts_of(SHAPES[shape](name)), facts_of(_flat(name))

    assert deep.section == flat.section
    assert _list_values(deep) == _list_values(flat)
    assert deep.frame.client == "Otto"
    assert any(note.code == "nested" for note in deep.notes)


@pytest.mark.parametrize("name", ["holdings", "Positionen"])
def test_rows_are_in_the_account_and_currency_that_they_stand_in(name: str, catalogue: Catalogue) -> None:
    payload = {**TOP, "fxRates": {"USD": 0.9}, "accounts": [
        {"name": "ISA", "currency": "USD", name: ROWS[name]}, {"number": 12, name: ROWS[name]}]}  # fmt: skip
    found = _find(payload, catalogue)
    assert isinstance(found, Detected)
    rows = found.get("holdings")
    assert isinstance(rows, list)
    assert [row["account"] for row in rows] == ["ISA", "ISA", "account 12", "account 12"]
    assert [row.get("currency") for row in rows] == ["USD", "USD", None, None]


REFUSED: list[tuple[Payload, str]] = [
    ({"clients": [{"name": "A", "holdings": ROWS["holdings"]}, {"name": "B", "holdings": ROWS["holdings"]}]},
     "several clients"),
    ({"accounts": [{"name": name, "holdings": [{"name": "X", "weight": "100%"}]} for name in "AB"]}, "weights"),
    ({"client": {"accounts": [{"holdings": ROWS["holdings"], "bonds": ROWS["bonds"]}]}}, "accounts"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "word"), REFUSED)
def test_what_cannot_be_put_together_is_refused_by_name(payload: Payload, word: str, catalogue: Catalogue) -> None:
    found = _find(payload, catalogue)

    if isinstance(found, Undetected):
        assert word in str(found.error)
    else:
        assert "accounts" in json.dumps([note.message for note in compute(found, catalogue).notes])


@pytest.mark.parametrize("where", ["other", "closed accounts"])
def test_a_table_beside_the_one_that_is_read_is_named(where: str, facts_of: Compute) -> None:
    inner = {"positions": [{"name": "Z", "market_value": 100}, {"name": "Q", "market_value": 90}]}
    payload = _flat("holdings") | {where: inner if where == "other" else [inner]}
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "Tables deeper in the payload are in no figure" in text, text
    assert f"{where}" in text


@pytest.mark.parametrize("name", ["lots", "taxLots", "Tranchen"])
def test_a_row_with_lots_is_a_row(name: str, facts_of: Compute) -> None:
    payload = _flat("holdings")
    lots = [{"name": "World ETF", "market_value": 300, "cost": 100}, {"name": "World ETF", "market_value": 300}]
    payload["holdings"] = [ROWS["holdings"][0] | {name: lots}, ROWS["holdings"][1]]
    value = facts_of(payload).find("market_value")

    assert value is not None
    assert value.value == 1_000


def test_the_output_of_a_job_is_named_at_the_top_alone(catalogue: Catalogue) -> None:
    inner = {"converter_output": {"user_id": "u", "job_id": "j"}, "holdings": ROWS["holdings"]}
    found = _find({"portfolio": inner, **TOP}, catalogue)

    assert isinstance(found, Detected)
    assert found.get("converter_output") is None


@pytest.mark.parametrize("name", ["client", "investor", "kunde", "cliente", "household", "familia", "owner", "gezin"])
def test_a_client_that_is_an_object_says_its_name_and_profile(name: str, facts_of: Compute) -> None:
    who = {"name": "Otto", "riskProfile": "Balanced"}
    table = facts_of({name: who, **TOP, "holdings": ROWS["holdings"]})

    assert table.frame.client == "Otto"
    assert table.find("profile_max") is not None

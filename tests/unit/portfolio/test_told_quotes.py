"""What is quoted of a payload reads as a person writes: names in words, columns of all rows in one phrase, and nothing
that says nothing."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
TODAY = "2026-09-30"


def _hold(column: str = "", values: list[object] | None = None, **more: object) -> Payload:
    names = ["Alpha plc", "World Fund", "Bond Fund", "Gamma plc", "Cash"]
    rows: list[Payload] = [{"name": name, "market_value": 400_000 - 70_000 * place} for place, name in enumerate(names)]
    for row, value in zip(rows, values or [], strict=False):
        row[column] = value
    return {"As Of": TODAY, "Currency": "GBP", "holdings": rows} | more


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


NESTED = [
    ("cgt", {"annualExempt": 3000, "usedThisYear": 0, "rate": "24%"},
     "cgt: annual exempt 3000, used this year 0, rate 24%"),
    ("feeTerms", {"basePct": "0.5%", "VAT_included": True},
     "fee terms: base pct 0.5%, VAT included yes"),
    ("review_cycle", {"nextMeeting": "2027-01-15", "heldBy": "J. Roe"},
     "review cycle: next meeting 2027-01-15, held by J. Roe"),
    ("Depotvertrag", {"Kündigung": "3 Monate", "Gebühr p.a.": "0,4 %"},
     "Depotvertrag: Kündigung 3 Monate, Gebühr p.a. 0,4 %"),
    ("mandat", {"dateSignature": "2020-03-01", "préavisJours": 30},
     "mandat: date signature 2020-03-01, préavis jours 30"),
    ("custody", {"main": {"bankName": "Alpha", "since": 2010}},
     "custody: main (bank name Alpha, since 2010)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "words"), NESTED)
def test_nested_fields_are_quoted_in_words_with_their_units(
    name: str, value: object, words: str, facts_of: Compute
) -> None:
    assert words in write(_hold(**{name: value}), facts_of)


COLUMNS = [
    ("Risk band", ["2", "3", "3", "5", "1"], "Risk band: 1 to 5 in 5 rows"),
    ("bid_spread", ["0.10%", "0.20%", "0.05%", "0.40%", "0.01%"], "bid spread: 0.01% to 0.40% in 5 rows"),
    ("sleeveName", ["Core", "Core", "Satellite", "Satellite", "Core"],
     "sleeve name: Core (3 rows) and Satellite (2 rows)"),
    ("Bucket", ["A", "B", "C", "D", "E"], "Bucket: 5 different in 5 rows, such as A"),
    ("Tranche", ["1", "1", "2", "2", None], "Tranche: 1 (Alpha plc); 1 (World Fund)"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "values", "words"), COLUMNS)
def test_a_column_of_all_rows_is_told_in_one_phrase(
    column: str, values: list[object], words: str, facts_of: Compute
) -> None:
    text = write(_hold(column, values), facts_of)

    assert words in text, text
    assert "more;" not in text


EMPTY = [
    ("clientRef", "HAR-00219"), ("Portfolio-Nr", "0835-441902"), ("belegNr", "7730-118"), ("advisorCode", "RIA-12"),
    ("Statement Number", "X-4471"), ("Vorgang-Nr.", "X-771"), ("quote_ccy", "GBP"), ("Währung Kurs", "GBP"),
    ("Vorgangsnummer", "X-98"),
    ("Receipt No", "X-221"), ("numéro", "X-912"), ("priced_at", TODAY), ("Kursstand", "30.09.2026"),
]  # fmt: skip


ACCOUNTS = [("depotNr", "7730-118"), ("Konto-Nr.", "X-771"), ("Kontonummer", "X-98")]
"""Of a row they say in which account it is."""


@pytest.mark.parametrize(("field", "where"), [*product(EMPTY, ["payload", "row"]), *product(ACCOUNTS, ["payload"])])
def test_what_says_nothing_is_not_quoted(field: tuple[str, str], where: str, facts_of: Compute) -> None:
    name, value = field
    payload = _hold(**{name: value}) if where == "payload" else _hold(name, [value, value, value])
    text = write(payload, facts_of)

    assert value not in text.replace("as of 30 September 2026", ""), text

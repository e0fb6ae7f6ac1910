"""The user's words as a judge of programs: met, broken at a row, or not to be told."""

import pytest

from services.converter.domain.crew.said import given_values, hear
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

SOURCE = Table(("kind", "n"), (("BUY", "1"), ("SELL", "2"), ("BUY", "3"), ("VOID", "4")))
EXPECTED = Table(("side", "n"), (("Purchase", "1"), ("Sale", "2"), ("Purchase", "3"), ("", "4")))
CASES = "CASE kind WHEN 'BUY' THEN 'Purchase' WHEN 'SELL' THEN 'Sale' ELSE '' END"


def outcome(sentence: str, sql: str) -> tuple[str, int]:
    (heard,) = hear(sql, SOURCE, EXPECTED, Instructions(sentence), InProcessRunner())
    return heard.outcome, heard.row


@pytest.mark.parametrize(
    ("sentence", "pairs"),
    [
        (
            "BUY is Purchase, SELL is Sale, DIV is Dividend",
            [("BUY", "Purchase"), ("SELL", "Sale"), ("DIV", "Dividend")],
        ),
        ("BUY -> Purchase; DIV -> Dividend", [("BUY", "Purchase"), ("DIV", "Dividend")]),
        ("BUY becomes Purchase and FEE becomes Charge", [("BUY", "Purchase"), ("FEE", "Charge")]),
        ("BUY is Purchase, the kind is text", [("BUY", "Purchase")]),
        ("Sides are Purchase and Sale", []),
    ],
)
def test_values_are_taken_as_the_sentence_puts_what_the_example_shows(
    sentence: str, pairs: list[tuple[str, str]]
) -> None:
    assert [(given.key, given.value) for given in given_values(sentence, SOURCE, EXPECTED)] == pairs


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("BUY is Purchase, SELL is Sale", ("used", 0)),
        ("BUY is Purchase, and SELL is Sale.", ("used", 0)),
        ("BUY is Purchase, DIV is Dividend", ("contradicts", 0)),
        ("SELL is Sale, BUY is Acquisition", ("contradicts", 1)),
        ("Please hurry", ("not understood", 0)),
    ],
)
def test_a_sentence_on_values_is_tried(sentence: str, found: tuple[str, int]) -> None:
    assert outcome(sentence, f"SELECT {CASES} AS side, n FROM input ORDER BY _row") == found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT kind, n FROM input WHERE kind <> 'VOID' ORDER BY _row", ("used", 0)),
        ("SELECT kind, n FROM input ORDER BY _row", ("contradicts", 4)),
        ("SELECT 'all' AS kind, CAST(count(*) AS VARCHAR) AS n FROM input WHERE kind <> 'VOID'", ("used", 0)),
    ],
)
def test_rows_that_are_to_go_are_given_to_the_program_alone(sql: str, found: tuple[str, int]) -> None:
    assert outcome("Drop rows where kind is VOID.", sql) == found

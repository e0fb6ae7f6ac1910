"""Explanations change nothing, and are proved by cases of their own or marked as unproved with the reason."""

import json

import pytest

from services.converter.domain.crew.answers import AnswerMalformed
from services.converter.domain.crew.explaining import (
    Case,
    Explanation,
    make_explaining,
    prove_explanations,
    read_explanations,
)
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
SOURCE = Table(("kind", "amount", "note"), (("BUY", "100.00", "a"), ("SELL", "40.00", "b")))
PROGRAM = "SELECT note, CASE WHEN kind = 'SELL' THEN '-' || amount ELSE amount END AS signed FROM input ORDER BY _row"
WORDS = 'The "amount", with a minus in front where "kind" is SELL.'
CASES = (Case({"kind": "SELL", "amount": "7"}, "-7"), Case({"kind": "DIV", "amount": "3"}, "3"))

WRONG = Case({"kind": "DIV", "amount": "3"}, "-3")


def proved(words: str, *cases: Case) -> Explanation:
    (found,) = prove_explanations({"signed": (words, cases)}, PROGRAM, SOURCE, ("note", "signed"), RUNNER)
    return found


def test_an_explanation_whose_cases_hold_is_proved() -> None:
    found = proved(WORDS, *CASES)
    assert found == Explanation("signed", WORDS, True, "the program makes of all 2 cases what the explanation says")


@pytest.mark.parametrize(
    ("words", "cases", "why"),
    [
        (WORDS, (CASES[0], WRONG), 'case 2: the explanation says "-3", the program gives "3"'),
        (WORDS, CASES[:1], "it comes with 1 cases to try"),
        (WORDS, (), "it comes with 0 cases to try"),
        (WORDS, (CASES[0], Case({"fee": "1"}, "1")), 'a column "fee", which the input has not'),
        ('The "amount" alone.', CASES, 'it does not speak of "kind", which the program reads'),
        (f'{WORDS} See "note".', CASES, 'it speaks of "note", which the program does not read'),
        (WORDS, (Case({}, "100.00"), Case({"kind": "BUY"}, "100.00")), "all of its cases stand in the example"),
    ],
)  # fmt: skip
def test_an_explanation_that_does_not_hold_is_kept_and_marked(words: str, cases: tuple[Case, ...], why: str) -> None:
    found = proved(words, *cases)
    assert (found.words, found.proved) == (words, False)
    assert why in found.why


def test_a_case_that_the_program_cannot_take_is_no_proof() -> None:
    program = "SELECT CAST(CAST(amount AS INTEGER) AS VARCHAR) AS whole FROM input"
    source = Table(("amount",), (("1",),))
    cases = (Case({"amount": "2"}, "2"), Case({"amount": "x"}, "x"))
    (found,) = prove_explanations({"whole": ('"amount"', cases)}, program, source, ("whole",), RUNNER)
    assert (found.proved, found.why) == (False, "case 2 could not be run: PROGRAM_FAILED")


def test_a_program_is_shown_with_rows_that_it_reads_and_makes() -> None:
    asked = make_explaining(PROGRAM, SOURCE, RUNNER.run(PROGRAM, SOURCE), ["signed", "nothing"])
    assert (asked.columns, asked.output.rows) == (("signed",), ((1, ("100.00",)), (2, ("-40.00",))))


@pytest.mark.parametrize("wrapped", ["{}", '{{"columns": {}}}', "```json\n{}\n```", "<think>well</think>Here: {}"])
def test_an_answer_is_read_in_any_form(wrapped: str) -> None:
    said = {"Signed": {"words": WORDS, "cases": [{"input": {"kind": "SELL", "amount": 7}, "output": "-7"}, "no case"]}}
    answer = wrapped.format(json.dumps(said))
    assert read_explanations(answer, ["note", "signed"]) == {"signed": (WORDS, (CASES[0],))}


@pytest.mark.parametrize("answer", ["", "It is the amount.", '{"other": {"words": "x"}}', '{"signed": {"words": ""}}'])
def test_an_answer_without_words_for_a_column_is_malformed(answer: str) -> None:
    with pytest.raises(AnswerMalformed):
        read_explanations(answer, ["signed"])

"""A program is taken from any form of an answer that holds one whole; what holds none is refused in words."""

from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.crew.answers import (
    MAX_SQL_CHARS,
    AnswerMalformed,
    read_code,
    read_plan,
)
from services.converter.domain.crew.composing import compose
from services.converter.domain.table import Table
from tests.support.answer_forms import REFUSED, RULE, SQL, TAKEN
from tests.support.duckdb_in_process import InProcessRunner

NAMES = ("quantity", "code")
TABLE = Table(("quantity",), (("10",), ("11",)))
FORMER = "SELECT\n    -- quantity\n    quantity,\n    '' AS code\nFROM input\nORDER BY _row\n"
REPORT = {
    "columns": [
        {"name": "quantity", "how": "copied", "expression": "quantity"},
        {"name": "code", "how": "open", "expression": ""},
    ]
}


@pytest.mark.parametrize("form", TAKEN)
def test_the_program_is_taken_from_any_form(form: str) -> None:
    code = read_code(TAKEN[form], NAMES)[0]
    runner = InProcessRunner()
    assert runner.run(compose(code, FORMER, REPORT, NAMES), TABLE).rows == runner.run(SQL, TABLE).rows


@pytest.mark.parametrize("form", REFUSED)
def test_what_holds_no_program_is_refused(form: str) -> None:
    with pytest.raises(AnswerMalformed):
        read_code(REFUSED[form], NAMES)


def test_several_programs_are_candidates_the_last_one_first() -> None:
    answer = "```sql\nSELECT 1 FROM input\n```\nor\n```sql\nSELECT 2 FROM input\n```"
    assert [code.sql for code in read_code(answer)] == ["SELECT 2 FROM input", "SELECT 1 FROM input"]


def test_the_words_on_columns_are_kept() -> None:
    (code,) = read_code(TAKEN["the object"], NAMES)
    assert code.columns == (("code", "a digest"),)


def test_rules_are_for_columns_that_there_are() -> None:
    (code,) = read_code({"rules": {"Code": RULE, "other": "1"}}, NAMES)
    assert code.rules == (("Code", RULE),)


def test_a_program_that_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(AnswerMalformed, match=str(MAX_SQL_CHARS)):
        read_code(f"SELECT '{'x' * MAX_SQL_CHARS}' FROM input")


def test_rules_keep_the_steps_and_the_solved_columns() -> None:
    steps = "WITH\nkept AS (\n    SELECT *\n    FROM input\n    WHERE quantity = '11'\n)\n"
    former = steps + FORMER.replace("FROM input", "FROM kept")
    code = read_code({"rules": {"code": "quantity || '!'"}}, NAMES)[0]
    assert InProcessRunner().run(compose(code, former, REPORT, NAMES), TABLE).rows == (("11", "11!"),)


def test_rules_that_leave_a_column_open_are_refused_by_its_name() -> None:
    report = {"columns": [*REPORT["columns"], {"name": "day", "how": "open", "expression": ""}]}
    with pytest.raises(AnswerMalformed, match="day"):
        compose(read_code({"rules": {"code": RULE}}, NAMES)[0], FORMER, report, (*NAMES, "day"))


@pytest.mark.parametrize(
    ("answer", "approach"),
    [
        ({"approach": "row by row", "columns": []}, "row by row"),
        ('```json\n{"approach": "row by row"}\n```', "row by row"),
        ("One row for each row of the input.", "One row for each row of the input."),
        ("<think>hm</think>By day.", "By day."),
    ],
)
def test_a_plan_is_its_fields_or_its_text(answer: Any, approach: str) -> None:
    assert read_plan(answer).approach == approach


def test_an_empty_plan_is_refused() -> None:
    with pytest.raises(AnswerMalformed):
        read_plan("")


def test_the_sandbox_takes_what_was_read() -> None:
    with DuckDBSandbox() as sandbox:
        assert sandbox.run(read_code(TAKEN["sql in a fence behind reasoning"])[0].sql, TABLE).rows

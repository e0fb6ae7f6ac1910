"""What agents answer is checked field by field."""

from typing import Any

import pytest

from services.converter.domain.crew.answers import MAX_SQL_CHARS, AnswerMalformed, read_code, read_plan


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT 1;", "```sql\nSELECT 1;\n```", "```\nSELECT 1\n```"])
def test_a_select_is_read_with_or_without_decoration(text: str) -> None:
    assert read_code({"sql": text, "columns": [{"name": "a", "words": "one"}]}).sql == "SELECT 1"


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (None, "object"),
        ([], "object"),
        ({}, "sql"),
        ({"sql": 1}, "sql"),
        ({"sql": " ; "}, "sql"),
        ({"sql": "x" * (MAX_SQL_CHARS + 1)}, "sql"),
        ({"sql": "SELECT 1", "columns": "a"}, "columns"),
        ({"sql": "SELECT 1", "columns": [{"name": "a"}]}, "words"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_field(answer: Any, field: str) -> None:
    with pytest.raises(AnswerMalformed, match=field):
        read_code(answer)


def test_a_plan_has_a_rule_for_each_column() -> None:
    plan = read_plan({"approach": "row by row", "columns": [{"name": "a", "rule": "upper case"}]})
    assert plan.columns == (("a", "upper case"),)

"""What a training's report says of teaching, for its page."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.teaching_view import Candidate, Change, view_teaching

QUESTION: dict[str, Any] = {
    "id": "q1",
    "kind": "a new value",
    "row": {"file": "march", "number": 2, "cells": ["8", "Sparplan"]},
    "column": "action",
    "candidates": [{"value": "", "words": "so far", "programs": 0}, {"value": "BUY", "words": "others", "programs": 0}],
    "default": "",
    "share": 0.333,
}


def test_a_question_has_its_row_and_its_answers_in_words() -> None:
    (question,) = view_teaching({"questions": [QUESTION], "input": {"columns": ["day", "type"]}}).questions
    assert (question.where, question.cells) == ("row 2 of march", [("day", "8"), ("type", "Sparplan")])
    assert question.candidates == [Candidate(0, "", "so far", now=True), Candidate(1, "BUY", "others", now=False)]
    assert (question.settles, question.of_row) == (33, False)


def test_answers_that_leave_a_question_open_are_told_from_values() -> None:
    candidates = [*QUESTION["candidates"], {"value": "", "words": "I do not know", "says": "unknown"}]
    (question,) = view_teaching({"questions": [{**QUESTION, "candidates": candidates, "decides": 12}]}).questions
    assert [each.leaves_open for each in question.candidates] == [False, False, True]
    assert [each.now for each in question.candidates] == [True, False, False]
    assert question.decides == 12


def test_a_made_up_row_is_said_to_be_one() -> None:
    made_up = {**QUESTION, "row": {"file": "", "number": 0, "cells": []}}
    (question,) = view_teaching({"questions": [made_up]}).questions
    assert "made-up" in question.where


def test_a_question_on_a_whole_table_shows_its_lines() -> None:
    asked = {
        **QUESTION,
        "kind": "which reading",
        "column": "",
        "row": {"file": "", "number": 0, "cells": ["a,b", "c,d"]},
    }
    (question,) = view_teaching({"questions": [asked], "input": {"columns": ["day", "type"]}}).questions
    assert (question.of_table, question.where) == (True, "a made-up file in the shape of the example")
    assert question.cells == [("line 1", "a,b"), ("line 2", "c,d")]


def test_lessons_are_told_in_words() -> None:
    lessons = [
        {"source": {"file": "input", "row": 3}, "output": {"action": "PLAN"}},
        {"source": {"file": "3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11", "rows": [4, 5]}, "output": "drop"},
        {"source": {"cells": ["1", "x"]}, "output": "keep"},
        {"source": {"lines": ["a,b", "c,d"]}, "output": {"lines": ["a,b,c,d"]}},
        {"source": {"file": "march", "row": 2}, "open": {"kind": "a new value", "column": "action", "not": ["BUY"]}},
        {"source": {"file": "march", "row": 2}, "open": {"kind": "which rows", "column": "", "not": []}},
        {"source": {"lines": ["a,b"]}, "open": {"kind": "which reading", "not": []}},
    ]
    told = [(lesson.where, lesson.words, lesson.output) for lesson in view_teaching({"lessons": lessons}).lessons]
    assert told == [
        ("row 3 of the example", "", [("action", "PLAN")]),
        ("row 4, 5 of conversion 3f2c8a52", "is left out", []),
        ("a made-up row: 1, x", "belongs to the output", []),
        ("a made-up file: a,b / c,d", "becomes a,b,c,d", ()),
        ("row 2 of march", "action stays flagged: none of the answers is right", ()),
        ("row 2 of march", "stays flagged: nobody knows", ()),
        ("a made-up file: a,b", "stays flagged: nobody knows", ()),
    ]


def test_a_changed_row_has_its_cells_before_and_after() -> None:
    first = [
        {"before": ["1", "BUY"], "after": ["1", "PLAN"], "taught": True},
        {"before": ["2", "BUY"], "after": None, "taught": False},
        {"before": None, "after": ["3", "x"], "taught": False},
    ]
    file = {"file": "march", "rows": 3, "changed": 3, "untaught": 2, "first": first}
    view = view_teaching({"columns": [{"name": "when"}, {"name": "action"}], "regression": {"files": [file]}})
    rows = view.files[0].first
    assert [row.kind for row in rows] == ["changes", "goes", "comes"]
    assert [cell.differs for cell in rows[0].cells] == [False, True]
    assert rows[1].cells[1] == Change("action", "BUY", None)


def test_a_program_that_was_not_tried_is_told_from_one_that_changes_nothing() -> None:
    assert (view_teaching({}).tried, view_teaching({"regression": {"files": []}}).tried) == (False, True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON, _JSON)
def test_no_report_breaks_its_page(value: Any, inner: Any) -> None:
    names = ("questions", "lessons", "regression", "columns", "input")
    view_teaching(dict.fromkeys(names, value))
    view_teaching(
        {
            "questions": [{"row": inner, "candidates": inner}, {"row": {"cells": inner}}],
            "lessons": [{"source": inner, "output": value}, {"source": {"rows": inner}}],
            "regression": {"files": [{"first": inner}, {"first": [{"before": inner, "after": value}]}]},
        }
    )

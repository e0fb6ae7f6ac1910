"""What a reviewer decided, out of a form's fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.decisions import MOST_CHARS, MOST_LESSONS, Lesson, Written, read_decisions

COLUMNS = ["when", "action"]
TEACHABLE = {1: True, 2: True, 3: False}


def lessons(**form: str) -> list[Lesson]:
    return list(read_decisions({name.replace("_", "-"): text for name, text in form.items()}).lessons)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"value_2_1": "PLAN", "was_2_1": "BUY"}, [Lesson(2, 1, "PLAN")]),
        ({"value_2_1": "BUY", "was_2_1": "BUY"}, []),
        ({"value_2_1": "BUY", "was_2_1": "BUY", "ok_2_1": "yes"}, [Lesson(2, 1, "BUY")]),
        ({"was_2_1": "BUY"}, [Lesson(2, 1, "")]),
        ({"value_2_1": "PLAN"}, [Lesson(2, 1, "PLAN")]),
        ({"ok_2_1": "yes"}, [Lesson(2, 1, "")]),
        ({"row_3": "drop"}, [Lesson(3, drop=True)]),
        ({"row_3": "keep"}, [Lesson(3)]),
        ({"row_3": "burn", "value_x_1": "a", "value_0_1": "b", "csrf_token": "c"}, []),
    ],
    ids=["corrected", "as_it_was", "accepted", "emptied", "filled", "rightly_empty", "dropped", "kept", "nonsense"],
)
def test_a_decision_is_a_lesson(form: dict[str, str], expected: list[Lesson]) -> None:
    assert lessons(**form) == expected


def test_lessons_come_in_the_order_of_their_rows() -> None:
    found = lessons(value_10_0="x", value_2_1="y", row_3="drop", value_2_0="z")
    assert [(lesson.row, lesson.column) for lesson in found] == [(2, 0), (2, 1), (3, None), (10, 0)]


def test_opened_rows_are_no_lessons() -> None:
    decisions = read_decisions({"opened-7": "yes"})
    assert (decisions.opened, list(decisions.lessons)) == (frozenset({7}), [])


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"value-9-1": "x"}, "value-9-1"),
        ({"value-3-1": "x"}, "value-3-1"),
        ({"value-1-2": "x"}, "value-1-2"),
        ({"row-9": "drop"}, "row-9"),
        ({"value-1-0": "x" * (MOST_CHARS + 1)}, "value-1-0"),
        ({"value-1-0": "x", "row-1": "drop"}, "value-1-0"),
        ({}, ""),
        ({f"row-{row}": "drop" for row in range(1, MOST_LESSONS + 2)}, ""),
    ],
    ids=["unknown_row", "several_rows", "no_column", "row", "too_long", "dropped_too", "nothing", "too_many"],
)
def test_what_cannot_be_taught_is_said_at_its_field(form: dict[str, str], named: str) -> None:
    assert named in read_decisions(form).faults(COLUMNS, TEACHABLE)


def test_a_row_of_which_several_come_can_be_left_out() -> None:
    assert read_decisions({"row-3": "drop"}).faults(COLUMNS, TEACHABLE) == {}


@given(st.dictionaries(st.text(st.sampled_from("value-wasok0123row"), max_size=12), st.text(max_size=3)))
def test_no_form_breaks_its_reading(form: dict[str, Any]) -> None:
    decisions = read_decisions(form)
    assert all(isinstance(cell, Written) for cell in decisions.cells.values())

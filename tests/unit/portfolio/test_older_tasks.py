"""Tasks of the older service: what is understood is taken, what is not is named, and only one error is raised."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.portfolio.domain.older_tasks import OlderTask, read_older_task
from tests.support.older_services import SECTIONS, older_task

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read(**fields: Any) -> OlderTask:
    return read_older_task(json.dumps(older_task(4, **fields)), "")


def test_results_times_and_trace_are_taken() -> None:
    task = read()
    assert (task.status, task.progress, task.username) == ("completed", 100, "alice")
    assert task.created_at == datetime(2025, 1, 2, 3, 4, 4, 123456, UTC)
    assert task.sections["top_movers"]["response"] == SECTIONS["top_movers"]["response"]
    assert task.sections["portfolio_value"]["status"] == "error"
    assert (task.sections_detected, task.cost) == (("top_movers", "portfolio_value"), "0.01")
    assert [step.step for step in task.trace] == ["submit"]


def test_what_is_left_behind_is_named_and_a_password_is_not_shown() -> None:
    notes = "; ".join(read().notes)
    assert "credentials are not brought over: password" in notes
    assert "retry_count" in notes
    assert "taken for UTC" in notes
    assert "never to be seen" not in str(read())


@pytest.mark.parametrize(("status", "ours"), [("failed", "error"), ("Success", "completed"), ("canceled", "cancelled")])
def test_words_for_an_end_become_ours(status: str, ours: str) -> None:
    assert (read(status=status).status, read(status=status).interrupted) == (ours, False)


@pytest.mark.parametrize("status", ["pending", "processing", "retrying", "", None])
def test_a_task_that_had_not_ended_is_interrupted(status: str | None) -> None:
    assert (read(status=status).status, read(status=status).interrupted) == ("error", True)


def test_the_id_dates_a_task_that_has_lost_its_time() -> None:
    assert read(created_at=None).created_at == datetime(2025, 1, 2, 3, 0, 4, tzinfo=UTC)


def test_results_may_stand_in_the_task_itself() -> None:
    assert set(read(result=None, data=SECTIONS).sections) == set(SECTIONS)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"task_id": "../x"}, "task_id"), ({"username": None}, "whose"), ({"_job": {}}, "of this suite")],
)
def test_what_cannot_be_brought_over_says_why(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read(**change)


@given(st.dictionaries(st.sampled_from([*older_task(1), "data", "id", "created"]), JSON))
def test_any_document_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        task = read_older_task(json.dumps(older_task(1) | changes), "somebody")
    except InvalidInput:
        return
    assert task.created_at.tzinfo is not None
    assert task.finished_at >= task.created_at
    assert 0 <= task.progress <= 100
    json.dumps(task.sections)

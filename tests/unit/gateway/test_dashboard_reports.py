"""Reports as pages show them: whatever stands in the file."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.job_report import (
    MAX_COLUMNS,
    Ambiguity,
    Difference,
    view_inference,
    view_training,
)
from services.gateway.dashboard.json_fields import parse_report

FLAG = {"column": "Side", "severity": "unseen", "rows": 1, "first": [{"row": 5, "value": "T"}]}


def test_a_learned_column_has_its_shares_in_percent() -> None:
    column = {"name": "a", "how": "copied", "words": "A", "confidence": 0.86, "cells_right": 0.999, "witnesses": [1, 2]}
    (view,) = view_training({"columns": [column]}).columns
    assert (view.how_words, view.confidence, view.cells_right, view.witnesses) == ("copied", 86, 99, [1, 2])


def test_differences_and_ambiguities_are_read() -> None:
    report = {
        "differences": [{"row": 2, "column": "a", "expected": "1", "got": "2"}],
        "ambiguities": [{"column": "a", "chosen": "x", "alternative": "y", "rows": [[3, "1", "2"], ["odd"]]}],
    }
    view = view_training(report)
    assert (view.differences, view.ambiguities) == (
        [Difference(2, "a", "1", "2")],
        [Ambiguity("a", "x", "y", [(3, "1", "2")])],
    )


def test_columns_beyond_a_pages_measure_are_counted() -> None:
    view = view_training({"columns": [{"name": "a"}] * (MAX_COLUMNS + 3)})
    assert (len(view.columns), view.more_columns) == (MAX_COLUMNS, 3)


def test_two_boundaries_that_flag_the_same_cells_are_one_line() -> None:
    view = view_inference({"flags": [{**FLAG, "words": "new"}, {**FLAG, "words": "nothing found"}]})
    assert [flags.words for flags in view.flags] == ["new; nothing found"]


def test_only_rows_without_ground_are_marked() -> None:
    note = {**FLAG, "severity": "note", "first": [{"row": 6, "value": "x"}]}
    assert view_inference({"flags": [FLAG, note]}).flagged_numbers == {5}


def test_what_agents_took_is_one_line() -> None:
    spend = {"rounds": 2, "prompt_tokens": 1400, "completion_tokens": 100, "cost": "0.02"}
    agents = {"model": "m", "spend": spend, "prompts": {"version": "v2"}}
    assert view_training({"agents": agents}).agents == "m, 2 rounds, 1,500 tokens, cost 0.02, prompts v2"


def test_what_agents_tried_is_shown_round_by_round() -> None:
    rounds = [{"round": 1, "calls": 2, "verdict": "50 % of the cells are right", "cells_right": 0.5}, {"round": "x"}]
    first, second = view_training({"agents": {"rounds": rounds}}).agent_rounds
    assert (first.number, first.calls, first.verdict, first.cells_right) == (1, 2, "50 % of the cells are right", 50)
    assert (second.number, second.verdict) == (0, "")


def test_explanations_are_shown_as_proved_only_where_they_are() -> None:
    said = [{"column": "fee", "words": "half", "proved": True, "why": "2 cases"}, {"column": "x", "proved": "yes"}]
    view = view_training({"explanations": said})
    assert [(e.column, e.words, e.proved, e.why) for e in view.explanations] == [
        ("fee", "half", True, "2 cases"),
        ("x", "", False, ""),
    ]


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_report_is_none(content: bytes) -> None:
    assert parse_report(content) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["columns", "differences", "ambiguities", "guards", "flags", "notes", "steps", "agents", "input", "cells_right"]
)


@given(st.dictionaries(NAMES, JSON))
def test_no_report_breaks_its_page(report: dict[str, Any]) -> None:
    view_training(report)
    view_inference(report)

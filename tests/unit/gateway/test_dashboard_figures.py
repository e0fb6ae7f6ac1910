"""Narratives cut at the numbers that rest on figures."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.figures import Block, Figure, Piece, format_fact, lay_out, mark_numbers

FACTS = [
    {"id": "mv", "label": "Market value", "value": "12000000", "unit": "money", "currency": "INR", "method": "as sent"}
]
FIGURE = Figure("mv", 0, "Market value", "INR 12,000,000.00", "as sent")


def section(response: str, *traces: tuple[int, str, str]) -> dict[str, Any]:
    found = [{"start": start, "text": text, "fact": fact} for start, text, fact in traces]
    return {"response": response, "facts": FACTS, "grounding": {"traces": found}}


def test_a_traced_number_names_its_figure() -> None:
    assert mark_numbers(section("₹ 12m now", (2, "12m", "mv"))) == [
        Piece("₹ "),
        Piece("12m", FIGURE),
        Piece(" now"),
    ]


def test_a_figure_that_is_not_listed_is_named_by_its_id() -> None:
    assert mark_numbers(section("12m", (0, "12m", "gone"))) == [Piece("12m", Figure("gone", None, "gone", "", ""))]


@pytest.mark.parametrize("trace", [(1, "12m", "mv"), (90, "12m", "mv")])
def test_a_trace_that_does_not_fit_the_narrative_marks_nothing(trace: tuple[int, str, str]) -> None:
    assert mark_numbers(section("12m", trace)) == [Piece("12m")]


def test_a_narrative_without_grounding_is_plain() -> None:
    assert mark_numbers({"response": "words", "facts": [], "grounding": None}) == [Piece("words")]


def test_lines_with_dashes_are_a_list_under_their_heading() -> None:
    assert lay_out([Piece("Lead.\n\nRisks:\n- one "), Piece("12m", FIGURE), Piece("\n- two")]) == [
        Block("paragraph", [[Piece("Lead.")]]),
        Block("list", [[Piece("one "), Piece("12m", FIGURE)], [Piece("two")]], [Piece("Risks:")]),
    ]


@given(st.lists(st.builds(Piece, st.text("ab-\n ", min_size=1), st.sampled_from([None, FIGURE])), max_size=8))
def test_laying_out_loses_no_word(pieces: list[Piece]) -> None:
    shown = "".join(piece.text for block in lay_out(pieces) for line in (block.heading, *block.lines) for piece in line)
    kept = str.maketrans("", "", "-\n ")
    assert shown.translate(kept) == "".join(piece.text for piece in pieces).translate(kept)


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        ({"value": "1234.5", "unit": "money", "currency": "EUR"}, "EUR 1,234.50"),
        ({"value": "31.26760563380281", "unit": "percent"}, "31.27%"),
        ({"value": "4", "unit": "count"}, "4"),
        ({"value": "2026-03-31", "unit": "date"}, "2026-03-31"),
        ({"value": "1E+40", "unit": "ratio"}, "1E+40"),
    ],
)
def test_a_figures_value_is_short(fact: dict[str, str], shown: str) -> None:
    assert format_fact(fact) == shown

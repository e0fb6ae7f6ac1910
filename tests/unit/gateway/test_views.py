"""What pages show."""

from typing import Any

import pytest

from services.gateway.dashboard.views import Piece, mark_numbers, tone_of

FACTS = [{"id": "mv", "label": "Market value", "value": "12000000", "currency": "INR", "method": "sum"}]


def section(response: str, *traces: tuple[int, str, str]) -> dict[str, Any]:
    found = [{"start": start, "text": text, "fact": fact} for start, text, fact in traces]
    return {"response": response, "facts": FACTS, "grounding": {"traces": found}}


def test_a_traced_number_names_its_figure() -> None:
    assert mark_numbers(section("₹ 12m now", (2, "12m", "mv"))) == [
        Piece("₹ ", ""),
        Piece("12m", "Market value: INR 12000000 (sum)"),
        Piece(" now", ""),
    ]


def test_a_figure_that_is_not_listed_is_named_by_its_id() -> None:
    assert mark_numbers(section("12m", (0, "12m", "gone"))) == [Piece("12m", "gone")]


@pytest.mark.parametrize("trace", [(1, "12m", "mv"), (90, "12m", "mv")])
def test_a_trace_that_does_not_fit_the_narrative_marks_nothing(trace: tuple[int, str, str]) -> None:
    assert mark_numbers(section("12m", trace)) == [Piece("12m", "")]


def test_a_narrative_without_grounding_is_plain() -> None:
    assert mark_numbers({"response": "words", "facts": [], "grounding": None}) == [Piece("words", "")]


@pytest.mark.parametrize(
    ("status", "tone"), [("completed", "good"), ("failed", "bad"), ("pending", "still"), ("planning", "busy")]
)
def test_tones(status: str, tone: str) -> None:
    assert tone_of(status) == tone

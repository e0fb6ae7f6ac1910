"""How pages put things into words."""

import pytest

from services.gateway.dashboard.wording import begin_sentence, describe_status, describe_time, name_section, tone_of


@pytest.mark.parametrize(
    ("status", "tone"), [("completed", "good"), ("failed", "bad"), ("pending", "still"), ("planning", "busy")]
)
def test_tones(status: str, tone: str) -> None:
    assert tone_of(status) == tone


@pytest.mark.parametrize(("status", "words"), [("pending", "waiting"), ("detecting_section", "detecting section")])
def test_states_are_plain_words(status: str, words: str) -> None:
    assert describe_status(status) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2026-01-02T03:04:05.678Z", "02 Jan 2026, 03:04 UTC"), (None, ""), ("yesterday", "yesterday")],
)
def test_times_name_their_zone(moment: str | None, words: str) -> None:
    assert describe_time(moment) == words


def test_a_sections_name_is_words() -> None:
    assert name_section("top_movers_2") == "Top movers 2"


@pytest.mark.parametrize(("text", "sentence"), [("my_column is new", "My_column is new"), ("", "")])
def test_a_sentence_leaves_names_as_they_are(text: str, sentence: str) -> None:
    assert begin_sentence(text) == sentence

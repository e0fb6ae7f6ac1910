"""Words that tasks and jobs are found by."""

import pytest

from services.gateway.dashboard.wording import describe_duration
from services.gateway.domain.search import find_words, fits


@pytest.mark.parametrize(
    ("search", "found"),
    [("", True), ("  ", True), ("broker", True), ("BROKER stateMENT", True), ("ment bro", True), ("broker x", False)],
)
def test_all_words_must_stand_somewhere(search: str, found: bool) -> None:
    assert fits(find_words(search), ("Broker", "statement 2026")) is found


def test_words_do_not_reach_over_two_texts() -> None:
    assert not fits(find_words("brokerstatement"), ("broker", "statement"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (12.4, "12 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_a_duration_is_told_in_the_units_of_its_size(seconds: float, words: str) -> None:
    assert describe_duration(seconds) == words

"""Rates and slots of one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.limits import Slots, TokenBucket


def test_a_new_bucket_lets_a_burst_through() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=3)
    assert [bucket.take(10.0) for _ in range(3)] == [0, 0, 0]


def test_an_empty_bucket_says_when_to_come_back() -> None:
    bucket = TokenBucket(rate_per_s=2, burst=1)
    bucket.take(10.0)
    assert bucket.take(10.0) == pytest.approx(0.5)


def test_a_refused_call_costs_nothing() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=1)
    for _ in range(5):
        bucket.take(10.0)
    assert bucket.take(11.0) == 0


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=1)
    bucket.take(10.0)
    assert bucket.take(5.0) > 0


@given(
    rate=st.floats(0.5, 100),
    burst=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=200),
)
def test_no_more_passes_than_burst_and_rate_allow(rate: float, burst: int, gaps: list[float]) -> None:
    bucket = TokenBucket(rate, burst)
    now, passed = 0.0, 0
    for gap in gaps:
        now += gap
        passed += bucket.take(now) == 0
    assert passed <= burst + rate * (now - gaps[0]) + 1e-6


def test_slots_are_bounded() -> None:
    slots = Slots(1)
    assert [slots.take(), slots.take()] == [True, False]


def test_a_slot_given_back_is_free_again() -> None:
    slots = Slots(1)
    slots.take()
    slots.give_back()
    assert slots.take()


def test_giving_back_what_was_not_taken_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not taken"):
        Slots(1).give_back()

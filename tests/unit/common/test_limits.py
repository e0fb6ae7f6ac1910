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


def test_a_reservation_waits_for_its_token() -> None:
    bucket = TokenBucket(rate_per_s=2, burst=1)
    assert [bucket.reserve(10.0, 1) for _ in range(4)] == [0, 0.5, 1, None]


def test_a_reservation_that_was_refused_costs_nothing() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=1)
    for _ in range(5):
        bucket.reserve(10.0, 0)
    assert bucket.reserve(11.0, 0) == 0


@given(
    rate=st.floats(0.5, 100),
    burst=st.integers(1, 50),
    most_wait=st.floats(0, 5),
    gaps=st.lists(st.floats(0, 0.5, allow_nan=False), min_size=1, max_size=200),
    window=st.floats(0, 10),
)
def test_whoever_waits_as_told_keeps_to_rate_and_burst_in_every_window(
    rate: float, burst: int, most_wait: float, gaps: list[float], window: float
) -> None:
    bucket = TokenBucket(rate, burst)
    now, waits, served = 0.0, [], []
    for gap in gaps:
        now += gap
        wait = bucket.reserve(now, most_wait)
        if wait is not None:
            waits.append(wait)
            served.append(now + wait)
    assert all(0 <= wait <= most_wait for wait in waits)
    assert served == sorted(served)  # in the order of their coming
    for begin in served:
        within = sum(begin <= moment <= begin + window for moment in served)
        assert within <= burst + rate * window + 1e-3


@given(rate=st.integers(1, 100), burst=st.integers(1, 50), most_wait=st.integers(0, 5))
def test_as_many_reservations_wait_as_tokens_come_in_the_longest_wait(rate: int, burst: int, most_wait: int) -> None:
    bucket = TokenBucket(rate, burst)
    waits = [bucket.reserve(0.0, most_wait) for _ in range(2 * (burst + rate * most_wait))]
    assert sum(wait is not None for wait in waits) == pytest.approx(burst + rate * most_wait, abs=1)


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

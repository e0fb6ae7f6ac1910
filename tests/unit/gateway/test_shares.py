"""What a tenant has of a gateway beside others, for any arrivals."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.shares import ANSWER_BYTES, BURST_S, MOST_WAIT_S, PRESENT_S, Kind, Shares

RATE, ALL_RATE = 50.0, 200.0
gaps = st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=100)


def make() -> Shares:
    return Shares(RATE, ALL_RATE)


def arrive(others: Mapping[str, Sequence[float]], mine: Sequence[float]) -> list[tuple[float, str]]:
    """All calls in the order of their coming, from gaps."""
    calls = []
    for name, own_gaps in {**others, "mine": mine}.items():
        now_s = 0.0
        for gap in own_gaps:
            now_s += gap
            calls.append((now_s, name))
    return sorted(calls)


def serve_greedy(shares: Shares, names: Sequence[str], until_s: float, *, at_once: int = 16) -> list[tuple[float, str]]:
    """Clients of each tenant that call again whenever a call begins; returns when calls of whom began."""
    coming = [(0.0, number, name) for number, name in enumerate(names * at_once)]
    heapq.heapify(coming)
    begun = []
    while coming[0][0] < until_s:
        now_s, number, name = heapq.heappop(coming)
        wait_s = shares.reserve(name, now_s)
        if wait_s is None:
            heapq.heappush(coming, (now_s + 1, number, name))
            continue
        begun.append((now_s + wait_s, name))
        heapq.heappush(coming, (now_s + max(wait_s, 1e-3), number, name))
    return sorted(begun)


def most_within(moments: Sequence[float], window_s: float) -> int:
    """The most that began in any window of this length."""
    return max(
        sum(begin <= moment < begin + window_s for moment in moments[first:]) for first, begin in enumerate(moments)
    )


@given(gaps=gaps, costs=st.lists(st.floats(0.1, 600), min_size=1, max_size=100))
def test_a_tenant_that_calls_alone_never_waits(gaps: list[float], costs: list[float]) -> None:
    shares = make()
    assert {
        shares.reserve("mine", now_s, calls=cost) for (now_s, _), cost in zip(arrive({}, gaps), costs, strict=False)
    } == {0.0}


@given(
    others=st.dictionaries(st.sampled_from(["a", "b", "c"]), gaps, min_size=1),
    pauses=st.lists(st.floats(1 / RATE, 1, allow_nan=False), min_size=1, max_size=100),
)
def test_within_its_share_a_tenant_never_waits_whatever_others_send(
    others: dict[str, list[float]], pauses: list[float]
) -> None:
    shares = make()
    waits = [(name, shares.reserve(name, now_s)) for now_s, name in arrive(others, pauses)]
    assert {wait for name, wait in waits if name == "mine"} == {0.0}


@given(count=st.integers(1, 40), pauses=st.lists(st.floats(1, 3), min_size=1, max_size=30))
def test_within_an_equal_part_of_all_a_tenant_never_waits_however_many_want_more(
    count: int, pauses: list[float]
) -> None:
    shares = make()
    part_s = max(1 / RATE, (count + 1) / ALL_RATE)
    others = {f"other {number}": [0.01] * 200 for number in range(count)}
    calls = arrive(others, [pause * part_s for pause in pauses])
    assert {shares.reserve(name, now_s) for now_s, name in calls if name == "mine"} <= {0.0}


@given(others=gaps, mine=gaps)
def test_a_wait_is_bounded_and_a_tenants_calls_begin_in_order(others: list[float], mine: list[float]) -> None:
    shares = make()
    begun: dict[str, list[float]] = {"mine": [], "other": []}
    for now_s, name in arrive({"other": others}, [gap / 50 for gap in mine]):
        wait_s = shares.reserve(name, now_s)
        if wait_s is not None:
            assert 0 <= wait_s <= MOST_WAIT_S
            begun[name].append(now_s + wait_s)
    assert all(moments == sorted(moments) for moments in begun.values())


@pytest.mark.parametrize("window_s", [0.1, 1.0, 5.0])
def test_beside_others_no_more_than_the_share_and_a_burst_begins_in_any_window(window_s: float) -> None:
    shares = make()
    shares.reserve("quiet", 0.0)
    begun = [moment for moment, _ in serve_greedy(shares, ["greedy"], 6.0)]
    assert most_within(begun, window_s) <= RATE * (window_s + BURST_S) + 1
    assert len(begun) >= RATE * 5.5  # and the share is had


@pytest.mark.parametrize("tenants", [2, 4, 5, 20])
def test_all_that_want_more_share_alike_what_there_is_for_all(tenants: int) -> None:
    names = [f"tenant {number}" for number in range(tenants)]
    begun = [call for call in serve_greedy(make(), names, 40.0, at_once=4) if call[0] >= 10]
    counts = Counter(name for _, name in begun)
    assert sum(counts.values()) <= min(RATE * tenants, ALL_RATE) * 30 * 1.1
    assert sum(counts.values()) >= min(RATE * tenants, ALL_RATE) * 30 * 0.9
    assert max(counts.values()) <= min(counts.values()) * 1.1 + 2


def test_a_tenant_that_has_not_called_for_a_while_is_no_other() -> None:
    shares = make()
    shares.reserve("quiet", 0.0)
    later_s = PRESENT_S + 0.1
    assert {shares.reserve("mine", later_s) for _ in range(100)} == {0.0}


def test_who_has_waited_alone_owes_nothing_to_whoever_comes() -> None:
    shares = make()
    for _ in range(1000):
        shares.reserve("mine", 0.0)
    assert [shares.reserve("other", 0.0), shares.reserve("mine", 0.0)] == [0.0, 0.0]


def test_a_weight_multiplies_the_share() -> None:
    shares = make()
    shares.reserve("quiet", 0.0)
    waits = [shares.reserve("mine", 0.0, weight=3) for _ in range(61)]
    assert waits[-1] == pytest.approx(61 / 150 - BURST_S)


def test_work_of_many_calls_begins_at_once_and_those_behind_it_wait_for_it() -> None:
    shares = make()
    shares.reserve("quiet", 0.0)
    assert shares.reserve("mine", 0.0, calls=100) == 0.0
    assert shares.reserve("mine", 0.0) == pytest.approx(2 - BURST_S + 1 / RATE)


LIST, LOOK, CHANGE = Kind("GET /tasks"), Kind("GET /task/{task_id}/status"), Kind("POST /task/submit", calls=8.0)


def test_a_call_counts_as_what_such_calls_of_the_tenant_were_answered_lately() -> None:
    shares = make()
    for _ in range(30):
        shares.settle("mine", LIST, 10 * ANSWER_BYTES)
    counts = [shares.estimate(*asked) for asked in (("mine", LIST), ("mine", LOOK), ("other", LIST), ("mine", CHANGE))]
    assert counts == [pytest.approx(10, rel=0.01), 1, 1, 8]


@given(answers=st.lists(st.integers(0, 100 * ANSWER_BYTES), min_size=50, max_size=200))
def test_in_the_long_run_calls_count_as_what_they_came_to(answers: list[int]) -> None:
    shares = make()
    counted = 0.0
    for answered in answers:
        counted += shares.estimate("mine", LIST)
        shares.settle("mine", LIST, answered)
    came_to = sum(max(1.0, answered / ANSWER_BYTES) for answered in answers)
    assert counted == pytest.approx(came_to, abs=5 * 100)  # those of the last few count with what comes next


def test_what_is_remembered_of_answers_is_bounded_and_small_answers_are_forgotten() -> None:
    shares = make()
    for number in range(10_100):
        shares.settle("mine", Kind(f"route {number}"), 10 * ANSWER_BYTES)
    assert len(shares._answers) == 10_000
    for _ in range(50):
        shares.settle("mine", Kind("route 10099"), 0)
    assert ("mine", "route 10099") not in shares._answers

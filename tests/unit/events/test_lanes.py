"""Who is tried when: the schedule, a lane's breaker, and lanes that do not hold up one another."""

from random import Random

import pytest

from services.events.domain.lanes import (
    CALLS_AT_ONCE,
    CALLS_OF_ALL,
    CALLS_OF_TENANT,
    LONGEST_PROBE_PAUSE_S,
    TRIPS_AFTER,
    Delivery,
    Lane,
    LaneKey,
    Lanes,
)
from services.events.domain.schedule import JITTER, LONGEST_PAUSE_S, LONGEST_RETRY_AFTER_S, Schedule

DAY_S = 24 * 3600.0


def lanes(schedule: Schedule | None = None) -> Lanes:
    return Lanes(schedule or Schedule(), Random(1))


def fail_until_given_up(lane: Lane) -> tuple[float, int]:
    """Fails whatever is due as soon as it is; returns when the last was given up, and after how many tries."""
    now, tries = 0.0, 0
    while len(lane):
        at = lane.next_at_s()
        assert at is not None
        now = max(now, at)
        delivery = lane.take(now)
        assert delivery
        tries += 1
        lane.fail(delivery, now)
    return now, tries


@pytest.mark.parametrize("failures", range(1, 40))
def test_pauses_grow_threefold_to_six_hours_a_fifth_more_or_less(failures: int) -> None:
    plain = min(LONGEST_PAUSE_S, 5 * 3.0 ** (failures - 1))
    for seed in range(20):
        pause = Schedule().pause_s(failures, Random(seed))
        assert plain * (1 - JITTER) <= pause <= plain * (1 + JITTER)


@pytest.mark.parametrize("seed", range(20))
def test_the_last_try_is_made_at_the_end_of_the_day(seed: int) -> None:
    schedule, random, now, tries = Schedule(), Random(seed), 0.0, 1
    while (at := schedule.next_try_at(now, 0.0, tries, random)) is not None:
        assert now < at <= DAY_S
        now, tries = at, tries + 1
    assert now == DAY_S
    assert 10 <= tries <= 14


@pytest.mark.parametrize(("asked", "waits"), [(600.0, 600.0), (1e9, LONGEST_RETRY_AFTER_S)])
def test_a_receiver_may_ask_for_more_time_but_not_for_ever(asked: float, waits: float) -> None:
    assert Schedule().next_try_at(0, 0, 1, Random(1), asked) == waits


def test_what_a_dead_receiver_is_owed_is_given_up_after_a_day_however_much_it_is() -> None:
    counts = {}
    for waiting in (1, 500):
        lane = Lane(LaneKey("t", "w"), Schedule(), Random(1))
        for number in range(waiting):
            lane.add(number, 0.0)
        now, counts[waiting] = fail_until_given_up(lane)
        assert DAY_S <= now <= DAY_S + LONGEST_PROBE_PAUSE_S * (1 + JITTER)
    # A receiver is asked how it is, not with everything that waits.
    assert counts[500] < DAY_S / (LONGEST_PROBE_PAUSE_S * (1 - JITTER)) + 20


def test_after_five_failures_one_delivery_at_a_time_asks_and_a_success_lets_all_go() -> None:
    lane = Lane(LaneKey("t", "w"), Schedule(), Random(1))
    for number in range(50):
        lane.add(number, 0.0)
    taken = [delivery for _ in range(TRIPS_AFTER) if (delivery := lane.take(0.0))]
    assert len(taken) == CALLS_AT_ONCE
    for delivery in taken:
        lane.fail(delivery, 0.0)
    last = lane.take(0.0)
    assert last
    lane.fail(last, 0.0)
    assert lane.is_tripped
    assert lane.take(0.0) is None

    probe = lane.take(LONGEST_PROBE_PAUSE_S)
    assert probe
    assert lane.take(LONGEST_PROBE_PAUSE_S) is None
    lane.succeed(probe)
    again: list[Delivery | None] = [lane.take(LONGEST_PROBE_PAUSE_S) for _ in range(10)]
    assert sum(each is not None for each in again) == CALLS_AT_ONCE


def test_a_delivery_that_alone_fails_holds_up_none_of_its_lane() -> None:
    lane, delivered = Lane(LaneKey("t", "w"), Schedule(), Random(1)), []
    for number in range(20):
        lane.add(number, 0.0)
    now = 0.0
    while (at := lane.next_at_s()) is not None:
        now = max(now, at)
        delivery = lane.take(now)
        assert delivery
        if delivery.number == 3:
            lane.fail(delivery, now)
        else:
            lane.succeed(delivery)
            delivered.append((now, delivery.number))
    assert {now for now, _ in delivered} == {0.0}
    assert len(delivered) == 19


def test_a_tenant_with_many_dead_receivers_leaves_room_for_others() -> None:
    all_lanes = lanes()
    for webhook in range(20):
        for number in range(100):
            all_lanes.lane(LaneKey("greedy", f"w{webhook}")).add(number, 0.0)
    all_lanes.lane(LaneKey("modest", "w")).add(0, 0.0)
    taken = all_lanes.take(0.0)
    assert sum(lane.key.tenant == "greedy" for lane, _ in taken) == CALLS_OF_TENANT
    assert sum(lane.key.tenant == "modest" for lane, _ in taken) == 1


def test_with_little_room_lanes_take_turns() -> None:
    all_lanes = lanes()
    for tenant in range(CALLS_OF_ALL * 2):
        for number in range(3):
            all_lanes.lane(LaneKey(f"t{tenant}", "w")).add(number, 0.0)
    first = all_lanes.take(0.0)
    for lane, delivery in first:
        lane.succeed(delivery)
    second = all_lanes.take(0.0)
    assert len(first) == len(second) == CALLS_OF_ALL
    assert not {lane.key for lane, _ in first} & {lane.key for lane, _ in second}


def test_lanes_in_which_nothing_waits_are_let_go_of() -> None:
    all_lanes = lanes()
    lane = all_lanes.lane(LaneKey("t", "w"))
    lane.add(1, 0.0)
    delivery = lane.take(0.0)
    assert delivery
    all_lanes.forget_empty(0.0)
    assert list(all_lanes)
    lane.succeed(delivery)
    all_lanes.forget_empty(0.0)
    assert not list(all_lanes)

"""How often the sweeper looks: often while anything happens, seldom at rest, and never so seldom that work waits."""

import itertools
from datetime import timedelta

import pytest

from services.common.jobs.pace import RECENT, REST_AFTER_S, Pace, Round


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    made = Pace(reconcile_interval_s=60, scan_interval_s=6 * 3600, clock=clock)
    made.begin_round()  # over everything, at the start
    return made


def pass_time(pace: Pace, clock: Clock, seconds: int, *, active: bool) -> tuple[list[float], list[tuple[float, Round]]]:
    """Looks every five seconds; returns when a sweep and when which round began."""
    sweeps, rounds = [], []
    for _ in range(0, seconds, 5):
        clock.now += 5
        if active:
            pace.note_activity()
        if pace.begin_sweep():
            sweeps.append(clock.now)
        if begun := pace.begin_round():
            rounds.append((clock.now, begun))
    return sweeps, rounds


def test_while_something_happens_every_look_sweeps(pace: Pace, clock: Clock) -> None:
    sweeps, _ = pass_time(pace, clock, 3600, active=True)
    assert len(sweeps) == 3600 // 5


def test_at_rest_both_go_on_within_two_minutes_of_any_change(pace: Pace, clock: Clock) -> None:
    pass_time(pace, clock, int(REST_AFTER_S), active=False)
    sweeps, rounds = pass_time(pace, clock, 3600, active=False)
    times = [at for at, _ in rounds]
    assert all(later - sooner <= 120 for found in (sweeps, times) for sooner, later in itertools.pairwise(found))
    # A sweep lists tenants and open jobs, a round tenants, records, index keys and tombstones; both services do, and
    # health asks once in half a minute.
    assert (2 * 2 * len(sweeps) + 2 * 4 * len(rounds)) / 3600 + 1 / 30 < 0.2


def test_what_happens_ends_the_rest_at_once(pace: Pace, clock: Clock) -> None:
    pass_time(pace, clock, int(REST_AFTER_S) + 300, active=False)
    sweeps, _ = pass_time(pace, clock, 60, active=True)
    assert len(sweeps) == 60 // 5


@pytest.mark.parametrize("is_resting", [False, True])
def test_rounds_leave_no_time_out_that_the_one_before_left_alone(pace: Pace, clock: Clock, is_resting: bool) -> None:
    if is_resting:
        pass_time(pace, clock, int(REST_AFTER_S), active=False)
    _, rounds = pass_time(pace, clock, 3600, active=not is_resting)
    for (sooner, _), (later, begun) in itertools.pairwise(rounds):
        assert begun.since is not None
        # Storage leaves keys alone that are younger than a minute.
        assert begun.since >= timedelta(seconds=later - sooner + 60)


def test_what_was_deleted_late_is_found_within_minutes(pace: Pace, clock: Clock) -> None:
    _, rounds = pass_time(pace, clock, 3600, active=True)
    wide = [at for at, begun in rounds if begun.since and begun.since >= RECENT]
    assert wide
    assert all(later - sooner <= 5 * 60 for sooner, later in itertools.pairwise(wide))


def test_a_record_is_looked_at_a_few_times_and_not_once_a_minute_for_as_long_as_it_is_recent(
    pace: Pace, clock: Clock
) -> None:
    _, rounds = pass_time(pace, clock, 3600, active=True)
    changed_at = rounds[10][0] + 1
    looks = [at for at, begun in rounds if begun.since and 0 <= at - changed_at <= begun.since.total_seconds()]
    assert 4 <= len(looks) <= 6


def test_names_are_compared_by_every_round_beside_work_and_by_one_in_five_at_rest(pace: Pace, clock: Clock) -> None:
    _, rounds = pass_time(pace, clock, int(REST_AFTER_S) - 60, active=True)
    assert all(begun.finds_unlisted for _, begun in rounds)
    pass_time(pace, clock, int(REST_AFTER_S), active=False)
    _, rounds = pass_time(pace, clock, 3600, active=False)
    looks = [at for at, begun in rounds if begun.finds_unlisted]
    assert looks
    assert len(looks) <= len(rounds) / 4

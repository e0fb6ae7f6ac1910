"""A campaign's schedule: drawn from the seed alone, as dense as it says, and with every kind of fault in it."""

import pytest

from tests.chaos.campaign.schedule import MEAN_INTERVAL_S, Action, Ending, JobKind, plan_faults, plan_jobs
from tests.support.faults import HTTP_FAULTS, NATS_FAULTS

HALF_AN_HOUR_S = 1800.0
SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_one_schedule(seed: int) -> None:
    assert plan_faults(seed, HALF_AN_HOUR_S) == plan_faults(seed, HALF_AN_HOUR_S)
    assert plan_jobs(seed, HALF_AN_HOUR_S, 1000) == plan_jobs(seed, HALF_AN_HOUR_S, 1000)
    assert plan_faults(seed, HALF_AN_HOUR_S) != plan_faults(seed + 1, HALF_AN_HOUR_S)


def test_a_fault_comes_every_three_seconds() -> None:
    count = sum(len(plan_faults(seed, HALF_AN_HOUR_S)) for seed in SEEDS)
    assert count / len(SEEDS) == pytest.approx(HALF_AN_HOUR_S / MEAN_INTERVAL_S, rel=0.05)


def test_a_longer_campaign_begins_as_a_shorter_one() -> None:
    short = plan_faults(1, 60)
    assert plan_faults(1, HALF_AN_HOUR_S)[: len(short)] == short


@pytest.mark.parametrize("seed", SEEDS)
def test_half_an_hour_has_every_kind_of_fault(seed: int) -> None:
    faults = plan_faults(seed, HALF_AN_HOUR_S)
    assert {fault.action for fault in faults} == set(Action)


def test_every_kind_of_fault_of_the_network_is_drawn() -> None:
    drawn = [fault for seed in SEEDS for fault in plan_faults(seed, HALF_AN_HOUR_S)]
    assert {fault.kind for fault in drawn if fault.action is Action.S3_FAULT} == set(HTTP_FAULTS)
    assert {fault.kind for fault in drawn if fault.action is Action.NATS_FAULT} == set(NATS_FAULTS)


def test_all_jobs_are_planned_within_the_time_and_some_are_taken_back() -> None:
    jobs = plan_jobs(7, HALF_AN_HOUR_S, 1000)
    assert [job.number for job in jobs] == list(range(1000))
    assert all(0 <= job.at_s <= HALF_AN_HOUR_S for job in jobs)
    assert {job.kind for job in jobs} == set(JobKind)
    assert {job.ending for job in jobs} == set(Ending)

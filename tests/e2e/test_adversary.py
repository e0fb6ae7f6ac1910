"""The short form of ``make adversary``: beside clients that mean harm a tenant is answered, and loses nothing.

Counts alone: how long its calls take is for ``make adversary``, on a machine that has nothing else to do.
"""

import asyncio

import pytest

from benchmarks.adversary.__main__ import run_clients, running_victim
from benchmarks.adversary.clients import ATTACKS
from benchmarks.adversary.target import Target
from tests.support.launched_suite import LaunchedSuite, is_running

SECONDS = 2.0
LONGEST_S = 60.0
# What each has to come up against, in words or codes; an attack that meets none of it has not happened.
MET = {
    "rest stalled": {"held"},
    "rest oversized": {"401", "400", "404", "413", "cut off"},
    "rest poisoned": {"422", "404"},
    "rest flooding": {"200", "202", "404", "429"},
    "rest forging": {"401", "303", "429"},
    "grpc stalled": {"held"},
    "grpc oversized": {"UNAUTHENTICATED", "UNAVAILABLE", "DEADLINE_EXCEEDED"},
    "grpc poisoned": {"OUT_OF_RANGE", "INVALID_ARGUMENT", "NOT_FOUND"},
    "grpc flooding": {"NOT_FOUND", "RESOURCE_EXHAUSTED"},
    "grpc forging": {"UNAUTHENTICATED", "RESOURCE_EXHAUSTED"},
}


async def attack(targets: dict[str, Target]) -> set[str]:
    """Attacks, and longer with those that a busy machine gave no time; returns what never came up against anything."""
    missed, seconds = set(targets), SECONDS
    while missed and seconds <= LONGEST_S:
        left = Target.encode({name: targets[name] for name in missed})
        ended = (await run_clients(left, str(seconds)))["ended"]
        missed = {name for name in missed if not MET[name] & set(ended[name])}
        seconds *= 4
    return missed


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("door", ["rest", "grpc"])
async def test_a_tenant_beside_adversaries_is_answered_and_loses_nothing(suite: LaunchedSuite, door: str) -> None:
    names = [name for name in ATTACKS if name.startswith(door)]
    # Each is a tenant of its own: one tenant's attacks would wait for each other, and some would not happen.
    targets = {name: Target.of(suite, suite.make_key(tenant=name.replace(" ", "-"))) for name in names}
    async with running_victim(suite) as victim:
        attacking = asyncio.create_task(attack(targets))
        seen = await victim.act(8, SECONDS)
        while not attacking.done():
            later = await victim.act(8, 1)
            seen.statuses += later.statuses
            seen.tasks += later.tasks
        missed = await attacking
        await victim.require_finished(seen.tasks, within_s=300)
    assert seen.faults == {}
    assert missed == set()
    assert all(is_running(suite.pid(name)) for name in suite.document["pids"])

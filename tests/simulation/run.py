"""One seed, from start to verdict."""

import asyncio
import contextlib
import gc
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from unittest import mock

import structlog

import services.common.clock as clock_module
import services.common.jobs.backlog_loss as backlog_loss_module
import services.common.jobs.pace as pace_module
import services.common.jobs.runtime as runtime_module
import services.common.jobs.upkeep as upkeep_module
from services.common.context import CallContext, new_request_id, serving
from services.common.jobs.runtime import JobRuntime
from services.converter import leftovers
from tests.simulation.broker import SimulatedBroker
from tests.simulation.clients import Crowd
from tests.simulation.faults import MIN_FAULTS
from tests.simulation.loop import SimulatedLoop, StuckError
from tests.simulation.sites import Sites
from tests.simulation.world import INDEX_GRACE_S, SETTINGS, TENANTS, World, principal_of

# The suite has this long to come to rest once nothing goes wrong any more, and then to put its index in order.
REST_S = 240.0
# A sweeper that read a job before its end may put it into the backlog after: a worker takes it out in its turn.
CLEAR_S = 30
# How often an index key is lost once all is over.
LATE_LOSS = 0.06
# Where tasks wait is looked at after one step in so many, which costs as much as all else.
SITES_EVERY = 8
# Faults that found nothing to befall yet have this long to do so.
IDLE_S = 30
HEAL_S = SETTINGS.jobs_purge_again_after_s + 2 * SETTINGS.jobs_scan_interval_s + INDEX_GRACE_S


@dataclass(slots=True)
class Verdict:
    """What a run came to: the laws it broke, and what happened in it."""

    seed: int
    broken: list[str]
    steps: int = 0
    jobs: int = 0
    runs: int = 0
    requests: int = 0
    faults: list[str] = field(default_factory=list)
    took_s: float = 0.0


def run_seed(seed: int, *, sites: Sites | None = None, stops_when_broken: bool = False) -> Verdict:
    """Runs one seed. ``sites`` notes at which awaits tasks were waiting while others ran; ``stops_when_broken`` ends
    the run where a law is broken on the way."""
    started = time.process_time()
    loop = SimulatedLoop(seed)
    random.seed(seed)
    with _simulated(loop):
        try:
            world = World(seed, loop)
            _Current.world = world
            if sites is not None:
                loop.after_step = lambda: sites.note(loop.tasks()) if loop.steps % SITES_EVERY == 0 else None
            if stops_when_broken:
                world.laws.on_broken = loop.stop
            try:
                broken = loop.run_until_complete(_run(world))
            except StuckError as error:
                broken = [f"comes to an end: {error}"]
            except RuntimeError:
                if not (stops_when_broken and world.laws.broken):
                    raise
                broken = [*world.laws.broken]
            broken += [f"no surprises: {fault.get('message')} {fault.get('exception')!r}" for fault in loop.faults]
            verdict = Verdict(
                seed,
                broken,
                loop.steps,
                len(world.laws.jobs),
                len(world.laws.runs),
                world.wire.requests,
                world.plan.struck,
            )
            world.wire.is_cut = True
            world.bucket.watch = None
            world.nats.on_publish = world.nats.on_remove = None
            loop.abandon()
        finally:
            loop.close()
            _Current.world = None
    verdict.took_s = time.process_time() - started
    return verdict


async def _run(world: World) -> list[str]:
    await world.start()
    crowd = Crowd(world)
    try:
        async with asyncio.timeout(REST_S):
            await crowd.live()
            for second in range(4 * IDLE_S):
                if _is_enough(world) or (second >= IDLE_S and len(world.plan.struck) >= MIN_FAULTS):
                    break
                await asyncio.sleep(1)
            world.plan.is_over = True
            while world.chores or not world.laws.is_settled():  # noqa: ASYNC110 - simulated seconds
                await asyncio.sleep(1)
    except TimeoutError:
        world.plan.is_over = True
        return [*world.laws.judge({}), "comes to an end: not at rest in time"]
    if crowd.gallery is not None:
        await crowd.gallery.close()
    if world.draw.random() < LATE_LOSS:
        # Another hand, when nothing has been written for a while that would have it found.
        await asyncio.sleep(_RECENT.total_seconds())
        world.bucket.lose(world.draw, "index/")
    until = world.loop.time() + HEAL_S + CLEAR_S
    # One in sixteen is watched to the end: what is in order might be put out of it again.
    look_at = world.loop.time() if world.seed % 16 else until - CLEAR_S
    while True:
        await asyncio.sleep(1)
        if world.loop.time() < look_at or (world.loop.time() < until and world.laws.judge({})):
            continue
        wrong = world.laws.judge({tenant: await _list(world, tenant) for tenant in TENANTS})
        # What was on its way when its caller died may have arrived since.
        if not wrong or world.loop.time() >= until:
            return wrong


def _is_enough(world: World) -> bool:
    """Whether there is nothing left that a fault could befall but processes with nothing to do: one seed in sixteen
    goes on with these for as long as any fault is left."""
    if not world.laws.is_settled():
        return False
    plan = world.plan
    if not plan.faults:
        return True
    return bool(world.seed % 16) and len(plan.struck) >= MIN_FAULTS and not world.laws.judge({})


async def _list(world: World, tenant: str) -> list[str]:
    """The ids of a tenant's jobs as a list shows them, page by page."""

    async def read(runtime: JobRuntime) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            records, token = await runtime.list_visible(
                principal_of(tenant), user_id="", status="", page_size=2, page_token=token
            )
            found += [record.job_id for record in records]
            if not token:
                return found

    with serving(CallContext(new_request_id(), principal_of(tenant))):
        return await world.call_patiently(tenant, read)


class _Current:
    """The world that new connections belong to."""

    world: World | None = None


def _connect(*_arguments: Any, **_options: Any) -> SimulatedBroker:
    assert _Current.world is not None
    return SimulatedBroker(_Current.world.nats)


class _Time:
    """The time of day as the services' clock asks for it, finer than what they keep."""

    fromisoformat = datetime.fromisoformat

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self, _zone: tzinfo) -> datetime:
        """Simulated seconds after the start of 2027."""
        return _START + timedelta(seconds=self._loop.time())


_RECENT = timedelta(seconds=30)
_START = datetime(2027, 1, 1, tzinfo=UTC)


@contextlib.contextmanager
def _simulated(loop: SimulatedLoop) -> Iterator[None]:
    """Simulated time and broker in place of the real ones; collects garbage between runs only."""
    was_collecting = gc.isenabled()
    gc.disable()
    patches = (
        mock.patch.object(time, "monotonic", loop.time),
        mock.patch.object(clock_module, "datetime", _Time(loop)),
        mock.patch.object(runtime_module, "Broker", _connect),
        mock.patch.object(leftovers, "_AFTER", timedelta(seconds=20)),
        # How late anything may be, in this world's times.
        mock.patch.object(pace_module, "_LEFT_ALONE", timedelta(seconds=INDEX_GRACE_S)),
        mock.patch.object(pace_module, "RECENT", _RECENT),
        mock.patch.object(upkeep_module, "RECENT", _RECENT),
        mock.patch.object(backlog_loss_module, "RECENT", _RECENT),
        mock.patch.object(backlog_loss_module, "_SETTLED_AFTER", timedelta(seconds=INDEX_GRACE_S)),
        mock.patch.object(upkeep_module, "_PAUSE_PER_LISTING", timedelta(seconds=1)),
    )
    try:
        with contextlib.ExitStack() as stack:
            for patch in patches:
                stack.enter_context(patch)
            yield
    finally:
        if was_collecting:
            gc.enable()


def be_quiet() -> None:
    """Lets the services log nothing: half of a run's time."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50), cache_logger_on_first_use=False)

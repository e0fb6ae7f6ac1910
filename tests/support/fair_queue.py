"""The real queue, dispatcher and work queue with jobs that have no records: for tests and measurements of turns.

What a worker does with a job is not of interest here, so that thousands of them cost seconds.
"""

import asyncio
import contextlib
import functools
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import uuid4

import nats.errors

from services.common.clock import utc_now
from services.common.errors import Unavailable
from services.common.identity import Principal
from services.common.jobs.broker import Broker
from services.common.jobs.deliveries import Deliveries, Delivery
from services.common.jobs.presence import PresenceReporter, list_workers
from services.common.jobs.queue import JobQueue, Locator
from services.common.jobs.record import JobRecord, new_record
from tests.support.eventually import eventually

_AT_ONCE = 25
Answer = TypeVar("Answer")


def make_job(tenant: str, user_id: str = "alice") -> JobRecord:
    """A job that stands nowhere yet."""
    return new_record(
        Principal(tenant, "key:tests"),
        user_id=user_id,
        job_id=uuid4().hex,
        now=utc_now(),
        status="pending",
        message="accepted",
        body={},
    )


async def repeat(step: Callable[[], Awaitable[Answer]]) -> Answer:
    """Does what may be done again until the server answers in time: a busy machine's disk is slow now and then."""
    while True:
        with contextlib.suppress(Unavailable, TimeoutError, nats.errors.TimeoutError):
            return await step()


async def publish_all(queue: JobQueue, jobs: Iterable[JobRecord]) -> None:
    """Puts jobs into the backlog, in their order as far as the server answers."""
    left = iter(jobs)
    while batch := list(itertools.islice(left, _AT_ONCE)):
        await asyncio.gather(*(repeat(functools.partial(queue.publish, job)) for job in batch))


class Slots:
    """Workers of a service seen from the queue: so many slots, and the jobs that began in them, in order."""

    def __init__(self, broker: Broker, service: str, count: int) -> None:
        self._deliveries = Deliveries(broker, service)
        self._count = count
        self.in_hand: list[Delivery] = []
        self.begun: list[Locator] = []

    async def take(self, timeout_s: float = 5) -> bool:
        """Begins jobs in free slots; returns whether there was one within the time."""
        taken = await self._deliveries.take(self._count - len(self.in_hand), timeout_s)
        self.in_hand += taken
        self.begun += [delivery.locator() for delivery in taken]
        return bool(taken)

    async def end_one(self) -> None:
        """The job that began first ends."""
        await repeat(self.in_hand.pop(0).done)

    async def run(self, count: int) -> list[Locator]:
        """Begins so many more jobs, or a few above, each as another ends; returns them."""
        seen = len(self.begun)
        while len(self.begun) < seen + count:
            if len(self.in_hand) == self._count:
                await self.end_one()
            await self.take()
        return self.begun[seen:]

    async def count_before(self, job: JobRecord, *, give_up_after: int) -> int:
        """How many jobs begin from now on before this one does."""
        seen = len(self.begun)
        for number in range(give_up_after):
            if len(self.begun) <= seen + number:
                await self.run(1)
            if self.begun[seen + number].job_id == job.job_id:
                return number
        raise AssertionError(f"{give_up_after} jobs began before it")

    async def run_dry(self, quiet_s: float) -> None:
        """Ends all there is, until nothing comes for so long."""
        while self.in_hand or await self.take(quiet_s):
            while self.in_hand:
                await self.end_one()

    async def close(self) -> None:
        """Takes nothing more; what is in hand stays there until its lease ends."""
        await self._deliveries.close()


@asynccontextmanager
async def working(broker: Broker, service: str, slots: int, *, seen_by: Broker | None = None) -> AsyncIterator[Slots]:
    """Workers with so many slots, whose presence is told before anything is taken.

    ``seen_by`` is an API's connection where a worker's own may not look at others.
    """
    presence = PresenceReporter(broker, service, f"slots-{uuid4().hex[:8]}", slots)
    await presence.start()
    await eventually(lambda: list_workers(seen_by or broker, service), within_s=300, every_s=0.02)
    workers = Slots(broker, service, slots)
    try:
        yield workers
    finally:
        await workers.close()
        await presence.stop()

"""The worker: pulls into free slots, claims by compare-and-swap, runs, finishes or hands back, and drains.

The lease is JetStream's: a message in hand is kept by heartbeats. The fence is the record's attempt number: a worker
that lost its lease loses every write, and does not acknowledge what is no longer its own.
"""

import asyncio
import contextlib
import random
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import nats.errors
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Gauge, Histogram

from services.common import tracing
from services.common.context import CallContext, new_request_id, serving
from services.common.errors import Conflict, NotFound, Unavailable, WealthError
from services.common.identity import service_principal
from services.common.jobs.attempts import HAND_BACK_S, Attempts
from services.common.jobs.broker import Broker
from services.common.jobs.claims import claim
from services.common.jobs.deliveries import Deliveries, Delivery
from services.common.jobs.events import EventPublisher
from services.common.jobs.handler import JobHandler, WorkerLimits
from services.common.jobs.outbox import Outbox
from services.common.jobs.presence import PresenceReporter
from services.common.jobs.queue import Locator
from services.common.jobs.record import JobRecord
from services.common.jobs.store import JobStore
from services.common.jobs.topology import jobs_stream
from services.common.logging import get_logger
from services.common.storage.record_calls import new_write_id
from services.common.tasks import stop_task

JOBS = Counter("wealth_jobs_total", "Attempts ended", ["service", "outcome"])
JOB_SECONDS = Histogram(
    "wealth_job_seconds", "Time of an attempt", ["service"], buckets=(0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
)
BUSY = Gauge("wealth_worker_busy_slots", "Jobs in hand", ["service"])
_PAUSE_S = 1.0
_FETCH_TIMEOUT_S = 5.0


class JobWorker:
    """A pull consumer of one service's queue; a component of a process."""

    def __init__(
        self,
        broker: Broker,
        *,
        store: JobStore,
        publisher: EventPublisher,
        outbox: Outbox,
        handler: JobHandler,
        limits: WorkerLimits,
        storage_ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._broker = broker
        kind = self._kind = store.kind
        self._store = store
        self._attempts = Attempts(store, publisher, outbox, handler=handler, limits=limits)
        self._limits = limits
        self._storage_ready = storage_ready
        self._log = get_logger()
        self._running: set[asyncio.Task[None]] = set()
        self._slot_freed = asyncio.Event()
        self._draining = False
        # The task that runs alone, or waits to: nothing else is pulled then.
        self._lone: asyncio.Task[Any] | None = None
        self._pulling: asyncio.Task[None] | None = None
        self._deliveries = Deliveries(broker, kind.service)
        worker_id = f"{socket.gethostname().replace('.', '-')}-{secrets.token_hex(4)}"
        self._presence = PresenceReporter(broker, kind.service, worker_id, limits.concurrency)

    @property
    def paused(self) -> bool:
        """Whether it pulls nothing because storage is away or takes no writes."""
        return self._presence.paused

    async def check(self) -> None:
        """Raises Unavailable while the worker is paused: the health of the dependency "jobs"."""
        if self.paused:
            raise Unavailable("paused: storage does not answer, or takes no writes")

    async def start(self) -> None:
        """Starts to pull once NATS and the queue are there."""
        await self._presence.start()
        self._pulling = asyncio.create_task(self._pull(), name="worker-pull")

    async def drain(self) -> None:
        """Stops pulling, gives what is in hand time to finish, and hands back the rest."""
        self._draining = True
        await stop_task(self._pulling, patience_s=HAND_BACK_S)
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.drain_timeout_s)
        await asyncio.gather(*(stop_task(task, patience_s=HAND_BACK_S * 2) for task in self._running))

    async def stop(self) -> None:
        """Stops at once; what is in hand comes back to the queue after the lease."""
        await stop_task(self._pulling, patience_s=HAND_BACK_S)
        await asyncio.gather(*(stop_task(task, patience_s=HAND_BACK_S * 2) for task in self._running))
        await self._presence.stop()

    async def _pull(self) -> None:
        await self._broker.wait_connected()
        while True:
            free = self._limits.concurrency - len(self._running) if self._lone is None else 0
            if free <= 0:
                self._slot_freed.clear()
                await self._slot_freed.wait()
                continue
            if not await self._is_storage_ready():
                await asyncio.sleep(_PAUSE_S)
                continue
            try:
                deliveries = await self._deliveries.take(free, _FETCH_TIMEOUT_S)
            except asyncio.CancelledError:
                await self._deliveries.give_up(self._limits.concurrency)
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, a worker that no longer pulls is no worker
                # The queue is gone or the server is: bind anew until it is back.
                self._log.warning("pull_failed", error=f"{type(error).__name__}: {error}")
                await self._deliveries.close()
                await asyncio.sleep(_PAUSE_S * random.uniform(0.5, 1.5))
                continue
            for delivery in deliveries:
                if self._lone is None:
                    self._take(delivery)
                else:  # it came for a fetch that was under way already
                    await delivery.hand_back(0)

    async def _is_storage_ready(self) -> bool:
        try:
            await self._storage_ready()
        except WealthError as error:
            if not self._presence.paused:
                self._log.warning("worker_paused", reason=error.reason)
            self._presence.paused = True
            self._presence.changed()
            return False
        if self._presence.paused:
            self._log.info("worker_resumed")
            self._presence.paused = False
            self._presence.changed()
        return True

    def _take(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._process(delivery), name="job")
        self._running.add(task)
        self._presence.busy = len(self._running)
        self._presence.changed()
        BUSY.labels(self._kind.service).set(len(self._running))
        started = time.monotonic()

        def on_done(done: asyncio.Task[None]) -> None:
            self._running.discard(done)
            self._presence.busy = len(self._running)
            self._presence.finished += 1
            self._presence.busy_s += time.monotonic() - started
            self._presence.changed()
            BUSY.labels(self._kind.service).set(len(self._running))
            JOB_SECONDS.labels(self._kind.service).observe(time.monotonic() - started)
            self._slot_freed.set()

        task.add_done_callback(on_done)

    async def _process(self, delivery: Delivery) -> None:
        """One message from receipt to acknowledgement; never raises but when cancelled."""
        started = time.monotonic()
        try:
            locator = delivery.locator()
        except (ValueError, KeyError, TypeError):
            self._log.error("message_not_readable", subject=delivery.subject[:200])
            await delivery.discard()
            return
        principal = service_principal(locator.tenant, self._kind.service)
        heartbeat = asyncio.create_task(self._keep_lease(delivery), name="lease")
        outcome = "unknown"
        with (
            tracing.continue_trace(
                delivery.headers,
                f"process {self._kind.service}.{self._kind.noun}",
                SpanKind.CONSUMER,
                {
                    "messaging.system": "nats",
                    "messaging.operation.type": "process",
                    "messaging.destination.name": jobs_stream(self._kind.service),
                    "wealth.tenant": locator.tenant,
                    "wealth.job_id": locator.job_id,
                    "wealth.generation": locator.generation,
                },
            ) as trace_id,
            serving(CallContext(new_request_id(), principal), trace_id=trace_id, job_id=locator.job_id),
        ):
            try:
                outcome = await self._settle(delivery, locator)
            except asyncio.CancelledError:
                outcome = "interrupted"
                await delivery.hand_back()
                raise
            except (nats.errors.Error, WealthError, TimeoutError) as error:
                # Whatever could not be written or acknowledged: the lease ends, and the message comes back.
                outcome = "deferred"
                self._log.warning("job_deferred", error=f"{type(error).__name__}: {error}")
                await delivery.hand_back(self._limits.retry_delay_s)
            except Exception:  # noqa: BLE001 - a bug in one job must not stop the worker
                outcome = "deferred"
                self._log.exception("job_deferred_unexpectedly")
                await delivery.hand_back(self._limits.retry_delay_s * 5)
            finally:
                await stop_task(heartbeat)
                tracing.describe_span({"wealth.outcome": outcome}, failed=outcome in {"deferred", self._kind.failed})
                JOBS.labels(self._kind.service, outcome).inc()
                self._log.info(
                    "job",
                    outcome=outcome,
                    tenant=locator.tenant,
                    generation=locator.generation,
                    duration_ms=round((time.monotonic() - started) * 1000, 1),
                )

    async def _settle(self, delivery: Delivery, locator: Locator) -> str:
        try:
            record = await self._find_claimable(locator)
        except NotFound:
            await delivery.done()
            return "gone"
        if record.generation != locator.generation:
            await delivery.done()
            return "outdated"
        if self._kind.is_terminal(record.status):
            # A worker may have died between the record and what follows it.
            await self._attempts.conclude(delivery, record)
            return "already_terminal"
        claimed = claim(record)
        if claimed.alone and not await self._clear_hands():
            await delivery.hand_back(self._limits.retry_delay_s)
            return "must_wait"
        write_id = new_write_id()
        try:
            # Asked until there is an answer: a claim that stands although nobody heard so would be a death that no
            # process died.
            standing = await self._attempts.persist(lambda: self._store.save(claimed, record, write_id=write_id))
            return await self._attempts.run(delivery, standing)
        except Conflict:
            await delivery.hand_back(0.1)
            return "claim_lost"
        finally:
            if claimed.alone:
                self._lone = None

    async def _find_claimable(self, locator: Locator) -> JobRecord:
        """Reads the job of a message. What storage remembers will do for a claim, whose swap finds out whether it
        still stands; whatever else follows rests on what stands now. Raises NotFound."""
        with contextlib.suppress(NotFound):
            record = await self._store.get(locator.user_id, locator.job_id, may_be_old=True)
            if record.generation == locator.generation and not self._kind.is_terminal(record.status):
                return record
        return await self._store.get(locator.user_id, locator.job_id)

    async def _clear_hands(self) -> bool:
        """Waits until this task is all that the worker has in hand, which takes up nothing new from here on; returns
        False where another such task is ahead.
        """
        this = asyncio.current_task()
        if self._lone is not None and self._lone is not this:
            return False
        self._lone = this
        try:
            while others := [task for task in self._running if task is not this]:
                await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._lone = None
            raise
        return True

    async def _keep_lease(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._limits.heartbeat_s)
            try:
                await delivery.keep()
            except (nats.errors.Error, ConnectionError) as error:
                self._log.warning("lease_not_renewed", error=type(error).__name__)

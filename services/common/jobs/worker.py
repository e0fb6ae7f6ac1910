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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import nats.errors
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Gauge, Histogram

from services.common import tracing
from services.common.context import CallContext, new_request_id, serving
from services.common.errors import Conflict, NotFound, RetryableError, Unavailable, WealthError
from services.common.identity import service_principal
from services.common.jobs.broker import Broker
from services.common.jobs.claims import claim, find_verdict
from services.common.jobs.deliveries import Deliveries, Delivery
from services.common.jobs.events import EventPublisher
from services.common.jobs.outbox import Outbox
from services.common.jobs.owners import Owner, is_verdict, owner_of
from services.common.jobs.presence import PresenceReporter
from services.common.jobs.queue import Locator
from services.common.jobs.record import Artefact, Fault, JobRecord
from services.common.jobs.store import JobStore
from services.common.jobs.topology import jobs_stream
from services.common.jobs.writer import AttemptWriter, ResultRefused, SupersededError
from services.common.logging import get_logger
from services.common.storage.client import new_write_id
from services.common.tasks import awake_timeout, stop_task

JOBS = Counter("wealth_jobs_total", "Attempts ended", ["service", "outcome"])
JOB_SECONDS = Histogram(
    "wealth_job_seconds", "Time of an attempt", ["service"], buckets=(0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
)
BUSY = Gauge("wealth_worker_busy_slots", "Jobs in hand", ["service"])
_PAUSE_S = 1.0
_FETCH_TIMEOUT_S = 5.0
# Time to write down that a job is handed back, and for a handler to clean up.
_HAND_BACK_S = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: its terminal status, one sentence, what it made, and what else becomes true with it.

    ``given_up``: its attempts are used up, and an operator finds it among the dead letters.
    """

    status: str
    message: str
    error: Fault | None = None
    manifest: dict[str, Artefact] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    given_up: bool = False


class JobHandler(Protocol):
    """What a service does with its jobs."""

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Does the work. Raises WealthError to fail the job with its reason, RetryableError to try again later
        (``owners`` has whose failure is which); of the failures of a TaskGroup the first of these counts.

        Cancelled where the attempt no longer stands or the worker drains.
        """

    async def settle(self, record: JobRecord) -> None:
        """Does what belongs to a terminal record but stands outside of it; again is no harm."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The bounds of a worker.

    ``concurrency`` jobs in hand, ``max_attempts`` of one generation that fail by its own doing, ``job_timeout_s`` for
    one attempt, ``heartbeat_s`` between signs of life (well below the consumer's ack_wait), ``retry_delay_s`` before
    the second attempt, doubled for each further one, ``patience_s`` for a generation whose dependencies keep going
    away.
    """

    concurrency: int = 4
    max_attempts: int = 5
    job_timeout_s: float = 900
    heartbeat_s: float = 8
    retry_delay_s: float = 2
    drain_timeout_s: float = 20
    write_interval_s: float = 0.5
    look_interval_s: float = 2.0
    patience_s: float = 24 * 3600


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
        self._publisher = publisher
        self._outbox = outbox
        self._handler = handler
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
        await stop_task(self._pulling, patience_s=_HAND_BACK_S)
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.drain_timeout_s)
        await asyncio.gather(*(stop_task(task, patience_s=_HAND_BACK_S * 2) for task in self._running))

    async def stop(self) -> None:
        """Stops at once; what is in hand comes back to the queue after the lease."""
        await stop_task(self._pulling, patience_s=_HAND_BACK_S)
        await asyncio.gather(*(stop_task(task, patience_s=_HAND_BACK_S * 2) for task in self._running))
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
            await self._conclude(delivery, record)
            return "already_terminal"
        claimed = claim(record)
        if claimed.alone and not await self._clear_hands():
            await delivery.hand_back(self._limits.retry_delay_s)
            return "must_wait"
        write_id = new_write_id()
        try:
            # Asked until there is an answer: a claim that stands although nobody heard so would be a death that no
            # process died.
            standing = await self._persist(lambda: self._store.save(claimed, record, write_id=write_id))
            return await self._run_attempt(delivery, standing)
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

    async def _run_attempt(self, delivery: Delivery, claimed: JobRecord) -> str:
        limits = self._limits
        tracing.describe_span({"wealth.attempt": claimed.attempt})
        writer = AttemptWriter(
            self._store,
            self._publisher,
            claimed,
            write_interval_s=limits.write_interval_s,
            look_interval_s=limits.look_interval_s,
        )
        try:
            try:
                return await self._try(delivery, writer)
            except ResultRefused as refusal:
                # Another attempt would make the same of it.
                return await self._finish(delivery, writer, self._failure(Fault(refusal.reason, refusal.message)))
        except SupersededError as superseded:
            return await self._abandon(delivery, claimed, superseded.record)
        except asyncio.CancelledError:
            await self._hand_back(delivery, writer)
            raise
        finally:
            await writer.stop()

    async def _try(self, delivery: Delivery, writer: AttemptWriter) -> str:
        """Runs the handler, and does what its end says. Raises ResultRefused where that cannot be written down."""
        if fault := find_verdict(writer.record):
            writer.excuse()  # a claim that only gives up is no attempt
            return await self._finish(delivery, writer, self._failure(fault, given_up=True))
        writer.start()
        try:
            outcome = await self._run_handler(writer)
        except SupersededError:
            raise  # nothing unexpected: told below
        except Exception as error:  # noqa: BLE001 - whatever it is, it is somebody's
            return await self._judge(delivery, writer, error)
        return await self._finish(delivery, writer, outcome)

    async def _judge(self, delivery: Delivery, writer: AttemptWriter, error: Exception) -> str:
        """Ends the job where a failure is its own and would be the same again; otherwise leaves it for another
        attempt."""
        after_s = error.retry_after_s if isinstance(error, RetryableError) else self._limits.retry_delay_s
        if isinstance(error, WealthError):
            fault = Fault(error.reason, error.message, getattr(error, "field", ""))
        else:  # unknown: one line with an id
            error_id = secrets.token_hex(8)
            self._log.error("job_failed_unexpectedly", error_id=error_id, exc_info=error)
            fault = Fault("INTERNAL", f"internal error {error_id}")
        if is_verdict(error):
            return await self._finish(delivery, writer, self._failure(fault))
        excused = owner_of(error) is not Owner.JOB
        return await self._retry(delivery, writer, fault, after_s=after_s, excused=excused)

    async def _run_handler(self, writer: AttemptWriter) -> Outcome:
        """Runs the handler until it ends, its time is over, or the attempt is superseded."""
        work = asyncio.create_task(self._handler.run(writer), name="job-handler")
        timeout_s = self._limits.job_timeout_s
        try:
            waiting: set[asyncio.Future[Any]] = {work, writer.superseded}
            try:
                async with awake_timeout(timeout_s):
                    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            except TimeoutError:
                raise WealthError(f"not done within {timeout_s:g} s", reason="JOB_TIMEOUT") from None
            if writer.superseded.done():
                raise SupersededError(writer.superseded.result())
            return work.result()
        except BaseExceptionGroup as group:
            raise _pick_failure(group) from group
        finally:
            await stop_task(work, patience_s=_HAND_BACK_S)

    async def _finish(self, delivery: Delivery, writer: AttemptWriter, outcome: Outcome) -> str:
        """The terminal record, then what follows from it."""
        record = await self._persist(
            lambda: writer.finish(
                outcome.status,
                outcome.message,
                progress=100 if outcome.status == self._kind.completed else None,
                error=outcome.error,
                manifest=outcome.manifest,
                body=outcome.body,
                given_up=outcome.given_up,
            )
        )
        await self._conclude(delivery, record)
        return outcome.status

    async def _conclude(self, delivery: Delivery, record: JobRecord) -> None:
        """What follows a terminal record, in this order; again is no harm, so that whoever finds one does it all."""
        await self._handler.settle(record)
        await self._outbox.deliver(record)
        await delivery.done()

    async def _persist(self, write: Callable[[], Awaitable[JobRecord]]) -> JobRecord:
        """Writes until storage answers: a result in hand is kept, with the lease, for as long as this worker lives."""
        delay_s = 0.2
        while True:
            try:
                return await write()
            except WealthError as error:
                if is_verdict(error) or isinstance(error, Conflict):
                    raise
                self._log.warning("job_write_deferred", reason=error.reason, delay_s=delay_s)
                await asyncio.sleep(delay_s * random.uniform(0.7, 1.3))
                delay_s = min(delay_s * 2, 5)

    async def _retry(
        self, delivery: Delivery, writer: AttemptWriter, fault: Fault, *, after_s: float, excused: bool
    ) -> str:
        """Leaves the job open for another attempt, or fails it where that was the last.

        What came of a dependency being away is no attempt of the job's: it ends only after ``patience_s``.
        """
        limits = self._limits
        record = writer.record
        if excused and self._store.clock() - record.history[0].at > timedelta(seconds=limits.patience_s):
            words = f"given up, and may be run again: {fault.message}"
            away = Fault("PLATFORM_UNAVAILABLE", words)
            return await self._finish(delivery, writer, self._failure(away, given_up=True))
        if not excused and record.charged + 1 >= limits.max_attempts:
            writer.charge()
            return await self._finish(delivery, writer, self._failure(fault, given_up=True))
        await self._release(writer, excused=excused, why=f"trying again: {fault.message}")
        failures = record.excused if excused else record.charged
        await delivery.again(min(max(after_s, limits.retry_delay_s * 2 ** min(failures, 5)), 60))
        return "retried"

    async def _release(self, writer: AttemptWriter, *, excused: bool, why: str) -> None:
        if excused:
            writer.excuse()
        else:
            writer.charge()
        writer.set_progress(writer.record.progress, why)

        async def write() -> JobRecord:
            await writer.flush()
            return writer.record

        await self._persist(write)

    async def _hand_back(self, delivery: Delivery, writer: AttemptWriter) -> None:
        """Gives a job back because this worker stops: no attempt of the job's."""
        with contextlib.suppress(WealthError, SupersededError, TimeoutError):
            async with asyncio.timeout(_HAND_BACK_S):
                await self._release(writer, excused=True, why="handed back by a worker that stops")
        await delivery.hand_back()

    async def _abandon(self, delivery: Delivery, claimed: JobRecord, current: JobRecord | None) -> str:
        """Lets go of a job that is no longer this worker's."""
        if current is None:
            await delivery.done()
            return "deleted"
        if current.generation != claimed.generation:
            await delivery.done()
            return "outdated"
        if self._kind.is_terminal(current.status):
            await self._conclude(delivery, current)
            return current.status
        # Another worker holds it now: acknowledging would delete its message.
        return "superseded"

    def _failure(self, fault: Fault, *, given_up: bool = False) -> Outcome:
        return Outcome(self._kind.failed, fault.message, error=fault, given_up=given_up)

    async def _keep_lease(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._limits.heartbeat_s)
            try:
                await delivery.keep()
            except (nats.errors.Error, ConnectionError) as error:
                self._log.warning("lease_not_renewed", error=type(error).__name__)


def _pick_failure(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one of several failures that decides what becomes of the job: one that says so, otherwise the first."""
    leaves: list[BaseException] = []
    groups: list[BaseException] = [group]
    while groups:
        failure = groups.pop(0)
        if isinstance(failure, BaseExceptionGroup):
            groups.extend(failure.exceptions)
        else:
            leaves.append(failure)
    return next((leaf for leaf in leaves if isinstance(leaf, WealthError | SupersededError)), leaves[0])

"""One attempt, from its claim to its end: runs the handler, and says what becomes of the job by whose failure it was.

Every write of the record goes through the attempt's writer, whose fence is the attempt's number; whatever follows from
a terminal record follows in one order.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from services.common import tracing
from services.common.errors import Conflict, RetryableError, WealthError
from services.common.jobs.claims import find_verdict
from services.common.jobs.deliveries import Delivery
from services.common.jobs.events import EventPublisher
from services.common.jobs.handler import JobHandler, Outcome, WorkerLimits
from services.common.jobs.outbox import Outbox
from services.common.jobs.owners import Owner, is_verdict, owner_of
from services.common.jobs.record import Fault, JobRecord
from services.common.jobs.store import JobStore
from services.common.jobs.writer import AttemptWriter, ResultRefused, SupersededError
from services.common.logging import get_logger
from services.common.tasks import awake_timeout, stop_task

# Time to write down that a job is handed back, and for a handler to clean up.
HAND_BACK_S = 2.0


class Attempts:
    """Makes attempts of one kind of job, for a worker that holds the lease meanwhile."""

    def __init__(
        self,
        store: JobStore,
        publisher: EventPublisher,
        outbox: Outbox,
        *,
        handler: JobHandler,
        limits: WorkerLimits,
    ) -> None:
        self._kind = store.kind
        self._store = store
        self._publisher = publisher
        self._outbox = outbox
        self._handler = handler
        self._limits = limits
        self._log = get_logger()

    async def run(self, delivery: Delivery, claimed: JobRecord) -> str:
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
            await stop_task(work, patience_s=HAND_BACK_S)

    async def _finish(self, delivery: Delivery, writer: AttemptWriter, outcome: Outcome) -> str:
        """The terminal record, then what follows from it."""
        record = await self.persist(
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
        await self.conclude(delivery, record)
        return outcome.status

    async def conclude(self, delivery: Delivery, record: JobRecord) -> None:
        """What follows a terminal record, in this order; again is no harm, so that whoever finds one does it all."""
        await self._handler.settle(record)
        await self._outbox.deliver(record)
        await delivery.done()

    async def persist(self, write: Callable[[], Awaitable[JobRecord]]) -> JobRecord:
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

        await self.persist(write)

    async def _hand_back(self, delivery: Delivery, writer: AttemptWriter) -> None:
        """Gives a job back because this worker stops: no attempt of the job's."""
        with contextlib.suppress(WealthError, SupersededError, TimeoutError):
            async with asyncio.timeout(HAND_BACK_S):
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
            await self.conclude(delivery, current)
            return current.status
        # Another worker holds it now: acknowledging would delete its message.
        return "superseded"

    def _failure(self, fault: Fault, *, given_up: bool = False) -> Outcome:
        return Outcome(self._kind.failed, fault.message, error=fault, given_up=given_up)


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

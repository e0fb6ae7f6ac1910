"""The dispatcher hands the jobs of the backlog out to the workers, tenant by tenant and user by user in turn.

One of a service's API processes dispatches at a time; two at once hand nothing out twice, as the work queue refuses a
second message of a job. It keeps nothing that cannot be read again: who begins reads the backlog from its start and
leaves out what the work queue has already. So few jobs stand ready there that whoever comes next is next to be served.
"""

import asyncio
import contextlib
import heapq
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping, Set

import nats.errors
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from services.common.errors import WealthError
from services.common.jobs.broker import Broker
from services.common.jobs.deliveries import AGAIN
from services.common.jobs.following import follow
from services.common.jobs.kind import JobKind
from services.common.jobs.leadership import PATIENCE_S, RENEW_S, Leadership, LeadLostError, LedComponent
from services.common.jobs.presence import list_workers
from services.common.jobs.queue import JobQueue, Locator
from services.common.jobs.topology import backlog_stream, job_subject, turns_subject, user_token
from services.common.jobs.turns import FairTurns, Waiting
from services.common.logging import get_logger

# How often it looks by itself, for want of notes: they may be lost.
_TICK_S = 1.0
_SLOTS_AGE_S = 2.0
_REFUSED_PAUSE_S = 0.5
_FOUND_AT_ONCE = 500


class Dispatcher(LedComponent):
    """A component of an API process.

    ``weights`` says how many turns a tenant has for one of others (default 1), ``compare_s`` how often the backlog is
    held against what is known to wait, for notes that were lost.
    """

    def __init__(
        self, broker: Broker, kind: JobKind, queue: JobQueue, *, weights: Mapping[str, int], compare_s: float = 10
    ) -> None:
        super().__init__("dispatcher", Leadership(broker, f"dispatcher-{kind.service}", patience_s=PATIENCE_S))
        self._broker = broker
        self._service = kind.service
        self._queue = queue
        self._weights = weights
        self._compare_s = compare_s
        self._log = get_logger()

    async def _run(self) -> None:
        await self._broker.wait_connected()
        while True:
            try:
                if await self._leadership.hold():
                    self._log.info("dispatching")
                    await self._lead()
            except LeadLostError:
                self._log.info("dispatching_elsewhere")
            except (WealthError, TimeoutError, nats.errors.Error) as error:
                self._log.warning("dispatching_deferred", error=f"{type(error).__name__}: {error}")
            except Exception:  # noqa: BLE001 - jobs would wait for ever: it must not end
                self._log.exception("dispatching_failed")
            await asyncio.sleep(RENEW_S)

    async def _lead(self) -> None:
        """Dispatches until the lead is lost or NATS fails; raises what ended it."""
        shift = _Shift(self._broker, self._service, self._queue, FairTurns(self._weights))
        async with shift.listening():
            await self._leadership.work(
                shift.read(), shift.hand_out(), shift.compare(self._compare_s), name="dispatcher-part"
            )


class _Shift:
    """What one process knows while it has the lead."""

    def __init__(self, broker: Broker, service: str, queue: JobQueue, turns: FairTurns) -> None:
        self._broker = broker
        self._service = service
        self._queue = queue
        self._turns = turns
        self._later: list[tuple[float, int, Waiting]] = []
        self._later_subjects: set[str] = set()
        self._numbers = itertools.count()
        self._handed_out_at: dict[str, float] = {}
        self._caught_up = asyncio.Event()
        self._wake = asyncio.Event()
        self._slots = (float("-inf"), 1)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hears the workers' notes for as long as the block lasts."""
        subscription = await self._broker.client.subscribe(turns_subject(self._service, "*"), cb=self._hear)
        try:
            yield
        finally:
            with contextlib.suppress(nats.errors.Error, ConnectionError):
                await subscription.unsubscribe()

    async def read(self) -> None:
        """Reads the backlog from its start and follows it."""
        handed_out = await self._queue.list_handed_out()
        backlog = follow(self._broker, backlog_stream(self._service), "dispatcher", from_start=True)
        async with contextlib.aclosing(backlog) as pieces:
            async for piece in pieces:
                for message in piece.messages:
                    self._add(message.data, message.headers, message.metadata.sequence.stream, unless=handed_out)
                if piece.is_caught_up:
                    self._caught_up.set()

    async def hand_out(self) -> None:
        """Puts into the work queue what there is room for, in turn."""
        await self._caught_up.wait()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await self._wake.wait()
            self._wake.clear()
            self._take_back_what_is_due()
            if not len(self._turns):
                continue
            room = await self._count_slots() - await self._queue.count_ready()
            await asyncio.gather(*(self._hand_out(job) for job in self._turns.take(max(0, room))))

    async def compare(self, every_s: float) -> None:
        """Finds jobs of the backlog that are neither handed out nor known to wait: a note was lost, or a worker of an
        older release finished one and left its message.
        """
        await self._caught_up.wait()
        while True:
            await asyncio.sleep(every_s)
            begun = time.monotonic()
            handed_out = await self._queue.list_handed_out()
            self._handed_out_at = {job: at for job, at in self._handed_out_at.items() if at > begun}
            backlog = await self._queue.list_backlog()
            lost = [
                subject
                for job, subject in backlog.items()
                if job not in handed_out
                and job not in self._turns
                and job not in self._later_subjects
                and job not in self._handed_out_at
            ]
            for subject in lost[:_FOUND_AT_ONCE]:
                try:
                    message = await self._broker.jetstream().get_last_msg(backlog_stream(self._service), subject)
                except NotFoundError:
                    continue  # it ended meanwhile
                self._add(message.data or b"", message.headers, message.seq or 0)
            if lost:
                get_logger().info("jobs_wait_again", service=self._service, count=len(lost))

    async def _hand_out(self, job: Waiting) -> None:
        self._handed_out_at[job.ready_subject] = time.monotonic()
        try:
            await self._queue.hand_out(job)
        except WealthError as error:
            get_logger().warning("job_not_handed_out", reason=error.reason)
            self._add_later(job, _REFUSED_PAUSE_S)

    async def _count_slots(self) -> int:
        """As many jobs may stand ready as workers have slots; one where there is no worker."""
        read_at, slots = self._slots
        if time.monotonic() - read_at > _SLOTS_AGE_S:
            workers = await list_workers(self._broker, self._service)
            slots = max(1, sum(worker.slots for worker in workers))
            self._slots = time.monotonic(), slots
        return slots

    def _add(
        self, payload: bytes, headers: Mapping[str, str] | None, sequence: int, *, unless: Set[str] = frozenset()
    ) -> None:
        """A message of the backlog waits from now on, but where its subject is one of ``unless``."""
        job = self._read(payload, sequence, (headers or {}).get("traceparent", ""))
        if job is not None and job.ready_subject not in unless and job.ready_subject not in self._later_subjects:
            self._turns.add(job)
            self._wake.set()

    def _read(self, payload: bytes, sequence: int, traceparent: str) -> Waiting | None:
        try:
            locator = Locator.decode(payload)
        except (ValueError, KeyError, TypeError):
            get_logger().error("message_not_readable", stream=backlog_stream(self._service), sequence=sequence)
            return None
        subject = job_subject(self._service, locator.tenant, locator.job_id, locator.generation)
        return Waiting(sequence, subject, locator.tenant, user_token(locator.user_id), payload, traceparent)

    async def _hear(self, message: Msg) -> None:
        if message.subject == turns_subject(self._service, AGAIN):
            try:
                note = json.loads(message.data)
                job = self._read(note["payload"].encode(), int(note["sequence"]), str(note["traceparent"]))
                after_s = float(note["after_s"])
            except (ValueError, KeyError, TypeError, AttributeError):
                get_logger().error("message_not_readable", subject=message.subject)
                return
            if job is not None:
                self._add_later(job, after_s)
        self._wake.set()

    def _add_later(self, job: Waiting, after_s: float) -> None:
        if job.ready_subject not in self._turns and job.ready_subject not in self._later_subjects:
            self._later_subjects.add(job.ready_subject)
            heapq.heappush(self._later, (time.monotonic() + after_s, next(self._numbers), job))
            self._wake.set()

    def _take_back_what_is_due(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            _, _, job = heapq.heappop(self._later)
            self._later_subjects.discard(job.ready_subject)
            self._turns.add(job, first=True)

    def _pause_s(self) -> float:
        due_in = self._later[0][0] - time.monotonic() if self._later else _TICK_S
        return min(_TICK_S, max(0.0, due_in))

"""The one writer of a running attempt: it gathers changes, writes them at a bounded rate, and learns from each write
whether the attempt still stands.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from services.common import tracing
from services.common.errors import Conflict, InvalidInput, NotFound, TooLarge, Unavailable, WealthError
from services.common.jobs.events import EventPublisher
from services.common.jobs.record import Artefact, Fault, JobRecord
from services.common.jobs.store import END_BYTES, MAX_SWAP_TRIES, JobStore
from services.common.logging import get_logger
from services.common.tasks import stop_task

Change = Callable[[JobRecord], JobRecord]


class SupersededError(Exception):
    """The attempt no longer stands: cancelled, deleted, or claimed by another worker. Nothing it does counts."""

    def __init__(self, record: JobRecord | None) -> None:
        super().__init__("the attempt was superseded")
        self.record = record


class ResultRefused(InvalidInput):
    """What an attempt makes of its job is no record that storage would ever keep: too large, or no JSON."""

    default_reason = "RESULT_NOT_STORABLE"


class AttemptWriter:
    """Writes one attempt's record.

    Changes apply to memory at once and reach the bucket within ``write_interval_s`` - an attempt that ends before that
    writes its end alone, with all its news; between writes the record is read every ``look_interval_s`` to see whether
    the attempt still stands. ``superseded`` is set when it does not, and
    fails with ResultRefused where a change can never be written: such a change is dropped, with all that were not
    written yet. A write that was applied although its answer was lost counts as made.
    """

    def __init__(
        self,
        store: JobStore,
        publisher: EventPublisher,
        record: JobRecord,
        *,
        write_interval_s: float = 0.5,
        look_interval_s: float = 2.0,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._saved = record
        self._wanted = record
        self._final: JobRecord | None = None
        self._write_interval_s = write_interval_s
        self._look_interval_s = look_interval_s
        self._lock = asyncio.Lock()
        self._dirty = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.superseded: asyncio.Future[JobRecord | None] = asyncio.get_running_loop().create_future()

    @property
    def record(self) -> JobRecord:
        """The record as this attempt wants it; its saved part may be a moment behind."""
        return self._wanted

    def start(self) -> None:
        """Starts to write in the background."""
        self._task = asyncio.create_task(self._run(), name="attempt-writer")

    async def stop(self) -> None:
        """Stops writing; what is not written yet stays unwritten."""
        await stop_task(self._task)
        self._task = None

    def note(self, status: str, progress: int, message: str, *, section: str = "") -> None:
        """Tells a new status, or a finished section, with the next write."""
        self._apply(lambda record: record.note(self._store.clock(), status, progress, message, section))

    def step(self, step: str, status: str, detail: str = "") -> None:
        """Puts a step into the trace with the next write."""
        tracing.note_step(step, {"wealth.step_status": status})
        self._apply(lambda record: record.with_step(self._store.clock(), step, status, detail))

    def set_progress(self, progress: int, message: str | None = None) -> None:
        """Changes progress without news."""
        self._apply(lambda record: replace(record, progress=progress, message=message or record.message))

    def set_body(self, **fields: Any) -> None:
        """Changes fields of the body with the next write."""
        self._apply(lambda record: replace(record, body={**record.body, **fields}))

    def excuse(self) -> None:
        """Takes this attempt off the count with the next write: it ended through no fault of the job."""
        self._apply(lambda record: replace(record, excused=record.excused + 1))

    def charge(self) -> None:
        """Counts this attempt against the job with the next write: it failed by the job's own doing."""
        self._apply(lambda record: replace(record, charged=record.charged + 1))

    async def checkpoint(self, **fields: Any) -> None:
        """Changes fields of the body and returns once they are in the bucket: before anything that costs money.

        Raises SupersededError, ResultRefused, or Unavailable where it could not be written.
        """
        self.set_body(**fields)
        await self.flush()

    async def flush(self) -> None:
        """Writes what is not written yet. Raises as ``checkpoint``."""
        async with self._lock:
            if self._wanted is self._saved:
                return
            await self._write(self._wanted)

    async def finish(
        self,
        status: str,
        message: str,
        *,
        progress: int | None = None,
        error: Fault | None = None,
        manifest: Mapping[str, Artefact] | None = None,
        body: Mapping[str, Any] | None = None,
        given_up: bool = False,
    ) -> JobRecord:
        """Writes the terminal record, with ``body``'s fields, in one compare-and-swap; returns it.

        Raises as ``flush`` does. Calling it again after Unavailable writes what the first call wanted; after
        ResultRefused what the new call says, on what was written last.
        """
        if self._final is None:
            now = self._store.clock()
            final = self._wanted.note(now, status, self._wanted.progress if progress is None else progress, message)
            self._final = replace(
                final,
                error=error,
                given_up=given_up,
                finished_at=now,
                manifest=dict(manifest or {}),
                body={**final.body, **(body or {})},
            )
        async with self._lock:  # a write that is on its way ends first
            await self.stop()
            await self._write(self._final, publish=False)
            self._wanted = self._saved
        return self._saved

    def _apply(self, change: Change) -> None:
        self._wanted = change(self._wanted)
        self._dirty.set()

    async def _run(self) -> None:
        while not self.superseded.done():
            await asyncio.sleep(self._write_interval_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_interval_s):
                    await self._dirty.wait()
            self._dirty.clear()
            try:
                if self._wanted is self._saved:
                    await self._look()
                else:
                    await self.flush()
            except SupersededError:
                return
            except ResultRefused as refusal:
                self.superseded.set_exception(refusal)
                self.superseded.exception()  # it may be that nobody asks
                return
            except WealthError as error:
                get_logger().warning("attempt_write_deferred", job_id=self._saved.job_id, reason=error.reason)
                self._dirty.set()

    async def _look(self) -> None:
        async with self._lock:
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Reads the record: what stands there must be our last write, or a later one of ours whose answer was lost.

        Raises SupersededError where it is anything else.
        """
        current = await self._find()
        has_ended = current is not None and self._store.kind.is_terminal(current.status)
        if current is not None and current.etag == self._saved.etag and not has_ended:
            return
        # Nobody but this writer leaves a claimed attempt open under its own number.
        if (
            current is None
            or has_ended
            or (current.generation, current.attempt) != (self._saved.generation, self._saved.attempt)
        ):
            if not self.superseded.done():
                self.superseded.set_result(current)
            raise SupersededError(current)
        self._saved = current

    async def _swap(self, wanted: JobRecord) -> JobRecord:
        spare_bytes = 0 if self._store.kind.is_terminal(wanted.status) else END_BYTES
        for _ in range(MAX_SWAP_TRIES):
            try:
                return await self._store.save(wanted, self._saved, spare_bytes=spare_bytes)
            except (Conflict, NotFound):
                await self._catch_up()
            except InvalidInput as error:
                self._wanted, self._final = self._saved, None
                raise _name_refusal(error) from error
        raise Unavailable("the record keeps changing", reason="RECORD_CHANGED")

    async def _write(self, wanted: JobRecord, *, publish: bool = True) -> None:
        before = self._saved
        saved = await self._swap(wanted)
        self._saved = saved
        # Changes made while the write was on its way stay wanted, on top of the new version.
        self._wanted = (
            saved
            if self._wanted is wanted
            else replace(self._wanted, revision=saved.revision, write_id=saved.write_id, etag=saved.etag, run=saved.run)
        )
        if publish:
            try:
                await self._publisher.publish(saved, after_revision=before.revision)
            except Unavailable as error:
                get_logger().warning("event_not_published", job_id=saved.job_id, reason=error.reason)

    async def _find(self) -> JobRecord | None:
        try:
            return await self._store.get(self._saved.user_id, self._saved.job_id)
        except NotFound:
            return None


def _name_refusal(error: InvalidInput) -> ResultRefused:
    if isinstance(error, TooLarge):
        return ResultRefused(f"the result is too large to be kept: {error.message}", reason="RESULT_TOO_LARGE")
    return ResultRefused(f"the result cannot be kept: {error.message}")

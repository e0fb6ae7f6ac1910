"""A job's news from the start, or after a revision, until it ends: subscribe first, then read, then follow."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from services.common.errors import Unavailable
from services.common.jobs.events import EventFeed, is_resumable, read_entry
from services.common.jobs.kind import JobKind
from services.common.jobs.record import HistoryEntry, JobRecord


@dataclass(frozen=True, slots=True)
class News:
    """An entry of a job's history as a watcher gets it; ``record`` is the latest that was read."""

    record: JobRecord
    entry: HistoryEntry
    terminal: bool
    resumable: bool


async def watch_job(
    kind: JobKind,
    feed: EventFeed,
    read: Callable[[], Awaitable[JobRecord]],
    *,
    tenant: str,
    job_id: str,
    after_revision: int = 0,
    reread_s: float = 10.0,
) -> AsyncGenerator[News, None]:
    """Yields each entry newer than ``after_revision`` once and in order, the last one terminal.

    Live events are taken at their word while their sequence is unbroken; a gap, the end, a new generation and every
    ``reread_s`` seconds (jittered) the record is read again, so that nothing hangs on NATS. ``read`` raises what
    reading the job raises; a job deleted on the way ends the stream with its NotFound, a process that drains with
    Unavailable: resume at another one.
    """
    with feed.watch(tenant, job_id) as queue:
        record = await read()
        last = _position(record, after_revision)
        while True:
            for entry in record.history:
                if entry.sequence > last:
                    terminal = kind.is_terminal(entry.status)
                    yield News(record, entry, terminal, is_resumable(record, entry))
                    last = entry.sequence
            if kind.is_terminal(record.status):
                return
            while True:
                try:
                    async with asyncio.timeout(reread_s * random.uniform(0.7, 1.3)):
                        message = await queue.get()
                except TimeoutError:
                    break
                if message is None:
                    raise Unavailable("the service restarts; watch again", reason="SERVICE_DRAINING")
                heard = read_entry(message)
                if heard is None or (heard[0] == record.generation and heard[1].sequence <= last):
                    continue
                generation, entry, resumable = heard
                unbroken = generation == record.generation and entry.sequence == last + 1
                if not unbroken or kind.is_terminal(entry.status):
                    break
                yield News(record, entry, terminal=False, resumable=resumable)
                last = entry.sequence
            generation = record.generation
            record = await read()
            if record.generation != generation:
                last = 0


def _position(record: JobRecord, after_revision: int) -> int:
    """The sequence of the last entry that a watcher who saw ``after_revision`` has seen."""
    return max((entry.sequence for entry in record.history if entry.revision <= after_revision), default=0)

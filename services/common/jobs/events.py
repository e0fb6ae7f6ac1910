"""The news of jobs: published with the CloudEvents headers, and one subscription a process for all its watchers."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.common import tracing
from services.common.clock import format_time
from services.common.errors import Unavailable
from services.common.jobs.broker import Broker, Outgoing
from services.common.jobs.kind import JobKind
from services.common.jobs.record import HistoryEntry, JobRecord, decode_entry, encode_entry
from services.common.logging import get_logger
from services.common.tasks import stop_task

WATCHER_QUEUE_SIZE = 64


def event_id(record: JobRecord, entry: HistoryEntry) -> str:
    """Names an event for good: publishing it twice is one event to whoever looks at the id."""
    return f"{record.job_id}:{record.generation}:{entry.sequence}"


def event_subject(kind: JobKind, record: JobRecord, entry: HistoryEntry) -> str:
    """Where an event is published: ``wealth.<service>.v1.<noun>.<status>.<tenant>.<job>``."""
    return f"{kind.event_prefix}.{entry.status}.{record.tenant}.{record.job_id}"


def read_entry(message: Msg) -> tuple[int, HistoryEntry, bool] | None:
    """Reads generation, history entry and whether it is resumable out of an event; None where it is not one of ours."""
    headers = message.headers or {}
    try:
        entry = decode_entry(headers["wealth-entry"])
        return int(headers["wealth-generation"]), entry, headers.get("wealth-resumable") == "1"
    except (KeyError, ValueError):
        return None


def is_resumable(record: JobRecord, entry: HistoryEntry) -> bool:
    """Whether an entry is the last of its revision, so that watching may resume after it."""
    later = (other.revision for other in record.history if other.sequence == entry.sequence + 1)
    return next(later, None) != entry.revision


def _entry_headers(record: JobRecord, entry: HistoryEntry) -> dict[str, str]:
    return {
        "wealth-generation": str(record.generation),
        "wealth-resumable": str(int(is_resumable(record, entry))),
        "wealth-entry": encode_entry(entry),
    }


class EventPublisher:
    """Publishes a kind's events to JetStream."""

    def __init__(self, broker: Broker, kind: JobKind, *, timeout_s: float = 2.0) -> None:
        self._broker = broker
        self._kind = kind
        self._timeout_s = timeout_s

    async def publish(self, record: JobRecord, *, after_revision: int) -> None:
        """Publishes the record's entries newer than a revision, oldest first, and the last of them once the server has
        acknowledged all before it: a terminal event says that the others are there.

        Raises Unavailable where NATS does not answer.
        """
        due = [entry for entry in record.history if entry.revision > after_revision]
        try:
            for entries in (due[:-1], due[-1:]):
                if entries:
                    await self._broker.publish_all(
                        [self._write(record, entry) for entry in entries], timeout_s=self._timeout_s
                    )
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error

    def _write(self, record: JobRecord, entry: HistoryEntry) -> Outgoing:
        kind = self._kind
        terminal = kind.is_terminal(entry.status)
        headers = {
            "Nats-Msg-Id": event_id(record, entry),
            "ce-specversion": "1.0",
            "ce-id": event_id(record, entry),
            "ce-type": f"{kind.event_prefix}.{entry.status}",
            "ce-source": f"/wealth/{kind.service}",
            "ce-subject": record.job_id,
            "ce-time": format_time(entry.at),
            "ce-tenant": record.tenant,
            # The binding makes it an attribute like the others; the plain header is for tools that know no CloudEvents.
            "ce-datacontenttype": "application/json",
            "content-type": "application/json",
            **_entry_headers(record, entry),
            **tracing.trace_headers(),
        }
        payload = kind.event(record, entry, terminal, is_resumable(record, entry))
        return Outgoing(event_subject(kind, record, entry), payload, headers)


class EventFeed:
    """Hands a kind's events to the watchers of this process, by job, from one subscription.

    A slow watcher loses messages, not news: it sees the gap and reads the record. When the process drains, watchers
    get None: whoever called resumes the watch at another process.
    """

    def __init__(self, broker: Broker, kind: JobKind) -> None:
        self._broker = broker
        self._kind = kind
        self._watchers: defaultdict[tuple[str, str], set[asyncio.Queue[Msg | None]]] = defaultdict(set)
        self._draining = False
        self._subscribing: asyncio.Task[None] | None = None
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Subscribes once there is a connection; the client subscribes again after each reconnect."""
        self._subscribing = asyncio.create_task(self._subscribe(), name="event-feed")

    async def _subscribe(self) -> None:
        await self._broker.wait_connected()
        while self._subscription is None:
            try:
                self._subscription = await self._broker.client.subscribe(
                    f"{self._kind.event_prefix}.>", cb=self._dispatch
                )
            except (Unavailable, nats.errors.Error):
                get_logger().warning("event_feed_waiting")
                await asyncio.sleep(0.5)

    async def drain(self) -> None:
        """Ends all watches: a watch may last for hours, and the server waits for its calls."""
        self._draining = True
        for queue in [queue for queues in self._watchers.values() for queue in queues]:
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def stop(self) -> None:
        """Unsubscribes."""
        await stop_task(self._subscribing)
        if self._subscription:
            with contextlib.suppress(nats.errors.Error):
                await self._subscription.unsubscribe()

    async def _dispatch(self, message: Msg) -> None:
        *_, tenant, job_id = message.subject.split(".")
        for queue in self._watchers.get((tenant, job_id), ()):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(message)

    @contextmanager
    def watch(self, tenant: str, job_id: str) -> Iterator[asyncio.Queue[Msg | None]]:
        """Yields a queue of this job's events for as long as the block lasts; None in it is the end of watching."""
        queue: asyncio.Queue[Msg | None] = asyncio.Queue(WATCHER_QUEUE_SIZE)
        if self._draining:
            queue.put_nowait(None)
        key = (tenant, job_id)
        self._watchers[key].add(queue)
        try:
            yield queue
        finally:
            self._watchers[key].discard(queue)
            if not self._watchers[key]:
                del self._watchers[key]

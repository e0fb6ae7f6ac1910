"""A NATS server with JetStream in memory, held to the real one's contract; ``jetstream`` is a client of it.

Work queues and limits, deduplication by message id, one message per subject, leases with redelivery, negative
acknowledgements with a delay, consumers that only read and are gone when nobody reads, key-value buckets with a life,
core messages. Not here: replicas, disks, consumers that
push, bounds on what a consumer has in hand.
"""

import asyncio
import functools
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import nats.errors
import nats.js.errors
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StreamConfig

from tests.simulation.wire import OUTSIDE, Request, Wire

_STORE_FAILED = 10077
WRONG_LAST_SEQUENCE = 10071
_NO_SUCH_SEQUENCE = 10043
_NOT_DELETED = 10057
Deliver = Callable[["SimulatedMessage"], Awaitable[None]]


@functools.lru_cache(maxsize=10_000)
def matches(pattern: str, subject: str) -> bool:
    """Whether a subject is one of those that a pattern names."""
    wanted, given = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(given) > place
        if place >= len(given) or token not in {"*", given[place]}:
            return False
    return len(wanted) == len(given)


@dataclass(slots=True)
class Stored:
    """A message in a stream."""

    seq: int
    subject: str
    data: bytes
    headers: dict[str, str]
    at: float


@dataclass(slots=True)
class Consumer:
    """A durable pull consumer: what it has in hand until when, and what comes again when."""

    config: ConsumerConfig
    next_seq: int = 1
    deadline: dict[int, float] = field(default_factory=dict)
    again_at: dict[int, float] = field(default_factory=dict)
    deliveries: dict[int, int] = field(default_factory=dict)
    pulls: "list[Pull]" = field(default_factory=list)
    delivered: int = 0
    active_at: float = 0.0

    def is_given_up(self, now: float) -> bool:
        """Whether nobody has read for longer than such a consumer stays."""
        if not self.config.inactive_threshold or any(not pull.answer.done() for pull in self.pulls):
            return False
        return now - self.active_at > self.config.inactive_threshold

    def wants(self, subject: str) -> bool:
        """Whether the consumer is for messages of this subject."""
        filters = self.config.filter_subjects or ([self.config.filter_subject] if self.config.filter_subject else [])
        return not filters or any(matches(pattern, subject) for pattern in filters)


@dataclass(slots=True)
class Pull:
    """A request for messages that waits."""

    batch: int
    answer: "asyncio.Future[list[SimulatedMessage]]"


@dataclass(slots=True)
class Stream:
    """A stream; ``life`` tells it from one of the same name that was lost."""

    config: StreamConfig
    made_at: datetime
    messages: dict[int, Stored] = field(default_factory=dict)
    last_by_subject: dict[str, int] = field(default_factory=dict)
    seen_ids: dict[str, tuple[int, float]] = field(default_factory=dict)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    last_seq: int = 0


class SimulatedNats:
    """The server. ``on_publish`` and ``on_remove`` are told of what enters and leaves streams."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wire: Wire) -> None:
        self.loop = loop
        self.wire = wire
        self.streams: dict[str, Stream] = {}
        self.subscribers: dict[int, tuple[str, Deliver, Any]] = {}
        self.numbers = itertools.count(1)
        self.wipes = 0
        self.on_publish: Callable[[Stored], None] | None = None
        self.on_remove: Callable[[Stored], None] | None = None

    def wipe(self) -> None:
        """Loses all data, as a server does whose disk is gone. Requests for messages end unanswered."""
        for stream in self.streams.values():
            for consumer in stream.consumers.values():
                for pull in consumer.pulls:
                    if not pull.answer.done():
                        pull.answer.set_exception(nats.errors.NoRespondersError())
        self.streams.clear()
        self.wipes += 1

    def stream_of(self, subject: str) -> Stream | None:
        """The stream that takes a subject."""
        for stream in self.streams.values():
            for pattern in stream.config.subjects or ():
                if matches(pattern, subject):
                    return stream
        return None

    def require(self, name: str) -> Stream:
        """The stream of a name. Raises NotFoundError."""
        if name not in self.streams:
            raise nats.js.errors.NotFoundError(code=404, err_code=10059, description="stream not found")
        self._expire(self.streams[name])
        return self.streams[name]

    def publish(self, subject: str, data: bytes, headers: Mapping[str, str], *, last: int | None = None) -> int:
        """Takes a message in; returns its sequence. Raises as the server answers."""
        stream = self.stream_of(subject)
        if stream is None:
            raise nats.js.errors.NoStreamResponseError
        self._expire(stream)
        now, config = self.loop.time(), stream.config
        message_id = headers.get("Nats-Msg-Id", "")
        window = config.duplicate_window or 120
        if message_id in stream.seen_ids and now - stream.seen_ids[message_id][1] < window:
            return stream.seen_ids[message_id][0]
        former = stream.last_by_subject.get(subject)
        if last is not None and last != (former or 0):
            raise nats.js.errors.APIError(
                code=400, err_code=WRONG_LAST_SEQUENCE, description=f"wrong last sequence: {former or 0}"
            )
        if former is not None and config.max_msgs_per_subject == 1:
            if config.discard is DiscardPolicy.NEW and config.discard_new_per_subject:
                raise _refused("maximum messages per subject exceeded")
            self._remove(stream, former)
        if (config.max_msgs or -1) > 0 and len(stream.messages) >= (config.max_msgs or 0):
            if config.discard is DiscardPolicy.NEW:
                raise _refused("maximum messages exceeded")
            self._remove(stream, next(iter(stream.messages)))
        stream.last_seq += 1
        stored = Stored(stream.last_seq, subject, data, dict(headers), now)
        stream.messages[stored.seq] = stored
        stream.last_by_subject[subject] = stored.seq
        if message_id:
            stream.seen_ids[message_id] = (stored.seq, now)
        if self.on_publish is not None:
            self.on_publish(stored)
        self._tell_all(stored)
        self.serve(stream)
        return stored.seq

    def _tell_all(self, stored: Stored) -> None:
        for pattern, deliver, context in list(self.subscribers.values()):
            if matches(pattern, stored.subject):
                self._tell(deliver, stored, context)

    def _tell(self, deliver: Deliver, stored: Stored, context: Any) -> None:
        message = SimulatedMessage(self, None, None, stored)
        self.loop.call_soon(lambda: self.loop.create_task(deliver(message)), context=context)  # type: ignore[arg-type]

    def _expire(self, stream: Stream) -> None:
        if stream.config.max_age:
            oldest = self.loop.time() - stream.config.max_age
            while stream.messages and (first := next(iter(stream.messages.values()))).at <= oldest:
                self._remove(stream, first.seq)
        now = self.loop.time()
        for name, consumer in list(stream.consumers.items()):
            if consumer.config.inactive_threshold and consumer.is_given_up(now):
                del stream.consumers[name]

    def delete(self, name: str, seq: int) -> None:
        """Takes a message out of a stream. Raises APIError where it is not there, in a file store's words."""
        stream = self.require(name)
        if seq in stream.messages:
            self._remove(stream, seq)
        elif seq > stream.last_seq:
            raise nats.js.errors.APIError(code=500, err_code=_NOT_DELETED, description="stream store EOF")
        elif not stream.messages or seq < min(stream.messages):
            raise nats.js.errors.APIError(code=500, err_code=_NOT_DELETED, description="no message found")
        else:
            raise nats.js.errors.APIError(code=400, err_code=_NO_SUCH_SEQUENCE, description=f"sequence {seq} not found")

    def answer(self, subject: str, payload: bytes) -> bytes:
        """Answers a request to its API, those that clients make themselves: ``STREAM.INFO``, ``STREAM.MSG.DELETE``."""
        what, _, name = subject.removeprefix("$JS.API.").rpartition(".")
        asked = json.loads(payload)
        try:
            if what == "STREAM.MSG.DELETE":
                self.delete(name, int(asked["seq"]))
                return b'{"success": true}'
            if what != "STREAM.INFO":
                raise NotImplementedError(subject)
            pattern = asked["subjects_filter"]
            total = sum(matches(pattern, subject) for subject in self.require(name).last_by_subject)
        except nats.js.errors.APIError as error:
            told = {"code": error.code, "err_code": error.err_code, "description": error.description}
            return json.dumps({"error": told}).encode()
        return json.dumps({"total": total}).encode()

    def note(self, subject: str, data: bytes) -> None:
        """Takes a core message: for whoever hears it, and for a stream that takes its subject."""
        if self.stream_of(subject) is not None:
            self.publish(subject, data, {})
            return
        self._tell_all(Stored(0, subject, data, {}, self.loop.time()))

    def _remove(self, stream: Stream, seq: int) -> None:
        stored = stream.messages.pop(seq)
        if stream.last_by_subject.get(stored.subject) == seq:
            del stream.last_by_subject[stored.subject]
        for consumer in stream.consumers.values():
            for known in (consumer.deadline, consumer.again_at, consumer.deliveries):
                known.pop(seq, None)
        if self.on_remove is not None:
            self.on_remove(stored)

    def serve(self, stream: Stream) -> None:
        """Gives waiting requests what is there for them."""
        for consumer in stream.consumers.values():
            while consumer.pulls:
                pull = consumer.pulls[0]
                if pull.answer.done():
                    consumer.pulls.pop(0)
                    continue
                messages = self._take(stream, consumer, pull.batch)
                if not messages:
                    break
                consumer.pulls.pop(0)
                pull.answer.set_result(messages)

    def _take(self, stream: Stream, consumer: Consumer, batch: int) -> "list[SimulatedMessage]":
        now = self.loop.time()
        for seq, deadline in list(consumer.deadline.items()):
            if deadline <= now:
                del consumer.deadline[seq]
                consumer.again_at[seq] = now
        due = sorted(seq for seq, at in consumer.again_at.items() if at <= now)[:batch]
        for seq in due:
            del consumer.again_at[seq]
        for seq in list(stream.messages):
            if len(due) >= batch:
                break
            if seq >= consumer.next_seq and consumer.wants(stream.messages[seq].subject):
                due.append(seq)
                consumer.next_seq = seq + 1
        taken = []
        for seq in due:
            consumer.delivered += 1
            if consumer.config.ack_policy is not AckPolicy.NONE:
                consumer.deliveries[seq] = consumer.deliveries.get(seq, 0) + 1
                self.hold(stream, consumer, seq, consumer.config.ack_wait or 30)
            taken.append(SimulatedMessage(self, stream, consumer, stream.messages[seq]))
        if taken:
            consumer.active_at = now
        return taken

    def hold(self, stream: Stream, consumer: Consumer, seq: int, for_s: float) -> None:
        """Lets a delivered message be in hand for some time from now."""
        consumer.deadline[seq] = self.loop.time() + for_s
        self.loop.call_later(for_s, self.serve, stream, context=OUTSIDE)

    def acknowledge(self, stream: Stream, consumer: Consumer, seq: int) -> None:
        """Takes an acknowledgement: also a late one, of a delivery that is no longer the last."""
        if seq not in stream.messages or seq not in consumer.deliveries:
            return
        if stream.config.retention is RetentionPolicy.WORK_QUEUE:
            self._remove(stream, seq)
        else:
            for known in (consumer.deadline, consumer.again_at, consumer.deliveries):
                known.pop(seq, None)
        self.serve(stream)

    def refuse(self, stream: Stream, consumer: Consumer, seq: int, delay_s: float) -> None:
        """Takes a negative acknowledgement: the message comes again after the delay."""
        if seq in consumer.deadline:
            del consumer.deadline[seq]
            consumer.again_at[seq] = self.loop.time() + delay_s
            self.loop.call_later(delay_s, self.serve, stream, context=OUTSIDE)

    def lose_leases(self) -> int:
        """Gives everything in hand to whoever asks next, as where acknowledgements were late; returns how much."""
        lost = 0
        for stream in self.streams.values():
            for consumer in stream.consumers.values():
                lost += len(consumer.deadline)
                consumer.again_at |= dict.fromkeys(consumer.deadline, self.loop.time())
                consumer.deadline.clear()
            self.serve(stream)
        return lost


class SimulatedMessage:
    """A delivered message, as nats-py's ``Msg``."""

    def __init__(self, server: SimulatedNats, stream: Stream | None, consumer: Consumer | None, stored: Stored) -> None:
        self._server = server
        self._stream = stream
        self._consumer = consumer
        self.seq = stored.seq
        self.subject = stored.subject
        self.data = stored.data
        self.headers = dict(stored.headers)
        self._number = consumer.delivered if consumer else 0
        self._is_acked = False

    @property
    def num_delivered(self) -> int:
        """How often it was delivered."""
        return self._consumer.deliveries.get(self.seq, 0) if self._consumer else 0

    @property
    def metadata(self) -> Any:
        """Where it stands in its stream, and among all that its consumer has delivered."""
        if self._consumer is None:
            raise nats.errors.NotJSMessageError
        return SimpleNamespace(sequence=SimpleNamespace(stream=self.seq, consumer=self._number))

    async def ack_sync(self, timeout: float = 1) -> None:  # noqa: ASYNC109 - nats-py's name
        """As ``ack``, and waits for the server's word. Raises nats.errors.TimeoutError."""
        stream, consumer = self._require_open()
        server = self._server

        def do() -> None:
            if server.streams.get(str(stream.config.name)) is not stream:
                raise nats.errors.NoRespondersError
            server.acknowledge(stream, consumer, self.seq)

        request = Request("nats", "ack_sync", True, self.subject)
        await server.wire.ask(request, do, unanswered=nats.errors.TimeoutError, patience_s=timeout)
        self._is_acked = True

    async def ack(self) -> None:
        """Done: takes it out of a work queue."""
        await self._answer("ack", lambda stream, consumer: self._server.acknowledge(stream, consumer, self.seq))

    async def term(self) -> None:
        """Never again."""
        await self._answer("term", lambda stream, consumer: self._server.acknowledge(stream, consumer, self.seq))

    async def nak(self, delay: float | None = None) -> None:
        """Again, after a delay in seconds."""
        await self._answer("nak", lambda stream, consumer: self._server.refuse(stream, consumer, self.seq, delay or 0))

    async def in_progress(self) -> None:
        """Still at it."""

        def renew(stream: Stream, consumer: Consumer) -> None:
            if self.seq in consumer.deadline:
                self._server.hold(stream, consumer, self.seq, consumer.config.ack_wait or 30)

        await self._answer("in_progress", renew, ends=False)

    async def _answer(self, verb: str, do: Callable[[Stream, Consumer], None], *, ends: bool = True) -> None:
        stream, consumer = self._require_open() if ends else self._require_consumer()
        await self._server.wire.tell(Request("nats", verb, True, self.subject), lambda: do(stream, consumer))
        self._is_acked = self._is_acked or ends

    def _require_open(self) -> tuple[Stream, Consumer]:
        if self._is_acked:
            raise nats.errors.MsgAlreadyAckdError(self)  # type: ignore[no-untyped-call]
        return self._require_consumer()

    def _require_consumer(self) -> tuple[Stream, Consumer]:
        if self._stream is None or self._consumer is None:
            raise nats.errors.NotJSMessageError
        return self._stream, self._consumer


def _refused(why: str) -> nats.js.errors.APIError:
    return nats.js.errors.APIError(code=503, err_code=_STORE_FAILED, description=why)

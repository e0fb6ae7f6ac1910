"""A client of the simulated NATS server, as far as the suite uses nats-py's JetStream and key-value buckets."""

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import nats.errors
import nats.js.errors
from nats.js.api import ConsumerConfig, DiscardPolicy, KeyValueConfig, StreamConfig

from services.common.clock import utc_now
from tests.simulation.streams import (
    WRONG_LAST_SEQUENCE,
    Consumer,
    Pull,
    SimulatedMessage,
    SimulatedNats,
    Stream,
    matches,
)
from tests.simulation.wire import OUTSIDE, Request


class SimulatedSubscription:
    """A pull subscription."""

    def __init__(self, server: SimulatedNats, stream: str, durable: str) -> None:
        self._server = server
        self._stream = stream
        self._durable = durable

    async def fetch(self, batch: int = 1, timeout: float = 5) -> list[SimulatedMessage]:  # noqa: ASYNC109 - nats-py's name
        """Up to ``batch`` messages, at least one. Raises nats.errors.TimeoutError where none came in time."""
        server = self._server
        answer: asyncio.Future[list[SimulatedMessage]] = server.loop.create_future()

        def ask() -> None:
            stream = server.streams.get(self._stream)
            if stream is None or self._durable not in stream.consumers:
                if not answer.done():
                    answer.set_exception(nats.errors.NoRespondersError())
                return
            consumer = stream.consumers[self._durable]
            consumer.active_at = server.loop.time() + timeout
            consumer.pulls.append(Pull(batch, answer))
            server.serve(stream)

        await server.wire.tell(Request("nats", "fetch", False, self._stream), ask)
        server.loop.call_later(timeout, _give_up, answer, context=OUTSIDE)
        return await answer

    async def unsubscribe(self) -> None:
        """Ends it."""


class SimulatedJetStream:
    """A JetStream context: those calls of nats-py's that the suite makes."""

    def __init__(self, server: SimulatedNats) -> None:
        self._server = server

    async def _ask(self, verb: str, name: str, do: Callable[[], Any], *, writes: bool = False) -> Any:
        request = Request("nats", verb, writes, name)
        return await self._server.wire.ask(request, do, unanswered=nats.errors.TimeoutError)

    async def publish(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float | None = None,  # noqa: ASYNC109 - nats-py's name
        stream: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Publishes to whichever stream takes the subject, and waits for its acknowledgement."""
        seq = await self._ask(
            "publish", subject, lambda: self._server.publish(subject, payload, headers or {}), writes=True
        )
        return SimpleNamespace(seq=seq, stream=stream)

    async def publish_async(
        self, subject: str, payload: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> "asyncio.Future[Any]":
        """Publishes without waiting; returns what is done once it is acknowledged. In no order: a real connection keeps
        the one in which it was asked."""
        return asyncio.ensure_future(self.publish(subject, payload, headers=headers))

    async def stream_info(self, name: str, subjects_filter: str | None = None) -> Any:
        """How a stream stands. Raises NotFoundError."""

        def do() -> Any:
            stream = self._server.require(name)
            subjects: dict[str, int] | None = None
            if subjects_filter:
                subjects = {
                    subject: 1 for subject in stream.last_by_subject if matches(subjects_filter, subject)
                } or None
            state = SimpleNamespace(messages=len(stream.messages), subjects=subjects, last_seq=stream.last_seq)
            return SimpleNamespace(config=stream.config, state=state, created=stream.made_at)

        return await self._ask("stream_info", name, do)

    async def add_stream(self, config: StreamConfig) -> None:
        """Makes a stream."""
        await self._ask(
            "add_stream",
            str(config.name),
            lambda: self._server.streams.setdefault(str(config.name), Stream(config, utc_now())),
            writes=True,
        )

    async def update_stream(self, config: StreamConfig) -> None:
        """Changes a stream's settings."""

        def do() -> None:
            self._server.require(str(config.name)).config = config

        await self._ask("update_stream", str(config.name), do, writes=True)

    async def add_consumer(self, stream: str, config: ConsumerConfig) -> Any:
        """Makes a durable consumer, or changes its settings; says how it stands."""

        def do() -> Any:
            found = self._server.require(stream)
            consumer = found.consumers.setdefault(str(config.durable_name), Consumer(config))
            consumer.config = config
            consumer.active_at = self._server.loop.time()
            return _describe(found, consumer)

        return await self._ask("add_consumer", stream, do, writes=True)

    async def consumer_info(self, stream: str, consumer: str) -> Any:
        """How a consumer stands. Raises NotFoundError."""

        def do() -> Any:
            of = self._server.require(stream)
            found = of.consumers.get(consumer)
            if found is None:
                raise nats.js.errors.NotFoundError(code=404, err_code=10014, description="consumer not found")
            return _describe(of, found)

        return await self._ask("consumer_info", stream, do)

    async def pull_subscribe_bind(self, consumer: str, stream: str) -> SimulatedSubscription:
        """Subscribes to a consumer that is there."""
        return SimulatedSubscription(self._server, stream, consumer)

    async def get_last_msg(self, stream: str, subject: str) -> Any:
        """The last message of a subject. Raises NotFoundError."""

        def do() -> Any:
            found = self._server.require(stream)
            if subject not in found.last_by_subject:
                raise nats.js.errors.NotFoundError(code=404, err_code=10037, description="no message found")
            stored = found.messages[found.last_by_subject[subject]]
            return SimpleNamespace(data=stored.data, seq=stored.seq, subject=stored.subject, headers=stored.headers)

        return await self._ask("get_last_msg", subject, do)

    async def key_value(self, bucket: str) -> "SimulatedKeyValue":
        """A bucket. Raises BucketNotFoundError."""

        def do() -> SimulatedKeyValue:
            if f"KV_{bucket}" not in self._server.streams:
                raise nats.js.errors.BucketNotFoundError
            return SimulatedKeyValue(self, self._server, bucket)

        return await self._ask("key_value", bucket, do)  # type: ignore[no-any-return]

    async def create_key_value(self, config: KeyValueConfig) -> None:
        """Makes a bucket."""
        await self.add_stream(
            StreamConfig(
                name=f"KV_{config.bucket}",
                subjects=[f"$KV.{config.bucket}.>"],
                max_msgs_per_subject=config.history,
                max_age=config.ttl,
                discard=DiscardPolicy.NEW,
            )
        )


class SimulatedKeyValue:
    """A key-value bucket over a stream."""

    def __init__(self, js: SimulatedJetStream, server: SimulatedNats, bucket: str) -> None:
        self._js = js
        self._server = server
        self._bucket = bucket

    def _subject(self, key: str) -> str:
        return f"$KV.{self._bucket}.{key}"

    async def _write(self, key: str, value: bytes, *, deleted: bool = False, last: int | None = None) -> int:
        headers = {"KV-Operation": "DEL"} if deleted else {}

        def do() -> int:
            expected = last
            if expected == 0:  # create: a deletion's mark is no value
                stream = self._server.stream_of(self._subject(key))
                seq = stream.last_by_subject.get(self._subject(key)) if stream else None
                if stream and seq is not None:
                    self._server.require(str(stream.config.name))
                    seq = stream.last_by_subject.get(self._subject(key))
                    if seq is not None and stream.messages[seq].headers.get("KV-Operation") == "DEL":
                        expected = seq
            return self._server.publish(self._subject(key), value, headers, last=expected)

        try:
            return int(await self._js._ask("kv_write", self._subject(key), do, writes=True))
        except nats.js.errors.APIError as error:
            if error.err_code == WRONG_LAST_SEQUENCE:
                raise nats.js.errors.KeyWrongLastSequenceError(description=error.description) from None
            raise

    async def put(self, key: str, value: bytes) -> int:
        """Writes whatever stands there."""
        return await self._write(key, value)

    async def create(self, key: str, value: bytes) -> int:
        """Writes where nothing stands. Raises KeyWrongLastSequenceError."""
        return await self._write(key, value, last=0)

    async def update(self, key: str, value: bytes, last: int | None = None) -> int:
        """Writes where the revision still is ``last``. Raises KeyWrongLastSequenceError."""
        return await self._write(key, value, last=last or 0)

    async def delete(self, key: str, last: int | None = None) -> bool:
        """Takes a key away."""
        await self._write(key, b"", deleted=True, last=last)
        return True

    async def get(self, key: str) -> Any:
        """The entry. Raises KeyNotFoundError."""

        def do() -> Any:
            stream = self._server.require(f"KV_{self._bucket}")
            seq = stream.last_by_subject.get(self._subject(key))
            if seq is None or stream.messages[seq].headers.get("KV-Operation"):
                raise nats.js.errors.KeyNotFoundError
            return SimpleNamespace(value=stream.messages[seq].data, revision=seq)

        return await self._js._ask("kv_get", self._subject(key), do)


def _describe(stream: Stream, consumer: Consumer) -> Any:
    waiting = sum(
        seq >= consumer.next_seq and consumer.wants(stored.subject) for seq, stored in stream.messages.items()
    )
    in_hand = len(consumer.deadline) + len(consumer.again_at)
    return SimpleNamespace(num_pending=waiting, num_ack_pending=in_hand, config=consumer.config)


def _give_up(answer: "asyncio.Future[list[SimulatedMessage]]") -> None:
    if not answer.done():
        answer.set_exception(nats.errors.TimeoutError())

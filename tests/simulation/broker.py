"""A connection to the simulated NATS with the face of ``services.common.jobs.broker.Broker``."""

import contextvars
from typing import Any

from tests.simulation.jetstream import Deliver, SimulatedJetStream, SimulatedKeyValue, SimulatedNats
from tests.simulation.wire import Request


class SimulatedBroker:
    """One process's connection, which is always there: what does not answer is the server's fate."""

    def __init__(self, server: SimulatedNats) -> None:
        self._server = server
        self._js = SimulatedJetStream(server)
        self._buckets: dict[str, SimulatedKeyValue] = {}
        self.is_connected = True
        self.client = _Client(server)

    async def start(self) -> None:
        """Connected from the start."""

    async def drain(self) -> None:
        """Others still need it."""

    async def stop(self) -> None:
        """Nothing to close."""

    def jetstream(self, timeout_s: float = 2) -> SimulatedJetStream:
        """The JetStream context."""
        return self._js

    async def bucket(self, name: str) -> SimulatedKeyValue:
        """A key-value bucket, looked up once."""
        if name not in self._buckets:
            self._buckets[name] = await self._js.key_value(name)
        return self._buckets[name]

    async def count_subjects(self, stream: str, pattern: str) -> int:
        """How many subjects like ``pattern`` a stream holds messages of. Raises NotFoundError."""
        return await self._js.count_subjects(stream, pattern)

    async def delete_message(self, stream: str, sequence: int) -> bool:
        """Takes one message out of a stream; returns whether it was there. Raises as ``count_subjects``."""
        return await self._js.delete_message(stream, sequence)

    async def wait_connected(self) -> None:
        """It is."""

    async def check(self) -> None:
        """It answers."""


class _Client:
    """The core client: subscriptions without acknowledgement."""

    def __init__(self, server: SimulatedNats) -> None:
        self._server = server

    async def subscribe(self, subject: str, cb: Deliver) -> Any:
        """Hands what is published from now on to ``cb``, in the context of whoever subscribes."""
        number = next(self._server.numbers)
        self._server.subscribers[number] = (subject, cb, contextvars.copy_context())
        return _Subscription(self._server, number)

    async def publish(self, subject: str, payload: bytes = b"") -> None:
        """Sends to whoever hears it now; nobody answers."""
        await self._server.wire.tell(
            Request("nats", "note", True, subject), lambda: self._server.note(subject, payload)
        )


class _Subscription:
    def __init__(self, server: SimulatedNats, number: int) -> None:
        self._server = server
        self._number = number

    async def unsubscribe(self) -> None:
        """Ends it."""
        self._server.subscribers.pop(self._number, None)

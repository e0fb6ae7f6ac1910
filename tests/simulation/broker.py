"""A connection to the simulated NATS with the face of ``services.common.jobs.broker.Broker``."""

import contextvars
from types import SimpleNamespace
from typing import Any

import nats.errors

from services.common.jobs.broker import Broker
from tests.simulation.jetstream import SimulatedJetStream, SimulatedKeyValue
from tests.simulation.streams import Deliver, SimulatedNats
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

    def _publishing(self) -> SimulatedJetStream:
        return self._js

    async def bucket(self, name: str) -> SimulatedKeyValue:
        """A key-value bucket, looked up once."""
        if name not in self._buckets:
            self._buckets[name] = await self._js.key_value(name)
        return self._buckets[name]

    # The services' own requests, for the simulated server to answer.
    publish_all = Broker.publish_all
    count_subjects = Broker.count_subjects
    delete_message = Broker.delete_message
    _ask = Broker._ask

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

    async def request(self, subject: str, payload: bytes, timeout: float = 2) -> Any:  # noqa: ASYNC109 - nats-py's name
        """Asks the server itself. Raises nats.errors.TimeoutError."""
        verb = "delete_message" if ".DELETE." in subject else "count_subjects"
        data = await self._server.wire.ask(
            Request("nats", verb, verb == "delete_message", subject),
            lambda: self._server.answer(subject, payload),
            unanswered=nats.errors.TimeoutError,
            patience_s=timeout,
        )
        return SimpleNamespace(data=data)

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

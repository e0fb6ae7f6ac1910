"""What a worker pulls: jobs in its hands, each until it says that it is done, to be tried again, or handed back.

The lease is JetStream's: what is in hand is kept by ``keep`` and comes back when its holder is silent.
"""

import contextlib
import json
from typing import Any

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.queue import BACKLOG_HEADER, Locator
from services.common.jobs.topology import WORKERS, backlog_stream, jobs_stream, turns_subject

TAKEN = "taken"
AGAIN = "again"
_ACK_TIMEOUT_S = 2.0


class Delivery:
    """One job in hand.

    Its methods raise nats.errors.Error, TimeoutError or Unavailable where NATS does not answer, and then it comes back.
    """

    def __init__(self, broker: Broker, service: str, message: Msg) -> None:
        self._broker = broker
        self._service = service
        self._message = message
        self.subject = message.subject
        self.headers = {key: str(value) for key, value in (message.headers or {}).items()}

    def locator(self) -> Locator:
        """Which job it is. Raises ValueError, KeyError or TypeError where the message is none of ours."""
        return Locator.decode(self._message.data)

    async def keep(self) -> None:
        """Says that its holder lives."""
        await self._message.in_progress()

    async def done(self) -> None:
        """It has ended: out of the backlog, and only then out of the work queue."""
        sequence = self.headers.get(BACKLOG_HEADER, "")
        if sequence.isdigit():
            await self._broker.delete_message(backlog_stream(self._service), int(sequence))
        await self._message.ack()

    async def again(self, after_s: float) -> None:
        """It is to be tried again, in its tenant's turn, not before ``after_s``.

        It leaves the work queue and stands in the backlog as before. Where the note of when gets lost, it comes sooner.
        """
        sequence = self.headers.get(BACKLOG_HEADER, "")
        if not sequence.isdigit():
            await self._message.nak(delay=after_s or None)  # of an older release: it stands nowhere else
            return
        await self._message.ack_sync(_ACK_TIMEOUT_S)
        note = {
            "sequence": int(sequence),
            "payload": self._message.data.decode(),
            "traceparent": self.headers.get("traceparent", ""),
            "after_s": after_s,
        }
        with contextlib.suppress(nats.errors.Error, Unavailable, ConnectionError):
            await self._broker.client.publish(turns_subject(self._service, AGAIN), json.dumps(note).encode())

    async def hand_back(self, after_s: float = 0) -> None:
        """Its holder stops, or cannot begin: it keeps its place in the work queue. Never raises."""
        with contextlib.suppress(nats.errors.Error, ConnectionError):
            await self._message.nak(delay=after_s or None)

    async def discard(self) -> None:
        """It is no job, and never comes again."""
        await self._message.term()


class Deliveries:
    """The consumer of one service's work queue, bound when it is first taken from."""

    def __init__(self, broker: Broker, service: str) -> None:
        self._broker = broker
        self._service = service
        self._subscription: JetStreamContext.PullSubscription | None = None

    async def take(self, count: int, timeout_s: float) -> list[Delivery]:
        """Up to ``count`` jobs, as soon as there is one; none after ``timeout_s``.

        Raises Unavailable, nats.errors.Error and others where there is no queue or no server: ``close``, and try again.
        """
        if self._subscription is None:
            self._subscription = await self._broker.jetstream().pull_subscribe_bind(
                WORKERS, stream=jobs_stream(self._service)
            )
        try:
            messages = await self._subscription.fetch(count, timeout=timeout_s)
        except (TimeoutError, nats.errors.TimeoutError):
            return []
        # The dispatcher hands out as much as there is room for; it looks by itself, too, but not at once.
        with contextlib.suppress(nats.errors.Error, Unavailable, ConnectionError):
            await self._broker.client.publish(turns_subject(self._service, TAKEN), b"")
        return [self._make(message) for message in messages]

    def _make(self, message: Msg) -> Delivery:
        return Delivery(self._broker, self._service, message)

    async def close(self) -> None:
        """Lets go of the consumer."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with contextlib.suppress(nats.errors.Error, ConnectionError):
                await subscription.unsubscribe()

    async def give_up(self, count: int) -> None:
        """Hands back what arrives for a pull that nobody waits for any more, instead of letting its lease run out."""
        subscription: Any = self._subscription
        if subscription is not None:
            with contextlib.suppress(nats.errors.Error, TimeoutError, ConnectionError):
                for message in await subscription.fetch(count, timeout=0.1):
                    await self._make(message).hand_back()
        await self.close()

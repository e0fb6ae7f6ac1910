"""Reading a stream as it grows, with a consumer of one's own that takes nothing away."""

import contextlib
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.common.jobs.broker import Broker

_BATCH = 500
_FETCH_TIMEOUT_S = 5.0
# The server forgets the consumer of a process that is gone after so long.
_LIFE_S = 60.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What came, and whether all that stood there at first has come by now."""

    messages: Sequence[Msg]
    is_caught_up: bool


async def follow(
    broker: Broker, stream: str, name: str, *, from_start: bool, headers_only: bool = False
) -> AsyncGenerator[Piece, None]:
    """Yields a stream's messages in order, from its start or what comes from now on; now and then nothing.

    Raises nats.errors.Error or Unavailable where NATS does not answer, TimeoutError where messages were lost on their
    way: begin again.
    """
    js, name = broker.jetstream(_FETCH_TIMEOUT_S), f"{name}-{secrets.token_hex(4)}"
    reader = await js.add_consumer(
        stream,
        ConsumerConfig(
            durable_name=name,
            deliver_policy=DeliverPolicy.ALL if from_start else DeliverPolicy.NEW,
            ack_policy=AckPolicy.NONE,
            headers_only=headers_only or None,
            mem_storage=True,
            num_replicas=1,
            inactive_threshold=_LIFE_S,
        ),
    )
    missing, expected = reader.num_pending or 0, 1
    subscription = await js.pull_subscribe_bind(name, stream=stream)
    try:
        yield Piece((), missing <= 0)
        while True:
            try:
                messages = await subscription.fetch(_BATCH, timeout=_FETCH_TIMEOUT_S)
            except (TimeoutError, nats.errors.TimeoutError):
                # Nothing new, what was missing has ended since - or the reader is gone, which raises.
                missing = (await js.consumer_info(stream, name)).num_pending or 0
                yield Piece((), missing <= 0)
                continue
            for message in messages:
                if message.metadata.sequence.consumer != expected:
                    raise TimeoutError(f"messages of {stream} were lost on their way")
                expected += 1
            missing -= len(messages)
            yield Piece(messages, missing <= 0)
    finally:
        with contextlib.suppress(nats.errors.Error, ConnectionError):
            await subscription.unsubscribe()

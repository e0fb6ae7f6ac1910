"""Channels to other services: load-balanced, with deadlines on every call and retries where repeating is safe."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import grpc
import grpc.aio

from services.common.identity import TokenSigner
from services.common.outgoing import PATIENCE_S, RECOVERY_WAIT_S, OutgoingChannel
from services.common.status import from_rpc_error

Message = TypeVar("Message")

STREAM_CHUNK_BYTES = 256 * 1024


def open_channel(
    target: str,
    *,
    audience: str,
    signer: TokenSigner,
    service: str,
    idempotent_methods: Sequence[str] = (),
    call_timeout_s: float = 10,
    max_message_bytes: int = 8 * 1024 * 1024,
    recovery_wait_s: float = RECOVERY_WAIT_S,
    patience_s: float = PATIENCE_S,
    note_answer: Callable[[int], None] | None = None,
) -> grpc.aio.Channel:
    """Opens a channel that connects on first use and reconnects by itself.

    ``target`` is ``host:port`` or ``dns:///name:port`` (a headless Service: calls go round its pods). ``service`` is
    the full proto service name, ``idempotent_methods`` those of it that are retried where a service is away or closes
    (an answer in parts only before its first). Calls that answer once wait up to ``recovery_wait_s`` for a lost
    connection; idempotent ones up to ``patience_s``, within their deadline. ``note_answer`` is told the bytes of each
    answer to a unary call, in the context of whoever made it.
    """
    options = [
        ("grpc.service_config", _service_config(service, idempotent_methods)),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        # Reconnect within a second or two of a restart, not after the default's two minutes.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        # Names are looked up again when a connection is lost, but by default not within 30 s: where all pods of a
        # service are replaced at once, the channel would know none of the new ones for as long.
        ("grpc.dns_min_time_between_resolutions_ms", 1_000),
        # Channels to one target would share connections, and with them what one is made anew to be rid of.
        ("grpc.use_local_subchannel_pool", 1),
    ]
    return OutgoingChannel(
        lambda: grpc.aio.insecure_channel(target, options=options),
        audience=audience,
        signer=signer,
        call_timeout_s=call_timeout_s,
        recovery_wait_s=recovery_wait_s,
        repeatable=frozenset(f"/{service}/{method}" for method in idempotent_methods),
        patience_s=patience_s,
        note_answer=note_answer,
    )


def _service_config(service: str, idempotent_methods: Sequence[str]) -> str:
    # 1.4 s in all: names are looked up again within a second.
    retry = {
        "maxAttempts": 4,
        "initialBackoff": "0.2s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        # A gRPC server that is told to stop answers CANCELLED to calls that are on their way to a handler.
        "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
    }
    config: dict[str, object] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if idempotent_methods:
        names = [{"service": service, "method": method} for method in idempotent_methods]
        config["methodConfig"] = [{"name": names, "retryPolicy": retry}]
        config["retryThrottling"] = {"maxTokens": 100, "tokenRatio": 0.1}
    return json.dumps(config)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns gRPC failures inside of the block into the error that the service raised."""
    try:
        yield
    except grpc.aio.AioRpcError as failure:
        raise from_rpc_error(failure) from failure


async def translated_stream(stream: AsyncIterator[Message]) -> AsyncIterator[Message]:
    """Yields a call's messages, turning gRPC failures into the error that the service raised."""
    with translated_errors():
        async for message in stream:
            yield message

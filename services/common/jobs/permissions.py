"""What each service may do in NATS: its own subjects, its own queue, and no stream of another's to read or delete.

The embedded server and a cluster's user list are both made from here. A client that is refused sees a timeout; the
reason stands in its log as ``nats_error``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.jobs.topology import (
    DEAD_LETTERS_STREAM,
    EVENTS_STREAM,
    LEADERS_BUCKET,
    PRESENCE_BUCKET,
    WORKERS,
    jobs_stream,
)

_BUCKETS = (PRESENCE_BUCKET, LEADERS_BUCKET)


@dataclass(frozen=True, slots=True)
class NatsPermissions:
    """The subjects that a user may publish and subscribe to; JetStream's API is subjects, too."""

    publish: Sequence[str]
    subscribe: Sequence[str]


def permissions_of(service: str) -> NatsPermissions:
    """What a service with jobs needs: both of its roles, its sweeper and the rebuilding of lost streams included."""
    queue = jobs_stream(service)
    streams = (queue, EVENTS_STREAM, DEAD_LETTERS_STREAM, *(f"KV_{bucket}" for bucket in _BUCKETS))
    # What can be read message by message: never the other service's queue, nor the events of all.
    readable = (queue, DEAD_LETTERS_STREAM, *(f"KV_{bucket}" for bucket in _BUCKETS))
    return NatsPermissions(
        publish=(
            f"jobs.{service}.>",
            f"dead.{service}.>",
            f"wealth.{service}.>",
            f"$KV.{PRESENCE_BUCKET}.{service}.>",
            f"$KV.{LEADERS_BUCKET}.sweeper-{service}",
            "$JS.API.INFO",
            *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE", "UPDATE") for stream in streams),
            *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in readable),
            *(f"$JS.API.DIRECT.GET.{stream}" for stream in readable),
            *(f"$JS.API.DIRECT.GET.{stream}.>" for stream in readable),
            f"$JS.API.CONSUMER.INFO.{queue}.{WORKERS}",
            f"$JS.API.CONSUMER.CREATE.{queue}.{WORKERS}",
            f"$JS.API.CONSUMER.CREATE.{queue}.{WORKERS}.>",
            f"$JS.API.CONSUMER.DURABLE.CREATE.{queue}.{WORKERS}",
            f"$JS.API.CONSUMER.MSG.NEXT.{queue}.{WORKERS}",
            f"$JS.ACK.{queue}.{WORKERS}.>",
        ),
        subscribe=(f"_INBOX_{service}.>", f"wealth.{service}.>"),
    )


def bootstrap_permissions() -> NatsPermissions:
    """What the bootstrap command needs: to make streams, consumers and buckets, and no message of any."""
    return NatsPermissions(
        publish=(
            "$JS.API.INFO",
            *(f"$JS.API.STREAM.{verb}.*" for verb in ("INFO", "CREATE", "UPDATE")),
            "$JS.API.CONSUMER.CREATE.>",
            "$JS.API.CONSUMER.DURABLE.CREATE.>",
            "$JS.API.CONSUMER.INFO.>",
        ),
        subscribe=("_INBOX_bootstrap.>",),
    )

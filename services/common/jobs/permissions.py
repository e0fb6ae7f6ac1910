"""What each process may do in NATS: its own subjects, its own queue, and nothing of another's.

The embedded server's users are made from here, and a test holds a cluster's (`deploy/components/nats`) to it. A client
that is refused sees a timeout; the reason stands in its log as ``nats_error``.
"""

from dataclasses import dataclass
from typing import Literal

from services.common.jobs.topology import (
    DEAD_LETTERS_STREAM,
    DELIVERIES_STREAM,
    EVENTS_STREAM,
    LEADERS_BUCKET,
    NEWS,
    PRESENCE_BUCKET,
    ROUTER,
    SERVICES,
    UNDELIVERED_STREAM,
    WORKERS,
    backlog_stream,
    jobs_stream,
    turns_subject,
)

Role = Literal["api", "worker"]
BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True)
class NatsPermissions:
    """The subjects that a user may publish and subscribe to; JetStream's API is subjects, too."""

    publish: frozenset[str]
    subscribe: frozenset[str]


def permissions_of(service: str, role: Role) -> NatsPermissions:
    """What one role of a service with jobs needs. APIs make the queues again when NATS has lost its data, and hand jobs
    out of the backlog; workers take away what has ended.
    """
    queue, backlog = jobs_stream(service), backlog_stream(service)
    consumer = f"{queue}.{WORKERS}"
    notes = turns_subject(service, ">")
    inbox = f"_INBOX_{service}.>"
    events = f"wealth.{service}.>"
    presence = f"$KV.{PRESENCE_BUCKET}.{service}.>"
    buckets = (f"KV_{PRESENCE_BUCKET}", f"KV_{LEADERS_BUCKET}")
    streams = (queue, backlog, EVENTS_STREAM, DEAD_LETTERS_STREAM, *buckets)
    shared = {
        "$JS.API.INFO",
        f"$JS.API.CONSUMER.INFO.{consumer}",
        f"$JS.API.STREAM.MSG.DELETE.{backlog}",
        events,
        # Whoever finds that a job was given up and this was not told tells it.
        f"dead.{service}.>",
    }
    if role == "worker":
        return NatsPermissions(
            publish=frozenset(
                {
                    *shared,
                    presence,
                    notes,
                    f"$JS.API.STREAM.INFO.KV_{PRESENCE_BUCKET}",
                    f"$JS.API.CONSUMER.MSG.NEXT.{consumer}",
                    f"$JS.ACK.{consumer}.>",
                }
            ),
            subscribe=frozenset({inbox}),
        )
    return NatsPermissions(
        publish=frozenset(
            {
                *shared,
                f"jobs.{service}.>",
                f"backlog.{service}.>",
                f"$KV.{LEADERS_BUCKET}.sweeper-{service}",
                f"$KV.{LEADERS_BUCKET}.dispatcher-{service}",
                *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE", "UPDATE") for stream in streams),
                f"$JS.API.CONSUMER.CREATE.{consumer}",
                f"$JS.API.CONSUMER.DURABLE.CREATE.{consumer}",
                f"$JS.API.CONSUMER.INFO.{backlog}.*",
                # Whoever dispatches reads the backlog through a consumer of its own.
                f"$JS.API.CONSUMER.DURABLE.CREATE.{backlog}.*",
                f"$JS.API.CONSUMER.MSG.NEXT.{backlog}.*",
                f"$JS.API.DIRECT.GET.KV_{PRESENCE_BUCKET}.{presence}",
                f"$JS.API.DIRECT.GET.KV_{LEADERS_BUCKET}.>",
                *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in (backlog, DEAD_LETTERS_STREAM, *buckets)),
                f"$JS.API.DIRECT.GET.{DEAD_LETTERS_STREAM}.dead.{service}.>",
            }
        ),
        subscribe=frozenset({inbox, events, notes}),
    )


def bootstrap_permissions() -> NatsPermissions:
    """What the bootstrap command needs: to make streams, consumers and buckets, and no job or event."""
    return NatsPermissions(
        publish=frozenset(
            {
                "$JS.API.INFO",
                *(f"$JS.API.STREAM.{verb}.*" for verb in ("INFO", "CREATE", "UPDATE")),
                *(f"$JS.API.CONSUMER.{verb}.>" for verb in ("INFO", "CREATE", "DURABLE.CREATE")),
            }
        ),
        subscribe=frozenset({f"_INBOX_{BOOTSTRAP}.>"}),
    )


def news_permissions() -> NatsPermissions:
    """What telling others needs: to read events, and all of the webhooks' streams; to publish no event and no job."""
    router = f"{EVENTS_STREAM}.{ROUTER}"
    own = (DELIVERIES_STREAM, UNDELIVERED_STREAM)
    streams = (EVENTS_STREAM, *own, f"KV_{LEADERS_BUCKET}")
    return NatsPermissions(
        publish=frozenset(
            {
                "$JS.API.INFO",
                "webhooks.>",
                "webhooks-dead.>",
                f"$KV.{LEADERS_BUCKET}.courier",
                *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE", "UPDATE") for stream in streams),
                *(f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in own),
                *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in streams),
                # The router's, made again where NATS has lost it, and readers of this process's own.
                *(
                    f"$JS.API.CONSUMER.{verb}.{stream}.*"
                    for verb in ("INFO", "DURABLE.CREATE", "MSG.NEXT")
                    for stream in (EVENTS_STREAM, DELIVERIES_STREAM)
                ),
                f"$JS.API.CONSUMER.CREATE.{EVENTS_STREAM}.{ROUTER}",
                f"$JS.ACK.{router}.>",
                f"$JS.API.DIRECT.GET.KV_{LEADERS_BUCKET}.>",
            }
        ),
        subscribe=frozenset({f"_INBOX_{NEWS}.>"}),
    )


def list_users() -> dict[str, NatsPermissions]:
    """The users of NATS: one for each process that connects, under its name (an API has its service's)."""
    users = {BOOTSTRAP: bootstrap_permissions()}
    for service in SERVICES:
        users[service] = permissions_of(service, "api")
        users[f"{service}-worker"] = permissions_of(service, "worker")
    users[NEWS] = news_permissions()
    return users

"""The streams, consumers and key-value buckets that jobs need, made by the bootstrap command.

Two streams per service: the backlog, which holds a job until it has ended, and the work queue with its durable pull
consumer, into which the dispatcher puts the few jobs whose turn it is; one stream of events for everybody; one of dead
letters; two for webhooks: what is to be delivered, and what could not be. Making them again changes nothing but
settings that differ.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    KeyValueConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from services.common.tasks import run_together

SERVICES = ("portfolio", "converter")
NEWS = "events"
"""The service that tells others: no queue of jobs, but the webhooks' streams."""
WORKERS = "workers"
BACKLOG = "backlog"
"""A consumer of the backlog that nobody pulls from: what is pending for it is all that has not ended, at any time."""
EVENTS_STREAM = "EVENTS"
DEAD_LETTERS_STREAM = "DEAD_LETTERS"
DELIVERIES_STREAM = "WEBHOOKS"
UNDELIVERED_STREAM = "WEBHOOKS_UNDELIVERED"
ROUTER = "webhooks"
"""The durable consumer of the events that end a job: what it has not acknowledged has not been put into WEBHOOKS."""
PRESENCE_BUCKET = "presence"
LEADERS_BUCKET = "leaders"
PRESENCE_TTL_S = 15
LEADER_TTL_S = 15
# Well above what passes between the loss of the router, with EVENTS say, which another service makes again, and its
# being made again: what ended in between was told to nobody. What was told before is told again, under the same id.
_ROUTED_AGAIN_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Topology:
    """How the queues are laid out.

    ``ack_wait_s`` is the lease: a worker that shows no sign of life for so long loses its job to another.
    ``max_ack_pending`` bounds the jobs in hand over all workers of a service, so it must not be below replicas x
    concurrency.
    """

    replicas: int = 1
    max_queue_size: int = 10_000
    ack_wait_s: float = 30
    max_ack_pending: int = 2_000
    events_max_age_s: float = 24 * 3600
    events_max_bytes: int = 1 << 30
    dead_letters_max_age_s: float = 30 * 24 * 3600
    max_deliveries: int = 1_000
    """What waits for one webhook, and what is kept of what could not be delivered to it."""
    deliveries_max_bytes: int = 256 << 20
    """The same for all webhooks together."""


def jobs_stream(service: str) -> str:
    """The name of a service's work-queue stream."""
    return f"JOBS_{service.upper()}"


def job_subject(service: str, tenant: str, job_id: str, generation: int) -> str:
    """Where one generation of a job is queued; the stream holds at most one message of it."""
    return f"jobs.{service}.{tenant}.{job_id}.{generation}"


def backlog_stream(service: str) -> str:
    """The name of the stream that holds a service's jobs until they have ended."""
    return f"BACKLOG_{service.upper()}"


def user_token(user_id: str) -> str:
    """Stands for a user in a subject: of bounded length, with nothing in it that a subject may not have."""
    return hashlib.sha256(user_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def backlog_subject(service: str, tenant: str, user_id: str, job_id: str, generation: int) -> str:
    """Where one generation of a job stands until it has ended; the stream holds at most one message of it."""
    return f"backlog.{service}.{tenant}.{user_token(user_id)}.{job_id}.{generation}"


def turns_subject(service: str, word: str) -> str:
    """Where workers tell the dispatcher what they have done: a note that may be lost."""
    return f"turns.{service}.{word}"


def dead_letter_subject(service: str, tenant: str, job_id: str, generation: int) -> str:
    """Where a generation that used up its attempts is put."""
    return f"dead.{service}.{tenant}.{job_id}.{generation}"


def delivery_subject(tenant: str, webhook_id: str) -> str:
    """Where what is to be delivered to a webhook stands, so that each has a bound of its own."""
    return f"webhooks.{tenant}.{webhook_id}"


def undelivered_subject(tenant: str, webhook_id: str) -> str:
    """Where what could not be delivered to a webhook is put."""
    return f"webhooks-dead.{tenant}.{webhook_id}"


class Part(Protocol):
    """One thing that bootstrap makes in NATS. Its methods raise nats.errors.Error where the server refuses."""

    @property
    def name(self) -> str:
        """What it is called, for logs and health."""

    async def exists(self, js: JetStreamContext) -> bool:
        """Whether it is there, with whatever settings."""

    async def make(self, js: JetStreamContext) -> None:
        """Makes it, or brings its settings up to date; what it holds stays."""

    async def make_again(self, js: JetStreamContext) -> None:
        """Makes it where it was lost."""


@dataclass(frozen=True, slots=True)
class StreamPart:
    """A stream."""

    config: StreamConfig

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.config.name or ""

    async def exists(self, js: JetStreamContext) -> bool:
        """Whether there is such a stream."""
        return await _stream_exists(js, self.name)

    async def make(self, js: JetStreamContext) -> None:
        """Makes or updates it."""
        if await self.exists(js):
            await js.update_stream(self.config)
        else:
            await js.add_stream(self.config)

    async def make_again(self, js: JetStreamContext) -> None:
        """As it was made first, and empty."""
        await self.make(js)


@dataclass(frozen=True, slots=True)
class ConsumerPart:
    """A durable consumer of a stream.

    ``again_from_s``: where it was lost, the one in its place begins so far back and not with what is new by then.
    """

    stream: str
    config: ConsumerConfig
    again_from_s: float | None = None

    @property
    def name(self) -> str:
        """Stream and consumer."""
        return f"{self.stream}.{self.config.durable_name}"

    async def exists(self, js: JetStreamContext) -> bool:
        """Whether there is such a consumer."""
        return await self._find(js) is not None

    async def make(self, js: JetStreamContext) -> None:
        """Makes or updates it; where one that is there began stays as it is."""
        config = self.config
        if self.again_from_s is not None and (standing := await self._find(js)) is not None:
            config = config.evolve(
                deliver_policy=standing.deliver_policy,
                opt_start_seq=standing.opt_start_seq,
                opt_start_time=standing.opt_start_time,
            )
        await js.add_consumer(self.stream, config)

    async def make_again(self, js: JetStreamContext) -> None:
        """Makes it where it was lost."""
        config = self.config
        if self.again_from_s is not None:
            began = datetime.now(UTC) - timedelta(seconds=self.again_from_s)
            config = config.evolve(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=began)
        await js.add_consumer(self.stream, config)

    async def _find(self, js: JetStreamContext) -> ConsumerConfig | None:
        try:
            found = await js.consumer_info(self.stream, self.config.durable_name or "")
        except NotFoundError:
            return None
        config: ConsumerConfig = found.config
        return config


@dataclass(frozen=True, slots=True)
class BucketPart:
    """A key-value bucket, whose settings stay as they were made."""

    config: KeyValueConfig

    @property
    def name(self) -> str:
        """The name of the stream that holds it."""
        return f"KV_{self.config.bucket}"

    async def exists(self, js: JetStreamContext) -> bool:
        """Whether there is such a bucket."""
        return await _stream_exists(js, self.name)

    async def make(self, js: JetStreamContext) -> None:
        """Makes it where it is missing."""
        if not await self.exists(js):
            await js.create_key_value(self.config)

    async def make_again(self, js: JetStreamContext) -> None:
        """As it was made first, and empty."""
        await self.make(js)


def list_parts(topology: Topology, services: Sequence[str] = (*SERVICES, NEWS)) -> tuple[Part, ...]:
    """All that bootstrap makes in NATS for these services, in the order in which it is made."""
    parts: list[Part] = []
    for service in services:
        if service != NEWS:
            parts += [_job_backlog(topology, service), _backlog_consumer(service)]
            parts += [_job_queue(topology, service), _job_consumer(topology, service)]
    parts.append(_events(topology))
    if tuple(services) != (NEWS,):
        parts += [_dead_letters(topology), _presence(topology)]
    parts.append(election_bucket(topology))
    return (*parts, *(_webhook_parts(topology) if NEWS in services else ()))


def election_bucket(topology: Topology) -> BucketPart:
    """Where sweepers and dispatchers are elected."""
    config = KeyValueConfig(bucket=LEADERS_BUCKET, ttl=LEADER_TTL_S, history=1, replicas=topology.replicas)
    return BucketPart(config)


async def ensure_topology(
    js: JetStreamContext, topology: Topology, services: Sequence[str] = (*SERVICES, NEWS)
) -> None:
    """Makes what is missing and updates what differs. Raises nats.errors.Error where the server refuses.

    All streams at once and then all consumers, which need them: each waits for a disk.
    """
    parts = list_parts(topology, services)
    await run_together(*(part.make(js) for part in parts if not isinstance(part, ConsumerPart)))
    await run_together(*(part.make(js) for part in parts if isinstance(part, ConsumerPart)))


async def _stream_exists(js: JetStreamContext, name: str) -> bool:
    try:
        await js.stream_info(name)
    except NotFoundError:
        return False
    return True


def _queue(topology: Topology) -> StreamConfig:
    """What holds for a service's backlog and its work queue."""
    return StreamConfig(
        storage=StorageType.FILE,
        num_replicas=topology.replicas,
        # Full means refused, and one job stands there once: publishing again is always safe.
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_msgs_per_subject=1,
        max_msgs=topology.max_queue_size,
    )


def _job_backlog(topology: Topology, service: str) -> StreamPart:
    return StreamPart(
        _queue(topology).evolve(
            name=backlog_stream(service),
            description=f"Jobs of {service} that have not ended",
            subjects=[f"backlog.{service}.>"],
            # Its messages go by being deleted: the dispatcher reads them, and no reading may take one away.
            retention=RetentionPolicy.LIMITS,
        )
    )


def _backlog_consumer(service: str) -> ConsumerPart:
    return ConsumerPart(backlog_stream(service), ConsumerConfig(durable_name=BACKLOG, ack_policy=AckPolicy.EXPLICIT))


def _job_queue(topology: Topology, service: str) -> StreamPart:
    return StreamPart(
        _queue(topology).evolve(
            name=jobs_stream(service),
            description=f"Work queue of {service}",
            subjects=[f"jobs.{service}.>"],
            retention=RetentionPolicy.WORK_QUEUE,
        )
    )


def _job_consumer(topology: Topology, service: str) -> ConsumerPart:
    return ConsumerPart(
        jobs_stream(service),
        ConsumerConfig(
            durable_name=WORKERS,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=topology.ack_wait_s,
            # The attempt count in the record is what is bounded: a nak while S3 is away is no attempt.
            max_deliver=-1,
            max_ack_pending=topology.max_ack_pending,
        ),
    )


def _events(topology: Topology) -> StreamPart:
    return StreamPart(
        StreamConfig(
            name=EVENTS_STREAM,
            description="News of jobs",
            subjects=["wealth.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=topology.replicas,
            discard=DiscardPolicy.OLD,
            max_age=topology.events_max_age_s,
            max_bytes=topology.events_max_bytes,
            duplicate_window=120,
        )
    )


def _dead_letters(topology: Topology) -> StreamPart:
    return StreamPart(
        StreamConfig(
            name=DEAD_LETTERS_STREAM,
            description="Jobs that used up their attempts",
            subjects=["dead.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=topology.replicas,
            discard=DiscardPolicy.OLD,
            max_age=topology.dead_letters_max_age_s,
            max_msgs_per_subject=1,
        )
    )


def _presence(topology: Topology) -> BucketPart:
    config = KeyValueConfig(bucket=PRESENCE_BUCKET, ttl=PRESENCE_TTL_S, history=1, replicas=topology.replicas)
    return BucketPart(config)


def _webhook_parts(topology: Topology) -> tuple[Part, ...]:
    """Each webhook has a bound of its own in both: what is full refuses what is new, or forgets its oldest."""
    bounded = StreamConfig(
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        num_replicas=topology.replicas,
        max_msgs_per_subject=topology.max_deliveries,
        max_bytes=topology.deliveries_max_bytes,
    )
    waiting = bounded.evolve(
        name=DELIVERIES_STREAM,
        description="Events to be delivered to webhooks",
        subjects=["webhooks.>"],
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        duplicate_window=120,
    )
    undelivered = bounded.evolve(
        name=UNDELIVERED_STREAM,
        description="Events that could not be delivered to webhooks",
        subjects=["webhooks-dead.>"],
        discard=DiscardPolicy.OLD,
        max_age=topology.dead_letters_max_age_s,
        duplicate_window=120,
    )
    router = ConsumerConfig(
        durable_name=ROUTER,
        # What ended before there was anybody to tell is nobody's news.
        deliver_policy=DeliverPolicy.NEW,
        filter_subjects=[f"wealth.*.v1.*.{status}.>" for status in ("completed", "error", "failed", "cancelled")],
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=topology.ack_wait_s,
        max_deliver=-1,
    )
    return StreamPart(waiting), StreamPart(undelivered), ConsumerPart(EVENTS_STREAM, router, _ROUTED_AGAIN_S)

"""The to-do list: publishing a job's generation so that it is queued once, and counting what is queued."""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass

import nats.errors
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError
from opentelemetry.trace import SpanKind

from services.common import tracing
from services.common.errors import Exhausted, Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.kind import JobKind
from services.common.jobs.record import JobRecord
from services.common.jobs.topology import (
    DEAD_LETTERS_STREAM,
    WORKERS,
    dead_letter_subject,
    job_subject,
    jobs_stream,
)

MAX_DEAD_LETTERS = 1000
_TENANTS_REMEMBERED = 1000
_STORE_FAILED = 10077
_SUBJECT_TAKEN = "maximum messages per subject exceeded"


class QueueMissingError(Unavailable):
    """The stream itself is gone: NATS lost its data, or was never bootstrapped."""

    default_reason = "QUEUE_MISSING"


@dataclass(frozen=True, slots=True)
class Locator:
    """What a message says: which generation of which record. Everything else stands in the record."""

    tenant: str
    user_id: str
    job_id: str
    generation: int

    def encode(self) -> bytes:
        """Writes the message's payload."""
        return json.dumps(
            {
                "tenant": self.tenant,
                "user_id": self.user_id,
                "job_id": self.job_id,
                "generation": self.generation,
            }
        ).encode()

    @classmethod
    def decode(cls, payload: bytes) -> "Locator":
        """Reads a message's payload. Raises ValueError or KeyError on anything else."""
        fields = json.loads(payload)
        return cls(str(fields["tenant"]), str(fields["user_id"]), str(fields["job_id"]), int(fields["generation"]))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A generation that was given up; ``sequence`` orders them."""

    locator: Locator
    sequence: int


class JobQueue:
    """One service's work queue."""

    def __init__(self, broker: Broker, kind: JobKind, *, publish_timeout_s: float = 1.0) -> None:
        self._broker = broker
        self._kind = kind
        self._stream = jobs_stream(kind.service)
        self._publish_timeout_s = publish_timeout_s
        self._unfinished: dict[str, tuple[float, int]] = {}

    async def publish(self, record: JobRecord) -> bool:
        """Queues the record's generation; returns whether it was not queued already.

        Raises Exhausted where the queue is full, QueueMissingError where there is no stream, Unavailable where NATS
        does not answer: then the message may or may not be there, and publishing again is safe.
        """
        subject = job_subject(self._kind.service, record.tenant, record.job_id, record.generation)
        locator = Locator(record.tenant, record.user_id, record.job_id, record.generation)
        headers = {"Nats-Msg-Id": secrets.token_hex(16)}
        headers |= {"traceparent": record.traceparent} if record.traceparent else tracing.trace_headers()
        sending = tracing.calling(
            f"send {self._kind.service}.{self._kind.noun}",
            SpanKind.PRODUCER,
            {"messaging.system": "nats", "messaging.destination.name": self._stream, "wealth.job_id": record.job_id},
        )
        try:
            with sending:
                await self._broker.jetstream().publish(
                    subject, locator.encode(), timeout=self._publish_timeout_s, stream=self._stream, headers=headers
                )
        except APIError as error:
            if error.err_code == _STORE_FAILED and error.description == _SUBJECT_TAKEN:
                return False
            if error.err_code == _STORE_FAILED:
                raise Exhausted("the queue is full", reason="QUEUE_FULL", retry_after_s=30) from error
            raise Unavailable("the queue refused the job", reason="QUEUE_UNAVAILABLE") from error
        except NoStreamResponseError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        count = self._unfinished.get(record.tenant)
        if count:
            self._unfinished[record.tenant] = (count[0], count[1] + 1)
        return True

    async def publish_dead_letter(self, record: JobRecord) -> None:
        """Keeps a generation that was given up, for an operator. Raises Unavailable where NATS does not answer."""
        subject = dead_letter_subject(self._kind.service, record.tenant, record.job_id, record.generation)
        locator = Locator(record.tenant, record.user_id, record.job_id, record.generation)
        try:
            await self._broker.jetstream().publish(
                subject,
                locator.encode(),
                timeout=self._publish_timeout_s,
                headers={"Nats-Msg-Id": f"dead:{record.job_id}:{record.generation}"},
            )
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error

    async def dead_letters(self, tenant: str) -> list[DeadLetter]:
        """A tenant's dead letters, newest first, at most ``MAX_DEAD_LETTERS``. Raises Unavailable."""
        js = self._broker.jetstream()
        pattern = f"dead.{self._kind.service}.{tenant}.>"
        try:
            info = await js.stream_info(DEAD_LETTERS_STREAM, subjects_filter=pattern)
            subjects = list(info.state.subjects or ())[-MAX_DEAD_LETTERS:]
            messages = await asyncio.gather(
                *(js.get_last_msg(DEAD_LETTERS_STREAM, subject) for subject in subjects), return_exceptions=True
            )
        except NotFoundError:
            return []
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        letters = [
            DeadLetter(Locator.decode(message.data), message.seq or 0)
            for message in messages
            if not isinstance(message, BaseException) and message.data
        ]
        return sorted(letters, key=lambda letter: -letter.sequence)

    async def count_dead_letters(self) -> int:
        """Dead letters of all tenants. Raises Unavailable."""
        try:
            info = await self._broker.jetstream().stream_info(
                DEAD_LETTERS_STREAM, subjects_filter=f"dead.{self._kind.service}.>"
            )
        except NotFoundError:
            return 0
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return len(info.state.subjects or ())

    async def count_unfinished(self, tenant: str, *, enough: int) -> int:
        """Counts a tenant's jobs that are queued or in hand; as much as a second old.

        Where all tenants together have fewer than ``enough`` it is their number: a long queue takes time to list.
        """
        fetched_at, count = self._unfinished.get(tenant, (0.0, 0))
        if time.monotonic() - fetched_at > 1:
            count, _, _ = await self.depth()
            if count >= enough:
                count = len(await self.queued_subjects(tenant))
            if len(self._unfinished) >= _TENANTS_REMEMBERED:
                self._unfinished.clear()
            self._unfinished[tenant] = (time.monotonic(), count)
        return count

    async def queued_subjects(self, tenant: str) -> set[str]:
        """The subjects of a tenant's generations that are queued or in hand. Raises Unavailable, QueueMissingError."""
        pattern = f"jobs.{self._kind.service}.{tenant}.>"
        try:
            info = await self._broker.jetstream().stream_info(self._stream, subjects_filter=pattern)
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return set(info.state.subjects or ())

    async def depth(self) -> tuple[int, int, int]:
        """Returns messages held, messages in workers' hands, and the most that the queue takes."""
        js = self._broker.jetstream()
        try:
            stream, consumer = await asyncio.gather(
                js.stream_info(self._stream), js.consumer_info(self._stream, WORKERS)
            )
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return stream.state.messages, consumer.num_ack_pending or 0, stream.config.max_msgs or 0

"""The to-do list: publishing a job's generation so that it is queued once, and counting what is queued.

A job stands in the backlog until it has ended. The dispatcher hands it out, by a message in the work queue that workers
pull from. Releases before there was a backlog published there themselves, and may while a release is rolled: what they
queued so is put into the backlog by the sweeper, and its second message refused.
"""

import asyncio
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

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
    backlog_stream,
    backlog_subject,
    dead_letter_subject,
    job_subject,
    jobs_stream,
    user_token,
)
from services.common.jobs.turns import Waiting

MAX_DEAD_LETTERS = 1000
BACKLOG_HEADER = "Wealth-Backlog"
"""In a message of the work queue: the sequence of the backlog's message that it stands for."""
_STORE_FAILED = 10077
_SUBJECT_TAKEN = "maximum messages per subject exceeded"
# The bounds that we set. Under the same code NATS says that its disk is full or failed, which is no word on the job.
_FULL = frozenset({"maximum messages exceeded", "maximum bytes exceeded"})


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


@dataclass(frozen=True, slots=True)
class BacklogMark:
    """What changes with whatever is put into the backlog, and with its loss: jobs in it, the last number given, and
    when it was made."""

    jobs: int
    last_sequence: int
    made_at: datetime | None


class JobQueue:
    """One service's backlog and work queue."""

    def __init__(self, broker: Broker, kind: JobKind, *, publish_timeout_s: float = 1.0) -> None:
        self._broker = broker
        self._kind = kind
        self._ready = jobs_stream(kind.service)
        self._backlog = backlog_stream(kind.service)
        self._publish_timeout_s = publish_timeout_s

    async def publish(self, record: JobRecord) -> bool:
        """Queues the record's generation; returns whether it was not queued already.

        Raises Exhausted where the queue is full, QueueMissingError where there is no stream, Unavailable where NATS
        does not answer: then the message may or may not be there, and publishing again is safe.
        """
        subject = self._subject_of(record)
        locator = Locator(record.tenant, record.user_id, record.job_id, record.generation)
        headers = {"traceparent": record.traceparent} if record.traceparent else tracing.trace_headers()
        sending = tracing.calling(
            f"send {self._kind.service}.{self._kind.noun}",
            SpanKind.PRODUCER,
            {"messaging.system": "nats", "messaging.destination.name": self._backlog, "wealth.job_id": record.job_id},
        )
        with sending:
            return await self._publish(self._backlog, subject, locator.encode(), headers)

    async def hand_out(self, waiting: Waiting) -> bool:
        """Puts a job of the backlog into the work queue; returns whether it was not there already. Raises as
        ``publish``."""
        headers = {BACKLOG_HEADER: str(waiting.sequence)}
        if waiting.traceparent:
            headers["traceparent"] = waiting.traceparent
        return await self._publish(self._ready, waiting.ready_subject, waiting.payload, headers)

    async def withdraw(self, record: JobRecord) -> None:
        """Takes a generation out of the backlog. Raises Unavailable."""
        try:
            message = await self._broker.jetstream().get_last_msg(self._backlog, self._subject_of(record))
            await self._broker.delete_message(self._backlog, message.seq or 0)
        except NotFoundError:
            return
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error

    def _subject_of(self, record: JobRecord) -> str:
        return backlog_subject(self._kind.service, record.tenant, record.user_id, record.job_id, record.generation)

    async def _publish(self, stream: str, subject: str, payload: bytes, headers: dict[str, str]) -> bool:
        # A fresh id each time: one that was used would be swallowed, although its message has gone since.
        headers = {"Nats-Msg-Id": secrets.token_hex(16), **headers}
        try:
            await self._broker.jetstream().publish(
                subject, payload, timeout=self._publish_timeout_s, stream=stream, headers=headers
            )
        except APIError as error:
            if error.err_code == _STORE_FAILED and error.description == _SUBJECT_TAKEN:
                return False
            if error.err_code == _STORE_FAILED and error.description in _FULL:
                raise Exhausted("the queue is full", reason="QUEUE_FULL", retry_after_s=30) from error
            raise Unavailable("the queue refused the job", reason="QUEUE_UNAVAILABLE") from error
        except NoStreamResponseError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
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

    async def count_unfinished(self, tenant: str, user_id: str | None = None) -> int:
        """Counts the jobs of a tenant, or of one of its users, that have not ended. Raises Unavailable."""
        who = f"{tenant}.{user_token(user_id)}" if user_id is not None else f"{tenant}.*"
        try:
            return await self._broker.count_subjects(self._backlog, f"backlog.{self._kind.service}.{who}.*.*")
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error

    async def mark(self) -> BacklogMark:
        """Where the backlog stands. Raises as ``queued_subjects``."""
        try:
            info = await self._broker.jetstream().stream_info(self._backlog)
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return BacklogMark(info.state.messages, info.state.last_seq, info.created)

    async def queued_subjects(self, tenant: str = "*") -> set[str]:
        """The subjects, as of the work queue, of generations in the backlog, a tenant's or all: what has not ended.

        Raises Unavailable, QueueMissingError.
        """
        return set(await self.list_backlog(tenant))

    async def list_backlog(self, tenant: str = "*") -> dict[str, str]:
        """The subjects of a tenant's jobs, or all, in the backlog, by those that they have in the work queue. Raises as
        ``queued_subjects``."""
        service = self._kind.service
        found = {}
        for subject in await self._list_subjects(self._backlog, f"backlog.{service}.{tenant}.>"):
            _, _, name, _, job_id, generation = subject.split(".")
            found[job_subject(service, name, job_id, int(generation))] = subject
        return found

    async def list_handed_out(self, tenant: str = "*") -> set[str]:
        """The subjects of a tenant's jobs, or all, in the work queue: ready or in hand. Raises as
        ``queued_subjects``."""
        return set(await self._list_subjects(self._ready, f"jobs.{self._kind.service}.{tenant}.>"))

    async def _list_subjects(self, stream: str, pattern: str) -> list[str]:
        try:
            info = await self._broker.jetstream().stream_info(stream, subjects_filter=pattern)
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return list(info.state.subjects or ())

    async def count_ready(self) -> int:
        """Counts what is handed out and in no worker's hands yet. Raises as ``queued_subjects``."""
        return (await self._consumer())[0]

    async def depth(self) -> tuple[int, int, int]:
        """Returns jobs that have not ended, jobs in workers' hands, and the most that the backlog takes."""
        try:
            stream, (ready, in_hand) = await asyncio.gather(
                self._broker.jetstream().stream_info(self._backlog), self._consumer()
            )
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        # More are handed out than stand in the backlog only while an older release publishes to the work queue itself.
        return max(stream.state.messages, ready + in_hand), in_hand, stream.config.max_msgs or 0

    async def _consumer(self) -> tuple[int, int]:
        try:
            consumer = await self._broker.jetstream().consumer_info(self._ready, WORKERS)
        except NotFoundError as error:
            raise QueueMissingError("the queue does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return consumer.num_pending or 0, consumer.num_ack_pending or 0

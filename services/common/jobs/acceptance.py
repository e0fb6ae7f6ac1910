"""Accepting a job: the record first, then the message; idempotency keys; the full queue; the caps."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import format_time, parse_time
from services.common.errors import AlreadyExists, Conflict, Exhausted, NotFound, PreconditionFailed, Unavailable
from services.common.identity import Principal
from services.common.jobs.caps import TOO_MANY, UnfinishedCaps
from services.common.jobs.deletion import Tombstones, delete_job
from services.common.jobs.events import EventPublisher
from services.common.jobs.outbox import Outbox
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import Fault, JobRecord
from services.common.jobs.store import END_BYTES, JobStore
from services.common.logging import get_logger

IDEMPOTENCY_KIND = "idempotency"
QUEUE_FULL = "QUEUE_FULL"
_REQUESTS_REMEMBERED = 16
Prepare = Callable[[str], Awaitable[JobRecord]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an idempotency key stands for, and since when: a creation that is tried again is as old as its first try,
    so that it has one place in every list."""

    user_id: str
    job_id: str
    created_at: datetime


class Acceptance:
    """Takes jobs in for one service.

    ``secret`` keys the HMAC of idempotent bodies; ``caps`` bounds the jobs that have not ended.
    """

    def __init__(
        self,
        store: JobStore,
        queue: JobQueue,
        publisher: EventPublisher,
        outbox: Outbox,
        tombstones: Tombstones,
        *,
        secret: bytes,
        caps: UnfinishedCaps,
        idempotency_lifetime_s: float = 24 * 3600,
    ) -> None:
        self._store = store
        self._queue = queue
        self._publisher = publisher
        self._outbox = outbox
        self._tombstones = tombstones
        self._secret = secret
        self._caps = caps
        self._idempotency_lifetime = timedelta(seconds=idempotency_lifetime_s)
        self._log = get_logger()

    async def accept(
        self,
        principal: Principal,
        *,
        user_id: str,
        method: str,
        request_id: str,
        body: Mapping[str, Any],
        new_job_id: Callable[[], str],
        prepare: Prepare,
        stores_inputs: bool = True,
    ) -> JobRecord:
        """Accepts a new job and returns its record; the same ``request_id`` and ``body`` return the same job.

        ``body`` is the request without secrets, ``prepare(job_id)`` stores the inputs and makes the record to write;
        where it stores nothing (``stores_inputs``) the record is the first thing that could stay of a deleted user's
        request, and tombstones are looked for once, after it. A request that was refused may be repeated under its id.
        Raises AlreadyExists where the request id was used for another body, Exhausted where the queue is full or the
        tenant has too many unfinished jobs, PreconditionFailed where the user is being deleted, Unavailable where the
        record could not be written.
        """
        claim = wanted = Claim(user_id, new_job_id(), self._store.clock())
        if request_id:
            request = _digest_request(principal, method, request_id)
            claim, existing = await self._claim_job(request, body, wanted)
            if existing is not None:
                return existing
        # A job that has just got its id was never deleted; another request's may have been, long before its mark went.
        earlier = claim.job_id if claim != wanted else ""
        if stores_inputs or earlier:
            await self._tombstones.check(self._store.kind, user_id, earlier)
        await self._caps.check(principal.tenant, user_id)
        record = replace(await prepare(claim.job_id), created_at=claim.created_at)
        again = claim.job_id if request_id else ""
        tombstones = self._tombstones.keys(self._store.kind, user_id, again)
        try:
            record, found = await self._store.create_and_look(record, tombstones)
        except AlreadyExists:
            # The same idempotent request, a moment ahead of us, or the mark that its job's deletion has left since.
            if not request_id:
                raise
            standing = await self._find(user_id, claim.job_id)
            if standing is None:
                await self._tombstones.check(self._store.kind, user_id, claim.job_id)
                raise
            return standing
        await self._require_not_deleted(record, again, found)
        return await self.enqueue(record)

    async def restart(
        self,
        principal: Principal,
        record: JobRecord,
        *,
        message: str,
        body: Mapping[str, Any],
        method: str = "",
        request_id: str = "",
        request: Mapping[str, Any] | None = None,
    ) -> JobRecord:
        """Makes a terminal job's next generation and queues it; ``request_id`` works as in ``accept``.

        The former generation's news are out before: nothing would remember them after. Raises PreconditionFailed while
        it runs, Conflict where somebody else restarted it first, Unavailable where NATS does not answer, and as
        ``accept``.
        """
        kind = self._store.kind
        digest = _digest_request(principal, method, request_id) if request_id else ""
        if request_id:
            await self._claim_key(digest, request or {}, Claim(record.user_id, record.job_id, self._store.clock()))
            if _was_served(record, digest):
                return record
        await self._caps.check(principal.tenant, record.user_id)
        if not kind.is_terminal(record.status):
            raise PreconditionFailed(f"the {kind.noun} has not ended", reason=f"{kind.noun.upper()}_NOT_TERMINAL")
        await self._outbox.announce(record)
        fresh = replace(
            record.restart(self._store.clock(), message, status=kind.pending, body=body),
            subject=principal.subject,
            requests=(*record.requests, digest)[-_REQUESTS_REMEMBERED:] if digest else record.requests,
        )
        try:
            saved = await self._store.save(fresh, record, spare_bytes=END_BYTES)
        except Conflict:
            # The same idempotent request, a moment ahead of us - or somebody else's.
            current = await self._find(record.user_id, record.job_id)
            if current is not None and _was_served(current, digest):
                return current
            raise
        return await self.enqueue(saved)

    @staticmethod
    def was_served(principal: Principal, record: JobRecord, *, method: str, request_id: str) -> bool:
        """Whether a request has restarted the job already: then there is nothing to prepare for ``restart``."""
        return bool(request_id) and _was_served(record, _digest_request(principal, method, request_id))

    async def enqueue(self, record: JobRecord) -> JobRecord:
        """Queues a written record. Where NATS does not answer the sweeper will.

        Raises Exhausted where it was cancelled, for the queue is full or it is one job too many.
        """
        try:
            await self._put_into_queue(record)
        except Exhausted as error:
            await self._withdraw(record, error)
        except Unavailable as error:
            self._log.warning("job_publish_deferred", job_id=record.job_id, reason=error.reason)
        return record

    async def _put_into_queue(self, record: JobRecord) -> None:
        """Puts a job into the queue and tells the news at the same time: neither is news of the other, and who is
        refused is told to have been cancelled. Raises as the queue, the caps and then the publisher do."""
        queued, told = await asyncio.gather(
            self._queue.publish(record),
            self._publisher.publish(record, after_revision=record.revision - 1),
            return_exceptions=True,
        )
        if isinstance(queued, BaseException):
            raise queued
        await self._caps.confirm(record)
        if isinstance(told, BaseException):
            raise told

    async def _withdraw(self, record: JobRecord, refusal: Exhausted) -> None:
        """Cancels a job that was refused, and raises the refusal - unless the job runs by now all the same."""
        kind = self._store.kind
        now = self._store.clock()
        withdrawn = record.note(now, kind.cancelled, record.progress, f"refused: {refusal.message}").finished(now)
        try:
            ended = await self._store.save(replace(withdrawn, error=Fault(refusal.reason, refusal.message)), record)
        except (Conflict, NotFound):
            self._log.info("job_withdrawal_overtaken", job_id=record.job_id)
            return
        # What is not told or taken out now is found: by the sweeper in the outbox, by a worker in the backlog. So the
        # message stays for as long as the news are not out.
        with contextlib.suppress(Unavailable):
            await self._outbox.deliver(ended)
            if refusal.reason == TOO_MANY:
                await self._queue.withdraw(record)
        raise refusal

    async def _require_not_deleted(self, record: JobRecord, job_id: str, standing: Set[str] | None) -> None:
        """Takes back a record after which tombstones were found (``standing``; looked for where nobody did): a deletion
        that began before found the record or left one. The job's own mark has refused the record; its tombstone
        (``job_id``) counts where several requests may have made it. Raises PreconditionFailed with the job gone again.
        """
        try:
            await self._tombstones.check(self._store.kind, record.user_id, job_id, standing=standing)
        except PreconditionFailed:
            with contextlib.suppress(NotFound):
                await delete_job(self._store, self._tombstones, record.user_id, record.job_id)
            raise

    async def _find(self, user_id: str, job_id: str) -> JobRecord | None:
        try:
            return await self._store.get(user_id, job_id)
        except NotFound:
            return None

    async def _claim_job(self, request: str, body: Mapping[str, Any], wanted: Claim) -> tuple[Claim, JobRecord | None]:
        """Returns what an idempotency key stands for, and the job where there is one that was not refused."""
        claim = await self._claim_key(request, body, wanted)
        if claim == wanted:
            return claim, None
        existing = await self._find(claim.user_id, claim.job_id)
        if existing is not None and _was_refused(existing):
            claim = await self._claim_key(request, body, wanted, instead_of=claim)
            existing = None if claim == wanted else await self._find(claim.user_id, claim.job_id)
        return claim, existing

    async def _claim_key(
        self, request: str, body: Mapping[str, Any], wanted: Claim, *, instead_of: Claim | None = None
    ) -> Claim:
        """Writes the idempotency key before anything else; returns what it stands for: ours, or the first request's.

        A key that is too old, or stands for ``instead_of``, becomes ours. Raises AlreadyExists where it was used with
        another body, Conflict where somebody else takes it at this moment.
        """
        key = f"idempotency/{self._store.kind.service}/{request}.json"
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hmac.new(self._secret, canonical.encode(), hashlib.sha256).hexdigest()
        now = wanted.created_at
        document = asdict(wanted) | {"body_hmac": digest, "created_at": format_time(now)}
        storage = self._store.storage
        try:
            await storage.create_record(key, document, kind=IDEMPOTENCY_KIND, created_at=now)
        except AlreadyExists:
            stored = await storage.get_record(key)
            since = parse_time(stored.document["created_at"])
            claim = Claim(stored.document["user_id"], stored.document["job_id"], since)
            is_old = now - since > self._idempotency_lifetime
            if is_old or claim == instead_of:
                await storage.update_record(
                    key,
                    document,
                    kind=IDEMPOTENCY_KIND,
                    created_at=stored.created_at,
                    if_match=stored.etag,
                    if_revision=stored.revision,
                )
                return wanted
            if not hmac.compare_digest(stored.document["body_hmac"], digest):
                raise AlreadyExists(
                    "this idempotency key was used for another request", reason="IDEMPOTENCY_KEY_REUSED"
                ) from None
            return claim
        return wanted


def _digest_request(principal: Principal, method: str, request_id: str) -> str:
    scope = f"{principal.tenant}\0{principal.subject}\0{method}\0{request_id}"
    return hashlib.sha256(scope.encode()).hexdigest()


def _was_refused(record: JobRecord) -> bool:
    """Whether the job's last generation was withdrawn because the queue was full or had too many of its owner."""
    return record.error is not None and record.error.code in {QUEUE_FULL, TOO_MANY}


def _was_served(record: JobRecord, request: str) -> bool:
    """Whether the request has restarted the job already, and was not refused then."""
    return request in record.requests and not (record.requests[-1] == request and _was_refused(record))

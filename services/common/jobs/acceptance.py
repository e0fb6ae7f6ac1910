"""Accepting a job: the record first, then the message; idempotency keys; the full queue; the tenant's cap."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from services.common.clock import format_time, parse_time
from services.common.errors import AlreadyExists, Conflict, Exhausted, NotFound, PreconditionFailed, Unavailable
from services.common.identity import Principal
from services.common.jobs.deletion import Tombstones
from services.common.jobs.events import EventPublisher
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import JobRecord
from services.common.jobs.store import JobStore
from services.common.logging import get_logger

IDEMPOTENCY_KIND = "idempotency"
Prepare = Callable[[str], Awaitable[JobRecord]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an idempotency key stands for: one generation of one job."""

    user_id: str
    job_id: str
    generation: int


class Acceptance:
    """Takes jobs in for one service.

    ``secret`` keys the HMAC of idempotent bodies; ``max_unfinished`` caps a tenant's jobs that have not ended.
    """

    def __init__(
        self,
        store: JobStore,
        queue: JobQueue,
        publisher: EventPublisher,
        tombstones: Tombstones,
        *,
        secret: bytes,
        max_unfinished: int = 5_000,
        idempotency_lifetime_s: float = 24 * 3600,
    ) -> None:
        self._store = store
        self._queue = queue
        self._publisher = publisher
        self._tombstones = tombstones
        self._secret = secret
        self._max_unfinished = max_unfinished
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
    ) -> JobRecord:
        """Accepts a new job and returns its record; the same ``request_id`` and ``body`` return the same job.

        ``body`` is the request without secrets, ``prepare(job_id)`` stores the inputs and makes the record to write.
        Raises AlreadyExists where the request id was used for another body, Exhausted where the queue is full or the
        tenant has too many unfinished jobs, PreconditionFailed where the user is being deleted, Unavailable where the
        record could not be written.
        """
        job_id = new_job_id()
        if request_id:
            scope = f"{principal.tenant}\0{principal.subject}\0{method}\0{request_id}"
            claim = await self._claim_key(scope, body, Claim(user_id, job_id, generation=1))
            job_id = claim.job_id
            existing = await self._find(user_id, job_id)
            if existing is not None:
                return existing
        await self._tombstones.check(self._store.kind, user_id, job_id)
        await self._check_cap(principal.tenant)
        record = await prepare(job_id)
        try:
            record = await self._store.create(record)
        except AlreadyExists:
            # The same idempotent request, a moment ahead of us.
            if not request_id:
                raise
            return await self._store.get(user_id, job_id)
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

        Raises PreconditionFailed while it runs, Conflict where somebody else restarted it first, and as ``accept``.
        """
        kind = self._store.kind
        if request_id:
            scope = f"{principal.tenant}\0{principal.subject}\0{method}\0{request_id}"
            wanted = Claim(record.user_id, record.job_id, record.generation + 1)
            claim = await self._claim_key(scope, request or {}, wanted)
            if claim.job_id == record.job_id and claim.generation <= record.generation:
                return record
        await self._check_cap(principal.tenant)
        if not kind.is_terminal(record.status):
            raise PreconditionFailed(f"the {kind.noun} has not ended", reason=f"{kind.noun.upper()}_NOT_TERMINAL")
        fresh = record.restart(self._store.clock(), message, status=kind.pending, body=body)
        return await self.enqueue(await self._store.save(replace(fresh, subject=principal.subject), record))

    async def enqueue(self, record: JobRecord) -> JobRecord:
        """Queues a written record. Where NATS does not answer the sweeper will; a full queue cancels the job."""
        try:
            await self._queue.publish(record)
            await self._publisher.publish(record, after_revision=record.revision - 1)
        except Exhausted:
            await self._withdraw(record)
            raise
        except Unavailable as error:
            self._log.warning("job_publish_deferred", job_id=record.job_id, reason=error.reason)
        return record

    async def _withdraw(self, record: JobRecord) -> None:
        kind = self._store.kind
        now = self._store.clock()
        withdrawn = record.note(now, kind.cancelled, record.progress, "refused: the queue is full")
        try:
            await self._store.save(replace(withdrawn, finished_at=now), record)
        except (Conflict, NotFound):
            self._log.info("job_withdrawal_overtaken", job_id=record.job_id)

    async def _check_cap(self, tenant: str) -> None:
        try:
            count = await self._queue.count_unfinished(tenant)
        except Unavailable:
            return  # The record is what makes a job: accept, and let the queue's own bound decide later.
        if count >= self._max_unfinished:
            raise Exhausted(
                f"{count} jobs have not ended yet; at most {self._max_unfinished} may",
                reason="TOO_MANY_UNFINISHED_JOBS",
                retry_after_s=30,
            )

    async def _find(self, user_id: str, job_id: str) -> JobRecord | None:
        try:
            return await self._store.get(user_id, job_id)
        except NotFound:
            return None

    async def _claim_key(self, scope: str, body: Mapping[str, Any], wanted: Claim) -> Claim:
        """Writes the idempotency key before anything else; returns what it stands for: ours, or the first request's."""
        key = f"idempotency/{self._store.kind.service}/{hashlib.sha256(scope.encode()).hexdigest()}.json"
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hmac.new(self._secret, canonical.encode(), hashlib.sha256).hexdigest()
        now = self._store.clock()
        document = asdict(wanted) | {"body_hmac": digest, "created_at": format_time(now)}
        storage = self._store.storage
        try:
            await storage.create_record(key, document, kind=IDEMPOTENCY_KIND, created_at=now)
        except AlreadyExists:
            stored = await storage.get_record(key)
            if now - parse_time(stored.document["created_at"]) > self._idempotency_lifetime:
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
            return Claim(stored.document["user_id"], stored.document["job_id"], stored.document["generation"])
        return wanted

"""Bringing over jobs that ended in an older service: a record as any other, written once.

An older bucket may be this suite's own. Then the older object stands where the record belongs, and becomes it by a
compare-and-swap: whoever is interrupted finds either the older object or the record, and can begin again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from wealth.jobs.v1 import jobs_pb2

from services.common.errors import AlreadyExists, NotFound
from services.common.identity import Principal
from services.common.jobs.deletion import Tombstones
from services.common.jobs.record import Artefact, Fault, JobRecord, TraceStep
from services.common.jobs.store import JobStore
from services.common.storage.transfer import require_size

# As large as a record may be.
_MAX_OLDER_BYTES = 4 << 20


class Imported(Enum):
    """What came of it."""

    WRITTEN = "imported"
    PRESENT = "present"
    VALID = "valid"


def to_outcome(outcome: Imported) -> "jobs_pb2.ImportOutcome.ValueType":
    """The proto's word for it."""
    return jobs_pb2.ImportOutcome.Value(f"IMPORT_OUTCOME_{outcome.value.upper()}")


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A job of an older service that has ended, in the words of the kind that it becomes."""

    user_id: str
    job_id: str
    status: str
    message: str
    created_at: datetime
    finished_at: datetime
    progress: int
    body: Mapping[str, Any]
    error: Fault | None = None
    trace: tuple[TraceStep, ...] = ()

    def record(self, principal: Principal) -> JobRecord:
        """Its record, not yet written."""
        record = JobRecord(
            tenant=principal.tenant,
            user_id=self.user_id,
            job_id=self.job_id,
            status=self.status,
            created_at=self.created_at,
            updated_at=self.finished_at,
            finished_at=self.finished_at,
            subject=principal.subject,
            error=self.error,
            trace=self.trace,
            body=self.body,
        )
        return record.note(self.finished_at, self.status, self.progress, self.message)


class Imports:
    """Writes ended jobs of one kind."""

    def __init__(self, store: JobStore, tombstones: Tombstones) -> None:
        self._store = store
        self._tombstones = tombstones

    async def bring_over(
        self,
        principal: Principal,
        job: EndedJob,
        *,
        is_same: Callable[[bytes], bool],
        validate_only: bool,
        prepare: Callable[[], Awaitable[Mapping[str, Artefact]]] | None = None,
    ) -> tuple[JobRecord, Imported]:
        """Writes the job's record where there is none, after ``prepare`` has stored its outputs.

        ``is_same`` says of an object that stands in the record's place whether it is the older form of this very job.
        Raises AlreadyExists where something else stands there, PreconditionFailed where the job was deleted here,
        Conflict where it is changed at this moment.
        """
        await self._tombstones.check(self._store.kind, job.user_id, job.job_id)
        try:
            found = await self._store.get(job.user_id, job.job_id)
        except NotFound:
            etag = await self._find_older(job, is_same)
        else:
            if found.user_id != job.user_id:
                raise AlreadyExists(f"another user's {self._store.kind.noun} has this id", reason="ID_TAKEN")
            return found, Imported.PRESENT
        record = job.record(principal)
        if validate_only:
            return record, Imported.VALID
        if prepare:
            record = replace(record, manifest=await prepare())
        return await self._store.create(record, instead_of=etag), Imported.WRITTEN

    async def _find_older(self, job: EndedJob, is_same: Callable[[bytes], bool]) -> str:
        """The etag of the older form where the record belongs; empty where nothing stands there."""
        storage, key = self._store.storage, self._store.kind.record_key(job.user_id, job.job_id)
        try:
            async with storage.get_object(key) as stream:
                require_size(key, stream.info.size, _MAX_OLDER_BYTES)
                content = b"".join([chunk async for chunk in stream.chunks])
        except NotFound:
            return ""
        if not is_same(content):
            raise AlreadyExists(f"something else stands where the {self._store.kind.noun} belongs", reason="ID_TAKEN")
        return stream.info.etag

"""Job records over the storage service: every change is a compare-and-swap, and every write names itself."""

from collections.abc import AsyncIterator, Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.common.clock import Clock, utc_now
from services.common.errors import Conflict, NotFound
from services.common.jobs.kind import OPEN, JobKind
from services.common.jobs.record import DELETED, ENVELOPE, JobRecord, decode_record, encode_record
from services.common.logging import get_logger
from services.common.storage import StorageClient, StoredRecord
from services.common.tasks import map_in_turns

MAX_SWAP_TRIES = 8
END_BYTES = 64 * 1024
"""What an open job's record leaves of the most that storage keeps: room to say how it ended."""


@dataclass(frozen=True, slots=True)
class JobKey:
    """What an index entry says of a job without reading it."""

    key: str
    user_id: str
    state: str
    created_at: datetime
    run: int = 0


class JobStore:
    """The records of one kind of job. The tenant is the current principal's."""

    def __init__(self, storage: StorageClient, kind: JobKind, *, clock: Clock = utc_now) -> None:
        self.storage = storage
        self.kind = kind
        self.clock = clock

    async def create(self, record: JobRecord, *, instead_of: str = "") -> JobRecord:
        """Writes a new job; ``instead_of`` is the etag of another program's object that stands in its place.

        Raises AlreadyExists where its id is taken, Conflict where ``instead_of`` no longer stands there, TooLarge
        where there would be no room for how it ends, Unavailable where it is not known to be written.
        """
        if not instead_of:
            return (await self.create_and_look(record, ()))[0]
        stored = await self.storage.update_record(**self._new(record), if_match=instead_of, if_revision=0)
        return self._with_version(record, stored)

    async def create_and_look(self, record: JobRecord, keys: Sequence[str]) -> tuple[JobRecord, Set[str] | None]:
        """Writes a new job, and returns it with those of the keys that held a record after that: None where storage did
        not look. Raises as ``create``."""
        stored = await self.storage.create_record(**self._new(record), look_for=keys)
        return self._with_version(record, stored), stored.found

    def _new(self, record: JobRecord) -> dict[str, Any]:
        return {
            "key": self.kind.record_key(record.user_id, record.job_id),
            "document": self._document(record),
            "kind": self.kind.name,
            "user_id": record.user_id,
            "state": self.kind.index_state(record.status),
            "created_at": record.created_at,
            "spare_bytes": END_BYTES,
        }

    async def get(self, user_id: str, job_id: str, *, may_be_old: bool = False) -> JobRecord:
        """Reads a job, or (``may_be_old``) what storage remembers of it: nothing but a save may rest on that. Raises
        NotFound where there is none, or what stands there was deleted or is no job."""
        try:
            stored = await self.storage.get_record(self.kind.record_key(user_id, job_id), may_be_old=may_be_old)
        except NotFound as error:
            # In the words for somebody else's: who may not see a job does not learn whether it is there.
            raise self.kind.missing(job_id) from error
        return self.read(stored)

    def read(self, stored: StoredRecord) -> JobRecord:
        """Reads a job out of a stored record. Raises NotFound where it was deleted or is no job."""
        record = self._decode(stored)
        if record is None or record.status == DELETED:
            raise self.kind.missing(self.kind.job_id_of(stored.key))
        return record

    def read_deleted(self, stored: StoredRecord) -> JobRecord | None:
        """Reads the mark that a deleted job has left in its place; None where anything else stands there."""
        record = self._decode(stored)
        return record if record is not None and record.status == DELETED else None

    def _decode(self, stored: StoredRecord) -> JobRecord | None:
        if ENVELOPE not in stored.document:
            return None
        try:
            return decode_record(
                stored.document,
                revision=stored.revision,
                write_id=stored.write_id,
                etag=stored.etag,
                run=stored.run,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # Somebody else's hand: one damaged record must not stop a worker or the sweeper.
            get_logger().error("record_not_readable", key=stored.key, error=type(error).__name__)
            return None

    async def save(
        self, record: JobRecord, previous: JobRecord, *, spare_bytes: int = 0, write_id: str = ""
    ) -> JobRecord:
        """Replaces ``previous`` by ``record``; history entries that are new get the new revision.

        A job that ends keeps its place in the index of open jobs until ``close``. ``write_id`` names this write, so
        that making it again after an answer was lost is success (a fresh one where empty). Raises Conflict where
        somebody else was first or the job has ended (terminal states absorb), NotFound where it is gone, TooLarge where
        it leaves fewer than ``spare_bytes`` of what a record may have.
        """
        if not self.kind.may_follow(record, previous):
            raise Conflict(f"the {self.kind.noun} has ended", reason="RECORD_TERMINAL")
        record = _stamp_history(record, previous)
        listed = self.kind.index_state(previous.status)
        stored = await self.storage.update_record(
            self.kind.record_key(record.user_id, record.job_id),
            self._document(record),
            kind=self.kind.name,
            user_id=record.user_id,
            state=self.kind.index_state(record.status),
            created_at=record.created_at,
            if_match=previous.etag,
            if_revision=previous.revision,
            previous_state="" if record.status in self.kind.terminal else listed,
            # A restart's keys are no key of the run before, which somebody may still be about to delete.
            run=previous.run if record.generation == previous.generation else record.generation,
            previous_run=previous.run,
            write_id=write_id,
            spare_bytes=spare_bytes,
        )
        return self._with_version(record, stored)

    async def close(self, record: JobRecord, *, run: int | None = None) -> None:
        """Takes a job that has ended out of the index of open jobs: its run, or the one that a key was found to carry.

        Keys of a run that goes on by now stay.
        """
        await self.storage.reindex_record(
            self.kind.record_key(record.user_id, record.job_id),
            kind=self.kind.name,
            user_id=record.user_id,
            created_at=record.created_at,
            states=(OPEN,),
            run=record.run if run is None else run,
            at_once=True,
        )

    async def change(
        self, user_id: str, job_id: str, change: Callable[[JobRecord], JobRecord | None]
    ) -> tuple[JobRecord, JobRecord]:
        """Reads, changes and saves until nobody comes between; returns the record before and after.

        ``change`` returns None to leave it as it is, and may raise. Raises Conflict after ``MAX_SWAP_TRIES`` losses.
        """
        for _ in range(MAX_SWAP_TRIES):
            before = await self.get(user_id, job_id)
            wanted = change(before)
            if wanted is None:
                return before, before
            try:
                return before, await self.save(wanted, before)
            except Conflict:
                continue
        raise Conflict(f"the {self.kind.noun} keeps changing", reason="RECORD_CHANGED")

    async def list_page(
        self, *, user_id: str, statuses: Sequence[str], page_size: int, page_token: str
    ) -> tuple[list[JobRecord], str]:
        """Lists a user's jobs, newest first, or the tenant's where ``user_id`` is empty; also the next page's token."""
        page = await self.storage.list_records(
            kind=self.kind.name,
            user_id=user_id,
            states=self._states(statuses),
            page_size=page_size,
            page_token=page_token,
        )

        def read(stored: StoredRecord) -> JobRecord | None:
            try:
                return self.read(stored)
            except NotFound:
                return None

        found = await map_in_turns(read, page.records)
        records = [record for record in found if record and (not statuses or record.status in statuses)]
        return records, page.next_page_token

    async def count(self, most: int) -> int:
        """Counts the tenant's jobs by their index, as far as ``most``."""
        found = 0
        async for _ in self._keys(self.kind.index_states, 1000):
            found += 1
            if found >= most:
                break
        return found

    def open_keys(self, page_size: int = 1000) -> AsyncIterator[JobKey]:
        """Walks the index of the tenant's open jobs, newest first, without reading records."""
        return self._keys((self.kind.index_state(self.kind.pending),), page_size)

    async def _keys(self, states: tuple[str, ...], page_size: int) -> AsyncIterator[JobKey]:
        token = ""
        while True:
            page = await self.storage.list_records(
                kind=self.kind.name,
                user_id="",
                states=states,
                page_size=page_size,
                page_token=token,
                keys_only=True,
            )
            for stored in page.records:
                yield JobKey(stored.key, stored.user_id, stored.state, stored.created_at, stored.run)
            token = page.next_page_token
            if not token:
                return

    def _states(self, statuses: Sequence[str]) -> tuple[str, ...]:
        if not statuses:
            return self.kind.index_states
        return tuple(dict.fromkeys(self.kind.index_state(status) for status in statuses))

    def _document(self, record: JobRecord) -> dict[str, object]:
        return {**encode_record(record), **self.kind.readable(record)}

    @staticmethod
    def _with_version(record: JobRecord, stored: StoredRecord) -> JobRecord:
        return replace(record, revision=stored.revision, write_id=stored.write_id, etag=stored.etag, run=stored.run)


def _stamp_history(record: JobRecord, previous: JobRecord) -> JobRecord:
    """What was written keeps the revision that watchers know it by; what is new gets the next one."""
    same_run = previous.generation == record.generation
    written = {entry.sequence: entry for entry in previous.history} if same_run else {}
    revision = previous.revision + 1
    return replace(
        record,
        history=tuple(written.get(entry.sequence) or replace(entry, revision=revision) for entry in record.history),
    )

"""Deleting: first a mark in the record's own place, then a tombstone, then the data, then - once no zombie can write
any more - the data again, and the mark with it.

The mark is the deletion: where it could not be written, nothing happened. It refuses whatever may still be on its way
to the record: an attempt's write, and a creation that S3 carries out late.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import format_time, parse_time
from services.common.errors import AlreadyExists, NotFound, PreconditionFailed
from services.common.jobs.kind import JobKind
from services.common.jobs.record import DELETED, JobRecord
from services.common.jobs.store import JobStore
from services.common.storage import StorageClient

TOMBSTONE_KIND = "tombstone"
ForgetUser = Callable[[str], Awaitable[None]]


class Tombstones:
    """Marks of what was deleted. Their names are digests: a tombstone keeps no user's name in a key."""

    def __init__(self, storage: StorageClient, service: str) -> None:
        self._storage = storage
        self._prefix = f"tombstones/{service}/"

    def keys(self, kind: JobKind, user_id: str, job_id: str = "") -> tuple[str, ...]:
        """Where the tombstones of a user, and of a job where one is named, would stand."""
        return self._user_key(user_id), *((self._job_key(kind, user_id, job_id),) if job_id else ())

    async def check(self, kind: JobKind, user_id: str, job_id: str = "", *, standing: Set[str] | None = None) -> None:
        """Raises PreconditionFailed where the user, or the job where one is named, was deleted a short while ago.

        ``standing`` are those of ``keys`` that were found to hold a record; they are looked for where it is None.
        """
        keys = self.keys(kind, user_id, job_id)
        if standing is None:
            exist = await asyncio.gather(*map(self._exists, keys))
            standing = {key for key, exists in zip(keys, exist, strict=True) if exists}
        user, *jobs = (key in standing for key in keys)
        job = any(jobs)
        if user or job:
            what = "user" if user else kind.noun
            raise PreconditionFailed(f"this {what} was deleted", reason=f"{what.upper()}_DELETED")

    async def put_job(self, store: JobStore, user_id: str, job_id: str, *, if_absent: bool = False) -> None:
        """Says that a job was deleted, with the places to purge again later. ``if_absent`` leaves one that stands as it
        is."""
        kind = store.kind
        fields = {"places": [*kind.places(user_id, job_id)], "record": kind.record_key(user_id, job_id)}
        await self._put(store, self._job_key(kind, user_id, job_id), fields, if_absent=if_absent)

    async def put_user(self, store: JobStore, user_id: str, places: Sequence[str]) -> None:
        """Marks a user as deleted, with the places to purge again later; who it is stands there until then."""
        await self._put(store, self._user_key(user_id), {"places": [*places], "user_id": user_id})

    async def purge_again(
        self,
        store: JobStore,
        *,
        after_s: float,
        keep_s: float,
        page_token: str = "",
        changed_after: datetime | None = None,
        forget_user: ForgetUser | None = None,
    ) -> tuple[int, int, str]:
        """Looks at a page of tombstones, all or those written since: purges once more what was deleted more than
        ``after_s`` ago, and forgets tombstones older than ``keep_s``.

        Of a user ``forget_user`` takes all there is, so that a deletion that was cut short is whole in the end. Returns
        how many tombstones there were and how many objects still stood, and the next page's token.
        """
        found = 0
        page = await self._storage.scan_records(prefix=self._prefix, page_token=page_token, changed_after=changed_after)
        for stored in page.records:
            age = store.clock() - parse_time(stored.document["deleted_at"])
            if age > timedelta(seconds=after_s) and not stored.document.get("purged_again"):
                if forget_user and stored.document.get("user_id"):
                    await forget_user(stored.document["user_id"])
                found += await purge_places(self._storage, stored.document["places"])
                if "record" in stored.document:
                    await self._storage.delete_record(stored.document["record"])
                await self._storage.update_record(
                    stored.key,
                    {"deleted_at": stored.document["deleted_at"], "purged_again": True, "places": []},
                    kind=TOMBSTONE_KIND,
                    created_at=stored.created_at,
                    if_match=stored.etag,
                    if_revision=stored.revision,
                )
            elif age > timedelta(seconds=keep_s):
                await self._storage.delete_record(stored.key)
        return len(page.records), found, page.next_page_token

    async def _put(self, store: JobStore, key: str, fields: Mapping[str, Any], *, if_absent: bool = False) -> None:
        now = store.clock()
        document = {"deleted_at": format_time(now), **fields}
        try:
            await self._storage.create_record(key, document, kind=TOMBSTONE_KIND, created_at=now)
        except AlreadyExists:
            if if_absent:
                return
            stored = await self._storage.get_record(key)
            await self._storage.update_record(
                key,
                document,
                kind=TOMBSTONE_KIND,
                created_at=stored.created_at,
                if_match=stored.etag,
                if_revision=stored.revision,
            )

    async def _exists(self, key: str) -> bool:
        try:
            await self._storage.get_record(key)
        except NotFound:
            return False
        return True

    def _user_key(self, user_id: str) -> str:
        return f"{self._prefix}user-{_digest(user_id)}.json"

    def _job_key(self, kind: JobKind, user_id: str, job_id: str) -> str:
        return f"{self._prefix}job-{_digest(kind.record_key(user_id, job_id))}.json"


async def delete_job(store: JobStore, tombstones: Tombstones, user_id: str, job_id: str) -> JobRecord:
    """Deletes a job and all that belongs to it; returns its last record. Raises NotFound where there is none."""
    record, _ = await store.change(user_id, job_id, lambda found: _mark(found, store.clock()))
    await tombstones.put_job(store, user_id, job_id)
    kind = store.kind
    await purge_places(store.storage, kind.places(user_id, job_id), spared_key=kind.record_key(user_id, job_id))
    return record


def _mark(record: JobRecord, now: datetime) -> JobRecord:
    """What stays of a deleted job until no zombie can write any more: that it was there."""
    return JobRecord(
        tenant=record.tenant,
        user_id=record.user_id,
        job_id=record.job_id,
        status=DELETED,
        created_at=record.created_at,
        updated_at=now,
        generation=record.generation,
        attempt=record.attempt,
    )


async def delete_jobs_of(store: JobStore, tombstones: Tombstones, user_id: str) -> None:
    """Deletes all jobs of a user; what is gone already, or goes meanwhile, is no fault."""
    token = ""
    while True:
        records, token = await store.list_page(user_id=user_id, statuses=(), page_size=200, page_token=token)
        for record in records:
            with contextlib.suppress(NotFound):
                await delete_job(store, tombstones, user_id, record.job_id)
        if not token:
            return


async def purge_places(storage: StorageClient, places: Sequence[str], *, spared_key: str = "") -> int:
    """Deletes prefixes (ending in "/") and single keys; returns how many objects the prefixes held but
    ``spared_key``."""
    found = 0
    for place in places:
        if place.endswith("/"):
            found += await storage.delete_prefix(place, spared_key=spared_key if spared_key.startswith(place) else "")
        else:
            await storage.delete_object(place)
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]

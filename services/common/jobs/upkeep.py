"""Upkeep: every tenant's records, index keys and tombstones, looked at in turn, a bounded piece at a time.

A record finds the index keys and the message that it lacks, an index key the record that contradicts it, a tombstone
what was written after its deletion. Each tenant gets one page before any gets its next, so that none waits for all of
a large one.
"""

import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.context import CallContext, current_principal, new_request_id, serving
from services.common.errors import NotFound, PreconditionFailed
from services.common.identity import service_principal
from services.common.jobs.backlog_loss import BacklogLoss
from services.common.jobs.deletion import ForgetUser, Tombstones, delete_job
from services.common.jobs.kind import OPEN
from services.common.jobs.outbox import Outbox
from services.common.jobs.pace import RECENT
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import JobRecord
from services.common.jobs.store import JobStore
from services.common.logging import get_logger

Maintain = Callable[[JobRecord], Awaitable[None]]

# What a pass looks at before it lets others have their turn: with the default pause, 40 a second.
ITEMS_PER_PASS = 200
_PAGE = 100
# Of those that changed lately: what did not is listed and no more, so that a page may be as long as S3 gives.
_PAGE_OF_RECENT = 1000
# Names are compared again after so long for each listing that the last time took: whatever a tenant has stored, that
# asks S3 ten times a minute for it at most.
_PAUSE_PER_LISTING = timedelta(seconds=6)
_MOST_NO_RECORDS = 10_000


@dataclass(frozen=True, slots=True)
class UpkeepTimes:
    """Ages in seconds: below ``grace_s`` a record is left alone; what was deleted is purged once more after
    ``purge_again_after_s``, and its tombstone forgotten after ``tombstone_lifetime_s``."""

    grace_s: float
    purge_again_after_s: float
    tombstone_lifetime_s: float


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the round stands with one tenant."""

    tenant: str
    phase: int = 0
    token: str = ""


class Upkeep:
    """Rounds over one kind's tenants. ``maintain`` does the service's own upkeep of a terminal record, ``forget_user``
    ends what a user's deletion began."""

    def __init__(
        self,
        store: JobStore,
        queue: JobQueue,
        outbox: Outbox,
        tombstones: Tombstones,
        *,
        times: UpkeepTimes,
        maintain: Maintain | None,
        forget_user: ForgetUser | None = None,
    ) -> None:
        self._store = store
        self._queue = queue
        self._outbox = outbox
        self._tombstones = tombstones
        self._times = times
        self._maintain = maintain
        self._forget_user = forget_user
        self._phases = (self.scan, self.reconcile, self.purge)
        self._places: deque[_Place] = deque()
        self._tenants_token = ""
        self._changed_after: datetime | None = None
        self._finds_unlisted = False
        # By tenant: when names are compared next, and after which. And what stands among records and is none.
        self._unlisted_due: dict[str, datetime] = {}
        self._unlisted_after: dict[str, str] = {}
        self._no_records: set[str] = set()
        self._loss = BacklogLoss()
        self._is_under_way = False
        self._log = get_logger()

    def begin(
        self, *, changed_after: datetime | None, finds_unlisted: bool = False, backlog_made_at: datetime | None = None
    ) -> None:
        """Begins a round: over what was written since, or (None) over everything. ``finds_unlisted`` also looks for
        records that another hand has taken the index keys of, however old they are: where that is due.
        ``backlog_made_at`` is since when the backlog remembers: what ended shortly before is announced again."""
        self._places.clear()
        self._tenants_token = ""
        self._changed_after = self._loss.begin_round(self._store.clock(), changed_after, backlog_made_at)
        self._finds_unlisted = finds_unlisted
        self._is_under_way = True
        if changed_after is None:
            self._no_records.clear()

    @property
    def is_under_way(self) -> bool:
        """Whether the round has not come to its end."""
        return self._is_under_way

    async def advance(self, items: int = ITEMS_PER_PASS) -> None:
        """Looks at about so many records and keys more. A tenant's phase that fails waits for the next round.

        Raises what failed, with everything after it still to come.
        """
        while items > 0 and self._is_under_way:
            if not self._places and not await self._load_tenants():
                return
            place = self._places.popleft()
            following = replace(place, phase=place.phase + 1, token="")
            try:
                with serving(CallContext(new_request_id(), service_principal(place.tenant, self._store.kind.service))):
                    seen, token = await self._phases[place.phase](place.token, self._changed_after)
                if token:
                    following = replace(place, token=token)
                items -= max(1, seen)
            except BaseException:
                self._loss.is_whole = False
                raise
            finally:
                if following.phase < len(self._phases):
                    self._places.append(following)

    async def _load_tenants(self) -> bool:
        """Takes up the next tenants; returns whether there are any, and otherwise ends the round."""
        if self._tenants_token == _LAST:
            self._is_under_way = False
            self._loss.end_round()
            return False
        service = self._store.kind.service
        with serving(CallContext(new_request_id(), service_principal("default", service))):
            page = await self._store.storage.list_tenants(page_token=self._tenants_token)
        self._places.extend(_Place(tenant) for tenant in page.tenants)
        self._tenants_token = page.next_page_token or _LAST
        return True

    async def scan(self, token: str = "", changed_after: datetime | None = None) -> tuple[int, str]:
        """Looks at a page of the current principal's records: their index keys, their messages, their upkeep."""
        kind = self._store.kind
        page = await self._store.storage.scan_records(
            kind.record_prefix,
            suffix=kind.record_suffix,
            page_size=_PAGE,
            page_token=token,
            changed_after=changed_after,
        )
        for stored in page.records:
            if stored.kind != kind.name:
                continue
            if deleted := self._store.read_deleted(stored):
                if self._is_older_than_grace(deleted):
                    # Whoever deleted it may have died before the tombstone that has everything purged again.
                    await self._tombstones.put_job(self._store, deleted.user_id, deleted.job_id, if_absent=True)
                continue
            try:
                record = self._store.read(stored)
            except NotFound:
                continue
            if not self._is_older_than_grace(record):
                continue
            found = await self._store.storage.reindex_record(stored.key, kind=kind.name)
            if found.added:
                self._log.info("index_repaired", job_id=record.job_id, added=found.added)
            if not kind.is_terminal(record.status):
                await self.queue_again(record)
                continue
            if self._maintain:
                await self._maintain(record)
            if self._loss.may_owe(record):
                await self._outbox.announce(record)
                self._loss.note_told(record)
        return len(page.records), page.next_page_token

    def _is_older_than_grace(self, record: JobRecord) -> bool:
        return self._store.clock() - record.updated_at >= timedelta(seconds=self._times.grace_s)

    async def reconcile(self, token: str = "", changed_after: datetime | None = None) -> tuple[int, str]:
        """Looks at a page of the current principal's index keys, and deletes those that their records contradict."""
        kind, tenant, now = self._store.kind, current_principal().tenant, self._store.clock()
        is_due = self._finds_unlisted and now >= self._unlisted_due.get(tenant, now)
        page = await self._store.storage.reconcile_index(
            kind.name,
            page_size=_PAGE if changed_after is None else _PAGE_OF_RECENT,
            page_token=token,
            changed_after=changed_after,
            spared_state=OPEN,  # the outbox's: the sweeper looks at all of them
            records=(kind.record_prefix, kind.record_suffix) if is_due and not token else ("", ""),
            records_after=self._unlisted_after.get(tenant, "") if is_due and not token else "",
        )
        if page.removed:
            self._log.info("index_reconciled", removed=page.removed)
        if page.listings:
            self._unlisted_due[tenant] = self._store.clock() + page.listings * _PAUSE_PER_LISTING
            self._unlisted_after[tenant] = page.unlisted[-1] if page.more_unlisted else ""
        return page.checked + await self._list_again(tenant, page.unlisted), page.next_page_token

    async def _list_again(self, tenant: str, keys: Sequence[str]) -> int:
        """Puts back the index keys of records that lack some; returns how many were looked at.

        What is no record is remembered. A record that lacks nothing is not: names were compared while it changed, and
        its keys may be lost yet."""
        wanted = [key for key in keys if f"{tenant} {key}" not in self._no_records]
        for key in wanted:
            found = await self._store.storage.reindex_record(key, kind=self._store.kind.name)
            if found.added:
                self._log.info("index_repaired", key=key, added=found.added)
            if not found.due and len(self._no_records) < _MOST_NO_RECORDS:
                self._no_records.add(f"{tenant} {key}")
        return len(wanted)

    async def purge(self, token: str = "", changed_after: datetime | None = None) -> tuple[int, str]:
        """Looks at a page of the current principal's tombstones, and purges again what was deleted a while ago.

        Whatever the round looks back to, tombstones are due later than that, and may have been for as long as a held-up
        sweeper missed.
        """
        if changed_after is not None:
            late = timedelta(seconds=self._times.purge_again_after_s) + RECENT
            changed_after = min(changed_after, self._store.clock()) - late
        seen, found, token = await self._tombstones.purge_again(
            self._store,
            after_s=self._times.purge_again_after_s,
            keep_s=self._times.tombstone_lifetime_s,
            page_token=token,
            changed_after=changed_after,
            forget_user=self._forget_user,
        )
        if found:
            self._log.info("purged_again", objects=found)
        return seen, token

    async def queue_again(self, record: JobRecord) -> bool:
        """Queues an open job that may have no message; returns whether it had none. A deleted user's goes: whoever
        accepted it has died before it looked for the user's tombstone."""
        try:
            await self._tombstones.check(self._store.kind, record.user_id)
        except PreconditionFailed:
            with contextlib.suppress(NotFound):
                await delete_job(self._store, self._tombstones, record.user_id, record.job_id)
            return False
        return await self._queue.publish(record)

    async def settle(self, record: JobRecord, *, run: int | None = None) -> None:
        """Does for a terminal record what whoever ended it did not come to; ``run`` is that of the index key which
        says so."""
        if self._maintain:
            await self._maintain(record)
        await self._outbox.deliver(record, run=run)


# No page's token: after the last tenants.
_LAST = "\0"

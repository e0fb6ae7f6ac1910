"""The sweeper closes every gap between record, index and message. One of a service's API processes sweeps at a time;
two at once do no harm.

Each sweep walks the index of open jobs of every tenant: those without a message are queued again, so that the queues
can be rebuilt from nothing; those that have ended owe their news, and are delivered. ``upkeep`` looks at everything
else in rounds. Where nothing happens it looks less often (``pace``).
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import nats.errors

from services.common.context import CallContext, new_request_id, serving
from services.common.errors import NotFound, WealthError
from services.common.identity import service_principal
from services.common.jobs.broker import Broker
from services.common.jobs.deletion import ForgetUser, Tombstones
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.leadership import Leadership, LedComponent
from services.common.jobs.outbox import Outbox
from services.common.jobs.pace import Pace
from services.common.jobs.queue import BacklogMark, JobQueue
from services.common.jobs.store import JobKey, JobStore
from services.common.jobs.topology import LEADER_TTL_S, job_subject
from services.common.jobs.upkeep import Maintain, Upkeep, UpkeepTimes
from services.common.logging import get_logger


@dataclass(frozen=True, slots=True)
class _Queued:
    """What stands in the backlog, by tenant and job, and when that was asked."""

    jobs: frozenset[str]
    at: float


class Sweeper(LedComponent):
    """A component of an API process.

    ``grace_s`` is how old a record must be before it is repaired: what is younger may be on its way. ``maintain`` does
    the service's own upkeep of one record of the slow scan (outputs by fixed names, leftovers of lost attempts),
    ``forget_user`` ends what a user's deletion began.
    """

    def __init__(
        self,
        broker: Broker,
        store: JobStore,
        queue: JobQueue,
        outbox: Outbox,
        tombstones: Tombstones,
        *,
        keeper: TopologyKeeper,
        interval_s: float = 5,
        grace_s: float = 5,
        reconcile_interval_s: float = 60,
        scan_interval_s: float = 6 * 3600,
        purge_again_after_s: float = 300,
        tombstone_lifetime_s: float = 8 * 24 * 3600,
        maintain: Maintain | None = None,
        forget_user: ForgetUser | None = None,
    ) -> None:
        super().__init__("sweeper", Leadership(broker, f"sweeper-{store.kind.service}"))
        self._broker = broker
        self._store = store
        self._queue = queue
        self._keeper = keeper
        self._interval_s = interval_s
        self._grace = timedelta(seconds=grace_s)
        self._pace = Pace(
            reconcile_interval_s=reconcile_interval_s, scan_interval_s=scan_interval_s, clock=time.monotonic
        )
        self._queued = _Queued(frozenset(), -1.0)
        self._mark: BacklogMark | None = None
        times = UpkeepTimes(grace_s, purge_again_after_s, tombstone_lifetime_s)
        self.upkeep = Upkeep(store, queue, outbox, tombstones, times=times, maintain=maintain, forget_user=forget_user)
        self._log = get_logger()

    async def _run(self) -> None:
        await self._broker.wait_connected()
        while True:
            try:
                if await self._keeper.take_lead(self._leadership):
                    async with asyncio.timeout(LEADER_TTL_S * 10):
                        await self._look_for_activity()
                        if self._pace.begin_sweep():
                            await self.sweep_tenants()
                        await self._keep_up()
                else:
                    self._pace.note_activity()  # whoever has the lead knows
            except (WealthError, TimeoutError, nats.errors.Error) as error:
                self._pace.note_activity()
                self._log.warning("sweep_deferred", error=f"{type(error).__name__}: {error}")
            except Exception:  # noqa: BLE001 - the sweeper is the last resort: it must not end
                self._pace.note_activity()
                self._log.exception("sweep_failed")
            await asyncio.sleep(self._interval_s)

    async def _look_for_activity(self) -> None:
        """Asks NATS, which is cheap: whatever was accepted, ended or lost since shows in the backlog."""
        mark = await self._queue.mark()
        if mark.jobs or mark != self._mark:
            self._pace.note_activity()
        self._mark = mark

    async def _keep_up(self) -> None:
        """Goes on with the round that is under way, or begins one that is due: over everything, or what changed."""
        if not self.upkeep.is_under_way and (due := self._pace.begin_round()):
            since = self._store.clock() - due.since if due.since is not None else None
            made_at = self._mark.made_at if self._mark else None
            self.upkeep.begin(changed_after=since, finds_unlisted=due.finds_unlisted, backlog_made_at=made_at)
        if self.upkeep.is_under_way:
            await self.upkeep.advance()

    async def sweep_tenants(self) -> None:
        """Looks at the open jobs of every tenant once."""
        token = ""
        service = self._store.kind.service
        with serving(CallContext(new_request_id(), service_principal("default", service))):
            while True:
                page = await self._store.storage.list_tenants(page_token=token)
                for tenant in page.tenants:
                    with serving(CallContext(new_request_id(), service_principal(tenant, service))):
                        await self.sweep(tenant)
                token = page.next_page_token
                if not token:
                    return

    async def sweep(self, tenant: str) -> int:
        """Queues a tenant's open jobs that have no message; returns how many. Acts for the current principal."""
        kind, republished = self._store.kind, 0
        queued = await self._list_queued()
        now = self._store.clock()
        async for key in self._store.open_keys():
            self._pace.note_activity()
            job_id = kind.job_id_of(key.key)
            subject = job_subject(kind.service, tenant, job_id, 0).rpartition(".")[0]
            if subject not in queued and now - key.created_at >= self._grace:
                republished += await self._repair(key, job_id)
        if republished:
            self._log.info("jobs_queued_again", tenant=tenant, count=republished)
        return republished

    async def _list_queued(self) -> frozenset[str]:
        """Whose jobs stand in the backlog, asked once for all tenants; again where that is older than jobs that are
        repaired."""
        now = time.monotonic()
        if self._queued.at < 0 or now - self._queued.at >= self._grace.total_seconds():
            subjects = await self._queue.queued_subjects()
            self._queued = _Queued(frozenset(subject.rpartition(".")[0] for subject in subjects), now)
        return self._queued.jobs

    async def _repair(self, key: JobKey, job_id: str) -> int:
        kind = self._store.kind
        try:
            record = await self._store.get(key.user_id, job_id)
        except NotFound:
            await self._store.storage.reindex_record(
                key.key,
                kind=kind.name,
                user_id=key.user_id,
                created_at=key.created_at,
                states=kind.index_states,
                run=key.run,
            )
            return 0
        if self._store.clock() - record.updated_at < self._grace:
            return 0
        if kind.is_terminal(record.status):
            await self.upkeep.settle(record, run=key.run)
            return 0
        return int(await self.upkeep.queue_again(record))

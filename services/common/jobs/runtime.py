"""Everything about one kind of job, put together once: what an API role and a worker role of a service start from."""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wealth.jobs.v1 import jobs_pb2

from services.common.context import current_principal
from services.common.errors import Denied, InvalidInput, NotFound, PreconditionFailed, Unavailable
from services.common.identity import Principal, find_user_fault
from services.common.jobs.acceptance import Acceptance
from services.common.jobs.broker import Broker
from services.common.jobs.caps import UnfinishedCaps
from services.common.jobs.deletion import ForgetUser, Tombstones
from services.common.jobs.dispatcher import Dispatcher
from services.common.jobs.events import EventFeed, EventPublisher
from services.common.jobs.handler import JobHandler
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.kind import JobKind
from services.common.jobs.outbox import Outbox
from services.common.jobs.presence import list_workers
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import JobRecord
from services.common.jobs.settings import JobSettings
from services.common.jobs.store import JobStore
from services.common.jobs.sweeper import Sweeper
from services.common.jobs.upkeep import Maintain
from services.common.jobs.watch import News, watch_job
from services.common.jobs.worker import JobWorker
from services.common.paging import PageSeal, decode_page_token, encode_page_token
from services.common.server import Component
from services.common.storage import StorageClient

_COUNT_LIFETIME_S = 60.0
_MOST_COUNTED = 10_000
_TENANTS_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class StorageClientComponent:
    """Closes the storage channel with the process."""

    client: StorageClient

    async def start(self) -> None:
        """The channel connects on first use."""

    async def drain(self) -> None:
        """Others still need it while they drain."""

    async def stop(self) -> None:
        """Closes the channel."""
        await self.client.close()


def _holder_of(principal: Principal) -> tuple[str, ...]:
    """Who may come back with a page token: any key for the same users of the tenant."""
    return (principal.tenant, *sorted(principal.users))


class JobRuntime:
    """The parts of the job protocol for one kind, over one NATS connection and one storage client."""

    def __init__(self, kind: JobKind, settings: JobSettings, key: Ed25519PrivateKey, storage: StorageClient) -> None:
        self.kind = kind
        self._settings = settings
        self.broker = Broker(settings.nats_url.get_secret_value(), name=kind.service, tls=settings.nats_tls())
        self.keeper = TopologyKeeper(self.broker, settings.topology(), kind.service)
        self.storage = storage
        self.store = JobStore(storage, kind)
        self.queue = JobQueue(self.broker, kind)
        self.publisher = EventPublisher(self.broker, kind)
        self.outbox = Outbox(self.store, self.queue, self.publisher)
        self.feed = EventFeed(self.broker, kind)
        self.tombstones = Tombstones(storage, kind.service)

        # Derived, so that all replicas agree without another secret to hand out.
        def derive(use: bytes) -> bytes:
            return hashlib.sha256(use + key.private_bytes_raw()).digest()

        self._page_seal = PageSeal(derive(b"pages"))
        self.caps = UnfinishedCaps(
            self.queue, tenant=settings.jobs_max_unfinished, user=settings.jobs_max_unfinished_of_user
        )
        self._counting = asyncio.Lock()
        self._counted: dict[str, tuple[float, int]] = {}
        self.acceptance = Acceptance(
            self.store,
            self.queue,
            self.publisher,
            self.outbox,
            self.tombstones,
            secret=derive(b"idempotency"),
            caps=self.caps,
            idempotency_lifetime_s=settings.idempotency_lifetime_s,
        )

    def api_components(
        self, *, maintain: Maintain | None = None, forget_user: ForgetUser | None = None
    ) -> list[Component]:
        """What an API role runs beside its server: the event feed, the sweeper and the dispatcher."""
        settings = self._settings
        sweeper = Sweeper(
            self.broker,
            self.store,
            self.queue,
            self.outbox,
            self.tombstones,
            keeper=self.keeper,
            interval_s=settings.jobs_sweep_interval_s,
            grace_s=settings.jobs_grace_s,
            reconcile_interval_s=settings.jobs_reconcile_interval_s,
            scan_interval_s=settings.jobs_scan_interval_s,
            purge_again_after_s=settings.jobs_purge_again_after_s,
            maintain=maintain,
            forget_user=forget_user,
        )
        return [self.feed, sweeper, self.dispatcher()]

    def dispatcher(self, **options: float) -> Dispatcher:
        """What hands out the jobs of the backlog."""
        return Dispatcher(self.broker, self.kind, self.queue, weights=self._settings.jobs_tenant_weights, **options)

    def worker(self, handler: JobHandler) -> JobWorker:
        """What a worker role runs."""
        return JobWorker(
            self.broker,
            store=self.store,
            publisher=self.publisher,
            outbox=self.outbox,
            handler=handler,
            limits=self._settings.worker_limits(),
            storage_ready=self.storage.check,
        )

    async def get_visible(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        """Reads a job that the principal may see. Raises NotFound where there is none or it is somebody else's."""
        if user_id and not principal.may_act_for(user_id):
            raise self.kind.missing(job_id)
        record = await self.store.get(user_id, job_id)
        if not principal.may_act_for(record.user_id):
            raise self.kind.missing(job_id)
        return record

    async def list_visible(
        self,
        principal: Principal,
        *,
        user_id: str,
        status: str,
        page_size: int,
        page_token: str,
        open_only: bool = False,
    ) -> tuple[list[JobRecord], str]:
        """Lists a user's jobs newest first, or those of all users that the principal may act for.

        ``status`` picks those that stand so, ``open_only`` without a status those that have not ended. A page may be
        short for a principal of several users, whose jobs are picked out of the tenant's. Raises NotFound for a user
        whom the principal may not act for.
        """
        if user_id and not principal.may_act_for(user_id):
            raise NotFound("no such user")
        if not user_id and len(principal.users) == 1 and not principal.acts_for_all_users:
            user_id = next(iter(principal.users))
        wanted = (status,) if status else self.kind.open_statuses if open_only else ()
        holder = _holder_of(principal)
        records, token = await self.store.list_page(
            user_id=user_id, statuses=wanted, page_size=page_size, page_token=self._page_seal.open(page_token, holder)
        )
        seen = [record for record in records if principal.may_act_for(record.user_id)]
        return seen, self._page_seal.seal(token, holder)

    async def watch(
        self, principal: Principal, user_id: str, job_id: str, after_revision: int
    ) -> AsyncGenerator[News, None]:
        """Yields a visible job's news until it is terminal. Raises NotFound as ``get_visible`` does."""
        await self.get_visible(principal, user_id, job_id)
        news = watch_job(
            self.kind,
            self.feed,
            lambda: self.store.get(user_id, job_id),
            tenant=principal.tenant,
            job_id=job_id,
            after_revision=after_revision,
        )
        async with aclosing(news):
            async for item in news:
                yield item

    def require_user(self, principal: Principal, user_id: str, field: str) -> None:
        """Raises Denied where the principal may not act for the user that a request's body names, InvalidInput where
        nobody can be called so."""
        if why := find_user_fault(user_id):
            raise InvalidInput(f"the {field} {why}", reason="USER_ID_INVALID", field=field)
        if not principal.may_act_for(user_id):
            raise Denied(f"the key may not act for this {field}", reason="USER_NOT_ALLOWED", metadata={"field": field})

    async def mark_user_deleted(self, principal: Principal, user_id: str, places: Sequence[str]) -> None:
        """Begins a user's deletion: from here on nothing of theirs is accepted, and what is cut short is ended later.

        Raises NotFound where the principal may not act for the user, InvalidInput where nobody can be called so.
        """
        if not principal.may_act_for(user_id):
            raise NotFound("no such user")
        self.require_user(principal, user_id, "user_id")
        await self.tombstones.put_user(self.store, user_id, places)

    async def cancel(self, record: JobRecord) -> JobRecord:
        """Makes an open job cancelled; whoever holds it lets go. Raises PreconditionFailed where it has ended."""

        def change(current: JobRecord) -> JobRecord:
            if self.kind.is_terminal(current.status):
                raise PreconditionFailed(
                    f"the {self.kind.noun} has ended as {current.status}",
                    reason=f"{self.kind.noun.upper()}_TERMINAL",
                )
            now = self.store.clock()
            return current.note(now, self.kind.cancelled, current.progress, "cancelled on request").finished(now)

        _, after = await self.store.change(record.user_id, record.job_id, change)
        # Where it fails, whoever holds the message finds the record terminal, or the sweeper finds it in the outbox.
        with contextlib.suppress(Unavailable):
            await self.outbox.deliver(after)
        return after

    async def list_dead_letters(
        self, principal: Principal, *, page_size: int, page_token: str
    ) -> tuple[list[jobs_pb2.DeadLetter], str]:
        """Lists given-up jobs of users that an operator may act for, newest first, without those replayed since."""
        principal.require_scope("admin")
        query = ("dead_letters", principal.tenant)
        holder = _holder_of(principal)
        position = decode_page_token(self._page_seal.open(page_token, holder), query)
        letters = [
            letter
            for letter in await self.queue.dead_letters(principal.tenant)
            if (not position or letter.sequence < int(position)) and principal.may_act_for(letter.locator.user_id)
        ]
        page = []
        for letter in letters[:page_size]:
            locator = letter.locator
            try:
                record = await self.store.get(locator.user_id, locator.job_id)
            except NotFound:
                continue
            if record.generation == locator.generation and record.error and record.finished_at:
                item = jobs_pb2.DeadLetter(
                    job_id=record.job_id,
                    user_id=record.user_id,
                    generation=record.generation,
                    attempts=record.attempts_used,
                    error=jobs_pb2.JobError(code=record.error.code, message=record.error.message),
                )
                item.failed_at.FromDatetime(record.finished_at)
                page.append(item)
        rest = letters[page_size:]
        token = encode_page_token(str(letters[page_size - 1].sequence) if rest else "", query)
        return page, self._page_seal.seal(token, holder)

    async def describe_queue(self, *, count_all: bool = False) -> jobs_pb2.Queue:
        """Counts queue and workers together, and with ``count_all`` the tenant's jobs.

        Raises Unavailable where NATS does not answer, or storage where it is asked.
        """
        (held, _, limit), workers, dead_letters = await asyncio.gather(
            self.queue.depth(), list_workers(self.broker, self.kind.service), self.queue.count_dead_letters()
        )
        slots = sum(worker.slots for worker in workers)
        busy = min(sum(worker.busy for worker in workers), held)
        waiting = max(0, held - busy)
        finished = sum(worker.finished for worker in workers)
        queue = jobs_pb2.Queue(
            max_workers=slots,
            active_jobs=busy,
            available_workers=max(0, slots - busy),
            queue_size=waiting,
            max_queue_size=max(0, limit),
            worker_processes=len(workers),
            dead_letters=dead_letters,
            open_jobs=held,
        )
        if count_all:
            queue.total_jobs = await self._count_all()
        if waiting == 0 and slots > busy:
            queue.estimated_wait_s = 0
        elif finished and slots:
            mean_s = sum(worker.busy_s for worker in workers) / finished
            queue.estimated_wait_s = round(mean_s * (waiting + 1) / slots, 3)
        return queue

    async def _count_all(self) -> int:
        """The current tenant's jobs. A count walks the index, so that anybody's asking costs one walk a minute."""
        tenant = current_principal().tenant
        async with self._counting:
            counted_at, count = self._counted.get(tenant, (-_COUNT_LIFETIME_S, 0))
            if time.monotonic() - counted_at >= _COUNT_LIFETIME_S:
                count = await self.store.count(_MOST_COUNTED)
                if len(self._counted) >= _TENANTS_COUNTED:
                    self._counted.clear()
                self._counted[tenant] = (time.monotonic(), count)
            return count

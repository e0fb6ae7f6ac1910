"""How many jobs that have not ended a tenant and a user may have, over all processes that accept."""

import asyncio
import time

from services.common.errors import Exhausted, Unavailable
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import JobRecord

TOO_MANY = "TOO_MANY_UNFINISHED_JOBS"
_RETRY_AFTER_S = 30.0
# With so much room below the cap a count of a second ago is enough: six times what all processes of a suite as large as
# the manifests allow accept within that second. With less, and for small caps always, the count is asked for.
_COUNT_AGE_S = 1.0
_ROOM = 1_000
_REMEMBERED = 2000


class UnfinishedCaps:
    """Refuses what would be one job too many.

    A cap holds over any number of processes: a job counts once its message stands in the backlog, and whoever finds
    more than the cap after putting its own there takes it out again. At the cap two at once may both be refused.
    """

    def __init__(self, queue: JobQueue, *, tenant: int, user: int) -> None:
        self._queue = queue
        self._tenant_cap = tenant
        self._user_cap = user
        self._counts: dict[tuple[str, str | None], tuple[float, int]] = {}

    async def check(self, tenant: str, user_id: str) -> None:
        """Raises Exhausted where the tenant or the user has as many as they may already; a first look before any work.

        Where NATS does not answer it passes: the record is what makes a job, and the backlog's bound comes later.
        """
        await self._require(tenant, user_id, more=1)

    async def confirm(self, record: JobRecord) -> None:
        """Raises Exhausted where a job that was just put into the backlog is one too many."""
        for key in ((record.tenant, None), (record.tenant, record.user_id)):
            counted_at, count = self._counts.get(key, (0.0, 0))
            self._counts[key] = counted_at, count + 1
        await self._require(record.tenant, record.user_id, more=0, sure=True)

    async def _require(self, tenant: str, user_id: str, *, more: int, sure: bool = False) -> None:
        try:
            of_tenant, of_user = await asyncio.gather(
                self._count(tenant, None, self._tenant_cap, sure), self._count(tenant, user_id, self._user_cap, sure)
            )
        except Unavailable:
            return
        for whose, count, cap in (("the user", of_user, self._user_cap), ("the tenant", of_tenant, self._tenant_cap)):
            if count + more > cap:
                raise Exhausted(
                    f"{whose} has {count} jobs that have not ended yet; at most {cap} may wait or run",
                    reason=TOO_MANY,
                    retry_after_s=_RETRY_AFTER_S,
                )

    async def _count(self, tenant: str, user_id: str | None, cap: int, sure: bool) -> int:
        """The jobs that have not ended, exact where they are near the cap. ``sure``: nothing older will do there."""
        key = (tenant, user_id)
        counted_at, count = self._counts.get(key, (0.0, 0))
        is_near = count + _ROOM > cap
        if time.monotonic() - counted_at > _COUNT_AGE_S or (sure and is_near):
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            counted_at = time.monotonic()
            count = await self._queue.count_unfinished(tenant, user_id)
            self._counts[key] = counted_at, count
        return count

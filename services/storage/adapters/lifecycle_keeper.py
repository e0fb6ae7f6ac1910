"""Keeps the bucket's expiry rules up to date while the service runs: a tenant's rules cannot be there before it is."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from services.common.errors import WealthError
from services.common.logging import get_logger
from services.common.tasks import stop_task
from services.storage.domain.lifecycle import TooManyRules


class LifecycleKeeper:
    """Calls ``refresh`` every ``interval_s``. Several at once, as in several pods, do no harm.

    Rules count in days, so what a new tenant writes before it has them expires no later for it.
    """

    def __init__(self, refresh: Callable[[], Awaitable[object]], *, interval_s: float) -> None:
        self._refresh = refresh
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins somewhere within the first interval, so that pods started together do not ask together."""
        self._task = asyncio.create_task(self._run(), name="lifecycle-keeper")

    async def stop(self) -> None:
        """Ends at once; a request that is under way is cut."""
        await stop_task(self._task)

    async def _run(self) -> None:
        pause_s = random.uniform(0, self._interval_s)
        while True:
            await asyncio.sleep(pause_s)
            pause_s = self._interval_s
            try:
                await self._refresh()
            except (WealthError, TooManyRules) as error:
                # Away, not allowed, or more tenants than S3 takes rules for: what stands stays in force.
                get_logger().warning("lifecycle_rules_not_set", reason=getattr(error, "reason", ""), error=str(error))

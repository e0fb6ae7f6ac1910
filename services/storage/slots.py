"""How much is served at once, of all tenants and of one: whatever a tenant leaves hanging, a quarter is others'."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.common.errors import Exhausted

# Of one tenant: an installation may have no other, and two that conspire are not what this is for.
_SHARE = 3 / 4


class _Line:
    """A bound on what is served at once: a short line forms above it, and above that calls are refused."""

    def __init__(self, count: int, what: str, *, wait_s: float, max_waiting: int) -> None:
        self._slots = asyncio.Semaphore(count)
        self._what = what
        self._wait_s = wait_s
        self._max_waiting = max_waiting
        self._waiting = 0
        self.holders = 0

    def give_back(self) -> None:
        """Frees a slot that was taken."""
        self._slots.release()

    async def take(self) -> None:
        """Takes a slot. Raises Exhausted where none comes free in time, or too many wait for one already."""
        if not self._slots.locked():
            await self._slots.acquire()
            return
        refused = Exhausted(f"storage serves as many {self._what} as it can", reason="STORAGE_BUSY")
        if self._waiting >= self._max_waiting:
            raise refused
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_s):
                await self._slots.acquire()
        except TimeoutError:
            raise refused from None
        finally:
            self._waiting -= 1


class Slots:
    """``count`` calls at once, ``max_waiting`` that wait ``wait_s`` at most; of one tenant three quarters of each."""

    def __init__(self, count: int, what: str, *, wait_s: float, max_waiting: int) -> None:
        self._count = count
        self._what = what
        self._wait_s = wait_s
        self._max_waiting = max_waiting
        self._all = self._make_line(1.0)
        self._of_tenant: dict[str, _Line] = {}

    @asynccontextmanager
    async def taken(self, tenant: str) -> AsyncIterator[None]:
        """Holds a slot of a tenant's. Raises Exhausted where none comes free in time, or too many wait already."""
        line = self._of_tenant.get(tenant) or self._of_tenant.setdefault(tenant, self._make_line(_SHARE))
        line.holders += 1
        try:
            await line.take()
            try:
                await self._all.take()
                try:
                    yield
                finally:
                    self._all.give_back()
            finally:
                line.give_back()
        finally:
            line.holders -= 1
            if not line.holders:
                self._of_tenant.pop(tenant, None)

    def _make_line(self, share: float) -> _Line:
        count = max(1, int(self._count * share))
        return _Line(count, self._what, wait_s=self._wait_s, max_waiting=int(self._max_waiting * share))

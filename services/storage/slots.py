"""How much is served at once, of all tenants and of one: whatever a tenant leaves hanging, a quarter is others'."""

import asyncio

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

    def taken(self, tenant: str) -> "_Held":
        """Holds a slot of a tenant's for a block of ``async with``. Raises Exhausted where none comes free in time, or
        too many wait already."""
        return _Held(self, tenant)

    async def take(self, tenant: str) -> None:
        """Takes a slot of a tenant's: one in its own line, then one in that of all. Raises as ``taken``."""
        line = self._of_tenant.get(tenant) or self._of_tenant.setdefault(tenant, self._make_line(_SHARE))
        line.holders += 1
        try:
            await line.take()
            try:
                await self._all.take()
            except BaseException:
                line.give_back()
                raise
        except BaseException:
            self._leave(tenant, line)
            raise

    def give_back(self, tenant: str) -> None:
        """Frees a slot that was taken."""
        line = self._of_tenant[tenant]
        self._all.give_back()
        line.give_back()
        self._leave(tenant, line)

    def _leave(self, tenant: str, line: _Line) -> None:
        line.holders -= 1
        if not line.holders:
            self._of_tenant.pop(tenant, None)

    def _make_line(self, share: float) -> _Line:
        count = max(1, int(self._count * share))
        return _Line(count, self._what, wait_s=self._wait_s, max_waiting=int(self._max_waiting * share))


class _Held:
    """A slot for the time of a block: around every call, so without a generator's cost."""

    __slots__ = ("_slots", "_tenant")

    def __init__(self, slots: Slots, tenant: str) -> None:
        self._slots = slots
        self._tenant = tenant

    async def __aenter__(self) -> None:
        await self._slots.take(self._tenant)

    async def __aexit__(self, *_: object) -> None:
        self._slots.give_back(self._tenant)

"""Who is let in, and how much at once: the same for REST, pages and the gRPC door."""

import asyncio
import enum
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from prometheus_client import Gauge

from services.common.errors import Denied, Exhausted, Unauthenticated
from services.common.identity import ALL_USERS, Principal
from services.common.limits import Slots, TokenBucket
from services.gateway.domain.shares import CALL_BYTES, MOST_WAIT_S, ONE_CALL, Kind, Shares
from services.gateway.domain.strangers import Peers, StrangerLimits, Strangers, Waiting
from services.gateway.keys import KeyRecord, KeyRing

WATCHERS = Gauge("wealth_gateway_watchers", "Event streams open, over REST and gRPC")
OPEN_TASKS_KEY_ID = "open-tasks"
ANY_SCOPE = ""
"""Of a method that any key may call: the service behind it says what that one gets."""
_MAX_REMEMBERED_KEYS = 10_000
_BUSY_RETRY_S = 1.0
# Answers that say "too often" come half a second later, and 64 at once for one key or peer wait: some 130 a second. Of
# all strangers together no more wait, for peers are easily had.
_SLOW_REASONS = frozenset({"RATE_LIMITED", "TOO_MANY_CALLS", "TOO_MANY_REFUSALS"})
_SLOW_S = 0.5
_PAID_AT_ONCE_BYTES = 4 * CALL_BYTES
_MAX_SLOW = 64


def _nobody_asks() -> None:
    """There is no connection to tell."""


class Occupies(enum.Enum):
    """What a call takes up while it runs."""

    CALL = "call"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults for keys that bring none, and the bounds of this process.

    ``shared_rate_per_s`` is what a tenant has while others call too.
    """

    rate_per_s: float
    burst: int
    shared_rate_per_s: float
    concurrency: int
    max_watchers: int
    max_watchers_per_key: int


@dataclass(slots=True)
class Admitted:
    """A call that was let in; ``release`` must be called once it is over, and does nothing the second time.

    ``holds`` says whether its key, as it is now, still lets it be: a call that lasts asks again and again. ``pay``
    waits until the tenant's share has room for what a number of bytes cost, and is called for those of a body that is
    parsed. ``waited_s`` is how long the call waited for its turn.
    """

    key_id: str
    principal: Principal
    holds: Callable[[], bool]
    pay: Callable[[int], Awaitable[None]]
    waited_s: float = 0.0
    answered_bytes: int = 0
    _taken: list[Slots] = field(default_factory=list)
    _settle: Callable[[int], None] | None = None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Counts what services answer inside of the block for this call's."""
        token = _answering.set(self)
        try:
            yield
        finally:
            _answering.reset(token)

    def release(self) -> None:
        """Gives back what the call took up, and notes what it came to."""
        if self._settle is not None:
            self._settle(self.answered_bytes)
            self._settle = None
        while self._taken:
            self._taken.pop().give_back()


_answering: ContextVar[Admitted | None] = ContextVar("answering", default=None)


def note_answer(count: int) -> None:
    """Counts the bytes of a service's answer for the call being served: what it is sent on as may be smaller."""
    admitted = _answering.get()
    if admitted is not None:
        admitted.answered_bytes += count


@dataclass(slots=True)
class _Usage:
    bucket: TokenBucket
    calls: Slots
    watches: Slots

    def is_idle(self, now_s: float) -> bool:
        return not self.calls.used and not self.watches.used and self.bucket.is_full(now_s)


class Admission:
    """Checks a key, its scope and its limits. All in memory: a check costs microseconds."""

    def __init__(
        self,
        ring: KeyRing,
        limits: Limits,
        *,
        strangers: Strangers | None = None,
        peers: Peers | None = None,
        open_tasks_tenant: str | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.strangers = strangers or Strangers(StrangerLimits(connections=64, all_connections=512))
        self.peers = peers or Peers()
        self._ring = ring
        self._limits = limits
        self._open_tasks_tenant = open_tasks_tenant
        self._monotonic_s = monotonic_s
        self._sleep = sleep
        self._usage: dict[str, _Usage] = {}
        self._refused: dict[str, Slots] = {}
        self._watchers = Slots(limits.max_watchers)
        self._shares = Shares(limits.shared_rate_per_s, limits.rate_per_s)
        WATCHERS.set_function(lambda: self.watchers)

    @property
    def watchers(self) -> int:
        """Event streams that run now."""
        return self._watchers.used

    async def admit(
        self,
        key_text: str | None,
        scope: str,
        occupies: Occupies = Occupies.CALL,
        *,
        peer: str = "",
        identify: Callable[[], None] = _nobody_asks,
        kind: Kind = ONE_CALL,
    ) -> Admitted:
        """Lets a call in by its key, once it is its turn; ``peer`` pays for those without a valid one.

        ``identify`` is told before the call waits that it will be let in: its connection is no stranger's. ``kind`` is
        what it counts as in its tenant's share.

        Raises Unauthenticated without a valid key, Denied without the scope, Exhausted above a limit.
        """
        return await self._admit_record(self._authenticate(key_text, peer), scope, occupies, identify, kind)

    async def admit_session(
        self,
        key_id: str,
        scope: str,
        occupies: Occupies = Occupies.CALL,
        *,
        identify: Callable[[], None] = _nobody_asks,
        kind: Kind = ONE_CALL,
    ) -> Admitted:
        """Lets a call in by the key that a session was opened with. Raises as ``admit`` does."""
        return await self._admit_record(self._ring.find(key_id), scope, occupies, identify, kind)

    async def admit_open_task(
        self,
        key_text: str | None,
        occupies: Occupies = Occupies.CALL,
        *,
        peer: str = "",
        identify: Callable[[], None] = _nobody_asks,
        kind: Kind = ONE_CALL,
    ) -> Admitted:
        """Lets a task call in, without a key too where the older task clients are still allowed that."""
        if key_text or self._open_tasks_tenant is None:
            return await self.admit(key_text, "portfolio", occupies, peer=peer, identify=identify, kind=kind)
        principal = Principal(
            self._open_tasks_tenant, OPEN_TASKS_KEY_ID, frozenset({ALL_USERS}), frozenset({"portfolio"})
        )
        return await self._occupy(OPEN_TASKS_KEY_ID, principal, None, None, occupies, identify, kind)

    async def authenticate(self, key_text: str | None, *, peer: str = "") -> KeyRecord:
        """Checks a key alone, within its rate: for opening a session. Raises as ``admit`` does."""
        record = self._authenticate(key_text, peer)
        (await self._admit_record(record, ANY_SCOPE, Occupies.CALL, _nobody_asks, ONE_CALL)).release()
        return record

    def find(self, key_id: str) -> KeyRecord:
        """Returns the record of a session's key. Raises Unauthenticated where it is gone."""
        return self._ring.find(key_id)

    def let_wait(self, address: str, evict: Callable[[], None]) -> Waiting:
        """Counts a connection from ``address`` among strangers'; ``evict`` closes it where there are too many."""
        return self.strangers.enter(self.peers.find(address), evict, self._monotonic_s())

    def take_call(self, peer: str, *, is_probe: bool = False) -> float | None:
        """Counts a call without a valid key: in how many seconds it is answered, be it by a refusal; None for never."""
        if self._open_tasks_tenant is not None:
            return 0.0
        return self.strangers.take_call(peer, self._monotonic_s(), is_probe=is_probe)

    def knows(self, key_text: str | None) -> bool:
        """Whether this is a valid key; costs nobody anything."""
        try:
            self._ring.authenticate(key_text)
        except Unauthenticated:
            return False
        return True

    @asynccontextmanager
    async def slow_refusals(self, key_text: str | None, cut_off: Callable[[], None]) -> AsyncIterator[None]:
        """Lets whoever calls too often wait for the answer that says so: each of their connections then costs little.

        Of more answers than may wait at once, for a key or for all without one, the connection is cut off instead.
        """
        try:
            yield
        except Exhausted as error:
            if error.reason not in _SLOW_REASONS:
                raise
            is_strangers = error.reason == "TOO_MANY_REFUSALS"
            holder = "strangers" if is_strangers else f"key {(key_text or '').partition('.')[0]}"
            slots = self._refused.setdefault(holder, Slots(_MAX_SLOW))
            if not slots.take():
                cut_off()
                raise
            try:
                await self._wait()
            finally:
                slots.give_back()
                if not slots.used:
                    self._refused.pop(holder, None)
            raise

    @staticmethod
    async def _wait() -> None:
        await asyncio.sleep(_SLOW_S)

    def may_send_on(self, peer: str, count: int) -> bool:
        """Whether more of a refused call's body may be read, after ``count`` bytes of it."""
        return self.strangers.take_bytes(peer, count, self._monotonic_s())

    def _authenticate(self, key_text: str | None, peer: str) -> KeyRecord:
        try:
            return self._ring.authenticate(key_text)
        except Unauthenticated:
            wait_s = self.strangers.refuse(peer, self._monotonic_s())
            if wait_s > 0:
                raise Exhausted(
                    "too many calls without a valid key from this address",
                    reason="TOO_MANY_REFUSALS",
                    retry_after_s=wait_s,
                ) from None
            raise

    async def _admit_record(
        self, record: KeyRecord, scope: str, occupies: Occupies, identify: Callable[[], None], kind: Kind
    ) -> Admitted:
        if scope not in record.scopes and scope != ANY_SCOPE:
            raise Denied(f"the key lacks the scope {scope!r}", reason="SCOPE_MISSING", metadata={"scope": scope})
        return await self._occupy(
            record.id, record.principal, record.rate_per_s, record.concurrency, occupies, identify, kind
        )

    async def _occupy(
        self,
        key_id: str,
        principal: Principal,
        rate_per_s: float | None,
        concurrency: int | None,
        occupies: Occupies,
        identify: Callable[[], None],
        kind: Kind,
    ) -> Admitted:
        """Takes up what the call does, then waits for its turn: its key's, or its tenant's where that is later."""
        now_s = self._monotonic_s()
        usage = self._usage_of(key_id, rate_per_s, concurrency, now_s)
        # A key that may call more often than others has a share of its process in proportion.
        weight = max(1.0, usage.bucket.rate_per_s / self._limits.rate_per_s)
        turn = partial(self._come_to_turn, principal.tenant, weight)
        admitted = Admitted(key_id, principal, lambda: self._is_as_it_was(key_id, principal), partial(_pay, turn))
        wanted = [usage.calls] if occupies is Occupies.CALL else [usage.watches, self._watchers]
        for slots in wanted:
            if not slots.take():
                admitted.release()
                raise _too_many(occupies)
            admitted._taken.append(slots)  # noqa: SLF001 - a pair of this module
        try:
            own_wait_s = usage.bucket.reserve(now_s, MOST_WAIT_S)
            if own_wait_s is None:
                raise _too_often("this key calls too often", (1 - usage.bucket.tokens) / usage.bucket.rate_per_s)
            identify()
            admitted.waited_s = await turn(self._shares.estimate(principal.tenant, kind), at_least_s=own_wait_s)
        except BaseException:
            admitted.release()
            raise
        admitted._settle = partial(self._shares.settle, principal.tenant, kind)  # noqa: SLF001 - a pair of this module
        return admitted

    async def _come_to_turn(self, tenant: str, weight: float, calls: float, *, at_least_s: float = 0.0) -> float:
        """Waits until so many calls' work of the tenant may begin; returns for how long. Raises Exhausted."""
        wait_s = self._shares.reserve(tenant, self._monotonic_s(), weight=weight, calls=calls)
        if wait_s is None:
            raise _too_often("this tenant calls too often while others call too", MOST_WAIT_S)
        wait_s = max(wait_s, at_least_s)
        if wait_s > 0:
            await self._sleep(wait_s)
        return wait_s

    def _is_as_it_was(self, key_id: str, principal: Principal) -> bool:
        if key_id == OPEN_TASKS_KEY_ID:
            return True
        try:
            return self._ring.find(key_id).principal == principal
        except Unauthenticated:
            return False

    def _usage_of(self, key_id: str, rate_per_s: float | None, concurrency: int | None, now_s: float) -> _Usage:
        rate_per_s = rate_per_s or self._limits.rate_per_s
        # A key with a rate of its own gets a burst in proportion.
        burst = max(1.0, self._limits.burst * rate_per_s / self._limits.rate_per_s)
        limit = concurrency or self._limits.concurrency
        usage = self._usage.get(key_id)
        if usage is None:
            if len(self._usage) >= _MAX_REMEMBERED_KEYS:
                self._usage = {key: item for key, item in self._usage.items() if not item.is_idle(now_s)}
            usage = _Usage(TokenBucket(rate_per_s, burst), Slots(limit), Slots(self._limits.max_watchers_per_key))
            self._usage[key_id] = usage
        # The key's record may have changed since.
        usage.bucket.rate_per_s, usage.bucket.burst, usage.calls.limit = rate_per_s, burst, limit
        return usage


class _Turn(Protocol):
    def __call__(self, calls: float) -> Awaitable[float]: ...


async def _pay(turn: _Turn, count: int) -> None:
    """A large body is paid for piece by piece, so that the tenant's other calls come in between."""
    for start in range(0, count, _PAID_AT_ONCE_BYTES):
        await turn(min(count - start, _PAID_AT_ONCE_BYTES) / CALL_BYTES)


def _too_often(message: str, retry_after_s: float) -> Exhausted:
    return Exhausted(message, reason="RATE_LIMITED", retry_after_s=retry_after_s)


def _too_many(occupies: Occupies) -> Exhausted:
    if occupies is Occupies.WATCH:
        return Exhausted("too many event streams at once", reason="TOO_MANY_WATCHERS", retry_after_s=5)
    return Exhausted("too many calls of this key at once", reason="TOO_MANY_CALLS", retry_after_s=_BUSY_RETRY_S)

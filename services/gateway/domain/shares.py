"""How much of a gateway's process each tenant has while others call too. Pure: time is passed in.

A tenant that calls alone waits for nobody. Beside others it has its share, a number of calls a second, and what comes
above it waits: a call is late by as much as the tenant's own calls before it have cost, and never by what others send.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from services.common.limits import TokenBucket

# A tenant counts as calling for as long after each of its calls: whoever polls every few seconds is there all the time.
PRESENT_S = 10.0
# A pause in which a tenant did not call is worth calls of this long a time, served at once: with 50 a second twenty,
# a page that opens and what it asks for. They take a tenth of a second together, and nobody is later than that by them.
BURST_S = 0.4
# The longest wait. Within it come the 64 calls that a key may have at once, even where ten tenants want more than
# their share; whoever is told "too often" has waited, or sends faster than this holds.
MOST_WAIT_S = 10.0
# What a call that changes something counts as: a task takes some 70 ms of all processes until it has ended, a read 5 to
# 7 (docs/scaling.md). Half of a job's work comes later, in its turn.
CHANGE_CALLS = 8.0
# What is as much work as a call: a body of this size is what a small one may have at most (5 ms where it is parsed).
CALL_BYTES = 64 * 1024
# How much of a service's answer is as much work as a call: the ten rows of a list that has a kilobyte for each, which
# storage, API and gateway read and write in turn. Files pass through, and count by none of this.
ANSWER_BYTES = 8 * 1024
# What calls of a kind answer is known when they are over: the next counts as the last few did.
_REMEMBERED_CALLS = 4
_MAX_REMEMBERED_KINDS = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What a call asks for, a route or method, and what it counts as at least."""

    name: str = ""
    calls: float = 1.0


ONE_CALL = Kind()


@dataclass(slots=True)
class _Tenant:
    seen_s: float
    # In seconds of the tenant's share, so that what a call costs may differ from call to call.
    paid: TokenBucket = field(default_factory=lambda: TokenBucket(1.0, BURST_S))


class Shares:
    """The tenants of a process. ``rate_per_s`` is the share of each while others call too, ``all_rate_per_s`` what all
    have together that want more than theirs."""

    def __init__(self, rate_per_s: float, all_rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._all_rate_per_s = max(rate_per_s, all_rate_per_s)
        # The one that called last is last.
        self._present: OrderedDict[str, _Tenant] = OrderedDict()
        # Until when each tenant has used its share up, where it has.
        self._ahead: dict[str, float] = {}
        # What the answers of each tenant's calls of each kind came to lately, in calls, where they came to anything.
        self._answers: OrderedDict[tuple[str, str], float] = OrderedDict()

    def reserve(self, tenant: str, now_s: float, *, weight: float = 1.0, calls: float = 1.0) -> float | None:
        """Counts what is as much work as so many calls; returns in how many seconds it may begin, None (and counts
        nothing) where those are more than ``MOST_WAIT_S``. A tenant of a larger ``weight`` has a larger share."""
        mine = self._note(tenant, now_s)
        if len(self._present) == 1:
            return 0.0
        wanting = len(self._ahead.keys() | {tenant})
        rate_per_s = weight * min(self._rate_per_s, self._all_rate_per_s / wanting)
        cost_s = calls / rate_per_s
        wait_s = mine.paid.reserve(now_s, MOST_WAIT_S, cost_s)
        if wait_s is not None and (left_s := mine.paid.tokens) < 0:
            self._ahead[tenant] = now_s - left_s
        return wait_s

    def estimate(self, tenant: str, kind: Kind) -> float:
        """What a call counts as: its kind's, and what answers to such calls of the tenant came to lately."""
        return kind.calls + self._answers.get((tenant, kind.name), 0.0)

    def settle(self, tenant: str, kind: Kind, answered_bytes: int) -> None:
        """Notes what a call was answered."""
        key = (tenant, kind.name)
        before = self._answers.pop(key, 0.0)
        now = before + (max(0.0, answered_bytes / ANSWER_BYTES - 1) - before) / _REMEMBERED_CALLS
        if now > 0.01:
            self._answers[key] = now
            if len(self._answers) > _MAX_REMEMBERED_KINDS:
                self._answers.popitem(last=False)

    def _note(self, tenant: str, now_s: float) -> _Tenant:
        mine = self._present.setdefault(tenant, _Tenant(now_s))
        mine.seen_s = now_s
        self._present.move_to_end(tenant)
        while (oldest := next(iter(self._present.items())))[1].seen_s < now_s - PRESENT_S:
            del self._present[oldest[0]]
        for name in [name for name, until_s in self._ahead.items() if until_s <= now_s]:
            del self._ahead[name]
        return mine

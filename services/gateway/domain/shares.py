"""How much of a gateway's process each tenant has while others call too. Pure: time is passed in.

A tenant that calls alone waits for nobody. Beside others it has its share, a number of calls a second, and what comes
above it waits: a call is late by as much as the tenant's own calls before it have cost, and never by what others send.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from services.common.limits import TokenBucket

# A tenant counts as calling for as long after each of its calls: whoever polls every few seconds is there all the time.
PRESENT_S = 10.0
# A pause in which a tenant did not call is worth calls of this long a time, served at once: with 50 a second the ten
# of a page that opens. They are over before anybody else's call is late by more than they take together.
BURST_S = 0.2
# The longest wait. Within it come the 64 calls that a key may have at once, even where ten tenants want more than
# their share; whoever is told "too often" has waited, or sends faster than this holds.
MOST_WAIT_S = 10.0
# What is as much work as a call: a body of this size is what a small one may have at most (5 ms where it is parsed).
CALL_BYTES = 64 * 1024


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

    def _note(self, tenant: str, now_s: float) -> _Tenant:
        mine = self._present.setdefault(tenant, _Tenant(now_s))
        mine.seen_s = now_s
        self._present.move_to_end(tenant)
        while (oldest := next(iter(self._present.items())))[1].seen_s < now_s - PRESENT_S:
            del self._present[oldest[0]]
        for name in [name for name, until_s in self._ahead.items() if until_s <= now_s]:
            del self._ahead[name]
        return mine

"""What those who have shown no key may take up: connections, refusals and bytes. Time is passed in.

A peer is an address; behind a trusted proxy it is the address that the proxy forwards for. Of IPv6 a peer has a whole
/64, which is what one customer of a provider gets.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.common.limits import TokenBucket

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAX_REMEMBERED_PEERS = 4096
_PEER_PREFIX_V6 = 64
TIME_TO_SHOW_KEY_S = 1.0
BURST = 4
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StrangerLimits:
    """Bounds for one peer, and for all strangers of the process together.

    ``refusals`` are calls without a valid key; ``bytes`` are those of their bodies, read only so that the refusal is
    seen. The numbers leave room for a client that tries a whole upload with a mistyped key. ``calls`` are all of
    theirs, of open pages too: above the burst they wait for their turn, and those that would wait longer than
    ``calls_wait_s`` are not answered. A call costs the process about a millisecond, so that strangers take a tenth of
    it at any time. The burst is what a few people need to open a page each; a score of them, with six connections
    each, as browsers have, wait two seconds and a half. No more than 300 calls wait, each a few kilobytes.
    """

    connections: int
    all_connections: int
    refusals_per_s: float = 10
    refusals_burst: int = 200
    all_refusals_per_s: float = 50
    all_refusals_burst: int = 500
    bytes_per_s: float = MIB
    bytes_burst: int = 32 * MIB
    all_bytes_per_s: float = 8 * MIB
    all_bytes_burst: int = 128 * MIB
    calls_per_s: float = 50
    calls_burst: int = 50
    all_calls_per_s: float = 100
    all_calls_burst: int = 50
    calls_wait_s: float = 2.5


class Peers:
    """Tells whose a connection or a call is. ``proxies`` are the networks whose word about others is taken."""

    def __init__(self, proxies: Sequence[Network] = ()) -> None:
        self._proxies = tuple(proxies)

    def is_proxy(self, address: str) -> bool:
        """Whether this address is a trusted proxy's."""
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._proxies)

    def find(self, address: str, forwarded_for: str = "") -> str:
        """The peer of a call from ``address``: behind trusted proxies the nearest forwarded address that is none."""
        if self._proxies and forwarded_for and self.is_proxy(address):
            for hop in reversed(forwarded_for.split(",")):
                if _parse(hop.strip()) is None:  # what stands further off was written by whoever wrote this
                    break
                address = hop.strip()
                if not self.is_proxy(address):
                    break
        return _group(address)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _group(address: str) -> str:
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _PEER_PREFIX_V6), strict=False))
    return str(parsed) if parsed else address


@dataclass(eq=False, slots=True)
class Waiting:
    """A connection on which no key has been shown yet."""

    peer: str
    evict: Callable[[], None]
    since_s: float


@dataclass(slots=True)
class Allowance:
    """What a stranger's connection may send before a call on it shows a key, where nobody can tell its bodies apart.

    The burst has room for the heads of a hundred calls, and all strangers that a process lets be hold no more than that
    each; the rate is for one that asks for the door's health all day.
    """

    since_s: float
    burst_bytes: int = 32 * 1024
    bytes_per_s: int = 256
    received: int = 0

    def take(self, count: int, now_s: float) -> float:
        """Counts bytes that came; returns 0, or the seconds until more may come."""
        self.received += count
        over = self.received - self.burst_bytes - self.bytes_per_s * (now_s - self.since_s)
        return max(0.0, over / self.bytes_per_s)


@dataclass(slots=True)
class _Budgets:
    refusals: TokenBucket
    bytes: TokenBucket
    calls: TokenBucket


@dataclass(slots=True)
class Strangers:
    """Keeps the budgets of all peers, in bounded memory."""

    limits: StrangerLimits
    _waiting: dict[Waiting, None] = field(default_factory=dict)  # the oldest first
    _of_peer: dict[str, dict[Waiting, None]] = field(default_factory=dict)
    _budgets: OrderedDict[str, _Budgets] = field(default_factory=OrderedDict)
    _all_bytes: TokenBucket = field(init=False)
    _all_calls: TokenBucket = field(init=False)
    _all_refusals: TokenBucket = field(init=False)

    def __post_init__(self) -> None:
        self._all_calls = TokenBucket(self.limits.all_calls_per_s, self.limits.all_calls_burst)
        self._all_refusals = TokenBucket(self.limits.all_refusals_per_s, self.limits.all_refusals_burst)
        self._all_bytes = TokenBucket(self.limits.all_bytes_per_s, self.limits.all_bytes_burst)

    @property
    def connections(self) -> int:
        """Connections of strangers that are open."""
        return len(self._waiting)

    def enter(self, peer: str, evict: Callable[[], None], now_s: float) -> Waiting:
        """Counts a connection until ``leave``.

        Above a limit the oldest stranger goes, not the newest: who has a key shows it in the first milliseconds, so
        that connections that are only held shut nobody out. Many that come at once are given a second for that, up to
        four times the limit.
        """
        self._make_room(self._of_peer.get(peer, {}), self.limits.connections, now_s)
        self._make_room(self._waiting, self.limits.all_connections, now_s)
        waiting = Waiting(peer, evict, now_s)
        self._waiting[waiting] = None
        self._of_peer.setdefault(peer, {})[waiting] = None
        return waiting

    def _make_room(self, crowd: dict[Waiting, None], limit: int, now_s: float) -> None:
        while len(crowd) >= limit:
            oldest = next(iter(crowd))
            if now_s - oldest.since_s < TIME_TO_SHOW_KEY_S and len(crowd) < limit * BURST:
                return
            self.leave(oldest)
            oldest.evict()

    def leave(self, waiting: Waiting) -> None:
        """Counts a connection no more: it is closed, or somebody with a key. Does nothing the second time."""
        if self._waiting.pop(waiting, waiting) is waiting:
            return
        mine = self._of_peer[waiting.peer]
        del mine[waiting]
        if not mine:
            del self._of_peer[waiting.peer]

    def refuse(self, peer: str, now_s: float) -> float:
        """Counts a call without a valid key; returns 0, or the seconds until the peer gets such an answer again."""
        return self._budgets_of(peer).refusals.take(now_s) or self._all_refusals.take(now_s)

    def take_call(self, peer: str, now_s: float, *, is_probe: bool = False) -> float | None:
        """Counts a stranger's call; returns the seconds until its turn, None where there are too many to answer, of the
        peer or of all strangers. A probe has the peer's budget alone, and does not wait."""
        calls = self._budgets_of(peer).calls
        if is_probe:
            return calls.reserve(now_s, 0)
        own_s = calls.reserve(now_s, self.limits.calls_wait_s)
        if own_s is None:
            return None
        all_s = self._all_calls.reserve(now_s, self.limits.calls_wait_s)
        return None if all_s is None else max(own_s, all_s)

    def take_bytes(self, peer: str, count: int, now_s: float) -> bool:
        """Counts bytes of a refused call's body; False where there are too many to read on."""
        return self._budgets_of(peer).bytes.take(now_s, count) == 0.0 and self._all_bytes.take(now_s, count) == 0.0

    def _budgets_of(self, peer: str) -> _Budgets:
        budgets = self._budgets.get(peer)
        if budgets is None:
            limits = self.limits
            budgets = self._budgets[peer] = _Budgets(
                TokenBucket(limits.refusals_per_s, limits.refusals_burst),
                TokenBucket(limits.bytes_per_s, limits.bytes_burst),
                TokenBucket(limits.calls_per_s, limits.calls_burst),
            )
            if len(self._budgets) > _MAX_REMEMBERED_PEERS:
                self._budgets.popitem(last=False)
        self._budgets.move_to_end(peer)
        return budgets

"""Whose job is next: tenants take turns by weight, and the users of a tenant take turns within it.

Start-time fair queueing with every job as one unit (Goyal, Vin, Cheng: "Start-time Fair Queuing", 1996). Each flow has
a tag; the flow with the smallest is served and its tag grows by one over its weight. A flow that begins to wait starts
where the service is now, so that it is neither owed for the time in which it wanted nothing nor put behind what others
have piled up: before its first job each other flow of its weight is served at most once.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Waiting:
    """One generation of a job in the backlog: ``sequence`` names its message there, ``ready_subject`` where it is
    handed out, ``user`` is the user's token in a subject."""

    sequence: int
    ready_subject: str
    tenant: str
    user: str
    payload: bytes
    traceparent: str = ""


class _Line(Protocol):
    """What a flow has waiting."""

    def __len__(self) -> int: ...

    def take(self) -> Waiting: ...


LineT = TypeVar("LineT", bound=_Line)


class _Flows(Generic[LineT]):
    """Flows that are served in turn: those with something waiting, and the last tags of others while they count."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lines: dict[str, LineT] = {}
        self._order: list[tuple[float, int, str]] = []
        self._numbers = itertools.count()
        self._last: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def find(self, name: str) -> LineT | None:
        """What waits of a flow; None where nothing does."""
        return self._lines.get(name)

    def join(self, name: str, line: LineT) -> None:
        """A flow begins to wait."""
        self._lines[name] = line
        self._push(name, max(self._now, self._last.pop(name, 0.0)))

    def take(self, weight_of: Mapping[str, int]) -> Waiting:
        """The next job of the flow whose turn it is."""
        tag, _, name = heapq.heappop(self._order)
        self._now = tag
        line = self._lines[name]
        waiting = line.take()
        following = tag + 1 / weight_of.get(name, 1)
        if len(line):
            self._push(name, following)
        else:
            del self._lines[name]
            self._last[name] = following
            if not self._lines:
                # Nobody waits, so nobody is owed or owes: the next to come begin alike.
                self._now = max(self._last.values())
                self._last.clear()
            elif len(self._last) > 2 * len(self._lines) + 64:
                self._last = {flow: tag for flow, tag in self._last.items() if tag > self._now}
        return waiting

    def _push(self, name: str, tag: float) -> None:
        heapq.heappush(self._order, (tag, next(self._numbers), name))


class _UserLine:
    """A user's jobs, oldest first."""

    def __init__(self) -> None:
        self.jobs: deque[Waiting] = deque()

    def __len__(self) -> int:
        return len(self.jobs)

    def take(self) -> Waiting:
        """The oldest."""
        return self.jobs.popleft()


class _TenantLine:
    """A tenant's users, all of the same weight."""

    def __init__(self) -> None:
        self.users: _Flows[_UserLine] = _Flows()

    def __len__(self) -> int:
        return len(self.users)

    def take(self) -> Waiting:
        """The next job of the user whose turn it is."""
        return self.users.take({})


class FairTurns:
    """All jobs that wait for their turn. ``weights`` says how many turns a tenant has for one of others (default 1)."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._weights = weights
        self._tenants: _Flows[_TenantLine] = _Flows()
        self._subjects: set[str] = set()

    def __len__(self) -> int:
        return len(self._subjects)

    def __contains__(self, ready_subject: str) -> bool:
        return ready_subject in self._subjects

    def add(self, waiting: Waiting, *, first: bool = False) -> None:
        """A job begins to wait, behind those of its user or, with ``first``, before them; again is no harm."""
        if waiting.ready_subject in self._subjects:
            return
        self._subjects.add(waiting.ready_subject)
        tenant = self._tenants.find(waiting.tenant)
        begins = tenant is None
        if tenant is None:
            tenant = _TenantLine()
        user = tenant.users.find(waiting.user)
        if user is None:
            user = _UserLine()
            tenant.users.join(waiting.user, user)
        if first:
            user.jobs.appendleft(waiting)
        else:
            user.jobs.append(waiting)
        if begins:
            self._tenants.join(waiting.tenant, tenant)

    def take(self, count: int) -> list[Waiting]:
        """The next jobs, at most ``count``, in the order of their turns."""
        taken = [self._tenants.take(self._weights) for _ in range(min(count, len(self._subjects)))]
        self._subjects.difference_update(waiting.ready_subject for waiting in taken)
        return taken

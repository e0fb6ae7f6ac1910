"""What goes wrong in a run: a few faults, each drawn by the seed, each at its place in the order of requests."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.simulation.wire import Fate, Request

# Of one request to S3.
S3_FATES = {
    "s3 write refused": Fate.REFUSED,
    "s3 answer lost": Fate.LOST,
    "s3 write sent twice": Fate.TWICE,
    "s3 write done late": Fate.LATE,
    "storage broken": Fate.BROKEN,
    "storage dies before": Fate.REFUSED,
    "storage dies after": Fate.SILENT,
}
_ACKS = frozenset({"ack", "ack_sync", "nak", "in_progress"})
# Of one request to NATS, and the verbs that it can befall.
NATS_FATES = {
    "publish refused": (Fate.REFUSED, frozenset({"publish"})),
    "publish answer lost": (Fate.LOST, frozenset({"publish"})),
    "ack lost": (Fate.REFUSED, _ACKS),
    "ack late": (Fate.LATE, _ACKS),
    "ack answer lost": (Fate.LOST, frozenset({"ack_sync"})),
    "note lost": (Fate.REFUSED, frozenset({"note"})),
    "deletion refused": (Fate.REFUSED, frozenset({"delete_message"})),
    "deletion answer lost": (Fate.LOST, frozenset({"delete_message"})),
}
# For a while, in simulated seconds at most.
OUTAGES = {
    "s3 away": 6.0,
    "s3 writes refused": 6.0,
    "s3 answers lost": 2.5,
    # Longer than what is young enough to be left alone.
    "nats away": 12.0,
}
# Of a process or of all, done by the world.
EVENTS = (
    "worker killed before",
    "worker killed after",
    "worker paused",
    "worker drained",
    "api killed before",
    "api killed after",
    "api paused",
    "delivered again",
    "lead lost",
    "leads keep being lost",
    "index key lost",
    "nats wiped",
)
# Of a process just where it says what others must find: at a request to this server that changes what begins so.
KILLS_AT = {
    "api killed at a tombstone": ("s3", "tombstones/"),
    "api killed at an index key": ("s3", "index/"),
    "worker killed at an index key": ("s3", "index/"),
    "worker killed at an event": ("nats", "wealth."),
    "api killed at a backlog": ("nats", "backlog."),
}
# By clients, at whatever moment.
RACES = ("cancel races", "delete races", "restart races", "create races")


class Twin(NamedTuple):
    """Two things that go wrong in the same breath: the fate of one request to S3, by its verb and what its name has,
    and what happens then, to the same job where it is a client's doing."""

    verb: str
    what: str
    fate: Fate
    then: str


_RECORD = "job_metadata.json"
# Each is how one rule of the protocol would be broken; drawn apart the two meet once in a thousand runs.
TWINS = {
    "record done late and deleted": Twin("put", _RECORD, Fate.LATE, "delete races"),
    "record sent twice and not read": Twin("put", _RECORD, Fate.TWICE, "s3 away"),
    "key deleted late and run again": Twin("delete", "index/", Fate.LATE, "restart races"),
    "answer lost and run again": Twin("put", _RECORD, Fate.LOST, "restart races"),
}

_KINDS = (*S3_FATES, *NATS_FATES, *OUTAGES, *EVENTS, *EVENTS[:4], *KILLS_AT, *RACES, *RACES, *TWINS)
FIRST_PLACE, LAST_PLACE = 4, 220
MIN_FAULTS, MAX_FAULTS = 3, 7
# After so many requests that it could not befall a fault becomes another: waiting for it would be time without any.
_PATIENCE = 40


@dataclass(slots=True)
class Fault:
    """One fault: what, and at which request (the first that it can befall from there on)."""

    kind: str
    place: int


def draw_faults(draw: random.Random) -> list[Fault]:
    """The faults of one run, in the order of their places."""
    count = draw.randint(MIN_FAULTS, MAX_FAULTS)
    # Two in the same breath find what one at a time cannot.
    places: list[int] = []
    for _ in range(count):
        near = places and draw.random() < 0.35
        places.append(places[-1] + draw.randint(0, 12) if near else draw.randint(FIRST_PLACE, LAST_PLACE))
    return sorted((Fault(draw.choice(_KINDS), place) for place in places), key=lambda fault: fault.place)


@dataclass(slots=True)
class FaultPlan:
    """Says what becomes of each request (``Fates``). ``strike`` has the world do what is no request's fate."""

    faults: list[Fault]
    now: Callable[[], float]
    draw: random.Random
    strike: Callable[[str, Request], Fate | None]
    struck: list[str] = field(default_factory=list)
    is_over: bool = False
    _count: int = 0
    _until: dict[str, float] = field(default_factory=dict)

    def of(self, request: Request) -> Fate:
        """The fate of the next request."""
        self._count += 1
        if self.is_over:
            return Fate.SERVED
        for fault in self.faults:
            if fault.place > self._count:
                break
            if self._count - fault.place > _PATIENCE:
                fault.kind, fault.place = self.draw.choice(_KINDS), self._count
            fate = self._befalls(fault.kind, request)
            if fate is not None:
                self.faults.remove(fault)
                self.struck.append(fault.kind)
                return fate
        return self._in_outage(request) if self._until else Fate.SERVED

    def s3_answers(self) -> bool:
        """Whether S3 answers reads, as far as a health check sees."""
        return not self._lasts("s3 away")

    def _lasts(self, kind: str) -> bool:
        return self._until.get(kind, 0.0) > self.now()

    def _in_outage(self, request: Request) -> Fate:
        if request.server == "s3":
            if self._lasts("s3 away") or (request.writes and self._lasts("s3 writes refused")):
                return Fate.REFUSED
            if request.writes and self._lasts("s3 answers lost"):
                return Fate.LOST
        elif self._lasts("nats away"):
            return Fate.REFUSED if self.draw.random() < 0.7 else Fate.LOST
        return Fate.SERVED

    def _befalls(self, kind: str, request: Request) -> Fate | None:
        if kind in S3_FATES:
            if request.server != "s3" or not request.writes:
                return None
            if kind.startswith("storage dies"):
                return self.strike(kind, request)
            return S3_FATES[kind]
        if kind in NATS_FATES:
            fate, verbs = NATS_FATES[kind]
            return fate if request.server == "nats" and request.verb in verbs else None
        if kind in KILLS_AT:
            server, what = KILLS_AT[kind]
            is_there = request.server == server and request.writes and what in request.name
            return self.strike(f"{kind.split(maxsplit=1)[0]} killed before", request) if is_there else None
        if kind in TWINS:
            return self._befalls_with_twin(TWINS[kind], request)
        if kind in OUTAGES:
            self._until[kind] = self.now() + OUTAGES[kind] * (0.2 + 0.8 * self.draw.random())
            return self._in_outage(request)
        return self.strike(kind, request)

    def _befalls_with_twin(self, twin: Twin, request: Request) -> Fate | None:
        if (request.server, request.verb) != ("s3", twin.verb) or twin.what not in request.name:
            return None
        if self._befalls(twin.then, request) is None:
            return None
        return twin.fate

"""Which delivery is made next. Each webhook has a lane of its own, with its own bound and its own breaker, so that a
receiver that is dead or slow holds up nothing but what is meant for it.

Times are seconds since 1970, given by the caller: nothing here looks at a clock.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from services.events.domain.schedule import Schedule

# Calls to one receiver, and to all receivers of a tenant, at once.
CALLS_AT_ONCE = 4
CALLS_OF_TENANT = 16
CALLS_OF_ALL = 256
# After so many failures in a row only one delivery tries how the receiver is, at most so far apart.
TRIPS_AFTER = 5
LONGEST_PROBE_PAUSE_S = 300.0


@dataclass(frozen=True, slots=True)
class LaneKey:
    """A webhook of a tenant."""

    tenant: str
    webhook_id: str


@dataclass(order=True, slots=True)
class Delivery:
    """What waits: ``number`` is its place in the stream, ``begun_at_s`` when it was put there."""

    due_at_s: float
    number: int
    begun_at_s: float = field(compare=False)
    failures: int = field(default=0, compare=False)


class Lane:
    """What waits for one webhook."""

    def __init__(self, key: LaneKey, schedule: Schedule, random: Random) -> None:
        self.key = key
        self._schedule = schedule
        self._random = random
        self._waiting: list[Delivery] = []
        self._in_hand: set[int] = set()
        self._failures = 0
        self._rests_until_s = 0.0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_hand)

    @property
    def in_hand(self) -> int:
        """Deliveries under way."""
        return len(self._in_hand)

    @property
    def is_tripped(self) -> bool:
        """Whether the receiver failed so often that one delivery at a time tries how it is."""
        return self._failures >= TRIPS_AFTER

    def is_rested(self, now_s: float) -> bool:
        """Whether the receiver may be tried."""
        return now_s >= self._rests_until_s

    def add(self, number: int, begun_at_s: float) -> None:
        """Puts a delivery in, due at once."""
        heapq.heappush(self._waiting, Delivery(begun_at_s, number, begun_at_s))

    def next_at_s(self) -> float | None:
        """When the next may be taken, as things stand; None where it is not a matter of time."""
        if not self._waiting or self.in_hand >= (1 if self.is_tripped else CALLS_AT_ONCE):
            return None
        # A tripped lane asks as soon as it may, with whatever comes first.
        return self._rests_until_s if self.is_tripped else max(self._waiting[0].due_at_s, self._rests_until_s)

    def take(self, now_s: float) -> Delivery | None:
        """Takes the next delivery in hand, where one is due."""
        next_at_s = self.next_at_s()
        if next_at_s is None or next_at_s > now_s:
            return None
        delivery = heapq.heappop(self._waiting)
        self._in_hand.add(delivery.number)
        return delivery

    def finish(self, delivery: Delivery) -> None:
        """A delivery has left: it was made, or somebody has withdrawn it."""
        self._in_hand.discard(delivery.number)

    def succeed(self, delivery: Delivery) -> None:
        """The receiver took a delivery: it is well, and gets what waited for that."""
        self.finish(delivery)
        if self.is_tripped:
            for other in self._waiting:
                other.due_at_s = other.begun_at_s
            heapq.heapify(self._waiting)
        self._failures, self._rests_until_s = 0, 0.0

    def fail(self, delivery: Delivery, now_s: float, retry_after_s: float = 0.0) -> list[Delivery]:
        """The receiver did not take a delivery. Returns those that are given up with that.

        Where the lane is tripped these are all that are past their time: the receiver's failure is theirs as well.
        """
        self.finish(delivery)
        delivery.failures += 1
        self._failures += 1
        if self.is_tripped:
            pause_s = self._schedule.pause_s(self._failures - TRIPS_AFTER + 1, self._random)
            self._rests_until_s = now_s + min(pause_s, LONGEST_PROBE_PAUSE_S)
        begun_at_s, failures = delivery.begun_at_s, delivery.failures
        next_at_s = self._schedule.next_try_at(now_s, begun_at_s, failures, self._random, retry_after_s)
        if retry_after_s > 0 and next_at_s is not None:
            # It speaks for the receiver, not for this delivery alone.
            self._rests_until_s = max(self._rests_until_s, next_at_s)
        given_up = []
        if next_at_s is None:
            given_up.append(delivery)
        else:
            delivery.due_at_s = next_at_s
            heapq.heappush(self._waiting, delivery)
        if self.is_tripped:
            given_up += self._take_out_late(now_s)
        return given_up

    def retry_soon(self, delivery: Delivery, now_s: float) -> None:
        """Puts a delivery back whose fate is not known, through no fault of the receiver's."""
        self.finish(delivery)
        delivery.due_at_s = now_s + self._schedule.pause_s(1, self._random)
        heapq.heappush(self._waiting, delivery)

    def _take_out_late(self, now_s: float) -> list[Delivery]:
        late = [other for other in self._waiting if other.begun_at_s + self._schedule.retry_for_s <= now_s]
        if late:
            self._waiting = [other for other in self._waiting if other not in late]
            heapq.heapify(self._waiting)
        return late


class Lanes:
    """The lanes of all webhooks, which take turns."""

    def __init__(self, schedule: Schedule, random: Random) -> None:
        self._schedule = schedule
        self._random = random
        self._lanes: dict[LaneKey, Lane] = {}

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    def lane(self, key: LaneKey) -> Lane:
        """A webhook's lane."""
        if key not in self._lanes:
            self._lanes[key] = Lane(key, self._schedule, self._random)
        return self._lanes[key]

    def take(self, now_s: float) -> list[tuple[Lane, Delivery]]:
        """Takes in hand what is due and there is room for, one of each lane in turn."""
        taken: list[tuple[Lane, Delivery]] = []
        of_tenants: dict[str, int] = {}
        for lane in self:
            of_tenants[lane.key.tenant] = of_tenants.get(lane.key.tenant, 0) + lane.in_hand
        room = CALLS_OF_ALL - sum(of_tenants.values())
        turn = list(self._lanes)
        while turn and room > 0:
            again = []
            for key in turn:
                lane = self._lanes[key]
                if room <= 0 or of_tenants[key.tenant] >= CALLS_OF_TENANT:
                    continue
                delivery = lane.take(now_s)
                if delivery is not None:
                    taken.append((lane, delivery))
                    of_tenants[key.tenant] += 1
                    room -= 1
                    again.append(key)
            turn = again
        # Who was served goes to the end: with little room the others come first next time.
        for lane, _ in taken:
            self._lanes[lane.key] = self._lanes.pop(lane.key)
        return taken

    def next_at_s(self) -> float | None:
        """When something may be due next, as things stand; None where it is not a matter of time."""
        return min((at_s for lane in self if (at_s := lane.next_at_s()) is not None), default=None)

    def forget_empty(self, now_s: float) -> None:
        """Lets go of lanes in which nothing waits, once their receivers would be tried again in any case."""
        self._lanes = {key: lane for key, lane in self._lanes.items() if len(lane) or not lane.is_rested(now_s)}

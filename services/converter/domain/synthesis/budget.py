"""A budget of work: what bounds every search, so that what is learned is the same on any machine under any load.

Work is counted in units of about one microsecond of CPU time: fitted on 66 example pairs, half of which took 0.9 to 2.3
microseconds a unit, all 0.7 to 4.7. What is counted is what the search does: candidates built, states opened, cells
made and compared. A spent budget is a deterministic end. The clock is a guard only: where it strikes, the search is cut
by `OutOfTime`, and nothing is concluded from it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

UNBOUNDED = 1 << 62
"""Work without end, for tasks that are small by themselves."""
CHECK_EVERY = 20_000
"""Units between two looks at the clock: about 20 ms of work."""


class OutOfTime(Exception):
    """The clock struck before the search came to its end. ``share`` (0..1) is how much of its work it had done,
    ``is_starved`` says that the search had no processor to do it with."""

    def __init__(self, share: float, *, is_starved: bool = False) -> None:
        super().__init__(f"the search was cut after {100 * share:.0f} % of its work")
        self.share = share
        self.is_starved = is_starved


@dataclass(slots=True)
class Clock:
    """The guard behind a budget: CPU time of this process, and wall time far behind it, both in seconds from now.

    ``beside`` is the CPU time that others have spent on the search's behalf.
    """

    cpu_s: float
    wall_s: float
    beside: Callable[[], float] = lambda: 0.0
    cpu_time: Callable[[], float] = time.process_time
    wall_time: Callable[[], float] = time.monotonic
    _cpu_ends: float = field(init=False)
    _wall_ends: float = field(init=False)
    _spent_beside: float = field(init=False)

    def __post_init__(self) -> None:
        self._cpu_ends = self.cpu_time() + self.cpu_s
        self._wall_ends = self.wall_time() + self.wall_s
        self._spent_beside = self.beside()

    @property
    def has_struck(self) -> bool:
        """Whether one of the limits is passed."""
        return self.cpu_time() > self._cpu_ends or self.wall_time() > self._wall_ends

    @property
    def has_starved(self) -> bool:
        """Whether the wall clock struck for want of a processor, not for what was done on one."""
        return self.cpu_time() + self.beside() - self._spent_beside <= self._cpu_ends


@dataclass(slots=True)
class Budget:
    """Work that may be done. What is spent of a part is spent of the whole, too.

    ``work`` is the limit in units; ``clock`` is looked at now and then. A search asks `is_spent` where it may stop, and
    calls `spend` for what it did; neither ever depends on the time but by raising `OutOfTime`.
    """

    work: int = UNBOUNDED
    clock: Clock | None = None
    parent: "Budget | None" = None
    spent: int = 0
    _unchecked: int = 0

    @property
    def left(self) -> int:
        """Units that are left, here and in the budgets that this one is part of."""
        own = self.work - self.spent
        return max(0, own if self.parent is None else min(own, self.parent.left))

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.spent >= self.work or (self.parent is not None and self.parent.is_spent)

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1."""
        return min(1.0, self.spent / self.work) if self.work else 1.0

    def spend(self, units: int) -> None:
        """Count work that was done. Raises `OutOfTime` where the clock has struck."""
        self.spent += units
        if self.parent is not None:
            self.parent.spend(units)
            return
        self._unchecked += units
        if self._unchecked >= CHECK_EVERY:
            self._unchecked = 0
            if self.clock is not None and self.clock.has_struck:
                raise OutOfTime(self.share, is_starved=self.clock.has_starved)

    def part(self, share: float, at_most: int | None = None, at_least: int = 0) -> "Budget":
        """A budget of a share of what is left, within bounds in units."""
        work = max(at_least, int(self.left * share))
        return Budget(work if at_most is None else min(work, at_most), parent=self)

"""How often the sweeper looks, and how far back: often while anything happens, seldom at rest. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

# At rest is where nothing was accepted, open or queued for so long.
REST_AFTER_S = 600.0
# Then what nothing in NATS tells of - a record whose message was never sent - waits at most so long for a sweep, and
# what lacks its index keys for a round: within two minutes.
REST_SWEEP_INTERVAL_S = 60.0
REST_ROUND_INTERVAL_S = 110.0
# What a worker, an API process or storage that was held up may still be about to write or to delete. A deletion leaves
# no trace: only looking at all of that time again finds it, and that is done by one round of so many.
RECENT = timedelta(minutes=15)
WIDE_ROUND_EVERY = 5
# Every other round looks back to the one before, and to what that one left alone: storage lets index keys be that are
# younger than a minute.
_LEFT_ALONE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Round:
    """A round of upkeep: over what was written since so long ago, or (None) over everything.

    ``finds_unlisted``: also over the names of all records, for those whose index keys another hand took away.
    """

    since: timedelta | None
    finds_unlisted: bool = False


class Pace:
    """When a sweep and when a round of upkeep is due."""

    def __init__(self, *, reconcile_interval_s: float, scan_interval_s: float, clock: Callable[[], float]) -> None:
        self._reconcile_interval_s = reconcile_interval_s
        self._scan_interval_s = scan_interval_s
        self._clock = clock
        self._active_at = clock()
        self._swept_at = -REST_SWEEP_INTERVAL_S
        self._recent_at = -reconcile_interval_s
        self._full_at = -scan_interval_s
        self._rounds = 0

    def note_activity(self) -> None:
        """Something happened, or could not be found out."""
        self._active_at = self._clock()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing has happened for a while."""
        return self._clock() - self._active_at >= REST_AFTER_S

    def begin_sweep(self) -> bool:
        """Whether a sweep is due, which begins now."""
        now = self._clock()
        if self.is_at_rest and now - self._swept_at < REST_SWEEP_INTERVAL_S:
            return False
        self._swept_at = now
        return True

    def begin_round(self) -> Round | None:
        """The round that is due, which begins now; None where none is."""
        now = self._clock()
        if now - self._full_at >= self._scan_interval_s:
            self._full_at = self._recent_at = now
            return Round(None)
        interval_s = max(self._reconcile_interval_s, REST_ROUND_INTERVAL_S if self.is_at_rest else 0)
        if now - self._recent_at < interval_s:
            return None
        passed = timedelta(seconds=now - self._recent_at)
        self._recent_at = now
        self._rounds += 1
        since = 2 * passed + _LEFT_ALONE  # twice: what failed in the one before is looked at again
        is_wide = self._rounds % WIDE_ROUND_EVERY == 0
        return Round(max(since, RECENT) if is_wide else since, finds_unlisted=is_wide or not self.is_at_rest)

"""When a delivery is tried again: at once, then ever more rarely, for a day."""

from dataclasses import dataclass
from random import Random

FACTOR = 3.0
JITTER = 0.2
LONGEST_PAUSE_S = 6 * 3600.0
# A receiver may ask for more time than we would leave it, but not have us keep silent for as long as it likes.
LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Pauses of ``first_pause_s``, then three times as long each, six hours at most, a fifth more or less; the last try
    is made once a delivery is ``retry_for_s`` old. With 5 s and a day that are about eleven tries."""

    first_pause_s: float = 5.0
    retry_for_s: float = 24 * 3600.0

    def pause_s(self, failures: int, random: Random) -> float:
        """How long to wait after so many failures in a row, from 1."""
        pause = min(LONGEST_PAUSE_S, self.first_pause_s * FACTOR ** min(failures - 1, 32))
        return pause * random.uniform(1 - JITTER, 1 + JITTER)

    def next_try_at(
        self, now_s: float, begun_at_s: float, failures: int, random: Random, retry_after_s: float = 0.0
    ) -> float | None:
        """When to try again what was first tried for at ``begun_at_s``; None where the last try was made."""
        last_at_s = begun_at_s + self.retry_for_s
        if now_s >= last_at_s:
            return None
        pause_s = max(self.pause_s(failures, random), min(retry_after_s, LONGEST_RETRY_AFTER_S))
        return min(now_s + pause_s, last_at_s)

"""Limits on one key: how often it calls, and how much of it runs at once. Time is passed in."""

from dataclasses import dataclass


@dataclass(slots=True)
class TokenBucket:
    """``rate_per_s`` calls a second in the long run, ``burst`` at once."""

    rate_per_s: float
    burst: float
    _tokens: float = 0.0
    _filled_at_s: float | None = None

    def take(self, now_s: float, count: float = 1) -> float:
        """Takes ``count`` tokens and returns 0, or takes none and returns the seconds until there are as many."""
        self._fill(now_s)
        if self._tokens >= count:
            self._tokens -= count
            return 0.0
        return (count - self._tokens) / self.rate_per_s

    @property
    def tokens(self) -> float:
        """Tokens that were there last; below zero those that were drawn ahead."""
        return self._tokens

    def reserve(self, now_s: float, most_wait_s: float, count: float = 1) -> float | None:
        """Takes tokens, be they still to come; returns the seconds until they are there, None (and takes none) where
        those are more than ``most_wait_s``. Whoever waits as long keeps to the rate and the burst. What is more than
        a burst waits for a full one, and whoever comes next for the rest."""
        self._fill(now_s)
        wait_s = max(0.0, (min(count, self.burst) - self._tokens) / self.rate_per_s)
        if wait_s > most_wait_s:
            return None
        self._tokens -= count
        return wait_s

    def _fill(self, now_s: float) -> None:
        if self._filled_at_s is None:
            self._tokens = self.burst
        else:
            elapsed_s = max(0.0, now_s - self._filled_at_s)
            self._tokens = min(self.burst, self._tokens + elapsed_s * self.rate_per_s)
        self._filled_at_s = now_s

    def is_full(self, now_s: float) -> bool:
        """Whether forgetting this bucket changes nothing."""
        if self._filled_at_s is None:
            return True
        return self._tokens + (now_s - self._filled_at_s) * self.rate_per_s >= self.burst


@dataclass(slots=True)
class Slots:
    """At most ``limit`` at once."""

    limit: int
    used: int = 0

    def take(self) -> bool:
        """Takes a slot where one is free."""
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def give_back(self) -> None:
        """Gives a slot back."""
        if self.used <= 0:
            raise ValueError("a slot was given back that was not taken")
        self.used -= 1

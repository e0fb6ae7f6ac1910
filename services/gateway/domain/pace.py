"""How long the bytes of a request may be waited for. Time is passed in."""

from dataclasses import dataclass

# A body ends 30 s after its head, or later while it comes at this rate: a slow line's, and 16 MiB in nine minutes.
GRACE_S = 30.0
MIN_BYTES_PER_S = 32 * 1024


@dataclass(slots=True)
class Pace:
    """Adds up what came and how long it was waited for. What the receiver takes to work it off counts for nobody."""

    grace_s: float = GRACE_S
    min_bytes_per_s: float = MIN_BYTES_PER_S
    received: int = 0
    waited_s: float = 0.0

    @property
    def remaining_s(self) -> float:
        """How long the next bytes may be waited for; zero or less where it was too long already."""
        return self.grace_s + self.received / self.min_bytes_per_s - self.waited_s

    def note(self, received: int, waited_s: float) -> None:
        """Takes down a piece that came."""
        self.received += received
        self.waited_s += waited_s

"""The kinds of faults, and which of the traffic one of them meets."""

import random
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What is done to a request or a message."""

    PARTITION = "partition"  # nothing passes, nothing is said
    CUT = "cut"  # connections are reset
    DROP = "drop"  # taken and never answered
    DELAY = "delay"  # passed on late
    HALF_CLOSE = "half-close"  # half of it is passed on, then the connection ends
    ERROR = "503"  # refused without being passed on
    ANSWER_LOST = "answer-lost"  # applied, and the answer lost
    DRIP = "slow-drip"  # the answer comes in small pieces
    DUPLICATE = "duplicate"  # passed on twice
    READ_ONLY = "read-only"  # what changes something is refused


HTTP_FAULTS = tuple(FaultKind)
# A NATS server has no words for a refusal of its own in between, and reads change something there, too.
NATS_FAULTS = tuple(kind for kind in FaultKind if kind not in {FaultKind.ERROR, FaultKind.READ_ONLY})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that stands for a while. ``share`` of the traffic meets it; ``delay_s`` is how late, or how slow.

    ``dice`` decides which.
    """

    kind: FaultKind
    share: float = 1.0
    delay_s: float = 0.5
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def meets(self) -> bool:
        """Whether the next piece of traffic meets it."""
        return self.dice.random() < self.share

"""What happens when: faults and jobs drawn from a seed. Pure; the same seed is the same schedule."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.launcher.plan import SERVICES
from tests.support.faults import HTTP_FAULTS, NATS_FAULTS, FaultKind

MEAN_INTERVAL_S = 3.0
NATS_CLIENTS = tuple(name for name in SERVICES if name not in {"storage", "gateway"})
_SERVERS = ("nats", "s3")
CONSUMERS = ("JOBS_PORTFOLIO", "JOBS_CONVERTER")
STREAMS = (*CONSUMERS, "BACKLOG_PORTFOLIO", "BACKLOG_CONVERTER", "EVENTS", "DEAD_LETTERS", "KV_presence", "KV_leaders")
MAX_INDEX_KEYS = 5


class Action(StrEnum):
    """What is done to the suite."""

    KILL = "kill"  # SIGKILL, started again after a while
    PAUSE = "pause"  # SIGSTOP, SIGCONT after a while
    SKEW = "clock-skew"  # a process's clock is off for a while
    S3_FAULT = "s3"  # something stands between storage and S3
    NATS_FAULT = "nats"  # something stands between a process and NATS
    DELETE_STREAM = "delete-stream"  # a stream or bucket of NATS is gone
    DELETE_CONSUMER = "delete-consumer"
    DELETE_INDEX = "delete-index-keys"


_WEIGHTS = {
    Action.KILL: 6,
    Action.PAUSE: 4,
    Action.SKEW: 2,
    Action.S3_FAULT: 6,
    Action.NATS_FAULT: 6,
    Action.DELETE_STREAM: 2,
    Action.DELETE_CONSUMER: 1,
    Action.DELETE_INDEX: 2,
}
# The shortest and the longest time that each stands, in seconds.
_DURATIONS_S = {
    Action.KILL: (0.2, 8.0),
    Action.PAUSE: (1.0, 20.0),
    Action.SKEW: (5.0, 40.0),
    Action.S3_FAULT: (1.0, 12.0),
    Action.NATS_FAULT: (1.0, 15.0),
}
# Clocks of machines are off by seconds where nobody minds them, by hours where a time zone is wrong.
_SKEWS_S = (3, 20, 50, 90, 300, 3_600, 5 * 3_600)


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault: when it begins after the start, and all that it needs. ``amount`` is the clock's offset in seconds, or
    how many index keys go; ``share`` of the traffic meets a fault of the network."""

    at_s: float
    action: Action
    target: str
    duration_s: float = 0.0
    kind: FaultKind | None = None
    share: float = 1.0
    delay_s: float = 0.0
    amount: float = 0.0
    seed: int = 0

    @property
    def name(self) -> str:
        """Its kind, as the report counts it."""
        return f"{self.action} {self.kind}" if self.kind else str(self.action)


class JobKind(StrEnum):
    """What is submitted."""

    TASK = "task"
    TRAINING = "training"
    INFERENCE = "inference"


class Ending(StrEnum):
    """What its client does with a job once it is accepted."""

    WAIT = "wait"
    CANCEL = "cancel"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job: when it is submitted after the start, and what becomes of it."""

    number: int
    at_s: float
    kind: JobKind
    ending: Ending
    ends_after_s: float


def plan_faults(seed: int, seconds: float) -> Sequence[PlannedFault]:
    """Faults with exponential pauses of ``MEAN_INTERVAL_S`` on average; every fault has ended by itself by ``seconds``
    and the longest duration."""
    dice = random.Random(f"faults {seed}")
    faults, at_s = [], dice.expovariate(1 / MEAN_INTERVAL_S)
    while at_s < seconds:
        (action,) = dice.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))
        faults.append(_draw(dice, action, at_s))
        at_s += dice.expovariate(1 / MEAN_INTERVAL_S)
    return faults


def _draw(dice: random.Random, action: Action, at_s: float) -> PlannedFault:
    target, kind, amount = "s3", None, 0.0
    if action in {Action.KILL, Action.PAUSE}:
        target = dice.choice((*SERVICES, *_SERVERS))
    elif action is Action.SKEW:
        target, amount = dice.choice(SERVICES), dice.choice((-1, 1)) * dice.choice(_SKEWS_S) * dice.uniform(0.8, 1.2)
    elif action is Action.S3_FAULT:
        kind = dice.choice(HTTP_FAULTS)
    elif action is Action.NATS_FAULT:
        target, kind = dice.choice(NATS_CLIENTS), dice.choice(NATS_FAULTS)
    elif action is Action.DELETE_STREAM:
        target = dice.choice(STREAMS)
    elif action is Action.DELETE_CONSUMER:
        target = dice.choice(CONSUMERS)
    else:
        amount = dice.randint(1, MAX_INDEX_KEYS)
    return PlannedFault(
        at_s=at_s,
        action=action,
        target=target,
        duration_s=dice.uniform(*_DURATIONS_S.get(action, (0.0, 0.0))),
        kind=kind,
        share=dice.choice((0.1, 0.3, 1.0)),
        delay_s=dice.uniform(0.05, 3.0),
        amount=amount,
        seed=dice.getrandbits(32),
    )


def plan_jobs(seed: int, seconds: float, count: int) -> Sequence[PlannedJob]:
    """``count`` jobs over the time: half of them tasks, a fifth trainings, the rest inferences; a few of them are
    cancelled or deleted a moment later."""
    dice = random.Random(f"jobs {seed}")
    times = sorted(dice.uniform(0, seconds) for _ in range(count))
    kinds = dice.choices((JobKind.TASK, JobKind.TRAINING, JobKind.INFERENCE), weights=(5, 2, 3), k=count)
    endings = dice.choices((Ending.WAIT, Ending.CANCEL, Ending.DELETE), weights=(92, 4, 4), k=count)
    return [
        PlannedJob(number, at_s, kind, ending, dice.uniform(0, 6))
        for number, (at_s, kind, ending) in enumerate(zip(times, kinds, endings, strict=True))
    ]

"""What a service does with its jobs, and the bounds that it does it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.common.jobs.record import Artefact, Fault, JobRecord
from services.common.jobs.writer import AttemptWriter


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: its terminal status, one sentence, what it made, and what else becomes true with it.

    ``given_up``: its attempts are used up, and an operator finds it among the dead letters.
    """

    status: str
    message: str
    error: Fault | None = None
    manifest: dict[str, Artefact] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    given_up: bool = False


class JobHandler(Protocol):
    """What a service does with its jobs."""

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Does the work. Raises WealthError to fail the job with its reason, RetryableError to try again later
        (``owners`` has whose failure is which); of the failures of a TaskGroup the first of these counts.

        Cancelled where the attempt no longer stands or the worker drains.
        """

    async def settle(self, record: JobRecord) -> None:
        """Does what belongs to a terminal record but stands outside of it; again is no harm."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The bounds of a worker.

    ``concurrency`` jobs in hand, ``max_attempts`` of one generation that fail by its own doing, ``job_timeout_s`` for
    one attempt, ``heartbeat_s`` between signs of life (well below the consumer's ack_wait), ``retry_delay_s`` before
    the second attempt, doubled for each further one, ``patience_s`` for a generation whose dependencies keep going
    away.
    """

    concurrency: int = 4
    max_attempts: int = 5
    job_timeout_s: float = 900
    heartbeat_s: float = 8
    retry_delay_s: float = 2
    drain_timeout_s: float = 20
    write_interval_s: float = 0.5
    look_interval_s: float = 2.0
    patience_s: float = 24 * 3600

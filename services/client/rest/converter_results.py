"""What the converter's calls answer, as frozen dataclasses with the names of the REST fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.client.rest.results import TERMINAL_STATUSES, JobRef, TraceLine


@dataclass(frozen=True, slots=True)
class AcceptedJob:
    """A training or inference that was accepted; ``client_id`` is the user."""

    job_id: str
    status: str
    client_id: str
    mode: str
    input_file: str = ""
    expected_output_file: str | None = None
    description: str = ""
    created_at: datetime | None = None
    message: str = ""
    trained_job_id: str | None = None

    @property
    def ref(self) -> JobRef:
        """What to watch or wait for."""
        return JobRef(self.client_id, self.job_id)


@dataclass(frozen=True, slots=True)
class Inference(AcceptedJob):
    """An inference; what follows ``finished`` is set where it was over within the time that was waited."""

    finished: bool = False
    output_csv: bytes | None = None
    program: str | None = None
    output_s3_path: str | None = None
    program_s3_path: str | None = None
    report: Mapping[str, Any] | None = None
    error: str | None = None
    error_code: str | None = None
    output_url: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """All that is known of a training or inference."""

    user_id: str
    job_id: str
    status: str
    mode: str
    user_name: str = ""
    job_title: str = ""
    job_description: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_seconds: float | None = None
    progress: int = 0
    message: str = ""
    script_path: str | None = None
    output_path: str | None = None
    program_sha256: str | None = None
    error: str | None = None
    error_code: str | None = None
    input_file: str = ""
    expected_output_file: str | None = None
    input_file_name: str | None = None
    expected_output_file_name: str | None = None
    trained_job_id: str | None = None
    flagged_rows: int = 0
    questions: int = 0
    lessons: int = 0
    serving_generation: int | None = None
    generation: int = 1
    revision: int = 0
    trace: tuple[TraceLine, ...] = ()

    @property
    def ref(self) -> JobRef:
        """What to watch or wait for."""
        return JobRef(self.user_id, self.job_id)

    @property
    def finished(self) -> bool:
        """Whether it is over, well or not."""
        return self.status in TERMINAL_STATUSES

    @property
    def succeeded(self) -> bool:
        """Whether it did what was asked of it."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class Questions:
    """What a job leaves open: ``questions`` as its report has them, the one whose answer is worth most first, and the
    ``generation`` to answer with."""

    generation: int = 0
    questions: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """A program that a training has learned; ``changed_rows``: rows that it changed though they were not taught."""

    generation: int
    program_sha256: str = ""
    learned_at: datetime | None = None
    lessons: int = 0
    serving: bool = False
    changed_rows: int = 0


@dataclass(frozen=True, slots=True)
class QueueInfo:
    """How many jobs there are, and workers for them."""

    max_workers: int = 0
    active_jobs: int = 0
    available_workers: int = 0
    queue_size: int = 0
    max_queue_size: int = 0
    worker_processes: int = 0
    open_jobs: int = 0


@dataclass(frozen=True, slots=True)
class CapacityUtilization:
    """How busy the workers are; the wait is unknown while nothing has finished to measure by."""

    workers_busy_percent: float = 0
    can_accept_new_jobs: bool = True
    estimated_wait_time_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The converter's queue; ``status`` is "ok" or "no_workers"."""

    status: str
    queue_info: QueueInfo
    capacity_utilization: CapacityUtilization


@dataclass(frozen=True, slots=True)
class ImportedJob:
    """What came of an older service's job; ``outcome`` is "imported", "present" or "valid"."""

    outcome: str
    job: Job
    notes: tuple[str, ...] = ()

"""What the gateway answers, typed. Fields that a newer gateway adds are ignored; status words are plain strings, so
that a newer one breaks nobody.

Times are aware datetimes in UTC. ``cost`` is in the currency of the tenant's AI platform.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from services.common.clock import format_time
from services.common.errors import Internal, InvalidInput

Item = TypeVar("Item")

TERMINAL_STATUSES = frozenset({"completed", "error", "failed", "cancelled"})
_TASK_PREFIX = "task_"


@dataclass(frozen=True, slots=True)
class TaskRef:
    """Which task."""

    task_id: str

    def __str__(self) -> str:
        return self.task_id

    @property
    def ref(self) -> "TaskRef":
        """Itself: whatever has a ``ref`` can be watched."""
        return self


@dataclass(frozen=True, slots=True)
class JobRef:
    """Which job of the converter, and whose."""

    user_id: str
    job_id: str

    def __str__(self) -> str:
        return f"{self.user_id}/{self.job_id}"

    @property
    def ref(self) -> "JobRef":
        """Itself: whatever has a ``ref`` can be watched."""
        return self


def parse_ref(text: str, default_user: str = "") -> TaskRef | JobRef:
    """Reads ``task_...``, ``USER/JOB``, or a job id alone where a user is given. Raises InvalidInput."""
    user, slash, job = text.rpartition("/")
    if not slash and text.startswith(_TASK_PREFIX):
        return TaskRef(text)
    if not job or not (user or default_user):
        raise InvalidInput(f"{text!r} names no task (task_...) and no job (USER/JOB)", field="id")
    return JobRef(user or default_user, job)


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of a history."""

    step: str
    status: str
    timestamp: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckedClaims:
    """Every claim of the texts, each with ``source``, ``text``, ``start``, ``end``, ``section``, ``value``, ``unit``,
    ``verdict``, ``fault``, ``fact``, ``formula`` and ``why``."""

    claims: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AcceptedTask:
    """A task that was accepted."""

    task_id: str
    status: str
    message: str = ""
    created_at: datetime | None = None

    @property
    def ref(self) -> TaskRef:
        """What to watch or wait for."""
        return TaskRef(self.task_id)


@dataclass(frozen=True, slots=True)
class Task:
    """Where a task stands."""

    task_id: str
    status: str
    progress: int = 0
    message: str = ""
    section_detected: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None
    elapsed_seconds: float | None = None
    user_id: str = ""
    error: str | None = None
    error_code: str | None = None
    cost: float = 0
    generation: int = 1
    revision: int = 0
    trace: tuple[TraceLine, ...] = ()

    @property
    def ref(self) -> TaskRef:
        """What to watch or wait for."""
        return TaskRef(self.task_id)

    @property
    def finished(self) -> bool:
        """Whether it is over, well or not."""
        return self.status in TERMINAL_STATUSES

    @property
    def succeeded(self) -> bool:
        """Whether every section was analysed."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class Fact:
    """A computed figure; ``value`` is a decimal number as text, exactly."""

    id: str
    value: str
    label: str = ""
    unit: str = ""
    currency: str | None = None
    method: str = ""
    periods_per_year: int | None = None
    inputs: tuple[str, ...] = ()
    subject: str = ""
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One section's result. ``grounding`` is what the check of the narrative found."""

    section: str
    status: str
    conv_id: str = ""
    message_id: str = ""
    response: str = ""
    cost: float = 0
    error: str | None = None
    error_code: str | None = None
    facts: tuple[Fact, ...] = ()
    absent: tuple[Mapping[str, Any], ...] = ()
    reading: tuple[Mapping[str, Any], ...] = ()
    grounding: Mapping[str, Any] | None = None
    provider: str = ""
    duration_ms: int = 0
    notes: tuple[Mapping[str, Any], ...] = ()
    charts: tuple[Mapping[str, Any], ...] = ()
    highlights: tuple[Mapping[str, Any], ...] = ()
    unknown_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskResult:
    """A finished task's results; ``data`` is by section."""

    task_id: str
    status: str
    message: str = ""
    section_detected: str = ""
    conv_id: str = ""
    message_id: str = ""
    data: Mapping[str, Section] = field(default_factory=dict)
    cost: float = 0
    elapsed_seconds: float = 0
    error: str | None = None
    error_code: str | None = None
    highlights: tuple[Mapping[str, Any], ...] = ()
    conflicts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """News of a task or a job. ``section`` names the section that finished, where one did."""

    status: str
    progress: int = 0
    message: str = ""
    event_id: str = ""
    section: str | None = None
    mode: str | None = None
    occurred_at: datetime | None = None
    terminal: bool = False
    generation: int = 1
    revision: int = 0
    error: str | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A task or job that used up its attempts."""

    id: str
    user_id: str = ""
    generation: int = 1
    attempts: int = 0
    error_code: str = ""
    error: str = ""
    failed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What commands call it by: a task's id, or USER/JOB."""
        return self.id if self.id.startswith(_TASK_PREFIX) else f"{self.user_id}/{self.id}"


@dataclass(frozen=True, slots=True)
class ImportedTask:
    """What came of an older service's task; ``outcome`` is "imported", "present" or "valid"."""

    outcome: str
    task: Task
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file; its ``uri`` is what trainings and inferences take as input."""

    uri: str
    file_id: str = ""
    size: int = 0
    sha256: str = ""
    user_id: str = ""
    file_name: str = ""
    content_type: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A download that came whole: its bytes, their SHA-256, and the name that the gateway gives it."""

    size: int
    sha256: str
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The suite's health; ``status`` is "ok", "degraded" or "down"."""

    status: str
    app_name: str = ""
    version: str = ""
    services: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ping:
    """How the task workers stand."""

    status: str
    workers: int = 0
    workers_started: bool = False
    worker_processes: int | None = None
    active_tasks: int | None = None
    queue_size: int = 0
    total_tasks: int = 0
    storage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A page of a list, newest first; ``next_page_token`` is empty on the last."""

    items: tuple[Item, ...]
    next_page_token: str = ""

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def read_result(shape: type[Item], document: object) -> Item:
    """Reads a JSON document into its dataclass. Raises Internal where it does not fit: that is no gateway of ours."""
    try:
        result: Item = _adapter(cast(Hashable, shape)).validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Internal(
            f"the answer is not a {shape.__name__}: {place}: {first['msg']}", reason="ANSWER_MALFORMED"
        ) from error
    return result


@cache
def _adapter(shape: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def as_json(value: Any) -> Any:
    """A result as JSON has it: dataclasses as objects, times as RFC 3339."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: as_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value

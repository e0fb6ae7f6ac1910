"""Tasks and conversions as one list, newest first, filtered, a page at a time.

The list is merged from two, whose pages have tokens of their own. A cursor holds, for each, the token of the page that
the last shown entry stood on, and which entry that was: nothing is missed or shown twice when jobs change in between.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from wealth.converter.v1 import converter_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import InvalidInput
from services.gateway.dashboard.frame import HOME, Visitor, quote_segment
from services.gateway.dashboard.queues import is_away
from services.gateway.dashboard.wording import name_section
from services.gateway.domain.search import find_words, fits
from services.gateway.rest.converter_mapping import TERMINAL_JOB, job_metadata
from services.gateway.rest.door import Door
from services.gateway.rest.portfolio_mapping import TERMINAL_TASK, task_state
from services.gateway.rest.searching import searched_job, searched_task

PAGE_SIZE = 25
# Pages of a service that one page of ours may cost, where a filter leaves little of each.
_MAX_FETCHES = 8
_MAX_CURSOR_CHARS = 8192
KINDS = {"task": "Portfolio tasks", "training": "Trainings", "inference": "Conversions"}
STATES = {"open": "Running or waiting", "completed": "Completed", "failed": "Failed", "cancelled": "Cancelled"}
_TASK_STATES = {
    "completed": portfolio_pb2.TASK_STATUS_COMPLETED,
    "failed": portfolio_pb2.TASK_STATUS_ERROR,
    "cancelled": portfolio_pb2.TASK_STATUS_CANCELLED,
}
_JOB_STATES = {
    "completed": converter_pb2.JOB_STATUS_COMPLETED,
    "failed": converter_pb2.JOB_STATUS_FAILED,
    "cancelled": converter_pb2.JOB_STATUS_CANCELLED,
}
_MODES = {"training": converter_pb2.JOB_MODE_TRAINING, "inference": converter_pb2.JOB_MODE_INFERENCE}


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the list is wanted; an empty text wants all."""

    kind: str = ""
    state: str = ""
    user: str = ""
    search: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.state or self.user or self.search)


@dataclass(frozen=True, slots=True)
class Entry:
    """A task or job as the list shows it. ``version`` grows with each change of it."""

    id: str
    kind: str
    title: str
    path: str
    user_id: str
    status: str
    progress: int
    message: str
    created_at: str
    finished_at: str
    elapsed_s: float | None
    flagged_rows: int
    is_open: bool
    version: tuple[int, int]

    @property
    def key(self) -> str:
        """Names its row on the page."""
        return f"{self.kind}-{self.id}"

    @property
    def has_failed(self) -> bool:
        """Whether it ended with an error, which its message says."""
        return self.status in {"failed", "error"}


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """A page of the list; ``cursor`` asks for the next one and is empty on the last.

    ``away`` names the parts that could not be read: their service does not answer.
    """

    entries: Sequence[Entry]
    cursor: str
    away: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """How far one of the merged lists was shown: the page's token, and the last entry shown of it."""

    token: str = ""
    after_id: str = ""
    after_time: str = ""


Fetch = Callable[[str], Awaitable[tuple[Sequence[Entry], str]]]


async def read_activity(door: Door, visitor: Visitor, wanted: Filter, cursor: str = "") -> ActivityPage:
    """Reads a page of what the visitor may see. Raises InvalidInput for a cursor that is none, or AioRpcError."""
    places = decode_cursor(cursor)
    streams: dict[str, _Stream] = {}
    if visitor.may("portfolio") and wanted.kind in {"", "task"}:
        streams["tasks"] = _Stream(_fetch_tasks(door, visitor, wanted), places.get("tasks", Place()))
    if visitor.may("converter") and wanted.kind != "task":
        streams["jobs"] = _Stream(_fetch_jobs(door, visitor, wanted), places.get("jobs", Place()))
    entries: list[Entry] = []
    while len(entries) < PAGE_SIZE:
        heads = await asyncio.gather(*(stream.peek() for stream in streams.values()))
        waiting = [
            (head.created_at, head.id, stream) for head, stream in zip(heads, streams.values(), strict=True) if head
        ]
        if not waiting or any(stream.is_worn and not stream.is_away for stream in streams.values()):
            break
        entries.append(max(waiting, key=lambda item: item[:2])[2].take())
    more = any(not stream.is_exhausted and not stream.is_away for stream in streams.values())
    return ActivityPage(
        entries,
        encode_cursor({name: stream.place for name, stream in streams.items()}) if more else "",
        [name for name, stream in streams.items() if stream.is_away],
    )


def encode_cursor(places: Mapping[str, Place | None]) -> str:
    """Writes a cursor; None stands for a list of which all was shown."""
    document = {
        name: None if place is None else [place.token, place.after_id, place.after_time]
        for name, place in places.items()
    }
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def decode_cursor(text: str) -> Mapping[str, Place | None]:
    """Reads a cursor; the empty one asks for the first page. Raises InvalidInput."""
    if not text:
        return {}
    try:
        if len(text) > _MAX_CURSOR_CHARS:
            raise ValueError("too long")
        document = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
        return {name: None if value is None else _read_place(value) for name, value in document.items()}
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise InvalidInput("this page of the list is not there", field="cursor") from error


def _read_place(value: Any) -> Place:
    place = Place(*value)
    if not all(isinstance(text, str) for text in (place.token, place.after_id, place.after_time)):
        raise TypeError("texts are wanted")
    return place


def describe_task(task: portfolio_pb2.Task) -> Entry:
    """A task as an entry."""
    shown = task_state(task)
    sections = ", ".join(name_section(name) for name in task.sections_detected)
    return Entry(
        id=task.task_id,
        kind="task",
        title=sections or "Portfolio analysis",
        path=f"{HOME}/tasks/{quote_segment(task.task_id)}",
        user_id=task.user_id,
        status=shown["status"],
        progress=task.progress,
        message=shown["error"] or task.message,
        created_at=shown["created_at"] or "",
        finished_at=shown["finished_at"] or "",
        elapsed_s=shown["elapsed_seconds"],
        flagged_rows=0,
        is_open=task.status not in TERMINAL_TASK,
        version=(task.generation, task.revision),
    )


def describe_job(job: converter_pb2.Job) -> Entry:
    """A training or inference as an entry."""
    shown = job_metadata(job)
    return Entry(
        id=job.job_id,
        kind=shown["mode"],
        # An inference is called what its training is called: its file tells it from others.
        title=" · ".join(
            filter(None, (job.title or job.job_id, "" if job.expected_output_file else job.input_file_name))
        ),
        path=f"{HOME}/jobs/{quote_segment(job.user_id)}/{quote_segment(job.job_id)}",
        user_id=job.user_id,
        status=shown["status"],
        progress=job.progress,
        message=shown["error"] or job.message,
        created_at=shown["created_at"] or "",
        finished_at=shown["finished_at"] or "",
        elapsed_s=shown["elapsed_seconds"],
        flagged_rows=job.flagged_rows,
        is_open=job.status not in TERMINAL_JOB,
        version=(job.generation, job.revision),
    )


class _Stream:
    """One of the merged lists, from a place on."""

    def __init__(self, fetch: Fetch, place: Place | None) -> None:
        self._fetch = fetch
        self._next: Place | None = place
        self._entries: list[Entry] = []
        self._shown = place or Place()
        self._fetches = 0
        self.is_away = False

    @property
    def is_exhausted(self) -> bool:
        """Whether all of it was taken."""
        return not self._entries and self._next is None

    @property
    def is_worn(self) -> bool:
        """Whether it may hold more but has cost as much as a page may."""
        return not self._entries and self._next is not None and not self._may_fetch

    @property
    def place(self) -> Place | None:
        """Where the next page begins; None where there is none."""
        if self._entries:
            return self._shown
        return self._next

    @property
    def _may_fetch(self) -> bool:
        return self._fetches < _MAX_FETCHES and not self.is_away

    async def peek(self) -> Entry | None:
        """The newest entry that was not taken yet; None where there is none, or it is worn."""
        while not self._entries and self._next is not None and self._may_fetch:
            place, self._fetches = self._next, self._fetches + 1
            try:
                found, token = await self._fetch(place.token)
            except grpc.aio.AioRpcError as failure:
                if not is_away(failure):
                    raise
                self.is_away = True
                return None
            self._entries = list(_leave_out(found, place))
            self._shown = place
            self._next = Place(token) if token else None
        return self._entries[0] if self._entries else None

    def take(self) -> Entry:
        """Takes the newest entry."""
        entry = self._entries.pop(0)
        self._shown = Place(self._shown.token, entry.id, entry.created_at)
        return entry


def _leave_out(entries: Sequence[Entry], place: Place) -> Sequence[Entry]:
    """What of a page was not shown before. The last one shown may have left the page meanwhile: then its time tells."""
    if not place.after_id:
        return entries
    for position, entry in enumerate(entries):
        if entry.id == place.after_id:
            return entries[position + 1 :]
    return [entry for entry in entries if entry.created_at < place.after_time]


def _fetch_tasks(door: Door, visitor: Visitor, wanted: Filter) -> Fetch:
    async def fetch(token: str) -> tuple[Sequence[Entry], str]:
        request = portfolio_pb2.ListTasksRequest(
            page_size=PAGE_SIZE,
            page_token=token,
            user_id=wanted.user or visitor.only_user,
            status=_TASK_STATES.get(wanted.state, portfolio_pb2.TASK_STATUS_UNSPECIFIED),
            open=wanted.state == "open",
        )
        page = await _or_none(door.backends.portfolio.ListTasks(request))
        return (_search_tasks(page.tasks, wanted), page.next_page_token) if page else ((), "")

    return fetch


def _fetch_jobs(door: Door, visitor: Visitor, wanted: Filter) -> Fetch:
    async def fetch(token: str) -> tuple[Sequence[Entry], str]:
        request = converter_pb2.ListJobsRequest(
            page_size=PAGE_SIZE,
            page_token=token,
            user_id=wanted.user or visitor.only_user,
            status=_JOB_STATES.get(wanted.state, converter_pb2.JOB_STATUS_UNSPECIFIED),
            open=wanted.state == "open",
            mode=_MODES.get(wanted.kind, converter_pb2.JOB_MODE_UNSPECIFIED),
        )
        page = await _or_none(door.backends.converter.ListJobs(request))
        return (_search_jobs(page.jobs, wanted), page.next_page_token) if page else ((), "")

    return fetch


def _search_tasks(tasks: Iterable[portfolio_pb2.Task], wanted: Filter) -> Sequence[Entry]:
    words = find_words(wanted.search)
    return [describe_task(task) for task in tasks if not words or fits(words, searched_task(task_state(task)))]


def _search_jobs(jobs: Iterable[converter_pb2.Job], wanted: Filter) -> Sequence[Entry]:
    words = find_words(wanted.search)
    return [describe_job(job) for job in jobs if not words or fits(words, searched_job(job_metadata(job)))]


async def _or_none(call: Awaitable[Any]) -> Any:
    """A page of a user whom the visitor may not see is an empty one: whether there is such a user stays untold."""
    try:
        return await call
    except grpc.aio.AioRpcError as failure:
        if failure.code() is grpc.StatusCode.NOT_FOUND:
            return None
        raise

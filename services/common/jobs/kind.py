"""What differs between kinds of job."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.common.errors import NotFound
from services.common.jobs.record import DELETED, HistoryEntry, JobRecord

OPEN = "open"


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job: its words, its place in the bucket, its events.

    service      "portfolio": names the queue, the events' subjects and the storage namespaces
    noun         "task": the events' subject and the messages to people
    name         "portfolio.task": the records' kind
    statuses     every status, in order; those in ``terminal`` end a generation
    record_key   (user_id, job_id) -> the record's key below the tenant's prefix
    job_id_of    a record's key -> the job's id
    record_prefix, record_suffix   what the keys of all its records begin and end with
    places       (user_id, job_id) -> where all else of the job stands: prefixes, ending in "/", and single keys
    readable     the fields that people and older readers expect on top of the JSON document
    job_id_form  what an id looks like: an expression, and an example for people
    event        (record, entry, terminal, resumable) -> the event's payload as JSON bytes
    """

    service: str
    noun: str
    name: str
    statuses: tuple[str, ...]
    terminal: frozenset[str]
    record_key: Callable[[str, str], str]
    job_id_of: Callable[[str], str]
    places: Callable[[str, str], tuple[str, ...]]
    readable: Callable[[JobRecord], Mapping[str, Any]]
    event: Callable[[JobRecord, HistoryEntry, bool, bool], bytes]
    record_suffix: str
    record_prefix: str
    job_id_form: tuple[str, str] = ("", "")
    pending: str = "pending"
    completed: str = "completed"
    failed: str = "failed"
    cancelled: str = "cancelled"

    @property
    def event_prefix(self) -> str:
        """The first tokens of its events' subjects."""
        return f"wealth.{self.service}.v1.{self.noun}"

    def missing(self, job_id: str) -> NotFound:
        """The error for a job that is not there, or is somebody else's: in the same words, so that nobody learns which.

        An id that can be nobody's is told apart.
        """
        form, example = self.job_id_form
        wrong = form and not re.fullmatch(form, job_id)
        return NotFound(f"no such {self.noun}" + (f": its id would look like {example}" if wrong else ""))

    @property
    def open_statuses(self) -> tuple[str, ...]:
        """The statuses of jobs that have not ended, in order."""
        return tuple(status for status in self.statuses if status not in self.terminal)

    def is_terminal(self, status: str) -> bool:
        """Whether no transition leaves this status but a new generation."""
        return status in self.terminal or status == DELETED

    def may_follow(self, record: JobRecord, previous: JobRecord) -> bool:
        """Whether a record may replace another: an ended job's only by its deletion or its next generation, or where
        nothing but its body and its files change (which of its programs serves may be chosen anew)."""
        if not self.is_terminal(previous.status) or record.status == DELETED:
            return True
        return record.generation > previous.generation or _ending_of(record) == _ending_of(previous)

    def index_state(self, status: str) -> str:
        """The state that a record is listed under: ``open``, its terminal status, or none once deleted."""
        if status == DELETED:
            return ""
        return status if status in self.terminal else OPEN

    @property
    def index_states(self) -> tuple[str, ...]:
        """Every state that records of this kind are listed under."""
        return (OPEN, *sorted(self.terminal))


def _ending_of(record: JobRecord) -> JobRecord:
    """An ended job's record without what may change yet, and without what storage says of it."""
    return replace(record, body={}, manifest={}, revision=0, write_id="", etag="", run=0)

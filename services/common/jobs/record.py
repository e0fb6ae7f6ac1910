"""What a job is: pure data, and its one JSON form in the bucket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from services.common.clock import format_time, parse_time
from services.common.identity import Principal

DELETED = "deleted"
ENVELOPE = "_job"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job failed: an UPPER_SNAKE code, words for a person, and the request's field where one is at fault."""

    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One piece of news of a job. ``sequence`` counts within a generation; several entries may share a revision."""

    sequence: int
    revision: int
    status: str
    progress: int
    message: str
    at: datetime
    section: str = ""


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step that a job took; ``status`` is started, completed or failed."""

    step: str
    status: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Artefact:
    """An output that the manifest names: its key in the bucket, bytes and SHA-256."""

    key: str
    size: int
    sha256: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it stands.

    ``generation`` counts replays and retrainings, ``attempt`` claims within a generation (the fence): ``charged`` of
    them failed by the job's own doing, ``excused`` were handed back through no fault of its, and as many as ``deaths``
    had ended without a word when the last one began, ``deaths_alone`` of them with nothing else in hand (``alone``:
    the last one, too). ``given_up`` says that a bound on them ended it.
    ``requests`` are digests of the idempotency keys that restarted it, the latest last. ``body`` belongs to the job's
    kind. ``revision``, ``write_id``, ``etag`` and ``run`` (what its index keys carry) come from storage.
    """

    tenant: str
    user_id: str
    job_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    subject: str = ""
    generation: int = 1
    attempt: int = 0
    charged: int = 0
    excused: int = 0
    deaths: int = 0
    deaths_alone: int = 0
    alone: bool = False
    finished_at: datetime | None = None
    progress: int = 0
    message: str = ""
    error: Fault | None = None
    given_up: bool = False
    requests: tuple[str, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    trace: tuple[TraceStep, ...] = ()
    manifest: Mapping[str, Artefact] = field(default_factory=dict)
    traceparent: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0
    write_id: str = ""
    etag: str = ""
    run: int = 0

    @property
    def attempts_used(self) -> int:
        """Attempts that were not handed back."""
        return self.attempt - self.excused

    def note(self, now: datetime, status: str, progress: int, message: str, section: str = "") -> Self:
        """Returns the record with a new status and a history entry, which gets its revision when it is written."""
        entry = HistoryEntry(
            sequence=self.history[-1].sequence + 1 if self.history else 1,
            revision=self.revision + 1,
            status=status,
            progress=progress,
            message=message,
            at=now,
            section=section,
        )
        return replace(
            self,
            status=status,
            progress=progress,
            message=message,
            updated_at=now,
            history=(*self.history, entry),
        )

    def with_step(self, now: datetime, step: str, status: str, detail: str = "") -> Self:
        """Returns the record with a step in its trace: a new one, or the latest of that name brought up to date."""
        entry = TraceStep(step, status, now, detail)
        if self.trace and self.trace[-1].step == step and self.trace[-1].status == "started":
            return replace(self, trace=(*self.trace[:-1], entry), updated_at=now)
        return replace(self, trace=(*self.trace, entry), updated_at=now)

    def finished(self, now: datetime) -> Self:
        """Returns the record with the time that it ended."""
        return replace(self, finished_at=now)

    def restart(self, now: datetime, message: str, *, status: str, body: Mapping[str, Any]) -> Self:
        """Returns the record's next generation: pending again, with nothing of the former run but its identity."""
        fresh = replace(
            self,
            generation=self.generation + 1,
            attempt=0,
            charged=0,
            excused=0,
            deaths=0,
            deaths_alone=0,
            alone=False,
            finished_at=None,
            error=None,
            given_up=False,
            history=(),
            trace=(),
            manifest={},
            body=body,
        )
        return fresh.note(now, status, 0, message).with_step(now, "submit", "completed", message)


def encode_record(record: JobRecord) -> dict[str, Any]:
    """Writes a record as a JSON document: the body's fields on top, the job's own under ``_job``."""
    envelope: dict[str, Any] = {
        "tenant": record.tenant,
        "user_id": record.user_id,
        "job_id": record.job_id,
        "subject": record.subject,
        "status": record.status,
        "generation": record.generation,
        "attempt": record.attempt,
        "charged": record.charged,
        "excused": record.excused,
        "deaths": record.deaths,
        "deaths_alone": record.deaths_alone,
        "alone": record.alone,
        "created_at": format_time(record.created_at),
        "updated_at": format_time(record.updated_at),
        "finished_at": format_time(record.finished_at) if record.finished_at else None,
        "progress": record.progress,
        "message": record.message,
        "error": _plain(record.error) if record.error else None,
        "given_up": record.given_up,
        "requests": list(record.requests),
        "history": [_entry_document(entry) for entry in record.history],
        "trace": [_plain(step) | {"at": format_time(step.at)} for step in record.trace],
        "manifest": {name: _plain(artefact) for name, artefact in record.manifest.items()},
        "traceparent": record.traceparent,
    }
    return {**record.body, ENVELOPE: envelope}


def decode_record(document: Mapping[str, Any], *, revision: int, write_id: str, etag: str, run: int = 0) -> JobRecord:
    """Reads what ``encode_record`` wrote; unknown keys of the envelope are a newer version's and passed over.

    Raises KeyError, TypeError, ValueError or AttributeError on a document that is no job.
    """
    envelope = document[ENVELOPE]
    error = envelope.get("error")
    return JobRecord(
        tenant=envelope["tenant"],
        user_id=envelope["user_id"],
        job_id=envelope["job_id"],
        subject=envelope.get("subject", ""),
        status=envelope["status"],
        generation=envelope["generation"],
        attempt=envelope["attempt"],
        charged=envelope.get("charged", 0),
        excused=envelope.get("excused", 0),
        deaths=envelope.get("deaths", 0),
        deaths_alone=envelope.get("deaths_alone", 0),
        alone=envelope.get("alone", False),
        created_at=parse_time(envelope["created_at"]),
        updated_at=parse_time(envelope["updated_at"]),
        finished_at=parse_time(envelope["finished_at"]) if envelope.get("finished_at") else None,
        progress=envelope.get("progress", 0),
        message=envelope.get("message", ""),
        error=Fault(error["code"], error["message"], error.get("field", "")) if error else None,
        given_up=envelope.get("given_up", False),
        requests=tuple(envelope.get("requests", ())),
        history=tuple(_read_entry(entry) for entry in envelope.get("history", ())),
        trace=tuple(
            TraceStep(step["step"], step["status"], parse_time(step["at"]), step.get("detail", ""))
            for step in envelope.get("trace", ())
        ),
        manifest={
            name: Artefact(item["key"], item["size"], item["sha256"], item.get("content_type", ""))
            for name, item in envelope.get("manifest", {}).items()
        },
        traceparent=envelope.get("traceparent", ""),
        body={key: value for key, value in document.items() if key != ENVELOPE},
        revision=revision,
        write_id=write_id,
        etag=etag,
        run=run,
    )


def encode_entry(entry: HistoryEntry) -> str:
    """Writes one history entry as ASCII JSON, for an event's header."""
    return json.dumps(_entry_document(entry))


def decode_entry(text: str) -> HistoryEntry:
    """Reads what ``encode_entry`` wrote. Raises ValueError or KeyError on anything else."""
    return _read_entry(json.loads(text))


def _entry_document(entry: HistoryEntry) -> dict[str, Any]:
    return _plain(entry) | {"at": format_time(entry.at)}


def _plain(item: Fault | HistoryEntry | TraceStep | Artefact) -> dict[str, Any]:
    """The fields of an item that holds plain values only: ``asdict`` would copy each, at ten times the cost."""
    return {name: getattr(item, name) for name in item.__slots__}


def _read_entry(fields: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        fields["sequence"],
        fields["revision"],
        fields["status"],
        fields["progress"],
        fields["message"],
        parse_time(fields["at"]),
        fields.get("section", ""),
    )


def new_record(
    principal: Principal,
    *,
    user_id: str,
    job_id: str,
    now: datetime,
    status: str,
    message: str,
    body: Mapping[str, Any],
    traceparent: str = "",
) -> JobRecord:
    """Makes a job's first generation, not yet written."""
    record = JobRecord(
        tenant=principal.tenant,
        user_id=user_id,
        job_id=job_id,
        subject=principal.subject,
        status=status,
        created_at=now,
        updated_at=now,
        body=body,
        traceparent=traceparent,
    )
    return record.note(now, status, 0, message).with_step(now, "submit", "completed", message)

"""Tasks between their record and the protos, and the kind of job that a task is. Pure.

A task's record body holds: ``username``, ``locale``, ``payload_sha256``, ``payload_count``, ``input`` (where it is
small), ``sealed`` (whether credentials were stored), ``sections_detected``, ``sections`` (results as ``domain.task``
writes them, by name), ``checkpoints``, ``cost``, ``highlights`` and ``conflicts``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.clock import format_time
from services.common.jobs.events import event_id
from services.common.jobs.kind import JobKind
from services.common.jobs.record import HistoryEntry, JobRecord
from services.portfolio.domain import places
from services.portfolio.domain.reading import Conventions, read_conventions
from services.portfolio.domain.report import draw_charts, render_report
from services.portfolio.domain.report.brand import Brand
from services.portfolio.domain.verification import CheckedClaim, render_claims

STATUSES = (
    "pending", "authenticating", "authenticated", "detecting_section", "processing", "completed", "error", "cancelled",
)  # fmt: skip


def to_status(status: str) -> "pb.TaskStatus.ValueType":
    """The proto's status of a record's."""
    return pb.TaskStatus.Value(f"TASK_STATUS_{status.upper()}")


def from_status(status: int) -> str:
    """The record's status of a proto's; empty for unspecified."""
    name = pb.TaskStatus.Name(status).removeprefix("TASK_STATUS_").lower()  # type: ignore[arg-type]
    return "" if name == "unspecified" else name


def from_conventions(message: pb.InputConventions) -> Conventions:
    """The conventions of a request. Raises ``InputError`` for a scale or a currency that is not known."""
    return read_conventions(json_format.MessageToDict(message, preserving_proto_field_name=True))


def to_event(record: JobRecord, entry: HistoryEntry, terminal: bool, resumable: bool) -> pb.TaskEvent:
    """A piece of a task's news."""
    event = pb.TaskEvent(
        event_id=event_id(record, entry),
        task_id=record.job_id,
        user_id=record.user_id,
        revision=entry.revision,
        status=to_status(entry.status),
        progress=entry.progress,
        message=entry.message,
        section=entry.section,
        occurred_at=_to_timestamp(entry.at),
        terminal=terminal,
        generation=record.generation,
        resumable=resumable,
    )
    if terminal and record.error:
        event.error.CopyFrom(_to_error(record))
    return event


def to_task(record: JobRecord, *, full: bool) -> pb.Task:
    """A task; its sections' results only where ``full``."""
    body = record.body
    task = pb.Task(
        task_id=record.job_id,
        user_id=record.user_id,
        status=to_status(record.status),
        progress=record.progress,
        message=record.message,
        sections_detected=body.get("sections_detected", ()),
        created_at=_to_timestamp(record.created_at),
        updated_at=_to_timestamp(record.updated_at),
        cost=str(body.get("cost", "0")),
        generation=record.generation,
        revision=record.revision,
        trace=[
            jobs_pb2.TraceStep(step=step.step, status=step.status, timestamp=_to_timestamp(step.at), detail=step.detail)
            for step in record.trace
        ],
    )
    if record.finished_at:
        task.finished_at.CopyFrom(_to_timestamp(record.finished_at))
    if record.error:
        task.error.CopyFrom(_to_error(record))
    if full:
        for name, result in body.get("sections", {}).items():
            task.sections.append(_to_section(name, result))
        for highlight in body.get("highlights", ()):
            json_format.ParseDict(highlight, task.highlights.add(), ignore_unknown_fields=True)
        for conflict in body.get("conflicts", ()):
            json_format.ParseDict(conflict, task.conflicts.add(), ignore_unknown_fields=True)
    return task


def to_report(record: JobRecord, brand: Brand | None = None) -> pb.TaskReport:
    """A terminal task's results as one HTML page, in the task's own locale and its tenant's brand.

    Takes a while for many sections.
    """
    body = record.body
    result = {
        "message": record.message,
        "section_detected": ", ".join(body.get("sections_detected", ())),
        "cost": float(body.get("cost") or 0),
        "data": body.get("sections", {}),
        "highlights": body.get("highlights", ()),
        "conflicts": body.get("conflicts", ()),
    }
    charts = draw_charts(result["data"], body["locale"])
    return pb.TaskReport(
        html=render_report(
            result, locale=body["locale"], brand=brand, prepared=(record.finished_at or record.updated_at).date()
        ),
        charts=[pb.DrawnChart(section=section, title=title, svg=svg) for section, title, svg in charts],
    )


def to_claims(claims: Sequence[CheckedClaim]) -> pb.CheckClaimsResponse:
    """Verdicts on texts: the document's names are the proto's, its null is the proto's absence."""
    return json_format.ParseDict(_without_nulls(render_claims(claims)), pb.CheckClaimsResponse())


def _to_section(name: str, result: Mapping[str, Any]) -> pb.SectionResult:
    """A section's result: the document's names are the proto's, its null is the proto's absence."""
    fields = {**result, "name": name, "cost": str(result.get("cost") or 0)}
    return json_format.ParseDict(_without_nulls(fields), pb.SectionResult(), ignore_unknown_fields=True)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def readable(record: JobRecord) -> dict[str, Any]:
    """What people and older readers find on top of ``tasks/{task_id}.json``."""
    return {
        "task_id": record.job_id,
        "status": record.status,
        "progress": record.progress,
        "message": record.message,
        "section_detected": ", ".join(record.body.get("sections_detected", ())),
        "created_at": format_time(record.created_at),
        "updated_at": format_time(record.updated_at),
    }


TASK_KIND = JobKind(
    service="portfolio",
    noun="task",
    name="portfolio.task",
    statuses=STATUSES,
    terminal=frozenset({"completed", "error", "cancelled"}),
    record_key=lambda _user_id, task_id: places.record_key(task_id),
    job_id_of=places.task_id_of,
    record_prefix=places.RECORD_PREFIX,
    record_suffix=places.RECORD_SUFFIX,
    job_id_form=(r"task_\d{14}_[0-9a-f]{8}", "task_20260102030405_0a1b2c3d"),
    places=lambda _user_id, task_id: (places.input_key(task_id), places.credentials_prefix(task_id)),
    readable=readable,
    event=lambda record, entry, terminal, resumable: json_format.MessageToJson(
        to_event(record, entry, terminal, resumable), preserving_proto_field_name=True, indent=None
    ).encode(),
    failed="error",
)


def _to_error(record: JobRecord) -> jobs_pb2.JobError:
    fault = record.error
    return (
        jobs_pb2.JobError(code=fault.code, message=fault.message, field=fault.field) if fault else jobs_pb2.JobError()
    )


def _to_timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp

"""Jobs between their record and the protos, and the kind of job that a conversion is. Pure.

A job's record body holds: ``mode``, ``title``, ``description``, ``owner``, ``sources`` (by name: kind, uri or key),
``principal_users`` (for whom files are read), ``instructions``, ``trained_job_id``, ``on_unseen``, ``program`` (the one
in service: key, report_key, sha256, generation), ``versions`` (all of them, `domain.versions`), ``samples`` (names of
files, each with its name among the sources), ``lessons`` (where they stand, and how many), ``teaching`` (those that are
being learned, and when the program is put in service), ``absent`` (columns that no column of the file is known to be),
``questions`` and ``flagged_rows``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.converter.v1 import converter_pb2 as pb
from wealth.jobs.v1 import jobs_pb2

from services.common.clock import format_time, parse_time
from services.common.jobs.events import event_id
from services.common.jobs.kind import JobKind
from services.common.jobs.record import HistoryEntry, JobRecord
from services.converter.domain.places import METADATA, Places
from services.converter.domain.versions import serving_generation, versions_of

STATUSES = (
    "pending", "initializing", "uploading", "processing", "planning", "coding", "testing",
    "completed", "failed", "cancelled",
)  # fmt: skip
ARTEFACT_NAMES = {
    pb.ARTIFACT_PROGRAM: "program",
    pb.ARTIFACT_REPORT: "report",
    pb.ARTIFACT_OUTPUT: "output",
    pb.ARTIFACT_INPUT: "input",
    pb.ARTIFACT_EXPECTED: "expected",
    pb.ARTIFACT_REVIEW: "review",
    pb.ARTIFACT_AGENTS: "agents",
}
# Names an object of the tenant's for people: "s3://bucket/...".
NameObject = Callable[[str, str], str]


def to_status(status: str) -> "pb.JobStatus.ValueType":
    """The proto's status of a record's."""
    return pb.JobStatus.Value(f"JOB_STATUS_{status.upper()}")


def from_status(status: int) -> str:
    """The record's status of a proto's; empty for unspecified."""
    name = pb.JobStatus.Name(status).removeprefix("JOB_STATUS_").lower()  # type: ignore[arg-type]
    return "" if name == "unspecified" else name


def from_mode(mode: int) -> str:
    """The record's mode of a proto's; empty for unspecified."""
    return {pb.JOB_MODE_TRAINING: "training", pb.JOB_MODE_INFERENCE: "inference"}.get(mode, "")  # type: ignore[call-overload,no-any-return]


def from_on_unseen(choice: int) -> str:
    """What inference does with unseen cells: ``null``, ``keep`` or ``fail``."""
    return {pb.ON_UNSEEN_KEEP: "keep", pb.ON_UNSEEN_FAIL: "fail"}.get(choice, "null")  # type: ignore[call-overload,no-any-return]


def from_on_drift(choice: int) -> str:
    """What inference does with columns that are called otherwise: ``ask`` or ``accept_renames``."""
    return "accept_renames" if choice == pb.ON_DRIFT_ACCEPT_RENAMES else "ask"


def from_on_ambiguity(choice: int) -> str:
    """What a training does where questions stay open: ``keep`` or ``fail``."""
    return "fail" if choice == pb.ON_AMBIGUITY_FAIL else "keep"


def to_questions(generation: int, questions: Iterable[Mapping[str, Any]]) -> pb.ListQuestionsResponse:
    """The questions of a job's report; those of older reports offer values alone."""
    return pb.ListQuestionsResponse(
        generation=generation,
        questions=[
            pb.Question(
                id=question["id"],
                kind=question["kind"],
                file=question["row"]["file"],
                row=question["row"]["number"],
                cells=question["row"]["cells"],
                column=question["column"],
                candidates=[
                    pb.Candidate(
                        value=candidate["value"],
                        words=candidate["words"],
                        programs=candidate["programs"],
                        meaning=pb.Meaning.Value(f"MEANING_{candidate.get('says', 'value').upper()}"),
                    )
                    for candidate in question["candidates"]
                ],
                default_value=question["default"],
                share=question["share"],
                decides=question.get("decides", 0),
            )
            for question in questions
        ],
    )


def to_versions(record: JobRecord) -> pb.ListVersionsResponse:
    """The programs that a training has learned."""
    serving = serving_generation(record.body)
    found = []
    for version in versions_of(record.body):
        item = pb.Version(
            generation=version["generation"],
            program_sha256=version["sha256"],
            lessons=version.get("lessons", 0),
            serving=version["generation"] == serving,
            changed_rows=version.get("untaught", 0),
        )
        if "learned_at" in version:
            item.learned_at.CopyFrom(_to_timestamp(parse_time(version["learned_at"])))
        found.append(item)
    return pb.ListVersionsResponse(versions=found)


def to_mode(record: JobRecord) -> "pb.JobMode.ValueType":
    """The proto's mode of a record."""
    return pb.JobMode.Value(f"JOB_MODE_{str(record.body.get('mode', 'unspecified')).upper()}")


def to_event(record: JobRecord, entry: HistoryEntry, terminal: bool, resumable: bool) -> pb.JobEvent:
    """A piece of a job's news."""
    event = pb.JobEvent(
        event_id=event_id(record, entry),
        job_id=record.job_id,
        user_id=record.user_id,
        revision=entry.revision,
        status=to_status(entry.status),
        progress=entry.progress,
        message=entry.message,
        occurred_at=_to_timestamp(entry.at),
        terminal=terminal,
        generation=record.generation,
        resumable=resumable,
        mode=to_mode(record),
    )
    if terminal and record.error:
        event.error.CopyFrom(_to_error(record))
    return event


def to_job(record: JobRecord, name_object: NameObject) -> pb.Job:
    """A job as its owner sees it."""
    body = record.body
    sources = body.get("sources", {})
    job = pb.Job(
        job_id=record.job_id,
        user_id=record.user_id,
        owner=body.get("owner", ""),
        title=body.get("title", ""),
        description=body.get("description", ""),
        mode=to_mode(record),
        status=to_status(record.status),
        progress=record.progress,
        message=record.message,
        created_at=_to_timestamp(record.created_at),
        updated_at=_to_timestamp(record.updated_at),
        input_file=sources.get("input", {}).get("shown", ""),
        expected_output_file=sources.get("expected", {}).get("shown", ""),
        input_file_name=sources.get("input", {}).get("name", ""),
        expected_output_file_name=sources.get("expected", {}).get("name", ""),
        trained_job_id=body.get("trained_job_id", ""),
        generation=record.generation,
        revision=record.revision,
        flagged_rows=body.get("flagged_rows", 0),
        questions=body.get("questions", 0),
        lessons=(body.get("lessons") or {}).get("count", 0),
        serving_generation=serving_generation(body) if body.get("mode") == "training" else 0,
        trace=[
            jobs_pb2.TraceStep(step=step.step, status=step.status, timestamp=_to_timestamp(step.at), detail=step.detail)
            for step in record.trace
        ],
    )
    if record.finished_at:
        job.finished_at.CopyFrom(_to_timestamp(record.finished_at))
    if record.error:
        job.error.CopyFrom(_to_error(record))
    if program := body.get("program"):
        job.program_uri = name_object(record.tenant, program["key"])
        job.program_sha256 = program["sha256"]
    if output := record.manifest.get("output"):
        job.output_uri = name_object(record.tenant, output.key)
    return job


def readable(record: JobRecord) -> dict[str, Any]:
    """What people and older readers find on top of ``job_metadata.json``."""
    program = record.body.get("program") or {}
    return {
        "user_id": record.user_id,
        "user_name": record.body.get("owner", ""),
        "job_id": record.job_id,
        "job_title": record.body.get("title", ""),
        "job_description": record.body.get("description", ""),
        "created_at": format_time(record.created_at),
        "finished_at": format_time(record.finished_at) if record.finished_at else None,
        "job_status": record.status,
        "script_path": program.get("key"),
        "error": record.error.message if record.error else None,
    }


def make_job_kind(places: Places) -> JobKind:
    """The kind of a conversion's jobs, in the given layout."""
    return JobKind(
        service="converter",
        noun="job",
        name="converter.job",
        statuses=STATUSES,
        terminal=frozenset({"completed", "failed", "cancelled"}),
        record_key=places.record_key,
        job_id_of=places.job_id_of,
        record_prefix=places.prefix,
        record_suffix=f"/{METADATA}",
        job_id_form=(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11"),
        places=lambda user_id, job_id: (places.folder(user_id, job_id),),
        readable=readable,
        event=lambda record, entry, terminal, resumable: json_format.MessageToJson(
            to_event(record, entry, terminal, resumable), preserving_proto_field_name=True, indent=None
        ).encode(),
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

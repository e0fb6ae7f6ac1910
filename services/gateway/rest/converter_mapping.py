"""The converter's and storage's messages as REST shows them. Pure."""

import urllib.parse
from typing import Any

from wealth.converter.v1 import converter_pb2 as pb
from wealth.jobs.v1 import jobs_pb2
from wealth.storage.v1 import storage_pb2

from services.gateway.rest.wire import elapsed, enum_values, enum_words, text_or_none, time_text, trace_lines

JOB_WORDS = enum_words(pb.JobStatus, "JOB_STATUS_")
_LEAVES_OPEN = {pb.MEANING_NONE: "none", pb.MEANING_UNKNOWN: "unknown"}
JOB_VALUES: dict[str, pb.JobStatus.ValueType] = enum_values(pb.JobStatus, "JOB_STATUS_")
MODE_WORDS = enum_words(pb.JobMode, "JOB_MODE_")
UNSEEN_VALUES: dict[str, pb.OnUnseen.ValueType] = enum_values(pb.OnUnseen, "ON_UNSEEN_")
DRIFT_VALUES: dict[str, pb.OnDrift.ValueType] = enum_values(pb.OnDrift, "ON_DRIFT_")
AMBIGUITY_VALUES: dict[str, pb.OnAmbiguity.ValueType] = enum_values(pb.OnAmbiguity, "ON_AMBIGUITY_")
PROMOTE_VALUES: dict[str, pb.Promote.ValueType] = enum_values(pb.Promote, "PROMOTE_")
TERMINAL_JOB = frozenset({pb.JOB_STATUS_COMPLETED, pb.JOB_STATUS_FAILED, pb.JOB_STATUS_CANCELLED})


def job_path(job: pb.Job) -> str:
    """The job's path over REST."""
    return f"/api/v1/{urllib.parse.quote(job.user_id, safe='')}/{job.job_id}"


def accepted_job(job: pb.Job) -> dict[str, Any]:
    """The answer to a submission."""
    return {
        "job_id": job.job_id,
        "status": JOB_WORDS.get(job.status, "unknown"),
        "input_file": job.input_file,
        "expected_output_file": text_or_none(job.expected_output_file),
        "description": job.description,
        "client_id": job.user_id,
        "mode": MODE_WORDS.get(job.mode, "unknown"),
        "created_at": time_text(job.created_at),
        "message": job.message,
        "trained_job_id": text_or_none(job.trained_job_id),
    }


def job_metadata(job: pb.Job) -> dict[str, Any]:
    """All that is known of a job."""
    status = JOB_WORDS.get(job.status, "unknown")
    return {
        "user_id": job.user_id,
        "user_name": job.owner,
        "job_id": job.job_id,
        "job_title": job.title,
        "job_description": job.description,
        "mode": MODE_WORDS.get(job.mode, "unknown"),
        "created_at": time_text(job.created_at),
        "updated_at": time_text(job.updated_at),
        "finished_at": time_text(job.finished_at),
        "elapsed_seconds": elapsed(job.created_at, job.finished_at),
        "job_status": status,
        "status": status,
        "progress": job.progress,
        "message": job.message,
        "script_path": text_or_none(job.program_uri),
        "output_path": text_or_none(job.output_uri),
        "program_sha256": text_or_none(job.program_sha256),
        "error": text_or_none(job.error.message),
        "error_code": text_or_none(job.error.code),
        "input_file": job.input_file,
        "expected_output_file": text_or_none(job.expected_output_file),
        "input_file_name": text_or_none(job.input_file_name),
        "expected_output_file_name": text_or_none(job.expected_output_file_name),
        "trained_job_id": text_or_none(job.trained_job_id),
        "flagged_rows": job.flagged_rows,
        "questions": job.questions,
        "lessons": job.lessons,
        "serving_generation": job.serving_generation or None,
        "generation": job.generation,
        "revision": job.revision,
        "trace": trace_lines(job.trace),
    }


def open_questions(found: pb.ListQuestionsResponse) -> dict[str, Any]:
    """What a job leaves open, as its report has it, with the generation whose questions these are."""
    return {
        "generation": found.generation,
        "questions": [
            {
                "id": question.id,
                "kind": question.kind,
                "row": {"file": question.file, "number": question.row, "cells": list(question.cells)},
                "column": question.column,
                "candidates": [
                    {
                        "value": candidate.value,
                        "words": candidate.words,
                        "programs": candidate.programs,
                        "says": _LEAVES_OPEN.get(candidate.meaning, "value"),
                    }
                    for candidate in question.candidates
                ],
                "default": question.default_value,
                "share": question.share,
                "decides": question.decides,
            }
            for question in found.questions
        ],
    }


def program_versions(found: pb.ListVersionsResponse) -> dict[str, Any]:
    """A training's programs."""
    return {
        "versions": [
            {
                "generation": version.generation,
                "program_sha256": version.program_sha256,
                "learned_at": time_text(version.learned_at),
                "lessons": version.lessons,
                "serving": version.serving,
                "changed_rows": version.changed_rows,
            }
            for version in found.versions
        ]
    }


def job_event(event: pb.JobEvent) -> dict[str, Any]:
    """An event of a job, as its stream carries it."""
    return {
        "event_id": event.event_id,
        "job_id": event.job_id,
        "status": JOB_WORDS.get(event.status, "unknown"),
        "progress": event.progress,
        "message": event.message,
        "mode": MODE_WORDS.get(event.mode, "unknown"),
        "occurred_at": time_text(event.occurred_at),
        "terminal": event.terminal,
        "generation": event.generation,
        "revision": event.revision,
        "error": text_or_none(event.error.message),
        "error_code": text_or_none(event.error.code),
    }


def queue_status(queue: jobs_pb2.Queue) -> dict[str, Any]:
    """The queue, and how busy its workers are."""
    busy_percent = 100 * queue.active_jobs / queue.max_workers if queue.max_workers else 0.0
    if queue.HasField("estimated_wait_s"):
        wait_min: float | None = round(queue.estimated_wait_s / 60, 2)
    else:
        wait_min = 0.0 if queue.available_workers and not queue.queue_size else None
    return {
        "status": "ok" if queue.worker_processes else "no_workers",
        "queue_info": {
            "max_workers": queue.max_workers,
            "active_jobs": queue.active_jobs,
            "available_workers": queue.available_workers,
            "queue_size": queue.queue_size,
            "max_queue_size": queue.max_queue_size,
            "worker_processes": queue.worker_processes,
            "open_jobs": queue.open_jobs,
        },
        "capacity_utilization": {
            "workers_busy_percent": round(min(100.0, busy_percent), 1),
            "can_accept_new_jobs": queue.queue_size < queue.max_queue_size,
            "estimated_wait_time_minutes": wait_min,
        },
    }


def stored_file(file: storage_pb2.File) -> dict[str, Any]:
    """An uploaded file."""
    return {
        "uri": file.uri,
        "file_id": file.file_id,
        "size": file.size,
        "sha256": file.sha256,
        "user_id": file.user_id,
        "file_name": file.file_name,
        "content_type": file.content_type,
        "created_at": time_text(file.created_at),
    }

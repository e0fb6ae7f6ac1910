"""Portfolio's messages as REST shows them. Pure."""

from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.gateway.rest.wire import (
    elapsed,
    enum_values,
    enum_words,
    joined,
    number,
    text_or_none,
    time_text,
    trace_lines,
)

TASK_WORDS = enum_words(pb.TaskStatus, "TASK_STATUS_")
TASK_VALUES: dict[str, pb.TaskStatus.ValueType] = enum_values(pb.TaskStatus, "TASK_STATUS_")
TERMINAL_TASK = frozenset({pb.TASK_STATUS_COMPLETED, pb.TASK_STATUS_ERROR, pb.TASK_STATUS_CANCELLED})


def accepted_task(task: pb.Task) -> dict[str, Any]:
    """The answer to a submission."""
    return {
        "task_id": task.task_id,
        "status": TASK_WORDS.get(task.status, "unknown"),
        "message": task.message,
        "created_at": time_text(task.created_at),
    }


def task_state(task: pb.Task) -> dict[str, Any]:
    """Where a task stands."""
    return {
        "task_id": task.task_id,
        "status": TASK_WORDS.get(task.status, "unknown"),
        "progress": task.progress,
        "message": task.message,
        "section_detected": joined(task.sections_detected),
        "created_at": time_text(task.created_at),
        "updated_at": time_text(task.updated_at),
        "finished_at": time_text(task.finished_at),
        "elapsed_seconds": elapsed(task.created_at, task.finished_at),
        "user_id": task.user_id,
        "error": text_or_none(task.error.message),
        "error_code": text_or_none(task.error.code),
        "cost": number(task.cost),
        "generation": task.generation,
        "revision": task.revision,
        "trace": trace_lines(task.trace),
    }


def task_outcome(task: pb.Task) -> dict[str, Any]:
    """A finished task's results, section by section."""
    return {
        "task_id": task.task_id,
        "status": TASK_WORDS.get(task.status, "unknown"),
        "message": task.message,
        "section_detected": joined(task.sections_detected),
        "conv_id": joined(section.conv_id for section in task.sections),
        "message_id": joined(section.message_id for section in task.sections),
        "data": {section.name or section.section: section_outcome(section) for section in task.sections},
        "cost": number(task.cost),
        "elapsed_seconds": elapsed(task.created_at, task.finished_at) or 0.0,
        "error": text_or_none(task.error.message),
        "error_code": text_or_none(task.error.code),
        "highlights": [plain(item) for item in task.highlights],
        "conflicts": [plain(item) for item in task.conflicts],
    }


def section_outcome(section: pb.SectionResult) -> dict[str, Any]:
    """One section's result."""
    return {
        "section": section.section,
        "status": section.status,
        "conv_id": section.conv_id,
        "message_id": section.message_id,
        "response": section.response,
        "cost": number(section.cost),
        "error": text_or_none(section.error),
        "error_code": text_or_none(section.error_code),
        "provider": section.provider,
        "duration_ms": section.duration_ms,
        "facts": [fact(item) for item in section.facts],
        "about": {name: value for name, value in plain(section.about).items() if value},
        "absent": [plain(item) for item in section.absent],
        "reading": [plain(item) for item in section.reading],
        "notes": [plain(item) for item in section.notes],
        "charts": [plain(item) for item in section.charts],
        "grounding": plain(section.grounding) if section.HasField("grounding") else None,
        "highlights": [plain(item) for item in section.highlights],
        "unknown_fields": list(section.unknown_fields),
    }


def plain(message: Message) -> dict[str, Any]:
    """A message as JSON with all its fields, empty ones too."""
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def fact(item: pb.Fact) -> dict[str, Any]:
    """A figure; what does not apply to it is left out, but the currency is null then."""
    shown = {name: value for name, value in plain(item).items() if value or name in {"inputs", "value"}}
    return {"currency": None, **shown}


def checked_claim(claim: pb.CheckedClaim) -> dict[str, Any]:
    """A verdict on a claim; null where it does not apply."""
    shown = plain(claim)
    return shown | {name: text_or_none(shown[name]) for name in ("section", "value", "unit", "fact", "formula", "why")}


def task_event(event: pb.TaskEvent) -> dict[str, Any]:
    """An event of a task, as its stream carries it."""
    return {
        "event_id": event.event_id,
        "task_id": event.task_id,
        "status": TASK_WORDS.get(event.status, "unknown"),
        "progress": event.progress,
        "message": event.message,
        "section": text_or_none(event.section),
        "occurred_at": time_text(event.occurred_at),
        "terminal": event.terminal,
        "generation": event.generation,
        "revision": event.revision,
        "error": text_or_none(event.error.message),
        "error_code": text_or_none(event.error.code),
    }

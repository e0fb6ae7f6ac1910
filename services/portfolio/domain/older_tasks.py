"""Tasks of the older task service, as its bucket and its ``tasks.json`` hold them. Pure.

A task is one JSON object: ``task_id``, ``status``, ``created_at``, ``updated_at``, ``trace``, ``section_detected`` and
the sections' results by name under ``data``, in the object itself or under ``result``.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from services.common.jobs.older import CANCELLED, COMPLETED, FAILED, OlderDocument, as_moment, as_text, ending_of
from services.common.jobs.record import TraceStep

ID_NAMES = ("task_id", "id")
# In the body of a task that an older service ran: it has results, and no payloads to run again.
BROUGHT_OVER = "brought_over"
_STATUSES = {COMPLETED: "completed", FAILED: "error", CANCELLED: "cancelled"}
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# The id of a task begins with its time, which counts where the document has lost it.
_DATED_ID = re.compile(r"task_(\d{14})_")


@dataclass(frozen=True, slots=True)
class OlderTask:
    """A task as it was left. ``status`` is a word of ours; ``interrupted`` tasks had not ended.

    ``sections`` are results by name as a task's record holds them; ``cost`` is a decimal number.
    """

    task_id: str
    username: str
    status: str
    interrupted: bool
    message: str
    progress: int
    created_at: datetime
    finished_at: datetime
    sections_detected: tuple[str, ...]
    sections: Mapping[str, Mapping[str, Any]]
    cost: str
    trace: tuple[TraceStep, ...]
    notes: tuple[str, ...]


def read_older_task(text: str, username: str) -> OlderTask:
    """Reads a task; ``username`` counts where the document names nobody.

    Raises InvalidInput naming what is missing: the id, whose it is, or when it was made.
    """
    document = OlderDocument(text, "document")
    if "_job" in document:
        raise document.refuse("a task of this suite, not of an older one")
    task_id = document.text(*ID_NAMES)
    if not _TASK_ID.fullmatch(task_id):
        raise document.refuse("task_id is missing, or no id of a task")
    owner = document.text("username", "user_id", "user") or username
    if not owner:
        raise document.refuse("it does not say whose it is: name the user")
    created_at = document.moment("created_at", "created") or _date_of(task_id)
    if created_at is None:
        raise document.refuse("created_at is missing")
    ending = ending_of(document.value("status"))
    result = document.value("result")
    data = document.value("data", "results", "sections")
    held: Mapping[str, Any] = result if isinstance(result, Mapping) else {}
    if not isinstance(data, Mapping):
        data = held["data"] if isinstance(held.get("data"), Mapping) else held
    sections = {name: _read_section(name, value) for name, value in data.items() if isinstance(value, Mapping)}
    for name in ("conv_id", "message_id", "elapsed_seconds"):
        document.value(name)  # the sections' own, joined: made again of them
    detected = document.text("section_detected", "sections_detected") or as_text(held.get("section_detected"))
    finished_at = document.moment("finished_at", "completed_at", "updated_at", "updated") or created_at
    progress = document.value("progress")
    status = _STATUSES.get(ending, "error")
    return OlderTask(
        task_id=task_id,
        username=owner,
        status=status,
        interrupted=not ending,
        message=document.text("message", "error") or status,
        progress=100 if status == "completed" else _as_percent(progress),
        created_at=created_at,
        finished_at=max(finished_at, created_at),
        sections_detected=tuple(part.strip() for part in detected.split(",") if part.strip())
        or tuple(str(section["section"]) for section in sections.values()),
        sections=sections,
        cost=as_cost(document.value("cost") or held.get("cost")),
        trace=_read_trace(document),
        notes=document.notes(),
    )


def as_cost(value: Any) -> str:
    """A cost as a decimal number; none where it is no amount."""
    try:
        cost = Decimal(str(value))
    except InvalidOperation:
        return "0"
    return str(cost) if cost.is_finite() and cost >= 0 else "0"


def _read_section(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    error = as_text(value.get("error"))
    ending = ending_of(value.get("status"))
    return {
        "section": as_text(value.get("section")) or name,
        "status": _STATUSES.get(ending, "error" if error else "completed"),
        "conv_id": as_text(value.get("conv_id")),
        "message_id": as_text(value.get("message_id")),
        "response": as_text(value.get("response")),
        "cost": as_cost(value.get("cost")),
        "error": error or None,
    }


def _read_trace(document: OlderDocument) -> tuple[TraceStep, ...]:
    entries = document.value("trace")
    steps = []
    for entry in entries if isinstance(entries, list) else ():
        moment = as_moment(entry.get("timestamp")) if isinstance(entry, Mapping) else None
        if moment is None:
            document.note("steps of its trace without a time were left out")
            continue
        steps.append(
            TraceStep(as_text(entry.get("step")), as_text(entry.get("status")), moment, as_text(entry.get("detail")))
        )
    return tuple(steps)


def _date_of(task_id: str) -> datetime | None:
    dated = _DATED_ID.match(task_id)
    try:
        return datetime.strptime(dated[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if dated else None
    except ValueError:
        return None


def _as_percent(value: Any) -> int:
    return min(100, max(0, int(value))) if isinstance(value, int | float) and math.isfinite(value) else 0

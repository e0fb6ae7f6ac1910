"""REST calls on tasks, files, events and the suite itself; conversions have theirs in `converter_calls`."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.client.rest import converter_calls
from services.client.rest.call import (
    Call,
    Query,
    idempotency_headers,
    job_path,
    list_of,
    read_as,
    read_bytes,
    read_nothing,
    read_page,
    read_text,
)
from services.client.rest.converter_results import ImportedJob, Job
from services.client.rest.results import (
    AcceptedTask,
    CheckedClaims,
    DeadLetter,
    Health,
    ImportedTask,
    JobRef,
    Page,
    Ping,
    StoredFile,
    Task,
    TaskRef,
    TaskResult,
)
from services.client.rest.wire import Answer

# Tasks


def submit_task(
    data: Sequence[Mapping[str, Any]],
    *,
    username: str,
    password: str = "",
    locale: str = "",
    input_conventions: Mapping[str, str | int] | None = None,
    idempotency_key: str | None = None,
) -> Call[AcceptedTask]:
    """Submits section payloads for analysis; Decimals in them keep all their digits.

    ``input_conventions`` state what the payloads use: ``{"dates": "DMY", "weights": "fraction"}``.

    The password is for the tenant's AI platform alone.
    """
    body: dict[str, Any] = {"username": username, "password": password, "data": list_of("data", data)}
    if locale:
        body["locale"] = locale
    if input_conventions:
        body["input_conventions"] = dict(input_conventions)
    return Call("POST", "/task/submit", read_as(AcceptedTask), headers=idempotency_headers(idempotency_key), body=body)


def check_claims(
    texts: Sequence[str],
    data: Sequence[Mapping[str, Any]],
    *,
    locale: str = "",
    input_conventions: Mapping[str, str | int] | None = None,
    allow_forecasts: bool = False,
) -> Call[CheckedClaims]:
    """Holds texts against the facts of section payloads; nothing is stored.

    ``locale`` is how texts and payloads write numbers; with ``allow_forecasts`` forecasts are listed, but no faults.
    """
    body: dict[str, Any] = {
        "texts": list_of("texts", texts),
        "data": list_of("data", data),
        "allow_forecasts": allow_forecasts,
    }
    if locale:
        body["locale"] = locale
    if input_conventions:
        body["input_conventions"] = dict(input_conventions)
    return Call("POST", "/api/v1/check-claims", read_as(CheckedClaims), body=body)


def get_task(task_id: str) -> Call[Task]:
    """Reads where a task stands."""
    return Call("GET", "/task/{task_id}/status", read_as(Task), {"task_id": task_id})


def get_task_result(task_id: str) -> Call[TaskResult]:
    """Reads what a finished task found. Raises PreconditionFailed (TASK_RUNNING) while it runs."""
    return Call("GET", "/task/{task_id}/result", read_as(TaskResult), {"task_id": task_id})


def get_task_report(task_id: str) -> Call[str]:
    """Reads a finished task's results as a printable HTML page."""
    return Call("GET", "/task/{task_id}/report", read_text, {"task_id": task_id})


def list_tasks(
    *, limit: int = 20, status: str = "", user_id: str = "", search: str = "", page_token: str = ""
) -> Call[Page[Task]]:
    """Lists tasks newest first. ``search`` keeps those with all its words: a page may be short, or empty, before the
    last."""

    def read(answer: Answer) -> Page[Task]:
        return read_page(answer, "tasks", Task)

    query: Query = {"limit": limit, "status": status, "user_id": user_id, "search": search, "page_token": page_token}
    return Call("GET", "/tasks", read, query=query)


def cancel_task(task_id: str) -> Call[Task]:
    """Asks for a task to be cancelled. Raises PreconditionFailed where it is over already."""
    return Call("POST", "/task/{task_id}/cancel", read_as(Task), {"task_id": task_id})


def delete_task(task_id: str) -> Call[None]:
    """Deletes a task and all that belongs to it."""
    return Call("DELETE", "/task/{task_id}", read_nothing, {"task_id": task_id})


# Files


def upload_file(*, user_id: str, file_name: str, idempotency_key: str | None = None) -> Call[StoredFile]:
    """The head of an upload: ``transfers`` gives it its content."""
    return Call(
        "POST",
        "/api/v1/files",
        read_as(StoredFile),
        query={"user_id": user_id, "file_name": file_name},
        headers={"content-type": "application/octet-stream", **idempotency_headers(idempotency_key)},
    )


def list_files(*, user_id: str = "", limit: int = 50, page_token: str = "") -> Call[Page[StoredFile]]:
    """Lists a user's uploaded files."""

    def read(answer: Answer) -> Page[StoredFile]:
        return read_page(answer, "files", StoredFile)

    query: Query = {"user_id": user_id, "limit": limit, "page_token": page_token}
    return Call("GET", "/api/v1/files", read, query=query)


def get_file(uri: str) -> Call[bytes]:
    """Reads an uploaded file whole; for large ones use ``download_file``."""
    return Call("GET", "/api/v1/files/{uri}", read_bytes, {"uri": uri})


def delete_file(uri: str) -> Call[None]:
    """Deletes an uploaded file. Deleting what is not there is success."""
    return Call("DELETE", "/api/v1/files/{uri}", read_nothing, {"uri": uri})


# The suite


def get_health() -> Call[Health]:
    """Reads the suite's health, also where a needed part is down. Needs no key."""
    return Call("GET", "/health", read_as(Health), accepts=503)


def ping() -> Call[Ping]:
    """Reads how the task workers stand, also where there are none. Needs no key."""
    return Call("GET", "/ping", read_as(Ping), accepts=503)


# Watching


def watch_events(ref: TaskRef | JobRef, last_event_id: str) -> Call[None]:
    """The stream of a task's or a job's events, after one of them; ``watching`` reads it."""
    headers = {"accept": "text/event-stream", "cache-control": "no-store"}
    if last_event_id:
        headers["last-event-id"] = last_event_id
    if isinstance(ref, TaskRef):
        return Call("GET", "/task/{task_id}/events", read_nothing, {"task_id": ref.task_id}, headers=headers)
    path = job_path(ref.user_id, ref.job_id)
    return Call("GET", "/api/v1/{client_id}/{job_id}/events", read_nothing, path, headers=headers)


# What workers gave up


def list_dead_tasks(*, limit: int = 50, page_token: str = "") -> Call[Page[DeadLetter]]:
    """Lists tasks that used up their attempts, newest first; for operators."""
    query: Query = {"limit": limit, "page_token": page_token}
    return Call("GET", "/api/v1/dead-letters/tasks", _read_dead_letters, query=query)


def list_dead_jobs(*, limit: int = 50, page_token: str = "") -> Call[Page[DeadLetter]]:
    """Lists trainings and inferences that used up their attempts, newest first; for operators."""
    query: Query = {"limit": limit, "page_token": page_token}
    return Call("GET", "/api/v1/dead-letters/jobs", _read_dead_letters, query=query)


def replay_task(task_id: str) -> Call[Task]:
    """Runs a task that has ended again; for operators. Raises PreconditionFailed while it runs."""
    route = "/api/v1/dead-letters/tasks/{task_id}/replay"
    return Call("POST", route, read_as(Task), {"task_id": task_id}, repeatable=False)


def replay_job(user_id: str, job_id: str) -> Call[Job]:
    """Runs a training or inference that has ended again; for operators. Raises PreconditionFailed while it runs."""
    route = "/api/v1/dead-letters/jobs/{client_id}/{job_id}/replay"
    return Call("POST", route, read_as(Job), job_path(user_id, job_id), repeatable=False)


# What older services left


def import_task(document: Mapping[str, Any], *, username: str = "", validate_only: bool = False) -> Call[ImportedTask]:
    """Brings over a task that the older task service ran; ``username`` counts where the document names nobody."""
    body = {"document": document, "username": username, "validate_only": validate_only}
    return Call("POST", "/api/v1/import/task", read_as(ImportedTask), body=body)


def import_job(
    metadata: Mapping[str, Any],
    *,
    user_id: str = "",
    output_csv_base64: str | None = None,
    validate_only: bool = False,
) -> Call[ImportedJob]:
    """Brings over a job that the older CSV converter ran, with what an inference gave."""
    body: dict[str, Any] = {"metadata": metadata, "user_id": user_id, "validate_only": validate_only}
    if output_csv_base64 is not None:
        body["output_csv_base64"] = output_csv_base64
    return Call("POST", "/api/v1/import/job", read_as(ImportedJob), body=body)


def get_state(ref: TaskRef | JobRef) -> Call[Task] | Call[Job]:
    """Reads where a task or a job stands."""
    return get_task(ref.task_id) if isinstance(ref, TaskRef) else converter_calls.get_job(ref.user_id, ref.job_id)


def _read_dead_letters(answer: Answer) -> Page[DeadLetter]:
    return read_page(answer, "dead_letters", DeadLetter)

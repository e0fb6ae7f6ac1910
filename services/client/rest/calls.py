"""Every REST call as data: what is sent, and how the answer reads. Nothing here sends anything.

A call that creates carries an idempotency key, made here, so that trying again gives the same task, job or file.
"""

import base64
import functools
import inspect
import json
import re
import secrets
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from services.client.rest.results import (
    AcceptedJob,
    AcceptedTask,
    CheckedClaims,
    DeadLetter,
    Health,
    ImportedJob,
    ImportedTask,
    Inference,
    Item,
    Job,
    JobRef,
    Page,
    Ping,
    ProgramVersion,
    Questions,
    QueueStatus,
    StoredFile,
    Task,
    TaskRef,
    TaskResult,
    read_result,
)
from services.client.rest.retries import Plan, Terms, perform
from services.client.rest.wire import Answer, Flow, Request
from services.common.errors import Internal, InvalidInput

Result = TypeVar("Result")
Query: TypeAlias = Mapping[str, str | int | bool]
Artifact = Literal["output", "program", "report", "agents"]
OnUnseen = Literal["null", "keep", "fail"]
OnDrift = Literal["ask", "accept_renames"]
OnAmbiguity = Literal["keep", "fail"]
Promote = Literal["auto", "ask"]


@dataclass(frozen=True, slots=True)
class Call(Generic[Result]):
    """A call: ``route`` as the description of the API names it, ``path`` the values of its parameters.

    ``repeatable`` says that sending it twice is as good as once; ``patience_s`` is time that the gateway itself takes
    to wait, on top of the client's timeout. ``accepts`` is a status of 400 or above that is a result all the same.
    """

    method: str
    route: str
    read: Callable[[Answer], Result]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    patience_s: float = 0
    accepts: int = 0

    def flow(self, terms: Terms) -> Flow[Result]:
        """Sends it until it is answered, and gives what the answer says."""
        request = self.request(terms.timeout_s)
        answer = yield from perform(request, terms.retries, repeatable=self.repeatable, accepts=self.accepts)
        return self.read(answer)

    def request(self, timeout_s: float) -> Request:
        """The request to send."""
        headers = {"accept": "application/json, application/problem+json;q=0.9, */*;q=0.8", **self.headers}
        content = b""
        if self.body is not None:
            headers["content-type"] = "application/json"
            content = encode_json(self.body)
        return Request(
            self.method,
            fill_route(self.route, self.path),
            {name: _query_text(value) for name, value in self.query.items() if value != ""},
            headers,
            content,
            timeout_s + self.patience_s,
        )


def encode_json(document: Any) -> bytes:
    """Writes JSON; a Decimal becomes a number with all its digits, which the gateway keeps. Raises InvalidInput."""
    mark = secrets.token_hex(8)

    def write(value: object) -> str:
        if isinstance(value, Decimal) and value.is_finite():
            return f"{mark}{value}"
        raise InvalidInput(f"{value!r} is not JSON", field="body")

    try:
        text = json.dumps(document, default=write, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is not JSON: {error}", field="body") from error
    return re.sub(f'"{mark}([^"]+)"', r"\1", text).encode()


def fill_route(route: str, values: Mapping[str, str]) -> str:
    """Writes a path; each value becomes one segment whatever it holds, but a lone dot is none."""
    for name, value in values.items():
        encoded = urllib.parse.quote(value, safe="")
        # Clients and proxies resolve dots away, also percent-encoded ones: this would become another path.
        if not value or set(value) == {"."}:
            raise InvalidInput(f"{name} cannot be {value!r}", field=name)
        route = route.replace(f"{{{name}}}", encoded)
    return route


def describe_method(method: Callable[..., Any], describe: Callable[..., Plan[Any]]) -> None:
    """Gives a client's method the name, words and signature of what it carries out, for ``help()``."""
    functools.update_wrapper(method, describe)
    described = inspect.signature(describe)
    owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [owner, *described.parameters.values()]
    method.__signature__ = described.replace(parameters=parameters)  # type: ignore[attr-defined]


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
    body: dict[str, Any] = {"username": username, "password": password, "data": list(data)}
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
    body: dict[str, Any] = {"texts": list(texts), "data": list(data), "allow_forecasts": allow_forecasts}
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
    return Call("GET", "/task/{task_id}/report", _read_text, {"task_id": task_id})


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


# The converter


def train(
    *,
    user_id: str,
    input_file: str,
    expected_output_file: str,
    job_title: str,
    owner: str = "",
    description: str = "",
    general_instructions: str = "",
    column_instructions: Mapping[str, str] | None = None,
    job_id: str = "",
    effort: int = 1,
    samples: Mapping[str, str] | None = None,
    on_ambiguity: OnAmbiguity | None = None,
    references: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Call[AcceptedJob]:
    """Learns a conversion from a file and what it should become; with ``job_id`` that job is retrained.

    ``effort`` (1 to 16) multiplies the work that the search may take, for a training that ended `OUT_OF_TIME`.
    ``samples`` are inputs without an output, by name, that are looked at for questions; ``on_ambiguity="fail"`` fails
    a training that leaves questions open. ``references`` are tables that the program may look things up in, by name.

    Files are named by an uploaded file's ``uri``, an allow-listed s3:// or https:// address, or as ``inline_file``.
    """
    body: dict[str, Any] = {
        "user_id": user_id,
        "input_file": input_file,
        "expected_output_file": expected_output_file,
        "job_title": job_title,
        "owner": owner or user_id,
    }
    optional = {
        "description": description,
        "general_instructions": general_instructions,
        "column_instructions": dict(column_instructions or {}),
        "job_id": job_id,
        "effort": effort if effort != 1 else None,
        "samples": dict(samples or {}),
        "on_ambiguity": on_ambiguity,
        "references": dict(references or {}),
    }
    body |= {name: value for name, value in optional.items() if value}
    return Call("POST", "/api/v1/train", read_as(AcceptedJob), headers=idempotency_headers(idempotency_key), body=body)


def teach(
    user_id: str,
    job_id: str,
    *,
    answers: Sequence[Mapping[str, Any]] = (),
    corrections: Sequence[Mapping[str, Any]] = (),
    promote: Promote | None = None,
    generation: int = 0,
    samples: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Call[AcceptedJob]:
    """Has a training learn on from answers to its report's questions, and from corrections of what it converted.

    ``answers``: ``{"question_id": "q1", "value": "Buy"}``, or with ``candidate`` (its place from 0) or ``drop``;
    ``corrections``: ``{"file": "march.csv", "row": 14, "column": "Action", "value": "Buy"}``, or with ``drop`` and no
    column. ``promote="ask"`` leaves the program in service until ``rollback`` puts the new one in its place.
    ``generation`` is that of the questions that are answered: with a newer one the call is refused
    (QUESTIONS_CHANGED). ``samples`` are further inputs without an output, by new names, to look at for questions.
    """
    body: dict[str, Any] = {"answers": [dict(a) for a in answers], "corrections": [dict(c) for c in corrections]}
    if promote:
        body["promote"] = promote
    if generation:
        body["generation"] = generation
    if samples:
        body["samples"] = dict(samples)
    return Call(
        "POST",
        "/api/v1/{client_id}/{job_id}/answers",
        read_as(AcceptedJob),
        _job_path(user_id, job_id),
        headers=idempotency_headers(idempotency_key),
        body=body,
    )


def explain(
    user_id: str, job_id: str, *, columns: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[AcceptedJob]:
    """Has the service's model explain columns of a training's program (none: the first 20) in words.

    When the job has ended, the ``explanations`` of ``get_report`` hold for each column its ``words``, whether they were
    ``proved`` on cases that came with them, and ``why``. The program stays as it is.
    """
    return Call(
        "POST",
        "/api/v1/{client_id}/{job_id}/explain",
        read_as(AcceptedJob),
        _job_path(user_id, job_id),
        headers=idempotency_headers(idempotency_key),
        body={"columns": list(columns)},
    )


def list_questions(user_id: str, job_id: str) -> Call[Questions]:
    """Lists what a job that has ended leaves open, the question whose answer is worth most first.

    To be asked one at a time: ``teach`` the answer to the first with the ``generation``, ``wait``, and list anew.
    """
    return Call("GET", "/api/v1/{client_id}/{job_id}/questions", read_as(Questions), _job_path(user_id, job_id))


def list_versions(user_id: str, job_id: str) -> Call[tuple[ProgramVersion, ...]]:
    """Lists the programs that a training has learned, newest first."""

    def read(answer: Answer) -> tuple[ProgramVersion, ...]:
        return tuple(read_result(ProgramVersion, item) for item in _read_object(answer).get("versions", ()))

    return Call("GET", "/api/v1/{client_id}/{job_id}/versions", read, _job_path(user_id, job_id))


def rollback(user_id: str, job_id: str, generation: int) -> Call[Job]:
    """Puts the program of a generation in service: an earlier one, or a new one that waits for it."""
    path, body = _job_path(user_id, job_id), {"generation": generation}
    return Call("POST", "/api/v1/{client_id}/{job_id}/rollback", read_as(Job), path, body=body)


def run_inference(
    *,
    user_id: str,
    job_id: str,
    input_file: str,
    on_unseen: OnUnseen | None = None,
    on_drift: OnDrift | None = None,
    columns: Mapping[str, str] | None = None,
    references: Mapping[str, str] | None = None,
    wait_s: float = 0,
    idempotency_key: str | None = None,
) -> Call[Inference]:
    """Converts a file with a trained job's program. With ``wait_s`` the output is in the answer if it is ready then.

    ``columns`` says what the file calls columns of the example; where it lacks others, ``on_drift="accept_renames"``
    takes what is surely meant, and all else fails with questions in the report. ``references`` are newer versions of
    reference tables of the training.
    """
    body: dict[str, Any] = {"user_id": user_id, "job_id": job_id, "input_file": input_file}
    optional: dict[str, Any] = {"on_unseen": on_unseen, "on_drift": on_drift, "columns": dict(columns or {})}
    optional["references"] = dict(references or {})
    body |= {name: value for name, value in optional.items() if value}
    return Call(
        "POST",
        "/api/v1/inference/run",
        _read_inference,
        query={"wait": f"{wait_s:g}"} if wait_s else {},
        headers=idempotency_headers(idempotency_key),
        body=body,
        patience_s=wait_s,
    )


def get_queue() -> Call[QueueStatus]:
    """Reads how many conversions wait and run, and how busy the workers are."""
    return Call("GET", "/api/v1/queue/status", read_as(QueueStatus))


def list_jobs(
    user_id: str, *, limit: int = 50, status: str = "", search: str = "", page_token: str = ""
) -> Call[Page[Job]]:
    """Lists a user's trainings and inferences newest first. ``search`` keeps those with all its words: a page may be
    short, or empty, before the last."""
    query: Query = {"limit": limit, "status": status, "search": search, "page_token": page_token}
    return Call("GET", "/api/v1/users/{client_id}/jobs", _read_jobs, {"client_id": user_id}, query)


def get_job(user_id: str, job_id: str) -> Call[Job]:
    """Reads all that is known of a job."""
    return Call("GET", "/api/v1/{client_id}/{job_id}", read_as(Job), _job_path(user_id, job_id))


def get_program(user_id: str, job_id: str) -> Call[str]:
    """Reads the learned program: one DuckDB SELECT."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/program", _read_text, _job_path(user_id, job_id))


def get_output(user_id: str, job_id: str, *, safe: bool = False) -> Call[bytes]:
    """Reads a converted file whole; for large ones use ``download``."""
    return get_artifact(user_id, job_id, "output", safe=safe)


def get_artifact(user_id: str, job_id: str, what: Artifact, *, safe: bool = False) -> Call[bytes]:
    """Reads an output, a program, a report or what agents did, as it is stored."""
    query: Query = {"safe": True} if safe else {}
    return Call("GET", "/api/v1/{client_id}/{job_id}/" + what, _read_bytes, _job_path(user_id, job_id), query)


def get_report(user_id: str, job_id: str) -> Call[Mapping[str, Any]]:
    """Reads the training or inference report."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/report", _read_object, _job_path(user_id, job_id))


def get_agents(user_id: str, job_id: str) -> Call[Mapping[str, Any]]:
    """Reads what a training's agents did: rounds, programs, verdicts, tokens. Raises NotFound where none were asked."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/agents", _read_object, _job_path(user_id, job_id))


def cancel_job(user_id: str, job_id: str) -> Call[Job]:
    """Asks for a job to be cancelled. Raises PreconditionFailed where it is over already."""
    return Call("POST", "/api/v1/{client_id}/{job_id}/cancel", read_as(Job), _job_path(user_id, job_id))


def delete_job(user_id: str, job_id: str) -> Call[None]:
    """Deletes a job and all that belongs to it."""
    path = {"user_id": user_id, "job_id": job_id}
    return Call("DELETE", "/api/v1/delete/job/{user_id}/{job_id}", read_nothing, path)


def delete_user(user_id: str) -> Call[None]:
    """Deletes all conversions of a user, and refuses new ones for a while."""
    return Call("DELETE", "/api/v1/delete/user/{user_id}", read_nothing, {"user_id": user_id})


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
    return Call("GET", "/api/v1/files/{uri}", _read_bytes, {"uri": uri})


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
    path = _job_path(ref.user_id, ref.job_id)
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
    return Call("POST", route, read_as(Job), _job_path(user_id, job_id), repeatable=False)


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
    return get_task(ref.task_id) if isinstance(ref, TaskRef) else get_job(ref.user_id, ref.job_id)


def inline_file(content: bytes, file_name: str = "input.csv") -> str:
    """A small file as the text that ``train`` and ``run_inference`` take in place of an uploaded one."""
    name = urllib.parse.quote(file_name, safe="")
    return f"data:text/csv;name={name};base64,{base64.b64encode(content).decode()}"


def idempotency_headers(key: str | None) -> dict[str, str]:
    """The header under which a call may be repeated; a key is made where none is given."""
    return {"idempotency-key": key or secrets.token_hex(16)}


def _job_path(user_id: str, job_id: str) -> dict[str, str]:
    return {"client_id": user_id, "job_id": job_id}


def _query_text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(answer: Answer) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise Internal(
            "the answer is not JSON: is this the address of the gateway?", reason="ANSWER_MALFORMED"
        ) from error


def read_as(shape: type[Item]) -> Callable[[Answer], Item]:
    """What reads an answer into its dataclass."""
    return lambda answer: read_result(shape, _document(answer))


def _read_text(answer: Answer) -> str:
    return answer.content.decode("utf-8", "replace")


def _read_bytes(answer: Answer) -> bytes:
    return answer.content


def read_nothing(_answer: Answer) -> None:
    """Reads an answer that says nothing but its status."""
    return


def _read_object(answer: Answer) -> Mapping[str, Any]:
    return read_result(dict[str, Any], _document(answer))


def read_page(answer: Answer, name: str, shape: type[Item]) -> Page[Item]:
    """Reads a page whose items stand under ``name``."""
    document = _read_object(answer)
    items = tuple(read_result(shape, item) for item in document.get(name, ()))
    return Page(items, str(document.get("next_page_token") or ""))


def _read_dead_letters(answer: Answer) -> Page[DeadLetter]:
    return read_page(answer, "dead_letters", DeadLetter)


def _read_jobs(answer: Answer) -> Page[Job]:
    items = tuple(read_result(Job, item) for item in read_result(list[Any], _document(answer)))
    return Page(items, _next_page_token(answer.headers.get("link", "")))


def _next_page_token(link: str) -> str:
    """The page token inside of a Link header's "next" address, or none."""
    for part in link.split(","):
        target, _, parameters = part.strip().partition(">")
        if target.startswith("<") and 'rel="next"' in parameters:
            return urllib.parse.parse_qs(urllib.parse.urlsplit(target[1:]).query).get("page_token", [""])[0]
    return ""


def _read_inference(answer: Answer) -> Inference:
    document = dict(_read_object(answer))
    output, program = document.get("output_csv_base64"), document.get("program_base64")
    document["finished"] = answer.status == 200
    document["output_csv"] = None if output is None else base64.b64decode(output)
    document["program"] = None if program is None else base64.b64decode(program).decode("utf-8", "replace")
    return read_result(Inference, document)

"""The converter's REST calls: trainings, what they leave open, inferences, and what came of them."""

import base64
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.client.rest.call import (
    Call,
    Query,
    idempotency_headers,
    job_path,
    list_of,
    read_as,
    read_bytes,
    read_document,
    read_nothing,
    read_object,
    read_text,
)
from services.client.rest.converter_results import AcceptedJob, Inference, Job, ProgramVersion, Questions, QueueStatus
from services.client.rest.results import Page, read_result
from services.client.rest.wire import Answer

Artifact = Literal["output", "program", "report", "agents"]


OnUnseen = Literal["null", "keep", "fail"]


OnDrift = Literal["ask", "accept_renames"]


OnAmbiguity = Literal["keep", "fail"]


Promote = Literal["auto", "ask"]


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
    body: dict[str, Any] = {
        "answers": [dict(answer) for answer in list_of("answers", answers)],
        "corrections": [dict(correction) for correction in list_of("corrections", corrections)],
    }
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
        job_path(user_id, job_id),
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
        job_path(user_id, job_id),
        headers=idempotency_headers(idempotency_key),
        body={"columns": list_of("columns", columns)},
    )


def list_questions(user_id: str, job_id: str) -> Call[Questions]:
    """Lists what a job that has ended leaves open, the question whose answer is worth most first.

    To be asked one at a time: ``teach`` the answer to the first with the ``generation``, ``wait``, and list anew.
    """
    return Call("GET", "/api/v1/{client_id}/{job_id}/questions", read_as(Questions), job_path(user_id, job_id))


def list_versions(user_id: str, job_id: str) -> Call[tuple[ProgramVersion, ...]]:
    """Lists the programs that a training has learned, newest first."""

    def read(answer: Answer) -> tuple[ProgramVersion, ...]:
        return tuple(read_result(ProgramVersion, item) for item in read_object(answer).get("versions", ()))

    return Call("GET", "/api/v1/{client_id}/{job_id}/versions", read, job_path(user_id, job_id))


def rollback(user_id: str, job_id: str, generation: int) -> Call[Job]:
    """Puts the program of a generation in service: an earlier one, or a new one that waits for it."""
    path, body = job_path(user_id, job_id), {"generation": generation}
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
    return Call("GET", "/api/v1/{client_id}/{job_id}", read_as(Job), job_path(user_id, job_id))


def get_program(user_id: str, job_id: str) -> Call[str]:
    """Reads the learned program: one DuckDB SELECT."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/program", read_text, job_path(user_id, job_id))


def get_output(user_id: str, job_id: str, *, safe: bool = False) -> Call[bytes]:
    """Reads a converted file whole; for large ones use ``download``."""
    return get_artifact(user_id, job_id, "output", safe=safe)


def get_artifact(user_id: str, job_id: str, what: Artifact, *, safe: bool = False) -> Call[bytes]:
    """Reads an output, a program, a report or what agents did, as it is stored."""
    query: Query = {"safe": True} if safe else {}
    return Call("GET", "/api/v1/{client_id}/{job_id}/" + what, read_bytes, job_path(user_id, job_id), query)


def get_report(user_id: str, job_id: str) -> Call[Mapping[str, Any]]:
    """Reads the training or inference report."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/report", read_object, job_path(user_id, job_id))


def get_agents(user_id: str, job_id: str) -> Call[Mapping[str, Any]]:
    """Reads what a training's agents did: rounds, programs, verdicts, tokens. Raises NotFound where none were asked."""
    return Call("GET", "/api/v1/{client_id}/{job_id}/agents", read_object, job_path(user_id, job_id))


def cancel_job(user_id: str, job_id: str) -> Call[Job]:
    """Asks for a job to be cancelled. Raises PreconditionFailed where it is over already."""
    return Call("POST", "/api/v1/{client_id}/{job_id}/cancel", read_as(Job), job_path(user_id, job_id))


def delete_job(user_id: str, job_id: str) -> Call[None]:
    """Deletes a job and all that belongs to it."""
    path = {"user_id": user_id, "job_id": job_id}
    return Call("DELETE", "/api/v1/delete/job/{user_id}/{job_id}", read_nothing, path)


def delete_user(user_id: str) -> Call[None]:
    """Deletes all conversions of a user, and refuses new ones for a while."""
    return Call("DELETE", "/api/v1/delete/user/{user_id}", read_nothing, {"user_id": user_id})


def inline_file(content: bytes, file_name: str = "input.csv") -> str:
    """A small file as the text that ``train`` and ``run_inference`` take in place of an uploaded one."""
    name = urllib.parse.quote(file_name, safe="")
    return f"data:text/csv;name={name};base64,{base64.b64encode(content).decode()}"


def _read_jobs(answer: Answer) -> Page[Job]:
    items = tuple(read_result(Job, item) for item in read_result(list[Any], read_document(answer)))
    return Page(items, _next_page_token(answer.headers.get("link", "")))


def _next_page_token(link: str) -> str:
    """The page token inside of a Link header's "next" address, or none."""
    for part in link.split(","):
        target, _, parameters = part.strip().partition(">")
        if target.startswith("<") and 'rel="next"' in parameters:
            return urllib.parse.parse_qs(urllib.parse.urlsplit(target[1:]).query).get("page_token", [""])[0]
    return ""


def _read_inference(answer: Answer) -> Inference:
    document = dict(read_object(answer))
    output, program = document.get("output_csv_base64"), document.get("program_base64")
    document["finished"] = answer.status == 200
    document["output_csv"] = None if output is None else base64.b64decode(output)
    document["program"] = None if program is None else base64.b64decode(program).decode("utf-8", "replace")
    return read_result(Inference, document)

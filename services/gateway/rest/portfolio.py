"""Portfolio over REST: tasks, their results and their events."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import HTMLResponse, Response
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.errors import PreconditionFailed
from services.common.tasks import map_in_turns
from services.gateway.admission import Occupies
from services.gateway.domain.bodies import find_slips, list_unread
from services.gateway.domain.payloads import split_task_body
from services.gateway.domain.search import MAX_CHARS, find_words, fits
from services.gateway.rest.bodies import (
    IdempotencyKey,
    conditional_json_answer,
    faulty_body,
    invalid_body,
    json_answer,
    json_body,
    read_json_bytes,
    warn_of_fields,
)
from services.gateway.rest.call import RestCall
from services.gateway.rest.door import Door, TaskGuard, TheCall, TheDoor, door_of
from services.gateway.rest.events import answer_events, parse_last_event_id
from services.gateway.rest.portfolio_mapping import (
    TASK_VALUES,
    TERMINAL_TASK,
    accepted_task,
    checked_claim,
    task_event,
    task_outcome,
    task_state,
)
from services.gateway.rest.portfolio_models import (
    AcceptedTask,
    CheckedClaims,
    ClaimFields,
    ClaimsToCheck,
    TaskFields,
    TaskOutcome,
    TaskPage,
    TaskState,
    TaskStatusWord,
    TaskSubmission,
)
from services.gateway.rest.searching import SEARCH, searched_task

_Fields = TypeVar("_Fields", bound=BaseModel)

router = APIRouter(tags=["portfolio"])

_CALL = [Depends(TaskGuard())]
# Whatever a payload put into the page: it fetches nothing, runs nothing, and is in nobody's frame.
_REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_WATCH = [Depends(TaskGuard(Occupies.WATCH))]
EVENTS_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events until the job is terminal; the schema is one event's",
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "required": ["event", "data"],
                    "properties": {
                        "event": {"type": "string", "enum": ["status", "section", "problem"]},
                        "id": {"type": "string", "description": "What Last-Event-ID resumes after"},
                        "data": {"type": "string", "contentMediaType": "application/json"},
                    },
                },
                "example": {
                    "event": "status",
                    "id": "7",
                    "data": '{"status":"processing","progress":60,"terminal":false}',
                },
            }
        },
    },
    204: {"description": "Nothing follows the `Last-Event-ID`: the job is terminal"},
}


async def _read_body(request: Request, model: type[_Fields]) -> tuple[_Fields, Sequence[str]]:
    """The small fields of a body that holds section payloads, and the payloads as they were sent.

    Raises `RequestValidationError` naming the fields that are not as the model says.
    """
    content = await read_json_bytes(request)
    body = await door_of(request).elsewhere.run(len(content), split_task_body, content)
    if slips := find_slips(model, body.fields):
        raise faulty_body(slips)
    warn_of_fields(request, model, list_unread(model, body.fields), beside=["data"])
    try:
        return model.model_validate(body.fields), body.payloads
    except ValidationError as error:
        raise invalid_body(error, model) from error


@router.post(
    "/task/submit",
    status_code=202,
    response_model=AcceptedTask,
    dependencies=_CALL,
    openapi_extra=json_body(TaskSubmission),
    summary="Submit a task",
)
async def submit_task(request: Request, door: TheDoor, idempotency_key: IdempotencyKey = "") -> Response:
    """Accepts section payloads for analysis. The answer stands once the task is stored."""
    fields, payloads = await _read_body(request, TaskFields)
    task = await door.backends.portfolio.CreateTask(
        pb.CreateTaskRequest(
            username=fields.username,
            password=fields.password,
            locale=fields.locale,
            payloads_json=payloads,
            request_id=idempotency_key,
            input_conventions=pb.InputConventions(**fields.input_conventions.model_dump()),
        )
    )
    return json_answer(accepted_task(task), 202, {"location": f"/task/{task.task_id}/status"})


@router.post(
    "/api/v1/check-claims",
    response_model=CheckedClaims,
    dependencies=_CALL,
    openapi_extra=json_body(ClaimsToCheck),
    summary="Hold texts against a portfolio's facts",
)
async def check_claims(request: Request, door: TheDoor) -> Response:
    """Gives a verdict on everything that texts claim of section payloads, whoever wrote them. Nothing is stored."""
    fields, payloads = await _read_body(request, ClaimFields)
    answer = await door.backends.portfolio.CheckClaims(
        pb.CheckClaimsRequest(
            texts=fields.texts,
            payloads_json=payloads,
            locale=fields.locale,
            input_conventions=pb.InputConventions(**fields.input_conventions.model_dump()),
            allow_forecasts=fields.allow_forecasts,
        )
    )
    return json_answer({"claims": [checked_claim(claim) for claim in answer.claims]}, 200)


@router.get("/tasks", response_model=TaskPage, dependencies=_CALL, summary="List tasks")
async def list_tasks(
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    status: Annotated[TaskStatusWord | None, Query()] = None,
    page_token: Annotated[str, Query(max_length=2048)] = "",
    user_id: Annotated[str, Query(max_length=128)] = "",
    search: Annotated[str, Query(max_length=MAX_CHARS, description=SEARCH)] = "",
) -> Response:
    """Lists tasks newest first. A page may be short while there is a next one."""
    page = await door.backends.portfolio.ListTasks(
        pb.ListTasksRequest(
            page_size=limit,
            page_token=page_token,
            status=TASK_VALUES[status] if status else pb.TASK_STATUS_UNSPECIFIED,
            user_id=user_id,
        )
    )
    words = find_words(search)
    states = await map_in_turns(task_state, page.tasks)
    tasks = [state for state in states if fits(words, searched_task(state))]
    return json_answer({"tasks": tasks, "next_page_token": page.next_page_token})


@router.get(
    "/task/{task_id}/status",
    response_model=TaskState,
    dependencies=_CALL,
    responses={304: {"description": "Unchanged since the `If-None-Match` tag"}},
    summary="Read where a task stands",
)
async def read_task_status(
    task_id: str, door: TheDoor, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Reads a task's status and history. The ETag changes with every change of the task."""
    task = await door.backends.portfolio.GetTask(pb.GetTaskRequest(task_id=task_id, view=pb.TASK_VIEW_BASIC))
    return conditional_json_answer(_tag_of(task), if_none_match, lambda: task_state(task))


@router.get(
    "/task/{task_id}/result",
    response_model=TaskOutcome,
    dependencies=_CALL,
    responses={304: {"description": "Unchanged since the `If-None-Match` tag"}},
    summary="Read a task's results",
)
async def read_task_result(
    task_id: str, door: TheDoor, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Reads what a finished task found; 409 while it runs. A task that ended `error` keeps its finished sections."""
    task = await door.backends.portfolio.GetTask(pb.GetTaskRequest(task_id=task_id, view=pb.TASK_VIEW_FULL))
    if task.status not in TERMINAL_TASK:
        raise PreconditionFailed("the task is still running", reason="TASK_RUNNING")
    return conditional_json_answer(_tag_of(task), if_none_match, lambda: task_outcome(task))


@router.get(
    "/task/{task_id}/report",
    dependencies=_CALL,
    response_class=HTMLResponse,
    summary="Read a task's results as a page",
)
async def read_task_report(task_id: str, door: TheDoor, *, download: bool = False) -> Response:
    """Renders what a finished task found as one printable page; 409 while it runs. `download=true` saves it."""
    report = await door.backends.portfolio.GetTaskReport(pb.GetTaskReportRequest(task_id=task_id))
    headers = {"content-security-policy": _REPORT_POLICY}
    if download:
        headers["content-disposition"] = 'attachment; filename="portfolio-report.html"'
    return HTMLResponse(report.html, headers=headers)


@router.get(
    "/task/{task_id}/events",
    dependencies=_WATCH,
    response_class=Response,
    responses=EVENTS_RESPONSE,
    summary="Watch a task",
)
async def watch_task(
    task_id: str,
    door: TheDoor,
    call: TheCall,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Streams each change of status and each finished section, from the start or after `Last-Event-ID`."""
    return await answer_task_events(door, call, task_id, last_event_id)


async def answer_task_events(door: Door, call: RestCall, task_id: str, last_event_id: str | None) -> Response:
    """Answers with a task's events; 204 where nothing follows. Raises what reading the task raises."""
    after_revision = parse_last_event_id(last_event_id)
    stub = door.backends.portfolio
    task = await stub.GetTask(pb.GetTaskRequest(task_id=task_id, view=pb.TASK_VIEW_BASIC))
    if after_revision >= task.revision and task.status in TERMINAL_TASK:
        return Response(status_code=204)
    return answer_events(
        door,
        call,
        lambda revision: stub.WatchTask(pb.WatchTaskRequest(task_id=task_id, after_revision=revision)),
        lambda event: ("section" if event.section else "status", task_event(event)),
        after_revision,
    )


@router.post(
    "/task/{task_id}/cancel", status_code=202, response_model=TaskState, dependencies=_CALL, summary="Cancel a task"
)
async def cancel_task(task_id: str, door: TheDoor) -> Response:
    """Asks for a task to be cancelled; 409 where it is over already."""
    return json_answer(task_state(await door.backends.portfolio.CancelTask(pb.CancelTaskRequest(task_id=task_id))), 202)


@router.delete("/task/{task_id}", status_code=204, dependencies=_CALL, summary="Delete a task")
async def delete_task(task_id: str, door: TheDoor) -> Response:
    """Deletes a task and all that belongs to it."""
    await door.backends.portfolio.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))
    return Response(status_code=204)


def _tag_of(task: pb.Task) -> str:
    return f"{task.generation}-{task.revision}"

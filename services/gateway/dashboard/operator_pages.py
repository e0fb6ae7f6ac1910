"""How busy the workers are, and what they gave up: dead letters, to be run again by operators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import InvalidInput
from services.gateway.dashboard.frame import (
    HOME,
    Anybody,
    Operator,
    PageRoute,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.dashboard.queues import read_queues
from services.gateway.rest.door import TheDoor
from services.gateway.rest.wire import time_text

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_PAGE_SIZE = 50
_Token = Annotated[str, Query(max_length=2048)]


@router.get("/workers")
async def show_workers(visitor: Anybody, door: TheDoor) -> Response:
    """Shows queues and workers."""
    return render("workers.html", visitor, queues=await read_queues(door, visitor))


@router.get("/dead-letters")
async def show_dead_letters(
    visitor: Operator,
    door: TheDoor,
    tasks_page: _Token = "",
    jobs_page: _Token = "",
    replayed: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """Shows what was given up, newest first."""
    tasks = await door.backends.portfolio.ListDeadLetters(
        portfolio_pb2.ListDeadLettersRequest(page_size=_PAGE_SIZE, page_token=tasks_page)
    )
    jobs = await door.backends.converter.ListDeadLetters(
        converter_pb2.ListDeadLettersRequest(page_size=_PAGE_SIZE, page_token=jobs_page)
    )
    groups = [
        ("Portfolio tasks", "task", [_describe(letter) for letter in tasks.dead_letters], tasks.next_page_token),
        ("Trainings and conversions", "job", [_describe(letter) for letter in jobs.dead_letters], jobs.next_page_token),
    ]
    return render("dead_letters.html", visitor, groups=groups, replayed=replayed)


@router.post("/dead-letters/replay")
async def replay(request: Request, visitor: Operator, door: TheDoor) -> Response:
    """Runs a given-up task or job again."""
    form = await read_own_form(request, visitor)
    kind, user_id, job_id = (form.get(name, "") for name in ("kind", "user_id", "job_id"))
    if kind == "task":
        await door.backends.portfolio.ReplayTask(portfolio_pb2.ReplayTaskRequest(task_id=job_id))
    elif kind == "job":
        await door.backends.converter.ReplayJob(converter_pb2.ReplayJobRequest(user_id=user_id, job_id=job_id))
    else:
        raise InvalidInput("this form names nothing to run again", field="kind")
    return RedirectResponse(f"{HOME}/dead-letters?replayed={quote_segment(job_id)}", 303)


def _describe(letter: jobs_pb2.DeadLetter) -> dict[str, Any]:
    return {
        "job_id": letter.job_id,
        "user_id": letter.user_id,
        "code": letter.error.code,
        "message": letter.error.message,
        "failed_at": time_text(letter.failed_at),
        "attempts": letter.attempts,
    }

"""How busy the workers are, and what they gave up: dead letters, to be run again by operators."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from wealth.converter.v1 import converter_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import InvalidInput
from services.gateway.dashboard.frame import (
    HOME,
    Anybody,
    Operator,
    PageRoute,
    quote_segment,
    read_next,
    read_own_form,
    render,
)
from services.gateway.dashboard.queues import read_queues
from services.gateway.rest.dead_letters import dead_letter
from services.gateway.rest.door import TheDoor

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
        (name, kind, [dead_letter(letter) for letter in page.dead_letters], page.next_page_token)
        for name, kind, page in (("Portfolio tasks", "task", tasks), ("Trainings and conversions", "job", jobs))
    ]
    return render("dead_letters.html", visitor, groups=groups, replayed=replayed)


@router.post("/dead-letters/replay")
async def replay(request: Request, visitor: Operator, door: TheDoor) -> Response:
    """Runs a task or job that has ended again, and leads to ``next``, or to the dead letters."""
    form = await read_own_form(request, visitor)
    kind, user_id, job_id = (form.get(name, "") for name in ("kind", "user_id", "job_id"))
    if kind == "task":
        await door.backends.portfolio.ReplayTask(portfolio_pb2.ReplayTaskRequest(task_id=job_id))
    elif kind == "job":
        await door.backends.converter.ReplayJob(converter_pb2.ReplayJobRequest(user_id=user_id, job_id=job_id))
    else:
        raise InvalidInput("this form names nothing to run again", field="kind")
    if form.get("next"):
        return RedirectResponse(read_next(form["next"]), 303)
    return RedirectResponse(f"{HOME}/dead-letters?replayed={quote_segment(job_id)}", 303)

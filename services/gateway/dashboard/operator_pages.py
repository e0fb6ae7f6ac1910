"""How busy the workers are, and what they gave up: dead letters, to be run again by operators."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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
    Visitor,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.rest.door import Door, TheDoor
from services.gateway.rest.wire import time_text

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_PAGE_SIZE = 50
_Token = Annotated[str, Query(max_length=2048)]


@dataclass(frozen=True, slots=True)
class NamedQueue:
    """A service's queue under the name that people know it by."""

    name: str
    queue: jobs_pb2.Queue

    @property
    def busy_percent(self) -> int:
        """How many of the slots are taken."""
        return round(100 * self.queue.active_jobs / self.queue.max_workers) if self.queue.max_workers else 0

    @property
    def wait_s(self) -> int | None:
        """Seconds that a job accepted now is expected to wait; None where nothing was finished to measure by."""
        return round(self.queue.estimated_wait_s) if self.queue.HasField("estimated_wait_s") else None


async def read_queues(door: Door, visitor: Visitor) -> Sequence[NamedQueue]:
    """Reads the queues of the services that the visitor's key is for."""
    calls: list[tuple[str, Any]] = []
    if visitor.may("portfolio"):
        calls.append(("Portfolio analysis", door.backends.portfolio.GetQueue(portfolio_pb2.GetQueueRequest())))
    if visitor.may("converter"):
        calls.append(("Conversion", door.backends.converter.GetQueue(converter_pb2.GetQueueRequest())))
    found = await asyncio.gather(*(_wait_for(call) for _, call in calls))
    return [NamedQueue(name, queue) for (name, _), queue in zip(calls, found, strict=True)]


async def _wait_for(call: Any) -> jobs_pb2.Queue:
    queue: jobs_pb2.Queue = await call
    return queue


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
        "attempts": letter.attempts,
        "code": letter.error.code,
        "message": letter.error.message,
        "failed_at": time_text(letter.failed_at),
    }

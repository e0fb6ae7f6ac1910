"""The page to try an analysis on: a payload or a CSV of holdings is pasted or dropped, and its task's page follows."""

from fastapi import APIRouter, Request
from starlette.responses import Response
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.dashboard.frame import HOME, PageRoute, TaskReader, lead_to, quote_segment, read_own_form, render
from services.gateway.domain.pasted import read_pasted
from services.gateway.rest.door import TheDoor

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)


@router.get("/analyse")
async def show_analysis(visitor: TaskReader) -> Response:
    """Shows the form for a payload."""
    return render("analysis.html", visitor)


@router.post("/analyse")
async def analyse(request: Request, visitor: TaskReader, door: TheDoor) -> Response:
    """Has what was pasted analysed, as a task like any other."""
    form = await read_own_form(request, visitor, max_bytes=door.settings.gateway_max_body_bytes)
    pasted = form.get("payload", "")
    payloads, locale = await door.elsewhere.run(len(pasted), read_pasted, pasted)
    task = await door.backends.portfolio.CreateTask(
        portfolio_pb2.CreateTaskRequest(
            username=form.get("user_id", "").strip() or visitor.usual_user,
            password=form.get("password", ""),
            locale=form.get("locale", "").strip() or locale,
            payloads_json=payloads,
        )
    )
    return lead_to(request, f"{HOME}/tasks/{quote_segment(task.task_id)}")

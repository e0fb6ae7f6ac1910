"""A task's page: its history, its narratives with every number's source, its charts and its cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import grpc
import grpc.aio
from fastapi import APIRouter, Header, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.dashboard.figures import Block, lay_out, mark_numbers
from services.gateway.dashboard.frame import (
    HOME,
    PageRoute,
    TaskReader,
    TaskWatcher,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.rest.door import Door, TheCall, TheDoor
from services.gateway.rest.portfolio import answer_task_events
from services.gateway.rest.portfolio_mapping import TERMINAL_TASK, task_outcome, task_state

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_MAX_CHARTS = 100


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as its page shows it. ``charts`` are (title, SVG element), written and escaped by the service."""

    name: str
    result: Mapping[str, Any]
    blocks: tuple[Block, ...]
    charts: tuple[tuple[str, Markup], ...]


@router.get("/tasks/{task_id}")
async def show_task(task_id: str, visitor: TaskReader, door: TheDoor) -> Response:
    """Shows a task: its history, and its sections as they finish."""
    request = portfolio_pb2.GetTaskRequest(task_id=task_id, view=portfolio_pb2.TASK_VIEW_FULL)
    task = await door.backends.portfolio.GetTask(request)
    outcome = task_outcome(task)
    over = task.status in TERMINAL_TASK
    charts = await _read_charts(door, task_id) if over and any(section.charts for section in task.sections) else {}
    sections = [
        SectionView(name, section, tuple(lay_out(mark_numbers(section))), tuple(charts.get(name, ())))
        for name, section in outcome["data"].items()
    ]
    return render(
        "task.html",
        visitor,
        task=task_state(task),
        outcome=outcome,
        sections=sections,
        has_report=over and bool(sections),
        over=over,
        path=f"{HOME}/tasks/{quote_segment(task_id)}",
    )


@router.get("/tasks/{task_id}/events")
async def watch_task(
    task_id: str,
    _: TaskWatcher,
    door: TheDoor,
    call: TheCall,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Streams a task's events to its page."""
    return await answer_task_events(door, call, task_id, last_event_id)


@router.get("/tasks/{task_id}/report")
async def show_report(task_id: str, _: TaskReader, door: TheDoor) -> Response:
    """Shows a task's results as one page to be printed."""
    report = await door.backends.portfolio.GetTaskReport(portfolio_pb2.GetTaskReportRequest(task_id=task_id))
    return HTMLResponse(report.html, headers={"content-security-policy": _REPORT_POLICY})


@router.post("/tasks/{task_id}/cancel")
async def cancel_task(request: Request, task_id: str, visitor: TaskReader, door: TheDoor) -> Response:
    """Cancels a task."""
    await read_own_form(request, visitor)
    await door.backends.portfolio.CancelTask(portfolio_pb2.CancelTaskRequest(task_id=task_id))
    return RedirectResponse(f"{HOME}/tasks/{quote_segment(task_id)}", 303)


async def _read_charts(door: Door, task_id: str) -> Mapping[str, list[tuple[str, Markup]]]:
    """The charts by section. A page without them is better than none."""
    try:
        report = await door.backends.portfolio.GetTaskReport(portfolio_pb2.GetTaskReportRequest(task_id=task_id))
    except grpc.aio.AioRpcError as failure:
        if failure.code() in {grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND}:
            return {}  # replayed or deleted meanwhile
        raise
    charts: dict[str, list[tuple[str, Markup]]] = {}
    for chart in report.charts[:_MAX_CHARTS]:
        # Our own service's SVG, its texts escaped there; the page's policy lets nothing in it run in any case.
        charts.setdefault(chart.section, []).append((chart.title, Markup(chart.svg)))  # noqa: S704
    return charts

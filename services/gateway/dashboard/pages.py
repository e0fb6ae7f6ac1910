"""The dashboard: server-rendered pages over the same services, behind a session instead of a key in each call."""

import json
import urllib.parse
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import grpc.aio
import jinja2
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.context import current_principal
from services.common.errors import Denied, NotFound, Unauthenticated, WealthError
from services.common.status import from_rpc_error, http_status
from services.gateway.admission import Occupies
from services.gateway.dashboard.sessions import COOKIE, Session, Sessions, accepts_token, comes_from_here
from services.gateway.dashboard.views import mark_numbers, tone_of
from services.gateway.rest.call import call_of
from services.gateway.rest.converter import answer_job_events
from services.gateway.rest.converter_mapping import TERMINAL_JOB, job_metadata
from services.gateway.rest.door import Door, TheDoor, door_of
from services.gateway.rest.downloads import Download, answer_download
from services.gateway.rest.portfolio import answer_task_events
from services.gateway.rest.portfolio_mapping import TERMINAL_TASK, task_outcome, task_state

_HERE = Path(__file__).parent
_HOME = "/dashboard"
_ASSETS = frozenset({"dashboard.css", "dashboard.js"})
_PAGE_SIZE = 25
_MAX_SHOWN_BYTES = 256 * 1024
_MAX_FORM_BYTES = 4096
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class _NotSignedIn(Exception):
    """There is no session, or it is over."""


class _PageRoute(APIRoute):
    """A route whose failures are pages too, and whose pages without a session lead to the sign-in."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Wraps the route's handler."""
        handler = super().get_route_handler()

        async def serve(request: Request) -> Response:
            try:
                return await handler(request)
            except _NotSignedIn:
                return RedirectResponse(f"{_HOME}/login", 303)
            except grpc.aio.AioRpcError as failure:
                return _show_error(request, from_rpc_error(failure))
            except WealthError as error:
                return _show_error(request, error)

        return serve


router = APIRouter(prefix=_HOME, include_in_schema=False, route_class=_PageRoute)


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"tone": tone_of, "segment": lambda text: urllib.parse.quote(text, safe="")}
    return environment


def _render(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    page = _templates().get_template(name).render(**values)
    return HTMLResponse(page, status, {"content-security-policy": _POLICY, "cache-control": "no-store"})


def _show_error(request: Request, error: WealthError) -> Response:
    call_of(request).audit.reason = error.reason
    return _render("error.html", http_status(error), message=error.message, session=None)


def _sessions_of(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


class SessionGuard:
    """Lets a call through whose session's key has one of ``scopes``; returns the session."""

    def __init__(self, *scopes: str, occupies: Occupies = Occupies.CALL) -> None:
        self._scopes = scopes
        self._occupies = occupies

    async def __call__(self, request: Request) -> Session:
        """Raises _NotSignedIn, Denied or Exhausted."""
        session = _sessions_of(request).read(request.cookies.get(COOKIE))
        if session is None:
            raise _NotSignedIn
        admission = door_of(request).admission
        try:
            held = admission.find(session.key_id).scopes
            scope = next((scope for scope in self._scopes if scope in held), self._scopes[0])
            call_of(request).admit(admission.admit_session(session.key_id, scope, self._occupies))
        except Unauthenticated as error:
            raise _NotSignedIn from error
        return session


_Anybody = Annotated[Session, Depends(SessionGuard("portfolio", "converter", "files", "admin"))]
_TaskReader = Annotated[Session, Depends(SessionGuard("portfolio"))]
_JobReader = Annotated[Session, Depends(SessionGuard("converter"))]
_TaskWatcher = Annotated[Session, Depends(SessionGuard("portfolio", occupies=Occupies.WATCH))]
_JobWatcher = Annotated[Session, Depends(SessionGuard("converter", occupies=Occupies.WATCH))]
_LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]
_Token = Annotated[str, Query(max_length=2048)]


async def _read_form(request: Request) -> dict[str, str]:
    """Reads a small form that one of our own pages sent. Raises Denied for others."""
    headers = request.headers
    if not comes_from_here(headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site")):
        raise Denied("this form comes from another site", reason="CROSS_SITE_FORM")
    body = await request.body()
    if len(body) > _MAX_FORM_BYTES:
        raise Denied("this form is too large", reason="FORM_TOO_LARGE")
    return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), max_num_fields=8))


async def _require_own_form(request: Request, session: Session) -> None:
    if not accepts_token(session, (await _read_form(request)).get("csrf_token", "")):
        raise Denied("this form is too old; go back and load the page again", reason="CSRF_TOKEN_INVALID")


@router.get("/login")
async def show_login() -> Response:
    """Shows the sign-in."""
    return _render("login.html", session=None, error="")


@router.post("/login")
async def sign_in(request: Request, door: TheDoor) -> Response:
    """Trades a key for a session."""
    form = await _read_form(request)
    try:
        record = door.admission.authenticate(form.get("key", "").strip())
    except Unauthenticated as error:
        call_of(request).audit.reason = error.reason
        return _render("login.html", 401, session=None, error="This key is not valid.")
    answer = RedirectResponse(_HOME, 303)
    answer.set_cookie(
        COOKIE,
        _sessions_of(request).open(record.id),
        max_age=door.settings.gateway_session_s,
        path=_HOME,
        secure=door.settings.gateway_cookie_secure,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/logout")
async def sign_out(request: Request, session: _Anybody) -> Response:
    """Ends the session in this browser."""
    await _require_own_form(request, session)
    answer = RedirectResponse(f"{_HOME}/login", 303)
    answer.delete_cookie(COOKIE, path=_HOME)
    return answer


@router.get("/assets/{name}")
async def read_asset(name: str) -> Response:
    """Serves a style sheet or script."""
    if name not in _ASSETS:
        raise NotFound("there is no such asset")
    return FileResponse(_HERE / "static" / name, headers={"cache-control": "public, max-age=3600"})


@router.get("")
async def show_home(session: _Anybody, door: TheDoor, tasks_page: _Token = "", jobs_page: _Token = "") -> Response:
    """Shows tasks and jobs, newest first, and both queues."""
    principal = current_principal()
    # A key of one user asks for that user: others may only be asked for by keys of all users.
    user_id = "" if principal.acts_for_all_users or len(principal.users) != 1 else next(iter(principal.users))
    tasks = jobs = task_queue = job_queue = None
    if "portfolio" in principal.scopes:
        tasks = await door.backends.portfolio.ListTasks(
            portfolio_pb2.ListTasksRequest(page_size=_PAGE_SIZE, page_token=tasks_page, user_id=user_id)
        )
        task_queue = await door.backends.portfolio.GetQueue(portfolio_pb2.GetQueueRequest())
    if "converter" in principal.scopes:
        jobs = await door.backends.converter.ListJobs(
            converter_pb2.ListJobsRequest(page_size=_PAGE_SIZE, page_token=jobs_page, user_id=user_id)
        )
        job_queue = await door.backends.converter.GetQueue(converter_pb2.GetQueueRequest())
    return _render(
        "home.html",
        session=session,
        tasks=[task_state(task) for task in tasks.tasks] if tasks else None,
        tasks_next=tasks.next_page_token if tasks else "",
        jobs=[job_metadata(job) for job in jobs.jobs] if jobs else None,
        jobs_next=jobs.next_page_token if jobs else "",
        queues=_name_queues(task_queue, job_queue),
        tasks_page=tasks_page,
        jobs_page=jobs_page,
    )


def _name_queues(
    task_queue: jobs_pb2.Queue | None, job_queue: jobs_pb2.Queue | None
) -> list[tuple[str, jobs_pb2.Queue]]:
    return [(name, queue) for name, queue in (("Portfolio", task_queue), ("Converter", job_queue)) if queue]


@router.get("/tasks/{task_id}")
async def show_task(task_id: str, session: _TaskReader, door: TheDoor) -> Response:
    """Shows a task: its history, and its sections once it is over."""
    request = portfolio_pb2.GetTaskRequest(task_id=task_id, view=portfolio_pb2.TASK_VIEW_FULL)
    task = await door.backends.portfolio.GetTask(request)
    outcome = task_outcome(task)
    sections = [(name, section, mark_numbers(section)) for name, section in outcome["data"].items()]
    return _render(
        "task.html",
        session=session,
        task=task_state(task),
        sections=sections,
        highlights=outcome["highlights"],
        over=task.status in TERMINAL_TASK,
    )


@router.get("/tasks/{task_id}/events")
async def watch_task(task_id: str, _: _TaskWatcher, door: TheDoor, last_event_id: _LastEventId = None) -> Response:
    """Streams a task's events to its page."""
    return await answer_task_events(door, task_id, last_event_id)


@router.post("/tasks/{task_id}/cancel")
async def cancel_task(request: Request, task_id: str, session: _TaskReader, door: TheDoor) -> Response:
    """Cancels a task."""
    await _require_own_form(request, session)
    await door.backends.portfolio.CancelTask(portfolio_pb2.CancelTaskRequest(task_id=task_id))
    return RedirectResponse(f"{_HOME}/tasks/{urllib.parse.quote(task_id, safe='')}", 303)


@router.get("/jobs/{user_id}/{job_id}")
async def show_job(user_id: str, job_id: str, session: _JobReader, door: TheDoor) -> Response:
    """Shows a job: its history, its program and its report."""
    job = await door.backends.converter.GetJob(converter_pb2.GetJobRequest(user_id=user_id, job_id=job_id))
    over = job.status in TERMINAL_JOB
    program = await _read_text(door, user_id, job_id, converter_pb2.ARTIFACT_PROGRAM) if over else None
    report = await _read_text(door, user_id, job_id, converter_pb2.ARTIFACT_REPORT) if over else None
    return _render(
        "job.html",
        session=session,
        job=job_metadata(job),
        program=program,
        report=_indent(report),
        has_output=job.mode == converter_pb2.JOB_MODE_INFERENCE and job.status == converter_pb2.JOB_STATUS_COMPLETED,
        over=over,
    )


@router.get("/jobs/{user_id}/{job_id}/events")
async def watch_job(
    user_id: str, job_id: str, _: _JobWatcher, door: TheDoor, last_event_id: _LastEventId = None
) -> Response:
    """Streams a job's events to its page."""
    return await answer_job_events(door, user_id, job_id, last_event_id)


@router.get("/jobs/{user_id}/{job_id}/output")
async def download_output(request: Request, user_id: str, job_id: str, _: _JobReader, door: TheDoor) -> Response:
    """Streams a job's output, formulas made harmless: a browser's download ends in a spreadsheet."""

    def open_part(offset: int, length: int) -> Any:
        return door.backends.converter.DownloadArtifact(
            converter_pb2.DownloadArtifactRequest(
                user_id=user_id, job_id=job_id, artifact=converter_pb2.ARTIFACT_OUTPUT, offset=offset, length=length
            )
        )

    return await answer_download(request, open_part, safe=True)


@router.post("/jobs/{user_id}/{job_id}/cancel")
async def cancel_job(request: Request, user_id: str, job_id: str, session: _JobReader, door: TheDoor) -> Response:
    """Cancels a job."""
    await _require_own_form(request, session)
    await door.backends.converter.CancelJob(converter_pb2.CancelJobRequest(user_id=user_id, job_id=job_id))
    return RedirectResponse(f"{_HOME}/jobs/{urllib.parse.quote(user_id, safe='')}/{job_id}", 303)


async def _read_text(door: Door, user_id: str, job_id: str, artifact: converter_pb2.Artifact.ValueType) -> str | None:
    """Reads an artefact to show it; None where there is none, or it is too large for a page."""
    request = converter_pb2.DownloadArtifactRequest(user_id=user_id, job_id=job_id, artifact=artifact)
    try:
        download = await Download.open(door.backends.converter.DownloadArtifact(request))
        content = await download.read(_MAX_SHOWN_BYTES)
    except grpc.aio.AioRpcError as failure:
        if failure.code() in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION}:
            return None
        raise
    return None if content is None else content.decode("utf-8", "replace")


def _indent(report: str | None) -> str | None:
    if report is None:
        return None
    try:
        return json.dumps(json.loads(report), indent=2, ensure_ascii=False)
    except ValueError:
        return report

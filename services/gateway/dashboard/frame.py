"""What every page is made with: its template, its session, its forms, and what it answers where it fails."""

import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import grpc.aio
import jinja2
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from services.common.errors import Denied, InvalidInput, Unauthenticated, WealthError
from services.common.identity import Principal
from services.common.reading_words import describe_alternatives, describe_reading, describe_reason
from services.common.status import from_rpc_error, http_status
from services.gateway.admission import Occupies
from services.gateway.dashboard.figures import count, last, measure, read_fact
from services.gateway.dashboard.sessions import COOKIE, Session, Sessions, accepts_token, comes_from_here
from services.gateway.dashboard.sign_outs import SignOuts
from services.gateway.dashboard.sql_tokens import split_sql
from services.gateway.dashboard.wording import (
    begin_sentence,
    describe_status,
    describe_time,
    name_section,
    tone_of,
)
from services.gateway.domain.bodies import parse_form
from services.gateway.rest.call import call_of
from services.gateway.rest.door import door_of, kind_of
from services.gateway.rest.problems import answer_error

HOME = "/dashboard"
DEFAULT_USER = "try-it"
CSRF_HEADER = "x-csrf-token"
_MAX_FORM_BYTES = 128 * 1024
_MAX_FIELDS = 32
_MAX_NEXT_CHARS = 512
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class NotSignedIn(Exception):
    """There is no session, or it is over."""


class PageRoute(APIRoute):
    """A route whose failures are pages too, and whose pages without a session lead to the sign-in.

    Scripts ask for ``application/json``: they get problem documents, as over REST.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Wraps the route's handler."""
        handler = super().get_route_handler()

        async def serve(request: Request) -> Response:
            try:
                return await handler(request)
            except NotSignedIn:
                if wants_json(request):
                    return answer_error(request, Unauthenticated("the session is over: sign in again"))
                return RedirectResponse(_sign_in_path(request), 303)
            except RequestValidationError:
                return _show_error(request, InvalidInput("this page's address is not complete, or not one of ours"))
            except grpc.aio.AioRpcError as failure:
                return _show_error(request, from_rpc_error(failure))
            except WealthError as error:
                return _show_error(request, error)

        return serve


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page: a session and on whose behalf it acts."""

    session: Session
    principal: Principal

    @property
    def csrf_token(self) -> str:
        """What the session's forms must carry."""
        return self.session.csrf_token

    @property
    def only_user(self) -> str:
        """The one user that the key acts for; empty where there are several, or all."""
        users = self.principal.users
        return "" if self.principal.acts_for_all_users or len(users) != 1 else next(iter(users))

    @property
    def usual_user(self) -> str:
        """For whom jobs are made where the visitor says nothing."""
        return self.only_user or (DEFAULT_USER if self.principal.acts_for_all_users else min(self.principal.users))

    def may(self, *scopes: str) -> bool:
        """Whether the key has all of ``scopes``."""
        return self.principal.scopes.issuperset(scopes)


class SessionGuard:
    """Lets a call through whose session's key has one of ``scopes``; returns the visitor."""

    def __init__(self, *scopes: str, occupies: Occupies = Occupies.CALL) -> None:
        self._scopes = scopes
        self._occupies = occupies

    async def __call__(self, request: Request) -> Visitor:
        """Raises NotSignedIn, Denied, Exhausted, or Unavailable where nobody can say whether the session was ended."""
        sign_outs = sign_outs_of(request)
        session = sessions_of(request).read(request.cookies.get(COOKIE))
        if session is None:
            raise NotSignedIn
        admission, call = door_of(request).admission, call_of(request)
        try:
            held = admission.find(session.key_id).scopes
            scope = next((scope for scope in self._scopes if scope in held), self._scopes[0])
            admitted = await admission.admit_session(
                session.key_id, scope, self._occupies, identify=call.identify, kind=kind_of(request)
            )
        except Unauthenticated as error:
            raise NotSignedIn from error
        # Within the key's limits: a cookie asks no more of storage than its key could.
        try:
            if await sign_outs.has_ended(session):
                raise NotSignedIn
        except BaseException:
            admitted.release()
            raise
        call.admit(admitted)
        call.session_holds = sign_outs.follow(session)
        return Visitor(session, admitted.principal)


Anybody = Annotated[Visitor, Depends(SessionGuard("portfolio", "converter", "files", "webhooks", "admin"))]
ListReader = Annotated[Visitor, Depends(SessionGuard("portfolio", "converter"))]
ListWatcher = Annotated[Visitor, Depends(SessionGuard("portfolio", "converter", occupies=Occupies.WATCH))]
TaskReader = Annotated[Visitor, Depends(SessionGuard("portfolio"))]
TaskWatcher = Annotated[Visitor, Depends(SessionGuard("portfolio", occupies=Occupies.WATCH))]
JobReader = Annotated[Visitor, Depends(SessionGuard("converter"))]
JobWatcher = Annotated[Visitor, Depends(SessionGuard("converter", occupies=Occupies.WATCH))]
Uploader = Annotated[Visitor, Depends(SessionGuard("files"))]
WebhookKeeper = Annotated[Visitor, Depends(SessionGuard("webhooks"))]
Operator = Annotated[Visitor, Depends(SessionGuard("admin"))]


def sessions_of(request: Request) -> Sessions:
    """The sessions of the request's app."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def sign_outs_of(request: Request) -> SignOuts:
    """The sign-outs that the request's app knows of."""
    sign_outs: SignOuts = request.app.state.sign_outs
    return sign_outs


@cache
def templates() -> jinja2.Environment:
    """The pages' templates. All that they print is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": last,
        "count": count,
        "fact": read_fact,
        "measure": measure,
        "moment": describe_time,
        "read_alternatives": describe_alternatives,
        "read_as": describe_reading,
        "read_why": describe_reason,
        "section_name": name_section,
        "segment": quote_segment,
        "sentence": begin_sentence,
        "sql": split_sql,
        "state": describe_status,
        "tone": tone_of,
    }
    return environment


def quote_segment(text: str) -> str:
    """A text as one segment of a path."""
    return urllib.parse.quote(text, safe="")


def render(name: str, visitor: Visitor | None, status: int = 200, **values: Any) -> HTMLResponse:
    """Answers with a page. ``visitor`` is None before the sign-in."""
    page = templates().get_template(name).render(visitor=visitor, **values)
    return HTMLResponse(page, status, {"content-security-policy": _POLICY, "cache-control": "no-store"})


def wants_json(request: Request) -> bool:
    """Whether a script of ours asks, and not the browser itself."""
    return request.headers.get("accept", "") == "application/json"


async def read_form(
    request: Request, *, max_bytes: int = _MAX_FORM_BYTES, max_fields: int = _MAX_FIELDS
) -> dict[str, str]:
    """Reads a form that one of our own pages sent; empty fields are left out.

    Raises Denied for others, InvalidInput for what is none.
    """
    require_own_page(request)
    body = await _read_up_to(request, max_bytes)
    return await door_of(request).elsewhere.run(len(body), parse_form, body, max_fields)


async def _read_up_to(request: Request, max_bytes: int) -> bytes:
    """Reads a body. Raises Denied above the limit, with no more of it in memory."""
    body = bytearray()
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) <= max_bytes:
        async for piece in request.stream():
            body += piece
            if len(body) > max_bytes:
                break
        else:
            return bytes(body)
    raise Denied("this form is too large", reason="FORM_TOO_LARGE")


async def read_own_form(
    request: Request, visitor: Visitor, *, max_bytes: int = _MAX_FORM_BYTES, max_fields: int = _MAX_FIELDS
) -> dict[str, str]:
    """Reads a form that carries the session's token. Raises Denied for others."""
    form = await read_form(request, max_bytes=max_bytes, max_fields=max_fields)
    require_token(visitor, form.get("csrf_token", ""))
    return form


def lead_to(request: Request, path: str) -> Response:
    """Sends the browser to what a form made; a script of ours is told where it is."""
    if wants_json(request):
        return JSONResponse({"location": path}, 201)
    return RedirectResponse(path, 303)


def require_own_page(request: Request) -> None:
    """Raises Denied for a request that another site had the browser make."""
    headers = request.headers
    if not comes_from_here(headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site")):
        raise Denied("this form comes from another site", reason="CROSS_SITE_FORM")


def require_token(visitor: Visitor, token: str) -> None:
    """Raises Denied without the session's token."""
    if not accepts_token(visitor.session, token):
        raise Denied("this form is too old; go back and load the page again", reason="CSRF_TOKEN_INVALID")


def read_next(path: str) -> str:
    """Where to go after the sign-in: one of our own pages, or the first of them."""
    whole = path.startswith((f"{HOME}/", f"{HOME}?")) and len(path) <= _MAX_NEXT_CHARS
    return path if whole and path.isprintable() and "\\" not in path else HOME


def _sign_in_path(request: Request) -> str:
    # As it came: a segment may hold an encoded slash.
    path = request.scope["raw_path"].decode("ascii") + (f"?{request.url.query}" if request.url.query else "")
    wanted = path if request.method == "GET" else HOME
    return f"{HOME}/login" if read_next(wanted) == HOME else f"{HOME}/login?next={quote_segment(wanted)}"


def _show_error(request: Request, error: WealthError) -> Response:
    if wants_json(request):
        return answer_error(request, error)
    call_of(request).audit.reason = error.reason
    return render("error.html", _find_visitor(request), http_status(error), message=error.message, reason=error.reason)


def _find_visitor(request: Request) -> Visitor | None:
    """Who is signed in, for a page's menu alone: nothing is admitted and nothing counted. None where nobody is."""
    session = sessions_of(request).read(request.cookies.get(COOKIE))
    if session is None:
        return None
    try:
        return Visitor(session, door_of(request).admission.find(session.key_id).principal)
    except WealthError:
        return None

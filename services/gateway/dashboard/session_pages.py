"""The sign-in: a key is traded once for a session cookie."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.common.errors import Unauthenticated
from services.gateway.dashboard.frame import (
    HOME,
    Anybody,
    PageRoute,
    read_form,
    read_next,
    read_own_form,
    render,
    sessions_of,
    sign_outs_of,
)
from services.gateway.dashboard.sessions import COOKIE
from services.gateway.rest.call import call_of
from services.gateway.rest.door import TheDoor

# A key and a path, both short; strangers send it.
_MAX_SIGN_IN_BYTES = 8 * 1024
_SIGNED_OUT_HERE = (
    "You are signed out in this browser. The suite could not note it for all its gateways: a copy of your cookie, if "
    "somebody has one, is taken by others until it runs out. Tell your operator."
)

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)


@router.get("/login")
async def show_login(next_path: Annotated[str, Query(alias="next", max_length=2048)] = "") -> Response:
    """Shows the sign-in."""
    return render("login.html", None, error="", next_path=read_next(next_path))


@router.post("/login")
async def sign_in(request: Request, door: TheDoor) -> Response:
    """Trades a key for a session."""
    form = await read_form(request, max_bytes=_MAX_SIGN_IN_BYTES)
    next_path = read_next(form.get("next", ""))
    try:
        record = await door.admission.authenticate(form.get("key", "").strip(), peer=call_of(request).peer)
    except Unauthenticated as error:
        call_of(request).audit.reason = error.reason
        return render("login.html", None, 401, error="This key is not valid.", next_path=next_path)
    answer = RedirectResponse(next_path, 303)
    answer.set_cookie(
        COOKIE,
        sessions_of(request).open(record.id),
        max_age=door.settings.gateway_session_s,
        path=HOME,
        secure=door.settings.gateway_cookie_secure,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/logout")
async def sign_out(request: Request, visitor: Anybody) -> Response:
    """Ends the session, wherever its cookie is, at every gateway."""
    await read_own_form(request, visitor)
    everywhere = await sign_outs_of(request).end(visitor.session)
    answer: Response = RedirectResponse(f"{HOME}/login", 303)
    if not everywhere:
        answer = render("login.html", None, error=_SIGNED_OUT_HERE, next_path=HOME)
    answer.delete_cookie(COOKIE, path=HOME)
    return answer

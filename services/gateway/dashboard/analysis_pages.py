"""The page to try an analysis on: a payload or a CSV of holdings is pasted or dropped, and its task's page follows."""

import json

from fastapi import APIRouter, Request
from starlette.responses import Response
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import FieldViolation, InvalidInput
from services.gateway.dashboard.frame import HOME, PageRoute, TaskReader, lead_to, quote_segment, read_own_form, render
from services.gateway.domain.payloads import split_task_body
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
    payloads, locale = read_pasted(form.get("payload", ""))
    task = await door.backends.portfolio.CreateTask(
        portfolio_pb2.CreateTaskRequest(
            username=form.get("user_id", "").strip() or visitor.usual_user,
            password=form.get("password", ""),
            locale=form.get("locale", "").strip() or locale,
            payloads_json=payloads,
        )
    )
    return lead_to(request, f"{HOME}/tasks/{quote_segment(task.task_id)}")


def read_pasted(text: str) -> tuple[list[str], str]:
    """The payloads in a pasted text, as the very JSON that came, and the locale that it states.

    It is a request with ``data``, a list of payloads, one payload, or, where it does not start as JSON does, the CSV
    of holdings.

    Raises InvalidInput for an empty text, for JSON that is none, and for a request with settings of its own, which
    would be lost.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    if not text:
        raise _refuse("a payload or a CSV is missing")
    if text[0] not in "{[":
        return [json.dumps({"holdings_csv": text}, ensure_ascii=False)], ""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refuse(f"this starts as JSON does, but cannot be read as JSON: {error}") from error
    if isinstance(document, list):
        text = f'{{"data": {text}}}'
    elif "data" not in document:
        return [text], ""
    elif others := sorted(set(document) - {"data", "username", "password", "locale"}):
        raise _refuse(f"this page takes payloads, not {', '.join(others)[:200]}: send the whole request over the API")
    body = split_task_body(text.encode())
    locale = body.fields.get("locale", "")
    if not isinstance(locale, str):
        raise _refuse("the request's locale is not a text")
    return list(body.payloads), locale


def _refuse(message: str) -> InvalidInput:
    return InvalidInput(message, violations=[FieldViolation("payload", message)])

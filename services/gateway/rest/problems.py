"""Every failure of REST as one problem document: ours, FastAPI's and Starlette's."""

import json
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import grpc.aio
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from services.common.context import current_call
from services.common.errors import Internal, InvalidInput, NotFound, TooLarge, WealthError
from services.common.fault_words import tell_fault
from services.common.logging import get_logger
from services.common.near import find_near
from services.common.status import from_rpc_error, to_problem
from services.gateway.domain.conditions import RangeNotSatisfiable
from services.gateway.rest.call import call_of

# Errors of HTTP itself, which the suite's tree knows nothing of.
_HTTP_REASONS = {
    400: "BAD_REQUEST",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "BODY_TOO_SLOW",
    415: "UNSUPPORTED_MEDIA_TYPE",
    416: "RANGE_NOT_SATISFIABLE",
}


_METHOD_CHARS = 20
_PATH_CHARS = 200


class UnsupportedMediaType(HTTPException):
    """The body comes in a form that is not taken."""

    def __init__(self, detail: str) -> None:
        super().__init__(415, detail)


def answer_error(request: Request, error: WealthError) -> Response:
    """Answers with the error's problem document."""
    status, headers, problem = to_problem(error, current_call().request_id)
    for entry in problem.get("errors", ()):
        entry["loc"][0] = _find_place(request, entry["loc"][1])
    if isinstance(error, RangeNotSatisfiable):
        headers["content-range"] = f"bytes */{error.metadata['size']}"
        return _respond(request, 416, headers, problem)
    return _respond(request, status, headers, problem)


def _find_place(request: Request, field: str) -> str:
    """Where a field stands that a service refused, which knows of no HTTP."""
    if field in request.query_params:
        return "query"
    return "path" if field in request.path_params else "body"


def answer_http_error(
    request: Request, status: int, detail: str, reason: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Answers with a problem document for a status that stands for no error of the suite."""
    reason = reason or _HTTP_REASONS.get(status, "HTTP_ERROR")
    _, own_headers, problem = to_problem(InvalidInput(detail, reason=reason), current_call().request_id)
    return _respond(request, status, {**own_headers, **(headers or {})}, problem)


def _respond(request: Request, status: int, headers: Mapping[str, str], problem: Mapping[str, Any]) -> Response:
    call_of(request).audit.reason = problem["code"]
    document = {**problem, "message": problem["detail"]}
    if document["status"] != status:
        document.update(status=status, title=HTTPStatus(status).phrase)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        document["detail"] = _as_fastapi(document)
    return Response(json.dumps(document, ensure_ascii=False).encode(), status, dict(headers))


def _as_fastapi(problem: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with the input as FastAPI says it: the older services' clients read `detail` as this list."""
    entries = problem.get("errors") or [
        {"loc": ["body"], "msg": problem["message"], "type": str(problem["code"]).lower()}
    ]
    return [{name: entry[name] for name in ("loc", "msg", "type")} for entry in entries]


async def handle_wealth_error(request: Request, error: Exception) -> Response:
    """Handles what services and the gateway raise."""
    assert isinstance(error, WealthError)  # noqa: S101 - registered for this class
    return answer_error(request, error)


async def handle_rpc_error(request: Request, error: Exception) -> Response:
    """Handles a failed call to a service, which carries the service's own error."""
    assert isinstance(error, grpc.aio.AioRpcError)  # noqa: S101 - registered for this class
    rebuilt = from_rpc_error(error)
    if isinstance(rebuilt, Internal):
        get_logger().warning("backend_failed", code=error.code().name, details=error.details(), reason=rebuilt.reason)
    return answer_error(request, rebuilt)


async def handle_http_error(request: Request, error: Exception) -> Response:
    """Handles Starlette's own errors: unknown paths, wrong methods and the like."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if error.status_code == 404:
        return answer_error(request, NotFound(_tell_no_path(request), reason="PATH_NOT_FOUND"))
    if error.status_code == 413:
        return answer_error(request, TooLarge(error.detail, reason="BODY_TOO_LARGE"))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers = {"allow": (methods := _list_methods(request))}
        words = f"this path does not take {request.method[:_METHOD_CHARS]}: it takes {methods}"
        return answer_http_error(request, error.status_code, words, headers=headers)
    return answer_http_error(request, error.status_code, error.detail, headers=headers)


def _tell_no_path(request: Request) -> str:
    """Names the described path that is probably meant: one without the last slash, or one that is nearly the same."""
    routes: Sequence[Route] = request.app.state.routes
    described = {route.path for route in routes if route.include_in_schema and "{" not in route.path}
    path = request.url.path
    meant = path.rstrip("/") if path.rstrip("/") in described else find_near(path[:_PATH_CHARS], described)
    return f"there is nothing at this path: is {meant} meant?" if meant else "there is nothing at this path"


def _list_methods(request: Request) -> str:
    """The methods of a path: each has a route of its own, and Starlette names the first one's."""
    routes: Sequence[Route] = request.app.state.routes
    path = next((route.path for route in routes if route.matches(request.scope)[0] is not Match.NONE), None)
    methods = {method for route in routes if route.path == path for method in route.methods or ()}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


async def handle_invalid_request(request: Request, error: Exception) -> Response:
    """Handles parameters and bodies that FastAPI or pydantic refused."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    found: Sequence[ErrorDetails] = error.errors()
    entries = [
        {
            "field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]),
            "message": (words := tell_fault(item)),
            "loc": list(item["loc"]),
            "msg": words,
            "type": item["type"],
        }
        for item in found[:50]
    ]
    detail = "; ".join(f"{entry['field']}: {entry['message']}" for entry in entries[:5])
    status, headers, problem = to_problem(InvalidInput(detail), current_call().request_id)
    return _respond(request, status, headers, {**problem, "errors": entries})


async def handle_disconnect(_request: Request, _error: Exception) -> Response:
    """Handles a client that went away while its body was read: nobody hears the answer, the audit line does."""
    return Response(status_code=499)


async def answer_failure(request: Request, error: Exception) -> Response:
    """Answers for what got past all handlers. The unexpected is logged once, under an id that the client gets."""
    if isinstance(error, HTTPException):
        return await handle_http_error(request, error)
    error_id = secrets.token_hex(8)
    get_logger().error("request_failed", error_id=error_id, exc_info=error)
    return answer_error(request, Internal(f"internal error {error_id}", metadata={"error_id": error_id}))


HANDLERS: dict[int | type[Exception], Any] = {
    WealthError: handle_wealth_error,
    grpc.aio.AioRpcError: handle_rpc_error,
    HTTPException: handle_http_error,
    RequestValidationError: handle_invalid_request,
    ClientDisconnect: handle_disconnect,
}

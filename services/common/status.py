"""The error tree on the wire: one mapping to ``google.rpc.Status`` and back, one to problem+json."""

import math
from collections.abc import Mapping
from typing import Any

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.common import errors
from services.common.errors import FieldViolation, InvalidInput, RetryableError, WealthError

ERROR_DOMAIN = "wealth"
# A status travels in HTTP/2 headers, of which clients take 8 KiB: what is longer would arrive as another error.
MAX_MESSAGE_CHARS = 1000
MAX_VIOLATIONS = 10
_MAX_FIELD_CHARS = 200

# The most special class first: the first match wins in both directions.
_CODES: tuple[tuple[type[WealthError], grpc.StatusCode, int, str], ...] = (
    (errors.TooLarge, grpc.StatusCode.OUT_OF_RANGE, 413, "Too large"),
    (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT, 422, "Invalid input"),
    (errors.NotFound, grpc.StatusCode.NOT_FOUND, 404, "Not found"),
    (errors.AlreadyExists, grpc.StatusCode.ALREADY_EXISTS, 409, "Already exists"),
    (errors.Conflict, grpc.StatusCode.ABORTED, 409, "Conflict"),
    (errors.PreconditionFailed, grpc.StatusCode.FAILED_PRECONDITION, 409, "Not in this state"),
    (errors.Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED, 429, "Too many"),
    (errors.Unauthenticated, grpc.StatusCode.UNAUTHENTICATED, 401, "Not authenticated"),
    (errors.Denied, grpc.StatusCode.PERMISSION_DENIED, 403, "Not allowed"),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE, 503, "Unavailable"),
    (errors.Internal, grpc.StatusCode.INTERNAL, 500, "Internal error"),
)


def grpc_code(error: WealthError) -> grpc.StatusCode:
    """The gRPC status code of an error."""
    return next((code for cls, code, _, _ in _CODES if isinstance(error, cls)), grpc.StatusCode.UNKNOWN)


def http_status(error: WealthError) -> int:
    """The HTTP status of an error."""
    return next((status for cls, _, status, _ in _CODES if isinstance(error, cls)), 500)


def to_rpc_status(error: WealthError, request_id: str = "") -> status_pb2.Status:
    """Writes an error as ``google.rpc.Status`` with ErrorInfo, RequestInfo, BadRequest and RetryInfo, cut to fit in
    headers."""
    status = status_pb2.Status(code=grpc_code(error).value[0], message=_cut(error.message, MAX_MESSAGE_CHARS))
    metadata = {key: _cut(value) for key, value in error.metadata.items()}
    _pack(status, error_details_pb2.ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN, metadata=metadata))
    if request_id:
        _pack(status, error_details_pb2.RequestInfo(request_id=request_id))
    if isinstance(error, InvalidInput) and error.violations:
        _pack(
            status,
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(field=_cut(item.field), description=_cut(item.message))
                    for item in error.violations[:MAX_VIOLATIONS]
                ]
            ),
        )
    if isinstance(error, RetryableError):
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after_s * 1000))
        _pack(status, error_details_pb2.RetryInfo(retry_delay=delay))
    return status


def to_bare_status(code: grpc.StatusCode, message: str, request_id: str) -> status_pb2.Status:
    """What ends a call for a reason of gRPC's, which is no error of the tree: with the call's id all the same."""
    status = status_pb2.Status(code=code.value[0], message=_cut(message, MAX_MESSAGE_CHARS))
    _pack(status, error_details_pb2.RequestInfo(request_id=request_id))
    return status


def from_rpc_error(failure: grpc.aio.AioRpcError) -> WealthError:
    """Rebuilds the error that a service raised; what no service raised becomes Unavailable or Internal."""
    status = rpc_status.from_call(failure)  # type: ignore[arg-type]
    if status is None:
        return _from_bare_code(failure)
    info, request, violations, retry_after_s = error_details_pb2.ErrorInfo(), error_details_pb2.RequestInfo(), [], 1.0
    for detail in status.details:
        bad_request, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(bad_request):
            violations = [FieldViolation(item.field, item.description) for item in bad_request.field_violations]
        elif detail.Unpack(retry):
            retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
        elif not detail.Unpack(request):
            detail.Unpack(info)
    if not info.reason:
        error = _from_bare_code(failure)
        error.request_id = request.request_id
        return error
    cls = next((cls for cls, code, _, _ in _CODES if code.value[0] == status.code), errors.Internal)
    special: dict[str, Any] = {}
    if issubclass(cls, InvalidInput):
        special["violations"] = violations
    elif issubclass(cls, RetryableError):
        special["retry_after_s"] = retry_after_s
    error = cls(status.message, reason=info.reason, metadata=dict(info.metadata), **special)
    error.request_id = request.request_id
    return error


def _from_bare_code(failure: grpc.aio.AioRpcError) -> WealthError:
    code = failure.code()
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # gRPC's own limit on a message's size; the services' Exhausted always comes with details.
        return errors.TooLarge("the message is larger than the service takes", reason="MESSAGE_TOO_LARGE")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.Unavailable("no answer in time", reason="DEADLINE_EXCEEDED")
    if code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
        return errors.Unavailable("the service does not answer", reason="SERVICE_UNAVAILABLE")
    return errors.Internal("the call failed", reason=f"GRPC_{code.name}")


def to_problem(error: WealthError, request_id: str) -> tuple[int, dict[str, str], Mapping[str, Any]]:
    """Writes an error as HTTP status, headers and an RFC 9457 problem document."""
    status = http_status(error)
    title = next((title for cls, _, _, title in _CODES if isinstance(error, cls)), "Error")
    problem: dict[str, Any] = {
        "type": f"urn:wealth:error:{error.reason.lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": error.message,
        "code": error.reason,
        "request_id": request_id,
    }
    if error.metadata:
        problem["metadata"] = dict(error.metadata)
    if isinstance(error, InvalidInput) and error.violations:
        problem["errors"] = [
            {
                "field": item.field,
                "message": item.message,
                # As FastAPI names them, for the older clients.
                "loc": ["body", *item.field.split(".")],
                "msg": item.message,
                "type": error.reason.lower(),
            }
            for item in error.violations
        ]
    headers = {"content-type": "application/problem+json"}
    if isinstance(error, RetryableError):
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    if status == 401:
        headers["www-authenticate"] = 'ApiKey realm="wealth"'
    return status, headers, problem


def _cut(text: str, length: int = _MAX_FIELD_CHARS) -> str:
    """As much of a text as is sent, with what UTF-8 cannot hold (lone surrogates out of JSON) replaced."""
    shown = text if len(text) <= length else text[: length - 1] + "…"
    return shown.encode(errors="replace").decode()


def _pack(status: status_pb2.Status, detail: Any) -> None:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status.details.append(packed)

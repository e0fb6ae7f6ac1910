"""Answers that are errors, as the suite's own error tree: what a service raised is what the caller catches."""

import email.utils
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.client.rest.wire import Answer
from services.common import errors
from services.common.errors import FieldViolation, InvalidInput, RetryableError, WealthError

_BY_STATUS: Mapping[int, type[WealthError]] = {
    400: InvalidInput,
    401: errors.Unauthenticated,
    403: errors.Denied,
    404: errors.NotFound,
    405: InvalidInput,
    409: errors.Conflict,
    413: errors.TooLarge,
    415: InvalidInput,
    416: InvalidInput,
    422: InvalidInput,
    429: errors.Exhausted,
    502: errors.Unavailable,
    503: errors.Unavailable,
    504: errors.Unavailable,
}
# The classes that share a status, by the title that the gateway gives them.
_BY_TITLE: Mapping[str, type[WealthError]] = {
    "Already exists": errors.AlreadyExists,
    "Not in this state": errors.PreconditionFailed,
}
_SHOWN_CHARS = 200


def read_problem(answer: Answer) -> WealthError:
    """Rebuilds the error of an answer of 400 and above; its ``request_id`` is what to quote to operators.

    An answer that is no problem document (a proxy's page) still becomes the class of its status.
    """
    problem = _read_document(answer.content)
    cls = _BY_TITLE.get(str(problem.get("title"))) or _BY_STATUS.get(answer.status) or errors.Internal
    detail = problem.get("detail")
    message = str(
        problem.get("message") or (detail if isinstance(detail, str) else "") or f"the gateway answered {answer.status}"
    )
    metadata = problem.get("metadata")
    common: dict[str, Any] = {
        "reason": str(problem.get("code") or f"HTTP_{answer.status}"),
        "metadata": {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {},
    }
    if issubclass(cls, InvalidInput):
        common["violations"] = _read_violations(problem)
    if issubclass(cls, RetryableError):
        common["retry_after_s"] = read_retry_after(answer, default_s=1.0)
    error = cls(message, **common)
    error.request_id = str(problem.get("request_id") or answer.headers.get("x-request-id", ""))[:_SHOWN_CHARS]
    return error


def is_problem(answer: Answer) -> bool:
    """Whether an answer is a problem, and not a document with a status of its own such as ``/health``'s."""
    return not answer.headers.get("content-type", "").startswith("application/json")


def read_retry_after(answer: Answer, *, default_s: float, now: datetime | None = None) -> float:
    """The seconds that a Retry-After asks for, as a number or as a date; the default where there is none."""
    text = answer.headers.get("retry-after", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return default_s
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _read_document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _read_violations(problem: Mapping[str, Any]) -> list[FieldViolation]:
    found = problem.get("errors")
    if not isinstance(found, list):
        return []
    return [
        FieldViolation(str(item.get("field", "")), str(item.get("message", "")))
        for item in found
        if isinstance(item, dict)
    ]

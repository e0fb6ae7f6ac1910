"""One tree of errors, over the wire and back, and into problem documents."""

import json

import grpc
import pytest
from google.rpc import status_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.common import errors
from services.common.errors import FieldViolation, InvalidInput, RetryableError, WealthError
from services.common.status import (
    MAX_MESSAGE_CHARS,
    MAX_VIOLATIONS,
    from_rpc_error,
    grpc_code,
    http_status,
    to_problem,
    to_rpc_status,
)

LEAVES = (
    errors.InvalidInput,
    errors.TooLarge,
    errors.NotFound,
    errors.Conflict,
    errors.AlreadyExists,
    errors.PreconditionFailed,
    errors.Exhausted,
    errors.Unavailable,
    errors.Unauthenticated,
    errors.Denied,
    errors.Internal,
)
TEXTS = st.text(max_size=100)
REASONS = st.from_regex(r"[A-Z][A-Z0-9_]{2,30}", fullmatch=True)
FIELDS = st.from_regex(r"[a-z_]{1,12}(\.[a-z_]{1,12}){0,2}", fullmatch=True)


@st.composite
def wealth_errors(draw: st.DrawFn) -> WealthError:
    """Any error of the tree."""
    cls = draw(st.sampled_from(LEAVES))
    common = {
        "reason": draw(REASONS),
        "metadata": draw(st.dictionaries(st.sampled_from(("limit", "scope", "field")), TEXTS)),
    }
    message = draw(TEXTS)
    if issubclass(cls, InvalidInput):
        violations = draw(st.lists(st.builds(FieldViolation, FIELDS, TEXTS), max_size=MAX_VIOLATIONS))
        return cls(message, violations=violations, **common)
    if issubclass(cls, RetryableError):
        return cls(message, retry_after_s=draw(st.integers(0, 3_600_000)) / 1000, **common)
    return cls(message, **common)


class Failure(grpc.aio.AioRpcError):
    """A failed call as a client sees it, made of the status that a server sent."""

    def __init__(self, status: status_pb2.Status) -> None:
        code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
        trailing = grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))
        super().__init__(code, grpc.aio.Metadata(), trailing, details=status.message)


def carry(error: WealthError) -> WealthError:
    """What a client makes of it."""
    return from_rpc_error(Failure(to_rpc_status(error)))


@given(wealth_errors())
def test_error_survives_the_wire(error: WealthError) -> None:
    arrived = carry(error)
    assert type(arrived) is type(error)
    assert (arrived.message, arrived.reason, arrived.metadata) == (error.message, error.reason, error.metadata)
    assert getattr(arrived, "violations", None) == getattr(error, "violations", None)
    assert getattr(arrived, "retry_after_s", None) == pytest.approx(getattr(error, "retry_after_s", None))


@given(wealth_errors())
def test_error_that_crossed_the_wire_is_the_same_problem(error: WealthError) -> None:
    assert to_problem(carry(error), "id") == to_problem(error, "id")


@given(st.text(st.characters(), max_size=MAX_MESSAGE_CHARS))
def test_any_text_can_be_sent(text: str) -> None:
    arrived = carry(InvalidInput(text, field="name", metadata={"value": text}))
    assert arrived.message.encode() == text.encode(errors="replace")


def test_long_error_fits_into_headers() -> None:
    violations = [FieldViolation("f" * 5000, "m" * 5000)] * 5000
    error = InvalidInput("x" * 100_000, violations=violations, metadata={"value": "v" * 100_000})
    assert len(to_rpc_status(error).SerializeToString()) < 6000
    arrived = carry(error)
    assert isinstance(arrived, InvalidInput)
    assert len(arrived.violations) == MAX_VIOLATIONS


@pytest.mark.parametrize("cls", LEAVES)
def test_every_class_has_a_code_and_a_status_of_its_own_kind(cls: type[WealthError]) -> None:
    error = cls("m")
    assert grpc_code(error) is not grpc.StatusCode.UNKNOWN
    assert http_status(error) in {401, 403, 404, 409, 413, 422, 429, 500, 503}
    assert error.reason == cls.default_reason


@pytest.mark.parametrize(
    ("code", "expected", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, errors.Unavailable, "SERVICE_UNAVAILABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.Unavailable, "DEADLINE_EXCEEDED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.TooLarge, "MESSAGE_TOO_LARGE"),
        (grpc.StatusCode.UNIMPLEMENTED, errors.Internal, "GRPC_UNIMPLEMENTED"),
    ],
)
def test_failure_that_no_service_raised_is_named_by_its_code(
    code: grpc.StatusCode, expected: type[WealthError], reason: str
) -> None:
    failure = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="secret detail")
    error = from_rpc_error(failure)
    assert (type(error), error.reason) == (expected, reason)
    assert "secret" not in error.message


def test_problem_names_fields_and_when_to_come_back() -> None:
    status, headers, problem = to_problem(errors.Exhausted("full", reason="QUEUE_FULL", retry_after_s=0.2), "r1")
    assert (status, headers["retry-after"], problem["code"], problem["request_id"]) == (429, "1", "QUEUE_FULL", "r1")
    status, _, problem = to_problem(InvalidInput("empty", field="data.0", reason="EMPTY"), "r1")
    violation = problem["errors"][0]
    assert (status, violation["field"], violation["loc"]) == (422, "data.0", ["body", "data", "0"])
    json.dumps(problem)

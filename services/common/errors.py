"""The suite's errors: raised in the domain, mapped once to gRPC and once to HTTP by ``status``, rebuilt by clients.

WealthError
├── InvalidInput          the request is wrong; names the fields
│   └── TooLarge          the request is over a limit
├── NotFound              there is no such thing, or it is somebody else's
├── Conflict              somebody else changed it first
│   └── AlreadyExists     it is there already
├── PreconditionFailed    the thing is in a state that does not allow this
├── Exhausted             a limit of rate, queue or quota; come back later
├── Unauthenticated       no credentials, or wrong ones
├── Denied                the credentials do not allow this
├── Unavailable           a dependency is away; come back later
└── Internal              unexpected; carries the id under which it was logged
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field of a request and what is wrong with it."""

    field: str
    message: str


class WealthError(Exception):
    """The root. ``reason`` is UPPER_SNAKE and stable, ``message`` is for people, ``metadata`` holds dynamic values.

    ``request_id`` names the call that failed, where a client rebuilt the error from an answer.
    """

    default_reason = "UNKNOWN"

    def __init__(self, message: str, *, reason: str | None = None, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.metadata = dict(metadata or {})
        self.request_id = ""


class InvalidInput(WealthError):
    """The request is wrong. ``violations`` names each field at fault."""

    default_reason = "INVALID_INPUT"

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        field: str | None = None,
        violations: Sequence[FieldViolation] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, reason=reason, metadata=metadata)
        self.violations = tuple(violations) or ((FieldViolation(field, message),) if field else ())

    @property
    def field(self) -> str:
        """The first field at fault, or an empty string."""
        return self.violations[0].field if self.violations else ""


class TooLarge(InvalidInput):
    """The request is over a limit of size or count."""

    default_reason = "TOO_LARGE"


class NotFound(WealthError):
    """There is no such thing, or it is somebody else's: callers cannot tell which."""

    default_reason = "NOT_FOUND"


class Conflict(WealthError):
    """Somebody else changed it first; read it again."""

    default_reason = "CONFLICT"


class AlreadyExists(Conflict):
    """It is there already."""

    default_reason = "ALREADY_EXISTS"


class PreconditionFailed(WealthError):
    """The thing is in a state that does not allow this."""

    default_reason = "PRECONDITION_FAILED"


class RetryableError(WealthError):
    """The same request may succeed after ``retry_after_s`` seconds."""

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        retry_after_s: float = 1.0,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, reason=reason, metadata=metadata)
        self.retry_after_s = retry_after_s


class Exhausted(RetryableError):
    """A limit of rate, queue length or quota is reached."""

    default_reason = "EXHAUSTED"


class Unavailable(RetryableError):
    """Something that the request needs does not answer."""

    default_reason = "UNAVAILABLE"


class Unauthenticated(WealthError):
    """No credentials, or wrong ones."""

    default_reason = "UNAUTHENTICATED"


class Denied(WealthError):
    """The credentials do not allow this."""

    default_reason = "DENIED"


class Internal(WealthError):
    """Unexpected. The message says no more than the id under which the cause was logged."""

    default_reason = "INTERNAL"

"""Whose a failure is: the job's, the worker's or the platform's. Only the job's own counts against it.

A handler ends with an error of its own, or with one that a service has answered it: the kind tells which, and the
reason where one kind may be either.
"""

import enum
import errno

import nats.errors

from services.common.errors import Conflict, Internal, RetryableError, Unavailable, WealthError


class Owner(enum.Enum):
    """Whose failure it is."""

    JOB = "job"
    """Its input, its program, what its client named, or a bug that nobody else shows: an attempt of its own."""
    WORKER = "worker"
    """The process, its children or its machine: another may do better."""
    PLATFORM = "platform"
    """The suite's own services and what they stand on."""


# Reasons that say more than the kind of error they come with.
_OF_REASON = {
    # An address that the client has named does not answer.
    "SOURCE_UNREACHABLE": Owner.JOB,
    # Storage, or a process that reads large bodies, has no room at present.
    "STORAGE_BUSY": Owner.PLATFORM,
    "TOO_MANY_LARGE_BODIES": Owner.PLATFORM,
    "ENGINE_UNANSWERED": Owner.WORKER,
    # One service refuses another: keys, rules or releases that do not fit together. No client can cause or mend it.
    "SERVICE_TOKEN_INVALID": Owner.PLATFORM,
    "METHOD_NOT_ALLOWED": Owner.PLATFORM,
    "KEY_NOT_ALLOWED": Owner.PLATFORM,
    "KIND_NOT_ALLOWED": Owner.PLATFORM,
}
# What a service could not do or know (a bug of its own, a call that it does not have yet), or somebody else did first.
_OF_PLATFORM = (Unavailable, Internal, Conflict, nats.errors.Error)
# A machine that is full or broken.
_OF_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO, errno.EROFS}
)


def owner_of(error: BaseException) -> Owner:
    """Whose failure an error is."""
    if isinstance(error, WealthError) and error.reason in _OF_REASON:
        return _OF_REASON[error.reason]
    if isinstance(error, _OF_PLATFORM):
        return Owner.PLATFORM
    if isinstance(error, OSError) and error.errno in _OF_MACHINE:
        return Owner.WORKER
    return Owner.JOB


def is_verdict(error: BaseException) -> bool:
    """Whether a job ends with an error: its own doing, and the same whenever it is tried again."""
    return isinstance(error, WealthError) and not isinstance(error, RetryableError) and owner_of(error) is Owner.JOB

"""How commands end, as scripts see it. Beside these, 0 is done."""

from services.common.errors import Denied, RetryableError, Unauthenticated, WealthError

# Refused, or the task or job did not complete: the reason stands on stderr.
REFUSED = 2
# What stands after the command's name makes no sense.
USAGE_ERROR = 64
# The suite does not answer, or is full: the same command may work later.
UNAVAILABLE = 69
# The time to wait is over; the task or job goes on.
NOT_OVER_YET = 75
# No valid key, or one that may not do this.
NOT_ALLOWED = 77
# Ctrl-C; a task or job that was begun goes on.
INTERRUPTED = 130


def exit_code_of(error: WealthError) -> int:
    """The exit code for an error of the suite."""
    if isinstance(error, Unauthenticated | Denied):
        return NOT_ALLOWED
    return UNAVAILABLE if isinstance(error, RetryableError) else REFUSED

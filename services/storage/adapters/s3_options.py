"""How a bucket is reached, and how failures to reach it are named."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.common.errors import Unavailable
from services.common.logging import get_logger

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")


@dataclass(frozen=True, slots=True)
class S3Options:
    """Where a bucket is, with which credentials (None: the environment's own identity), and with which bounds.

    ``request_timeout_s`` bounds one small request, ``operation_timeout_s`` it with its retries, and
    ``transfer_timeout_s`` the sending or reading of one part of ``part_bytes``.
    """

    bucket: str
    region: str = "us-east-1"
    endpoint_url: str | None = None
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    connect_timeout_s: float = 1
    request_timeout_s: float = 5
    operation_timeout_s: float = 8
    transfer_timeout_s: float = 60
    retries: int = 2
    part_bytes: int = 8 * 1024 * 1024

    @property
    def base_url(self) -> str:
        """The address of S3, without a slash at its end."""
        return (self.endpoint_url or f"https://s3.{self.region}.amazonaws.com").rstrip("/")


class Breaker:
    """Refuses calls at once for a moment after several failures in a row, so that nobody waits for time-outs.

    After the pause one call is let through, and decides for the others.
    """

    def __init__(self, failures: int = 3, *, pause_s: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = failures
        self._pause_s = pause_s
        self._clock = clock
        self._failures = 0
        self._closed_again_at = 0.0
        self._answered_at = -math.inf

    @property
    def is_failing(self) -> bool:
        """Whether the last call has failed."""
        return self._failures > 0

    def has_answered_within(self, seconds: float) -> bool:
        """Whether the last call of so many seconds was answered."""
        return not self.is_failing and self._clock() - self._answered_at < seconds

    def check(self) -> None:
        """Raises Unavailable while calls are refused."""
        if self._failures < self.limit:
            return
        if self._clock() < self._closed_again_at:
            raise Unavailable("S3 does not answer", reason="S3_UNAVAILABLE", retry_after_s=self._pause_s)
        self._closed_again_at = self._clock() + self._pause_s

    def note_success(self) -> None:
        """S3 has answered."""
        self._failures = 0
        self._answered_at = self._clock()

    def note_failure(self) -> None:
        """S3 has not answered."""
        self._failures += 1
        self._closed_again_at = self._clock() + self._pause_s


def name_refused_write() -> Unavailable:
    """The error of a write that S3 refuses while it answers reads: a full disk, say, or rights to read alone."""
    return Unavailable("S3 takes no writes at present", reason="S3_NOT_WRITABLE", retry_after_s=5)


def name_failure(
    operation: str, failure: BaseException, *, is_logged: bool = True, writes: bool = False
) -> Unavailable:
    """Logs a failure without the key, the address or S3's answer in it, and returns the error for the caller.

    ``writes``: it was to change something; what S3 then answers with an error of its own, it refuses to write.
    """
    text = str(failure)
    status, code = _STATUS.search(text), _CODE.search(text)
    if is_logged:
        get_logger().warning(
            "s3_request_failed",
            operation=operation,
            failure=type(failure).__name__,
            status=status and status[1],
            s3_code=code and code[1],
        )
    if code and code[1] == "RequestTimeTooSkewed":
        return Unavailable("the clocks of storage and S3 differ", reason="CLOCKS_DIFFER", retry_after_s=5)
    if status and status[1] in {"401", "403"}:
        return Unavailable("S3 refuses the service's credentials", reason="S3_ACCESS_DENIED", retry_after_s=5)
    if code and code[1] == "NoSuchBucket":
        return Unavailable("the bucket does not exist", reason="S3_BUCKET_MISSING", retry_after_s=5)
    if status and writes:
        return name_refused_write()
    return Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")

"""What flows and transports say to one another.

A *flow* is a generator that decides: what to send, whether to try again, what an answer means. It does no I/O; it
yields *steps* and gets their outcomes. Each client has a transport that carries steps out, one by blocking and one by
awaiting, so that retries, watching, uploads and downloads are written once.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeAlias, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FileBody:
    """A body that is read while it is sent. ``note`` is told each piece; ``open`` is called anew for each attempt."""

    open: Callable[[], BinaryIO]
    size: int
    note: Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request below the gateway's address. ``timeout_s`` bounds each single wait for bytes."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | FileBody = b""
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are in lower case. A streamed one has its content only where it is an error."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""


class Broken(Exception):
    """The connection could not be made, or ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Send:
    """Sends a request; gives the whole Answer. Raises Broken."""

    request: Request


@dataclass(frozen=True, slots=True)
class Open:
    """Sends a request and leaves the answer's content to Read; ends the stream before it. Raises Broken."""

    request: Request


@dataclass(frozen=True, slots=True)
class Read:
    """Gives the next piece of the open answer, or None at its end. Raises Broken."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Runs a function that blocks, such as a write to a disk; gives what it returns, raises what it raises."""

    do: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Emit:
    """Hands something to the caller while the flow goes on."""

    item: Any


Step: TypeAlias = Send | Open | Read | Pause | Work | Emit
Flow: TypeAlias = Generator[Step, Any, Result]

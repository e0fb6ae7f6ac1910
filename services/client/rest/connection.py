"""Where the gateway is and how to speak to it over httpx: what both transports share."""

import ipaddress
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.client.rest.retries import Retries, Terms
from services.client.rest.wire import Answer, Broken, FileBody, Request
from services.common.errors import Conflict, InvalidInput, TooLarge

_CONNECT_TIMEOUT_S = 10.0
PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Connection:
    """A gateway's address and key, and the bounds on calls to it. The key is in no repr.

    url               http:// or https://, with a path where the gateway stands below one
    max_answer_bytes  the largest answer that is read into memory; downloads are not bounded by it
    """

    url: str
    api_key: str = field(default="", repr=False)
    terms: Terms = Terms(Retries(), 30.0)  # noqa: RUF009 - frozen, so that sharing it does no harm
    max_answer_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput(f"{self.url!r} is not an http:// or https:// address", field="url")
        if parts.query or parts.fragment or parts.username or parts.password:
            raise InvalidInput("the address must have no query, fragment, user or password", field="url")
        if not self.api_key.isascii() or not self.api_key.isprintable():
            raise InvalidInput("the API key is not printable ASCII", field="api_key")
        if self.terms.timeout_s <= 0 or self.max_answer_bytes < 1:
            raise InvalidInput("timeout_s and max_answer_bytes must be above zero", field="timeout_s")

    @property
    def httpx_arguments(self) -> dict[str, Any]:
        """What an httpx client is made with. Redirects are not followed: the key goes nowhere else."""
        return {
            "base_url": self.url,
            "headers": {"user-agent": "wealth-client", **({"x-api-key": self.api_key} if self.api_key else {})},
            "timeout": self._timeout(self.terms.timeout_s),
            "follow_redirects": False,
            # A proxy of the machine has no business between here and the loopback address.
            "trust_env": not _is_loopback(urlsplit(self.url).hostname or ""),
        }

    def request_arguments(self, request: Request, content: Any) -> dict[str, Any]:
        """What httpx's ``build_request`` takes; ``content`` is the body as the transport sends it."""
        headers = dict(request.headers)
        if isinstance(request.body, FileBody):
            headers["content-length"] = str(request.body.size)
        return {
            "method": request.method,
            "url": request.path,
            "params": dict(request.query),
            "headers": headers,
            "content": content or None,
            "timeout": self._timeout(request.timeout_s or self.terms.timeout_s),
        }

    def broken(self, error: httpx.RequestError) -> Broken:
        """A failure of the connection, in words that hold no key."""
        return Broken(f"{self.url} does not answer: {str(error) or type(error).__name__}")

    def _timeout(self, timeout_s: float) -> httpx.Timeout:
        return httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S))


class AnswerBuffer:
    """Collects an answer up to a limit."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._content = bytearray()

    def add(self, piece: bytes) -> None:
        """Adds a piece. Raises TooLarge above the limit."""
        self._content += piece
        if len(self._content) > self._limit_bytes:
            raise TooLarge(
                f"the answer has more than {self._limit_bytes} bytes; download it", reason="ANSWER_TOO_LARGE"
            )

    def answer(self, response: httpx.Response) -> Answer:
        """The answer with what was collected."""
        return Answer(response.status_code, _headers(response), bytes(self._content))


def head_of(response: httpx.Response) -> Answer:
    """An answer whose content is still to come."""
    return Answer(response.status_code, _headers(response))


def read_pieces(body: FileBody) -> Generator[bytes, None, None]:
    """Reads a file's pieces, each noted before it is sent. Raises Conflict where they are not as many as announced."""
    left = body.size
    with body.open() as file:
        while piece := file.read(PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                break
            body.note(piece)
            yield piece
    if left:
        raise Conflict("the file changed while it was read", reason="FILE_CHANGED")


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

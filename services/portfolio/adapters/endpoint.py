"""Calls to one outside HTTP endpoint: bounded in number, size and time, retried with care, and stopped by a breaker.

Connections are shared by all tenants. What fails for one of them says nothing of the others, so that each has a line of
its own: what its failures stop, and what it may repeat.

Errors never hold the answer's body, headers or address: those may carry tokens.
"""

import asyncio
import json
import random
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services.portfolio.domain.errors import NarrationError

RETRIED = frozenset({429, 500, 502, 503, 504})
# A line is some hundred bytes; what is forgotten of the tenant that called longest ago is how its last calls went.
_MAX_LINES = 4096


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """Bounds of one endpoint: ``breaker_failures`` in a row stop a tenant's calls for ``breaker_pause_s``.

    A tenant may repeat ``retries_kept`` calls, and another one for every ``1 / retry_share`` that went well: where half
    of all calls fail, repeating each would double the load of an endpoint in trouble.
    """

    max_concurrency: int = 256
    connect_timeout_s: float = 5.0
    request_timeout_s: float = 60.0
    max_response_bytes: int = 2 << 20
    first_backoff_s: float = 0.25
    max_backoff_s: float = 8.0
    breaker_failures: int = 8
    breaker_pause_s: float = 15.0
    retries_kept: float = 20.0
    retry_share: float = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer read whole: status, media type and body."""

    status: int
    media_type: str
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether an HTML page came where JSON belongs, as gateways send for an expired session."""
        return "html" in self.media_type or self.body.lstrip()[:1] == b"<"

    def read_json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ``NarrationError`` for anything else, without showing it."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise NarrationError("the answer is not JSON", reason="PROVIDER_ANSWER_MALFORMED") from None
        if not isinstance(found, dict):
            raise NarrationError("the answer is not a JSON object", reason="PROVIDER_ANSWER_MALFORMED")
        return found


class Breaker:
    """Opens after failures in a row; after a pause lets one call try."""

    def __init__(self, limits: EndpointLimits) -> None:
        self._limits = limits
        self._failures = 0
        self._closed_again_at = 0.0

    def check(self) -> None:
        """Raise ``NarrationError`` while the endpoint is given a rest."""
        if self._failures < self._limits.breaker_failures:
            return
        if time.monotonic() < self._closed_again_at:
            raise NarrationError(
                "the provider fails; it is given a rest", reason="PROVIDER_UNAVAILABLE", retryable=True
            )
        self._closed_again_at = time.monotonic() + self._limits.breaker_pause_s  # one call tries, others still wait

    def record(self, *, failed: bool) -> None:
        """Count one outcome."""
        self._failures = self._failures + 1 if failed else 0
        if failed:
            self._closed_again_at = time.monotonic() + self._limits.breaker_pause_s


class RetryBudget:
    """How many calls may be repeated: refilled by calls that go well."""

    def __init__(self, limits: EndpointLimits) -> None:
        self._limits = limits
        self._left = limits.retries_kept

    def take(self) -> bool:
        """Whether a call may be repeated; it is counted where it may."""
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def record_success(self) -> None:
        """Counts a call that went well."""
        self._left = min(self._limits.retries_kept, self._left + self._limits.retry_share)


class Endpoint:
    """One HTTP endpoint, shared by all tasks of a process: its connections, and the tenants' lines."""

    def __init__(self, limits: EndpointLimits) -> None:
        self.limits = limits
        self.slots = asyncio.Semaphore(limits.max_concurrency)
        self._lines: OrderedDict[str, Line] = OrderedDict()
        self.client = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.request_timeout_s, connect=limits.connect_timeout_s, pool=None),
            limits=httpx.Limits(max_connections=limits.max_concurrency, max_keepalive_connections=64),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    def line_of(self, tenant: str) -> "Line":
        """The tenant's line, the same for all its tasks."""
        line = self._lines.setdefault(tenant, Line(self))
        self._lines.move_to_end(tenant)
        if len(self._lines) > _MAX_LINES:
            self._lines.popitem(last=False)
        return line


class Line:
    """One tenant's calls to an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.limits = endpoint.limits
        self._slots, self._client = endpoint.slots, endpoint.client
        self._breaker, self._retries = Breaker(endpoint.limits), RetryBudget(endpoint.limits)

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: object | None = None, deadline: float
    ) -> Answer:
        """One call, retried on 429 and 5xx with back-off until ``deadline`` (of ``time.monotonic``), within the budget.

        A POST whose connection broke after it was sent is not repeated: it may have been carried out, and paid for.
        Raises ``NarrationError``.
        """
        attempt = 0
        while True:
            try:
                answer = await self._call_once(method, url, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                answer = None
            except httpx.HTTPError as error:
                if method != "GET":
                    raise self._give_up(error) from None
                answer = None
            if answer is not None and answer.status not in RETRIED:
                return answer
            pause = self.backoff(attempt)
            attempt += 1
            if time.monotonic() + pause >= deadline or not self.may_repeat():
                return answer if answer is not None else _raise_unreachable()
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], body: object
    ) -> AsyncIterator[tuple[Answer, AsyncIterator[str]]]:
        """A POST whose answer is read line by line. Refusals (status 400 and above) come with their body and no
        lines."""
        self._breaker.check()
        try:
            with self._noting_failures():
                async with self._slots, self._client.stream("POST", url, headers=dict(headers), json=body) as response:
                    media_type = response.headers.get("content-type", "")
                    refused = response.status_code >= 400 or "html" in media_type
                    self._note(response.status_code)
                    content = await self._read(response) if refused else b""
                    answer = Answer(response.status_code, media_type, content)
                    yield answer, _no_lines() if refused else self._read_lines(response)
        except httpx.HTTPError as error:
            raise self._give_up(error) from None

    async def _call_once(self, method: str, url: str, headers: Mapping[str, str], body: object | None) -> Answer:
        self._breaker.check()
        with self._noting_failures():
            async with self._slots, self._client.stream(method, url, headers=dict(headers), json=body) as response:
                answer = Answer(
                    response.status_code, response.headers.get("content-type", ""), await self._read(response)
                )
        self._note(answer.status)
        return answer

    @contextmanager
    def _noting_failures(self) -> Iterator[None]:
        try:
            yield
        except httpx.LocalProtocolError:
            # Nothing was sent: what we were given cannot be, and the endpoint has no part in it.
            raise NarrationError("the request cannot be sent", reason="REQUEST_UNSENDABLE") from None
        except httpx.HTTPError:
            self._breaker.record(failed=True)
            raise

    def _note(self, status: int) -> None:
        failed = status >= 500
        self._breaker.record(failed=failed)
        if not failed:
            self._retries.record_success()

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.limits.max_response_bytes:
                raise NarrationError("the answer is too large", reason="PROVIDER_ANSWER_TOO_LARGE")
        return bytes(body)

    async def _read_lines(self, response: httpx.Response) -> AsyncIterator[str]:
        """Lines of a bounded stream. One that is cut short ends: what came so far says how to ask for the rest."""
        taken, rest = 0, b""
        try:
            async for chunk in response.aiter_bytes():
                taken += len(chunk)
                if taken > self.limits.max_response_bytes:
                    raise NarrationError("the answer is too large", reason="PROVIDER_ANSWER_TOO_LARGE")
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line.decode("utf-8", "replace").rstrip("\r")
        except httpx.HTTPError:
            self._breaker.record(failed=True)
            return
        if rest:
            yield rest.decode("utf-8", "replace")

    def may_repeat(self) -> bool:
        """Whether the tenant may repeat a call; it is counted where it may."""
        return self._retries.take()

    def backoff(self, attempt: int) -> float:
        """Seconds to wait before another try, longer each time and never the same for two callers."""
        ceiling = min(self.limits.first_backoff_s * 2**attempt, self.limits.max_backoff_s)
        return float(ceiling * random.uniform(0.5, 1.0))

    def _give_up(self, error: httpx.HTTPError) -> NarrationError:
        kind = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "broke the connection"
        return NarrationError(f"the provider {kind}", reason="PROVIDER_UNAVAILABLE", retryable=True)


def _raise_unreachable() -> Answer:
    raise NarrationError("the provider cannot be reached", reason="PROVIDER_UNAVAILABLE", retryable=True)


async def _no_lines() -> AsyncIterator[str]:
    return
    yield ""

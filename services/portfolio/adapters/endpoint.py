"""Calls to one outside HTTP endpoint: bounded in number, size and time, retried with care, and stopped by a breaker.

Errors never hold the answer's body, headers or address: those may carry tokens.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services.portfolio.domain.errors import NarrationError

RETRIED = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """Bounds of one endpoint: ``breaker_failures`` in a row stop all calls for ``breaker_pause_s``."""

    max_concurrency: int = 256
    connect_timeout_s: float = 5.0
    request_timeout_s: float = 60.0
    max_response_bytes: int = 2 << 20
    first_backoff_s: float = 0.25
    max_backoff_s: float = 8.0
    breaker_failures: int = 8
    breaker_pause_s: float = 15.0


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


class Endpoint:
    """One HTTP endpoint, shared by all tasks of a process."""

    def __init__(self, limits: EndpointLimits) -> None:
        self.limits = limits
        self._slots = asyncio.Semaphore(limits.max_concurrency)
        self._breaker = Breaker(limits)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.request_timeout_s, connect=limits.connect_timeout_s, pool=None),
            limits=httpx.Limits(max_connections=limits.max_concurrency, max_keepalive_connections=64),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: object | None = None, deadline: float
    ) -> Answer:
        """One call, retried on 429 and 5xx with back-off until ``deadline`` (of ``time.monotonic``).

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
            if time.monotonic() + pause >= deadline:
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
            async with self._slots, self._client.stream("POST", url, headers=dict(headers), json=body) as response:
                media_type = response.headers.get("content-type", "")
                refused = response.status_code >= 400 or "html" in media_type
                self._breaker.record(failed=response.status_code >= 500)
                content = await self._read(response) if refused else b""
                answer = Answer(response.status_code, media_type, content)
                yield answer, _no_lines() if refused else self._read_lines(response)
        except httpx.HTTPError as error:
            raise self._give_up(error) from None

    async def _call_once(self, method: str, url: str, headers: Mapping[str, str], body: object | None) -> Answer:
        self._breaker.check()
        try:
            async with self._slots, self._client.stream(method, url, headers=dict(headers), json=body) as response:
                answer = Answer(
                    response.status_code, response.headers.get("content-type", ""), await self._read(response)
                )
        except httpx.HTTPError:
            self._breaker.record(failed=True)
            raise
        self._breaker.record(failed=answer.status >= 500)
        return answer

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

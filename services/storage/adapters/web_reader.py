"""Reads imports over https, connecting to vetted public addresses only."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from ipaddress import ip_address

import aiohttp
import yarl

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.public_addresses import IPAddress, is_public
from services.common.vetting import VettingResolver, vetted_session
from services.storage.domain.sources import WebSource, not_found, refuse, too_large, unreachable
from services.storage.ports import SourceContent

MAX_REDIRECTS = 3
_CONNECT_TIMEOUT_S = 5
_MAX_CONNECTIONS = 32
_REDIRECTS = {301, 302, 303, 307, 308}


class HttpsReader:
    """Reads https addresses (``services.storage.ports.WebReader``): no proxy, no cookies, no compression."""

    def __init__(
        self,
        *,
        timeout_s: float,
        idle_timeout_s: float,
        may_connect: Callable[[IPAddress], bool] = is_public,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``may_connect`` judges addresses; ``tls`` stands in for the system's certificates."""
        self._timeout = aiohttp.ClientTimeout(
            total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S, sock_read=idle_timeout_s
        )
        self._resolver = VettingResolver(may_connect, refuse=refuse)
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Opens the session; nothing is connected yet."""
        self._session = vetted_session(
            self._resolver, self._timeout, name="wealth-storage", limit=_MAX_CONNECTIONS, tls=self._tls
        )

    async def close(self) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def open(
        self, source: WebSource, *, vet: Callable[[str], WebSource], max_size: int
    ) -> AsyncIterator[SourceContent]:
        """Opens an address, following up to three vetted redirects. Raises as the port says."""
        answer = await self._follow(source, vet)
        try:
            _require_content(answer, max_size)
            yield SourceContent(answer.headers.get("Content-Type", "").partition(";")[0].strip(), _read(answer))
        finally:
            answer.close()  # not released: what is still to come is not waited for

    async def _follow(self, source: WebSource, vet: Callable[[str], WebSource]) -> aiohttp.ClientResponse:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._ask(source)
            if answer.status not in _REDIRECTS:
                return answer
            answer.close()
            target = answer.headers.get("Location", "")
            try:
                joined = str(yarl.URL(source.url).join(yarl.URL(target)))
            except ValueError as error:
                raise unreachable("it redirects to nowhere") from error
            source = vet(joined)
        raise unreachable(f"it redirects more than {MAX_REDIRECTS} times")

    async def _ask(self, source: WebSource) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("the reader is not started")
        url = yarl.URL(source.url)
        # Whatever another reading of the address would give, we connect to the host that was judged.
        if (url.raw_host or "").rstrip(".") != source.host or url.port != source.port or url.scheme != "https":
            raise refuse("it is not a well-formed address")
        try:
            ip_address(source.host)
        except ValueError:
            pass  # a name: the resolver vets what it stands for
        else:
            self._resolver.vet(source.host)
        try:
            return await self._session.get(url, allow_redirects=False)
        except TimeoutError as error:
            raise unreachable("no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable("no connection") from error


async def _read(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.content.iter_chunked(STREAM_CHUNK_BYTES):
            yield chunk
    except TimeoutError as error:
        raise unreachable("it stopped sending") from error
    except (aiohttp.ClientError, OSError) as error:
        raise unreachable("the connection broke") from error


def _require_content(answer: aiohttp.ClientResponse, max_size: int) -> None:
    """Raises where an answer is not the plain content that was asked for."""
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise not_found("the address refuses access")
    if 400 <= status < 500 and status not in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}:
        raise not_found()
    if status != HTTPStatus.OK:
        raise unreachable(f"it answers with status {status}")
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise refuse("it answers with compressed content although none was asked for")
    if answer.content_length is not None and answer.content_length > max_size:
        raise too_large(max_size)

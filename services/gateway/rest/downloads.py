"""Streams what a service stores to the client: whole, in ranges, conditionally, or with formulas made harmless."""

import urllib.parse
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from services.common.errors import Conflict, Internal
from services.gateway.domain.conditions import allows_range, is_single_range, matches_tag, resolve_range
from services.gateway.domain.spreadsheet_safety import FormulaGuard
from services.gateway.rest.streaming import Stream

_SAFE_TYPES = ("text/csv", "text/plain", "application/json", "application/sql")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
# What the guard looks at before the event loop has its turn again.
_GUARD_SLICE_BYTES = 64 * 1024


def describe_download(what: str, *types: str) -> dict[int | str, dict[str, Any]]:
    """The answers of ``answer_download`` for OpenAPI; without ``types`` all that stored things may have."""
    content = dict.fromkeys(types or (*_SAFE_TYPES, "application/octet-stream"), _BINARY)
    return {
        200: {"description": what, "content": content},
        206: {"description": "The range asked for", "content": content},
        304: {"description": "Unchanged since the `If-None-Match` tag"},
        416: {"description": "The range begins behind the end"},
    }


class PartStream(Protocol):
    """A download in progress: first a description, then chunks."""

    def __aiter__(self) -> AsyncIterator[Any]:
        """Iterates over the parts."""

    def cancel(self) -> bool:
        """Ends the download."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a stored thing before its bytes come."""

    size: int
    sha256: str
    content_type: str
    file_name: str


OpenPart = Callable[[int, int], PartStream]


class Download:
    """A service's stream, opened and described."""

    def __init__(self, stream: PartStream, parts: AsyncIterator[Any], content: Content) -> None:
        self.content = content
        self._stream = stream
        self._parts = parts

    @classmethod
    async def open(cls, stream: PartStream) -> "Download":
        """Waits for the description. Raises AioRpcError where the service refuses."""
        parts = stream.__aiter__()
        first = await anext(parts, None)
        kind = first.WhichOneof("part") if first is not None else None
        if first is None or kind not in {"info", "file"}:
            stream.cancel()
            raise Internal("the download did not begin with its description", reason="DOWNLOAD_MALFORMED")
        found = getattr(first, kind)
        return cls(stream, parts, Content(found.size, found.sha256, found.content_type, found.file_name))

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yields the bytes; ends the service's stream however this ends."""
        try:
            async for part in self._parts:
                yield part.chunk
        finally:
            self.close()

    def close(self) -> None:
        """Ends the service's stream."""
        self._stream.cancel()

    async def read(self, limit_bytes: int) -> bytes | None:
        """Reads all of it, or returns None where it is larger than ``limit_bytes``."""
        try:
            if self.content.size > limit_bytes:
                return None
            return b"".join([part.chunk async for part in self._parts])
        finally:
            self.close()


async def answer_download(
    request: Request, open_part: OpenPart, *, safe: bool = False, content_type: str | None = None
) -> Response:
    """Answers with a stored thing as an attachment.

    ``open_part(offset, length)`` opens the service's stream. Honours If-None-Match, If-Range and single ranges; with
    ``safe`` the length is not known beforehand, so ranges are ignored. ``content_type`` replaces the stored one.
    """
    download = await Download.open(open_part(0, 0))
    content = download.content
    tag = f"{content.sha256}-safe" if safe else content.sha256
    headers = {
        "etag": f'"{tag}"',
        "content-disposition": _disposition(content.file_name),
        "accept-ranges": "none" if safe else "bytes",
        "cache-control": "private, no-cache",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    media_type = content_type or _media_type(content.content_type)
    if matches_tag(request.headers.get("if-none-match"), tag):
        download.close()
        return Response(status_code=304, headers={"etag": headers["etag"]})
    if safe:
        return Stream(_guarded(download.chunks()), headers=headers, media_type=media_type)
    wanted = request.headers.get("range")
    if wanted and is_single_range(wanted) and allows_range(request.headers.get("if-range"), tag):
        download.close()
        part = resolve_range(wanted, content.size)
        ranged = await Download.open(open_part(part.first, part.length))
        if ranged.content.sha256 != content.sha256:
            ranged.close()
            raise Conflict("the content changed while it was read; ask again", reason="CONTENT_CHANGED")
        headers |= {"content-range": part.content_range, "content-length": str(part.length)}
        return Stream(ranged.chunks(), 206, headers, media_type)
    headers["content-length"] = str(content.size)
    return Stream(download.chunks(), headers=headers, media_type=media_type)


async def _guarded(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    guard = FormulaGuard()
    async with aclosing(chunks):
        async for chunk in chunks:
            for start in range(0, len(chunk), _GUARD_SLICE_BYTES):
                if ready := guard.feed(chunk[start : start + _GUARD_SLICE_BYTES]):
                    yield ready
    if rest := guard.finish():
        yield rest


def _disposition(file_name: str) -> str:
    """RFC 6266: an ASCII name for old clients, and the real one."""
    plain = "".join(character if character.isascii() and character.isprintable() else "_" for character in file_name)
    plain = plain.replace('"', "_").replace("\\", "_").replace("/", "_") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(file_name or 'download', safe='')}"


def _media_type(content_type: str) -> str:
    """The stored type where it is a harmless one; browsers must never run what a client stored."""
    return content_type if content_type.partition(";")[0].strip().lower() in _SAFE_TYPES else "application/octet-stream"

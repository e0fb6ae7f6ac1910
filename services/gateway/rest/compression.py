"""gzip for answers that it makes smaller, where the client takes it.

Left as they are: answers under a kilobyte, event streams (a buffered event is a late one), ranges, and the dashboard's
pages: they hold a token beside what clients wrote, and the length of such a page, compressed, would give the token away
letter by letter (BREACH). No other answer holds a secret.
"""

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

MIN_BYTES = 1024
# Level 4 takes a third of level 9's time and is a tenth larger, measured on listings of tasks.
_LEVEL = 4
# About a millisecond's work: beyond it a thread compresses, and other calls go on.
_THREAD_BYTES = 64 * 1024
_PAGES_WITH_TOKENS = "/dashboard"
_ASSETS = "/dashboard/assets/"
# What a client stored as it is: most of it does not shrink, and none of it is ours to look into.
_EXCLUDED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream")


class CompressionMiddleware:
    """Starlette's gzip, with q-values heeded and entity tags kept apart: a compressed answer's is weak."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._gzip = GZipMiddleware(
            self._serve_marked, MIN_BYTES, _LEVEL, thread_minimum_size=_THREAD_BYTES, exclude_content_types=_EXCLUDED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call."""
        if scope["type"] != "http" or _holds_token(scope["path"]):
            await self._app(scope, receive, send)
            return
        accepted = "gzip" if accepts_gzip(Headers(scope=scope).get("accept-encoding", "")) else "identity"
        kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        scope["headers"] = [*kept, (b"accept-encoding", accepted.encode())]

        async def send_tagged(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                encoding, tag = headers.get("content-encoding"), headers.get("etag", "")
                if encoding == "identity":
                    del headers["content-encoding"]
                if encoding == "gzip" and tag.startswith('"'):
                    headers["etag"] = f"W/{tag}"
            await send(message)

        await self._gzip(scope, receive, send_tagged)

    async def _serve_marked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Marks small streams as encoded already: Starlette looks at the length of whole answers only."""

        async def send_marked(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if int(headers.get("content-length", MIN_BYTES)) < MIN_BYTES:
                    headers["content-encoding"] = "identity"
            await send(message)

        await self._app(scope, receive, send_marked)


def _holds_token(path: str) -> bool:
    return path.startswith(_PAGES_WITH_TOKENS) and not path.startswith(_ASSETS)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip: named, or by ``*``, and not with ``q=0`` (RFC 9110, 12.5.3)."""
    quality: dict[str, bool] = {}
    for item in header.lower().split(","):
        coding, _, parameters = item.partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=")
        quality[coding.strip()] = weight.strip("0.") != "" or not parameters.strip()
    return quality.get("gzip", quality.get("*", False))

"""HEAD wherever GET is: the same status and headers, and no body."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadMiddleware:
    """Serves HEAD as a GET that ends where its body would begin, so that no stream is read for nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # A copy: the server must go on to see HEAD. A range has no meaning but for GET (RFC 9110, 14.2).
        headers = [(name, value) for name, value in scope["headers"] if name not in {b"range", b"if-range"}]
        inner: Scope = {**scope, "method": "GET", "headers": headers}

        async def send_head(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _HeadSent
            await send(message)

        try:
            await self._app(inner, receive, send_head)
        except _HeadSent:
            pass
        finally:
            # What the audit line reads.
            if "route" in inner:
                scope["route"] = inner["route"]


class _HeadSent(Exception):
    """All that the client asked for was sent."""

"""Names in paths: a segment may hold any character, a slash too where it is encoded (``%2F``).

ASGI servers decode a path before it is routed, so that ``/users/a%2Fb/jobs`` would be that of nothing. Here an encoded
slash stays apart until the path was matched.
"""

from urllib.parse import unquote

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

# No decoded text holds a surrogate by itself, so that nothing else can mean this.
_SLASH = "\udc2f"
_ENCODED = "%2f"


def restore_slashes(value: str) -> str:
    """A matched part of a path as its sender meant it."""
    return value.replace(_SLASH, "/")


class SegmentConvertor(StringConvertor):
    """A path's parameter, as Starlette reads it where a route says nothing else, with its slashes."""

    def convert(self, value: str) -> str:
        """Returns the segment as its sender meant it."""
        return restore_slashes(value)


# Routes compile their paths as they are declared: whoever declares one imports `door`, and with it this module.
register_url_convertor("str", SegmentConvertor())


class SegmentMiddleware:
    """The innermost layer: keeps slashes that belong to a segment apart from those between segments."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call."""
        raw: str = scope.get("raw_path", b"").decode("ascii", "replace").replace("%2F", _ENCODED)
        if scope["type"] != "http" or _ENCODED not in raw:
            await self._app(scope, receive, send)
            return
        # A copy: the server goes on to write the path into its own lines.
        inner: Scope = {**scope, "path": _SLASH.join(map(unquote, raw.split(_ENCODED)))}
        try:
            await self._app(inner, receive, send)
        finally:
            # What the audit line reads.
            if "route" in inner:
                scope["route"] = inner["route"]

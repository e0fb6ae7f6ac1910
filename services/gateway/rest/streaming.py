"""Streamed answers that let go of their source at once, however they end."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Send


class Stream(StreamingResponse):
    """Closes the generator that it reads when it ends: Starlette leaves that to the garbage collector, and with it the
    service's stream behind it, for seconds."""

    def __init__(
        self,
        content: AsyncGenerator[bytes, None],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type)
        self._content = content

    async def stream_response(self, send: Send) -> None:
        """Sends the stream."""
        async with aclosing(self._content):
            await super().stream_response(send)

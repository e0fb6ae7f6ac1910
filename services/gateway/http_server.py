"""uvicorn as a part of the process, which owns signals, logs and draining itself."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from services.common.logging import get_logger
from services.gateway.http_protocol import BoundedHttpProtocol

_KEEP_ALIVE_S = 75
_BACKLOG = 2048


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, and with word of its start."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says so."""
        await super().startup(sockets)
        self.ready.set()


class HttpServer:
    """Serves an ASGI app. ``closing`` is set when draining begins, so that endless answers end."""

    def __init__(self, app: ASGIApp, listen: str, *, closing: asyncio.Event, drain_timeout_s: float) -> None:
        host, _, port = listen.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        self._closing = closing
        config = uvicorn.Config(
            app,
            http=BoundedHttpProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=max(1, int(drain_timeout_s)),
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> None:
        """Binds and serves. Raises OSError where the address is taken."""
        listener = socket.create_server(
            self._address, family=socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET, backlog=_BACKLOG
        )
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="http-server")
        ready = asyncio.ensure_future(self._server.ready.wait())
        await asyncio.wait({ready, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise OSError("the HTTP server did not start")
        get_logger().info("http_listening", host=self._address[0], port=self.port)

    async def drain(self) -> None:
        """Takes no new connections, ends event streams, and lets other answers finish."""
        self._closing.set()
        self._server.should_exit = True
        if self._serving:
            await self._serving

    async def stop(self) -> None:
        """Cuts off what is left."""
        self._closing.set()
        self._server.should_exit = self._server.force_exit = True
        if self._serving:
            await asyncio.gather(self._serving, return_exceptions=True)

"""uvicorn as a part of the process, which owns signals, logs and draining itself."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.common.logging import get_logger
from services.gateway.admission import Admission
from services.gateway.http_protocol import BoundedHttpProtocol, Knows, PiecewiseHttp

_KEEP_ALIVE_S = 75
_BACKLOG = 2048
# Of the time to drain, how long connections without a request are kept. A client may be sending one just when its
# connection is closed, and cannot know whether it was read; told "connection: close" in an answer, it opens another.
_LINGER_SHARE = 0.1
_LINGER_LOOK_S = 0.05


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

    def __init__(
        self,
        app: ASGIApp,
        listen: str,
        *,
        admission: Admission,
        knows: Knows,
        closing: asyncio.Event,
        drain_timeout_s: float,
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        self._closing = closing
        self._linger_s = drain_timeout_s * _LINGER_SHARE
        protocol: Any = partial(PiecewiseHttp, admission, knows)  # uvicorn calls it as it would a class
        config = uvicorn.Config(
            app,
            http=protocol,
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
        """Ends event streams, asks clients to go elsewhere, takes no new connections, lets other answers finish."""
        self._closing.set()
        await self._send_clients_away()
        self._server.should_exit = True
        if self._serving:
            await self._serving

    async def _send_clients_away(self) -> None:
        """Closes each connection behind its next answer, until none is left or the time for it is over."""
        state, header = self._server.server_state, (b"connection", b"close")
        state.default_headers.append(header)
        self._server.config.encoded_headers.append(header)  # of which uvicorn makes the others anew each second
        for connection in state.connections:
            cycle = connection.cycle if isinstance(connection, BoundedHttpProtocol) else None
            if cycle is not None and not cycle.response_complete:
                cycle.keep_alive = False
        deadline = time.monotonic() + self._linger_s
        while state.connections and not self._server.force_exit and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LINGER_LOOK_S)

    async def stop(self) -> None:
        """Cuts off what is left."""
        self._closing.set()
        self._server.should_exit = self._server.force_exit = True
        if self._serving:
            await asyncio.gather(self._serving, return_exceptions=True)

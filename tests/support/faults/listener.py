"""What both proxies share: a port that stays, connections that can be reset, and a fault that stands for a while."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Self

from services.launcher.free_ports import LOOPBACK
from tests.support.faults.kinds import Fault, FaultKind

_LIMIT_BYTES = 1 << 20
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FaultListener:
    """Takes connections for a server on the loopback address. Use as an async context manager.

    ``met`` counts what met a fault, by kind.
    """

    def __init__(self, upstream_port: int, *, port: int = 0) -> None:
        self.upstream_port = upstream_port
        self.port = port
        self.met: dict[FaultKind, int] = {}
        self._fault: Fault | None = None
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Listens."""
        self._server = await asyncio.start_server(self._on_connection, LOOPBACK, self.port, limit=_LIMIT_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_failure: object) -> None:
        """Ends all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def fault(self) -> Fault | None:
        """The fault that stands now."""
        return self._fault

    def begin(self, fault: Fault) -> None:
        """Lets a fault stand until ``heal``."""
        self._fault = fault
        if fault.kind is FaultKind.CUT:
            self.cut()

    def heal(self) -> None:
        """Ends the fault. What was held back by a partition goes on."""
        self._fault = None
        self._changed.set()
        self._changed = asyncio.Event()

    def cut(self) -> None:
        """Resets all connections."""
        self._note(FaultKind.CUT)
        for writer in list(self._writers):
            writer.transport.abort()

    def _note(self, kind: FaultKind) -> None:
        self.met[kind] = self.met.get(kind, 0) + 1

    def _meets(self, *kinds: FaultKind) -> Fault | None:
        """The fault that stands, where it is one of these and met now; noted."""
        fault = self._fault
        if fault is None or fault.kind not in kinds or not fault.meets():
            return None
        self._note(fault.kind)
        return fault

    async def _wait_out(self, kind: FaultKind) -> None:
        """Returns once a fault of this kind no longer stands."""
        while self._fault is not None and self._fault.kind is kind:
            await self._changed.wait()

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            async with self._kept(reader, writer) as client:
                # Whoever leaves, resets or sends half a message ends this connection and nothing else.
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                    await self.serve(client)
        except asyncio.CancelledError:
            return  # the proxy ends
        finally:
            self._open.discard(task)

    async def serve(self, client: Connection) -> None:
        """Serves one client until one side leaves."""
        raise NotImplementedError

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        """A connection to the server itself."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.upstream_port, limit=_LIMIT_BYTES)
        async with self._kept(reader, writer) as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def _kept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[Connection]:
        self._writers.add(writer)
        try:
            yield reader, writer
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

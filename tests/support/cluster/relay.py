"""A Service with an address of its own: each new connection goes to a pod that is ready now, and stays there."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

Targets = Callable[[], Sequence[tuple[str, int]]]
_PIECE_BYTES = 64 * 1024


@asynccontextmanager
async def relaying(host: str, port: int, targets: Targets) -> AsyncIterator[None]:
    """Relays connections to ``host:port``; where no target is ready, or the one chosen refuses, they are closed."""
    connections: set[asyncio.Task[None]] = set()
    closing = False

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            ready = targets()
            if ready:
                with contextlib.suppress(OSError):
                    await _relay(reader, writer, random.choice(ready))
        except asyncio.CancelledError:
            if not closing:
                raise
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, host, port)
    try:
        yield
    finally:
        closing = True
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: tuple[str, int]) -> None:
    there, back = await asyncio.open_connection(*target)
    try:
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
    finally:
        back.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()

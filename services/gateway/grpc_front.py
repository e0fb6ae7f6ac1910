"""What stands before the gRPC door's server: it counts connections by peer, and bounds what strangers send.

gRPC accepts connections without a word to us, and reads a message whole, whoever sends it. So its server listens on the
loopback address, and each connection reaches it through here, byte by byte, with the window that either side leaves.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from services.common.logging import get_logger
from services.gateway.admission import Admission
from services.gateway.domain.strangers import Allowance, Waiting
from services.gateway.pieces import piece_for, take_piece

_BACKLOG = 2048
_LOOPBACK = "127.0.0.1"
# How long a connection whose bytes are held back may take to show a key: its head is with the server already, which a
# busy machine may take that long to look at.
PATIENCE_S = 5.0


class GrpcFront:
    """A component: the public address of the gRPC door. Started after the server, whose port ``find_port`` returns."""

    def __init__(
        self, listen: str, admission: Admission, *, find_port: Callable[[], int], max_connections: int
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        self._admission = admission
        self._find_port = find_port
        self._max_connections = max_connections
        self._of_port: dict[int, _Client] = {}
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return len(self._clients)

    async def start(self) -> None:
        """Binds and serves. Raises OSError where the address is taken."""
        is_v6 = ":" in self._address[0]
        listener = socket.create_server(
            self._address,
            family=socket.AF_INET6 if is_v6 else socket.AF_INET,
            backlog=_BACKLOG,
            dualstack_ipv6=is_v6 and socket.has_dualstack_ipv6(),
        )
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._server = await asyncio.get_running_loop().create_server(lambda: _Client(self), sock=listener)
        get_logger().info("grpc_door_listening", host=self._address[0], port=self.port)

    async def drain(self) -> None:
        """Takes no new connections; the server ends those that are there."""
        if self._server:
            self._server.close()

    async def stop(self) -> None:
        """Cuts off what is left."""
        await self.drain()
        for client in tuple(self._clients):
            client.abort()

    def find_address(self, peer: str) -> str:
        """The client's address behind gRPC's word for a peer of the server's, such as ``ipv4:127.0.0.1:4711``."""
        client = self._of_port.get(_port_of(peer))
        return client.address if client else _LOOPBACK

    def cut_off(self, peer: str) -> None:
        """Cuts the client's connection."""
        client = self._of_port.get(_port_of(peer))
        if client is not None:
            client.abort()

    def identify(self, peer: str) -> None:
        """Takes the client's connection for one of somebody with a key from now on."""
        client = self._of_port.get(_port_of(peer))
        if client is not None:
            client.identify()


def _port_of(peer: str) -> int:
    port = peer.rpartition(":")[2]
    return int(port) if port.isdecimal() else 0


class _Side(asyncio.BufferedProtocol):
    """One of a connection's two ends: what it reads goes to the other, as fast as that takes it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _Side | None = None
        self._holds: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next piece is read to."""
        del sizehint
        return piece_for(stranger=False)

    def buffer_updated(self, nbytes: int) -> None:
        """Sends a piece on."""
        if self.other and self.other.transport:
            self.other.transport.write(take_piece(nbytes))

    def pause_writing(self) -> None:
        """Lets the other side wait."""
        if self.other:
            self.other.hold("window")

    def resume_writing(self) -> None:
        """Lets the other side go on."""
        if self.other:
            self.other.release("window")

    def hold(self, why: str) -> None:
        """Reads no more until every reason for that is gone."""
        self._holds.add(why)
        if self.transport and not self.transport.is_closing():
            self.transport.pause_reading()

    def release(self, why: str) -> None:
        """Takes a reason away."""
        self._holds.discard(why)
        if not self._holds and self.transport and not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Closes the other side behind what it still has to send."""
        del exc
        if self.other and self.other.transport:
            self.other.transport.close()


class _Client(_Side):
    """A client's end. Until a call on it showed a key it is a stranger's."""

    def __init__(self, front: GrpcFront) -> None:
        super().__init__()
        self._front = front
        self._waiting: Waiting | None = None
        self._allowance: Allowance | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._opening: asyncio.Task[None] | None = None
        self._server_port = 0
        self._early = b""
        self._loop = asyncio.get_running_loop()
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Opens the way to the server, where there is room."""
        super().connection_made(transport)
        front, admission = self._front, self._front._admission  # noqa: SLF001 - a pair of this module
        if front.connections >= front._max_connections:  # noqa: SLF001
            self.abort()
            return
        front._clients.add(self)  # noqa: SLF001
        self.address = str((transport.get_extra_info("peername") or ("",))[0])
        if not admission.peers.is_proxy(self.address):
            self._waiting = admission.let_wait(self.address, self.abort)
            self._allowance = Allowance(self._loop.time())
        self.hold("opening")
        self._opening = asyncio.create_task(self._open(), name="grpc-front")

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next piece is read to: little of a stranger's."""
        del sizehint
        return piece_for(stranger=self._allowance is not None)

    def buffer_updated(self, nbytes: int) -> None:
        """Sends a piece on; a stranger's next one may have to wait."""
        if self.other is None:
            # uvloop begins to read behind connection_made, whatever was said there.
            self._early += take_piece(nbytes)
            self.hold("opening")
        super().buffer_updated(nbytes)
        if self._allowance is not None:
            wait_s = self._allowance.take(nbytes, self._loop.time())
            if wait_s > 0:
                self.hold("stranger")
                self._timer = self._loop.call_later(min(wait_s, PATIENCE_S), self._go_on, wait_s > PATIENCE_S)

    def identify(self) -> None:
        """Lifts the bounds of strangers."""
        self._leave()
        self._allowance = None
        self.release("stranger")

    def abort(self) -> None:
        """Cuts the connection."""
        if self.transport:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        super().connection_lost(exc)
        self._leave()
        self._front._clients.discard(self)  # noqa: SLF001
        self._front._of_port.pop(self._server_port, None)  # noqa: SLF001
        if self._opening:
            self._opening.cancel()

    def _go_on(self, too_much: bool) -> None:
        if too_much:
            self.abort()
        else:
            self.release("stranger")

    def _leave(self) -> None:
        if self._waiting is not None:
            self._front._admission.strangers.leave(self._waiting)  # noqa: SLF001
            self._waiting = None
        if self._timer:
            self._timer.cancel()

    async def _open(self) -> None:
        server = _Side()
        server.other = self
        try:
            transport, _ = await self._loop.create_connection(lambda: server, _LOOPBACK, self._front._find_port())  # noqa: SLF001
        except OSError as error:
            get_logger().warning("grpc_front_not_opened", error=type(error).__name__)
            self.abort()
            return
        if self.transport is None or self.transport.is_closing():
            transport.abort()
            return
        self._server_port = transport.get_extra_info("sockname")[1]
        self._front._of_port[self._server_port] = self  # noqa: SLF001
        self.other = server
        transport.write(self._early)
        self._early = b""
        self.release("opening")

"""uvicorn's HTTP/1.1 with bounds on what strangers send before any key is looked at, which it does not have."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.gateway.admission import Admission
from services.gateway.domain.strangers import Waiting
from services.gateway.pieces import piece_for, take_piece

MAX_HEAD_BYTES = 64 * 1024
HEAD_TIMEOUT_S = 20.0
# Of a connection whose calls showed no key; others are kept as long as balancers like to keep them.
STRANGER_KEEP_ALIVE_S = 5
# Calls that one connection sends ahead of their answers.
MAX_PIPELINED = 16
# What a chunked body may have beside its content: pieces of one byte have five.
_FRAMING_BYTES = 64 * 1024
_FRAMING_SHARE = 8
# What keeps a process alive is told to each peer, however many others call.
_PROBE_PATHS = frozenset({b"/livez", b"/readyz"})
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})

Headers = Iterable[tuple[bytes, bytes]]
Knows = Callable[[Headers], bool]
"""Whether a call's headers, their names in small letters, show a valid key or session."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a stranger's call is served, by the loop's clock, and whether its connection has gone meanwhile."""

    at_s: float
    has_gone: Callable[[], bool]

    async def comes(self) -> bool:
        """Waits for it; False where nobody waits for the answer any more."""
        await asyncio.sleep(self.at_s - asyncio.get_running_loop().time())
        return not self.has_gone()


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends connections whose request's head is too long, or too long in coming, and counts those of strangers.

    A body is not read before the app asks for it, which it does once it knows the key: until then there is no more of
    it in memory than came in one piece with its head.
    """

    def __init__(self, admission: Admission, knows: Knows, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._admission = admission
        self._knows = knows
        self._waiting: Waiting | None = None
        # Of whoever connected; empty for a proxy, whose calls are those of others.
        self._peer = ""
        self._is_cut_off = self._is_lost = False
        self._usual_keep_alive_s = self.timeout_keep_alive
        self._head_bytes = 0
        self._body_bytes = self._all_body_bytes = 0
        self._framing_bytes = 0
        self._reading_head, self._in_body = True, False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Gives the first request its time."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)
        peers, address = self._admission.peers, self.client[0] if self.client else ""
        if not peers.is_proxy(address):
            self._waiting = self._admission.let_wait(address, transport.abort)
            self._peer = self._waiting.peer
            self.timeout_keep_alive = STRANGER_KEEP_ALIVE_S

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the timer, and the stranger."""
        self._is_lost = True
        self._stop_timer()
        self._leave()
        super().connection_lost(exc)

    @property
    def is_strangers(self) -> bool:
        """Whether no key has been shown on it yet."""
        return self._waiting is not None

    def identify(self) -> None:
        """Takes the connection for one of somebody with a key from now on."""
        self._leave()
        self.timeout_keep_alive = self._usual_keep_alive_s

    def data_received(self, data: bytes) -> None:
        """Counts the head's bytes, and what stands between those of a body. What ends a head counts no more for it."""
        in_body, all_body_bytes = self._in_body, self._all_body_bytes
        super().data_received(data)
        if self.transport.is_closing():
            return
        if in_body and self._in_body:
            self._framing_bytes += len(data) - (self._all_body_bytes - all_body_bytes)
            if self._framing_bytes > _FRAMING_BYTES + _FRAMING_SHARE * self._body_bytes:
                self.transport.abort()
        if not self._reading_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.send_400_response(f"The head of the request has more than {MAX_HEAD_BYTES} bytes.")
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._give_up)

    def on_message_begin(self) -> None:
        """Begins to count."""
        self._reading_head, self._head_bytes, self._body_bytes, self._framing_bytes = True, 0, 0, 0
        super().on_message_begin()
        self.scope["state"] |= {
            "identify": self.identify,
            "cut_off": self.transport.abort,
            "has_gone": lambda: self._is_lost,
        }

    def on_headers_complete(self) -> None:
        """Ends to count, and to read."""
        self._reading_head, self._in_body = False, True
        self._stop_timer()
        if self._is_cut_off:
            return
        delay_s = None if len(self.pipeline) >= MAX_PIPELINED else self._take_call()
        if delay_s is None:
            self._is_cut_off = True
            self.transport.abort()
            return
        if delay_s > 0:
            self.scope["state"]["turn"] = Turn(self.loop.time() + delay_s, lambda: self._is_lost)
        super().on_headers_complete()
        if any(name in _BODY_HEADERS for name, _ in self.headers):
            self.flow.pause_reading()

    def on_body(self, body: bytes) -> None:
        """Counts the body's bytes. Of a stranger's, no second piece is read before the first was taken."""
        self._body_bytes += len(body)
        self._all_body_bytes += len(body)
        if self._is_cut_off:
            return
        super().on_body(body)
        if self.is_strangers:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """Ends to count."""
        self._in_body = False
        if not self._is_cut_off:
            super().on_message_complete()

    def _take_call(self) -> float | None:
        """In how many seconds the call is looked at: those of strangers are counted, before they cost anything."""
        if not self._peer or self._knows(self.headers):
            return 0.0
        return self._admission.take_call(self._peer, is_probe=self.url in _PROBE_PATHS)

    def _leave(self) -> None:
        if self._waiting is not None:
            self._admission.strangers.leave(self._waiting)
            self._waiting = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self._reading_head and not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class PiecewiseHttp(asyncio.BufferedProtocol):
    """Reads for a ``BoundedHttpProtocol``: in pieces whose size depends on whose connection it is."""

    def __init__(self, admission: Admission, knows: Knows, *args: Any, **kwargs: Any) -> None:
        self._inner = BoundedHttpProtocol(admission, knows, *args, **kwargs)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Passes it on."""
        self._inner.connection_made(transport)  # type: ignore[arg-type]

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next piece is read to."""
        del sizehint
        return piece_for(stranger=self._inner.is_strangers)

    def buffer_updated(self, nbytes: int) -> None:
        """Passes a piece on."""
        self._inner.data_received(take_piece(nbytes))

    def eof_received(self) -> None:
        """Passes it on."""
        self._inner.eof_received()

    def pause_writing(self) -> None:
        """Passes it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Passes it on."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Passes it on."""
        self._inner.connection_lost(exc)

"""A proxy for S3: takes each request whole, and decides what becomes of it and of its answer."""

import asyncio
from dataclasses import dataclass

from tests.support.faults.kinds import Fault, FaultKind
from tests.support.faults.listener import Connection, FaultListener

_CHANGES = {"PUT", "POST", "DELETE"}
_REFUSAL = (
    b"<?xml version='1.0'?><Error><Code>ServiceUnavailable</Code><Message>made by a fault proxy</Message></Error>"
)
_DRIP_BYTES = 64
_BEFORE = (FaultKind.PARTITION, FaultKind.DROP, FaultKind.DELAY, FaultKind.ERROR, FaultKind.READ_ONLY)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer: its head as it came and its body."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.head.split(b" ", 1)[0].decode()

    @property
    def whole(self) -> bytes:
        """What goes over the wire."""
        return self.head + self.body


class HttpFaultProxy(FaultListener):
    """Stands before an HTTP/1.1 server. Signatures stay good: of a head only ``Expect`` is left out."""

    async def serve(self, client: Connection) -> None:
        """Serves requests one after another; each fault is decided for a request of its own."""
        reader, writer = client
        while True:
            request = await _read_request(reader, writer)
            if request is None:
                return
            answer = await self._answer(request)
            if answer is None:
                writer.transport.abort()
                return
            if fault := self._meets(FaultKind.DRIP):
                await _drip(writer, answer, fault)
            elif self._meets(FaultKind.HALF_CLOSE):
                writer.write(answer[: len(answer) // 2])
                await writer.drain()
                return
            else:
                writer.write(answer)
                await writer.drain()

    async def _answer(self, request: Message) -> bytes | None:
        """What the client gets; None where its connection breaks."""
        fault = self._fault
        if fault is not None and fault.kind is FaultKind.READ_ONLY and request.method not in _CHANGES:
            fault = None
        elif fault is not None and fault.kind in _BEFORE:
            fault = self._meets(fault.kind)
        if fault is not None:
            if fault.kind is FaultKind.CUT:
                return None
            if fault.kind in {FaultKind.PARTITION, FaultKind.DROP}:
                await self._wait_out(fault.kind)
                return None
            if fault.kind in {FaultKind.ERROR, FaultKind.READ_ONLY}:
                return _refuse(request)
            if fault.kind is FaultKind.DELAY:
                await asyncio.sleep(fault.delay_s)
        answer = await self._ask(request)
        if self._meets(FaultKind.DUPLICATE):
            answer = await self._ask(request)
        return None if self._meets(FaultKind.ANSWER_LOST) else answer

    async def _ask(self, request: Message) -> bytes:
        async with self.connected() as (reader, writer):
            writer.write(request.whole)
            await writer.drain()
            return (await _read_answer(reader, request.method)).whole


async def _read_head(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None


def _header(head: bytes, name: str) -> str:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name.encode():
            return value.strip().decode()
    return ""


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if _header(head, "transfer-encoding").lower() == "chunked":
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            body += line + await reader.readexactly(size + 2)
            if size == 0:
                return body
    length = _header(head, "content-length")
    return await reader.readexactly(int(length)) if length else b""


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Message | None:
    head = await _read_head(reader)
    if head is None:
        return None
    if _header(head, "expect"):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"expect:")]
        head = b"\r\n".join(lines)
    return Message(head, await _read_body(reader, head))


async def _read_answer(reader: asyncio.StreamReader, method: str) -> Message:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 100:
            break
    if method == "HEAD" or status in {204, 304}:
        return Message(head, b"")
    return Message(head, await _read_body(reader, head))


def _refuse(request: Message) -> bytes:
    body = b"" if request.method == "HEAD" else _REFUSAL
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _drip(writer: asyncio.StreamWriter, answer: bytes, fault: Fault) -> None:
    """Sends an answer slowly: its first pieces, then what is left."""
    for start in range(0, min(len(answer), _DRIP_BYTES * 8), _DRIP_BYTES):
        writer.write(answer[start : start + _DRIP_BYTES])
        await writer.drain()
        await asyncio.sleep(fault.delay_s / 4)
    writer.write(answer[_DRIP_BYTES * 8 :])
    await writer.drain()

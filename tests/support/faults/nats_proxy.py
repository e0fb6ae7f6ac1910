"""A proxy for NATS: takes the protocol apart into its messages, both ways."""

import asyncio
from collections.abc import AsyncIterator

from tests.support.faults.kinds import FaultKind
from tests.support.faults.listener import Connection, FaultListener

_PUBLISHED = (b"PUB ", b"HPUB ")
_DELIVERED = (b"MSG ", b"HMSG ")
_INBOX = b"_INBOX"
_DRIP_BYTES = 64


class NatsFaultProxy(FaultListener):
    """Stands before a NATS server without TLS. What a client publishes is a request; what comes to its inbox an answer:
    an acknowledgement of JetStream's, or a message that was pulled."""

    async def serve(self, client: Connection) -> None:
        """Passes on both ways until one side leaves."""
        if self._meets(FaultKind.CUT):
            return
        await self._wait_out(FaultKind.PARTITION)
        async with self.connected() as server:
            ways = [
                asyncio.create_task(self._pass_on(client[0], server[1])),
                asyncio.create_task(self._pass_on(server[0], client[1])),
            ]
            try:
                done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in done:
                    way.result()
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for frame in _read_frames(reader):
            if self._fault is not None and self._fault.kind is FaultKind.PARTITION:
                self._note(FaultKind.PARTITION)
                await self._wait_out(FaultKind.PARTITION)
            if not await self._send(frame, writer):
                return

    async def _send(self, frame: bytes, writer: asyncio.StreamWriter) -> bool:
        """Sends a frame as the fault that stands will have it; False where the connection ends with it."""
        is_request, is_answer = frame.startswith(_PUBLISHED), _is_answer(frame)
        if is_request and self._meets(FaultKind.DROP):
            return True
        if is_answer and self._meets(FaultKind.ANSWER_LOST):
            return True
        if (is_request or is_answer) and self._meets(FaultKind.HALF_CLOSE):
            writer.write(frame[: len(frame) // 2])
            await writer.drain()
            return False
        if (is_request or is_answer) and (fault := self._meets(FaultKind.DELAY)):
            await asyncio.sleep(fault.delay_s)
        if is_answer and (fault := self._meets(FaultKind.DRIP)):
            for start in range(0, min(len(frame), _DRIP_BYTES * 8), _DRIP_BYTES):
                writer.write(frame[start : start + _DRIP_BYTES])
                await writer.drain()
                await asyncio.sleep(fault.delay_s / 4)
            frame = frame[_DRIP_BYTES * 8 :]
        if is_request and self._meets(FaultKind.DUPLICATE):
            frame += frame
        writer.write(frame)
        await writer.drain()
        return True


def _is_answer(frame: bytes) -> bool:
    return frame.startswith(_DELIVERED) and frame.split(b" ", 2)[1].startswith(_INBOX)


async def _read_frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yields the protocol's lines, each with the payload that it announces."""
    while line := await reader.readline():
        if line.startswith((*_PUBLISHED, *_DELIVERED)):
            line += await reader.readexactly(int(line.split()[-1]) + 2)
        yield line

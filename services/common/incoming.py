"""The messages of a call that takes many of them, read to their end also where the call is refused before that.

A call that its server ends before the client is done writing may reach the client without its status: grpc.aio takes a
write that fails because the call is over for a fault of its own, and writes INTERNAL over what the server said
(https://github.com/grpc/grpc/issues/36066). So what a refused client still sends is read and dropped, within bounds.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

import grpc.aio
from google.protobuf.message import DecodeError, Message

from services.common.errors import InvalidInput

# A client that has all of its file at hand sends 64 MiB within a second or two; one that sends nothing for two seconds
# has no write under way that could fail. The same holds of a body over REST.
READ_ON_BYTES = 64 * 1024 * 1024
READ_ON_S = 5.0
READ_ON_IDLE_S = 2.0

MayGoOn = Callable[[int], bool]
"""Told the size of each piece that is dropped, says whether another one is read."""


def up_to(limit_bytes: int = READ_ON_BYTES) -> MayGoOn:
    """So many bytes of a call."""
    dropped = 0

    def may_go_on(count: int) -> bool:
        nonlocal dropped
        dropped += count
        return dropped <= limit_bytes

    return may_go_on


class Incoming:
    """A client's messages; one is asked for at a time, whoever waits for it and gives up waiting."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._reading: asyncio.Task[Any] | None = None
        self._ended = False

    async def messages(self) -> AsyncGenerator[Any, None]:
        """Yields them. Raises where the client went away before it was done, InvalidInput on what is no message.

        grpc.aio ends the iteration in both cases, and the cancellation reaches the handler some milliseconds later: an
        upload that was cut off would now and then be taken for whole. Opening the answer tells them apart at once: on a
        call that its client has left it fails.
        """
        while (message := await self._read()) is not None:
            yield message
        await self._context.send_initial_metadata(())

    async def read_on(self, may_go_on: MayGoOn) -> None:
        """Drops what is still to come, before the call is ended. Returns at the end, or at a bound."""
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_ON_S):
                while not self._ended:
                    async with asyncio.timeout(READ_ON_IDLE_S):
                        try:
                            message = await self._read()
                        except InvalidInput:
                            continue
                    if message is None or not may_go_on(_size(message)):
                        return

    async def _read(self) -> Any:
        """The next message, None at the end."""
        if self._ended:
            return None
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._context.read())
            self._reading.add_done_callback(_know_failure)
        reading = self._reading
        await asyncio.wait({reading})  # which leaves it alone where this is cancelled: gRPC reads once at a time
        self._reading = None
        try:
            message = reading.result()
        except DecodeError as error:
            raise InvalidInput("this is no message of the method", reason="REQUEST_MALFORMED") from error
        if message is not grpc.aio.EOF:
            return message
        self._ended = True
        return None


def _size(message: Message | bytes) -> int:
    return len(message) if isinstance(message, bytes) else message.ByteSize()


def _know_failure(reading: "asyncio.Task[Any]") -> None:
    """Nobody may be waiting any more when it fails."""
    if not reading.cancelled():
        reading.exception()

"""A receiver of webhooks over real sockets, which answers as it is told, also as no honest one would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.common.tasks import stop_task

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: header names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """``answers`` are given in turn, the last one again and again: bytes of an answer, or what to do instead."""

    answers: list["bytes | Answer"] = field(default_factory=lambda: [OK])
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _serving: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.address}/hook"

    @property
    def ids(self) -> list[str]:
        """The ``webhook-id`` of each call."""
        return [call.headers["webhook-id"] for call in self.calls]

    async def start(self) -> None:
        """Listens: on the port that it had, where it had one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listens no more."""
        if self._server:
            self._server.close()
            self._server = None
        for task in list(self._serving):
            await stop_task(task)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        await asyncio.wait({task})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            request, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.calls.append(Call(request.split(" ")[1], headers, body))
            answer = self.answers[min(len(self.calls), len(self.answers)) - 1]
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer)
                await writer.drain()


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiving(*answers: "bytes | Answer") -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(list(answers) or [OK])
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()


def answer(status: int, **headers: str) -> bytes:
    """An answer of a status; underscores in headers' names stand for hyphens."""
    lines = [f"HTTP/1.1 {status} X", "content-length: 0"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()

"""The REST door while it drains: clients that keep their connections are sent away without a lost request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.gateway.admission import Admission, Limits
from services.gateway.http_server import HttpServer
from services.gateway.keys import KeyRing
from tests.support.eventually import eventually

REQUEST = b"GET / HTTP/1.1\r\nhost: door\r\n\r\n"


@asynccontextmanager
async def served(drain_timeout_s: float, answer: asyncio.Event) -> AsyncIterator[HttpServer]:
    """A server whose answers come once ``answer`` is set."""

    async def serve(request: Request) -> Response:
        await answer.wait()
        return PlainTextResponse("here")

    server = HttpServer(
        Starlette(routes=[Route("/", serve)]),
        "127.0.0.1:0",
        admission=Admission(KeyRing(None), Limits(1, 1, 1, 1, 1, 1)),
        knows=lambda _: False,
        closing=asyncio.Event(),
        drain_timeout_s=drain_timeout_s,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
def answer() -> asyncio.Event:
    """Answers come at once, unless a test clears it."""
    event = asyncio.Event()
    event.set()
    return event


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One request on a connection that is kept; returns the answer's head."""
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(4) == b"here"
    return head.lower()


async def test_a_kept_connection_is_answered_once_more_and_told_to_close(answer: asyncio.Event) -> None:
    # An hour: nothing here ends by the time.
    async with served(36_000, answer) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert b"connection: close" not in await ask(reader, writer)
        draining = asyncio.create_task(server.drain())
        await asyncio.sleep(0)
        head = await ask(reader, writer)
        assert head.startswith(b"http/1.1 200")
        assert b"connection: close" in head
        assert await reader.read() == b""
        await draining
        writer.close()


async def test_an_answer_under_way_is_the_last_on_its_connection(answer: asyncio.Event) -> None:
    answer.clear()
    async with served(36_000, answer) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        asking = asyncio.create_task(ask(reader, writer))
        await eventually(lambda: server._server.server_state.tasks)
        draining = asyncio.create_task(server.drain())
        await asyncio.sleep(0)
        answer.set()
        assert b"connection: close" in await asking
        assert await reader.read() == b""
        await draining
        writer.close()


async def test_a_connection_without_a_request_is_kept_for_a_while_only(answer: asyncio.Event) -> None:
    async with served(1, answer) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await ask(reader, writer)
        await server.drain()
        assert await reader.read() == b""
        writer.close()

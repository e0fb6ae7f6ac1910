"""Bounds on what strangers may send before any key is looked at."""

import asyncio

import pytest

from services.gateway import http_protocol
from services.gateway.http_protocol import MAX_HEAD_BYTES
from tests.support.gateway import RunningGateway


async def connect(running: RunningGateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", running.gateway.http.port)


@pytest.mark.parametrize(
    "start", [b"GET /livez HTTP/1.1\r\nx: ", b"GET /", b"GET /livez HTTP/1.1\r\n" + b"a: b\r\n" * 10]
)
async def test_a_head_without_end_is_cut_off(running: RunningGateway, start: bytes) -> None:
    reader, writer = await connect(running)
    writer.write(start)
    sent = 0
    try:
        while sent <= 4 * MAX_HEAD_BYTES:
            writer.write(b"y" * 8192)
            await asyncio.wait_for(writer.drain(), 120)
            sent += 8192
        answer = await asyncio.wait_for(reader.read(), 120)
    except ConnectionError:
        answer = b""
    writer.close()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


async def test_a_head_that_is_long_in_coming_is_not_waited_for(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.05)
    reader, writer = await connect(running)
    writer.write(b"GET /livez HT")
    assert await asyncio.wait_for(reader.read(), 120) == b""
    writer.close()


async def test_a_large_body_behind_a_short_head_is_no_long_head(running: RunningGateway) -> None:
    head = b"POST /api/v1/train HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    reader, writer = await connect(running)
    writer.write(head + b"content-length: 300000\r\n\r\n" + b"x" * 300_000)
    assert (await asyncio.wait_for(reader.read(), 120)).startswith(b"HTTP/1.1 401")
    writer.close()


async def test_a_connection_is_kept_for_the_next_call(running: RunningGateway) -> None:
    reader, writer = await connect(running)
    for _ in range(2):
        writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
    writer.close()

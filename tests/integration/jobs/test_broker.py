"""The connection to NATS: services start in any order, and end at any time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats.errors
import pytest

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker, Outgoing
from services.launcher.embedded import NatsServer
from services.launcher.free_ports import find_free_ports
from tests.support.eventually import eventually
from tests.support.servers import run_nats_server


async def test_broker_that_never_connected_stops_at_once() -> None:
    (port,) = find_free_ports(1)
    broker = Broker(f"nats://127.0.0.1:{port}", name="test")
    await broker.start()
    with pytest.raises(Unavailable):
        broker.jetstream()
    await broker.stop()
    assert not broker.is_connected


async def test_broker_connects_when_the_server_comes_and_again_when_it_comes_back(tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as server:
        server.kill()
        broker = Broker(server.url, name="test")
        await broker.start()
        try:
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await broker.check()
                server.start()
                await eventually(lambda: broker.is_connected, within_s=300)
                server.wait_until_serving()
                await broker.check()
                server.kill()
                await eventually(lambda: not broker.is_connected)
        finally:
            await broker.stop()


@asynccontextmanager
async def connected(server: NatsServer) -> AsyncIterator[Broker]:
    broker = Broker(server.url, name="test")
    await broker.start()
    try:
        await eventually(lambda: broker.is_connected, within_s=300)
        yield broker
    finally:
        await broker.stop()


def numbered(count: int, subject: str = "test.{}") -> list[Outgoing]:
    return [Outgoing(subject.format(number), b"%d" % number, {"number": str(number)}) for number in range(count)]


async def test_messages_that_are_published_together_stand_in_their_order_once_that_returns(tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as server:
        async with connected(server) as broker:
            await broker.jetstream().add_stream(name="TEST", subjects=["test.>"])
            await broker.publish_all(numbered(50), timeout_s=30)
            stored = [await broker.jetstream().get_msg("TEST", seq=number + 1) for number in range(50)]
            assert [message.data for message in stored] == [b"%d" % number for number in range(50)]
            assert [(message.headers or {}).get("number") for message in stored] == [str(item) for item in range(50)]

            server.kill()
            await eventually(lambda: not broker.is_connected)
            with pytest.raises(Unavailable):
                await broker.publish_all(numbered(1), timeout_s=30)
            server.start()
            await eventually(lambda: broker.is_connected, within_s=300)
            server.wait_until_serving()
            await broker.publish_all(numbered(2), timeout_s=30)
            assert (await broker.jetstream().stream_info("TEST")).state.messages == 52


async def test_a_message_that_no_stream_takes_fails_all_and_nothing_is_waited_for_after(tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as server:
        async with connected(server) as broker:
            await broker.jetstream().add_stream(name="TEST", subjects=["test.0"])
            with pytest.raises(nats.errors.Error):
                await broker.publish_all(numbered(3), timeout_s=30)
            await eventually(lambda: broker._publishing().publish_async_pending() == 0)

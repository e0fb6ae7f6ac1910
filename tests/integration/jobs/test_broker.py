"""The connection to NATS: services start in any order, and end at any time."""

from pathlib import Path

import pytest

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker
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
                await eventually(lambda: broker.is_connected, within_s=20)
                server.wait_until_serving()
                await broker.check()
                server.kill()
                await eventually(lambda: not broker.is_connected)
        finally:
            await broker.stop()

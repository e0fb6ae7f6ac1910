"""The gRPC door's connections are counted by peer, and what strangers send there is bounded, whatever the method."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

from services.gateway import grpc_front
from services.gateway.domain.strangers import Allowance
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(running: RunningGateway, peer: str = "127.0.0.9") -> Streams:
    """A connection of some peer's that says it speaks HTTP/2, and no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.gateway.grpc.port, local_addr=(peer, 0))
    writer.write(PREFACE)
    return reader, writer


@asynccontextmanager
async def own_channel(running: RunningGateway) -> AsyncIterator[grpc.aio.Channel]:
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{running.gateway.grpc.port}", options=options) as channel:
        yield channel


async def call_with_key(running: RunningGateway, channel: grpc.aio.Channel) -> portfolio_pb2.Task:
    running.suite.portfolio.answers["GetTask"] = lambda request: portfolio_pb2.Task(task_id=request.task_id)
    stub = portfolio_pb2_grpc.PortfolioServiceStub(channel)
    answer: portfolio_pb2.Task = await stub.GetTask(
        portfolio_pb2.GetTaskRequest(task_id="t"), metadata=[("x-api-key", running.key)], timeout=20
    )
    return answer


def let_time_pass(running: RunningGateway, seconds: float) -> None:
    running.gateway.door.admission._monotonic_s = lambda: time.monotonic() + seconds


async def test_connections_of_one_peer_leave_room_for_others(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_max_strangers_per_peer=8, gateway_max_grpc_connections=100) as running:
        held = [await connect(running) for _ in range(32)]  # as many as may come at once
        let_time_pass(running, 60)
        held += [await connect(running) for _ in range(200)]
        let_time_pass(running, 120)
        held.append(await connect(running))  # the burst's time is over
        front = running.gateway.grpc
        await eventually(lambda: front.connections <= 8)
        async with own_channel(running) as channel:
            assert (await call_with_key(running, channel)).task_id == "t"
        for _, writer in held:
            writer.close()


async def test_connection_of_a_key_is_not_counted_among_strangers(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_max_strangers_per_peer=4) as running, own_channel(running) as channel:
        await call_with_key(running, channel)
        let_time_pass(running, 60)
        held = [await connect(running, "127.0.0.1") for _ in range(50)]
        let_time_pass(running, 120)
        held.append(await connect(running, "127.0.0.1"))  # the burst's time is over
        await eventually(lambda: running.gateway.grpc.connections <= 5)
        assert (await call_with_key(running, channel)).task_id == "t"
        assert channel.get_state() is grpc.ChannelConnectivity.READY
        for _, writer in held:
            writer.close()


async def test_connections_of_the_door_are_bounded(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_max_grpc_connections=5) as running:
        held = [await connect(running, f"127.0.0.{10 + n}") for n in range(20)]
        ended = [asyncio.create_task(wait_for_end(reader)) for reader, _ in held]
        await eventually(lambda: sum(task.done() for task in ended) == 15)
        assert running.gateway.grpc.connections == 5
        for _, writer in held:
            writer.close()
        await asyncio.gather(*ended)
        await eventually(lambda: running.gateway.grpc.connections == 0)
        async with own_channel(running) as channel:
            assert (await call_with_key(running, channel)).task_id == "t"


async def wait_for_end(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        return


@pytest.mark.parametrize(
    "path",
    ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
     "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
     "/wealth.storage.v1.StorageService/UploadFile", "/wealth.portfolio.v1.PortfolioService/CreateTask"],
)  # fmt: skip
async def test_large_message_without_a_key_is_not_taken(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(grpc_front, "PATIENCE_S", 0.2)
    taken = 0
    take = Allowance.take

    def measured(allowance: Allowance, count: int, now_s: float) -> float:
        nonlocal taken
        taken += count
        return take(allowance, count, now_s)

    monkeypatch.setattr(Allowance, "take", measured)
    async with own_channel(running) as channel:
        method: Any = channel.unary_unary(path)
        call = method(b"\x0a\x80\x80\x80\x08" + b"x" * (16 * 1024 * 1024), timeout=30)
        assert await call.code() in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE}
    assert taken <= 256 * 1024


async def test_large_message_with_a_key_is_taken(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: portfolio_pb2.Task(task_id="t")
    async with own_channel(running) as channel:
        stub = portfolio_pb2_grpc.PortfolioServiceStub(channel)
        payload = '{"Note": "' + "x" * 3_000_000 + '"}'
        request = portfolio_pb2.CreateTaskRequest(username="a", payloads_json=[payload])
        assert (await stub.CreateTask(request, metadata=[("x-api-key", running.key)], timeout=60)).task_id == "t"
    assert list(running.suite.portfolio.last("CreateTask").request.payloads_json) == [payload]


async def test_health_is_told_for_as_long_as_somebody_asks(running: RunningGateway) -> None:
    async with own_channel(running) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for _ in range(300):
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=20)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_rest_and_grpc_share_a_peers_bound(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_max_strangers_per_peer=8) as running:
        let_time_pass(running, 60)
        held = [await connect(running) for _ in range(8)]
        strangers = running.gateway.door.admission.strangers
        await eventually(lambda: strangers.connections == 8)
        let_time_pass(running, 120)
        port = running.gateway.http.port
        held += [await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.9", 0)) for _ in range(8)]
        await eventually(lambda: running.gateway.grpc.connections == 0)
        for _, writer in held:
            writer.close()


async def test_behind_a_trusted_proxy_connections_are_the_proxys(tmp_path: Path) -> None:
    async with run_gateway(
        tmp_path, gateway_max_strangers_per_peer=2, gateway_trusted_proxies=["127.0.0.9/32"]
    ) as running:
        let_time_pass(running, 60)
        held = [await connect(running) for _ in range(20)]
        await eventually(lambda: running.gateway.grpc.connections == 20)
        for _, writer in held:
            writer.close()

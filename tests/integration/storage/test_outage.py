"""S3 goes away and comes back: calls end soon with Unavailable, health says so, the process stays."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.context import acting_as
from services.common.errors import Unavailable
from services.common.identity import service_principal
from services.common.storage import StorageClient
from services.launcher.embedded import S3Server
from services.storage.adapters.s3_bucket import connect_bucket, ensure_bucket
from services.storage.adapters.s3_options import Breaker
from tests.support.servers import run_s3_server
from tests.support.storage import RunningStorage, run_storage, s3_options

BOUND_S = 6
ME = service_principal("default", "portfolio")


@pytest.fixture(scope="module")
async def own_s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        async with connect_bucket(s3_options(server, "outage"), Breaker()) as connection:
            await ensure_bucket(connection)
        yield server


@pytest.fixture
async def running(own_s3: S3Server) -> AsyncIterator[RunningStorage]:
    async with run_storage(
        own_s3, "outage", storage_s3_request_timeout_s=1, storage_s3_operation_timeout_s=2,
        storage_s3_transfer_timeout_s=2,
    ) as storage:  # fmt: skip
        yield storage


async def health_of(storage: RunningStorage, service: str, wanted: int) -> None:
    """Returns once the service's health is what is wanted; the test's own time-out bounds the wait."""
    async with grpc.aio.insecure_channel(storage.target) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        async for reply in stub.Watch(health_pb2.HealthCheckRequest(service=service)):
            if reply.status == wanted:
                return


async def calls_of(client: StorageClient) -> dict[str, float]:
    """Makes each kind of call, which must end Unavailable; returns how long each took in seconds."""
    calls = {
        "get": lambda: client.get_record("tasks/a.json"),
        "create": lambda: client.create_record("tasks/b.json", {}, kind="portfolio.task", state="open"),
        "list": lambda: client.list_records("portfolio.task", ["open", "completed"]),
        "put": lambda: client.put_object("tasks/c", b"x" * 9_000_000),
        "get object": lambda: client.get_object_bytes("tasks/c", max_size=10),
        "delete": lambda: client.delete_prefix("tasks/d/"),
        "presign": lambda: client.presign_object("tasks/c", timedelta(minutes=1)),
    }
    took = {}
    for name, call in calls.items():
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await call()
        took[name] = time.monotonic() - started
    return took


@pytest.mark.slow
@pytest.mark.timing("every call ends within seconds")
@pytest.mark.parametrize("how", ["killed", "hanging"])
async def test_15_while_s3_is_away_every_call_ends_soon_and_health_says_so(
    own_s3: S3Server, running: RunningStorage, how: str
) -> None:
    client = running.client("portfolio")
    with acting_as(ME):
        await health_of(running, "s3", health_pb2.HealthCheckResponse.SERVING)
        if how == "killed":
            own_s3.kill()
        else:
            own_s3.send_signal(signal.SIGSTOP)
        try:
            took = await calls_of(client)
            await health_of(running, "s3", health_pb2.HealthCheckResponse.NOT_SERVING)
            await health_of(running, "", health_pb2.HealthCheckResponse.SERVING)
        finally:
            if how == "killed":
                own_s3.start()
                await asyncio.to_thread(own_s3.wait_until_serving)
            else:
                own_s3.send_signal(signal.SIGCONT)
        await health_of(running, "s3", health_pb2.HealthCheckResponse.SERVING)
        await client.put_object("tasks/after", b"x")
    assert {name: seconds for name, seconds in took.items() if seconds > BOUND_S} == {}


async def test_the_service_starts_before_s3_does(tmp_path: Path, own_s3: S3Server) -> None:
    async with run_storage(own_s3, "outage", s3_endpoint_url="http://127.0.0.1:1") as storage:
        await health_of(storage, "", health_pb2.HealthCheckResponse.SERVING)
        with acting_as(ME), pytest.raises(Unavailable):
            await storage.client("portfolio").get_record("tasks/a.json")

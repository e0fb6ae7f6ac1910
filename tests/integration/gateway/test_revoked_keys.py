"""What is open when its key is revoked does not stay open."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio
import pytest
from wealth.portfolio.v1 import portfolio_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2_grpc

from tests.integration.gateway.dashboard_data import signed_in
from tests.support.gateway import RunningGateway, run_gateway

TASK_ID = "task_20260102030405_0a1b2c3d"


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """A gateway that looks at its keys often, before a task that says one thing and then nothing."""

    async def endless() -> AsyncIterator[pb.TaskEvent]:
        yield pb.TaskEvent(event_id="1", revision=1, resumable=True)
        await asyncio.Event().wait()

    async with run_gateway(tmp_path, gateway_heartbeat_s=0.05) as gateway:
        gateway.suite.portfolio.answers["GetTask"] = lambda _: pb.Task(task_id=TASK_ID)
        gateway.suite.portfolio.answers["WatchTask"] = lambda _: endless()
        yield gateway


async def read_to_end(lines: AsyncIterator[str]) -> None:
    async for _ in lines:
        pass


async def test_an_event_stream_ends_once_its_key_is_revoked(watched: RunningGateway) -> None:
    key = watched.make_key()
    async with watched.rest.stream("GET", f"/task/{TASK_ID}/events", headers={"X-API-KEY": key}) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        watched.revoke_key(key)
        await asyncio.wait_for(read_to_end(lines), 120)


async def test_a_watch_over_grpc_is_unauthenticated_once_its_key_is_revoked(watched: RunningGateway) -> None:
    key = watched.make_key()
    stub = portfolio_pb2_grpc.PortfolioServiceStub(watched.channel)
    call = stub.WatchTask(pb.WatchTaskRequest(task_id=TASK_ID), metadata=(("x-api-key", key),))
    await call.read()
    watched.revoke_key(key)
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await asyncio.wait_for(call.read(), 120)
    assert failure.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_stream_goes_on_when_another_key_is_revoked(watched: RunningGateway) -> None:
    key, other = watched.make_key(), watched.make_key()
    stub = portfolio_pb2_grpc.PortfolioServiceStub(watched.channel)
    call = stub.WatchTask(pb.WatchTaskRequest(task_id=TASK_ID), metadata=(("x-api-key", key),))
    await call.read()
    watched.revoke_key(other)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call.read(), 0.3)


async def test_an_event_stream_of_a_page_ends_once_its_visitor_signed_out(watched: RunningGateway) -> None:
    async with (
        signed_in(watched) as browser,
        browser.stream("GET", f"/dashboard/tasks/{TASK_ID}/events") as answer,
    ):
        lines = answer.aiter_lines()
        await anext(lines)
        sessions = watched.gateway.http._server.config.app.state.sessions  # type: ignore[union-attr]
        session = sessions.read(browser.cookies["wealth_session"])
        await browser.post("/dashboard/logout", data={"csrf_token": session.csrf_token})
        await asyncio.wait_for(read_to_end(lines), 120)

"""Over real sockets, at both doors: what a tenant sends above its share waits, and nobody else's calls do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import Exhausted
from services.common.status import from_rpc_error
from services.gateway.domain.shares import ANSWER_BYTES, CALL_BYTES, Kind
from tests.integration.gateway.test_grpc_door import failure_of, get_task
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway

LARGE = 3 * CALL_BYTES


@dataclass
class Turns:
    """Time stands still: whoever has to wait waits until ``come`` is set. A call costs half a second of a share."""

    running: RunningGateway
    greedy: str
    other: str
    come: asyncio.Event = field(default_factory=asyncio.Event)
    waits_s: list[float] = field(default_factory=list)

    async def sleep(self, delay_s: float) -> None:
        self.waits_s.append(delay_s)
        await self.come.wait()

    async def call_rest(self, key: str) -> int:
        return (await self.running.rest.get("/task/t/status", headers={"X-API-KEY": key})).status_code

    async def call_grpc(self, key: str) -> str:
        await get_task(self.running, ("x-api-key", key))
        return "OK"

    @property
    def served(self) -> int:
        """Calls that came through to the service."""
        return self.running.suite.portfolio.count("GetTask")


@pytest.fixture
async def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Turns]:
    """Two tenants that call, of which one has used its share up for two seconds."""
    async with run_gateway(tmp_path, gateway_shared_rate_per_s=2) as running:
        running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(task_id="t")
        started = Turns(running, running.make_key(tenant="greedy"), running.make_key(tenant="other"))
        admission = running.gateway.door.admission
        now_s = admission._monotonic_s()
        monkeypatch.setattr(admission, "_monotonic_s", lambda: now_s)
        monkeypatch.setattr(admission, "_sleep", started.sleep)
        admission._shares.reserve("other", now_s, calls=0)  # it is there, and has had nothing of its share yet
        admission._shares.reserve("greedy", now_s, calls=4)
        yield started


async def test_both_doors_have_one_share_and_others_do_not_wait_for_it(turns: Turns) -> None:
    asking = [
        asyncio.create_task(turns.call_rest(turns.greedy)),
        asyncio.create_task(turns.call_grpc(turns.greedy)),
    ]
    await eventually(lambda: len(turns.waits_s) == 2)
    assert await turns.call_grpc(turns.other) == "OK"
    assert (turns.served, [task.done() for task in asking]) == (1, [False, False])
    assert sorted(turns.waits_s) == [pytest.approx(2), pytest.approx(2.5)]
    turns.come.set()
    assert set(await asyncio.gather(*asking)) == {200, "OK"}


async def test_a_call_whose_turn_is_too_far_off_is_told_so_at_both_doors(turns: Turns) -> None:
    admission = turns.running.gateway.door.admission
    admission._shares.reserve("greedy", admission._monotonic_s(), calls=17)
    answer = await turns.running.rest.get("/task/t/status", headers={"X-API-KEY": turns.greedy})
    failure = from_rpc_error(await failure_of(get_task(turns.running, ("x-api-key", turns.greedy))))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "RATE_LIMITED", "10")
    assert isinstance(failure, Exhausted)
    assert (failure.reason, failure.retry_after_s, turns.served) == ("RATE_LIMITED", 10, 0)


@pytest.mark.parametrize("door", ["rest", "grpc"])
async def test_a_call_that_nobody_waits_for_any_more_is_not_served(turns: Turns, door: str) -> None:
    served = turns.served
    if door == "rest":
        _, writer = await asyncio.open_connection("127.0.0.1", turns.running.gateway.http.port)
        writer.write(f"GET /task/t/status HTTP/1.1\r\nhost: x\r\nx-api-key: {turns.greedy}\r\n\r\n".encode())
        await eventually(lambda: len(turns.waits_s) == 1)
        protocols = turns.running.gateway.http._server.server_state.connections
        before = len(protocols)
        writer.close()
        await eventually(lambda: len(protocols) < before)
    else:
        call: Any = get_task(turns.running, ("x-api-key", turns.greedy))
        await eventually(lambda: len(turns.waits_s) == 1)
        call.cancel()
        usage = turns.running.gateway.door.admission._usage
        key_id = turns.greedy.partition(".")[0]
        await eventually(lambda: usage[key_id].calls.used == 0)
    turns.come.set()
    assert await turns.call_rest(turns.other) == 200
    assert turns.served == served + 1


async def test_a_large_body_over_rest_is_paid_for_before_it_is_parsed(turns: Turns) -> None:
    body = b'{"username": "u", "data": [' + b" " * LARGE + b"]}"
    headers = {"X-API-KEY": turns.other, "content-type": "application/json"}
    asking = asyncio.create_task(turns.running.rest.post("/task/submit", content=body, headers=headers))
    await eventually(lambda: len(turns.waits_s) >= 1)
    assert not asking.done()
    turns.come.set()
    assert (await asking).status_code == 422


async def test_a_large_message_over_grpc_is_paid_for_before_it_is_handed_on(turns: Turns) -> None:
    turns.running.suite.portfolio.answers["CheckClaims"] = lambda _: portfolio_pb2.CheckClaimsResponse()
    method: Any = turns.running.channel.unary_unary("/wealth.portfolio.v1.PortfolioService/CheckClaims")
    message = portfolio_pb2.CheckClaimsRequest(payloads_json=['"' + "x" * LARGE + '"']).SerializeToString()
    call = method(message, metadata=[("x-api-key", turns.other)])
    await eventually(lambda: len(turns.waits_s) >= 1)
    assert turns.running.suite.portfolio.count("CheckClaims") == 0
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_tenant_alone_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_gateway(tmp_path, gateway_shared_rate_per_s=0.001) as running:
        running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(task_id="t")
        waits_s: list[float] = []

        async def sleep(delay_s: float) -> None:
            waits_s.append(delay_s)

        monkeypatch.setattr(running.gateway.door.admission, "_sleep", sleep)
        for _ in range(20):
            assert (await running.rest.get("/task/t/status")).status_code == 200
        assert waits_s == []


@pytest.mark.parametrize("door", ["rest", "grpc"])
async def test_what_a_service_answered_counts_however_little_of_it_is_sent_on(turns: Turns, door: str) -> None:
    turns.running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(task_id="t" * 20 * ANSWER_BYTES)
    shares = turns.running.gateway.door.admission._shares
    if door == "rest":
        await turns.running.rest.head("/task/t/status", headers={"X-API-KEY": turns.other})
    else:
        await turns.call_grpc(turns.other)
    kind = Kind("GET /task/{task_id}/status" if door == "rest" else "/wealth.portfolio.v1.PortfolioService/GetTask")
    assert shares.estimate("other", kind) > 5

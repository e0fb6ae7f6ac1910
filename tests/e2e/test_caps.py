"""One unfinished job too many is refused, over REST and over gRPC, and no other user notices."""

import json
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import httpx
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

from tests.e2e.test_conversions import make_user
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, restored

# Two processes are started twice, which takes a busy machine a while.
pytestmark = pytest.mark.timeout(300)
PAYLOAD = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}


@pytest.fixture(scope="module")
async def capped(suite: LaunchedSuite) -> AsyncIterator[str]:
    """A user who has one unfinished task and may have no other: nobody works."""
    settings = suite.document["env"]["portfolio"]
    async with restored(suite, "portfolio", "portfolio-worker"):
        suite.kill("portfolio")
        suite.document["env"]["portfolio"] = {**settings, "JOBS_MAX_UNFINISHED_OF_USER": "1"}
        suite.start("portfolio")
        try:
            await suite.wait_healthy()
            suite.kill("portfolio-worker")
            user = make_user()
            async with suite.client() as client:

                async def is_taken() -> bool:
                    return (await submit(client, user)).status_code in {200, 202}

                await eventually(is_taken, within_s=120)  # the gateway may still hold what it knew of the killed one
            yield user
        finally:
            suite.kill("portfolio")
            suite.document["env"]["portfolio"] = settings


async def submit(client: httpx.AsyncClient, user: str) -> httpx.Response:
    """Submits a task of one section."""
    return await client.post("/task/submit", json={"username": user, "data": [PAYLOAD]})


async def test_rest_answers_429_with_the_time_to_come_back(client: httpx.AsyncClient, capped: str) -> None:
    refused = await submit(client, capped)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json()["code"] == "TOO_MANY_UNFINISHED_JOBS"
    assert (await submit(client, make_user())).status_code in {200, 202}


async def test_grpc_answers_resource_exhausted_with_reason_and_time(suite: LaunchedSuite, capped: str) -> None:
    request = portfolio_pb2.CreateTaskRequest(username=capped, payloads_json=[json.dumps(PAYLOAD)])
    async with grpc.aio.insecure_channel(suite.document["grpc"]) as channel:
        stub = portfolio_pb2_grpc.PortfolioServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await stub.CreateTask(request, metadata=(("x-api-key", suite.document["api_key"]),), timeout=30)
    assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    status = rpc_status.from_call(refusal.value)
    assert status is not None
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in status.details:
        for message in (info, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    assert (info.reason, retry.retry_delay.seconds) == ("TOO_MANY_UNFINISHED_JOBS", 30)

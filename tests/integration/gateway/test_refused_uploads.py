"""What a refused upload hears at either door: why, and not that something broke. Its client is gRPC's own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import pytest
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.common import incoming
from services.common.errors import InvalidInput
from tests.support.gateway import RunningGateway

ROUNDS = 100
MIB = 1024 * 1024


async def upload(chunks: int, user_id: str = "alice") -> AsyncIterator[storage_pb2.UploadFileRequest]:
    yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(user_id=user_id))
    for _ in range(chunks):
        await asyncio.sleep(0)
        yield storage_pb2.UploadFileRequest(chunk=b"x")


async def code_of(running: RunningGateway, key: str, messages: AsyncIterator[Any]) -> str:
    stub = storage_pb2_grpc.StorageServiceStub(running.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.UploadFile(messages, metadata=[("x-api-key", key)], timeout=60)
    return caught.value.code().name


@pytest.fixture(params=[1, 3], ids=["at the header", "in the middle"])
async def refusing(
    request: pytest.FixtureRequest, own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> RunningGateway:
    """A gateway before a storage that refuses an upload when it has read so many messages of it."""

    async def refuse(requests: Any, _: Any) -> Any:
        for _ in range(request.param):
            await anext(requests, None)
        raise InvalidInput("no such user", field="header.user_id")

    await own_gateway.suite.stop_service("storage")
    monkeypatch.setattr(own_gateway.suite.storage, "UploadFile", refuse, raising=False)
    await own_gateway.suite.start_service("storage")
    return own_gateway


async def test_a_services_refusal_reaches_an_upload_over_grpc(refusing: RunningGateway) -> None:
    key = refusing.make_key(rate_per_s=10_000)
    seen = Counter([await code_of(refusing, key, upload(3 + number % 6)) for number in range(ROUNDS)])
    assert seen == {"INVALID_ARGUMENT": ROUNDS}


async def test_the_doors_own_refusal_of_a_valid_key_reaches_an_upload_over_grpc(running: RunningGateway) -> None:
    key = running.make_key(scopes=["portfolio"])
    seen = Counter([await code_of(running, key, upload(number % 6)) for number in range(ROUNDS)])
    assert seen == {"PERMISSION_DENIED": ROUNDS}


async def test_a_services_refusal_reaches_an_upload_over_rest(refusing: RunningGateway) -> None:
    headers = {"X-API-KEY": refusing.make_key(rate_per_s=10_000)}
    seen = Counter(
        [
            (await refusing.rest.post("/api/v1/files", content=b"x" * (1 + number % 4), headers=headers)).status_code
            for number in range(ROUNDS)
        ]
    )
    assert seen == {422: ROUNDS}


async def test_a_refused_upload_that_does_not_end_is_cut_off(
    refusing: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming.up_to, "__defaults__", (2 * MIB,))
    sent = 0

    async def endless() -> AsyncIterator[storage_pb2.UploadFileRequest]:
        nonlocal sent
        yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(user_id="alice"))
        while True:
            sent += 256 * 1024
            yield storage_pb2.UploadFileRequest(chunk=b"x" * 256 * 1024)

    assert await code_of(refusing, refusing.key, endless()) in {"INVALID_ARGUMENT", "INTERNAL"}
    assert sent < 32 * MIB  # what is on its way at both hops included


async def test_a_refused_upload_that_waits_is_answered(
    refusing: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "READ_ON_IDLE_S", 0.05)
    over = asyncio.Event()

    async def waiting() -> AsyncIterator[storage_pb2.UploadFileRequest]:
        for chunk in (b"", b"x", b"x"):
            yield storage_pb2.UploadFileRequest(chunk=chunk)
        await over.wait()

    assert await code_of(refusing, refusing.key, waiting()) == "INVALID_ARGUMENT"
    over.set()

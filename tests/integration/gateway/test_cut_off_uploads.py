"""An upload whose client goes away is never taken for a whole one, on any of the ways to storage."""

import asyncio
from collections.abc import AsyncIterator

import grpc.aio
import pytest
from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from tests.support.gateway import RunningGateway

ROUNDS = 150


async def test_an_upload_cancelled_over_grpc_is_not_stored(running: RunningGateway) -> None:
    running.suite.storage.answers["UploadFile"] = lambda _: pb.File()
    stub = storage_pb2_grpc.StorageServiceStub(running.channel)

    async def upload(chunks: int) -> AsyncIterator[pb.UploadFileRequest]:
        yield pb.UploadFileRequest(header=pb.UploadFileHeader(user_id="alice"))
        for _ in range(chunks):
            yield pb.UploadFileRequest(chunk=b"x" * 1000)
        raise ConnectionResetError("the client dies here")

    for number in range(ROUNDS):
        with pytest.raises((asyncio.CancelledError, grpc.aio.AioRpcError)):
            await stub.UploadFile(upload(number % 5), metadata=[("x-api-key", running.key)])
    assert running.suite.storage.count("UploadFile") == 0


async def test_an_upload_cut_off_over_http_is_not_stored(running: RunningGateway) -> None:
    running.suite.storage.answers["UploadFile"] = lambda _: pb.File()
    key = running.make_key(concurrency=2 * ROUNDS)
    lines = ("POST /api/v1/files HTTP/1.1", "host: x", f"x-api-key: {key}", "content-length: 9999", "", "")
    head = "\r\n".join(lines).encode()
    for _ in range(ROUNDS):
        _, writer = await asyncio.open_connection("127.0.0.1", running.gateway.http.port)
        writer.write(head + b"x" * 2000)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    # A call that comes after all of them has been served by the same storage.
    answer = await running.rest.post("/api/v1/files", content=b"whole", headers={"X-API-KEY": key})
    assert (answer.status_code, running.suite.storage.count("UploadFile")) == (201, 1)

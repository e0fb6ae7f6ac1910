"""An upload that its server refuses hears why, wherever in the upload that is and whoever of the two is ours.

On real servers, beside a loop that is busy: gRPC's own client loses what gRPC's own server said in one of thirty.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from services.common import incoming
from services.common.channels import open_channel
from services.common.context import acting_as
from services.common.errors import Exhausted, InvalidInput
from services.common.identity import Principal, TokenSigner, TokenVerifier
from services.common.incoming import Incoming, up_to
from services.common.interceptors import ServerInterceptor
from services.common.server import GrpcServer
from services.common.settings import ServiceSettings
from services.common.tasks import stop_task
from tests.support.eventually import eventually

KEY = Ed25519PrivateKey.generate()
SIGNER = TokenSigner("gateway", KEY)
ALICE = Principal("acme", "key:1", frozenset({"alice"}), frozenset({"files"}))
SERVICE = "wealth.storage.v1.StorageService"
METHOD = f"/{SERVICE}/UploadFile"
ROUNDS = 400
# How many messages are read before the refusal; None: all of them.
PLACES = {"at the header": 1, "in the middle": 3, "at the end": None}


class Refusing(storage_pb2_grpc.StorageServiceServicer):
    """Reads as many messages as it is told, then refuses."""

    def __init__(self, messages: int | None, end: Callable[[Any], Any]) -> None:
        self._messages = messages
        self._end = end

    async def UploadFile(self, requests: Any, context: Any) -> Any:  # noqa: N802
        read = 0
        async for _ in requests:
            read += 1
            if read == self._messages:
                break
        return await self._end(context)


async def raise_refusal(_: Any) -> Any:
    raise InvalidInput("no such user", field="header.user_id")


async def abort(context: Any) -> Any:
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such user")


@asynccontextmanager
async def our_server(messages: int | None, end: Callable[[Any], Any] = raise_refusal) -> AsyncIterator[str]:
    verifier = TokenVerifier("storage", {"gateway": [KEY.public_key()]})
    server = GrpcServer(
        "127.0.0.1:0", ServiceSettings(), interceptors=[ServerInterceptor(verifier, default_timeout_s=30)]
    )
    server.add(storage_pb2_grpc.add_StorageServiceServicer_to_server, Refusing(messages, end), SERVICE)
    await server.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        await server.stop()


@asynccontextmanager
async def grpcs_server(messages: int | None, end: Callable[[Any], Any] = abort) -> AsyncIterator[str]:
    server = grpc.aio.server()
    storage_pb2_grpc.add_StorageServiceServicer_to_server(Refusing(messages, end), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@contextmanager
def our_channel(target: str) -> Any:
    with acting_as(ALICE):
        yield open_channel(target, audience="storage", signer=SIGNER, service=SERVICE), ()


@contextmanager
def grpcs_channel(target: str) -> Any:
    token = SIGNER.sign("storage", METHOD, ALICE)
    yield grpc.aio.insecure_channel(target), (("authorization", f"Bearer {token}"),)


async def be_busy() -> None:
    """Gives the loop something to do at all times."""
    while True:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def upload(chunks: int) -> AsyncIterator[pb.UploadFileRequest]:
    yield pb.UploadFileRequest(header=pb.UploadFileHeader(user_id="alice"))
    for _ in range(chunks):
        await asyncio.sleep(0)
        yield pb.UploadFileRequest(chunk=b"x")


async def count_answers(channel: Any, metadata: Any) -> Counter[tuple[str, str | None]]:
    stub = storage_pb2_grpc.StorageServiceStub(channel)
    seen: Counter[tuple[str, str | None]] = Counter()
    busy = asyncio.create_task(be_busy())
    try:
        for number in range(ROUNDS):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.UploadFile(upload(3 + number % 6), metadata=metadata, timeout=60)
            seen[caught.value.code().name, caught.value.details()] += 1
    finally:
        await stop_task(busy)
        await channel.close()
    return seen


SIDES: dict[str, Any] = {
    "our server, a client of another team": (our_server, grpcs_channel),
    "a server of another team, our client": (grpcs_server, our_channel),
    "our server, our client": (our_server, our_channel),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sides", SIDES)
async def test_a_refused_upload_hears_why(sides: str, place: str) -> None:
    serve, connect = SIDES[sides]
    async with serve(PLACES[place]) as target:
        with connect(target) as (channel, metadata):
            assert await count_answers(channel, metadata) == {("INVALID_ARGUMENT", "no such user"): ROUNDS}


async def test_a_refusal_carries_its_details_to_our_client() -> None:
    async def refuse(_: Any) -> Any:
        raise Exhausted("too much at once", reason="TOO_MANY_TRANSFERS", retry_after_s=3)

    async with our_server(1, refuse) as target:
        with our_channel(target) as (channel, _), pytest.raises(grpc.aio.AioRpcError) as caught:
            await storage_pb2_grpc.StorageServiceStub(channel).UploadFile(upload(5))
    await channel.close()
    assert "grpc-status-details-bin" in dict(caught.value.trailing_metadata())


async def test_an_upload_that_is_served_early_is_read_to_its_end() -> None:
    async def accept(_: Any) -> Any:
        return pb.File(uri="file_id:1")

    async with our_server(1, accept) as target:
        with grpcs_channel(target) as (channel, metadata):
            stub = storage_pb2_grpc.StorageServiceStub(channel)
            for number in range(50):
                assert (await stub.UploadFile(upload(number % 6), metadata=metadata, timeout=60)).uri == "file_id:1"
            await channel.close()


async def test_what_reading_an_upload_raises_is_raised_and_ends_the_call() -> None:
    async def broken() -> AsyncIterator[pb.UploadFileRequest]:
        yield pb.UploadFileRequest(header=pb.UploadFileHeader(user_id="alice"))
        raise OSError("the disk is gone")

    ended = asyncio.Event()

    async def note_end(context: Any) -> Any:
        context.add_done_callback(lambda _: ended.set())
        await asyncio.Event().wait()

    async with grpcs_server(None, note_end) as target:
        with our_channel(target) as (channel, _), pytest.raises(OSError, match="the disk is gone"):
            await storage_pb2_grpc.StorageServiceStub(channel).UploadFile(broken())
    await channel.close()


async def test_nothing_is_asked_of_an_upload_that_is_refused() -> None:
    """What follows may be another's: the rest of a body belongs to whoever answers for it."""
    asked, more = 0, asyncio.Event()

    async def waiting() -> AsyncIterator[pb.UploadFileRequest]:
        nonlocal asked
        yield pb.UploadFileRequest(header=pb.UploadFileHeader(user_id="alice"))
        await more.wait()
        asked += 1
        yield pb.UploadFileRequest(chunk=b"x")

    async with grpcs_server(1) as target:
        with our_channel(target) as (channel, _), pytest.raises(grpc.aio.AioRpcError, match="no such user"):
            await storage_pb2_grpc.StorageServiceStub(channel).UploadFile(waiting())
        more.set()
        await channel.close()
    assert asked == 0


class Messages:
    """A call's messages, as a context hands them out."""

    def __init__(self, *messages: Any) -> None:
        self.left = list(messages)
        self.come = asyncio.Event()
        self.come.set()

    async def read(self) -> Any:
        await self.come.wait()
        return self.left.pop(0) if self.left else grpc.aio.EOF


async def test_as_many_bytes_are_read_on_as_may_be() -> None:
    context = Messages(*[b"x" * 10] * 10)
    await Incoming(context).read_on(up_to(35))
    assert len(context.left) == 6  # the fourth is above it


async def test_a_client_that_sends_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "READ_ON_IDLE_S", 0.01)
    context = Messages(b"x")
    context.come.clear()
    await Incoming(context).read_on(up_to())
    assert context.left == [b"x"]


async def test_a_message_that_nobody_waited_for_any_more_is_the_next_one() -> None:
    """gRPC reads one message of a call at a time: who gives up waiting must not begin another."""
    context = Messages(b"a", b"b")
    context.come.clear()
    reader = Incoming(context)
    given_up = asyncio.ensure_future(anext(reader.messages()))
    await eventually(lambda: reader._reading is not None)
    await stop_task(given_up)
    context.come.set()
    read: list[int] = []
    await reader.read_on(lambda count: read.append(count) is None)
    assert (read, context.left) == ([1, 1], [])


async def test_who_shows_no_token_is_not_read_on() -> None:
    """Its call ends while it is still sending: nobody waits for its bytes."""
    async with our_server(1) as target, grpc.aio.insecure_channel(target) as channel:
        call: Any = channel.stream_unary(METHOD)(timeout=60)
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED

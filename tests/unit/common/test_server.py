"""What happens around every call, on a real server: identity, errors, deadlines, validation, health, drain."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from services.common.channels import open_channel, translated_errors, translated_stream
from services.common.context import acting_as, current_call, current_principal
from services.common.errors import (
    Denied,
    Exhausted,
    FieldViolation,
    Internal,
    InvalidInput,
    Unauthenticated,
    Unavailable,
)
from services.common.identity import Caller, Principal, TokenSigner, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.server import GrpcServer, run_components
from services.common.settings import ServiceSettings
from services.common.tracing import continue_trace
from tests.support.eventually import eventually

KEY = Ed25519PrivateKey.generate()
ALICE = Principal("acme", "key:1", frozenset({"alice"}), frozenset({"portfolio"}))
SERVICE = "wealth.storage.v1.StorageService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Scripted(storage_pb2_grpc.StorageServiceServicer):
    """Answers by what the test set."""

    def __init__(self) -> None:
        self.answer: Callable[[Any], Any] = lambda request: pb.Record(key=request.key)

    async def GetRecord(self, request: Any, context: Any) -> Any:  # noqa: N802
        answer = self.answer(request)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def GetObject(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        async for message in self.answer(request):
            yield message


@dataclass
class Running:
    """A server, what it answers, and a client that acts for Alice."""

    server: GrpcServer
    scripted: Scripted
    stub: storage_pb2_grpc.StorageServiceStub
    health: health_pb2_grpc.HealthStub
    dependencies: dict[str, bool]

    async def get(self, key: str = "k", timeout: float | None = None) -> Any:  # noqa: ASYNC109 - gRPC's word
        """Calls as Alice, with errors rebuilt."""
        with acting_as(ALICE), translated_errors():
            return await self.stub.GetRecord(pb.GetRecordRequest(key=key), timeout=timeout)


@asynccontextmanager
async def run_server(*, authorize: Any = None, **settings: Any) -> AsyncIterator[Running]:
    """A server on a free port with two dependencies."""
    dependencies = {"s3": True, "nats": False}

    def check(name: str) -> Any:
        async def look() -> None:
            if not dependencies[name]:
                raise ConnectionError(f"{name} is away")

        return look

    server = GrpcServer(
        "127.0.0.1:0",
        ServiceSettings(**settings),
        interceptors=[
            ServerInterceptor(
                TokenVerifier("storage", {"gateway": [KEY.public_key()]}), default_timeout_s=0.3, authorize=authorize
            )
        ],
        dependencies={name: check(name) for name in dependencies},
        check_interval_s=0.01,
    )
    scripted = Scripted()
    server.add(storage_pb2_grpc.add_StorageServiceServicer_to_server, scripted, SERVICE)
    await server.start()
    channel = open_channel(
        f"127.0.0.1:{server.port}", audience="storage", signer=TokenSigner("gateway", KEY), service=SERVICE
    )
    try:
        yield Running(
            server,
            scripted,
            storage_pb2_grpc.StorageServiceStub(channel),
            health_pb2_grpc.HealthStub(channel),
            dependencies,
        )
    finally:
        await channel.close()
        await server.stop()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A server of the test's own."""
    async with run_server() as server:
        yield server


async def test_handler_acts_for_the_signed_principal(running: Running) -> None:
    seen: list[Any] = []

    def note(request: Any) -> Any:
        seen.append((current_principal(), current_call().caller, current_call().request_id))
        return pb.Record(key="k")

    running.scripted.answer = note
    with acting_as(ALICE):
        sent_id = current_call().request_id
        await running.stub.GetRecord(pb.GetRecordRequest(key="k"))
    assert seen == [(ALICE, Caller("gateway", ALICE), sent_id)]


async def test_rule_17_call_without_a_token_is_refused(running: Running) -> None:
    with pytest.raises(Unauthenticated), translated_errors():
        await running.stub.GetRecord(pb.GetRecordRequest(key="k"))


async def test_rule_17_method_that_is_not_granted_is_refused_before_the_handler() -> None:
    def refuse(method: str, caller: Caller) -> None:
        raise Denied(f"{caller.service} may not call {method}", reason="METHOD_NOT_ALLOWED")

    async with run_server(authorize=refuse) as running:
        running.scripted.answer = lambda request: pytest.fail("it was called")
        with pytest.raises(Denied):
            await running.get()


async def test_error_reaches_the_client_as_it_was_raised(running: Running) -> None:
    def fail(request: Any) -> Any:
        raise Exhausted("full", reason="QUEUE_FULL", retry_after_s=7)

    running.scripted.answer = fail
    with pytest.raises(Exhausted) as failure:
        await running.get()
    assert (failure.value.reason, failure.value.retry_after_s, failure.value.message) == ("QUEUE_FULL", 7, "full")


async def test_long_error_reaches_the_client_as_itself(running: Running) -> None:
    def fail(request: Any) -> Any:
        raise InvalidInput("x" * 20_000, violations=[FieldViolation("data", "wrong" * 1000)] * 1000)

    running.scripted.answer = fail
    with pytest.raises(InvalidInput) as failure:
        await running.get()
    assert failure.value.field == "data"


async def test_unknown_exception_is_internal_under_an_id_that_is_logged_once(
    running: Running,
) -> None:
    def fail(request: Any) -> Any:
        raise ZeroDivisionError("the secret inner life")

    running.scripted.answer = fail
    with structlog.testing.capture_logs() as logs, pytest.raises(Internal) as failure:
        await running.get()
    assert "secret" not in failure.value.message
    error_id = failure.value.metadata["error_id"]
    assert error_id in failure.value.message
    lines = [line for line in logs if line.get("error_id") == error_id]
    assert [line["event"] for line in lines] == ["rpc_failed"]


async def test_what_nobody_waits_for_is_a_line_of_the_usual_log_only_where_it_fails(running: Running) -> None:
    def refuse(request: Any) -> Any:
        raise Denied("no")

    with structlog.testing.capture_logs() as logs:
        await running.get()
        with continue_trace({}, "a call or a job"):
            await running.get()
        running.scripted.answer = refuse
        with pytest.raises(Denied):
            await running.get()

        def levels() -> list[str]:
            return [line["log_level"] for line in logs if line["event"] == "rpc"]

        await eventually(lambda: len(levels()) == 3)
    assert levels() == ["debug", "info", "info"]


async def test_call_without_a_deadline_gets_the_services(running: Running) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    running.scripted.answer = lambda request: never()
    token = TokenSigner("gateway", KEY).sign("storage", f"/{SERVICE}/GetRecord", ALICE)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{running.server.port}") as channel:
        stub = storage_pb2_grpc.StorageServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await stub.GetRecord(pb.GetRecordRequest(key="k"), metadata=(("authorization", f"Bearer {token}"),))
    assert failure.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_clients_deadline_ends_the_handler(running: Running) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def never() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running.scripted.answer = lambda request: never()
    # A busy machine may take longer than the deadline to come to the handler at all.
    while not began.is_set():
        with pytest.raises(Unavailable):
            await running.get(timeout=0.1)
    async with asyncio.timeout(120):
        await ended.wait()


async def test_invalid_request_names_its_fields(running: Running) -> None:
    running.scripted.answer = lambda request: pytest.fail("it was called")
    with pytest.raises(InvalidInput) as failure:
        await running.get(key="")
    assert failure.value.field == "key"


async def test_stream_fails_with_its_error_after_what_it_sent(running: Running) -> None:
    async def answer(request: Any) -> AsyncIterator[Any]:
        yield pb.GetObjectResponse(chunk=b"one")
        raise Exhausted("full", reason="STORAGE_BUSY")

    running.scripted.answer = answer
    with acting_as(ALICE):
        messages = translated_stream(running.stub.GetObject(pb.GetObjectRequest(key="k")))
        assert (await anext(messages)).chunk == b"one"
        with pytest.raises(Exhausted):
            await anext(messages)


async def test_client_that_leaves_a_stream_ends_it_in_silence(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    ended = asyncio.Event()

    async def answer(request: Any) -> AsyncIterator[Any]:
        try:
            while True:
                yield pb.GetObjectResponse(chunk=b"x" * 65536)
        finally:
            ended.set()

    running.scripted.answer = answer
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))
    with caplog.at_level(logging.ERROR), acting_as(ALICE):
        call = running.stub.GetObject(pb.GetObjectRequest(key="k"))
        assert (await anext(aiter(call))).chunk
        call.cancel()
        async with asyncio.timeout(120):
            await ended.wait()
        await running.server.stop()
    asyncio.get_running_loop().set_exception_handler(None)
    assert problems == []
    assert caplog.records == []


async def test_health_of_dependencies_toggles_while_the_services_own_stays(running: Running) -> None:
    async def status(name: str) -> int:
        reply = await running.health.Check(health_pb2.HealthCheckRequest(service=name))
        return int(reply.status)

    async def is_up(name: str, wanted: int) -> bool:
        return await status(name) == wanted

    await eventually(lambda: is_up("s3", SERVING))
    assert [await status(name) for name in ("", SERVICE, "nats")] == [SERVING, SERVING, NOT_SERVING]
    running.dependencies.update(s3=False, nats=True)
    await eventually(lambda: is_up("s3", NOT_SERVING))
    await eventually(lambda: is_up("nats", SERVING))
    assert await status("") == SERVING


async def test_health_lists_every_name(running: Running) -> None:
    reply = await running.health.List(health_pb2.HealthListRequest())
    assert set(reply.statuses) == {"", SERVICE, "s3", "nats"}
    assert reply.statuses[""].status == SERVING


async def test_drain_finishes_running_calls_and_takes_no_new_ones(running: Running) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def answer() -> Any:
        entered.set()
        await leave.wait()
        return pb.Record(key="finished")

    running.scripted.answer = lambda request: answer()
    call = asyncio.create_task(running.get(timeout=5))
    await entered.wait()
    draining = asyncio.create_task(running.server.drain())

    async def refuses() -> bool:
        try:
            await running.get(timeout=0.2)
        except Unavailable:
            return True
        return False

    await eventually(refuses)
    leave.set()
    assert (await call).key == "finished"
    await draining


async def test_address_that_is_taken_is_an_error_of_the_start(running: Running) -> None:
    second = GrpcServer(f"127.0.0.1:{running.server.port}", ServiceSettings(), interceptors=[])
    with pytest.raises(OSError, match="cannot listen"):
        await second.start()
    await second.stop()


async def test_part_that_cannot_stop_keeps_no_other_from_stopping() -> None:
    stopped: list[str] = []

    class Part:
        def __init__(self, name: str) -> None:
            self.name = name

        async def start(self) -> None:
            if self.name == "c":
                raise OSError("taken")

        async def drain(self) -> None:
            return

        async def stop(self) -> None:
            stopped.append(self.name)
            if self.name == "b":
                raise RuntimeError("stuck")

    with pytest.raises(OSError, match="taken"):
        await run_components([Part(name) for name in "abc"], drain_timeout_s=1)
    assert stopped == ["c", "b", "a"]

"""However a gRPC call fails, its client reads the id under which the logs have it; no log has what it sent as key."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

from services.common.errors import NotFound
from services.launcher.free_ports import find_free_ports
from tests.integration.gateway.test_process import run_process
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway

REQUEST_ID = "request-0123456789"


def id_in(failure: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(failure)  # type: ignore[arg-type]
    request = error_details_pb2.RequestInfo()
    found = [detail for detail in (status.details if status else ()) if detail.Unpack(request)]
    return request.request_id if found else ""


async def fail(call: Callable[..., Any], request: Any, key: str) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:  # with no deadline of its own, which is nobody's answer
        await call(request, metadata=[("x-api-key", key), ("x-request-id", REQUEST_ID)])
    return caught.value.code().name, id_in(caught.value)


def find_nothing(_: Any) -> None:
    raise NotFound("no such task")


def break_down(_: Any) -> None:
    raise ZeroDivisionError


async def take_for_ever(_: Any) -> None:
    await asyncio.Event().wait()


ANSWERS: dict[str, Callable[[Any], Any]] = {
    "NOT_FOUND": find_nothing,
    "INTERNAL": break_down,
    "DEADLINE_EXCEEDED": take_for_ever,
}


@pytest.fixture
async def hasty_gateway(tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """A gateway that waits for a service for half a second."""
    async with run_gateway(tmp_path, grpc_call_timeout_s=0.5) as gateway:
        yield gateway


@pytest.mark.parametrize("code", ANSWERS)
async def test_a_services_failure_names_the_call(hasty_gateway: RunningGateway, code: str) -> None:
    hasty_gateway.suite.portfolio.answers["GetTask"] = ANSWERS[code]
    stub = portfolio_pb2_grpc.PortfolioServiceStub(hasty_gateway.channel)
    request = portfolio_pb2.GetTaskRequest(task_id="t")
    assert await fail(stub.GetTask, request, hasty_gateway.key) == (code, REQUEST_ID)


async def test_the_absence_of_a_service_names_the_call(hasty_gateway: RunningGateway) -> None:
    await hasty_gateway.suite.stop_service("portfolio")
    stub = portfolio_pb2_grpc.PortfolioServiceStub(hasty_gateway.channel)
    request = portfolio_pb2.CreateTaskRequest(username="u")
    code, request_id = await fail(stub.CreateTask, request, hasty_gateway.key)
    assert (code in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}, request_id) == (True, REQUEST_ID)


@pytest.mark.parametrize(("key", "code"), [("wrong", "UNAUTHENTICATED"), (None, "PERMISSION_DENIED")])
async def test_the_doors_refusal_names_the_call(running: RunningGateway, key: str | None, code: str) -> None:
    stub = portfolio_pb2_grpc.PortfolioServiceStub(running.channel)
    request = portfolio_pb2.GetTaskRequest(task_id="t")
    assert await fail(stub.GetTask, request, key or running.make_key(scopes=["files"])) == (code, REQUEST_ID)


async def test_the_end_of_a_watch_names_the_call(own_gateway: RunningGateway) -> None:
    async def watch(_: Any) -> AsyncIterator[Any]:
        yield converter_pb2.JobEvent(event_id="1")
        await asyncio.Event().wait()

    own_gateway.suite.converter.answers["WatchJob"] = watch
    stub = converter_pb2_grpc.ConverterServiceStub(own_gateway.channel)
    call = stub.WatchJob(
        converter_pb2.WatchJobRequest(user_id="u", job_id="j"),
        metadata=[("x-api-key", own_gateway.key), ("x-request-id", REQUEST_ID)],
    )
    await call.read()
    own_gateway.gateway.http._closing.set()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert (caught.value.code().name, id_in(caught.value)) == ("UNAVAILABLE", REQUEST_ID)


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack(">I", len(content))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + content


def literal(name: bytes, value: bytes) -> bytes:
    """A header as HPACK writes it without a table."""
    return bytes((0, len(name))) + name + bytes((len(value),)) + value


SECRET = b"hunter2hunter2hunter2"
KEYS = {
    "no UTF-8 at the end": b"k_0123456789ab." + SECRET + b"\xff",
    "no UTF-8 in the middle": b"k_0123456789ab." + SECRET[:8] + b"\xc3" + SECRET[8:],
    "an escape": b"k_0123456789ab.\x1b[2J" + SECRET,
    "letters of other scripts": b"k_0123456789ab." + "ключ".encode() + SECRET,
    "a form of ours": b"k_0123456789ab." + SECRET * 2 + b"x",
}


@pytest.mark.parametrize("door", ["rest", "grpc"])
async def test_a_key_that_cannot_be_decoded_is_in_no_log(tmp_path: Path, door: str) -> None:
    grpc_port = find_free_ports(1)[0]
    settings = {"GATEWAY_GRPC_LISTEN": f"127.0.0.1:{grpc_port}", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json"}
    async with run_process(tmp_path, **settings) as (process, rest_port, _):
        logged = bytearray()

        async def read() -> None:
            while process.stderr is not None and (piece := await process.stderr.read(65_536)):
                logged.extend(piece)

        reading = asyncio.create_task(read())
        for key in KEYS.values():
            reader, writer = await asyncio.open_connection("127.0.0.1", rest_port if door == "rest" else grpc_port)
            if door == "rest":
                writer.write(b"GET /tasks HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: " + key + b"\r\n\r\n")
            else:
                head = b"".join(
                    literal(*pair)
                    for pair in (
                        (b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"x"), (b"te", b"trailers"),
                        (b":path", b"/wealth.portfolio.v1.PortfolioService/GetTask"),
                        (b"content-type", b"application/grpc"), (b"x-api-key", key),
                    )
                )  # fmt: skip
                writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, head))
            with suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(reader.read() if door == "rest" else reader.readuntil(b"grpc-status"), 5)
            writer.close()
        await eventually(lambda: logged.count(b'"audit"') >= 3)
        process.terminate()
        await reading
    assert b"hunter2" not in logged

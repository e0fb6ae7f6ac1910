"""Whoever shows no key costs no memory and holds nothing up, however much they send and however long they take."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.gateway import admission
from services.gateway.admission import Admission
from services.gateway.audit import AuditLine
from services.gateway.domain import pace, strangers
from services.gateway.http_protocol import MAX_PIPELINED, BoundedHttpProtocol, Turn
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway

MIB = 1024 * 1024


async def connect(running: RunningGateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", running.gateway.http.port)


async def send_until_cut_off(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pieces: Iterator[bytes]
) -> tuple[int, bytes]:
    """Sends while the other side takes it; returns how many bytes that were, and what it answered."""
    sent = 0
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.wait_for(writer.drain(), 120)
            sent += len(piece)
        answer = await asyncio.wait_for(reader.read(), 120)
    except ConnectionError:
        answer = reader._buffer  # type: ignore[attr-defined]  # what came before the connection was cut
    writer.close()
    return sent, bytes(answer)


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "host: x", *lines, "", "")).encode()


@pytest.fixture
def most_buffered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The largest body that any connection held in memory, in bytes."""
    most = [0]
    on_body = BoundedHttpProtocol.on_body

    def measured(protocol: BoundedHttpProtocol, body: bytes) -> None:
        on_body(protocol, body)
        most[0] = max(most[0], len(protocol.cycle.body))

    monkeypatch.setattr(BoundedHttpProtocol, "on_body", measured)
    return most


@pytest.mark.parametrize("path", ["/api/v1/train", "/api/v1/files", "/task/submit", "/dashboard/login", "/nowhere"])
async def test_a_huge_body_without_a_key_is_never_held(
    running: RunningGateway, most_buffered: list[int], path: str
) -> None:
    reader, writer = await connect(running)
    writer.write(head(path, f"content-length: {64 * MIB}", "content-type: application/json"))
    _, answer = await send_until_cut_off(reader, writer, (b"x" * 65_536 for _ in range(1024)))
    assert answer[:12] in {b"", b"HTTP/1.1 401", b"HTTP/1.1 403", b"HTTP/1.1 404", b"HTTP/1.1 413"}
    assert most_buffered[0] <= 512 * 1024


async def test_a_chunked_body_without_end_is_cut_off(running: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets = running.gateway.door.admission.strangers._budgets_of("127.0.0.1")
    monkeypatch.setattr(budgets.bytes, "_tokens", 2.0 * MIB)
    monkeypatch.setattr(budgets.bytes, "_filled_at_s", running.gateway.door.admission._monotonic_s())
    reader, writer = await connect(running)
    writer.write(head("/api/v1/train", "transfer-encoding: chunked"))
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    sent, _ = await send_until_cut_off(reader, writer, (chunk for _ in range(1000)))
    assert sent < 32 * MIB  # what was on its way included


@pytest.mark.parametrize("piece", [b"1;" + b"e" * 5000 + b"\r\nx\r\n", b"0\r\n" + b"t: " + b"v" * 5000])
async def test_the_frame_of_a_chunked_body_is_bounded_too(running: RunningGateway, piece: bytes) -> None:
    key = f"x-api-key: {running.key}"
    reader, writer = await connect(running)
    writer.write(head("/api/v1/files", "transfer-encoding: chunked", key))
    sent, _ = await send_until_cut_off(
        reader, writer, (piece if number == 0 else piece[-5000:] for number in range(8000))
    )
    assert sent < 16 * MIB


async def test_a_call_behind_a_large_body_on_its_connection_is_served(running: RunningGateway) -> None:
    key = f"x-api-key: {running.key}"
    reader, writer = await connect(running)
    writer.write(head("/api/v1/train", f"content-length: {3 * MIB}", key) + b"x" * (3 * MIB))
    for _ in range(2):
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 415")
        await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        writer.write(head("/api/v1/train", "content-length: 1", key) + b"x")
    writer.close()


async def test_a_sign_in_is_refused_before_it_is_read(own_gateway: RunningGateway, most_buffered: list[int]) -> None:
    form = b"key=" + b"x" * (2 * MIB)
    reader, writer = await connect(own_gateway)
    writer.write(head("/dashboard/login", f"content-length: {len(form)}", "connection: close"))
    _, answer = await send_until_cut_off(reader, writer, (form[i : i + 65_536] for i in range(0, len(form), 65_536)))
    assert b"FORM_TOO_LARGE" in answer or b"too large" in answer
    assert most_buffered[0] <= 512 * 1024


@pytest.mark.parametrize("path", ["/api/v1/train", "/api/v1/files", "/dashboard/login"])
async def test_a_body_that_drips_is_not_waited_for(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(pace.Pace.__init__, "__defaults__", (0.2, pace.MIN_BYTES_PER_S, 0, 0.0))
    reader, writer = await connect(running)
    key = f"x-api-key: {running.key}"
    writer.write(head(path, "content-length: 1000", "content-type: application/json", key) + b"{")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 120)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408")


async def test_an_upload_over_grpc_that_stands_still_is_not_waited_for(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace.Pace.__init__, "__defaults__", (0.2, pace.MIN_BYTES_PER_S, 0, 0.0))
    over = asyncio.Event()

    async def upload() -> AsyncIterator[storage_pb2.UploadFileRequest]:
        yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(user_id="alice"))
        await over.wait()

    stub = storage_pb2_grpc.StorageServiceStub(running.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.UploadFile(upload(), metadata=[("x-api-key", running.key)], timeout=20)
    over.set()
    assert (caught.value.code(), "too slowly" in (caught.value.details() or "")) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        True,
    )


METHODS = [
    "/wealth.portfolio.v1.PortfolioService/CreateTask",
    "/wealth.portfolio.v1.PortfolioService/WatchTask",
    "/wealth.storage.v1.StorageService/UploadFile",
    "/wealth.storage.v1.StorageService/PutObject",
]


@pytest.mark.parametrize("method", METHODS)
async def test_grpc_refuses_before_a_message_is_there(running: RunningGateway, method: str) -> None:
    """A stranger's call is over while its message is still to come: nothing of it was waited for."""
    call: Any = running.channel.stream_stream(method)(timeout=20)
    assert await call.code() in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNIMPLEMENTED}


async def test_a_service_refuses_an_unknown_caller_before_a_message_is_there(running: RunningGateway) -> None:
    async with grpc.aio.insecure_channel(running.suite.targets["portfolio"]) as channel:
        for name in ("CreateTask", "WatchTask"):
            call: Any = channel.stream_stream(f"/wealth.portfolio.v1.PortfolioService/{name}")(timeout=20)
            assert await call.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_grpc_call_without_a_message_is_told_so(running: RunningGateway) -> None:
    call: Any = running.channel.stream_unary("/wealth.portfolio.v1.PortfolioService/GetTask")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(iter(()), metadata=[("x-api-key", running.key)], timeout=20)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_thousand_idle_connections_of_one_peer_leave_room_for_others(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_max_strangers_per_peer=16) as running:
        held = [await connect(running) for _ in range(1000)]
        monotonic_s = running.gateway.door.admission._monotonic_s
        running.gateway.door.admission._monotonic_s = lambda: monotonic_s() + 60  # long after those came
        held.append(await connect(running))
        connections = running.gateway.http._server.server_state.connections
        await eventually(lambda: len(connections) <= 16)
        assert (await running.rest.get("/api/v1/queue/status")).status_code != 401
        for _, writer in held:
            writer.close()


async def test_a_connection_of_a_key_is_not_counted_among_strangers(tmp_path: Path) -> None:
    running_portfolio = portfolio_pb2.Task(task_id="t")
    async with run_gateway(tmp_path, gateway_max_strangers_per_peer=2) as running:
        running.suite.portfolio.answers["GetTask"] = lambda _: running_portfolio
        reader, writer = await connect(running)
        call = f"GET /task/t/status HTTP/1.1\r\nhost: x\r\nx-api-key: {running.key}\r\n\r\n".encode()
        for _ in range(2):
            writer.write(call)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
            await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            for _ in range(20):
                _, other = await connect(running)
                other.close()
        writer.close()


async def test_calls_sent_ahead_of_their_answers_are_bounded(running: RunningGateway) -> None:
    reader, writer = await connect(running)
    call = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
    _, answer = await send_until_cut_off(reader, writer, iter([call * 20 * MAX_PIPELINED]))
    assert answer.count(b"HTTP/1.1") < 3 * MAX_PIPELINED


async def test_a_peer_that_is_refused_too_often_hears_so_and_a_key_still_opens(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = strangers.StrangerLimits(64, 512, refusals_per_s=0.001, refusals_burst=1)
    monkeypatch.setattr(own_gateway.gateway.door.admission.strangers, "limits", limits)
    wrong = [await own_gateway.rest.get("/tasks", headers={"X-API-KEY": "wrong"}) for _ in range(2)]
    right = await own_gateway.rest.get("/tasks")
    assert [answer.status_code for answer in wrong] == [401, 429]
    assert wrong[1].json()["code"] == "TOO_MANY_REFUSALS"
    assert right.status_code not in {401, 429}


async def ask_once(running: RunningGateway, path: str, *lines: str) -> bytes:
    """The beginning of an answer; nothing where the connection was cut off."""
    reader, writer = await connect(running)
    request = "\r\n".join((f"GET {path} HTTP/1.1", "host: x", "connection: close", *lines, "", "")).encode()
    return (await send_until_cut_off(reader, writer, iter([request])))[1][:12]


async def test_calls_of_strangers_above_their_bound_are_not_answered_and_a_key_still_opens(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = strangers.StrangerLimits(64, 512, calls_per_s=0.001, calls_burst=3)
    monkeypatch.setattr(own_gateway.gateway.door.admission.strangers, "limits", limits)
    answers = [await ask_once(own_gateway, "/docs") for _ in range(5)]
    assert answers == [*[b"HTTP/1.1 200"] * 3, b"", b""]
    assert await ask_once(own_gateway, "/nowhere", f"x-api-key: {own_gateway.key}") == b"HTTP/1.1 404"


@pytest.fixture
def turns(own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Two calls of strangers are answered at once; the turn of others comes when this is set."""
    limits = strangers.StrangerLimits(64, 512, calls_per_s=10, calls_burst=2)
    monkeypatch.setattr(own_gateway.gateway.door.admission.strangers, "limits", limits)
    come = asyncio.Event()

    async def comes(turn: Turn) -> bool:
        await come.wait()
        return not turn.has_gone()

    monkeypatch.setattr(Turn, "comes", comes)
    return come


async def test_calls_of_strangers_above_the_burst_wait_for_their_turn_and_a_key_does_not(
    own_gateway: RunningGateway, turns: asyncio.Event
) -> None:
    asking = [asyncio.create_task(ask_once(own_gateway, "/docs")) for _ in range(40)]
    # Two at once, and of the others as many wait as ten a second serve in the longest wait, those of the time that
    # they took to come beside them; the connections of the rest are cut.
    await eventually(lambda: sum(task.done() for task in asking) >= 4)
    keyed = [await ask_once(own_gateway, "/nowhere", f"x-api-key: {own_gateway.key}") for _ in range(5)]
    assert keyed == [b"HTTP/1.1 404"] * 5
    waiting = sum(not task.done() for task in asking)
    assert waiting >= 25
    turns.set()
    answers = await asyncio.gather(*asking)
    assert answers.count(b"HTTP/1.1 200") >= waiting + 2


async def test_whoever_does_not_wait_for_the_turn_is_not_served(
    own_gateway: RunningGateway, turns: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    write = AuditLine.write
    monkeypatch.setattr(AuditLine, "write", lambda line, status: (served.append(status), write(line, status)))
    opened = own_gateway.gateway.http._server.server_state
    for _ in range(2):
        assert await ask_once(own_gateway, "/docs") == b"HTTP/1.1 200"
    for _ in range(5):
        _, writer = await connect(own_gateway)
        writer.write(b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n")
        await writer.drain()
        await eventually(lambda: len(opened.tasks) > 0)
        writer.close()
    await eventually(lambda: not opened.connections)
    turns.set()
    await eventually(lambda: not opened.tasks)
    assert served == ["200", "200"]


async def test_a_key_that_was_shown_once_does_not_lift_the_bound_of_calls_without_one(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = strangers.StrangerLimits(64, 512, calls_per_s=0.001, calls_burst=2)
    monkeypatch.setattr(own_gateway.gateway.door.admission.strangers, "limits", limits)
    reader, writer = await connect(own_gateway)
    answers = []
    for key in (own_gateway.key, "wrong", "wrong", "wrong"):
        writer.write(f"GET /nowhere HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n".encode())
        try:
            answer = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            break
        answers.append(answer[:12])
        await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()
    assert answers == [b"HTTP/1.1 404"] * 3


async def test_a_probe_is_answered_however_many_strangers_call_from_elsewhere(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybodys = own_gateway.gateway.door.admission.strangers
    used_up = strangers.TokenBucket(0.001, 1)
    used_up.take(own_gateway.gateway.door.admission._monotonic_s())
    monkeypatch.setattr(everybodys, "_all_calls", used_up)
    paths = ("/livez", "/readyz", "/docs")
    assert [await ask_once(own_gateway, path) != b"" for path in paths] == [True, True, False]


async def test_a_key_that_calls_too_often_waits_for_its_refusals(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten refusals at once four wait, which is as many as may here, and the connections of the others are cut."""
    own_gateway.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(task_id="t")
    over = asyncio.Event()
    monkeypatch.setattr(admission, "_MAX_SLOW", 4)
    monkeypatch.setattr(Admission, "_wait", lambda _: over.wait())
    key = f"x-api-key: {own_gateway.make_key(rate_per_s=0.01)}"
    assert await ask_once(own_gateway, "/task/t/status", key) == b"HTTP/1.1 200"
    asking = [asyncio.create_task(ask_once(own_gateway, "/task/t/status", key)) for _ in range(10)]
    await eventually(lambda: sum(task.done() for task in asking) == 6)
    other = f"x-api-key: {own_gateway.make_key()}"
    assert await ask_once(own_gateway, "/task/t/status", other) == b"HTTP/1.1 200"
    over.set()
    assert sorted(await asyncio.gather(*asking)) == [*[b""] * 6, *[b"HTTP/1.1 429"] * 4]

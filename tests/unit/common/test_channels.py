"""Channels while the pods of a service are replaced: new addresses, and calls that wait for a connection."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from services.common.channels import open_channel
from services.common.errors import Unavailable
from services.common.identity import TokenSigner
from services.common.outgoing import Outage, OutgoingChannel
from services.common.status import to_rpc_status
from services.launcher.free_ports import find_free_ports
from tests.support.cluster.dns import Names, serving_names
from tests.support.eventually import eventually

SERVICE = "wealth.storage.v1.StorageService"
SIGNER = TokenSigner("gateway", Ed25519PrivateKey.generate())
# Two addresses of the loopback interface stand for two pods with one port.
OLD, NEW = "127.0.0.1", "127.0.0.2"


class Pod(storage_pb2_grpc.StorageServiceServicer):
    """Answers a record with its own address, and counts its calls."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.calls = 0

    async def GetRecord(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A method that is declared safe to repeat."""
        return await self._answer(context)

    async def ImportObject(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A method that is not."""
        await self._answer(context)
        return pb.ObjectInfo(key=self.address)

    async def PutObject(self, requests: Any, context: Any) -> Any:  # noqa: N802
        """A method that takes a stream."""
        async for _ in requests:
            pass
        await self._answer(context)
        return pb.ObjectInfo(key=self.address)

    async def _answer(self, context: Any) -> Any:
        self.calls += 1
        return pb.Record(key=self.address)


class Hanging(Pod):
    """Takes calls and never answers."""

    async def _answer(self, context: Any) -> Any:
        self.calls += 1
        await asyncio.Event().wait()


class Refusing(Pod):
    """Answers that something which it needs is away."""

    async def _answer(self, context: Any) -> Any:
        self.calls += 1
        status = to_rpc_status(Unavailable("S3 takes no writes at present", reason="S3_NOT_WRITABLE"))
        details = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNAVAILABLE, status.message, details)


@asynccontextmanager
async def running(pod: Pod, port: int) -> AsyncIterator[grpc.aio.Server]:
    """A pod that serves."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    storage_pb2_grpc.add_StorageServiceServicer_to_server(pod, server)
    assert server.add_insecure_port(f"{pod.address}:{port}") == port
    await server.start()
    try:
        yield server
    finally:
        await server.stop(None)


@asynccontextmanager
async def opened(target: str, **options: Any) -> AsyncIterator[storage_pb2_grpc.StorageServiceStub]:
    """A stub over a channel of ours; nothing of it is repeated by gRPC but GetRecord."""
    channel = open_channel(
        target, audience="storage", signer=SIGNER, service=SERVICE, idempotent_methods=("GetRecord",), **options
    )
    try:
        yield storage_pb2_grpc.StorageServiceStub(channel)
    finally:
        await channel.close()


async def send_nothing() -> AsyncIterator[pb.PutObjectRequest]:
    """An upload without a byte."""
    yield pb.PutObjectRequest()


CALLS: dict[str, Any] = {
    "safe to repeat": lambda stub: stub.GetRecord(pb.GetRecordRequest(key="k")),
    "not safe to repeat": lambda stub: stub.ImportObject(pb.ImportObjectRequest(key="k")),
    "an upload": lambda stub: stub.PutObject(send_nothing(), timeout=60),
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give the loopback interface one address")
@pytest.mark.parametrize("call", CALLS)
async def test_pods_that_are_all_replaced_are_found_again(call: str) -> None:
    """gRPC's default looks names up every 30 s at most: calls would go to addresses where nobody is."""
    addresses = {"storage": [OLD]}
    names, port = Names("cluster.local", addresses), find_free_ports(1)[0]
    async with (
        serving_names(names, "127.0.0.1") as dns,
        # Longer than on an idle machine, and shorter than gRPC's default.
        opened(f"dns://127.0.0.1:{dns}/storage.cluster.local:{port}", recovery_wait_s=20, call_timeout_s=60) as stub,
    ):
        async with running(Pod(OLD), port):
            assert (await CALLS["safe to repeat"](stub)).key == OLD
        addresses["storage"] = [NEW]
        replacement = Pod(NEW)
        async with running(replacement, port):
            assert (await CALLS[call](stub)).key == NEW
        assert replacement.calls == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give the loopback interface one address")
async def test_calls_that_a_closing_pod_cuts_off_go_to_another() -> None:
    """gRPC's servers answer CANCELLED to what is on its way when they are told to stop: here that is most callers."""
    port, answers, closed = find_free_ports(1)[0], set(), asyncio.Event()

    async def ask(stub: storage_pb2_grpc.StorageServiceStub) -> None:
        while not closed.is_set():
            answers.add((await CALLS["safe to repeat"](stub)).key)

    async with (
        serving_names(Names("cluster.local", {"storage": [OLD, NEW]}), "127.0.0.1") as dns,
        running(Pod(NEW), port),
        opened(f"dns://127.0.0.1:{dns}/storage.cluster.local:{port}") as stub,
        running(Pod(OLD), port) as closing,
    ):
        callers = [asyncio.create_task(ask(stub)) for _ in range(16)]
        await eventually(lambda: answers == {OLD, NEW})
        await closing.stop(30)
        closed.set()
        await asyncio.gather(*callers)


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_without_a_connection_waits_and_is_sent_once(call: str) -> None:
    port, pod = find_free_ports(1)[0], Pod(OLD)
    async with opened(f"{OLD}:{port}") as stub:
        waiting = asyncio.ensure_future(CALLS[call](stub))
        await asyncio.sleep(0)
        async with running(pod, port):
            assert (await waiting).key == OLD
    assert pod.calls == 1


@pytest.mark.parametrize("call", CALLS)
async def test_a_service_that_stays_away_is_unavailable(call: str) -> None:
    async with opened(f"{OLD}:{find_free_ports(1)[0]}", recovery_wait_s=0.01, patience_s=0.01) as stub:
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await CALLS[call](stub)
            assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give the loopback interface one address")
async def test_a_name_that_had_no_addresses_is_looked_up_at_once_after_a_long_outage() -> None:
    """gRPC looks such a name up ever more rarely: after some misses not for minutes."""
    addresses: dict[str, list[str]] = {"storage": []}
    names, port = Names("cluster.local", addresses), find_free_ports(1)[0]
    async with (
        serving_names(names, "127.0.0.1") as dns,
        opened(f"dns://127.0.0.1:{dns}/storage.cluster.local:{port}", recovery_wait_s=0.05) as stub,
    ):
        for _ in range(10):
            with pytest.raises(grpc.aio.AioRpcError):
                await CALLS["not safe to repeat"](stub)
        # By itself gRPC would look twice or three times in as long, and then after 2.6, 4, 7, 10 ... seconds.
        assert len(names.questions) >= 8
        addresses["storage"] = [OLD]
        async with running(Pod(OLD), port):
            assert (await CALLS["not safe to repeat"](stub)).key == OLD


async def test_a_wait_leaves_a_call_the_time_to_say_what_is_wrong() -> None:
    async with opened(f"{OLD}:{find_free_ports(1)[0]}", recovery_wait_s=3600) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await stub.ImportObject(pb.ImportObjectRequest(key="k"), timeout=2)
        assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


@asynccontextmanager
async def opened_plainly(target: str, **options: Any) -> AsyncIterator[storage_pb2_grpc.StorageServiceStub]:
    """As ``opened``, without gRPC's own repetitions, which would hide for a second that nobody waits."""
    async with OutgoingChannel(
        lambda: grpc.aio.insecure_channel(target),
        audience="storage",
        signer=SIGNER,
        call_timeout_s=60,
        repeatable={f"/{SERVICE}/GetRecord"},
        **options,
    ) as channel:
        yield storage_pb2_grpc.StorageServiceStub(channel)


async def test_a_call_that_may_be_made_twice_waits_longer_than_others() -> None:
    """One process of a service restarts: others fail after a moment, as nobody can say whether they were made."""
    port, pod = find_free_ports(1)[0], Pod(OLD)
    async with opened_plainly(f"{OLD}:{port}", recovery_wait_s=0.01) as stub:
        waiting = asyncio.ensure_future(CALLS["safe to repeat"](stub))
        for _ in range(3):
            with pytest.raises(grpc.aio.AioRpcError):
                await CALLS["not safe to repeat"](stub)
        assert not waiting.done()
        async with running(pod, port):
            assert (await waiting).key == OLD


async def test_a_call_whose_service_dies_before_it_answers_is_made_again_if_it_may_be() -> None:
    port, first, second = find_free_ports(1)[0], Hanging(OLD), Pod(OLD)
    async with opened_plainly(f"{OLD}:{port}") as stub:
        async with running(first, port) as dying:
            again = asyncio.ensure_future(CALLS["safe to repeat"](stub))
            once = asyncio.ensure_future(CALLS["not safe to repeat"](stub))
            await eventually(lambda: first.calls == 2)
            await dying.stop(None)
        with pytest.raises(grpc.aio.AioRpcError):
            await once
        async with running(second, port):
            assert (await again).key == OLD
    assert second.calls == 1


async def test_what_a_service_says_itself_is_not_asked_for_again_and_again() -> None:
    port, pod = find_free_ports(1)[0], Refusing(OLD)
    channel = OutgoingChannel(  # without gRPC's own repetitions, of which there are three
        lambda: grpc.aio.insecure_channel(f"{OLD}:{port}"),
        audience="storage",
        signer=SIGNER,
        call_timeout_s=10,
        repeatable={f"/{SERVICE}/GetRecord"},
    )
    async with running(pod, port), channel:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await CALLS["safe to repeat"](storage_pb2_grpc.StorageServiceStub(channel))
        assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
        assert pod.calls == 1


def test_an_outage_is_waited_for_from_its_beginning() -> None:
    outage = Outage(wait_s=5)
    assert [outage.remaining_s(now) for now in (100, 103, 107, 111)] == [5, 2, 0, 0]


def test_an_outage_that_ended_is_another_one() -> None:
    outage = Outage(wait_s=5)
    outage.remaining_s(100)
    outage.end()
    assert outage.remaining_s(104) == 5


def test_an_outage_that_nobody_noticed_for_long_is_another_one() -> None:
    outage = Outage(wait_s=5)
    outage.remaining_s(100)
    assert outage.remaining_s(106) == 5

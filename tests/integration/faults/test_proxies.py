"""What the fault proxies do to real S3 and NATS, kind by kind: what was applied, what the client saw, and healing."""

import asyncio
import gc
from collections.abc import AsyncIterator

import aiohttp
import nats
import nats.errors
import pytest
from nats.js import JetStreamContext

from services.common.errors import NotFound, Unavailable
from services.launcher.embedded import NatsServer, S3Server
from services.storage.adapters.s3_bucket import S3Connection, connect_bucket
from services.storage.adapters.s3_options import Breaker
from tests.support.eventually import eventually
from tests.support.faults import HTTP_FAULTS, NATS_FAULTS, Fault, FaultKind, HttpFaultProxy, NatsFaultProxy
from tests.support.storage import new_bucket, s3_options

# What a fault leaves of a request: applied or not, and whether the client hears so.
APPLIED = {FaultKind.DELAY, FaultKind.DRIP, FaultKind.DUPLICATE, FaultKind.ANSWER_LOST, FaultKind.HALF_CLOSE}
ANSWERED = {FaultKind.DELAY, FaultKind.DRIP, FaultKind.DUPLICATE}


@pytest.fixture
async def direct(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    """A bucket without a proxy."""
    async with new_bucket(s3_server) as connection:
        yield connection


@pytest.mark.parametrize("kind", HTTP_FAULTS)
async def test_an_s3_request_meets_each_kind_of_fault_and_the_next_none(
    s3_server: S3Server, direct: S3Connection, kind: FaultKind
) -> None:
    async with HttpFaultProxy(s3_server.ports.s3) as proxy:
        options = s3_options(
            s3_server, direct.options.bucket, retries=0, request_timeout_s=1.5, operation_timeout_s=1.5
        )
        options = type(options)(
            **{name: getattr(options, name) for name in options.__slots__}
            | {"endpoint_url": f"http://127.0.0.1:{proxy.port}"}
        )
        async with connect_bucket(options, Breaker(failures=1_000_000)) as connection:
            await connection.store.put("before", b"x")
            proxy.begin(Fault(kind, delay_s=0.05))
            answered = True
            try:
                await connection.store.put("during", b"x")
            except Unavailable:
                answered = False
            assert (answered, proxy.met.get(kind, 0) > 0) == (kind in ANSWERED, True)
            try:
                await direct.store.head("during")
                applied = True
            except NotFound:
                applied = False
            assert applied == (kind in APPLIED)
            proxy.heal()
            await connection.store.put("after", b"x")


async def test_what_is_read_passes_while_writes_are_refused(s3_server: S3Server) -> None:
    async with (
        HttpFaultProxy(s3_server.ports.s3) as proxy,
        aiohttp.ClientSession(trust_env=False) as client,
    ):
        proxy.begin(Fault(FaultKind.READ_ONLY))
        url = f"http://127.0.0.1:{proxy.port}/healthz"
        assert (await client.get(url)).status == 200
        assert (await client.put(url, data=b"x")).status == 503


@pytest.fixture
async def stream(nats_server: NatsServer) -> AsyncIterator[JetStreamContext]:
    """A stream without a proxy."""
    client = await nats.connect(nats_server.url)
    js = client.jetstream()
    await js.add_stream(name="FAULTS", subjects=["faults.>"])
    yield js
    await js.delete_stream("FAULTS")
    await client.close()


# nats-py leaves the streams of connections that broke while they were made to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("kind", NATS_FAULTS)
async def test_a_nats_message_meets_each_kind_of_fault_and_the_next_none(
    nats_server: NatsServer, stream: JetStreamContext, kind: FaultKind
) -> None:
    async with NatsFaultProxy(nats_server.port) as proxy:
        client = await nats.connect(
            f"nats://127.0.0.1:{proxy.port}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.05,  # type: ignore[arg-type]
            error_cb=_ignore,
        )
        js = client.jetstream()
        await js.publish("faults.before", b"x")
        proxy.begin(Fault(kind, delay_s=0.05))
        answered = True
        try:
            # While it is cut there may be no connection to publish on.
            await asyncio.wait_for(js.publish("faults.during", b"x", timeout=1), 1.5)
        except (nats.errors.Error, TimeoutError, ConnectionError):
            answered = False
        assert (answered, proxy.met.get(kind, 0) > 0) == (kind in ANSWERED, True)
        count = await _count(stream, "faults.during")
        # Half a message is none to NATS; the proxy breaks off whichever comes first.
        assert count == {FaultKind.DUPLICATE: 2}.get(kind, int(kind in APPLIED - {FaultKind.HALF_CLOSE}))
        proxy.heal()

        async def publishes() -> bool:
            try:
                await js.publish("faults.after", b"x", timeout=1)
            except (nats.errors.Error, TimeoutError, ConnectionError):
                return False
            return True

        await eventually(publishes)
        await client.close()
    gc.collect()


async def _ignore(_error: Exception) -> None:
    """What the client hears while its connection is broken on purpose."""


async def _count(js: JetStreamContext, subject: str) -> int:
    info = await js.stream_info("FAULTS", subjects_filter=subject)
    return sum((info.state.subjects or {}).values())

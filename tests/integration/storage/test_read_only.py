"""Rule 25: S3 that answers reads and refuses writes is said so, is left alone, and is found to take writes again."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from services.common.context import acting_as
from services.common.errors import RetryableError, Unavailable, WealthError
from services.common.identity import service_principal
from services.common.storage import StorageClient, StoredRecord
from services.launcher.embedded import S3Server
from tests.support.eventually import eventually
from tests.support.faults import Fault, FaultKind, HttpFaultProxy
from tests.support.jobs import CALLER, run_probe, run_probe_storage
from tests.support.storage import RunningStorage, new_bucket

KEY, KIND = "probe/alice/1/record.json", "probe.job"
CALLS = 60


@pytest.fixture
async def proxy(s3_server: S3Server) -> AsyncIterator[HttpFaultProxy]:
    """A proxy before S3, which may be told to refuse writes."""
    async with HttpFaultProxy(s3_server.ports.s3) as running:
        yield running


@pytest.fixture
async def storage(s3_server: S3Server, proxy: HttpFaultProxy) -> AsyncIterator[RunningStorage]:
    """A storage service that reaches S3 through the proxy."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(
            s3_server, connection.options.bucket, s3_endpoint_url=f"http://127.0.0.1:{proxy.port}"
        ) as running,
    ):
        yield running


@pytest.fixture(autouse=True)
def acting() -> Iterator[None]:
    """Calls are made for a tenant."""
    with acting_as(service_principal("acme", CALLER)):
        yield


async def write(client: StorageClient, stored: StoredRecord | None = None) -> StoredRecord:
    """Creates the record, or writes it once more."""
    if stored is None:
        return await client.create_record(KEY, {"n": 1}, kind=KIND, state="open")
    return await client.update_record(
        KEY, {"n": 2}, kind=KIND, state="open", previous_state="open",
        created_at=stored.created_at, if_match=stored.etag, if_revision=stored.revision,
    )  # fmt: skip


async def is_ready(client: StorageClient) -> bool:
    """Whether storage says that all is well."""
    try:
        await client.check()
    except WealthError:
        return False
    return True


async def test_rule_25_a_refused_write_says_so_and_never_that_somebody_else_was_first(
    storage: RunningStorage, proxy: HttpFaultProxy
) -> None:
    client = storage.client(CALLER)
    stored = await write(client)
    proxy.begin(Fault(FaultKind.READ_ONLY))
    for call in (lambda: write(client, stored), lambda: client.put_object("probe/alice/1/output.csv", b"x" * 100)):
        with pytest.raises(RetryableError) as refusal:
            await call()
        assert refusal.value.reason == "S3_NOT_WRITABLE"
    assert (await client.get_record(KEY)).document == {"n": 1}


@pytest.mark.slow
async def test_rule_25_refused_writes_end_at_storage_and_health_says_why(
    storage: RunningStorage, proxy: HttpFaultProxy
) -> None:
    client = storage.client(CALLER)
    stored = await write(client)
    await eventually(lambda: is_ready(client), within_s=300)
    proxy.begin(Fault(FaultKind.READ_ONLY))
    started_s, first = time.monotonic(), 0
    for _ in range(CALLS):
        with pytest.raises(Unavailable):
            await write(client, stored)
        first = first or proxy.met[FaultKind.READ_ONLY]
    # Three calls with their repetitions, and one more call a second: not every call's.
    assert proxy.met[FaultKind.READ_ONLY] <= first * (4 + time.monotonic() - started_s)

    async def says_why() -> bool:
        try:
            await client.check()
        except Unavailable as error:
            return error.reason == "S3_NOT_WRITABLE"
        return False

    await eventually(says_why, within_s=300)
    proxy.heal()
    await eventually(lambda: is_ready(client), within_s=300)
    assert (await write(client, stored)).revision == 2


@asynccontextmanager
async def _refusing(proxy: HttpFaultProxy) -> AsyncIterator[None]:
    proxy.begin(Fault(FaultKind.READ_ONLY))
    try:
        yield
    finally:
        proxy.heal()


async def test_rule_25_a_worker_pauses_while_s3_takes_no_writes_and_no_attempt_is_lost(
    storage: RunningStorage, proxy: HttpFaultProxy, tmp_path_factory: pytest.TempPathFactory, nats_server: object
) -> None:
    async with run_probe(nats_server.url, storage) as probe:  # type: ignore[attr-defined]
        process = await probe.start_worker()
        worker = process.worker
        assert worker is not None
        records = [await probe.accept() for _ in range(3)]
        for record in records:
            await probe.until(record, "completed", within_s=300)
        late = await probe.accept_without_message()
        async with _refusing(proxy):
            with pytest.raises(Unavailable) as refusal:
                await probe.accept()
            assert refusal.value.reason == "S3_NOT_WRITABLE"
            await eventually(lambda: worker.paused, within_s=300)
            await probe.api.runtime.queue.publish(late)
            assert await probe.count_messages() == 1
        ended = await probe.until(late, "completed", within_s=300)
        assert ended.attempt == 1

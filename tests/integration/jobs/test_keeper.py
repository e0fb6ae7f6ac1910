"""Rule 25: what bootstrap made in NATS is looked for part by part, said where it is missing, and made again."""

from collections.abc import AsyncIterator

import pytest
from nats.js import JetStreamContext

from services.common.errors import Unavailable
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.presence import list_workers
from services.common.jobs.queue import QueueMissingError
from services.common.jobs.topology import (
    BACKLOG,
    DEAD_LETTERS_STREAM,
    EVENTS_STREAM,
    LEADERS_BUCKET,
    PRESENCE_BUCKET,
    WORKERS,
    BucketPart,
    ConsumerPart,
    StreamPart,
    Topology,
    backlog_stream,
    jobs_stream,
    list_parts,
)
from services.launcher.embedded import NatsServer, S3Server
from tests.support.eventually import eventually
from tests.support.jobs import Probe, run_probe, run_probe_storage
from tests.support.servers import run_nats_server
from tests.support.storage import RunningStorage, new_bucket


@pytest.fixture(scope="module")
def own_nats(tmp_path_factory: pytest.TempPathFactory) -> NatsServer:
    """A server whose shared streams may be deleted."""
    with run_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="module")
async def own_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A bucket of these tests: a running sweeper looks after all its tenants."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(s3_server, connection.options.bucket) as running,
    ):
        yield running


@pytest.fixture
async def lone(own_nats: NatsServer, own_storage: RunningStorage) -> AsyncIterator[Probe]:
    """A service that is alone on its NATS."""
    async with run_probe(own_nats.url, own_storage) as probe:
        yield probe


def keeper_of(probe: Probe) -> TopologyKeeper:
    """What looks after the probe's parts."""
    return TopologyKeeper(probe.api.runtime.broker, probe.topology, probe.kind.service)


# Every part that bootstrap makes, by how it is deleted; the first four are the service's own.
PARTS = {
    "backlog": lambda probe: probe.js.delete_stream(backlog_stream(probe.kind.service)),
    "measure": lambda probe: probe.js.delete_consumer(backlog_stream(probe.kind.service), BACKLOG),
    "queue": lambda probe: probe.js.delete_stream(jobs_stream(probe.kind.service)),
    "consumer": lambda probe: probe.js.delete_consumer(jobs_stream(probe.kind.service), WORKERS),
    EVENTS_STREAM: lambda probe: probe.js.delete_stream(EVENTS_STREAM),
    DEAD_LETTERS_STREAM: lambda probe: probe.js.delete_stream(DEAD_LETTERS_STREAM),
    PRESENCE_BUCKET: lambda probe: probe.js.delete_key_value(PRESENCE_BUCKET),
    LEADERS_BUCKET: lambda probe: probe.js.delete_key_value(LEADERS_BUCKET),
}


def test_rule_25_no_part_is_left_out_of_these_tests() -> None:
    shared = [part.name for part in list_parts(Topology(), ("one",))[4:]]
    assert shared == [EVENTS_STREAM, DEAD_LETTERS_STREAM, f"KV_{PRESENCE_BUCKET}", f"KV_{LEADERS_BUCKET}"]
    assert len(PARTS) == len(shared) + 4
    assert {type(part) for part in list_parts(Topology())} == {StreamPart, ConsumerPart, BucketPart}


@pytest.mark.parametrize("name", PARTS)
async def test_rule_25_a_missing_part_is_said_made_again_and_jobs_go_on(lone: Probe, name: str) -> None:
    keeper = keeper_of(lone)
    await lone.start_worker()
    await keeper.check()
    await PARTS[name](lone)
    with pytest.raises(QueueMissingError, match="missing in NATS"):
        await keeper.check()
    record = await lone.accept()
    lone.api.sweeper = lone.make_sweeper(interval_s=0.2)
    await lone.api.sweeper.start()

    async def is_whole() -> bool:
        try:
            await keeper.check()
        except Unavailable:
            return False
        return True

    await eventually(is_whole, within_s=300)
    await lone.until(record, "completed", within_s=300)
    await lone.until_queue_is_empty(within_s=300)
    assert (await lone.events(record))[-1] == "completed"
    workers = await eventually(lambda: list_workers(lone.api.runtime.broker, lone.kind.service), within_s=300)
    assert len(workers) == 1


async def test_rule_25_a_part_that_cannot_be_made_keeps_no_other_from_being_made(lone: Probe) -> None:
    keeper = keeper_of(lone)
    await lone.js.delete_stream(EVENTS_STREAM)
    await lone.js.delete_key_value(PRESENCE_BUCKET)
    await lone.js.add_stream(name="SQUATTER", subjects=["wealth.>"])  # its subjects are taken
    try:
        with pytest.raises(Unavailable, match=EVENTS_STREAM):
            await keeper.restore()
        with pytest.raises(QueueMissingError, match=f"missing in NATS: {EVENTS_STREAM}$"):
            await keeper.check()
    finally:
        await lone.js.delete_stream("SQUATTER")
    await keeper.restore()
    await keeper.check()


async def test_rule_25_what_is_there_is_left_as_it_is(lone: Probe) -> None:
    js: JetStreamContext = lone.js
    record = await lone.accept_without_message()
    await lone.api.runtime.queue.publish(record)
    await keeper_of(lone).restore()
    assert await lone.count_messages() == 1
    assert (await js.stream_info(EVENTS_STREAM)).config.max_bytes == lone.topology.events_max_bytes

"""Rules 2, 3 and 21: what the bootstrap command makes, again and again, and what ends by itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.js import JetStreamContext

from services.common.jobs.topology import (
    DEAD_LETTERS_STREAM,
    EVENTS_STREAM,
    LEADERS_BUCKET,
    PRESENCE_BUCKET,
    WORKERS,
    Topology,
    backlog_stream,
    ensure_topology,
    jobs_stream,
)
from tests.support.servers import run_nats_server


@pytest.fixture(scope="module")
async def js(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JetStreamContext]:
    """An empty server's JetStream."""
    folder: Path = tmp_path_factory.mktemp("nats")
    with run_nats_server(folder) as server:
        connection = await nats.connect(server.url)
        yield connection.jetstream()
        await connection.close()


async def test_making_the_topology_again_keeps_what_is_queued(js: JetStreamContext) -> None:
    await ensure_topology(js, Topology(), services=("one",))
    await js.publish("jobs.one.acme.j1.1", b"x")
    await ensure_topology(js, Topology(max_queue_size=7, ack_wait_s=12), services=("one",))
    stream = await js.stream_info(jobs_stream("one"))
    consumer = await js.consumer_info(jobs_stream("one"), WORKERS)
    assert (stream.state.messages, stream.config.max_msgs, consumer.config.ack_wait) == (1, 7, 12)


async def test_rule_02_backlog_and_work_queue_hold_one_message_of_a_job(js: JetStreamContext) -> None:
    await ensure_topology(js, Topology(), services=("three",))
    for stream in (backlog_stream("three"), jobs_stream("three")):
        config = (await js.stream_info(stream)).config
        assert (config.max_msgs_per_subject, config.discard_new_per_subject, config.discard) == (1, True, "new")


async def test_rule_03_deliveries_are_not_bounded_by_the_queue(js: JetStreamContext) -> None:
    await ensure_topology(js, Topology(), services=("two",))
    assert (await js.consumer_info(jobs_stream("two"), WORKERS)).config.max_deliver == -1


async def test_rule_21_news_and_dead_letters_end_by_themselves(js: JetStreamContext) -> None:
    topology = Topology(events_max_age_s=600, events_max_bytes=1 << 20, dead_letters_max_age_s=1200)
    await ensure_topology(js, topology, services=())
    events = (await js.stream_info(EVENTS_STREAM)).config
    letters = (await js.stream_info(DEAD_LETTERS_STREAM)).config
    assert (events.max_age, events.max_bytes, letters.max_age) == (600, 1 << 20, 1200)
    for bucket in (PRESENCE_BUCKET, LEADERS_BUCKET):
        status = await (await js.key_value(bucket)).status()
        assert status.ttl
        assert 0 < status.ttl <= 60

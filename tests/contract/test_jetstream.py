"""What the job protocol takes from JetStream, held against a real server through nats-py, and the simulated one."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import nats.errors
import nats.js.errors
import pytest
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    KeyValueConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from services.common.clock import utc_now
from services.common.jobs.broker import Broker
from services.launcher.embedded import NatsServer
from tests.simulation.broker import SimulatedBroker
from tests.simulation.streams import SimulatedNats
from tests.simulation.wire import Wire

LEASE_S = 1.0
SOON_S = 0.2


class Queue:
    """A work queue of one test, laid out as the suite's."""

    def __init__(self, js: Any) -> None:
        self.js = js
        self.name = f"T{uuid4().hex[:10]}"

    async def make(self, *, max_msgs: int = 100, **consumer: Any) -> None:
        """Makes stream and consumer."""
        await self.js.add_stream(
            StreamConfig(
                name=self.name,
                subjects=[f"{self.name}.>"],
                retention=RetentionPolicy.WORK_QUEUE,
                storage=StorageType.MEMORY,
                discard=DiscardPolicy.NEW,
                discard_new_per_subject=True,
                max_msgs_per_subject=1,
                max_msgs=max_msgs,
            )
        )
        await self.js.add_consumer(
            self.name,
            ConsumerConfig(
                durable_name="workers", ack_policy=AckPolicy.EXPLICIT, ack_wait=LEASE_S, max_deliver=-1, **consumer
            ),
        )

    async def publish(self, subject: str, message_id: str = "") -> Any:
        """Publishes under the queue's name."""
        return await self.js.publish(
            f"{self.name}.{subject}", subject.encode(), headers={"Nats-Msg-Id": message_id or uuid4().hex}
        )

    async def fetch(self, batch: int = 1, timeout_s: float = 5) -> list[Any]:
        """Fetches for one worker."""
        subscription = await self.js.pull_subscribe_bind("workers", stream=self.name)
        return list(await subscription.fetch(batch, timeout=timeout_s))

    async def count(self) -> int:
        """Messages that the stream holds."""
        return int((await self.js.stream_info(self.name)).state.messages)


@pytest.fixture(params=["nats", "simulated"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A connection."""
    if request.param == "simulated":
        loop = asyncio.get_running_loop()
        yield SimulatedBroker(SimulatedNats(loop, Wire(loop, random.Random(0))))
        return
    server: NatsServer = request.getfixturevalue("nats_server")
    made = Broker(server.url, name="contract")
    await made.start()
    await made.wait_connected()
    yield made
    await made.stop()


@pytest.fixture
def js(broker: Any) -> Any:
    """A JetStream context."""
    return broker.jetstream(5)


@pytest.fixture
async def queue(js: Any) -> Queue:
    """A queue with its consumer."""
    made = Queue(js)
    await made.make()
    return made


async def test_what_is_published_is_fetched_with_its_headers(queue: Queue) -> None:
    await queue.publish("a", "id-1")
    (message,) = await queue.fetch()
    assert (message.subject, message.data, message.headers["Nats-Msg-Id"]) == (f"{queue.name}.a", b"a", "id-1")


async def test_a_fetch_takes_what_there_is_in_order(queue: Queue) -> None:
    for subject in "abc":
        await queue.publish(subject)
    assert [message.data for message in await queue.fetch(2)] == [b"a", b"b"]
    assert [message.data for message in await queue.fetch(2)] == [b"c"]


async def test_a_fetch_of_nothing_times_out(queue: Queue) -> None:
    with pytest.raises(TimeoutError):
        await queue.fetch(timeout_s=SOON_S)


async def test_a_waiting_fetch_gets_what_is_published_then(queue: Queue) -> None:
    waiting = asyncio.create_task(queue.fetch())
    await asyncio.sleep(0)
    await queue.publish("a")
    assert [message.data for message in await waiting] == [b"a"]


async def test_a_subject_is_queued_once_until_it_is_acknowledged(queue: Queue) -> None:
    await queue.publish("a")
    (message,) = await queue.fetch()
    with pytest.raises(nats.js.errors.APIError) as caught:
        await queue.publish("a")
    assert (caught.value.err_code, caught.value.description) == (10077, "maximum messages per subject exceeded")
    await message.ack()
    await until_empty(queue)
    await queue.publish("a")


async def test_a_full_queue_refuses(js: Any) -> None:
    queue = Queue(js)
    await queue.make(max_msgs=1)
    await queue.publish("a")
    with pytest.raises(nats.js.errors.APIError) as caught:
        await queue.publish("b")
    assert (caught.value.err_code, caught.value.description) == (10077, "maximum messages exceeded")


async def test_publishing_an_id_again_is_one_message(queue: Queue) -> None:
    first = await queue.publish("a", "same")
    (message,) = await queue.fetch()
    await message.ack()
    await until_empty(queue)
    assert (await queue.publish("a", "same")).seq == first.seq
    assert await queue.count() == 0


async def test_publishing_to_no_stream_is_told(js: Any) -> None:
    with pytest.raises(nats.js.errors.NoStreamResponseError):
        await js.publish(f"nowhere.{uuid4().hex}", b"")


async def test_a_negative_acknowledgement_brings_it_again(queue: Queue) -> None:
    await queue.publish("a")
    (message,) = await queue.fetch()
    await message.nak()
    (again,) = await queue.fetch()
    assert again.data == b"a"


async def test_a_negative_acknowledgement_with_a_delay_takes_its_time(queue: Queue) -> None:
    await queue.publish("a")
    (message,) = await queue.fetch()
    await message.nak(delay=3 * SOON_S)
    with pytest.raises(TimeoutError):
        await queue.fetch(timeout_s=SOON_S)
    assert len(await queue.fetch()) == 1


async def test_what_is_neither_acknowledged_nor_renewed_comes_again(queue: Queue) -> None:
    await queue.publish("a")
    await queue.fetch()
    assert len(await queue.fetch(timeout_s=5 * LEASE_S)) == 1


async def test_a_late_acknowledgement_counts_though_another_has_it_in_hand(queue: Queue) -> None:
    """An acknowledgement is no fence: the record's attempt is."""
    await queue.publish("a")
    (first,) = await queue.fetch()
    await queue.fetch(timeout_s=5 * LEASE_S)
    await first.ack()
    await until_empty(queue)


async def test_acknowledging_twice_is_refused_at_home(queue: Queue) -> None:
    await queue.publish("a")
    (message,) = await queue.fetch()
    await message.ack()
    with pytest.raises(nats.errors.MsgAlreadyAckdError):
        await message.nak()


async def test_a_consumer_with_a_filter_gets_its_subjects_alone(js: Any) -> None:
    queue = Queue(js)
    await queue.make(filter_subject=f"{queue.name}.b.*")
    await queue.publish("a.1")
    await queue.publish("b.1")
    assert [item.data for item in await queue.fetch(2)] == [b"b.1"]


async def test_a_stream_tells_its_subjects(queue: Queue) -> None:
    await queue.publish("a.1")
    await queue.publish("b.1")
    info = await queue.js.stream_info(queue.name, subjects_filter=f"{queue.name}.a.>")
    assert set(info.state.subjects) == {f"{queue.name}.a.1"}
    assert (info.state.messages, info.config.max_msgs) == (2, 100)
    none = await queue.js.stream_info(queue.name, subjects_filter=f"{queue.name}.c.>")
    assert not none.state.subjects


async def test_a_stream_tells_when_it_was_made(queue: Queue) -> None:
    made_at = (await queue.js.stream_info(queue.name)).created
    await queue.js.update_stream((await queue.js.stream_info(queue.name)).config)
    assert (await queue.js.stream_info(queue.name)).created == made_at
    assert abs(utc_now() - made_at) < timedelta(hours=1)


async def test_a_consumer_tells_what_is_in_hand(queue: Queue) -> None:
    await queue.publish("a")
    await queue.fetch()
    assert (await queue.js.consumer_info(queue.name, "workers")).num_ack_pending == 1


async def test_what_is_not_there_is_not_found(js: Any) -> None:
    with pytest.raises(nats.js.errors.NotFoundError):
        await js.stream_info("NONE")
    with pytest.raises(nats.js.errors.NotFoundError):
        await js.consumer_info("NONE", "workers")
    with pytest.raises(nats.js.errors.BucketNotFoundError):
        await js.key_value("none")


async def test_the_last_message_of_a_subject_can_be_read(queue: Queue) -> None:
    ack = await queue.publish("a")
    message = await queue.js.get_last_msg(queue.name, f"{queue.name}.a")
    assert (message.data, message.seq) == (b"a", ack.seq)


async def test_a_key_has_one_holder_until_it_expires(js: Any) -> None:
    name = f"b{uuid4().hex[:10]}"
    await js.create_key_value(KeyValueConfig(bucket=name, ttl=1, history=1, storage=StorageType.MEMORY))
    bucket = await js.key_value(name)
    first = await bucket.create("lead", b"one")
    with pytest.raises(nats.js.errors.KeyWrongLastSequenceError):
        await bucket.create("lead", b"two")
    second = await bucket.update("lead", b"one", last=first)
    with pytest.raises(nats.js.errors.KeyWrongLastSequenceError):
        await bucket.update("lead", b"one", last=first)
    await bucket.delete("lead", last=second)
    await bucket.create("lead", b"two")
    assert (await bucket.get("lead")).value == b"two"
    with pytest.raises(nats.js.errors.KeyNotFoundError):
        await bucket.get("nobody")
    async with asyncio.timeout(120):
        while True:
            try:
                await bucket.create("lead", b"three")
            except nats.js.errors.KeyWrongLastSequenceError:
                await asyncio.sleep(SOON_S)
            else:
                break


class Log:
    """A stream of one test that nothing leaves but by being deleted, laid out as the suite's backlog."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker
        self.js = broker.jetstream(5)
        self.name = f"L{uuid4().hex[:10]}"

    async def publish(self, *subjects: str) -> list[int]:
        """Publishes under the log's name; returns the sequences."""
        return [
            (await self.js.publish(f"{self.name}.{subject}", subject.encode(), headers={"of": subject})).seq
            for subject in subjects
        ]

    async def read(self, *, life_s: float = 60) -> tuple[str, Any]:
        """Makes a reader that takes nothing away; returns its name, and a subscription to it."""
        name = f"reader-{uuid4().hex[:8]}"
        config = ConsumerConfig(
            durable_name=name,
            ack_policy=AckPolicy.NONE,
            mem_storage=True,
            num_replicas=1,
            inactive_threshold=life_s,
        )
        self.found = (await self.js.add_consumer(self.name, config)).num_pending
        return name, await self.js.pull_subscribe_bind(name, stream=self.name)

    async def count(self) -> int:
        """Messages that it holds."""
        return int((await self.js.stream_info(self.name)).state.messages)


@pytest.fixture
async def log(broker: Any) -> Log:
    """A log, made."""
    made = Log(broker)
    await made.js.add_stream(
        StreamConfig(
            name=made.name,
            subjects=[f"{made.name}.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,  # as the suite's: in memory other words are said where a message is gone
            discard=DiscardPolicy.NEW,
            discard_new_per_subject=True,
            max_msgs_per_subject=1,
            max_msgs=10,
        )
    )
    return made


async def test_a_log_refuses_a_subject_until_its_message_is_deleted(log: Log) -> None:
    (sequence,) = await log.publish("a")
    with pytest.raises(nats.js.errors.APIError) as caught:
        await log.publish("a")
    assert (caught.value.err_code, caught.value.description) == (10077, "maximum messages per subject exceeded")
    assert await log.broker.delete_message(log.name, sequence)
    await log.publish("a")


async def test_deleting_what_is_gone_is_told(log: Log) -> None:
    first, middle, last = await log.publish("a", "b", "c")
    assert not await log.broker.delete_message(log.name, last + 1)
    for sequence in (middle, first, last):  # between others, before all others, the only one
        assert await log.broker.delete_message(log.name, sequence)
        assert not await log.broker.delete_message(log.name, sequence)


async def test_deleting_out_of_no_stream_is_told(log: Log) -> None:
    with pytest.raises(nats.js.errors.NotFoundError):
        await log.broker.delete_message("NONE", 1)


async def test_a_reader_reads_from_the_start_and_takes_nothing_away(log: Log) -> None:
    sequences = await log.publish("a", "b")
    _, reader = await log.read()
    messages = await reader.fetch(5, timeout=5)
    assert [message.data for message in messages] == [b"a", b"b"]
    assert [message.headers["of"] for message in messages] == ["a", "b"]
    assert [message.metadata.sequence.stream for message in messages] == sequences
    assert [message.metadata.sequence.consumer for message in messages] == [1, 2]
    assert await log.count() == 2


async def test_a_reader_gets_what_is_published_later_and_nothing_twice(log: Log) -> None:
    await log.publish("a")
    _, reader = await log.read()
    await reader.fetch(5, timeout=5)
    await log.publish("b")
    (message,) = await reader.fetch(5, timeout=5)
    assert (message.data, message.metadata.sequence.consumer) == (b"b", 2)
    with pytest.raises(TimeoutError):
        await reader.fetch(5, timeout=SOON_S)


async def test_a_reader_counts_what_is_before_it_without_what_was_deleted(log: Log) -> None:
    first, *_ = await log.publish("a", "b", "c")
    name, reader = await log.read()
    assert log.found == 3
    await log.broker.delete_message(log.name, first)
    assert (await log.js.consumer_info(log.name, name)).num_pending == 2
    assert [message.data for message in await reader.fetch(5, timeout=5)] == [b"b", b"c"]
    info = await log.js.consumer_info(log.name, name)
    assert (info.num_pending, info.num_ack_pending) == (0, 0)


async def test_a_reader_that_nobody_reads_is_gone_after_its_life(log: Log) -> None:
    name, _ = await log.read(life_s=0.5)
    async with asyncio.timeout(120):
        while True:
            try:
                await log.js.consumer_info(log.name, name)
            except nats.js.errors.NotFoundError:
                break
            await asyncio.sleep(SOON_S)


async def test_subjects_are_counted_by_pattern(log: Log) -> None:
    await log.publish("a.x.1", "a.y.1", "b.x.1")
    count = log.broker.count_subjects
    counts = [await count(log.name, f"{log.name}.{pattern}") for pattern in ("a.*.*", "a.x.*", "c.*.*")]
    assert counts == [2, 1, 0]
    with pytest.raises(nats.js.errors.NotFoundError):
        await count("NONE", ">")


async def test_a_core_message_goes_to_whoever_hears_it_now(broker: Any) -> None:
    subject = f"n{uuid4().hex[:10]}"
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def hear(message: Any) -> None:
        heard.put_nowait((message.subject, message.data))

    await broker.client.publish(f"{subject}.early", b"1")
    subscription = await broker.client.subscribe(f"{subject}.*", cb=hear)
    await broker.client.publish(f"{subject}.now", b"2")
    async with asyncio.timeout(120):
        assert await heard.get() == (f"{subject}.now", b"2")
    await subscription.unsubscribe()


async def test_an_acknowledgement_that_is_waited_for_has_been_done(queue: Queue) -> None:
    await queue.publish("a")
    (message,) = await queue.fetch()
    await message.ack_sync(5)
    assert await queue.count() == 0
    with pytest.raises(nats.errors.MsgAlreadyAckdError):
        await message.ack()


async def test_a_queue_tells_what_is_ready_and_what_is_in_hand(queue: Queue) -> None:
    for subject in "abc":
        await queue.publish(subject)
    await queue.fetch(2)
    info = await queue.js.consumer_info(queue.name, "workers")
    assert (info.num_pending, info.num_ack_pending) == (1, 2)


async def until_empty(queue: Queue) -> None:
    """Returns once the acknowledgement has arrived: nobody answers one."""
    async with asyncio.timeout(120):
        while await queue.count():  # noqa: ASYNC110 - a server's, not ours to be told of
            await asyncio.sleep(0.01)

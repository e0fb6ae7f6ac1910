"""Rule 7: watching a job, whatever is lost on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from services.common.errors import NotFound, Unavailable
from services.common.jobs.broker import Outgoing
from services.common.jobs.deletion import delete_job
from services.common.jobs.handler import Outcome
from services.common.jobs.record import JobRecord
from services.common.jobs.watch import News, watch_job
from services.common.jobs.writer import AttemptWriter
from tests.support.eventually import eventually
from tests.support.jobs import DONE, Gate, Probe


@pytest.fixture
async def watched(probe: Probe) -> Probe:
    """The probe with its API process listening to events."""
    await probe.api.runtime.feed.start()
    await eventually(lambda: probe.api.runtime.feed._subscription)
    await probe.api.runtime.broker.client.flush()
    return probe


def watch(probe: Probe, record: JobRecord, after_revision: int = 0, reread_s: float = 60) -> AsyncIterator[News]:
    """The job's news; without rereading, so that what arrives late was lost."""
    runtime = probe.api.runtime
    return watch_job(
        probe.kind,
        runtime.feed,
        lambda: runtime.store.get(record.user_id, record.job_id),
        tenant=probe.tenant,
        job_id=record.job_id,
        after_revision=after_revision,
        reread_s=reread_s,
    )


async def read_all(news: AsyncIterator[News]) -> list[News]:
    """All of it, to the end."""
    async with asyncio.timeout(120):
        return [item async for item in news]


def messages(news: list[News]) -> list[str]:
    """What was said."""
    return [item.entry.message for item in news]


async def tell_two_at_once(attempt: AttemptWriter) -> Outcome:
    """A script: two entries that share a revision, and one more."""
    attempt.note("running", 10, "one")
    attempt.note("running", 20, "two")
    await attempt.flush()
    attempt.note("running", 30, "three")
    await attempt.flush()
    return DONE


EVERYTHING = ["accepted", "one", "two", "three", "done"]


async def test_rule_07_watcher_hears_everything_once_and_in_order(watched: Probe) -> None:
    record = await watched.accept()
    hearing = asyncio.create_task(read_all(watch(watched, record)))
    await eventually(lambda: watched.api.runtime.feed._watchers)
    await watched.start_worker(tell_two_at_once)
    news = await hearing
    assert messages(news) == EVERYTHING
    assert [item.terminal for item in news] == [False] * 4 + [True]


async def test_rule_07_late_watcher_hears_it_all_from_the_record(watched: Probe) -> None:
    record = await watched.accept()
    await watched.start_worker(tell_two_at_once)
    await watched.until(record, "completed")
    assert messages(await read_all(watch(watched, record))) == EVERYTHING


async def test_rule_07_watching_resumes_after_any_resumable_entry(watched: Probe) -> None:
    record = await watched.accept()
    await watched.start_worker(tell_two_at_once)
    await watched.until(record, "completed")
    news = await read_all(watch(watched, record))
    assert [item.resumable for item in news] == [True, False, True, True, True]
    for index, item in enumerate(news):
        if item.resumable:
            rest = await read_all(watch(watched, record, after_revision=item.entry.revision))
            assert messages(rest) == EVERYTHING[index + 1 :]


async def test_rule_07_lost_events_are_read_from_the_record(watched: Probe) -> None:
    gate = Gate()

    async def script(attempt: AttemptWriter) -> Outcome:
        publish, worker.runtime.publisher.publish = worker.runtime.publisher.publish, lose
        attempt.note("running", 10, "lost")
        await attempt.flush()
        worker.runtime.publisher.publish = publish
        attempt.note("running", 20, "heard")
        await attempt.flush()
        await gate()
        return DONE

    async def lose(*_: object, **__: object) -> None:
        return

    record = await watched.accept()
    async with aclosing(watch(watched, record)) as news:
        assert (await anext(news)).entry.message == "accepted"
        worker = await watched.start_worker(script)
        async with asyncio.timeout(120):
            assert [(await anext(news)).entry.message for _ in range(2)] == ["lost", "heard"]
            gate.open()
            assert (await anext(news)).terminal


async def test_rule_07_watcher_ends_though_the_terminal_event_never_comes(watched: Probe) -> None:
    record = await watched.accept()
    hearing = asyncio.create_task(read_all(watch(watched, record, reread_s=0.2)))
    await eventually(lambda: watched.api.runtime.feed._watchers)
    store = watched.api.runtime.store
    await store.save(record.note(store.clock(), "completed", 100, "in silence").finished(store.clock()), record)
    assert messages(await hearing) == ["accepted", "in silence"]


async def test_rule_07_slow_watcher_loses_messages_but_no_news(watched: Probe) -> None:
    count = 200  # more than a watcher's queue holds

    async def script(attempt: AttemptWriter) -> Outcome:
        for number in range(count):
            attempt.note("running", 10, str(number))
        await attempt.flush()
        return DONE

    record = await watched.accept()
    async with aclosing(watch(watched, record, reread_s=0.2)) as news:
        heard = [(await anext(news)).entry.message]
        await watched.start_worker(script)
        await watched.until(record, "completed")
        async with asyncio.timeout(120):
            heard += [item.entry.message async for item in news]
    assert heard == ["accepted", *map(str, range(count)), "done"]


async def test_rule_07_watcher_follows_a_new_generation(watched: Probe) -> None:
    runtime = watched.api.runtime
    record = await watched.accept()
    async with aclosing(watch(watched, record, reread_s=0.2)) as news:
        assert (await anext(news)).entry.message == "accepted"
        store = runtime.store
        done = await store.save(record.note(store.clock(), "completed", 100, "done").finished(store.clock()), record)
        restarted = await runtime.acceptance.restart(watched.principal, done, message="once more", body={})
        async with asyncio.timeout(120):
            item = await anext(news)
        assert (item.entry.message, item.record.generation) == ("once more", 2)
    rest = await anext(watch(watched, restarted, after_revision=done.revision))
    assert rest.entry.message == "once more"


async def test_rule_07_watching_a_deleted_job_ends_with_its_absence(watched: Probe) -> None:
    record = await watched.accept()
    runtime = watched.api.runtime
    async with aclosing(watch(watched, record, reread_s=0.1)) as news:
        await anext(news)
        await delete_job(runtime.store, runtime.tombstones, record.user_id, record.job_id)
        with pytest.raises(NotFound):
            await anext(news)


async def test_rule_07_watchers_leave_nothing_behind(watched: Probe) -> None:
    record = await watched.accept()
    async with aclosing(watch(watched, record)) as news:
        await anext(news)
    assert not watched.api.runtime.feed._watchers


async def test_rule_07_event_is_published_again_under_its_own_id(watched: Probe) -> None:
    record = await watched.accept()
    for _ in range(3):
        await watched.api.runtime.publisher.publish(record, after_revision=0)
    assert await watched.events(record) == ["pending"]


async def test_rule_07_draining_process_sends_its_watchers_elsewhere(watched: Probe) -> None:
    record = await watched.accept()
    hearing = asyncio.create_task(read_all(watch(watched, record)))
    await eventually(lambda: watched.api.runtime.feed._watchers)
    await watched.api.runtime.feed.drain()
    with pytest.raises(Unavailable) as left:
        await hearing
    assert left.value.reason == "SERVICE_DRAINING"
    with pytest.raises(Unavailable):  # one that comes late
        await read_all(watch(watched, record))


async def test_rule_07_last_event_waits_until_the_server_has_those_before(probe: Probe) -> None:
    record = await probe.accept()
    for number, status in enumerate(("running", "running", probe.kind.completed)):
        record = record.note(record.created_at, status, number, "told")
    publisher, broker = probe.api.runtime.publisher, probe.api.runtime.broker
    told: list[list[str]] = []

    async def publish_all(messages: Sequence[Outgoing], *, timeout_s: float) -> None:
        told.append([message.subject.split(".")[4] for message in messages])

    async def go_away(messages: Sequence[Outgoing], *, timeout_s: float) -> None:
        await publish_all(messages, timeout_s=timeout_s)
        raise TimeoutError

    broker.publish_all = publish_all  # type: ignore[method-assign]
    await publisher.publish(record, after_revision=-1)
    assert told == [["pending", "running", "running"], ["completed"]]
    broker.publish_all = go_away  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await publisher.publish(record, after_revision=-1)
    assert told[2:] == [["pending", "running", "running"]]

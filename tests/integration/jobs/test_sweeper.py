"""Rules 8 and 15: index keys that lie, messages that are gone, and servers that are away or empty."""

import asyncio
import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nats.js.api import StreamConfig
from nats.js.errors import APIError

from services.common.errors import Unavailable
from services.common.jobs.acceptance import QUEUE_FULL
from services.common.jobs.handler import Outcome
from services.common.jobs.leadership import Leadership
from services.common.jobs.presence import list_workers
from services.common.jobs.record import Fault, JobRecord
from services.common.jobs.topology import LEADERS_BUCKET, backlog_stream
from services.common.jobs.writer import AttemptWriter
from services.launcher.embedded import NatsServer, S3Server
from services.launcher.process import ChildProcess
from tests.support.eventually import eventually
from tests.support.jobs import DONE, USER, Gate, PowerCut, Probe, run_probe, run_probe_storage
from tests.support.servers import run_nats_server
from tests.support.storage import new_bucket

FILLER = "FILLER"


async def states(probe: Probe) -> dict[str, str]:
    """Every state that the tenant's index lists a job under, by id."""
    found: dict[str, str] = {}
    for state in probe.kind.index_states:
        page = await probe.client.list_records(probe.kind.name, (state,), keys_only=True)
        found.update({probe.kind.job_id_of(item.key): state for item in page.records})
    return found


async def test_rule_08_job_is_listed_as_open_until_its_end(probe: Probe) -> None:
    record = await probe.accept()
    assert await states(probe) == {record.job_id: "open"}
    await probe.start_worker()
    await probe.until(record, "completed")
    await probe.until_queue_is_empty()
    assert await states(probe) == {record.job_id: "completed"}


async def test_rule_08_record_that_no_index_names_is_found_by_the_scan(probe: Probe) -> None:
    """A crash between index key and record, or one that lost the key, hides nothing for good."""
    record = await probe.accept_without_message()
    await hide(probe, record)
    sweeper = probe.make_sweeper()
    assert await sweeper.sweep(probe.tenant) == 0
    await sweeper.upkeep.scan()
    assert await probe.count_messages() == 1
    await probe.start_worker()
    await probe.until(record, "completed")


async def hide(probe: Probe, record: JobRecord) -> None:
    """Takes a record's index keys away by telling storage that it stands in no index, then writing it as it was."""
    key = probe.kind.record_key(record.user_id, record.job_id)
    stored = await probe.client.get_record(key)
    for state, previous in (("", "open"), ("open", "open")):
        stored = await probe.client.update_record(
            key,
            stored.document,
            kind=stored.kind,
            user_id=stored.user_id,
            state=state,
            previous_state=previous,
            created_at=stored.created_at,
            if_match=stored.etag,
            if_revision=stored.revision,
        )


async def test_rule_08_young_records_are_left_alone(probe: Probe) -> None:
    await probe.accept_without_message()
    assert await probe.make_sweeper(grace_s=60).sweep(probe.tenant) == 0


async def test_rule_08_sweeping_is_idempotent_and_two_at_once_do_no_harm(probe: Probe) -> None:
    records = [await probe.accept_without_message() for _ in range(5)]
    other = await probe.start_process()
    counts = await asyncio.gather(
        probe.make_sweeper().sweep(probe.tenant), probe.make_sweeper(other).sweep(probe.tenant)
    )
    assert sum(counts) == len(records) == await probe.count_messages()
    assert await probe.make_sweeper().sweep(probe.tenant) == 0


async def test_rule_08_job_in_a_workers_hands_is_not_queued_again(probe: Probe) -> None:
    gate = Gate()

    async def script(_attempt: AttemptWriter) -> Outcome:
        await gate()
        return DONE

    await probe.accept()
    worker = await probe.start_worker(script)
    await gate.reached.wait()
    assert await probe.make_sweeper().sweep(probe.tenant) == 0
    gate.open()
    await probe.until_queue_is_empty()
    assert len(worker.handler.runs) == 1


async def test_rule_08_maintenance_sees_every_ended_record(probe: Probe) -> None:
    seen: list[str] = []

    async def maintain(record: JobRecord) -> None:
        seen.append(record.job_id)

    ended = await probe.api.runtime.cancel(await probe.accept())
    await probe.accept()
    await probe.make_sweeper(maintain=maintain).upkeep.scan()
    assert seen == [ended.job_id]


async def test_rule_08_two_hundred_jobs_without_messages_are_queued_in_seconds(probe: Probe) -> None:
    sweeper = probe.make_sweeper()
    await asyncio.gather(*(probe.accept_without_message() for _ in range(200)))
    async with asyncio.timeout(120):
        assert await sweeper.sweep(probe.tenant) == 200


async def test_rule_15_one_sweeper_leads_and_another_follows_when_it_leaves(probe: Probe) -> None:
    name = f"sweeper-{probe.kind.service}"
    other = await probe.start_process()
    first, second = Leadership(probe.api.runtime.broker, name), Leadership(other.runtime.broker, name)
    assert [await first.hold(), await second.hold(), await first.hold()] == [True, False, True]
    await first.release()
    assert [await second.hold(), await first.hold()] == [True, False]


async def test_rule_15_leader_whose_key_expired_takes_it_anew_or_yields(probe: Probe) -> None:
    name = f"sweeper-{probe.kind.service}"
    other = await probe.start_process()
    first, second = Leadership(probe.api.runtime.broker, name), Leadership(other.runtime.broker, name)
    await first.hold()
    bucket = await probe.js.key_value(LEADERS_BUCKET)
    await bucket.purge(name)  # as its expiry leaves it
    assert await second.hold()
    assert not await first.hold()
    await bucket.purge(name)
    assert not await second.hold()
    assert await second.hold()


async def test_rule_15_queues_are_rebuilt_where_nats_lost_everything(tmp_path: Path, s3_server: S3Server) -> None:
    with run_nats_server(tmp_path) as first:
        async with (
            new_bucket(s3_server) as connection,  # a running sweeper looks after all tenants of its bucket
            run_probe_storage(s3_server, connection.options.bucket) as storage,
            run_probe(first.url, storage) as probe,
        ):
            waiting = [await probe.accept() for _ in range(3)]
            worker = await probe.start_worker(concurrency=1)
            sweeper = probe.make_sweeper(interval_s=0.1, scan_interval_s=3600)
            probe.api.sweeper = sweeper
            for record in waiting:
                await probe.until(record, "completed")
            lost = await probe.accept_without_message()
            first.kill()
            wipe(first._folder / "jetstream")
            accepted = await probe.accept()  # while NATS is away
            first.start()
            first.wait_until_serving()
            await sweeper.start()
            for record in (lost, accepted):
                await probe.until(record, "completed", within_s=300)

            async def look() -> Any:
                try:
                    return await list_workers(probe.api.runtime.broker, probe.kind.service)
                except Unavailable:
                    return []

            assert [item.slots for item in await eventually(look, within_s=300)] == [1]
            assert (await probe.api.runtime.describe_queue()).worker_processes == 1
            assert len(worker.handler.runs) == 5


async def test_rule_26_what_a_lost_backlog_had_not_announced_is_announced(
    nats_server: NatsServer, s3_server: S3Server
) -> None:
    """A worker has died between record and event, NATS has lost its message, another hand its place among open jobs."""
    async with (
        new_bucket(s3_server) as connection,  # a running sweeper looks after all tenants of its bucket
        run_probe_storage(s3_server, connection.options.bucket) as storage,
        run_probe(nats_server.url, storage) as probe,
    ):
        store = probe.api.runtime.store
        record, now = await probe.accept(), store.clock()
        ended = await store.save(record.note(now, "completed", 100, "done").finished(now), record)
        await store.close(ended)
        await probe.js.delete_stream(backlog_stream(probe.kind.service))
        assert "completed" not in await probe.events(record)
        sweeper = probe.make_sweeper(scan_interval_s=3600)
        await sweeper.start()
        try:

            async def is_told() -> bool:
                return "completed" in await probe.events(record)

            await eventually(is_told, within_s=300)
        finally:
            await sweeper.stop()


async def test_rule_26_a_refused_job_whose_event_and_key_were_lost_is_announced(probe: Probe) -> None:
    """The full backlog took no message, NATS not its event, and another hand its place among open jobs."""
    store = probe.api.runtime.store
    record, now = await probe.accept_without_message(), store.clock()
    withdrawn = record.note(now, "cancelled", 0, "refused: the queue is full").finished(now)
    await store.close(await store.save(replace(withdrawn, error=Fault(QUEUE_FULL, "the queue is full")), record))
    upkeep = probe.make_sweeper().upkeep
    upkeep.begin(changed_after=None)
    await upkeep.scan()
    assert await probe.events(record) == ["cancelled"]


async def test_rule_15_a_full_disk_of_nats_holds_jobs_up_and_loses_none(tmp_path: Path, s3_server: S3Server) -> None:
    """The server's own words for it, not made-up ones: what was accepted meanwhile runs once there is room again."""
    with run_nats_server(tmp_path) as server:
        restart_with_disk_of(server, 1 << 20)
        async with (
            new_bucket(s3_server) as connection,  # a running sweeper looks after all tenants of its bucket
            run_probe_storage(s3_server, connection.options.bucket) as storage,
            run_probe(server.url, storage, events_max_bytes=1 << 17) as probe,
        ):
            await fill(probe)
            accepted = await probe.accept()
            assert (await probe.get(accepted)).status == "pending"
            assert await probe.count_messages() == 0
            await probe.js.delete_stream(FILLER)
            sweeper = probe.make_sweeper()
            probe.api.sweeper = sweeper
            await sweeper.start()
            await probe.start_worker()
            await probe.until(accepted, "completed", within_s=300)


async def fill(probe: Probe) -> None:
    """Publishes into a stream of its own until the server has no room left."""
    await probe.js.add_stream(StreamConfig(name=FILLER, subjects=[FILLER]))
    with contextlib.suppress(APIError):
        while True:
            await probe.js.publish(FILLER, bytes(1 << 16))


def restart_with_disk_of(server: NatsServer, size: int) -> None:
    """Starts a NATS server again whose streams may take no more than so many bytes of disk."""
    server.kill()
    config = json.loads(server._config.read_text())
    config["jetstream"]["max_file_store"] = size
    server._config.write_text(json.dumps(config))
    ChildProcess.start(server)
    server.wait_until_serving()


def wipe(folder: Path) -> None:
    """Removes a folder with all that is in it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()


async def test_rule_15_worker_pauses_while_storage_is_away_and_says_so(probe: Probe) -> None:
    process = await probe.start_worker()
    worker = process.worker
    assert worker is not None
    process.storage.is_away = True
    record = await probe.accept()
    await eventually(lambda: worker.paused)
    with pytest.raises(Unavailable):
        await worker.check()
    assert await probe.count_messages() == 1
    process.storage.is_away = False
    await probe.until(record, "completed")
    await eventually(lambda: not worker.paused)
    assert (await probe.get(record)).attempts_used == 1


async def test_rule_15_storage_that_goes_away_in_mid_job_costs_no_attempt(probe: Probe) -> None:
    async def script(attempt: AttemptWriter) -> Outcome:
        if len(process.handler.runs) == 1:
            process.storage.is_away = True
            with pytest.raises(Unavailable):
                await attempt.checkpoint(paid="once")
            asyncio.get_running_loop().call_later(0.3, come_back)
            raise Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")
        return DONE

    def come_back() -> None:
        process.storage.is_away = False

    process = await probe.start_worker(script, max_attempts=1)
    record = await probe.accept()
    ended = await probe.until(record, "completed")
    assert (ended.attempt, ended.attempts_used, ended.body["paid"]) == (2, 1, "once")


async def test_rule_15_result_in_hand_is_kept_until_storage_answers(probe: Probe) -> None:
    failures = 3

    async def script(_attempt: AttemptWriter) -> Outcome:
        worker.storage.before["update_record"] = fail
        return DONE

    async def fail() -> None:
        nonlocal failures
        failures -= 1
        if failures:
            worker.storage.before["update_record"] = fail
        raise Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")

    worker = await probe.start_worker(script)
    record = await probe.accept()
    ended = await probe.until(record, "completed")
    assert (ended.attempt, len(worker.handler.runs), failures) == (1, 1, 0)


async def test_dead_process_raises_at_its_next_step(probe: Probe) -> None:
    """The tests' own power cut: nothing that a dead process does may reach anybody."""
    process = await probe.start_process()
    await process.cut_power()
    with pytest.raises(PowerCut):
        await probe.accept(process=process)
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, user_id=USER)
    assert page.records == ()

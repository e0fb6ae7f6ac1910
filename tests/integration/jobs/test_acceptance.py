"""Rules 1, 2, 11 and 14: what is accepted, what is refused, and what a repetition finds."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import utc_now
from services.common.context import acting_as
from services.common.errors import AlreadyExists, Conflict, Exhausted, PreconditionFailed, Unavailable
from services.common.identity import service_principal
from services.common.jobs.acceptance import Acceptance
from services.launcher.embedded import NatsServer
from tests.support.eventually import eventually
from tests.support.jobs import CALLER, USER, PowerCut, Probe, Process, finish_at_once, raise_unavailable, run_probe
from tests.support.storage import RunningStorage


async def cut(process: Process) -> None:
    """A tap: the process dies here."""
    process.storage.is_cut = True


async def test_rule_01_record_written_is_accepted_though_nats_is_away(probe: Probe) -> None:
    deaf = await probe.start_process()
    await deaf.runtime.broker.stop()
    record = await probe.accept(process=deaf)
    assert (await probe.get(record)).status == "pending"
    assert await probe.count_messages() == 0
    assert await probe.make_sweeper().sweep(probe.tenant) == 1
    await probe.start_worker()
    assert (await probe.until(record, "completed")).attempt == 1


async def test_rule_01_death_between_record_and_message_is_closed_by_the_sweeper(probe: Probe) -> None:
    doomed = await probe.start_process()

    async def die() -> None:
        await doomed.cut_power()

    doomed.storage.after["create_record"] = die
    with pytest.raises(PowerCut):
        await probe.accept(process=doomed)
    assert await probe.count_messages() == 0
    await probe.make_sweeper().sweep(probe.tenant)
    worker = await probe.start_worker()
    await eventually(lambda: worker.handler.settled)
    assert worker.handler.settled[0].status == "completed"


async def test_rule_01_full_queue_refuses_and_cancels(nats_server: NatsServer, probe_storage: RunningStorage) -> None:
    async with run_probe(nats_server.url, probe_storage, max_queue_size=1) as probe:
        await probe.accept()
        ids = iter(("refused",))
        with pytest.raises(Exhausted) as refusal:
            await probe.accept(new_job_id=lambda: next(ids))
        assert refusal.value.reason == "QUEUE_FULL"
        refused = await probe.api.runtime.store.get(USER, "refused")
        assert (refused.status, refused.error and refused.error.code) == ("cancelled", "QUEUE_FULL")
        assert await probe.count_messages() == 1


async def test_rule_01_job_that_runs_after_all_is_not_refused(
    nats_server: NatsServer, probe_storage: RunningStorage
) -> None:
    async with run_probe(nats_server.url, probe_storage, max_queue_size=1) as probe:
        await probe.accept()
        ids = iter(("overtaken",))

        async def claim_first() -> None:
            # The sweeper found room and a worker claimed it, just before the withdrawal.
            store = probe.api.runtime.store
            record = await store.get(USER, "overtaken")
            await store.save(record.note(store.clock(), "running", 1, "claimed"), record)

        probe.api.storage.before["update_record"] = claim_first
        accepted = await probe.accept(new_job_id=lambda: next(ids))
        assert (await probe.get(accepted)).status == "running"


async def test_rule_01_unwritten_record_is_not_accepted(probe: Probe) -> None:
    probe.api.storage.before["create_record"] = raise_unavailable
    with pytest.raises(Unavailable):
        await probe.accept()
    assert await probe.count_messages() == 0


async def test_rule_02_a_generation_is_queued_once_however_often_it_is_published(probe: Probe) -> None:
    record = await probe.accept()
    queue = probe.api.runtime.queue
    assert [await queue.publish(record) for _ in range(3)] == [False, False, False]
    assert await probe.count_messages() == 1


async def test_rule_02_publishing_again_right_after_the_ack_is_not_swallowed(probe: Probe) -> None:
    record = await probe.accept()
    await probe.start_worker()
    await probe.until(record, "completed")
    await probe.until_queue_is_empty()
    assert await probe.api.runtime.queue.publish(record)
    await probe.until_queue_is_empty()


async def test_rule_02_message_of_a_generation_left_behind_is_dropped(probe: Probe) -> None:
    record = await probe.accept()
    runtime = probe.api.runtime
    cancelled = await runtime.cancel(record)
    restarted = await runtime.acceptance.restart(probe.principal, cancelled, message="again", body={})
    assert await probe.count_messages() == 2
    worker = await probe.start_worker()
    await probe.until(record, "completed")
    await probe.until_queue_is_empty()
    assert [run.generation for run in worker.handler.runs] == [restarted.generation] == [2]


async def test_rule_11_same_key_and_body_give_the_same_job(probe: Probe) -> None:
    first, second = [await probe.accept(request_id="r1") for _ in range(2)]
    assert first.job_id == second.job_id
    assert await probe.count_messages() == 1


async def test_rule_11_same_key_with_another_body_is_refused(probe: Probe) -> None:
    await probe.accept(request_id="r1")
    with pytest.raises(AlreadyExists) as refusal:
        await probe.accept(request_id="r1", body={"wish": "another"})
    assert refusal.value.reason == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_rule_11_creation_that_was_cut_short_is_resumed(probe: Probe, when: str) -> None:
    doomed = await probe.start_process()
    first_tried_at = utc_now() - timedelta(minutes=1)
    doomed.runtime.store.clock = lambda: first_tried_at
    taps = getattr(doomed.storage, when)
    seen: list[str] = []

    async def prepare_and_die(job_id: str) -> None:
        seen.append(job_id)
        raise PowerCut

    if when == "before":  # the key is written, the record is not
        with pytest.raises(PowerCut):
            await probe.accept(process=doomed, request_id="r1", prepare=prepare_and_die)
    else:  # both are written, nobody was told
        ids = iter(("first",))
        seen.append("first")

        async def count() -> None:
            taps["create_record"] = lambda: cut(doomed)

        taps["create_record"] = count  # the key's own creation comes first
        with pytest.raises(PowerCut):
            await probe.accept(process=doomed, request_id="r1", new_job_id=lambda: next(ids))
    resumed = await probe.accept(request_id="r1")
    assert resumed.job_id == seen[0]
    assert resumed.created_at == first_tried_at  # another time would be another key in the index
    await probe.make_sweeper().sweep(probe.tenant)
    assert await probe.count_messages() == 1


async def test_rule_11_concurrent_repetitions_make_one_job(probe: Probe) -> None:
    records = await asyncio.gather(*(probe.accept(request_id="r1") for _ in range(6)))
    assert len({record.job_id for record in records}) == 1
    assert await probe.count_messages() == 1


async def test_rule_11_refused_request_may_be_repeated_under_its_key(
    nats_server: NatsServer, probe_storage: RunningStorage
) -> None:
    async with run_probe(nats_server.url, probe_storage, max_queue_size=1) as probe:
        blocking = await probe.accept()
        with pytest.raises(Exhausted):
            await probe.accept(request_id="r1")
        await probe.start_worker()
        await probe.until(blocking, "completed")
        await probe.until_queue_is_empty()
        accepted = await probe.accept(request_id="r1")
        await probe.until(accepted, "completed")


async def test_rule_11_keys_are_forgotten_after_their_time(probe: Probe) -> None:
    runtime = probe.api.runtime
    first = await probe.accept(request_id="r1")
    runtime.acceptance = Acceptance(
        runtime.store,
        runtime.queue,
        runtime.publisher,
        runtime.outbox,
        runtime.tombstones,
        secret=b"another",
        caps=runtime.caps,
        idempotency_lifetime_s=0,
    )
    assert (await probe.accept(request_id="r1")).job_id != first.job_id


async def test_rule_11_restart_lost_to_another_request_is_not_taken_for_done(probe: Probe) -> None:
    runtime = probe.api.runtime
    done = await runtime.cancel(await probe.accept())
    restart = runtime.acceptance.restart
    options: dict[str, Any] = {"message": "again", "body": {}, "method": "Restart"}

    async def overtake() -> None:
        await restart(probe.principal, done, **options, request_id="theirs")

    probe.api.storage.before["update_record"] = overtake
    with pytest.raises(Conflict):
        await restart(probe.principal, done, **options, request_id="ours")
    theirs = await probe.get(done)
    with pytest.raises(PreconditionFailed):
        await restart(probe.principal, theirs, **options, request_id="ours")
    ended = await runtime.cancel(theirs)
    ours = await restart(probe.principal, ended, **options, request_id="ours")
    assert ours.generation == 3
    assert (await restart(probe.principal, ours, **options, request_id="theirs")).generation == 3


async def test_rule_11_repeated_restart_is_one_generation(probe: Probe) -> None:
    runtime = probe.api.runtime
    done = await runtime.cancel(await probe.accept())
    options: dict[str, Any] = {"message": "again", "body": {}, "method": "Restart", "request_id": "r1"}
    first = await runtime.acceptance.restart(probe.principal, done, **options)
    again = await runtime.acceptance.restart(probe.principal, done, **options)
    assert (first.generation, again.generation) == (2, 2)


async def test_rule_14_tenant_above_its_cap_is_refused(probe: Probe) -> None:
    process = await probe.start_process(finish_at_once, jobs_max_unfinished=2)
    await asyncio.gather(*(probe.accept(process=process) for _ in range(2)))
    with pytest.raises(Exhausted) as refusal:
        await probe.accept(process=process)
    assert refusal.value.reason == "TOO_MANY_UNFINISHED_JOBS"


async def test_rule_14_other_tenants_jobs_do_not_count(probe: Probe) -> None:
    process = await probe.start_process(finish_at_once, jobs_max_unfinished=2)
    for _ in range(2):
        await probe.accept()
    probe.principal = replace(probe.principal, tenant=f"{probe.tenant}-other")
    with acting_as(service_principal(f"{probe.tenant}-other", CALLER)):
        record = await probe.accept(process=process)
    assert record.tenant == f"{probe.tenant}-other"

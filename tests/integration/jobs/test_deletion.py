"""Rule 10: what is deleted stays deleted, and nothing else goes with it."""

import asyncio
from collections.abc import Sequence

import pytest

from services.common.errors import AlreadyExists, NotFound, PreconditionFailed, Unavailable
from services.common.jobs.deletion import delete_job
from services.common.jobs.handler import Outcome
from services.common.jobs.record import JobRecord
from services.common.jobs.writer import AttemptWriter
from tests.support.jobs import DONE, USER, Gate, PowerCut, Probe, Process, raise_unavailable


def output_key(record: JobRecord) -> str:
    """Where a test's job puts something."""
    return f"probe/{record.user_id}/{record.job_id}/output"


async def delete(probe: Probe, record: JobRecord, process: Process | None = None) -> None:
    """Deletes a job."""
    runtime = (process or probe.api).runtime
    await delete_job(runtime.store, runtime.tombstones, record.user_id, record.job_id)


async def exists(probe: Probe, key: str) -> bool:
    """Whether there is such an object."""
    try:
        await probe.client.get_object_info(key)
    except NotFound:
        return False
    return True


async def test_rule_10_deleted_job_is_gone_with_all_that_belonged_to_it(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.put_object(output_key(record), b"data")
    await delete(probe, record)
    with pytest.raises(NotFound):
        await probe.get(record)
    assert not await exists(probe, output_key(record))
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, keys_only=True)
    assert page.records == ()


async def test_rule_10_running_attempt_of_a_deleted_job_lets_go(probe: Probe) -> None:
    gate = Gate()

    async def script(_attempt: AttemptWriter) -> Outcome:
        await gate()
        return DONE

    record = await probe.accept()
    worker = await probe.start_worker(script)
    await gate.reached.wait()
    await delete(probe, record)
    await probe.until_queue_is_empty()
    assert worker.handler.settled == []
    with pytest.raises(NotFound):
        await probe.get(record)


async def test_rule_10_zombies_upload_is_purged_again(probe: Probe) -> None:
    record = await probe.accept()
    await delete(probe, record)
    await probe.client.put_object(output_key(record), b"written by a zombie")
    await probe.make_sweeper(purge_again_after_s=3600).upkeep.purge()
    assert await exists(probe, output_key(record))  # too early: it may write once more
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    assert not await exists(probe, output_key(record))


async def test_rule_10_deletion_that_died_after_the_tombstone_is_finished_by_the_janitor(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.put_object(output_key(record), b"data")
    doomed = await probe.start_process()

    async def die() -> None:
        raise PowerCut

    doomed.storage.before["delete_prefix"] = die
    with pytest.raises(PowerCut):
        await delete(probe, record, doomed)
    with pytest.raises(NotFound):
        await probe.get(record)
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    assert not await exists(probe, output_key(record))


async def test_rule_29_creation_that_arrives_after_the_deletion_is_refused(probe: Probe) -> None:
    """The API process asked for the record, died, and the record was made by another: then its own request arrives."""
    record = await probe.accept()
    await delete(probe, record)
    with pytest.raises(AlreadyExists):
        await probe.api.runtime.store.create(record)
    with pytest.raises(NotFound):
        await probe.get(record)
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    assert not await exists(probe, probe.kind.record_key(record.user_id, record.job_id))


async def test_rule_10_deletion_that_could_not_be_written_is_none(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.put_object(output_key(record), b"data")
    probe.api.storage.before["update_record"] = raise_unavailable
    with pytest.raises(Unavailable):
        await delete(probe, record)
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    assert (await probe.get(record)).status == "pending"
    assert await exists(probe, output_key(record))


async def test_rule_10_deletion_that_died_before_the_tombstone_is_finished_by_the_janitor(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.put_object(output_key(record), b"data")
    doomed = await probe.start_process()

    async def die() -> None:
        raise PowerCut

    doomed.storage.before["create_record"] = die
    with pytest.raises(PowerCut):
        await delete(probe, record, doomed)
    upkeep = probe.make_sweeper(grace_s=0, purge_again_after_s=0).upkeep
    await upkeep.scan()
    await upkeep.purge()
    assert not await exists(probe, output_key(record))
    assert not await exists(probe, probe.kind.record_key(record.user_id, record.job_id))


async def test_rule_10_deleted_job_is_not_created_again_by_its_idempotency_key(probe: Probe) -> None:
    record = await probe.accept(request_id="r1")
    await delete(probe, record)
    with pytest.raises(PreconditionFailed) as refusal:
        await probe.accept(request_id="r1")
    assert refusal.value.reason == "PROBE_DELETED"


async def test_rule_10_deleted_job_is_not_created_again_once_the_mark_in_its_place_has_gone(probe: Probe) -> None:
    await delete(probe, await probe.accept(request_id="r1"))
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    with pytest.raises(PreconditionFailed) as refusal:
        await probe.accept(request_id="r1")
    assert refusal.value.reason == "PROBE_DELETED"


async def test_rule_10_deleted_user_makes_no_jobs(probe: Probe) -> None:
    runtime = probe.api.runtime
    await runtime.tombstones.put_user(runtime.store, USER, [f"probe/{USER}/"])
    with pytest.raises(PreconditionFailed) as refusal:
        await probe.accept()
    assert refusal.value.reason == "USER_DELETED"
    assert (await probe.accept(user_id="bob")).user_id == "bob"


async def test_rule_29_who_stores_nothing_first_looks_for_the_users_tombstone_once_the_record_stands(
    probe: Probe,
) -> None:
    runtime = probe.api.runtime
    await runtime.tombstones.put_user(runtime.store, USER, [f"probe/{USER}/"])
    with pytest.raises(PreconditionFailed):
        await probe.accept(stores_inputs=False)
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, keys_only=True)
    assert page.records == ()
    assert await probe.count_messages() == 0


async def test_rule_29_who_stores_nothing_first_asks_storage_once(probe: Probe) -> None:
    calls = probe.api.storage.calls
    calls.clear()
    await probe.accept(stores_inputs=False)
    assert calls == ["create_record"]


async def test_rule_29_tombstones_are_looked_for_where_storage_of_the_release_before_did_not(probe: Probe) -> None:
    runtime = probe.api.runtime
    create = runtime.store.create_and_look

    async def create_alone(record: JobRecord, _keys: Sequence[str]) -> tuple[JobRecord, None]:
        return (await create(record, ()))[0], None

    runtime.store.create_and_look = create_alone  # type: ignore[method-assign]
    assert (await probe.accept(user_id="bob", stores_inputs=False)).user_id == "bob"
    await runtime.tombstones.put_user(runtime.store, USER, [f"probe/{USER}/"])
    with pytest.raises(PreconditionFailed):
        await probe.accept(stores_inputs=False)
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, user_id=USER, keys_only=True)
    assert page.records == ()


@pytest.mark.parametrize("look", ["sweep", "scan"])
async def test_rule_29_job_of_a_deleted_user_goes_though_whoever_accepted_it_died_before_it_looked(
    probe: Probe, look: str
) -> None:
    process = await probe.start_process()
    await process.runtime.tombstones.put_user(process.runtime.store, USER, [f"probe/{USER}/"])
    process.storage.after["create_record"] = process.cut_power
    with pytest.raises(PowerCut):
        await probe.accept(process=process, stores_inputs=False)
    sweeper = probe.make_sweeper()
    await (sweeper.sweep(probe.tenant) if look == "sweep" else sweeper.upkeep.scan())
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, keys_only=True)
    assert page.records == ()
    assert await probe.count_messages() == 0


async def test_rule_10_creation_that_raced_a_users_deletion_leaves_nothing(probe: Probe) -> None:
    """The creation looked for tombstones before there was one; the deletion listed jobs before there was this one."""
    runtime = probe.api.runtime

    async def delete_the_user() -> None:
        await runtime.tombstones.put_user(runtime.store, USER, [f"probe/{USER}/"])

    probe.api.storage.before["create_record"] = delete_the_user
    with pytest.raises(PreconditionFailed):
        await probe.accept()
    page = await probe.client.list_records(probe.kind.name, probe.kind.index_states, keys_only=True)
    assert page.records == ()
    assert await probe.count_messages() == 0


async def test_rule_10_prefix_of_one_user_is_not_anothers(probe: Probe) -> None:
    short, long = [await probe.accept(user_id=name) for name in ("al", "alice")]
    runtime = probe.api.runtime
    await runtime.tombstones.put_user(runtime.store, "al", ["probe/al/"])
    await probe.make_sweeper(purge_again_after_s=0).upkeep.purge()
    with pytest.raises(NotFound):
        await probe.get(short)
    assert (await probe.get(long)).status == "pending"


async def test_rule_10_two_deletions_at_once_leave_nothing(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.put_object(output_key(record), b"data")
    outcomes = await asyncio.gather(delete(probe, record), delete(probe, record), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, NotFound) for outcome in outcomes), outcomes
    assert not await exists(probe, output_key(record))


async def test_rule_10_tombstones_name_nobody_and_end(probe: Probe) -> None:
    runtime = probe.api.runtime
    await runtime.tombstones.put_user(runtime.store, USER, [f"probe/{USER}/"])
    stored = (await probe.client.scan_records(f"tombstones/{probe.kind.service}/")).records
    assert len(stored) == 1
    assert USER not in stored[0].key
    for _ in range(2):  # purged again, then forgotten
        await probe.make_sweeper(purge_again_after_s=0, tombstone_lifetime_s=0).upkeep.purge()
    assert (await probe.client.scan_records(f"tombstones/{probe.kind.service}/")).records == ()
    await probe.accept()

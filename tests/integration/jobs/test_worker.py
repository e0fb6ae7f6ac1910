"""Rules 3 to 6: claims and their fence, one writer, drains, outputs, lost answers."""

import asyncio

import pytest

from services.common.errors import Internal, InvalidInput, Unavailable
from services.common.jobs.claims import DEATHS_OF_A_SUSPECT, MOST_DEATHS_ALONE
from services.common.jobs.handler import Outcome
from services.common.jobs.record import Artefact, JobRecord
from services.common.jobs.writer import AttemptWriter
from tests.support.eventually import eventually
from tests.support.jobs import DONE, Gate, PowerCut, Probe, Script, finish_at_once, raise_unavailable


def wait_at(gate: Gate, outcome: Outcome = DONE) -> Script:
    """A script that waits at a gate."""

    async def script(attempt: AttemptWriter) -> Outcome:
        attempt.note("running", 50, "at the gate")
        await gate()
        return outcome

    return script


async def test_rule_03_worker_that_dies_in_mid_job_is_followed_by_another(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()
    doomed = await probe.start_worker(wait_at(gate))
    await gate.reached.wait()
    await doomed.cut_power()
    await probe.start_worker()
    ended = await probe.until(record, "completed")
    assert ended.attempt == 2
    await probe.until_queue_is_empty()


async def test_rule_03_heartbeats_keep_the_lease_of_a_job_longer_than_it(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()
    worker = await probe.start_worker(wait_at(gate))
    await gate.reached.wait()
    other = await probe.start_worker()
    lease_s = probe.topology.ack_wait_s
    with pytest.raises(AssertionError):  # nobody else gets it for more than two leases
        await eventually(lambda: other.handler.runs, within_s=lease_s * 2.2)
    gate.open()
    assert (await probe.until(record, "completed")).attempt == 1
    assert len(worker.handler.runs) == 1


async def test_rule_03_zombie_loses_its_writes_and_its_ack_loses_no_job(probe: Probe) -> None:
    record = await probe.accept()
    first_gate, second_gate = Gate(), Gate()
    zombie = await probe.start_worker(
        wait_at(first_gate, Outcome("completed", "by the zombie")), heartbeat_s=999, concurrency=1
    )
    await first_gate.reached.wait()
    await probe.until(record, "running")
    asleep = Gate()
    zombie.storage.before["get_record"] = asleep  # it does not even look
    successor = await probe.start_worker(wait_at(second_gate, Outcome("completed", "by the successor")))
    await second_gate.reached.wait()
    asleep.open()
    first_gate.open()
    assert zombie.worker is not None
    await eventually(lambda: zombie.worker is not None and not zombie.worker._running)
    assert (await probe.get(record)).attempt == 2
    assert await probe.count_messages() == 1
    second_gate.open()
    ended = await probe.until(record, "completed")
    assert ended.message == "by the successor"
    await probe.until_queue_is_empty()
    assert [entry.message for entry in successor.handler.settled] == ["by the successor"]
    assert zombie.handler.settled == []


async def test_rule_03_inputs_come_from_the_record_not_from_the_message(probe: Probe) -> None:
    record = await probe.accept()
    store = probe.api.runtime.store
    await store.save(record.note(store.clock(), "pending", 0, "changed since"), record)
    worker = await probe.start_worker()
    await probe.until(record, "completed")
    assert worker.handler.runs[0].message == "changed since"


async def test_rule_03_used_up_attempts_end_in_failure_and_a_dead_letter(probe: Probe) -> None:
    async def fail(_attempt: AttemptWriter) -> Outcome:
        raise ZeroDivisionError("a bug")

    record = await probe.accept()
    worker = await probe.start_worker(fail, max_attempts=2)
    ended = await probe.until(record, "failed")
    assert (ended.attempt, ended.given_up, ended.error and ended.error.code) == (2, True, "INTERNAL")
    assert "ZeroDivisionError" not in str(ended.error)
    await probe.until_queue_is_empty()
    letters = await probe.api.runtime.queue.dead_letters(probe.tenant)
    assert [letter.locator.job_id for letter in letters] == [record.job_id]
    assert len(worker.handler.runs) == 2


async def test_rule_22_deaths_alone_end_a_job_and_others_do_not(probe: Probe) -> None:
    record = await probe.accept()
    for _ in range(DEATHS_OF_A_SUSPECT + MOST_DEATHS_ALONE):
        gate = Gate()
        doomed = await probe.start_worker(wait_at(gate), max_attempts=1)
        await gate.reached.wait()
        await doomed.cut_power()
    last = await probe.start_worker(max_attempts=1)
    ended = await probe.until(record, "failed", within_s=300)
    assert ended.error is not None
    assert (ended.error.code, ended.charged, last.handler.runs) == ("WORKER_DIED", 0, [])
    await probe.until_queue_is_empty()
    assert await probe.api.runtime.queue.count_dead_letters() == 1


async def test_rule_03_dead_letter_is_written_by_whoever_finds_it_missing(probe: Probe) -> None:
    record = await probe.accept()

    async def fail(_attempt: AttemptWriter) -> Outcome:
        raise Internal("a bug elsewhere")

    async def fail_unexpectedly(_attempt: AttemptWriter) -> Outcome:
        raise RuntimeError("a bug")

    doomed = await probe.start_worker(fail_unexpectedly, max_attempts=1)

    async def die(*_: object) -> None:
        await doomed.cut_power()
        raise PowerCut

    doomed.runtime.queue.publish_dead_letter = die  # type: ignore[method-assign]
    await probe.until(record, "failed")
    assert await probe.api.runtime.queue.count_dead_letters() == 0
    await probe.start_worker()
    await probe.until_queue_is_empty()
    assert await probe.api.runtime.queue.count_dead_letters() == 1


async def test_rule_03_failure_of_the_input_is_final_at_once(probe: Probe) -> None:
    async def refuse(_attempt: AttemptWriter) -> Outcome:
        raise InvalidInput("no rows", reason="NO_ROWS", field="input_file")

    record = await probe.accept()
    await probe.start_worker(refuse)
    ended = await probe.until(record, "failed")
    assert ended.error is not None
    assert (ended.attempt, ended.given_up) == (1, False)
    assert (ended.error.code, ended.error.message, ended.error.field) == ("NO_ROWS", "no rows", "input_file")


async def test_rule_03_dependency_that_is_away_costs_no_attempt(probe: Probe) -> None:
    failures = 4

    async def flap(_attempt: AttemptWriter) -> Outcome:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            async with asyncio.TaskGroup() as group:
                group.create_task(raise_unavailable())
        return DONE

    record = await probe.accept()
    await probe.start_worker(flap, max_attempts=2)
    ended = await probe.until(record, "completed")
    assert (ended.attempt, ended.excused, ended.attempts_used) == (5, 4, 1)


async def test_rule_03_message_without_a_record_is_dropped(probe: Probe) -> None:
    record = await probe.accept()
    await probe.client.delete_record(probe.kind.record_key(record.user_id, record.job_id))
    await probe.start_worker()
    await probe.until_queue_is_empty()


async def test_rule_03_damaged_record_stops_neither_worker_nor_sweeper(probe: Probe) -> None:
    damaged = await probe.accept()
    key = probe.kind.record_key(damaged.user_id, damaged.job_id)
    stored = await probe.client.get_record(key)
    await probe.client.update_record(
        key,
        {"_job": {"tenant": 5}},
        kind=stored.kind,
        user_id=stored.user_id,
        state=stored.state,
        previous_state=stored.state,
        created_at=stored.created_at,
        if_match=stored.etag,
        if_revision=stored.revision,
    )
    sound = await probe.accept_without_message()
    assert await probe.make_sweeper().sweep(probe.tenant) == 1
    await probe.start_worker()
    await probe.until(sound, "completed")
    await probe.until_queue_is_empty()


async def test_rule_03_job_that_takes_too_long_fails(probe: Probe) -> None:
    record = await probe.accept()
    await probe.start_worker(wait_at(Gate()), job_timeout_s=0.1)
    ended = await probe.until(record, "failed")
    assert ended.error is not None
    assert ended.error.code == "JOB_TIMEOUT"


async def test_rule_04_cancel_reaches_a_running_job(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()
    let_go = asyncio.Event()

    async def script(_attempt: AttemptWriter) -> Outcome:
        try:
            await gate()
        except asyncio.CancelledError:
            let_go.set()
            raise
        return DONE

    worker = await probe.start_worker(script)
    await gate.reached.wait()
    await probe.api.runtime.cancel(record)
    async with asyncio.timeout(120):
        await let_go.wait()
    await probe.until_queue_is_empty()
    assert (await probe.get(record)).status == "cancelled"
    assert {settled.status for settled in worker.handler.settled} == {"cancelled"}


async def test_rule_04_notes_made_while_a_write_is_on_its_way_are_written(probe: Probe) -> None:
    gate = Gate()

    async def script(attempt: AttemptWriter) -> Outcome:
        tapped.storage.before["update_record"] = gate
        attempt.note("running", 10, "first")
        await gate.reached.wait()
        attempt.note("running", 20, "second")
        attempt.note("running", 30, "third")
        gate.open()
        await attempt.flush()
        attempt.note("running", 40, "fourth")
        return DONE

    tapped = await probe.start_worker(script)
    record = await probe.accept()
    ended = await probe.until(record, "completed")
    assert [entry.message for entry in ended.history] == ["accepted", "first", "second", "third", "fourth", "done"]
    revisions = [entry.revision for entry in ended.history]
    assert revisions == sorted(revisions)
    assert revisions[1] < revisions[2] == revisions[3] < revisions[5] == ended.revision


async def test_rule_04_history_keeps_the_revisions_that_watchers_saw(probe: Probe) -> None:
    """A note made during one write and written by the next, while a third note is made, keeps its number."""
    first, second = Gate(), Gate()
    seen: list[JobRecord] = []

    async def script(attempt: AttemptWriter) -> Outcome:
        tapped.storage.before["update_record"] = first
        attempt.note("running", 10, "a")
        await first.reached.wait()
        attempt.note("running", 20, "b")
        tapped.storage.before["update_record"] = second
        first.open()
        await second.reached.wait()
        attempt.note("running", 30, "c")
        second.open()
        await eventually(lambda: attempt.record.revision >= 4)
        seen.append(await probe.get(attempt.record))
        await attempt.flush()
        return DONE

    tapped = await probe.start_worker(script)
    record = await probe.accept()
    ended = await probe.until(record, "completed")
    then = {entry.message: entry.revision for entry in seen[0].history}
    now = {entry.message: entry.revision for entry in ended.history}
    assert {message: now[message] for message in then} == then
    assert now["a"] < now["b"] < now["c"]


async def test_rule_04_drain_lets_what_is_in_hand_finish(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()
    worker = await probe.start_worker(wait_at(gate), drain_timeout_s=10)
    await gate.reached.wait()
    assert worker.worker is not None
    draining = asyncio.create_task(worker.worker.drain())
    gate.open()
    await draining
    assert (await probe.get(record)).status == "completed"
    assert await probe.count_messages() == 0


async def test_rule_04_drain_hands_back_without_counting_an_attempt(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()
    worker = await probe.start_worker(wait_at(gate), drain_timeout_s=0.05)
    await gate.reached.wait()
    assert worker.worker is not None
    slow = Gate()
    worker.storage.before["update_record"] = slow  # handing back takes its time
    draining = asyncio.create_task(worker.worker.drain())
    await slow.reached.wait()
    slow.open()
    await draining
    handed_back = await probe.get(record)
    assert (handed_back.attempt, handed_back.attempts_used) == (1, 0)
    successor = await probe.start_worker(heartbeat_s=0.25)
    await eventually(lambda: successor.handler.runs, within_s=probe.topology.ack_wait_s * 0.8)
    await probe.until(record, "completed")


async def test_rule_04_drain_leaves_no_message_with_a_worker_that_no_longer_pulls(probe: Probe) -> None:
    worker = await probe.start_worker()
    assert worker.worker is not None
    await eventually(lambda: probe.js.consumer_info(f"JOBS_{probe.kind.service.upper()}", "workers"))

    async def is_pulling() -> bool:
        info = await probe.js.consumer_info(f"JOBS_{probe.kind.service.upper()}", "workers")
        return bool(info.num_waiting)

    await eventually(is_pulling)
    await worker.worker.drain()
    await probe.accept()
    successor = await probe.start_worker()
    await eventually(lambda: successor.handler.runs, within_s=probe.topology.ack_wait_s * 0.8)


async def test_rule_04_worker_pulls_no_more_than_it_has_slots(probe: Probe) -> None:
    gate = Gate()
    worker = await probe.start_worker(wait_at(gate), concurrency=2)
    records = [await probe.accept() for _ in range(5)]
    await eventually(lambda: len(worker.handler.runs) == 2)
    _, in_hand, _ = await probe.api.runtime.queue.depth()
    assert in_hand == 2
    gate.open()
    for record in records:
        await probe.until(record, "completed")


async def test_rule_05_death_between_upload_and_record_leaves_bytes_that_nothing_names(probe: Probe) -> None:
    """Whoever follows stores its own: what the dead attempt uploaded is in no manifest, whole as it may be."""

    async def upload(attempt: AttemptWriter) -> Outcome:
        record = attempt.record
        (folder,) = probe.kind.places(record.user_id, record.job_id)
        key = f"{folder}{record.generation}/{record.attempt}/output.csv"
        with probe.acting():
            info = await probe.client.keep_object(key, b"of %d" % record.attempt, content_type="text/csv")
        if record.attempt == 1:
            doomed.storage.before["update_record"] = die
        return Outcome("completed", "done", manifest={"output": Artefact(key, info.size, info.sha256, "text/csv")})

    async def die() -> None:
        await doomed.cut_power()
        raise PowerCut

    record = await probe.accept()
    doomed = await probe.start_worker(upload)
    await eventually(lambda: doomed.storage.is_cut)
    assert (await probe.get(record)).status != "completed"
    await probe.start_worker(upload)
    ended = await probe.until(record, "completed", within_s=300)
    assert ended.attempt == 2
    assert ended.manifest["output"].key.endswith("/1/2/output.csv")
    await probe.until_queue_is_empty()
    assert (await probe.events(record)).count("completed") == 1


async def test_rule_05_death_between_record_and_event_is_made_up_for(probe: Probe) -> None:
    record = await probe.accept()
    doomed = await probe.start_worker()

    async def die(*_: object, **__: object) -> None:
        await doomed.cut_power()
        raise PowerCut

    doomed.runtime.publisher.publish = die  # type: ignore[method-assign]
    await probe.until(record, "completed")
    assert "completed" not in await probe.events(record)
    finder = await probe.start_worker()
    await probe.until_queue_is_empty()
    assert (await probe.events(record)).count("completed") == 1
    assert (finder.handler.runs, [settled.status for settled in finder.handler.settled]) == ([], ["completed"])


async def test_rule_05_death_between_event_and_ack_runs_nothing_twice(probe: Probe) -> None:
    record = await probe.accept()
    doomed = await probe.start_worker()
    publish = doomed.runtime.publisher.publish

    async def publish_and_die(ended: JobRecord, *, after_revision: int) -> None:
        await publish(ended, after_revision=after_revision)
        if ended.status == "completed":
            await doomed.cut_power()
            raise PowerCut

    doomed.runtime.publisher.publish = publish_and_die  # type: ignore[method-assign]
    await eventually(lambda: doomed.storage.is_cut)
    finder = await probe.start_worker()
    await probe.until_queue_is_empty()
    assert finder.handler.runs == []
    assert (await probe.events(record)).count("completed") == 1
    assert (await probe.get(record)).attempt == 1


async def test_rule_06_progress_whose_answer_was_lost_does_not_end_the_attempt(probe: Probe) -> None:
    async def script(attempt: AttemptWriter) -> Outcome:
        tapped.storage.lose_answer("update_record")
        attempt.set_body(checkpoint=1)
        with pytest.raises(Unavailable):
            await attempt.flush()
        await attempt.checkpoint(checkpoint=2)
        return DONE

    tapped = await probe.start_worker(script, write_interval_s=5, look_interval_s=5)
    record = await probe.accept()
    ended = await probe.until(record, "completed")
    assert (ended.attempt, ended.body["checkpoint"]) == (1, 2)


async def test_rule_06_terminal_write_whose_answer_was_lost_is_found_again(probe: Probe) -> None:
    async def script(_attempt: AttemptWriter) -> Outcome:
        tapped.storage.lose_answer("update_record")
        return DONE

    tapped = await probe.start_worker(script)
    record = await probe.accept()
    await probe.until(record, "completed")
    await probe.until_queue_is_empty()
    assert await probe.events(record) == ["pending", "completed"]
    assert len(tapped.handler.runs) == 1


async def test_rule_06_lost_claim_is_claimed_again(probe: Probe) -> None:
    worker = await probe.start_process()
    worker.storage.lose_answer("update_record")
    record = await probe.accept()
    store = worker.runtime.store
    with pytest.raises(Unavailable):
        await store.change(
            record.user_id, record.job_id, lambda current: current.note(store.clock(), "running", 1, "x")
        )
    await probe.start_worker()
    assert (await probe.until(record, "completed")).attempt == 1


async def test_rule_06_terminal_states_absorb(probe: Probe) -> None:
    record = await probe.accept()
    gate = Gate()

    async def script(attempt: AttemptWriter) -> Outcome:
        await gate()
        return DONE

    worker = await probe.start_worker(script, look_interval_s=60)
    await gate.reached.wait()
    await probe.api.runtime.cancel(record)
    gate.open()
    await probe.until_queue_is_empty()
    ended = await probe.get(record)
    assert (ended.status, len(worker.handler.runs)) == ("cancelled", 1)
    assert (await probe.events(record))[-1] == "cancelled"


async def test_unhandled_failure_of_one_job_leaves_the_others_alone(probe: Probe) -> None:
    async def script(attempt: AttemptWriter) -> Outcome:
        if attempt.record.job_id == "bad":
            raise RuntimeError("a bug")
        return await finish_at_once(attempt)

    await probe.start_worker(script, max_attempts=1)
    ids = iter(("bad", "good"))
    bad, good = [await probe.accept(new_job_id=lambda: next(ids)) for _ in range(2)]
    await probe.until(good, "completed")
    await probe.until(bad, "failed")

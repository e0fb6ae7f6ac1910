"""Rules 14, 27 and 28: turns of tenants and users, nothing lost, the measure for scaling, releases side by side, caps.

Turns are counted in jobs that began, never in time: a slow machine begins them later, in the same order.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from math import ceil

import pytest
from nats.js.api import ConsumerInfo

from services.common.errors import Exhausted, Unavailable
from services.common.jobs.caps import TOO_MANY
from services.common.jobs.deliveries import Deliveries, Delivery
from services.common.jobs.queue import BACKLOG_HEADER
from services.common.jobs.record import JobRecord
from services.common.jobs.topology import BACKLOG, backlog_stream
from tests.support.eventually import eventually
from tests.support.fair_queue import Slots, make_job, publish_all, repeat, working
from tests.support.jobs import Probe, Process, finish_at_once
from tests.support.previous_queue import start_previous_process, start_previous_worker

QUEUED = 5_000


@contextlib.asynccontextmanager
async def slots_of(probe: Probe, count: int, *, api: Process | None = None) -> AsyncIterator[Slots]:
    """Workers of the probe with so many slots."""
    process, api = await probe.start_process(role="worker"), api or probe.api
    async with working(process.runtime.broker, probe.kind.service, count, seen_by=api.runtime.broker) as slots:
        yield slots


async def measure_backlog(probe: Probe) -> int:
    """What the autoscaler reads: pending and in hand of the one consumer."""
    info: ConsumerInfo = await probe.js.consumer_info(backlog_stream(probe.kind.service), BACKLOG)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


def bound_of(tenants: int, slots: int) -> int:
    """Rule 27 in jobs: what may begin before a tenant's first, when all take equally long and the slots are busy."""
    return slots * (1 + ceil(tenants / slots)) - 1


async def begin_busily(probe: Probe, slots: Slots, jobs: list[JobRecord], count: int) -> None:
    """Lets the slots work on a long backlog, as they do when somebody new comes."""
    await publish_all(probe.api.runtime.queue, jobs)
    await slots.run(3 * count)


@pytest.mark.parametrize(("tenants", "count"), [(2, 1), (2, 4), (6, 4), (9, 2)])
async def test_rule_27_a_tenants_first_job_begins_within_the_bound(probe: Probe, tenants: int, count: int) -> None:
    piled_up = [make_job(f"t{number % (tenants - 1)}") for number in range(60 * (tenants - 1))]
    async with slots_of(probe, count) as slots:
        await begin_busily(probe, slots, piled_up, count)
        first = make_job("beta")
        await probe.api.runtime.queue.publish(first)
        before = await slots.count_before(first, give_up_after=len(piled_up))
    # At most one that stands ready for each slot, and a turn of each other tenant: never more than the rule allows.
    assert before <= count + tenants - 1
    assert before <= bound_of(tenants, count)


async def test_rule_27_with_5000_jobs_of_acme_queued_betas_single_job_is_next(probe: Probe) -> None:
    count = 4
    async with slots_of(probe, count) as slots:
        await begin_busily(probe, slots, [make_job("acme") for _ in range(QUEUED)], count)
        first = make_job("beta")
        await probe.api.runtime.queue.publish(first)
        before = await slots.count_before(first, give_up_after=QUEUED)
    assert before <= count + 1 <= bound_of(2, count)


async def test_rule_27_users_of_a_tenant_take_turns_too(probe: Probe) -> None:
    count = 4
    async with slots_of(probe, count) as slots:
        await begin_busily(probe, slots, [make_job("acme", "busy") for _ in range(1_000)], count)
        first = make_job("acme", "rare")
        await probe.api.runtime.queue.publish(first)
        before = await slots.count_before(first, give_up_after=1_000)
    assert before <= count + 1 <= bound_of(2, count)


async def test_rule_27_one_user_s_many_jobs_cost_other_tenants_nothing(probe: Probe) -> None:
    """A tenant of many users has no more turns than a tenant of one."""
    piled_up = [make_job("acme", f"user-{number % 20}") for number in range(400)]
    piled_up += [make_job("beta") for _ in range(200)]
    async with slots_of(probe, 2) as slots:
        await publish_all(probe.api.runtime.queue, piled_up)
        await slots.run(20)  # what was handed out before beta's jobs came
        served = Counter(locator.tenant for locator in await slots.run(100))
    assert abs(served["acme"] - served["beta"]) <= 6


async def test_rule_27_tenants_have_turns_by_their_weight(probe: Probe) -> None:
    assert probe.api.dispatcher is not None
    await probe.api.dispatcher.drain()
    await probe.start_dispatcher(await probe.start_process(jobs_tenant_weights={"acme": 3}))
    jobs = [make_job(tenant) for tenant in ("acme", "beta") for _ in range(200)]
    async with slots_of(probe, 2) as slots:
        await publish_all(probe.api.runtime.queue, jobs)
        await slots.run(20)
        served = Counter(locator.tenant for locator in (await slots.run(120))[:120])
    assert abs(served["acme"] - 90) <= 4


async def test_rule_27_jobs_that_are_tried_again_wait_for_their_turn(probe: Probe) -> None:
    count = 2
    async with slots_of(probe, count) as slots:
        await publish_all(probe.api.runtime.queue, [make_job("acme") for _ in range(40)])
        for _ in range(40):  # all fail, again and again, and all are due at the same time
            await slots.take()
            await slots.in_hand.pop(0).again(0.01)
        first = make_job("beta")
        await probe.api.runtime.queue.publish(first)
        before = 0
        while not any(locator.job_id == first.job_id for locator in slots.begun):
            if len(slots.in_hand) == count:
                await slots.in_hand.pop(0).again(0.01)
            before += await slots.take()
            assert before <= 40
    assert before <= 2 * count + 1


async def test_nothing_is_lost_when_workers_and_dispatchers_die(probe: Probe) -> None:
    queue = probe.api.runtime.queue
    jobs = [make_job(f"t{number % 7}", f"u{number % 3}") for number in range(300)]
    successor = await probe.start_dispatcher(await probe.start_process())
    await publish_all(queue, jobs)
    begun: set[str] = set()
    for _ in range(3):  # each dies with jobs in hand, one of them after having given some up
        doomed = await probe.start_process(role="worker")
        async with working(doomed.runtime.broker, probe.kind.service, 4, seen_by=probe.api.runtime.broker) as slots:
            await slots.run(20)
            await slots.in_hand.pop(0).again(0.05)
            await doomed.cut_power()
            begun |= {locator.job_id for locator in slots.begun}
    await probe.api.cut_power()  # the one that dispatched first
    assert successor.dispatcher is not None
    async with slots_of(probe, 4, api=successor) as slots:
        # Leases end, the other dispatcher takes over, and looks for what nobody told it.
        while await measure_backlog(probe):
            await slots.run_dry(1.0)
        begun |= {locator.job_id for locator in slots.begun}
    assert begun == {job.job_id for job in jobs}


async def test_a_job_that_left_the_backlog_before_its_worker_died_leaves_the_work_queue(probe: Probe) -> None:
    worker, backlog = await probe.start_process(role="worker"), backlog_stream(probe.kind.service)
    await publish_all(probe.api.runtime.queue, [make_job("acme") for _ in range(3)])
    deliveries = Deliveries(worker.runtime.broker, probe.kind.service)
    taken: list[Delivery] = []
    while len(taken) < 3:
        taken += await deliveries.take(3, 5)
    first, between, last = taken
    await worker.runtime.broker.delete_message(backlog, int(between.headers[BACKLOG_HEADER]))
    for delivery in (between, last, first):
        await delivery.done()
    await probe.until_queue_is_empty(within_s=300)


async def test_the_measure_for_scaling_is_the_whole_backlog_with_and_without_workers(probe: Probe) -> None:
    queue = probe.api.runtime.queue
    await publish_all(queue, [make_job("acme") for _ in range(5)])
    await eventually(queue.count_ready, within_s=300)
    assert await measure_backlog(probe) == 5  # nobody works: some stand ready, the others wait
    async with slots_of(probe, 2) as slots:
        await slots.run(2)
        assert await measure_backlog(probe) == 5  # two in hand
        await slots.run_dry(0.5)
    assert await measure_backlog(probe) == 0
    await publish_all(queue, [make_job("acme")])
    # The server counts a message a moment after it has acknowledged it.
    assert await eventually(lambda: measure_backlog(probe), within_s=300) == 1


async def test_without_workers_one_job_stands_ready(probe: Probe) -> None:
    queue = probe.api.runtime.queue
    await publish_all(queue, [make_job("acme") for _ in range(20)])
    await eventually(queue.count_ready, within_s=300)
    first = make_job("beta")
    await queue.publish(first)
    async with slots_of(probe, 1) as slots:
        assert await slots.count_before(first, give_up_after=20) <= 2


async def test_rule_02_a_job_is_handed_out_once_however_often_it_is_published(probe: Probe) -> None:
    queue = probe.api.runtime.queue
    job = make_job("acme")
    assert [await queue.publish(job) for _ in range(3)] == [True, False, False]
    async with slots_of(probe, 2) as slots:
        await slots.take()
        assert await queue.publish(job) is False  # in hand
        await slots.run_dry(0.5)
        assert len(slots.begun) == 1
    assert await queue.publish(job) is True


async def end_all(probe: Probe, sweepers: Process, records: list[JobRecord]) -> None:
    """Sweeps as this process does until every job has completed."""
    sweeper = probe.make_sweeper(sweepers)

    async def all_ended() -> bool:
        await sweeper.sweep(probe.tenant)
        return all([(await probe.get(record)).status == "completed" for record in records])

    await eventually(all_ended, within_s=300, every_s=0.5)


async def accept_at_both(probe: Probe, old: Process, count: int) -> list[JobRecord]:
    """Accepts at the release before and at this one in turn."""
    return [await probe.accept(process=(old, probe.api)[number % 2]) for number in range(count)]


async def test_rule_28_rolled_forward_under_kills_the_backlog_takes_over(probe: Probe) -> None:
    old = await start_previous_process(probe)
    records = await accept_at_both(probe, old, 20)
    old_worker = await start_previous_worker(probe, finish_at_once)
    await probe.start_worker()
    records += await accept_at_both(probe, old, 12)
    await old_worker.cut_power()
    await old.cut_power()
    await end_all(probe, probe.api, records)
    await probe.until_queue_is_empty(within_s=300)  # what the older workers left of jobs that they ended, too


async def test_rule_28_rolled_back_under_kills_the_records_bring_all_into_the_old_queue(probe: Probe) -> None:
    old = await start_previous_process(probe)
    records = await accept_at_both(probe, old, 20)
    new_worker = await probe.start_worker()
    await start_previous_worker(probe, finish_at_once)
    records += await accept_at_both(probe, old, 12)
    await new_worker.cut_power()
    assert probe.api.dispatcher is not None
    await probe.api.dispatcher.stop()  # nobody is left who knows the backlog
    await end_all(probe, old, records)
    await probe.start_dispatcher()  # and forward again: what was left is cleared away
    await probe.start_worker()
    await probe.until_queue_is_empty(within_s=300)


async def start_patient_process(probe: Probe, monkeypatch: pytest.MonkeyPatch, **settings: int) -> Process:
    """An API process that waits for NATS however slow it is: a job is accepted uncounted where NATS is away."""
    process = await probe.start_process(**settings)
    queue = process.runtime.queue
    publish, count = queue.publish, queue.count_unfinished
    monkeypatch.setattr(queue, "publish", lambda record: repeat(partial(publish, record)))
    monkeypatch.setattr(queue, "count_unfinished", lambda *who: repeat(partial(count, *who)))
    return process


async def accept_many(probe: Probe, processes: list[Process], users: list[str]) -> list[JobRecord | Exhausted]:
    """Accepts at all the processes at once."""

    async def accept(number: int, user: str) -> JobRecord | Exhausted:
        try:
            return await probe.accept(process=processes[number % len(processes)], user_id=user)
        except Exhausted as refusal:
            return refusal

    return await asyncio.gather(*(accept(number, user) for number, user in enumerate(users)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"jobs_max_unfinished": 6}, "the tenant has"),
        ({"jobs_max_unfinished_of_user": 6}, "the user has"),
    ],
)
async def test_rule_14_a_cap_holds_over_several_processes(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, settings: dict[str, int], words: str
) -> None:
    processes = [await start_patient_process(probe, monkeypatch, **settings) for _ in range(3)]
    answers = await accept_many(probe, processes, ["alice"] * 24)
    accepted = [answer for answer in answers if isinstance(answer, JobRecord)]
    refused = [answer for answer in answers if isinstance(answer, Exhausted)]
    assert len(accepted) <= 6
    assert len(accepted) == await probe.count_messages()  # the others were taken out again
    assert {(refusal.reason, refusal.retry_after_s) for refusal in refused} == {("TOO_MANY_UNFINISHED_JOBS", 30)}
    assert all(words in refusal.message for refusal in refused)


async def test_rule_26_one_too_many_keeps_its_message_until_its_end_was_announced(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = probe.api.runtime
    publish = runtime.publisher.publish

    async def refuse(*_: object, **__: object) -> None:
        raise Unavailable("NATS does not answer", reason="NATS_UNAVAILABLE")

    async def one_too_many(_record: JobRecord) -> None:
        raise Exhausted("the tenant has too many", reason=TOO_MANY)

    monkeypatch.setattr(runtime.acceptance._caps, "confirm", one_too_many)
    runtime.publisher.publish = refuse  # type: ignore[method-assign]
    with pytest.raises(Exhausted):
        await probe.accept()
    assert await probe.count_messages() == 1
    runtime.publisher.publish = publish  # type: ignore[method-assign]
    (record,), _ = await runtime.store.list_page(user_id="", statuses=("cancelled",), page_size=9, page_token="")
    await probe.start_worker()
    await probe.until_queue_is_empty()
    assert await probe.events(record) == ["cancelled"]


async def test_rule_14_one_after_the_other_a_cap_is_used_up_whole(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = [await start_patient_process(probe, monkeypatch, jobs_max_unfinished=6) for _ in range(3)]
    for number in range(6):
        await probe.accept(process=processes[number % 3])
    with pytest.raises(Exhausted):
        await probe.accept(process=processes[0])


async def test_rule_14_a_user_at_the_cap_leaves_the_others_of_the_tenant_alone(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = await start_patient_process(probe, monkeypatch, jobs_max_unfinished_of_user=2)
    for _ in range(2):
        await probe.accept(process=process, user_id="busy")
    with pytest.raises(Exhausted):
        await probe.accept(process=process, user_id="busy")
    assert (await probe.accept(process=process, user_id="rare")).status == "pending"


async def test_rule_11_what_a_cap_refused_may_be_repeated_under_its_key(probe: Probe) -> None:
    process = await probe.start_process(jobs_max_unfinished=1)
    blocking = await probe.accept(process=process)
    with pytest.raises(Exhausted):
        await probe.accept(process=process, request_id="r1")
    await probe.start_worker()
    await probe.until(blocking, "completed")
    await probe.until_queue_is_empty()

    async def accepted() -> JobRecord | None:
        with contextlib.suppress(Exhausted):  # a count of a second ago
            return await probe.accept(process=process, request_id="r1")
        return None

    record = await eventually(accepted, within_s=300, every_s=0.1)
    assert record is not None
    await probe.until(record, "completed")

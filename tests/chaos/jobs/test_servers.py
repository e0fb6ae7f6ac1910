"""Rule 15 with real servers killed under load: every accepted job ends, once."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from services.common.errors import WealthError
from services.common.jobs.handler import Outcome
from services.common.jobs.record import JobRecord
from services.common.jobs.writer import AttemptWriter
from services.launcher.embedded import S3Server
from tests.support.eventually import eventually
from tests.support.jobs import CALLER, DONE, Probe, Process, run_probe, run_probe_storage
from tests.support.servers import run_nats_server, run_s3_server
from tests.support.storage import RunningStorage, new_bucket

pytestmark = pytest.mark.chaos
JOBS = 40


async def work_a_little(attempt: AttemptWriter) -> Outcome:
    """A script of three writes."""
    for progress in (10, 50, 90):
        attempt.note("running", progress, "working")
        await attempt.flush()
    return DONE


async def accept_all(probe: Probe, *, kill_after: asyncio.Event) -> list[JobRecord]:
    """Accepts jobs one after another, whatever happens; returns those that were accepted."""
    accepted = []
    for number in range(JOBS):
        try:
            accepted.append(await probe.accept(request_id=f"r{number}"))
        except WealthError:
            continue
        if number == JOBS // 4:
            kill_after.set()
    return accepted


async def until_all_ended_once(probe: Probe, workers: list[Process], accepted: list[JobRecord]) -> None:
    """Returns once all accepted jobs are completed; each was settled as completed by one attempt."""
    for record in accepted:
        ended = await probe.until(record, "completed", within_s=60)
        assert [entry.status for entry in ended.history].count("completed") == 1
    await probe.until_queue_is_empty(within_s=30)
    outcomes = Counter((r.job_id, r.attempt) for worker in workers for r in worker.handler.settled)
    winners = Counter(job_id for job_id, _ in outcomes)
    assert all(winners[record.job_id] == 1 for record in accepted)


async def is_up(storage: RunningStorage) -> bool:
    """Whether storage says that S3 answers."""
    try:
        await storage.client(CALLER).check()
    except WealthError:
        return False
    return True


async def test_rule_15_jobs_survive_the_death_of_s3(tmp_path: Path) -> None:
    with run_s3_server(tmp_path) as s3, run_nats_server(tmp_path) as nats_own:
        async with (
            new_bucket(s3) as connection,
            run_probe_storage(s3, connection.options.bucket) as storage,
            run_probe(nats_own.url, storage) as probe,
        ):
            workers = [await probe.start_worker(work_a_little) for _ in range(2)]
            probe.api.sweeper = probe.make_sweeper(interval_s=0.5, grace_s=1)
            await probe.api.sweeper.start()
            kill = asyncio.Event()
            accepting = asyncio.create_task(accept_all(probe, kill_after=kill))
            await kill.wait()
            s3.kill()
            await eventually(lambda: all(process.worker and process.worker.paused for process in workers), within_s=60)
            s3.start()
            await asyncio.to_thread(s3.wait_until_serving)
            accepted = await accepting
            assert len(accepted) >= JOBS // 4
            await eventually(lambda: is_up(storage), within_s=30)
            await until_all_ended_once(probe, workers, accepted)
            await eventually(lambda: not any(process.worker and process.worker.paused for process in workers))
            for record in accepted:
                assert (await probe.get(record)).attempts_used <= 2


async def test_rule_15_jobs_survive_the_death_of_nats(s3_server: S3Server, tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as nats_own:
        async with (
            new_bucket(s3_server) as connection,
            run_probe_storage(s3_server, connection.options.bucket) as storage,
            run_probe(nats_own.url, storage) as probe,
        ):
            workers = [await probe.start_worker(work_a_little) for _ in range(2)]
            probe.api.sweeper = probe.make_sweeper(interval_s=0.5, grace_s=1)
            await probe.api.sweeper.start()
            kill = asyncio.Event()
            accepting = asyncio.create_task(accept_all(probe, kill_after=kill))
            await kill.wait()
            nats_own.kill()
            accepted = await accepting
            assert len(accepted) == JOBS  # rule 1: NATS is not needed to accept
            nats_own.start()
            await asyncio.to_thread(nats_own.wait_until_serving)
            await until_all_ended_once(probe, workers, accepted)


@pytest.mark.parametrize("round_", range(3))
async def test_rule_03_workers_that_die_one_after_another_lose_nothing(
    s3_server: S3Server, tmp_path: Path, round_: int
) -> None:
    with run_nats_server(tmp_path) as nats_own:
        async with (
            new_bucket(s3_server) as connection,
            run_probe_storage(s3_server, connection.options.bucket) as storage,
            run_probe(nats_own.url, storage) as probe,
        ):
            accepted = [await probe.accept() for _ in range(JOBS)]
            workers = []
            for turn in range(4):
                worker = await probe.start_worker(work_a_little, max_attempts=10)
                workers.append(worker)
                calls = 12 * (turn + 1) + 5 * round_
                await eventually(lambda w=worker, n=calls: len(w.storage.calls) > n)  # type: ignore[misc]
                await worker.cut_power()
            workers.append(await probe.start_worker(work_a_little, max_attempts=10))
            for record in accepted:
                await probe.until(record, "completed", within_s=60)
            await probe.until_queue_is_empty(within_s=30)
            assert await probe.api.runtime.queue.count_dead_letters() == 0

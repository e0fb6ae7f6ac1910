"""A worker process with two hundred tasks of eight sections in hand, before a platform that takes its time."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import pytest
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.jobs.topology import Topology, ensure_topology
from tests.integration.portfolio.conftest import SEALING_KEY, Portfolio
from tests.integration.portfolio.test_sections_of_a_task import EIGHT, submit

TASKS = 200
LEASE_S = 30
MEMORY_BYTES = 300 * 2**20


@contextmanager
def run_worker_process(portfolio: Portfolio, sections: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as production runs it, with room for all tasks at once."""
    identity = base64.b64encode(portfolio.bucket_of.keys["portfolio"].private_bytes_raw()).decode()
    environment = {
        **os.environ,
        "PORTFOLIO_IDENTITY_KEY": identity,
        "PORTFOLIO_SEALING_KEYS": json.dumps({"k1": SEALING_KEY}),
        "PORTFOLIO_PROVIDER": "platform",
        "PORTFOLIO_SECTIONS_FILE": str(sections),
        "BASE_URL": portfolio.platform.url,
        "API_KEY": portfolio.platform.api_key,
        "TENANT_ID": "acme",
        "STORAGE_TARGET": portfolio.bucket_of.target,
        "NATS_URL": portfolio.nats_url,
        "JOBS_ACK_WAIT_S": str(LEASE_S),
        "JOBS_CONCURRENCY": str(TASKS),
        "LOG_FORMAT": "json",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.portfolio", "worker"], env=environment, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def read_peak_memory_bytes(process: subprocess.Popen[bytes]) -> int:
    """The most that a process has had in memory so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.chaos
@pytest.mark.timeout(400)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_two_hundred_tasks_fit_into_one_worker_and_all_end(
    portfolio: Portfolio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = await nats.connect(portfolio.nats_url)
    await ensure_topology(connection.jetstream(), Topology(ack_wait_s=LEASE_S), services=("portfolio",))
    await connection.close()
    portfolio.platform.answer_delay_s, portfolio.platform.many_sessions = 2, True
    portfolio.platform.quotes = True
    task_ids = [await submit(portfolio, *EIGHT) for _ in range(TASKS)]
    ended: dict[str, pb.Task] = {}
    slowest_answer_s = 0.0
    with run_worker_process(portfolio, tmp_path / "sections.yaml", tmp_path / "worker.log") as worker:
        while len(ended) < TASKS and worker.poll() is None:
            task_id = next(task_id for task_id in task_ids if task_id not in ended)
            began = time.monotonic()
            task = await portfolio.get(task_id)
            slowest_answer_s = max(slowest_answer_s, time.monotonic() - began)
            if task.status in {pb.TASK_STATUS_COMPLETED, pb.TASK_STATUS_ERROR}:
                ended[task_id] = task
            else:
                await asyncio.sleep(0.1)
        peak_bytes = read_peak_memory_bytes(worker)
    assert {task.status for task in ended.values()} == {pb.TASK_STATUS_COMPLETED}
    assert {len(task.sections) for task in ended.values()} == {len(EIGHT)}
    assert portfolio.platform.calls["addmessage"] == TASKS * len(EIGHT)
    with capsys.disabled():
        told = f"{TASKS} tasks: {peak_bytes / 2**20:.0f} MB at most, slowest answer {slowest_answer_s:.2f} s"
        print(f"\n{told}")  # noqa: T201 - the measurement is what this test is run for
    assert peak_bytes < MEMORY_BYTES
    assert slowest_answer_s < 5

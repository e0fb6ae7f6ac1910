"""What a portfolio worker weighs: at rest, with 200 tasks at once, and how long it takes to start.

``python -m benchmarks.portfolio_weight [--tasks 200]`` starts the whole suite as `make run` does and reads the worker's
resident memory from the kernel. A start is from its process to the moment at which its health answers; its processor
time says more on a busy machine. Reads ``/proc``: Linux alone.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite
from tests.support.portfolio_payloads import make_payload

SETTINGS = {"GATEWAY_RATE_PER_S": "100000", "GATEWAY_BURST": "100000", "JOBS_MAX_UNFINISHED": "100000"}
WORKER = "portfolio-worker"
_ENDED = {"completed", "error", "cancelled"}


def read_memory_mb(pid: int, name: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (at most so far) of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(name)


def read_cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run(tasks: int) -> None:
    """Starts the suite, measures, stops it."""
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder), SETTINGS) as suite:
        await suite.wait_healthy()
        rest = read_memory_mb(suite.pid(WORKER), "VmRSS")
        peak, seconds = await send_tasks(suite, tasks)
        wall, cpu = await start_again(suite)
    print(f"at rest: {rest:.0f} MB")
    print(f"{tasks} tasks at once: {peak:.0f} MB at most, all done after {seconds:.1f} s")
    print(f"cold start: {wall:.2f} s until healthy, {cpu:.2f} s of processor time")


async def send_tasks(suite: LaunchedSuite, count: int) -> tuple[float, float]:
    """The worker's most memory while it does so many tasks, and the seconds until the last is done."""
    rng = random.Random(1)
    async with suite.client() as client:
        started = time.monotonic()
        ids = []
        for _ in range(count):
            body = {"username": "alice", "data": [make_payload(rng.randrange(1000))]}
            ids.append((await client.post("/task/submit", json=body)).raise_for_status().json()["task_id"])

        async def is_done(task_id: str) -> bool:
            return (await client.get(f"/task/{task_id}/status")).json()["status"] in _ENDED

        for task_id in ids:
            await eventually(lambda task_id=task_id: is_done(task_id), within_s=600, every_s=0.2)
        return read_memory_mb(suite.pid(WORKER), "VmHWM"), time.monotonic() - started


async def start_again(suite: LaunchedSuite) -> tuple[float, float]:
    """Seconds and processor seconds from the worker's process to its health."""
    suite.kill(WORKER)
    started = time.monotonic()
    suite.start(WORKER)

    async def serves() -> bool:
        return await suite.health(WORKER) == "SERVING"

    await eventually(serves, within_s=120, every_s=0.05)
    return time.monotonic() - started, read_cpu_s(suite.pid(WORKER))


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portfolio_weight")
    parser.add_argument("--tasks", type=int, default=200)
    asyncio.run(run(parser.parse_args().tasks))


if __name__ == "__main__":
    main()

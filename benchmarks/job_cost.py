"""What a job costs each role: CPU of its processes and calls to storage, for trainings, inferences and portfolio tasks.

``python -m benchmarks.job_cost [--jobs 60]`` starts the whole suite as `make run` does, sends jobs of each kind (the
older converter's example; one portfolio section) and prints CPU milliseconds a job by role, children included, and how
many jobs a minute the machine did. Each training has other figures in its example: engines remember what the latest
pairs came to, and learn none of them twice. `docs/scaling.md` is computed from it. Linux only: it reads /proc.
"""

import argparse
import asyncio
import functools
import itertools
import os
import re
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from pathlib import Path

import httpx

from tests.e2e.test_conversions import NEW_ORDERS, encode
from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL, LaunchedSuite, launched_suite

SETTINGS = {"GATEWAY_RATE_PER_S": "100000", "GATEWAY_BURST": "100000", "JOBS_MAX_UNFINISHED": "100000"}
USER = "alice"
PAYLOAD = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}
CALLS = re.compile(r"^wealth_grpc_calls_total\{.*\} (\S+)$", re.MULTILINE)
TICKS_PER_MS = os.sysconf("SC_CLK_TCK") / 1000
TASK_STATES = {"completed", "failed", "error", "cancelled"}
Submit = Callable[[], Awaitable[str]]
Look = Callable[[str], Coroutine[None, None, bool]]


def read_cpu_ms(pid: int) -> float:
    """CPU of a process, of its children that have ended, and of those that run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / TICKS_PER_MS
    # A child is its thread's, whichever of the process' threads has started it.
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return own + sum(read_cpu_ms(int(child)) for thread in threads for child in thread.read_text().split())


def read_costs(suite: LaunchedSuite) -> dict[str, float]:
    """CPU by role so far, in ms, and calls that storage served."""
    costs = {name: read_cpu_ms(pid) for name, pid in suite.document["pids"].items()}
    with urllib.request.urlopen(f"http://{suite.document['env']['storage']['METRICS_LISTEN']}/metrics") as page:
        costs["calls to storage"] = sum(map(float, CALLS.findall(page.read().decode())))
    return costs


def is_done(state: str, ends: Collection[str]) -> bool:
    """Whether a job has come to its end. Raises RuntimeError where that is another than the one that is measured."""
    if state in ends and state != "completed":
        raise RuntimeError(f"a job ended {state}: what it cost is no job's cost")
    return state in ends


async def run_jobs(submit: Submit, is_over: Look, count: int) -> float:
    """Submits jobs and waits until all are over; returns jobs a minute."""
    started_s = time.monotonic()
    jobs = [await submit() for _ in range(count)]
    for job in jobs:
        # One after the other, so that waiting itself asks little.
        await eventually(functools.partial(is_over, job), within_s=600, every_s=0.25)
    return count * 60 / (time.monotonic() - started_s)


def make_example(number: int) -> tuple[str, str]:
    """The older converter's example, with as many pieces more in its first order as its number says."""
    pieces, total = 10 + number, 2.5 * (10 + number)
    given = f"quantity,price_per_unit,order_status\n{pieces},2.5,pending\n5,10.0,shipped\n1,100.0,pending\n"
    wanted = f"{total:.1f},Pending,Standard\n50.0,Shipped,Express\n100.0,Pending,Standard\n"
    return given, f"total_price,order_status,shipping_category\n{wanted}"


def make_kinds(client: httpx.AsyncClient) -> Mapping[str, tuple[Submit, Look]]:
    """How each kind of job is submitted, and when it is over."""
    trained: list[str] = []
    numbers = itertools.count()

    async def train() -> str:
        given, wanted = map(encode, make_example(next(numbers)))
        body = {"user_id": USER, "owner": USER, "job_title": "Cost"}
        answer = await client.post("/api/v1/train", json={**body, "input_file": given, "expected_output_file": wanted})
        trained.append(answer.raise_for_status().json()["job_id"])
        return trained[-1]

    async def infer() -> str:
        body = {"user_id": USER, "job_id": trained[0], "input_file": encode(NEW_ORDERS)}
        answer = await client.post("/api/v1/inference/run", json=body)
        return str(answer.raise_for_status().json()["job_id"])

    async def analyse() -> str:
        answer = await client.post("/task/submit", json={"username": USER, "data": [PAYLOAD]})
        return str(answer.raise_for_status().json()["task_id"])

    async def is_job_over(job: str) -> bool:
        return is_done((await client.get(f"/api/v1/{USER}/{job}")).json()["job_status"], TERMINAL)

    async def is_task_over(task: str) -> bool:
        return is_done((await client.get(f"/task/{task}/status")).json()["status"], TASK_STATES)

    return {"training": (train, is_job_over), "inference": (infer, is_job_over), "task": (analyse, is_task_over)}


async def measure(suite: LaunchedSuite, count: int) -> dict[str, dict[str, float]]:
    """Costs by kind: a job's share of each role's CPU, calls to storage, jobs a minute."""
    found = {}
    async with suite.client() as client:
        for kind, (submit, is_over) in make_kinds(client).items():
            await run_jobs(submit, is_over, 2)  # what only the first one costs
            before = read_costs(suite)
            rate = await run_jobs(submit, is_over, count)
            after = read_costs(suite)
            found[kind] = {name: (after[name] - before[name]) / count for name in after} | {"jobs a minute": rate}
    return found


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=60, help="of each kind (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder), SETTINGS) as suite:
        found = asyncio.run(measure(suite, options.jobs))
    print(f"{'CPU ms a job':18}" + "".join(f"{kind:>12}" for kind in found))
    for name in next(iter(found.values())):
        print(f"{name:18}" + "".join(f"{costs[name]:12.1f}" for costs in found.values()))


if __name__ == "__main__":
    main()

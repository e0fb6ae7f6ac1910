"""Where a submission's time goes: the wait of a caller beside what it is made of, each by itself, in one run.

``python -m benchmarks.submit_latency [--rounds 60]`` starts the whole suite as `make run` does and takes turns: a
portfolio task of one section by REST, with nothing else running; a call that the gateway itself refuses (the REST hop);
a task's status (REST, two gRPC hops, one GET); and, of the suite's own S3 server and of a NATS server that flushes each
message, one PUT, one GET of what is not there, and one publish. It prints medians in ms, what a hop between services
takes by them, and the sum of what a submission does one after another: that is its floor with these processes.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import nats
from nats.js import JetStreamContext
from obstore.store import S3Store

from benchmarks import job_cost
from benchmarks.comparison import BODY
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite
from tests.support.servers import run_nats_server

Answer = TypeVar("Answer")
_REFUSED = {"limit": "not a number"}


class Times:
    """How long calls took, by name, in ms."""

    def __init__(self) -> None:
        self._times: defaultdict[str, list[float]] = defaultdict(list)

    async def take(self, name: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Makes a call and notes its time."""
        started = time.perf_counter()
        answer = await call()
        self._times[name].append((time.perf_counter() - started) * 1000)
        return answer

    def medians(self) -> dict[str, float]:
        """The median of each."""
        return {name: statistics.median(times) for name, times in self._times.items()}


async def measure(suite: LaunchedSuite, stream: JetStreamContext, rounds: int) -> dict[str, float]:
    """Takes turns so many times; returns the medians."""
    env = suite.document["env"]["storage"]
    store = S3Store(
        env["S3_BUCKET_NAME"],
        endpoint=env["S3_ENDPOINT_URL"],
        access_key_id=env["AWS_ACCESS_KEY_ID"],
        secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        region="us-east-1",
        client_options={"allow_http": True},
    )
    numbers, times = itertools.count(), Times()

    async def put() -> None:
        await store.put_async(f"bench/{next(numbers)}", BODY)

    async def look() -> None:
        with contextlib.suppress(FileNotFoundError):
            await store.get_async(f"bench/none/{next(numbers)}")

    async def publish() -> None:
        await stream.publish("bench.job", BODY)

    async with suite.client() as client:
        submit, is_over = job_cost.make_kinds(client)["task"]
        await job_cost.run_jobs(submit, is_over, 5)
        for _ in range(rounds):
            task = await times.take("submit by REST", submit)

            async def is_done(task: str = task) -> bool:
                return await is_over(task)

            await eventually(is_done, within_s=600, every_s=0.1)
            await times.take("REST alone", lambda: client.get("/tasks", params=_REFUSED))
            await times.take("status by REST", lambda task=task: _read_status(client, task))
            await times.take("PUT", put)
            await times.take("GET, not there", look)
            await times.take("publish, flushed", publish)
    return times.medians()


async def _read_status(client: httpx.AsyncClient, task: str) -> None:
    (await client.get(f"/task/{task}/status")).raise_for_status()


async def run(rounds: int) -> None:
    """Measures and prints."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launched_suite(Path(folder), job_cost.SETTINGS) as suite,
        run_nats_server(Path(folder)) as server,
    ):
        client = await nats.connect(server.url)
        try:
            stream = client.jetstream()
            await stream.add_stream(name="BENCH", subjects=["bench.>"])
            found = await measure(suite, stream, rounds)
        finally:
            await client.close()
    hop = max(0.0, (found["status by REST"] - found["REST alone"] - found["GET, not there"]) / 2)
    found["one gRPC hop, by these"] = hop
    least = found["REST alone"] + 2 * hop + 2 * found["PUT"] + found["GET, not there"] + found["publish, flushed"]
    found["sum: REST, 2 hops, 2 PUT, GET, publish"] = least
    for name, taken in found.items():
        print(f"{name:40} {taken:6.1f}")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="(%(default)s)")
    asyncio.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()

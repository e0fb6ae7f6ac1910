"""Which S3 requests a job makes, counted in front of the S3 server itself.

``python -m benchmarks.job_requests [--jobs 5] [--list] [--idle 60]`` starts the whole suite as `make run` does, puts a
counting proxy between storage and the S3 server, and runs jobs one after another: the older converter's example and
one portfolio section, each without and with an Idempotency-Key. It prints the median of requests a job by kind and
method, ``--list`` the requests of one job of each kind in their order: those of one round were under way at once.
The end of a job is told by NATS, so that nobody polls its record; what sweepers, health checks and rounds of upkeep
ask is told apart as requests a second of the suite at rest (``--idle`` seconds of it, right after the jobs).
"""

import argparse
import asyncio
import contextlib
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from benchmarks.job_cost import PAYLOAD, SETTINGS, USER
from tests.e2e.test_conversions import NEW_ORDERS, ORDERS, SHIPMENTS, encode
from tests.support.eventually import eventually
from tests.support.faults.http_proxy import HttpFaultProxy, Message
from tests.support.launched_suite import LaunchedSuite, launched_suite

# How long after its last request a job makes no other: far above a round trip, below the sweeper's grace.
_QUIET_S = 1.5
_DIGITS = re.compile(r"[0-9a-f]{16,}|\d{13}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what of, and from when to when it was under way."""

    method: str
    what: str
    begun_s: float
    ended_s: float


class CountingProxy(HttpFaultProxy):
    """Notes every request that passes."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__(upstream_port)
        self.asked: list[Asked] = []

    async def _ask(self, request: Message) -> bytes:
        begun_s = time.monotonic()
        try:
            return await super()._ask(request)
        finally:
            self.asked.append(_describe(request, begun_s))


def _describe(request: Message, begun_s: float) -> Asked:
    lines = request.head.decode(errors="replace").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    parts = urlsplit(target)
    key = unquote(parts.path).lstrip("/").partition("/")[2]
    if method == "GET" and "list-type" in parts.query:
        method, key = "LIST", unquote(parts.query)
    elif method == "POST" and "delete" in parts.query:
        method, key = "DELETE", unquote(request.body.decode(errors="replace"))
    elif method == "PUT" and any(line.lower().startswith("x-amz-copy-source:") for line in lines):
        method = "COPY"
    return Asked(method, key, begun_s, time.monotonic())


@contextlib.asynccontextmanager
async def counted(suite: LaunchedSuite) -> AsyncIterator[CountingProxy]:
    """Puts a proxy between the suite's storage and its S3."""
    env = suite.document["env"]["storage"]
    async with CountingProxy(int(env["S3_ENDPOINT_URL"].rpartition(":")[2])) as proxy:
        env["S3_ENDPOINT_URL"] = f"http://127.0.0.1:{proxy.port}"
        await asyncio.to_thread(suite.kill, "storage")
        suite.start("storage")
        await suite.wait_healthy()
        yield proxy


class Runs:
    """Runs jobs of each kind and says what they asked."""

    def __init__(self, suite: LaunchedSuite, client: httpx.AsyncClient, proxy: CountingProxy) -> None:
        self._suite = suite
        self._client = client
        self._proxy = proxy
        self._trained = ""
        self._keys = 0

    async def run(self, kind: str) -> list[Asked]:
        """One job from its submission to its end; returns its requests in order."""
        first = len(self._proxy.asked)
        job = await self._submit(kind)

        async def is_over() -> bool:
            return await self._suite.count_terminal_events(job) > 0

        await eventually(is_over, within_s=300, every_s=0.05)
        while True:
            await asyncio.sleep(_QUIET_S)
            asked = [item for item in self._proxy.asked[first:] if _belongs(item, job)]
            if time.monotonic() - asked[-1].ended_s >= _QUIET_S:
                return sorted(asked, key=lambda item: item.begun_s)

    async def list_page(self) -> list[Asked]:
        """A list of 20 tasks; returns its requests."""
        begun_s = time.monotonic()
        (await self._client.get("/tasks", params={"page_size": 20})).raise_for_status()
        return [item for item in self._proxy.asked if item.begun_s >= begun_s]

    async def _submit(self, kind: str) -> str:
        name, _, keyed = kind.partition(" with ")
        headers = {}
        if keyed:
            self._keys += 1
            headers["Idempotency-Key"] = f"key-{time.time_ns()}-{self._keys}"
        if name == "task":
            answer = await self._client.post(
                "/task/submit", json={"username": USER, "data": [PAYLOAD]}, headers=headers
            )
            return str(answer.raise_for_status().json()["task_id"])
        if name == "training":
            body = {"owner": USER, "job_title": "Cost"}
            files = {"input_file": encode(ORDERS), "expected_output_file": encode(SHIPMENTS)}
            answer = await self._client.post("/api/v1/train", json={"user_id": USER, **body, **files}, headers=headers)
            self._trained = answer.raise_for_status().json()["job_id"]
            return self._trained
        body = {"user_id": USER, "job_id": self._trained, "input_file": encode(NEW_ORDERS)}
        answer = await self._client.post("/api/v1/inference/run", json=body, headers=headers)
        return str(answer.raise_for_status().json()["job_id"])


def _belongs(item: Asked, job: str) -> bool:
    """Whether a request is a job's own: what others ask at that time names no job, or another one."""
    return job in item.what or item.what.startswith(("tombstones/", "idempotency/")) or "/programs/" in item.what


def _rounds(asked: list[Asked]) -> list[list[Asked]]:
    """Requests in rounds: each round's began before any of it had ended."""
    rounds: list[list[Asked]] = []
    for item in asked:
        if rounds and item.begun_s < min(other.ended_s for other in rounds[-1]):
            rounds[-1].append(item)
        else:
            rounds.append([item])
    return rounds


def _shorten(what: str) -> str:
    keys = re.findall(r"<Key>(.*?)</Key>", what)
    return _DIGITS.sub("~", " ".join(keys) if keys else what)


def print_requests(kind: str, asked: list[Asked]) -> None:
    """One line a request, with its round."""
    print(f"\n{kind}: {len(asked)} requests")
    for number, together in enumerate(_rounds(asked), 1):
        for item in together:
            print(f"{number:4} {item.method:6} {_shorten(item.what)}")


def print_table(found: Mapping[str, list[list[Asked]]]) -> None:
    """The medians."""
    methods = ("PUT", "COPY", "GET", "HEAD", "LIST", "DELETE")
    print(f"\n{'requests a job':22}{'all':>6}{'rounds':>8}" + "".join(f"{method:>8}" for method in methods))
    for kind, runs in found.items():
        counts = [Counter(item.method for item in asked) for asked in runs]
        total = statistics.median(len(asked) for asked in runs)
        rounds = statistics.median(len(_rounds(asked)) for asked in runs)
        by_method = (statistics.median(count[method] for count in counts) for method in methods)
        print(f"{kind:22}{total:6g}{rounds:8g}" + "".join(f"{number:8g}" for number in by_method))


async def measure(suite: LaunchedSuite, jobs: int, *, is_listing: bool, idle_s: float) -> None:
    """Runs the jobs and prints what they asked."""
    async with counted(suite) as proxy, suite.client() as client:
        runs = Runs(suite, client, proxy)
        found: dict[str, list[list[Asked]]] = {}
        for kind in ("task", "task with key", "training", "training with key", "inference", "inference with key"):
            await runs.run(kind)  # what only the first one costs
            found[kind] = [await runs.run(kind) for _ in range(jobs)]
            if is_listing:
                print_requests(kind, found[kind][0])
        print_table(found)
        for _ in range(20):
            await runs.run("task")
        listed = await runs.list_page()
        print(f"list of 20 tasks: {len(listed)}: {dict(Counter(item.method for item in listed))}")
        if idle_s:
            begun = len(proxy.asked)
            await asyncio.sleep(idle_s)
            idle = Counter(item.method for item in proxy.asked[begun:])
            print(f"at rest: {sum(idle.values()) / idle_s:.2f} requests a second: {dict(idle)}")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=5, help="of each kind (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print the requests of one job of each kind")
    parser.add_argument("--idle", type=float, default=0, help="seconds at rest to count after the jobs (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder), SETTINGS) as suite:
        asyncio.run(measure(suite, options.jobs, is_listing=options.list, idle_s=options.idle))


if __name__ == "__main__":
    main()

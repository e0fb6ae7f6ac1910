"""How long REST calls take while every worker trains, against the same calls while all are idle, in one run.

``python -m benchmarks.gateway_under_load [--rate 50] [--seconds 20]`` starts the whole suite as `make run` does and
sends every kind of call that moves no file at a fixed rate, first to an idle suite, then with a training that does not
end in every engine. A call's time begins when it was due, so that one slow answer cannot hide the others behind it.
Printed for both: p50 and p99 of each kind and of all, and how late each process's event loop was.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httptools
import httpx

from tests.support.eventually import eventually
from tests.support.launched_suite import LISTEN_SETTINGS, LaunchedSuite, launched_suite

SETTINGS = {"GATEWAY_RATE_PER_S": "100000", "GATEWAY_BURST": "100000", "JOBS_MAX_UNFINISHED": "100000"}
USER = "alice"
CONNECTIONS = 16
# Rows that follow from nothing in the input: an engine searches until its time is over.
ROWS, COLUMNS = 200, 8
PAYLOAD = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}
LAG = re.compile(r'wealth_event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)')
Times = Mapping[str, Sequence[float]]


class Connection:
    """One keep-alive connection, with as little work of its own as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._done = False

    def on_message_complete(self) -> None:
        """Notes the answer's end."""
        self._done = True

    async def send(self, request: bytes) -> int:
        """Sends a request and reads the whole answer; returns its status."""
        self._done = False
        parser = httptools.HttpResponseParser(self)
        self._writer.write(request)
        while not self._done:
            parser.feed_data(await self._reader.read(65536))
        return int(parser.get_status_code())

    def close(self) -> None:
        """Closes the connection."""
        self._writer.close()


@asynccontextmanager
async def open_connections(address: str) -> AsyncIterator[asyncio.Queue[Connection]]:
    """Connections, to be taken and put back."""
    url = urllib.parse.urlsplit(address)
    pool: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [Connection(*await asyncio.open_connection(url.hostname, url.port)) for _ in range(CONNECTIONS)]
    for connection in opened:
        pool.put_nowait(connection)
    try:
        yield pool
    finally:
        for connection in opened:
            connection.close()


def write_request(method: str, path: str, key: str, body: object = None) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n"
    if body is not None:
        head += f"content-type: application/json\r\ncontent-length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content


def make_pair(*, learnable: bool) -> dict[str, str]:
    """An input and what it should become; what cannot be learned keeps an engine busy until its time is over."""
    rows = [[f"{hashlib.sha256(f'{row}.{column}'.encode()).hexdigest()[:12]}" for column in range(COLUMNS)]
            for row in range(ROWS)]  # fmt: skip
    wanted = rows if learnable else [[hashlib.md5("".join(row).encode()).hexdigest()[:9], *row[1:]] for row in rows]  # noqa: S324
    header = ",".join(f"c{column}" for column in range(COLUMNS))

    def encode(table: list[list[str]]) -> str:
        return base64.b64encode("\n".join([header, *map(",".join, table), ""]).encode()).decode()

    return {"input_file": encode(rows), "expected_output_file": encode(wanted)}


async def train(client: httpx.AsyncClient, *, learnable: bool) -> str:
    """Submits a training; returns its id."""
    body = {"user_id": USER, "owner": "Alice", "job_title": "Load", **make_pair(learnable=learnable)}
    return str((await client.post("/api/v1/train", json=body)).raise_for_status().json()["job_id"])


async def prepare(client: httpx.AsyncClient, key: str) -> dict[str, bytes]:
    """Makes a finished task and a finished training; returns the calls to measure, by what they are."""
    job_id = await train(client, learnable=True)
    task = (await client.post("/task/submit", json={"username": USER, "data": [PAYLOAD]})).json()["task_id"]

    async def is_over(path: str) -> bool:
        return (await client.get(path)).json()["status"] in {"completed", "failed", "error"}

    for path in (f"/api/v1/{USER}/{job_id}", f"/task/{task}/status"):
        await eventually(lambda path=path: is_over(path), within_s=120, every_s=0.2)
    reads = {
        "task status": f"/task/{task}/status",
        "task result": f"/task/{task}/result",
        "task report": f"/task/{task}/report",
        "list tasks": "/tasks?limit=20",
        "job": f"/api/v1/{USER}/{job_id}",
        "job report": f"/api/v1/{USER}/{job_id}/report",
        "list jobs": f"/api/v1/users/{USER}/jobs?limit=20",
        "queue": "/api/v1/queue/status",
        "health": "/health",
        "ping": "/ping",
    }
    calls = {name: write_request("GET", path, key) for name, path in reads.items()}
    return {**calls, "submit task": write_request("POST", "/task/submit", key, {"username": USER, "data": [PAYLOAD]})}


async def send_steadily(
    pool: asyncio.Queue[Connection], calls: Mapping[str, bytes], rate: float, seconds: float
) -> Times:
    """Sends the calls in turn, each when it is due; returns what each took in milliseconds since then."""
    loop = asyncio.get_running_loop()
    times: defaultdict[str, list[float]] = defaultdict(list)
    refused: Counter[str] = Counter()
    late_ms: list[float] = []

    async def send(name: str, due_s: float) -> None:
        connection = await pool.get()
        try:
            status = await connection.send(calls[name])
        finally:
            pool.put_nowait(connection)
        if status >= 300:
            refused[f"{name}: {status}"] += 1
        times[name].append((loop.time() - due_s) * 1000)

    started_s = loop.time() + 0.1
    names = list(calls)
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due_s = started_s + number / rate
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            late_ms.append((loop.time() - due_s) * 1000)
            group.create_task(send(names[number % len(names)], due_s))
    print(f"this client was late by p50 {quantile(late_ms, 0.5):.1f}, p99 {quantile(late_ms, 0.99):.1f} ms")
    if refused:
        print("not answered as they should be:", dict(refused))
    return times


def read_lags(suite: LaunchedSuite) -> dict[str, dict[float, float]]:
    """Of each process: how often its loop was woken up to so many seconds late."""
    lags = {}
    for name in LISTEN_SETTINGS:
        address = suite.document["env"][name]["METRICS_LISTEN"]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as page:
            lags[name] = {float(bound): float(count) for bound, count in LAG.findall(page.read().decode())}
    return lags


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of the calls did not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def describe_lag(before: Mapping[float, float], after: Mapping[float, float]) -> str:
    """The bucket that holds the 99th percentile of what came between."""
    counts = {bound: after[bound] - before.get(bound, 0) for bound in after}
    bound = next(bound for bound in sorted(counts) if counts[bound] >= 0.99 * counts[float("inf")])
    return f"<= {bound * 1000:g} ms"


def report(idle: Times, busy: Times, lags: Sequence[Mapping[str, Mapping[float, float]]]) -> None:
    """Prints the comparison."""
    print(f"{'':14} {'idle p50':>9} {'p99':>8}   {'busy p50':>9} {'p99':>8}  ms")
    every = {**idle, "all": [each for times in idle.values() for each in times]}
    busy_all = {**busy, "all": [each for times in busy.values() for each in times]}
    for name, times in every.items():
        figures = [quantile(each, share) for each in (times, busy_all[name]) for share in (0.5, 0.99)]
        print(f"{name:14} {figures[0]:9.1f} {figures[1]:8.1f}   {figures[2]:9.1f} {figures[3]:8.1f}")
    ratio = quantile(busy_all["all"], 0.99) / quantile(every["all"], 0.99)
    print(f"p99 busy to idle: {ratio:.2f}")
    for name in lags[0]:
        first, second = (describe_lag(lags[at][name], lags[at + 1][name]) for at in (0, 2))
        print(f"event loop of {name:16} p99 late: idle {first:12} busy {second}")


async def keep_training(client: httpx.AsyncClient, engines: int) -> None:
    """Keeps a few trainings waiting behind those that run, until cancelled."""
    while True:
        info = (await client.get("/api/v1/queue/status")).json()["queue_info"]
        for _ in range(max(0, engines * 2 - info["open_jobs"])):
            await train(client, learnable=False)
        await asyncio.sleep(1)


async def run(rate: float, seconds: float) -> None:
    """Starts the suite, measures twice, stops it."""
    with tempfile.TemporaryDirectory() as folder, launched_suite(Path(folder), SETTINGS) as suite:
        key = str(suite.document["api_key"])
        async with suite.client() as client, open_connections(suite.rest) as pool:
            print("the suite runs; preparing", file=sys.stderr)
            calls = await prepare(client, key)
            await send_steadily(pool, calls, rate, 2)
            lags = [read_lags(suite)]
            print("measuring while idle", file=sys.stderr)
            idle = await send_steadily(pool, calls, rate, seconds)
            lags.append(read_lags(suite))
            info = (await client.get("/api/v1/queue/status")).json()["queue_info"]
            training = asyncio.create_task(keep_training(client, info["max_workers"]))

            async def is_full() -> bool:
                return bool((await client.get("/api/v1/queue/status")).json()["queue_info"]["available_workers"] == 0)

            await eventually(is_full, within_s=60, every_s=0.2)
            lags.append(read_lags(suite))
            print("measuring while every engine trains", file=sys.stderr)
            busy = await send_steadily(pool, calls, rate, seconds)
            lags.append(read_lags(suite))
            training.cancel()
            await asyncio.gather(training, return_exceptions=True)
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"{rate:g} calls a second, {info['max_workers']} engines, {os.cpu_count()} cores, load {load}")
        report(idle, busy, lags)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    asyncio.run(run(options.rate, options.seconds))


if __name__ == "__main__":
    main()

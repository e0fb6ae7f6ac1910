"""The whole suite as processes, started by the launcher as `make run` does, to be used and disturbed from outside."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
import httpx
import nats
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.gateway.keys import add_key, create_key
from services.launcher.free_ports import reserve_ports
from services.launcher.process import wait_until_ready
from tests.support.eventually import eventually

START_TIMEOUT_S = 300
STOP_TIMEOUT_S = 40
TERMINAL = {"completed", "failed", "error", "cancelled"}
LISTEN_SETTINGS = {
    "storage": "STORAGE_LISTEN",
    "portfolio": "PORTFOLIO_LISTEN",
    "portfolio-worker": "PORTFOLIO_WORKER_LISTEN",
    "converter": "CONVERTER_LISTEN",
    "converter-worker": "CONVERTER_WORKER_LISTEN",
    "gateway": "GATEWAY_GRPC_LISTEN",
    "events": "EVENTS_LISTEN",
}


def is_running(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its reaper does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (ProcessLookupError, FileNotFoundError):
        return False


def list_family(pids: list[int]) -> set[int]:
    """These processes and all that they started, directly or not."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(path.parent.name)] = int(fields[1])
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def launch(folder: Path, port_base: int, settings: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Starts the launcher as `make run` does; its words are on ``stdout``."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.launcher", "run"],
        env={
            **os.environ,
            "WEALTH_DATA_DIR": str(folder),
            "WEALTH_PORT_BASE": str(port_base),
            # A bound against hanging for ever, not a measure: the machine may have much else to do.
            "WEALTH_START_TIMEOUT_S": str(START_TIMEOUT_S),
            **(settings or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass
class LaunchedSuite:
    """A running suite: what ``suite.json`` says of it, its launcher, and what was started again from outside."""

    folder: Path
    launcher: subprocess.Popen[str]
    document: dict[str, Any]
    _restarted: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def rest(self) -> str:
        """The address of REST."""
        return str(self.document["rest"])

    def pid(self, name: str) -> int:
        """The process that now goes by a name."""
        return int(self.document["pids"][name])

    def pids(self) -> list[int]:
        """All processes that the launcher started, or that were started again."""
        return [int(pid) for pid in self.document["pids"].values()]

    def kill(self, name: str) -> None:
        """Kills a process (SIGKILL) and waits until it is gone."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        for process in self._restarted:
            if process.pid == pid:
                process.wait()
        assert wait_until_ready(lambda: not is_running(pid), 300)

    def start(self, name: str) -> None:
        """Starts a process again by the command and environment in suite.json, and writes its pid there."""
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.document["commands"][name],
                env=self.document["env"][name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._restarted.append(process)
        self.document["pids"][name] = process.pid
        (self.folder / "suite.json").write_text(json.dumps(self.document))

    def stop_restarted(self) -> None:
        """Ends what was started from outside and reaps it."""
        for process in self._restarted:
            process.kill()
            process.wait()

    def client(self, api_key: str | None = None) -> httpx.AsyncClient:
        """A REST client, with the ready key where no other is given."""
        return httpx.AsyncClient(
            base_url=self.rest, headers={"X-API-KEY": api_key or self.document["api_key"]}, timeout=120, trust_env=False
        )

    def make_key(
        self,
        *,
        tenant: str = "default",
        users: tuple[str, ...] = ("*",),
        scopes: tuple[str, ...] = ("portfolio", "converter", "files"),
        rate_per_s: float | None = None,
    ) -> str:
        """Makes a key of its own; the gateway knows it within a second or so."""
        secret = self.document["env"]["gateway"]["GATEWAY_KEY_SECRET"]
        created = create_key(secret, tenant=tenant, users=users, scopes=scopes, rate_per_s=rate_per_s)
        add_key(Path(self.document["env"]["gateway"]["GATEWAY_KEYS_FILE"]), created)
        return created.text

    def grpc_address(self, name: str) -> str:
        """Where a process's gRPC listens."""
        return str(self.document["env"][name][LISTEN_SETTINGS[name]])

    async def health(self, name: str, dependency: str = "") -> str:
        """What a process says of itself (``""``) or of a dependency; ``UNREACHABLE`` where it does not answer."""
        async with grpc.aio.insecure_channel(self.grpc_address(name)) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                answer = await stub.Check(health_pb2.HealthCheckRequest(service=dependency), timeout=2)
            except grpc.aio.AioRpcError:
                return "UNREACHABLE"
            return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    async def wait_healthy(self, *, within_s: float = 300) -> None:
        """Waits until every process and every dependency serves, as REST's health tells."""
        async with self.client() as client:

            async def is_healthy() -> bool:
                try:
                    answer = await client.get("/health")
                except httpx.TransportError:
                    return False
                return answer.status_code == 200

            await eventually(is_healthy, within_s=within_s, every_s=0.1)
        for name in LISTEN_SETTINGS:
            await eventually(lambda name=name: self._serves(name), within_s=within_s, every_s=0.1)

    async def _serves(self, name: str) -> bool:
        dependencies = {"portfolio-worker": "jobs", "storage": "s3"}
        return await self.health(name) == await self.health(name, dependencies.get(name, "")) == "SERVING"

    async def count_terminal_events(self, job_id: str) -> int:
        """How many events say that a job is over."""
        client = await nats.connect(self.document["nats"])
        try:
            info = await client.jetstream().stream_info("EVENTS", subjects_filter=f"wealth.*.v1.*.*.*.{job_id}")
            return sum(
                count for subject, count in (info.state.subjects or {}).items() if subject.split(".")[4] in TERMINAL
            )
        finally:
            await client.close()


@contextmanager
def launched_suite(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[LaunchedSuite]:
    """Runs a suite of one's own; its launcher is asked to stop at the end, and everything of it is gone then."""
    launcher = launch(folder, reserve_ports().start, settings)
    suite_file = folder / "suite.json"
    try:
        ready = wait_until_ready(lambda: suite_file.exists() or launcher.poll() is not None, START_TIMEOUT_S)
        if not ready or not suite_file.exists():
            launcher.kill()
            raise AssertionError(f"the suite did not start:\n{launcher.stdout and launcher.stdout.read()}")
        suite = LaunchedSuite(folder, launcher, json.loads(suite_file.read_text()))
        try:
            yield suite
        finally:
            suite.stop_restarted()
    finally:
        launcher.terminate()
        try:
            launcher.wait(STOP_TIMEOUT_S)
        finally:
            launcher.kill()
            launcher.wait()
            if launcher.stdout:
                launcher.stdout.close()


@asynccontextmanager
async def restored(suite: LaunchedSuite, *names: str) -> AsyncIterator[None]:
    """Leaves the suite healthy, whatever the test did to these processes and however it ended."""
    try:
        yield
    finally:
        for name in names:
            if not is_running(suite.pid(name)):
                suite.start(name)
        await suite.wait_healthy()

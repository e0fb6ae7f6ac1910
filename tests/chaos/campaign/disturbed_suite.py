"""The suite as processes behind proxies, to be killed, paused and put off; whatever dies by itself is noted."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from services.launcher.embedded import NatsServer, S3Credentials, S3Server
from services.launcher.free_ports import LOOPBACK, reserve_ports
from services.launcher.plan import BUCKET, NATS_OPERATOR, Ports, ServicePlan, plan_nats_users, plan_services
from services.launcher.process import ChildProcess
from services.launcher.secrets import load_secrets
from services.launcher.settings import read_own_environment, select_machine_environment
from tests.chaos.campaign.schedule import NATS_CLIENTS
from tests.chaos.campaign.skewed import write_offset
from tests.support.eventually import eventually
from tests.support.faults import HttpFaultProxy, NatsFaultProxy

_HEALTHY_WITHIN_S = 180
# What deletion and repair wait for, shortened to the campaign's time; all else is as in production.
_SETTINGS = {"JOBS_ACK_WAIT_S": "15"}
# With the release before beside this one nothing is written that it does not read.
_OF_BEFORE = {"STORAGE_INDEX_RUNS": "false", "STORAGE_OPEN_KEYS_OF_USERS": "true"}


class DisturbedSuite:
    """NATS, S3 and the six services. ``deaths`` are processes that ended although nobody had killed them."""

    def __init__(
        self,
        folder: Path,
        s3_proxy: HttpFaultProxy,
        nats_proxies: Mapping[str, NatsFaultProxy],
        older: Path | None = None,
    ) -> None:
        """``older`` is a checkout of the release before: each service changes its release whenever it is revived."""
        self.ports = Ports(reserve_ports().start)
        self.secrets = load_secrets(folder)
        self.s3_proxy = s3_proxy
        self.nats_proxies = nats_proxies
        self.deaths: list[str] = []
        self.folder = folder
        self.swaps = 0
        self._older = older
        self._killed: set[str] = set()
        machine = select_machine_environment(os.environ)
        self.nats = NatsServer(
            folder / "nats", self.ports.nats, environment=machine, users=plan_nats_users(self.secrets)
        )
        self.s3 = S3Server(
            folder / "s3",
            self.ports.s3,
            S3Credentials(self.secrets.s3_access_key, self.secrets.s3_secret_key),
            environment=machine,
        )
        settings = _SETTINGS | (_OF_BEFORE if older else {})
        self._plans = plan_services(self.ports, self.secrets, folder, {**read_own_environment(), **settings})
        self.processes: dict[str, ChildProcess] = {"nats": self.nats, "s3": self.s3}

    @property
    def rest(self) -> str:
        """The address of REST."""
        return f"http://{LOOPBACK}:{self.ports.rest}"

    @property
    def nats_url(self) -> str:
        """NATS itself, past the proxies, for a user who may do everything."""
        return self.nats.url_of(NATS_OPERATOR)

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return BUCKET

    def start(self) -> None:
        """Starts everything and makes bucket, streams and consumers. Raises StartFailed."""
        for server in (self.nats, self.s3):
            server.start()
        self.nats.wait_until_serving()
        self.s3.wait_until_serving()
        storage = self._plans["storage"]
        environment = {**storage.environment, "METRICS_LISTEN": ""}
        bootstrap = ChildProcess("bootstrap", [*storage.command, "bootstrap"], environment, self._log("bootstrap"))
        bootstrap.start()
        if bootstrap.wait() != 0:
            raise RuntimeError(f"bootstrap failed:\n{bootstrap.read_log_tail()}")
        for name, plan in self._plans.items():
            self.processes[name] = self._make_process(name, plan)
            if len(self.processes) % 2:
                self._swap_release(self.processes[name])
            self.processes[name].start()

    def _make_process(self, name: str, plan: ServicePlan) -> ChildProcess:
        """A service as the launcher runs it, behind proxies and with a clock that can be put off."""
        environment = dict(plan.environment)
        if name == "storage":
            environment["S3_ENDPOINT_URL"] = f"http://{LOOPBACK}:{self.s3_proxy.port}"
        if name in NATS_CLIENTS:
            environment["NATS_URL"] = environment["NATS_URL"].replace(
                f":{self.ports.nats}", f":{self.nats_proxies[name].port}"
            )
        write_offset(self._clock(name), 0)
        _python, _m, module, *arguments = plan.command
        command = [
            sys.executable, "-m", "tests.chaos.campaign.skewed", str(self._clock(name)), module, *arguments,
        ]  # fmt: skip
        return ChildProcess(name, command, environment, self._log(name))

    def _swap_release(self, process: ChildProcess) -> None:
        """Has a service start in the other release, forward or back."""
        if self._older is None or process.name not in self._plans:
            return
        environment = dict(process.environment)
        if environment.pop("PYTHONPATH", None):
            process.directory = Path.cwd()
        else:
            # What a module is called decides from where it comes: the folder that it runs in stands first.
            environment["PYTHONPATH"] = f"{self._older}:{self._older / 'protos' / 'gen'}"
            process.directory = self._older
        process.environment = environment
        self.swaps += 1

    def stop(self) -> None:
        """Ends everything."""
        for process in self.processes.values():
            if process.alive:
                process.send_signal(signal.SIGCONT)
        for process in reversed(list(self.processes.values())):
            process.kill()

    def kill(self, name: str) -> bool:
        """Kills a process; False where it is down already."""
        process = self.processes[name]
        if not process.alive:
            return False
        self._killed.add(name)
        process.kill()
        return True

    def revive(self, name: str) -> None:
        """Starts a process again."""
        if not self.processes[name].alive:
            self._swap_release(self.processes[name])
            self.processes[name].start()
        self._killed.discard(name)

    def pause(self, name: str) -> bool:
        """Stops a process where it stands; False where it is down."""
        process = self.processes[name]
        if process.alive:
            process.send_signal(signal.SIGSTOP)
        return process.alive

    def resume(self, name: str) -> None:
        """Lets a paused process go on."""
        if self.processes[name].alive:
            self.processes[name].send_signal(signal.SIGCONT)

    def skew(self, name: str, offset_s: float) -> None:
        """Puts a service's clock off, or right again with 0."""
        write_offset(self._clock(name), offset_s)

    def note_deaths(self) -> None:
        """Notes and starts again what has ended although nobody killed it."""
        for name, process in self.processes.items():
            if not process.alive and name not in self._killed:
                self.deaths.append(f"{name} ended with {process.wait()}")
                process.start()

    async def is_healthy(self) -> bool:
        """Whether the gateway says that all parts and their dependencies are well."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                answer = await client.get(f"{self.rest}/health")
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.json()["status"] == "ok"

    async def wait_healthy(self) -> None:
        """Returns once all is well."""
        await eventually(self.is_healthy, within_s=_HEALTHY_WITHIN_S, every_s=0.5)

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _clock(self, name: str) -> Path:
        return self.folder / f"clock-{name}"


@asynccontextmanager
async def disturbed_suite(folder: Path, older: Path | None = None) -> AsyncIterator[DisturbedSuite]:
    """A running, healthy suite of one's own; everything of it is gone at the end."""
    async with AsyncExitStack() as stack:
        s3_proxy = HttpFaultProxy(0)
        nats_proxies = {name: NatsFaultProxy(0) for name in NATS_CLIENTS}
        for proxy in (s3_proxy, *nats_proxies.values()):
            await stack.enter_async_context(proxy)
        suite = DisturbedSuite(folder, s3_proxy, nats_proxies, older)
        s3_proxy.upstream_port = suite.ports.s3.s3
        for proxy in nats_proxies.values():
            proxy.upstream_port = suite.ports.nats
        try:
            await asyncio.to_thread(suite.start)
            await suite.wait_healthy()
            yield suite
        finally:
            await asyncio.to_thread(suite.stop)

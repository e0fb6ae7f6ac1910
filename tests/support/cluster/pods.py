"""Pods as processes in network namespaces of their own, each with an address that goes when it goes.

Stands in for kubelet, controllers and endpoints, as far as a rollout needs them: a pod is probed as its manifest says,
gets calls once it is ready, is forgotten by names and Services when it is to go, serves on for its preStop pause, gets
SIGTERM, and is killed after its grace. Must run in a network namespace of its own, whose bridge it makes.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.launcher.process import TETHER, wait_until_ready
from tests.support.cluster.manifests import RoleManifest
from tests.support.eventually import eventually

HUB = "10.77.0.1"
_BRIDGE = "wealth0"
_PREFIX_BITS = 16
_PROBE_EVERY_S = 0.25
_START_WITHIN_S = 120
# Waits for its interface, which comes from outside, and becomes the process.
_BECOME = (
    "until ip link show eth0 > /dev/null 2>&1; do sleep 0.02; done; ip link set lo up; "
    'ip addr add "$0" dev eth0; ip link set eth0 up; exec "$@"'
)
_numbers = itertools.count(2)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)


def make_hub() -> None:
    """Makes the bridge that pods hang on; its own address is the hub's."""
    _ip("link", "set", "lo", "up")
    _ip("link", "add", _BRIDGE, "type", "bridge")
    _ip("addr", "add", f"{HUB}/{_PREFIX_BITS}", "dev", _BRIDGE)
    _ip("link", "set", _BRIDGE, "up")


def _link_to_bridge(pid: int, link: str) -> None:
    own = Path("/proc/self/ns/net").readlink()
    assert wait_until_ready(lambda: Path(f"/proc/{pid}/ns/net").readlink() != own, _START_WITHIN_S)
    _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    _ip("link", "set", link, "master", _BRIDGE, "up")


@dataclass
class Pod:
    """A process with an address."""

    role: RoleManifest
    address: str
    process: subprocess.Popen[bytes]
    killed: bool = False

    @classmethod
    async def start(cls, role: RoleManifest, environment: Mapping[str, str], log: Path) -> "Pod":
        """Starts a process in a namespace of its own, linked to the bridge."""
        number = next(_numbers)
        address = f"10.77.{number // 250}.{number % 250 + 2}"
        command = [
            sys.executable, "-I", "-S", str(TETHER), str(os.getpid()),
            "unshare", "--net", "--", "sh", "-c", _BECOME, f"{address}/{_PREFIX_BITS}",
            sys.executable, "-m", role.module, *role.arguments,
        ]  # fmt: skip
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - it is waited for in a thread
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        await asyncio.to_thread(_link_to_bridge, process.pid, f"veth{number}")
        return cls(role, address, process)

    async def is_ready(self) -> bool:
        """Asks as the manifest's readiness probe does."""
        assert self.process.poll() is None, f"{self.role.name} ended with {self.process.returncode}"
        where = f"{self.address}:{self.role.probe_port}"
        if self.role.probe_path:
            async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get(f"http://{where}{self.role.probe_path}")).status_code == 200
            return False
        async with grpc.aio.insecure_channel(where) as channel:
            with contextlib.suppress(grpc.aio.AioRpcError):
                stub = health_pb2_grpc.HealthStub(channel)
                answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=2)
                return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
        return False

    async def wait_until_ready(self) -> None:
        """Waits for the probe."""
        await eventually(self.is_ready, within_s=_START_WITHIN_S, every_s=_PROBE_EVERY_S)

    async def stop(self) -> None:
        """Ends it as a kubelet does: pause, SIGTERM, and SIGKILL once its grace is over."""
        await asyncio.sleep(self.role.pre_stop_s)
        self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self.process.wait, self.role.grace_s - self.role.pre_stop_s)
        except subprocess.TimeoutExpired:
            self.killed = True
            self.process.kill()
            await asyncio.to_thread(self.process.wait)


@dataclass
class Deployment:
    """The pods of a role. ``addresses`` are those that names and Services know: ready, and not about to go."""

    role: RoleManifest
    environment: Mapping[str, str]
    folder: Path
    addresses: list[str] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    _stopping: list[Pod] = field(default_factory=list)
    _going: list["asyncio.Task[None]"] = field(default_factory=list)
    _count: "itertools.count[int]" = field(default_factory=itertools.count)

    async def add(self) -> None:
        """Starts a pod and waits until it is ready."""
        home = self.folder / f"{self.role.name}-{next(self._count)}"
        (home / "work").mkdir(parents=True)
        environment = {**self.environment, "TMPDIR": str(home), "HOME": str(home)}
        if "CONVERTER_WORK_DIR" in environment:
            environment["CONVERTER_WORK_DIR"] = str(home / "work")
        pod = await Pod.start(self.role, environment, home / "log")
        self.pods.append(pod)
        await pod.wait_until_ready()
        self.addresses.append(pod.address)

    def remove(self) -> None:
        """Takes the oldest pod out of names and Services at once; it stops in its own time."""
        pod = self.pods.pop(0)
        self.addresses.remove(pod.address)
        self._going.append(asyncio.create_task(pod.stop(), name=f"stop {self.role.name}"))
        self._stopping.append(pod)

    async def roll(self) -> list[Pod]:
        """Replaces every pod, one more at a time; returns those that had to be killed."""
        for _ in range(len(self.pods)):
            await self.add()
            self.remove()
        await asyncio.gather(*self._going)
        return [pod for pod in self._stopping if pod.killed]

    def kill(self) -> None:
        """Ends everything at once."""
        for task in self._going:
            task.cancel()
        for pod in (*self.pods, *self._stopping):
            pod.process.kill()
            pod.process.wait()


@asynccontextmanager
async def deployed(deployments: Mapping[str, Deployment], replicas: int) -> AsyncIterator[None]:
    """Starts as many pods of each Deployment; at the end none is left."""
    try:
        await asyncio.gather(*(each.add() for each in deployments.values() for _ in range(replicas)))
        yield
    finally:
        for each in deployments.values():
            each.kill()

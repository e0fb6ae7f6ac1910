"""All roles of the suite are replaced at once under load: no request fails, and no accepted job is lost.

Every pod is a process in a network namespace of its own, told and probed and stopped as the manifests say; names are
looked up at a server whose answers change, and are kept for 5 s as CoreDNS keeps them. NATS and S3 stay.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.launcher.embedded import NatsServer, S3Credentials, S3Server
from services.launcher.free_ports import LOOPBACK, reserve_ports
from services.launcher.plan import Ports, plan_nats_users, plan_services
from services.launcher.secrets import Secrets, keys_file, load_secrets
from services.launcher.settings import read_own_environment, select_machine_environment
from tests.support.cluster.dns import Names, serving_names
from tests.support.cluster.load import GrpcClient, Record, RestClient, ask_until, count_unfinished
from tests.support.cluster.manifests import read_roles
from tests.support.cluster.pods import HUB, Deployment, deployed, make_hub
from tests.support.cluster.relay import relaying
from tests.support.eventually import eventually

pytestmark = [pytest.mark.rolling, pytest.mark.timeout(480)]
ZONE = "wealth.svc.cluster.local"
DNS_KEEPS_S = 5
REST_PORT, GRPC_PORT = 8000, 8001
REST, GRPC = f"http://{HUB}:{REST_PORT}", f"{HUB}:{GRPC_PORT}"
CLIENTS_OF_A_KIND = 3
# Above the defaults (10 and 30 s): up to two dozen processes start on this machine's few cores at the same time, which
# may take an answer longer than on a cluster. How long a call waits for a connection is as in production.
DEADLINES = {"GRPC_CALL_TIMEOUT_S": "40"}
ASKED_EVERY_S = 0.3
# The converter ends a training so where a sandboxed program gets no processor for 20 s: two dozen processes start on
# a few here. Such a job is over and says why; it is written out, and no fault of the roll.
STARVED = "the sandbox did not answer within"
# Before and after: enough that each kind of request is made.
QUIET_REQUESTS = 60


@pytest.fixture(scope="module")
def hub() -> None:
    """The bridge of this namespace, which `make rolling-test` made for this run."""
    if os.environ.get("WEALTH_TEST_NAMESPACE") != "own":
        pytest.skip("network namespaces are made by `make rolling-test`")
    make_hub()


class Servers:
    """NATS and S3, which are not rolled, and the secrets of everybody."""

    def __init__(self, folder: Path) -> None:
        self.ports = Ports(reserve_ports().start)
        self.secrets: Secrets = load_secrets(folder)
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
        self.plans = plan_services(self.ports, self.secrets, folder, read_own_environment())
        self.folder = folder

    def start(self) -> None:
        """Starts both and makes bucket, streams and consumers."""
        self.nats.start()
        self.s3.start()
        self.nats.wait_until_serving()
        self.s3.wait_until_serving()
        environment = {**self.plans["storage"].environment, "METRICS_LISTEN": ""}
        command = [sys.executable, "-m", "services.storage", "bootstrap"]
        subprocess.run(command, env=environment, check=True, timeout=120, capture_output=True)

    def stop(self) -> None:
        """Ends both."""
        self.nats.kill()
        self.s3.kill()

    def deployments(self) -> dict[str, Deployment]:
        """The six roles, told what the manifests tell them; secrets and what is outside of them are this run's."""
        found = {}
        for name, role in read_roles().items():
            plan = self.plans[name].environment
            told = {
                **{key: plan[key] for key in select_machine_environment(plan)},
                **role.settings,
                **{key: plan[key] for key in role.secrets & plan.keys()},
                "LOG_FORMAT": "json",
                **DEADLINES,
            }
            if "NATS_URL" in told:
                told |= {"NATS_URL": told["NATS_URL"].replace(LOOPBACK, HUB), "NATS_REPLICAS": "1"}
            if name == "storage":
                told["S3_ENDPOINT_URL"] = f"http://{HUB}:{self.ports.s3.s3}"
            if name == "gateway":
                told["GATEWAY_KEYS_FILE"] = str(keys_file(self.folder))
            found[name] = Deployment(role, told, self.folder / "pods")
        return found


@pytest.fixture
def servers(hub: None, tmp_path: Path) -> Iterator[Servers]:
    """NATS and S3 of the test's own."""
    running = Servers(tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@asynccontextmanager
async def cluster(servers: Servers, replicas: int) -> AsyncIterator[dict[str, Deployment]]:
    """Everything deployed, with names and Services."""
    deployments = servers.deployments()
    addresses = {name: each.addresses for name, each in deployments.items() if each.role.headless}
    gateway = deployments["gateway"].addresses
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving_names(Names(ZONE, addresses, keep_s=DNS_KEEPS_S), HUB, 53))
        for port in (servers.ports.nats, servers.ports.s3.s3):
            await stack.enter_async_context(relaying(HUB, port, lambda port=port: [(LOOPBACK, port)]))
        for port in (REST_PORT, GRPC_PORT):
            ready = lambda port=port: [(address, port) for address in gateway]  # noqa: E731
            await stack.enter_async_context(relaying(HUB, port, ready))
        await stack.enter_async_context(deployed(deployments, replicas))
        yield deployments


@pytest.mark.parametrize("replicas", [1, 2])
async def test_all_roles_are_replaced_at_once_and_nobody_notices(servers: Servers, replicas: int) -> None:
    record, stop = Record(), asyncio.Event()
    key = servers.secrets.api_key
    async with cluster(servers, replicas) as deployments:
        clients = [
            *(RestClient(REST, key, record) for _ in range(CLIENTS_OF_A_KIND)),
            *(GrpcClient(GRPC, key, record) for _ in range(CLIENTS_OF_A_KIND)),
        ]
        await eventually(lambda: is_healthy(REST), within_s=120, every_s=0.5)
        asking = asyncio.create_task(ask_until(stop, clients, ASKED_EVERY_S))
        try:
            await wait_for_requests(record, QUIET_REQUESTS, asking)
            before = record.total
            begun = time.monotonic()
            killed = await asyncio.gather(*(each.roll() for each in deployments.values()))
            rolled_s, during = time.monotonic() - begun, record.total - before
            await wait_for_requests(record, record.total + QUIET_REQUESTS, asking)
        finally:
            stop.set()
            await asking
            for client in clients:
                await client.close()
        unfinished = await count_unfinished(REST, key, record, within_s=120)
    sys.stdout.write(
        f"\n{replicas} of each role, all replaced within {rolled_s:.0f} s: {during} requests meanwhile, {record.total} "
        f"in all, {len(record.failed)} failed, slowest {record.slowest_s:.1f} s; "
        f"{len(record.jobs) + len(record.tasks)} jobs, {len(unfinished)} not completed; killed after their grace: "
        f"{', '.join(pod.role.name for pods in killed for pod in pods) or 'none'}\n"
        + "".join(f"  {line}\n" for line in (*record.failed, *unfinished))
    )
    assert during > 0
    assert record.failed == []
    assert [line for line in unfinished if STARVED not in line] == []


async def is_healthy(url: str) -> bool:
    """Whether the gateway reaches everybody: before that nobody would call a cluster ready."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        try:
            return (await client.get(f"{url}/health")).status_code == 200
        except httpx.TransportError:
            return False


async def wait_for_requests(record: Record, count: int, asking: "asyncio.Task[None]") -> None:
    """Waits until as many requests were made in all. Raises what ended the clients."""
    while record.total < count:
        done, _ = await asyncio.wait([asking], timeout=0.1)
        if done:
            await asking
            raise AssertionError("the clients have stopped")

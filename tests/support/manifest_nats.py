"""NATS servers with the very configuration of the manifests: only addresses, folders and paths are this machine's."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from services.launcher.cluster_secrets import ClusterSecrets
from services.launcher.embedded import fetch_json, find_executable
from services.launcher.free_ports import LOOPBACK, find_free_ports
from services.launcher.process import ChildProcess, wait_until_ready

COMPONENTS = Path(__file__).parents[2] / "deploy" / "components"
CONFIG = COMPONENTS / "nats"


@dataclass(frozen=True)
class ManifestNats:
    """Running servers, and the secrets that their clients need."""

    client_ports: Sequence[int]
    monitor_ports: Sequence[int]
    secrets: ClusterSecrets
    processes: Sequence[ChildProcess]
    folder: Path
    readiness: Mapping[str, Any]

    def url_of(self, user: str) -> str:
        """The NATS_URL that a user's Secret would hold."""
        addresses = (f"nats://{user}:{self.secrets.nats_passwords[user]}@{LOOPBACK}:{p}" for p in self.client_ports)
        return ",".join(addresses)

    @property
    def ca_file(self) -> Path:
        """What NATS_CA_FILE names."""
        return self.folder / "nats-0" / "tls" / "ca.crt"

    def in_step(self, servers: Sequence[int]) -> bool:
        """Whether the readiness probe of these servers answers 200 at this moment."""
        path = self.readiness["httpGet"]["path"]
        pages = (fetch_json(f"http://{LOOPBACK}:{self.monitor_ports[i]}{path}") for i in servers)
        return all(page is not None and page.get("status") == "ok" for page in pages)

    async def counts_as_ready(self, server: int) -> bool:
        """Whether a server is ready as Kubernetes counts: so many probes in a row answer 200, each a period apart."""
        for probe in range(self.readiness.get("successThreshold", 1)):
            await asyncio.sleep(self.readiness["periodSeconds"] if probe else 0)
            if not self.in_step([server]):
                return False
        return True

    def last_sequence(self, server: int, stream: str) -> int | None:
        """How far a server's own copy of a stream goes; 0 where it has none yet, None where it does not answer."""
        page: Any = fetch_json(f"http://{LOOPBACK}:{self.monitor_ports[server]}/jsz?accounts=true&streams=true")
        if page is None:
            return None
        details = [item for account in page.get("account_details", ()) for item in account.get("stream_detail", ())]
        return next((int(item["state"]["last_seq"]) for item in details if item["name"] == stream), 0)

    def lose_data(self) -> None:
        """Kills the only server and starts it again with an empty disk."""
        (process,) = self.processes
        process.kill()
        shutil.rmtree(self.folder / "nats-0" / "data")
        process.start()
        assert wait_until_ready(lambda: self.in_step([0]), 300)


@contextmanager
def run_manifest_nats(folder: Path, *, servers: int) -> Iterator[ManifestNats]:
    """Runs one server, or the cluster of three, until the block ends."""
    secrets = ClusterSecrets.make()
    by_name = secrets.by_name(nats_address="", s3_keys=False)
    passwords = by_name["nats"]
    clients, monitors, routes = (find_free_ports(servers) for _ in range(3))
    # What the StatefulSet passes on beside its Secret, with this machine's addresses.
    (stateful_set,) = (item for item in yaml.safe_load_all((CONFIG / "nats.yaml").read_text()) if _is_server(item))
    container = stateful_set["spec"]["template"]["spec"]["containers"][0]
    addresses = next(item["value"] for item in container["env"] if item["name"] == "ROUTES")
    addresses = addresses.replace("$(ROUTE_PASSWORD)", passwords["ROUTE_PASSWORD"])
    for index, port in enumerate(routes):
        addresses = addresses.replace(f"nats-{index}.nats-headless:6222", f"{LOOPBACK}:{port}")
    with ExitStack() as stack:
        processes = []
        for index in range(servers):
            home = folder / f"nats-{index}"
            (home / "tls").mkdir(parents=True)
            for name, content in by_name["nats-tls"].items():
                (home / "tls" / name).write_text(content)
            # The component's files take the place of the empty ones, as in the ConfigMap.
            sources = {
                source.name: source for part in ("nats", "nats-tls") for source in (COMPONENTS / part).glob("*.conf")
            }
            for source in sources.values():
                text = source.read_text()
                for before, after in (
                    ("0.0.0.0:4222", f"{LOOPBACK}:{clients[index]}"),
                    ("0.0.0.0:8222", f"{LOOPBACK}:{monitors[index]}"),
                    ("0.0.0.0:6222", f"{LOOPBACK}:{routes[index]}"),
                    ('"/data"', f'"{home}/data"'),
                    ("/run/nats", str(home)),
                    ("/etc/nats-tls", str(home / "tls")),
                ):
                    text = text.replace(before, after)
                alone = source.name == "cluster.conf" and servers == 1
                (home / source.name).write_text("" if alone else text)
            process = ChildProcess(
                f"nats-{index}",
                [find_executable("nats-server"), "--config", str(home / "nats.conf")],
                {"POD_NAME": f"nats-{index}", "ROUTES": addresses, **passwords},
                home / "log",
            )
            process.start()
            stack.callback(process.kill)
            processes.append(process)
        running = ManifestNats(clients, monitors, secrets, processes, folder, container["readinessProbe"])
        assert wait_until_ready(lambda: running.in_step(range(servers)), 300), (folder / "nats-0" / "log").read_text()
        yield running


def _is_server(item: dict[str, Any]) -> bool:
    return item["kind"] == "StatefulSet"

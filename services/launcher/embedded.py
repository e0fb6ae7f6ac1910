"""A real NATS server and a real S3 server from their wheels, for development and for the tests.

Both listen on the loopback address only and keep their data in a folder. A server is started, killed and started
again on the same ports over the same data, which is what a test of an outage needs.
"""

import json
import shutil
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.launcher.free_ports import LOOPBACK, find_free_ports
from services.launcher.process import ChildProcess, StartFailed

READY_TIMEOUT_S = 30.0
STOP_GRACE_S = 10.0
PROBE_TIMEOUT_S = 2.0
# weed's own garbage grows with the objects (1.2 GB with 64 MB ones were seen); Go collects harder below this.
S3_MEMORY_LIMIT = "512MiB"
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def find_executable(name: str) -> str:
    """The path of a server that a wheel has installed. Raises StartFailed naming the extra that brings it."""
    path = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if path is None:
        raise StartFailed(f"{name} is not installed: it comes with the extra 'embedded' (make setup)")
    return path


def fetch_json(url: str) -> dict[str, object] | None:
    """The JSON object at a loopback URL; None where nobody answers, or answers an error or no JSON."""
    try:
        with _NO_PROXY.open(url, timeout=PROBE_TIMEOUT_S) as answer:
            document = json.loads(answer.read() or b"{}")
    except (OSError, ValueError):  # refused, timed out, HTTP errors, half an answer: not ready yet
        return None
    return document if isinstance(document, dict) else None


@dataclass(frozen=True, slots=True)
class NatsPorts:
    """Where the NATS server listens: clients, and its monitoring pages."""

    client: int
    monitor: int

    @classmethod
    def find(cls) -> "NatsPorts":
        """Two free ports."""
        return cls(*find_free_ports(2))


@dataclass(frozen=True, slots=True)
class NatsUser:
    """A user of the NATS server and the subjects that it may publish and subscribe to."""

    name: str
    password: str
    publish: Sequence[str] = (">",)
    subscribe: Sequence[str] = (">",)


class NatsServer(ChildProcess):
    """nats-server with JetStream, which flushes to disk before it acknowledges."""

    def __init__(
        self,
        folder: Path,
        ports: NatsPorts,
        *,
        environment: Mapping[str, str],
        users: Sequence[NatsUser] = (),
        log_path: Path | None = None,
    ) -> None:
        self.ports = ports
        self.users = {user.name: user for user in users}
        self._folder = folder
        self._config = folder / "nats.conf"
        super().__init__(
            name="nats",
            command=[find_executable("nats-server"), "--config", str(self._config)],
            environment=environment,
            log_path=log_path or folder / "nats.log",
            directory=folder,
        )

    @property
    def url(self) -> str:
        """The address for a client without a user."""
        return f"nats://{LOOPBACK}:{self.ports.client}"

    def url_of(self, user: str) -> str:
        """The address with the name and password of one of its users."""
        return f"nats://{user}:{self.users[user].password}@{LOOPBACK}:{self.ports.client}"

    @property
    def monitor_url(self) -> str:
        """The address of its monitoring pages (``/varz``, ``/jsz``, ``/healthz``)."""
        return f"http://{LOOPBACK}:{self.ports.monitor}"

    def start(self) -> None:
        """Writes the configuration and starts; ``wait`` with ``wait_until_serving``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # JSON is valid NATS configuration; quoting is then nobody's business but json's.
        config: dict[str, object] = {
            "listen": f"{LOOPBACK}:{self.ports.client}",
            "http": f"{LOOPBACK}:{self.ports.monitor}",
            "server_name": "wealth",
            "max_payload": 1024 * 1024,
            "jetstream": {"store_dir": str(self._folder / "jetstream"), "sync_interval": "always"},
        }
        if self.users:
            config["authorization"] = {
                "users": [
                    {
                        "user": user.name,
                        "password": user.password,
                        "permissions": {"publish": list(user.publish), "subscribe": list(user.subscribe)},
                    }
                    for user in self.users.values()
                ]
            }
        self._config.touch(mode=0o600)
        self._config.write_text(json.dumps(config, indent=1))
        super().start()

    def is_serving(self) -> bool:
        """Whether the server and its JetStream answer now."""
        health = fetch_json(f"{self.monitor_url}/healthz?js-enabled-only=true")
        return health is not None and health.get("status") == "ok"

    def wait_until_serving(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Waits for JetStream. Raises StartFailed."""
        self.wait_ready(self.is_serving, timeout_s)


@dataclass(frozen=True, slots=True)
class S3Ports:
    """Where weed's parts listen; each opens its port + 10000 too."""

    s3: int
    master: int
    volume: int
    filer: int
    admin: int

    @classmethod
    def find(cls) -> "S3Ports":
        """Five free ports whose companions are free."""
        return cls(*find_free_ports(5))


@dataclass(frozen=True, slots=True)
class S3Credentials:
    """The one access key that the S3 server knows."""

    access_key: str
    secret_key: str


class S3Server(ChildProcess):
    """SeaweedFS as an S3 server: buckets are made by calls only, as in the real one."""

    def __init__(
        self,
        folder: Path,
        ports: S3Ports,
        credentials: S3Credentials,
        *,
        environment: Mapping[str, str],
        log_path: Path | None = None,
    ) -> None:
        self.ports = ports
        self.credentials = credentials
        self._folder = folder
        self._identities = folder / "identities.json"
        super().__init__(
            name="s3",
            command=[
                find_executable("weed"),
                "-logtostderr=true",
                "mini",
                f"-dir={folder / 'data'}",
                f"-ip={LOOPBACK}",
                f"-ip.bind={LOOPBACK}",
                f"-master.port={ports.master}",
                "-master.telemetry=false",
                f"-volume.port={ports.volume}",
                f"-filer.port={ports.filer}",
                f"-s3.port={ports.s3}",
                f"-s3.config={self._identities}",
                "-s3.autoCreateBucket=false",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-webdav=false",
                f"-admin.port={ports.admin}",
                "-admin.ui=false",
            ],
            environment={**environment, "GOMEMLIMIT": S3_MEMORY_LIMIT},
            log_path=log_path or folder / "s3.log",
            directory=folder,
        )

    @property
    def url(self) -> str:
        """The S3 endpoint."""
        return f"http://{LOOPBACK}:{self.ports.s3}"

    def start(self) -> None:
        """Writes the credentials' file and starts; ``wait`` with ``wait_until_serving``."""
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        identity = {
            "name": "suite",
            "credentials": [{"accessKey": self.credentials.access_key, "secretKey": self.credentials.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        self._identities.touch(mode=0o600)
        self._identities.write_text(json.dumps({"identities": [identity]}))
        super().start()

    def is_serving(self) -> bool:
        """Whether the S3 door is open and the master hands out places to write to (it comes up last)."""
        if fetch_json(f"{self.url}/healthz") is None:
            return False
        place = fetch_json(f"http://{LOOPBACK}:{self.ports.master}/dir/assign")
        return place is not None and "fid" in place

    def wait_until_serving(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Waits until objects can be written. Raises StartFailed."""
        self.wait_ready(self.is_serving, timeout_s)

"""A real NATS server and a real S3 server from their wheels, for development and for the tests.

Both listen on the loopback address only and keep their data in a folder. A server is started, killed and started
again on the same ports over the same data, which is what a test of an outage needs. Whoever else is on the machine
reaches the loopback address too, so each has one door, which asks who comes: NATS its clients' port, without
monitoring pages, and S3 its own, while weed's inner parts speak to one another only, with keys made at each start.
"""

import json
import secrets
import shutil
import socket
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.launcher.certificates import make_certificates
from services.launcher.free_ports import LOOPBACK, find_free_ports
from services.launcher.process import ChildProcess, StartFailed
from services.launcher.secrets import write_private_file

READY_TIMEOUT_S = 30.0
STOP_GRACE_S = 10.0
PROBE_TIMEOUT_S = 2.0
# weed's own garbage grows with the objects (1.2 GB with 64 MB ones were seen); Go collects harder below this.
S3_MEMORY_LIMIT = "512MiB"
MAX_VOLUMES = 5000
# What weed's parts sign their calls of one another with: clients and filer, filer and volumes, to write and to read.
_WEED_SIGNING_KEYS = (
    "WEED_JWT_SIGNING_KEY",
    "WEED_JWT_SIGNING_READ_KEY",
    "WEED_JWT_FILER_SIGNING_KEY",
    "WEED_JWT_FILER_SIGNING_READ_KEY",
)
_WEED_GRPC_PARTS = ("MASTER", "VOLUME", "FILER", "S3", "ADMIN", "WORKER", "CLIENT")
_NATS_INFO_LIMIT_BYTES = 64 * 1024
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


def _read_greeting(port: int) -> dict[str, object] | None:
    """What a NATS server says to whoever connects (``INFO {...}``, one line); None where there is none yet."""
    try:
        with socket.create_connection((LOOPBACK, port), PROBE_TIMEOUT_S) as connection:
            connection.settimeout(PROBE_TIMEOUT_S)
            with connection.makefile("rb") as lines:
                word, _, document = lines.readline(_NATS_INFO_LIMIT_BYTES).partition(b" ")
        greeting = json.loads(document) if word == b"INFO" else None
    except (OSError, ValueError):  # refused, timed out, half a line: not ready yet
        return None
    return greeting if isinstance(greeting, dict) else None


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
        port: int,
        *,
        environment: Mapping[str, str],
        users: Sequence[NatsUser] = (),
        log_path: Path | None = None,
    ) -> None:
        self.port = port
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
        return f"nats://{LOOPBACK}:{self.port}"

    def url_of(self, user: str) -> str:
        """The address with the name and password of one of its users."""
        return f"nats://{user}:{self.users[user].password}@{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Writes the configuration and starts; ``wait`` with ``wait_until_serving``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # JSON is valid NATS configuration; quoting is then nobody's business but json's.
        config: dict[str, object] = {
            "listen": f"{LOOPBACK}:{self.port}",
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
        """Whether the server greets clients now, with JetStream, whose streams it reads before it opens its door."""
        greeting = _read_greeting(self.port)
        return greeting is not None and greeting.get("jetstream") is True

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
    """SeaweedFS as an S3 server: buckets are made by calls only, as in the real one.

    Its master and filer answer no HTTP (``-disableHttp``), its volumes only what its filer has signed, and all parts
    gRPC only to holders of a certificate that stands in the folder.
    """

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
                # By default as many as fit the free disk full, of which each bucket takes seven empty: 77 buckets on 77
                # GB. What guards the disk is the volumes' own bound on free space.
                f"-volume.max={MAX_VOLUMES}",
                f"-filer.port={ports.filer}",
                f"-s3.port={ports.s3}",
                f"-s3.config={self._identities}",
                "-s3.autoCreateBucket=false",
                "-disableHttp",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-webdav=false",
                f"-admin.port={ports.admin}",
                "-admin.ui=false",
            ],
            environment={
                **environment,
                "GOMEMLIMIT": S3_MEMORY_LIMIT,
                **{name: secrets.token_urlsafe(32) for name in _WEED_SIGNING_KEYS},
                "WEED_GRPC_CA": str(folder / "ca.crt"),
                **{f"WEED_GRPC_{part}_CERT": str(folder / "tls.crt") for part in _WEED_GRPC_PARTS},
                **{f"WEED_GRPC_{part}_KEY": str(folder / "tls.key") for part in _WEED_GRPC_PARTS},
            },
            log_path=log_path or folder / "s3.log",
            directory=folder,
        )

    @property
    def url(self) -> str:
        """The S3 endpoint."""
        return f"http://{LOOPBACK}:{self.ports.s3}"

    def start(self) -> None:
        """Writes the files of credentials and certificates and starts; ``wait`` with ``wait_until_serving``."""
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        identity = {
            "name": "suite",
            "credentials": [{"accessKey": self.credentials.access_key, "secretKey": self.credentials.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        files = {self._identities.name: json.dumps({"identities": [identity]})}
        for name, content in {**files, **make_certificates("wealth S3", ["localhost"])}.items():
            write_private_file(self._folder / name, content)
        super().start()

    def is_serving(self) -> bool:
        """Whether the S3 door is open and the master knows of the volumes to write to (which come up last)."""
        volumes = f"http://{LOOPBACK}:{self.ports.volume}"
        return all(fetch_json(f"{part}/healthz") is not None for part in (self.url, volumes))

    def wait_until_serving(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Waits until objects can be written. Raises StartFailed."""
        self.wait_ready(self.is_serving, timeout_s)

"""The suite's processes: what each is called, run with and told. Nothing is started here."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.common.jobs.permissions import BOOTSTRAP, list_users
from services.launcher.embedded import NatsUser, S3Ports
from services.launcher.free_ports import COMPANION_OFFSET, LOOPBACK
from services.launcher.secrets import Secrets, keys_file
from services.launcher.settings import select_service_environment

BUCKET = "wealth"
# A service that calls others signs as itself; storage calls nobody.
SERVICES = ("storage", "portfolio", "portfolio-worker", "converter", "converter-worker", "gateway", "events")
# May do everything in NATS: whoever holds suite.json.
NATS_OPERATOR = "suite"
# Callers stop before what they call, so that draining workers still reach storage and NATS.
STOP_ORDER = (
    ("gateway",),
    ("portfolio", "portfolio-worker", "converter", "converter-worker", "events"),
    ("storage",),
    ("nats", "s3"),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a suite on the loopback address, laid out from one base."""

    base: int

    @property
    def rest(self) -> int:
        """REST, events and pages."""
        return self.base

    @property
    def grpc(self) -> int:
        """The gateway's gRPC door."""
        return self.base + 1

    def of(self, service: str) -> int:
        """The gRPC port of a service process (the gateway's is its public door)."""
        return self.grpc if service == "gateway" else self.base + 2 + SERVICES.index(service)

    def metrics_of(self, service: str) -> int:
        """The port of a service process's Prometheus page."""
        return self.base + 20 + SERVICES.index(service)

    @property
    def nats(self) -> int:
        """NATS."""
        return self.base + 10

    @property
    def s3(self) -> S3Ports:
        """S3's door and weed's inner parts; each takes its port + 10000 too."""
        return S3Ports(*range(self.base + 12, self.base + 17))

    def all(self) -> dict[str, int]:
        """Every port by what it is for."""
        return {
            "REST": self.rest,
            **{f"gRPC of {service}": self.of(service) for service in SERVICES},
            **{f"metrics of {service}": self.metrics_of(service) for service in SERVICES},
            "NATS": self.nats,
            **{
                f"S3 ({name}{above})": getattr(self.s3, name) + offset
                for name in ("s3", "master", "volume", "filer", "admin")
                for above, offset in (("", 0), (f" + {COMPANION_OFFSET}", COMPANION_OFFSET))
            },
        }


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service process: its command line, its whole environment, where its gRPC health answers."""

    name: str
    command: list[str]
    environment: dict[str, str]
    health_address: str

    @property
    def at_first(self) -> list[str]:
        """Further arguments when the suite starts: storage prepares the bucket and the queues before it serves, for
        which it has to load much the same. Started again it only serves, as in a cluster."""
        return ["all"] if self.name == "storage" else []


# What a service is told of NATS and S3 that are not the launcher's: as production tells it.
_OUTSIDE_NATS = ("NATS_URL", "NATS_CA_FILE")
_OUTSIDE_S3 = ("S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_BUCKET_NAME")


@dataclass(frozen=True, slots=True)
class Servers:
    """What services are told of NATS and S3: ``nats`` by the process's name, ``s3`` for storage alone."""

    nats: Mapping[str, Mapping[str, str]]
    s3: Mapping[str, str]

    @classmethod
    def embedded(cls, ports: Ports, secrets: Secrets) -> Self:
        """The launcher's own: each process is a user of NATS with a password of its own."""

        def url(name: str) -> str:
            user = BOOTSTRAP if name == "storage" else name
            return f"nats://{user}:{secrets.nats_password_of(user)}@{LOOPBACK}:{ports.nats}"

        return cls(
            {name: {"NATS_URL": url(name)} for name in SERVICES},
            {
                "S3_ENDPOINT_URL": f"http://{LOOPBACK}:{ports.s3.s3}",
                "AWS_ACCESS_KEY_ID": secrets.s3_access_key,
                "AWS_SECRET_ACCESS_KEY": secrets.s3_secret_key,
            },
        )

    @classmethod
    def outside(cls, environment: Mapping[str, str]) -> Self:
        """Those that the launcher's environment names. Raises ValueError where it names no NATS."""
        if not environment.get("NATS_URL"):
            raise ValueError("WEALTH_SERVERS=outside needs NATS_URL, and the settings of S3")

        def named(names: tuple[str, ...]) -> dict[str, str]:
            return {name: environment[name] for name in names if environment.get(name)}

        return cls(dict.fromkeys(SERVICES, named(_OUTSIDE_NATS)), named(_OUTSIDE_S3))


def plan_nats_users(secrets: Secrets) -> tuple[NatsUser, ...]:
    """The users of NATS: one for whoever looks on from outside, and one for each process, limited to its own."""
    return (
        NatsUser(NATS_OPERATOR, secrets.nats_password_of(NATS_OPERATOR)),
        *(
            NatsUser(name, secrets.nats_password_of(name), sorted(allowed.publish), sorted(allowed.subscribe))
            for name, allowed in list_users().items()
        ),
    )


def plan_services(
    ports: Ports,
    secrets: Secrets,
    folder: Path,
    environment: Mapping[str, str],
    *,
    servers: Servers | None = None,
    listen: str = LOOPBACK,
) -> dict[str, ServicePlan]:
    """Lays out the service processes by name. ``environment`` is the launcher's own; each sees its part of it.

    ``servers`` are the launcher's own where nothing else is said; the two doors listen on ``listen``.
    """
    servers = servers or Servers.embedded(ports, secrets)

    def address(service: str) -> str:
        return f"{LOOPBACK}:{ports.of(service)}"

    trusted_callers = json.dumps(secrets.public_keys())
    targets = {
        "STORAGE_TARGET": address("storage"),
        "PORTFOLIO_TARGET": address("portfolio"),
        "CONVERTER_TARGET": address("converter"),
        "EVENTS_TARGET": address("events"),
    }
    own: dict[str, dict[str, str]] = {
        "storage": {
            "STORAGE_LISTEN": address("storage"),
            # All processes are of one release, and start together.
            "STORAGE_INDEX_RUNS": "true",
            "STORAGE_OPEN_KEYS_OF_USERS": "false",
            **servers.s3,
        },
        "portfolio": {
            "PORTFOLIO_LISTEN": address("portfolio"),
            "PORTFOLIO_WORKER_LISTEN": address("portfolio-worker"),
            "PORTFOLIO_IDENTITY_KEY": secrets.identity_keys["portfolio"],
            "PORTFOLIO_SEALING_KEYS": json.dumps(secrets.sealing_keys),
        },
        "converter": {
            "CONVERTER_LISTEN": address("converter"),
            "CONVERTER_WORKER_LISTEN": address("converter-worker"),
            "CONVERTER_IDENTITY_KEY": secrets.identity_keys["converter"],
        },
        "events": {
            "EVENTS_LISTEN": address("events"),
            "EVENTS_IDENTITY_KEY": secrets.identity_keys["events"],
            "EVENTS_SEALING_KEYS": json.dumps(secrets.sealing_keys),
        },
        "gateway": {
            "GATEWAY_LISTEN": f"{listen}:{ports.rest}",
            "GATEWAY_GRPC_LISTEN": f"{listen}:{ports.grpc}",
            "GATEWAY_IDENTITY_KEY": secrets.identity_keys["gateway"],
            "GATEWAY_KEYS_FILE": str(keys_file(folder)),
            "GATEWAY_KEY_SECRET": secrets.gateway_key_secret,
        },
    }
    # What stands in the launcher's own environment goes before these.
    defaults = {
        "converter": {"CONVERTER_WORK_DIR": str(folder / "work")},
        # As above: no worker of a release before.
        "portfolio": {"PORTFOLIO_INLINE_INPUT_BYTES": "16384"},
    }
    plans = {}
    for name in SERVICES:
        service, _, role = name.partition("-")
        arguments = [service] if service in ("storage", "gateway", "events") else [service, role or "api"]
        plans[name] = ServicePlan(
            name,
            [sys.executable, "-m", f"services.{arguments[0]}", *arguments[1:]],
            {
                "S3_BUCKET_NAME": BUCKET,
                **defaults.get(service, {}),
                **select_service_environment(environment, service),
                **own[service],
                **({} if service == "storage" else targets),
                # The gateway talks to services only; storage's bootstrap alone connects.
                **({} if name == "gateway" else servers.nats[name]),
                "TRUSTED_CALLERS": trusted_callers,
                "METRICS_LISTEN": f"{LOOPBACK}:{ports.metrics_of(name)}",
            },
            address(name),
        )
    return plans

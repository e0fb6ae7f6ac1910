"""What adversaries aim at: addresses and keys, as they are handed to their processes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.support.launched_suite import LaunchedSuite

# Each address of the loopback network is a peer of its own. The victim's is another.
PEERS = tuple(f"127.0.0.{number}" for number in range(10, 18))


@dataclass(frozen=True, slots=True)
class Target:
    """A suite from outside: its doors, its services' own ports, and a key of a tenant that is not the victim's."""

    host: str
    rest_port: int
    grpc: str
    services: dict[str, str]
    key: str
    user: str = "mallory"

    @classmethod
    def of(cls, suite: LaunchedSuite, key: str) -> Self:
        """The target that a launched suite is."""
        url = urlsplit(suite.rest)
        return cls(
            str(url.hostname),
            int(url.port or 80),
            suite.grpc_address("gateway"),
            {name: suite.grpc_address(name) for name in ("storage", "portfolio", "converter")},
            key,
        )

    @classmethod
    def decode(cls, text: str) -> Mapping[str, Self]:
        """Reads what ``encode`` wrote."""
        return {name: cls(**fields) for name, fields in json.loads(text).items()}

    @staticmethod
    def encode(targets: "Mapping[str, Target]") -> str:
        """Targets by the names of attacks, as one argument of a command."""
        return json.dumps({name: asdict(target) for name, target in targets.items()})

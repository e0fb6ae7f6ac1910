"""A gateway on free ports, in this process, over real sockets; and clients of both of its doors."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc.aio
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.identity import DEFAULT_TENANT
from services.gateway.app import Gateway
from services.gateway.keys import CreatedKey, add_key, create_key, load_keys, save_keys
from services.gateway.settings import GatewaySettings
from tests.support.scripted_services import ScriptedSuite

KEY_SECRET = "a server secret of the tests, long enough"


@dataclass(slots=True)
class RunningGateway:
    """A gateway with its scripted services and a client that holds a key of all scopes."""

    gateway: Gateway
    suite: ScriptedSuite
    rest: httpx.AsyncClient
    channel: grpc.aio.Channel
    key: str
    keys_file: Path

    @property
    def base_url(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.gateway.http.port}"

    def make_key(self, **fields: Any) -> str:
        """Puts a new key in force at once, and into the file; returns its text."""
        created = _create_key(**fields)
        add_key(self.keys_file, created)
        self.gateway.ring.replace([*self.gateway.ring._records.values(), created.record])
        return created.text

    def revoke_key(self, text: str) -> None:
        """Takes a key out of force at once, and out of the file."""
        remaining = [record for record in load_keys(self.keys_file) if not text.startswith(record.id)]
        save_keys(self.keys_file, remaining)
        self.gateway.ring.replace(remaining)


def _create_key(**fields: Any) -> CreatedKey:
    fields.setdefault("tenant", DEFAULT_TENANT)
    return create_key(KEY_SECRET, **fields)


@asynccontextmanager
async def run_gateway(
    folder: Path, *, identity_key: Ed25519PrivateKey | None = None, **overrides: Any
) -> AsyncIterator[RunningGateway]:
    """Runs a gateway before scripted services; ``overrides`` are settings by their lower-case names.

    Gateways of one ``identity_key`` may call each other's services.
    """
    identity_key = identity_key or Ed25519PrivateKey.generate()
    suite = ScriptedSuite(identity_key)
    await suite.start()
    created = _create_key(scopes=("portfolio", "converter", "files", "webhooks", "admin"), subject="tests")
    keys_file = folder / "keys.json"
    add_key(keys_file, created)
    settings = GatewaySettings(
        **{
            "gateway_listen": "127.0.0.1:0",
            "gateway_grpc_listen": "127.0.0.1:0",
            "gateway_identity_key": base64.b64encode(identity_key.private_bytes_raw()).decode(),
            "gateway_keys_file": keys_file,
            "gateway_key_secret": KEY_SECRET,
            "gateway_keys_reload_s": 0.02,
            "gateway_health_cache_s": 0,
            "gateway_list_refresh_s": 0.1,
            "portfolio_target": suite.targets["portfolio"],
            "converter_target": suite.targets["converter"],
            "storage_target": suite.targets["storage"],
            "events_target": suite.targets["events"],
            "drain_timeout_s": 2,
            **overrides,
        }
    )
    gateway = Gateway(settings)
    started = []
    try:
        for component in gateway.components:
            started.append(component)
            await component.start()
        async with (
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{gateway.http.port}", headers={"X-API-KEY": created.text}, timeout=10
            ) as rest,
            grpc.aio.insecure_channel(f"127.0.0.1:{gateway.grpc.port}") as channel,
        ):
            yield RunningGateway(gateway, suite, rest, channel, created.text, keys_file)
    finally:
        for component in reversed(started):
            await component.stop()
        await suite.stop()

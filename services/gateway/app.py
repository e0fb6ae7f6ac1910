"""The one place where the gateway is put together."""

import asyncio
from functools import partial
from typing import Any

import grpc.aio

from services.common.logging import get_logger
from services.common.server import Component, GrpcServer, run_components
from services.gateway.admission import Admission, Limits
from services.gateway.backends import CONVERTER, EVENTS, PORTFOLIO, STORAGE, Backends
from services.gateway.dashboard.sessions import Sessions, read_cookie
from services.gateway.domain.strangers import Peers, StrangerLimits, Strangers
from services.gateway.grpc_front import GrpcFront
from services.gateway.http_protocol import Headers
from services.gateway.http_server import HttpServer
from services.gateway.key_file import KeyFileWatch
from services.gateway.keys import KeyRing
from services.gateway.passthrough import PassThrough, public_methods
from services.gateway.rest.api import create_api
from services.gateway.rest.door import Door
from services.gateway.settings import GatewaySettings

# What gRPC spends on connections before a call's key is known. No larger windows by estimates of the line: they hold
# what strangers send; a message that is waited for gets the window that it needs in any case.
_BEFORE_IDENTITY = (
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.settings_timeout", 10_000),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.max_connection_idle_ms", 60_000),
    ("grpc.max_metadata_size", 16 * 1024),
)
_BEHIND_THE_FRONT = "127.0.0.1:0"


class Gateway:
    """Both doors of one process, and what they share."""

    def __init__(self, settings: GatewaySettings) -> None:
        secret = settings.gateway_key_secret
        self.ring = KeyRing(secret.get_secret_value() if secret else None)
        if settings.legacy_key:
            self.ring.add_legacy(settings.legacy_key, settings.default_tenant)
        self.backends = Backends(settings)
        closing = asyncio.Event()
        admission = _create_admission(settings, self.ring)
        self.door = Door(settings, self.backends, admission, closing)
        api = create_api(self.door)
        self.http = HttpServer(
            api,
            settings.gateway_listen,
            admission=admission,
            knows=partial(_is_known, admission, api.state.sessions),
            closing=closing,
            drain_timeout_s=settings.drain_timeout_s,
        )
        self.grpc = GrpcFront(
            settings.gateway_grpc_listen,
            admission,
            find_port=lambda: self._grpc_server.port,
            max_connections=settings.gateway_max_grpc_connections,
        )
        self._grpc_server = self._create_grpc_server(settings, closing)
        self._settings = settings

    @property
    def components(self) -> list[Component]:
        """The process's parts in the order of their start."""
        file = self._settings.gateway_keys_file
        watch = [KeyFileWatch(file, self.ring, interval_s=self._settings.gateway_keys_reload_s)] if file else []
        return [_Channels(self.backends), self.door.elsewhere, *watch, self._grpc_server, self.grpc, self.http]

    def log_standing(self) -> None:
        """Says what an operator should know of the keys before the first call."""
        if self._settings.legacy_key_refused:
            get_logger().warning("legacy_key_refused", setting="FASTAPI_AND_WEP_APP_SECRET_KEY", why="too short")
        if self._settings.gateway_keys_file is None and not len(self.ring):
            get_logger().warning("no_keys", why="neither GATEWAY_KEYS_FILE nor a legacy key: nobody can call")
        if self._settings.gateway_legacy_open_tasks:
            get_logger().warning("tasks_open_without_key", tenant=_open_tasks_tenant(self._settings))

    def _create_grpc_server(self, settings: GatewaySettings, closing: asyncio.Event) -> GrpcServer:
        handler = PassThrough(
            self.backends.channels,
            self.door.admission,
            self.grpc,
            closing=closing,
            call_timeout_s=settings.grpc_request_timeout_s,
            max_upload_bytes=settings.gateway_max_file_bytes,
            recheck_s=settings.gateway_heartbeat_s,
        )
        backends = {PORTFOLIO: "portfolio", CONVERTER: "converter", STORAGE: "storage", EVENTS: "events"}
        server = GrpcServer(
            _BEHIND_THE_FRONT,
            settings,
            interceptors=[],
            # A service's health at the door is that of the service behind it.
            dependencies={service: _HealthCheck(self.backends, name) for service, name in backends.items()},
            max_message_bytes=settings.gateway_max_message_bytes,
            open_paths=public_methods().keys(),
            options=_BEFORE_IDENTITY,
        )
        # The handler is one for all services; each is named for health and reflection.
        server.add(_register, handler, PORTFOLIO)
        for service in (CONVERTER, STORAGE, EVENTS):
            server.add(_register_name_only, handler, service)
        return server


class _HealthCheck:
    def __init__(self, backends: Backends, name: str) -> None:
        self._backends = backends
        self._name = name

    async def __call__(self) -> None:
        await self._backends.check(self._name)


class _Channels:
    """Keeps the channels open until both doors are closed."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    async def start(self) -> None:
        """Does nothing: channels connect on first use."""

    async def drain(self) -> None:
        """Does nothing: calls in hand still need them."""

    async def stop(self) -> None:
        """Closes the channels."""
        await self._backends.close()


def _register(handler: Any, server: grpc.aio.Server) -> None:
    server.add_generic_rpc_handlers((handler,))


def _register_name_only(_handler: Any, _server: grpc.aio.Server) -> None:
    """Registers nothing: the handler is there already."""


def _is_known(admission: Admission, sessions: Sessions, headers: Headers) -> bool:
    """Whether a call shows a valid key or session. What opens nothing by itself costs a hash at most."""
    for name, value in headers:
        if name == b"x-api-key" and admission.knows(value.decode("latin-1")):
            return True
        if name == b"cookie" and sessions.read(read_cookie(value.decode("latin-1"))) is not None:
            return True
    return False


def _open_tasks_tenant(settings: GatewaySettings) -> str | None:
    if not settings.gateway_legacy_open_tasks:
        return None
    return settings.gateway_legacy_open_tasks_tenant or settings.default_tenant


def _create_admission(settings: GatewaySettings, ring: KeyRing) -> Admission:
    limits = Limits(
        rate_per_s=settings.gateway_rate_per_s,
        burst=settings.gateway_burst,
        shared_rate_per_s=settings.gateway_shared_rate_per_s,
        concurrency=settings.gateway_concurrency,
        max_watchers=settings.gateway_max_watchers,
        max_watchers_per_key=settings.gateway_max_watchers_per_key,
    )
    strangers = StrangerLimits(settings.gateway_max_strangers_per_peer, settings.gateway_max_strangers)
    return Admission(
        ring,
        limits,
        strangers=Strangers(strangers),
        peers=Peers(settings.proxies()),
        open_tasks_tenant=_open_tasks_tenant(settings),
    )


async def serve(settings: GatewaySettings, _role: str) -> None:
    """Runs the gateway until the process is told to stop."""
    gateway = Gateway(settings)
    gateway.log_standing()
    await run_components(gateway.components, drain_timeout_s=settings.drain_timeout_s)

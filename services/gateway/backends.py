"""The services behind the door: channels, stubs, and what their health says."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.events.v1 import events_pb2, events_pb2_grpc
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.common.channels import open_channel
from services.common.context import acting_as
from services.common.identity import Principal, TokenSigner, service_principal
from services.common.settings import read_identity_key
from services.gateway.admission import note_answer
from services.gateway.settings import GatewaySettings

PORTFOLIO = portfolio_pb2.DESCRIPTOR.services_by_name["PortfolioService"].full_name
CONVERTER = converter_pb2.DESCRIPTOR.services_by_name["ConverterService"].full_name
STORAGE = storage_pb2.DESCRIPTOR.services_by_name["StorageService"].full_name
EVENTS = events_pb2.DESCRIPTOR.services_by_name["EventsService"].full_name

HEALTH_TIMEOUT_S = 2.0
_REPEATABLE = {
    "portfolio": (
        "GetTask", "GetTaskReport", "ListTasks", "WatchTask", "GetQueue", "ListDeadLetters", "CheckClaims",
        "DeleteUser",
    ),
    "converter": (
        "GetJob", "ListJobs", "ListQuestions", "WatchJob", "DownloadArtifact", "GetQueue", "ListDeadLetters",
        "ListVersions", "RollbackTraining", "DeleteUser",
    ),
    "storage": ("GetFile", "ListFiles", "DownloadFile", "DeleteFile", "CreateRecord", "GetRecord"),
    "events": (
        "WatchEvents", "GetWebhook", "ListWebhooks", "ListUndelivered", "DeleteWebhook", "EnableWebhook",
        "DisableWebhook",
    ),
}  # fmt: skip
_SERVING = health_pb2.HealthCheckResponse.SERVING


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What a service says of itself. ``status`` is "ok", "degraded" (it answers, a dependency is away) or "down"."""

    status: str
    dependencies: Mapping[str, str]


class Backends:
    """One channel to each service; they connect on first use and reconnect by themselves."""

    def __init__(self, settings: GatewaySettings) -> None:
        signer = TokenSigner("gateway", read_identity_key(settings.gateway_identity_key, "GATEWAY_IDENTITY_KEY"))
        targets = {
            "portfolio": (settings.portfolio_target, PORTFOLIO),
            "converter": (settings.converter_target, CONVERTER),
            "storage": (settings.storage_target, STORAGE),
            "events": (settings.events_target, EVENTS),
        }
        self.channels: Mapping[str, grpc.aio.Channel] = {
            name: open_channel(
                target,
                audience=name,
                signer=signer,
                service=service,
                idempotent_methods=_REPEATABLE[name],
                call_timeout_s=settings.grpc_call_timeout_s,
                max_message_bytes=settings.gateway_max_message_bytes,
                note_answer=note_answer,
            )
            for name, (target, service) in targets.items()
        }
        self.portfolio = portfolio_pb2_grpc.PortfolioServiceStub(self.channels["portfolio"])
        self.converter = converter_pb2_grpc.ConverterServiceStub(self.channels["converter"])
        self.storage = storage_pb2_grpc.StorageServiceStub(self.channels["storage"])
        self.events = events_pb2_grpc.EventsServiceStub(self.channels["events"])
        self.own_principal: Principal = service_principal(settings.default_tenant, "gateway")
        # Typed as Any: the stubs of the health package lag behind its List method.
        self._health_stubs: dict[str, Any] = {
            name: health_pb2_grpc.HealthStub(channel) for name, channel in self.channels.items()
        }
        self._health_cache_s = settings.gateway_health_cache_s
        self._health: tuple[float, Mapping[str, ServiceHealth]] | None = None
        self._health_lock = asyncio.Lock()
        self._unattended: tuple[float, Sequence[str]] | None = None

    async def check(self, name: str) -> None:
        """Asks one service whether it can serve. Raises AioRpcError or ConnectionError where it cannot."""
        answer = await self._health_stubs[name].Check(health_pb2.HealthCheckRequest(), timeout=HEALTH_TIMEOUT_S)
        if answer.status != _SERVING:
            raise ConnectionError(f"{name} does not serve")

    async def read_health(self) -> Mapping[str, ServiceHealth]:
        """Asks every service, at most once in a while however many ask us."""
        async with self._health_lock:
            if self._health is None or self._health[0] + self._health_cache_s <= time.monotonic():
                states = await asyncio.gather(*(self._read_health_of(name) for name in self.channels))
                self._health = (time.monotonic(), dict(zip(self.channels, states, strict=True)))
            return self._health[1]

    async def find_unattended(self) -> Sequence[str]:
        """Says which queues have nobody to work on them, as often as ``read_health`` asks. A queue that does not answer
        is no such queue: its service's health tells."""
        async with self._health_lock:
            if self._unattended is None or self._unattended[0] + self._health_cache_s <= time.monotonic():
                with acting_as(self.own_principal):
                    found = await asyncio.gather(
                        _describe_unattended("portfolio", self.portfolio.GetQueue, portfolio_pb2.GetQueueRequest()),
                        _describe_unattended("converter", self.converter.GetQueue, converter_pb2.GetQueueRequest()),
                    )
                self._unattended = (time.monotonic(), [words for words in found if words])
            return self._unattended[1]

    async def _read_health_of(self, name: str) -> ServiceHealth:
        try:
            await self.check(name)
        except (grpc.aio.AioRpcError, ConnectionError):
            return ServiceHealth("down", {})
        dependencies = await self._read_dependencies_of(name)
        degraded = any(state != "ok" for state in dependencies.values())
        return ServiceHealth("degraded" if degraded else "ok", dependencies)

    async def _read_dependencies_of(self, name: str) -> Mapping[str, str]:
        """Reads the states that the service publishes beside its own; none where it does not list them."""
        try:
            request = health_pb2.HealthListRequest()  # type: ignore[attr-defined]
            listed = await self._health_stubs[name].List(request, timeout=HEALTH_TIMEOUT_S)
        except grpc.aio.AioRpcError:
            return {}
        return {
            key: "ok" if status.status == _SERVING else "down"
            for key, status in sorted(listed.statuses.items())
            if key and "." not in key
        }

    async def close(self) -> None:
        """Closes the channels."""
        await asyncio.gather(*(channel.close() for channel in self.channels.values()))


async def _describe_unattended(service: str, ask: Callable[..., Awaitable[jobs_pb2.Queue]], request: Any) -> str:
    try:
        queue = await ask(request, timeout=HEALTH_TIMEOUT_S)
    except grpc.aio.AioRpcError:
        return ""
    if queue.worker_processes:
        return ""
    return f"no worker of {service} is running, and {queue.queue_size} job(s) wait for one"

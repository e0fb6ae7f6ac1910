"""Portfolio and converter in this process, over real storage and NATS, called as the gateway calls them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc.aio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.channels import open_channel
from services.common.identity import TokenSigner
from services.common.jobs.broker import Broker
from services.common.jobs.worker import JobWorker
from services.common.server import Component, GrpcServer
from tests.support.eventually import eventually

GATEWAY_KEY = Ed25519PrivateKey.from_private_bytes(b"gateway key for tests, 32 bytes!")
Part = TypeVar("Part")


@dataclass
class RunningService:
    """A role of a service, serving."""

    components: Sequence[Component]

    def part(self, kind: type[Part]) -> Part:
        """The component of this type."""
        return next(component for component in self.components if isinstance(component, kind))

    @property
    def target(self) -> str:
        """Where it is called."""
        return f"127.0.0.1:{self.part(GrpcServer).port}"

    async def cut_power(self) -> None:
        """From now on nothing that it does reaches NATS or storage: as after kill -9."""
        await self.part(Broker).stop()
        await self.components[0].stop()  # the storage client
        await self.part(JobWorker).stop()


@asynccontextmanager
async def run_service(
    build: Callable[..., Sequence[Component]], settings: Any, role: str
) -> AsyncIterator[RunningService]:
    """Runs a role of a service; returns once it is connected."""
    running = RunningService(build(settings, role))
    started: list[Component] = []
    try:
        for component in running.components:
            started.append(component)
            await component.start()
        await eventually(lambda: running.part(Broker).is_connected)
        yield running
    finally:
        for component in reversed(started):
            await component.stop()


@asynccontextmanager
async def call_as_gateway(target: str, audience: str, service: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel that speaks as the gateway; act as a principal while calling."""
    channel = open_channel(target, audience=audience, signer=TokenSigner("gateway", GATEWAY_KEY), service=service)
    try:
        yield channel
    finally:
        await channel.close()

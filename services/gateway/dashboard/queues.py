"""How busy the services' workers are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.dashboard.frame import Visitor
from services.gateway.rest.door import Door

_AWAY = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})


def is_away(failure: grpc.aio.AioRpcError) -> bool:
    """Whether a call failed because the service does not answer: what others say can still be shown."""
    return failure.code() in _AWAY


@dataclass(frozen=True, slots=True)
class NamedQueue:
    """A service's queue under the name that people know it by."""

    name: str
    queue: jobs_pb2.Queue

    @property
    def busy_percent(self) -> int:
        """How many of the slots are taken."""
        return round(100 * self.queue.active_jobs / self.queue.max_workers) if self.queue.max_workers else 0

    @property
    def wait_s(self) -> int | None:
        """Seconds that a job accepted now is expected to wait; None where nothing was finished to measure by."""
        return round(self.queue.estimated_wait_s) if self.queue.HasField("estimated_wait_s") else None


async def read_queues(door: Door, visitor: Visitor) -> Sequence[NamedQueue]:
    """Reads the queues of the services that the visitor's key is for, without those of services that are away."""
    calls: list[tuple[str, Any]] = []
    if visitor.may("portfolio"):
        calls.append(("Portfolio analysis", door.backends.portfolio.GetQueue(portfolio_pb2.GetQueueRequest())))
    if visitor.may("converter"):
        calls.append(("Conversion", door.backends.converter.GetQueue(converter_pb2.GetQueueRequest())))
    found = await asyncio.gather(*(_wait_for(call) for _, call in calls))
    return [NamedQueue(name, queue) for (name, _), queue in zip(calls, found, strict=True) if queue is not None]


async def _wait_for(call: Any) -> jobs_pb2.Queue | None:
    try:
        queue: jobs_pb2.Queue = await call
    except grpc.aio.AioRpcError as failure:
        if is_away(failure):
            return None
        raise
    return queue

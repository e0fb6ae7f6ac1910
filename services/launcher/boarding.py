"""In which order the services' processes start: what others wait for first, and no more at once than have a processor.

Starting is importing, which is nothing but processor time. All at once would share the processors evenly, so that the
first to be needed (storage, which prepares bucket and queues) were ready with the last; in turn, each has them for as
long as it needs them, and the last is ready no later.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable

import grpc
from grpc_health.v1 import health_pb2

from services.launcher.plan import ServicePlan

_HEALTH_CALL_TIMEOUT_S = 1.0


def count_places() -> int:
    """How many processes start at once: one for each processor, and one for while another waits for the disk."""
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    return processors + 1


class Boarding:
    """Starts processes in the order of their plans: the next one once one of those that are starting serves."""

    def __init__(
        self, plans: Iterable[ServicePlan], start: Callable[[str], None], *, places: int | None = None
    ) -> None:
        """Starts the first. ``start`` starts a process by its name; ``places`` is how many may be starting at once."""
        self._waiting = deque(plans)
        self._start = start
        self._places = places or count_places()
        self._starting: dict[str, str] = {}
        self._serving: set[str] = set()
        self._admit()

    def is_serving(self, name: str) -> bool:
        """Asks all that are starting whether they serve, starts who is next; returns whether ``name`` serves."""
        for other, address in list(self._starting.items()):
            if ask_serving(address):
                del self._starting[other]
                self._serving.add(other)
        self._admit()
        return name in self._serving

    def _admit(self) -> None:
        while self._waiting and len(self._starting) < self._places:
            plan = self._waiting.popleft()
            self._start(plan.name)
            self._starting[plan.name] = plan.health_address


def ask_serving(address: str) -> bool:
    """Asks the standard health service whether the process can serve.

    By a connection of its own each time: a channel that found nobody waits for a second before it looks again, then for
    ever longer, up to two minutes, and meanwhile says of a service that serves that it is away.
    """
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=_HEALTH_CALL_TIMEOUT_S)
        except grpc.RpcError:  # nobody there yet, or not willing: not serving
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

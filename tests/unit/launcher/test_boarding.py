"""In which order the services' processes start, and how it is noticed that one serves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.launcher.boarding import Boarding, ask_serving
from services.launcher.free_ports import LOOPBACK, find_free_ports
from services.launcher.plan import ServicePlan

NAMES = ("storage", "portfolio", "converter", "gateway")


class Processes:
    """Stand-ins for processes: what was started, and which of them serve, by real health services."""

    def __init__(self) -> None:
        self.ports = dict(zip(NAMES, find_free_ports(len(NAMES)), strict=True))
        self.started: list[str] = []
        self._servers: list[grpc.Server] = []

    @property
    def plans(self) -> list[ServicePlan]:
        return [ServicePlan(name, [], {}, self.address_of(name)) for name in NAMES]

    def address_of(self, name: str) -> str:
        return f"{LOOPBACK}:{self.ports[name]}"

    def serve(self, name: str, status: int = health_pb2.HealthCheckResponse.SERVING) -> None:
        server = grpc.server(ThreadPoolExecutor(1))
        servicer = health.HealthServicer()
        servicer.set("", status)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        assert server.add_insecure_port(self.address_of(name)) == self.ports[name]
        server.start()
        self._servers.append(server)

    def stop(self) -> None:
        for server in self._servers:
            server.stop(None).wait()


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    try:
        yield processes
    finally:
        processes.stop()


def test_no_more_start_at_once_than_there_are_places(processes: Processes) -> None:
    boarding = Boarding(processes.plans, processes.started.append, places=2)
    boarding.is_serving("storage")
    assert processes.started == ["storage", "portfolio"]


def test_the_next_starts_once_one_of_those_that_start_serves_whichever_it_is(processes: Processes) -> None:
    boarding = Boarding(processes.plans, processes.started.append, places=2)
    processes.serve("portfolio")
    assert not boarding.is_serving("storage")
    assert processes.started == ["storage", "portfolio", "converter"]


def test_one_that_is_waited_for_has_been_started_as_soon_as_all_before_it_serve(processes: Processes) -> None:
    boarding = Boarding(processes.plans, processes.started.append, places=1)
    for name, following in zip(NAMES, [*NAMES[1:], None], strict=True):
        processes.serve(name)
        assert boarding.is_serving(name)
        assert following is None or processes.started[-1] == following


def test_a_service_that_was_away_for_many_looks_is_seen_at_the_first_look_after_it_serves(processes: Processes) -> None:
    address = processes.address_of("storage")
    assert not any(ask_serving(address) for _ in range(5))
    processes.serve("storage")
    assert ask_serving(address)


def test_a_process_that_says_it_cannot_serve_is_not_ready(processes: Processes) -> None:
    processes.serve("storage", health_pb2.HealthCheckResponse.NOT_SERVING)
    assert not ask_serving(processes.address_of("storage"))

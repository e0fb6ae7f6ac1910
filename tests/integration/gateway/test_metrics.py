"""What strangers send never becomes a series of its own."""

import grpc
import pytest
from prometheus_client import REGISTRY
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.passthrough import public_methods
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway


def labels_of(family: str) -> set[tuple[str, ...]]:
    """All label values of a metric's series, without a histogram's bounds."""
    return {
        tuple(value for name, value in sorted(sample.labels.items()) if name != "le")
        for found in REGISTRY.collect()
        if found.name == family
        for sample in found.samples
    }


async def test_unknown_paths_and_methods_share_one_series(running: RunningGateway) -> None:
    await running.rest.request("BREW", "/pot-0")
    await running.rest.get("/somewhere-0")
    before = labels_of("wealth_gateway_requests"), labels_of("wealth_gateway_request_seconds")
    for number in range(1, 20):
        await running.rest.request(f"BREW{number}", f"/pot-{number}")
        await running.rest.get(f"/somewhere-{number}/x/y/z")
    assert (labels_of("wealth_gateway_requests"), labels_of("wealth_gateway_request_seconds")) == before


async def test_ids_in_paths_share_their_routes_series(running: RunningGateway) -> None:
    await running.rest.get("/task/task-0/status")
    before = labels_of("wealth_gateway_requests")
    for number in range(1, 20):
        await running.rest.get(f"/task/task-{number}/status")
    assert labels_of("wealth_gateway_requests") == before


async def test_unknown_grpc_methods_make_no_series(running: RunningGateway) -> None:
    for number in range(5):
        with pytest.raises(grpc.aio.AioRpcError, match="UNIMPLEMENTED"):
            await running.channel.unary_unary(f"/wealth.storage.v1.StorageService/Method{number}")(b"")
    routes = {labels[2] for labels in labels_of("wealth_gateway_requests") if labels[0] == "grpc"}
    assert routes <= public_methods().keys()
    assert not any("Method" in value for labels in labels_of("wealth_grpc_calls") for value in labels)


async def test_open_event_streams_are_counted(own_gateway: RunningGateway) -> None:
    async def endless() -> object:
        yield portfolio_pb2.TaskEvent(event_id="1", revision=1)
        await own_gateway.gateway.door.closing.wait()

    own_gateway.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(revision=1)
    own_gateway.suite.portfolio.answers["WatchTask"] = lambda _: endless()
    async with own_gateway.rest.stream("GET", "/task/t/events") as stream:
        await anext(stream.aiter_lines())
        during = REGISTRY.get_sample_value("wealth_gateway_watchers")
    await eventually(lambda: REGISTRY.get_sample_value("wealth_gateway_watchers") == 0)
    assert during == 1

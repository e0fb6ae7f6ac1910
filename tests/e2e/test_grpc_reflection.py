"""Calls as grpcurl makes them: a client that knows no proto finds services and messages by reflection."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.support.launched_suite import LaunchedSuite

SERVICES = {
    "portfolio": "wealth.portfolio.v1.PortfolioService",
    "converter": "wealth.converter.v1.ConverterService",
    "storage": "wealth.storage.v1.StorageService",
    "events": "wealth.events.v1.EventsService",
}
CALLS = [
    ("wealth.portfolio.v1.PortfolioService", "ListTasks", {"page_size": 5}),
    ("wealth.converter.v1.ConverterService", "ListJobs", {"user_id": "ananya", "page_size": 5}),
    ("wealth.storage.v1.StorageService", "ListFiles", {"user_id": "ananya", "page_size": 5}),
    ("wealth.events.v1.EventsService", "ListWebhooks", {}),
]


@pytest.fixture
def door(suite: LaunchedSuite) -> Iterator[grpc.Channel]:
    """A channel to the gateway's gRPC door."""
    with grpc.insecure_channel(suite.document["grpc"]) as channel:
        yield channel


def call_by_reflection(channel: grpc.Channel, service: str, method: str, fields: dict, metadata: dict) -> Message:
    """Finds a method's messages by reflection and calls it."""
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    descriptor = pool.FindServiceByName(service).FindMethodByName(method)
    request = GetMessageClass(descriptor.input_type)(**fields)
    call = channel.unary_unary(
        f"/{service}/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=GetMessageClass(descriptor.output_type).FromString,
    )
    return call(request, metadata=tuple(metadata.items()), timeout=10)


@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_each_service_tells_what_it_offers(suite: LaunchedSuite, name: str, service: str) -> None:
    with grpc.insecure_channel(suite.grpc_address(name)) as channel:
        assert service in ProtoReflectionDescriptorDatabase(channel).get_services()


def test_the_gateway_tells_what_it_passes_through(door: grpc.Channel) -> None:
    assert set(SERVICES.values()) <= set(ProtoReflectionDescriptorDatabase(door).get_services())


@pytest.mark.parametrize(("service", "method", "fields"), CALLS)
def test_a_call_by_reflection_goes_through_the_gateway(
    suite: LaunchedSuite, door: grpc.Channel, service: str, method: str, fields: dict
) -> None:
    answer = call_by_reflection(door, service, method, fields, {"x-api-key": suite.document["api_key"]})
    assert answer.DESCRIPTOR.full_name == f"{service.rpartition('.')[0]}.{method}Response"


def test_a_call_without_a_key_is_unauthenticated(door: grpc.Channel) -> None:
    service, method, fields = CALLS[0]
    with pytest.raises(grpc.RpcError) as refusal:
        call_by_reflection(door, service, method, fields, {})
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_a_service_itself_takes_no_call_that_no_service_has_signed(
    suite: LaunchedSuite, name: str, service: str
) -> None:
    method, fields = next((method, fields) for called, method, fields in CALLS if called == service)
    with grpc.insecure_channel(suite.grpc_address(name)) as channel, pytest.raises(grpc.RpcError) as refusal:
        call_by_reflection(channel, service, method, fields, {"x-api-key": suite.document["api_key"]})
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED

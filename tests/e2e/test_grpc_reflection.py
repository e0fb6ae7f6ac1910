"""Calls as grpcurl makes them: a client that knows no proto finds services and messages by reflection."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from wealth.storage.v1.storage_pb2 import DESCRIPTOR

from services.gateway.passthrough import public_methods
from tests.support.launched_suite import LaunchedSuite

SERVICES = {
    "portfolio": "wealth.portfolio.v1.PortfolioService",
    "converter": "wealth.converter.v1.ConverterService",
    "storage": "wealth.storage.v1.StorageService",
    "events": "wealth.events.v1.EventsService",
}
OPEN_TO_ALL = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
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


def test_the_gateway_tells_what_it_passes_through_and_no_more(door: grpc.Channel) -> None:
    told = ProtoReflectionDescriptorDatabase(door)
    assert set(told.get_services()) == {*SERVICES.values(), *OPEN_TO_ALL}
    pool = DescriptorPool(told)
    methods = {
        f"/{service}/{method.name}"
        for service in SERVICES.values()
        for method in pool.FindServiceByName(service).methods
    }
    assert methods == public_methods().keys()
    for hidden in ("wealth.storage.v1.Record", "wealth.storage.v1.CreateRecordRequest"):
        assert DESCRIPTOR.message_types_by_name[hidden.rpartition(".")[2]]
        with pytest.raises(KeyError):
            pool.FindMessageTypeByName(hidden)


def test_every_method_that_the_gateway_tells_of_is_served(suite: LaunchedSuite, door: grpc.Channel) -> None:
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(door))
    for service in SERVICES.values():
        for method in pool.FindServiceByName(service).methods:
            call = door.stream_stream(f"/{service}/{method.name}")(iter((b"",)), timeout=10)
            assert call.code() is grpc.StatusCode.UNAUTHENTICATED, method.name


def test_a_method_that_the_gateway_does_not_tell_of_is_unimplemented(suite: LaunchedSuite, door: grpc.Channel) -> None:
    for method in DESCRIPTOR.services_by_name["StorageService"].methods:
        path = f"/{method.containing_service.full_name}/{method.name}"
        if path not in public_methods():
            key = (("x-api-key", suite.document["api_key"]),)
            call = door.stream_stream(path)(iter((b"",)), timeout=10, metadata=key)
            assert call.code() is grpc.StatusCode.UNIMPLEMENTED, path


def test_a_service_tells_of_no_other(suite: LaunchedSuite) -> None:
    with grpc.insecure_channel(suite.grpc_address("portfolio")) as channel:
        told = ProtoReflectionDescriptorDatabase(channel)
        with pytest.raises(KeyError):
            told.FindFileByName("wealth/storage/v1/storage.proto")


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

"""The gRPC door: bytes in, bytes out, behind the same keys and limits as REST."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.common.errors import InvalidInput, NotFound
from services.common.status import from_rpc_error
from services.gateway.passthrough import public_methods
from tests.support.gateway import RunningGateway, run_gateway


def with_key(running: RunningGateway, **more: str) -> tuple[tuple[str, str], ...]:
    return (("x-api-key", running.key), *((name.replace("_", "-"), value) for name, value in more.items()))


async def test_a_unary_call_passes_through(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda request: portfolio_pb2.Task(task_id=request.task_id, progress=7)
    stub = portfolio_pb2_grpc.PortfolioServiceStub(running.channel)
    task = await stub.GetTask(portfolio_pb2.GetTaskRequest(task_id="t-1"), metadata=with_key(running))
    assert (task.task_id, task.progress) == ("t-1", 7)


async def test_unknown_fields_survive_both_ways(running: RunningGateway) -> None:
    # Field 2000, which neither side's generated code knows: newer clients and services may add fields.
    unknown = b"\x82\x7d\x03new"
    running.suite.portfolio.answers["GetTask"] = lambda request: portfolio_pb2.Task.FromString(
        request.SerializeToString()[-len(unknown) :]
    )
    call = running.channel.unary_unary("/wealth.portfolio.v1.PortfolioService/GetTask")
    request = portfolio_pb2.GetTaskRequest(task_id="t").SerializeToString() + unknown
    assert await call(request, metadata=with_key(running)) == unknown


async def test_a_services_stream_passes_through(running: RunningGateway) -> None:
    running.suite.converter.answers["WatchJob"] = lambda _: [converter_pb2.JobEvent(event_id=str(n)) for n in range(3)]
    stub = converter_pb2_grpc.ConverterServiceStub(running.channel)
    request = converter_pb2.WatchJobRequest(user_id="u", job_id="j")
    events = [event.event_id async for event in stub.WatchJob(request, metadata=with_key(running))]
    assert events == ["0", "1", "2"]


async def test_a_clients_stream_passes_through(running: RunningGateway) -> None:
    running.suite.storage.answers["UploadFile"] = lambda messages: storage_pb2.File(
        uri="file_id:1", size=sum(len(message.chunk) for message in messages)
    )

    async def upload() -> AsyncIterator[storage_pb2.UploadFileRequest]:
        yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(user_id="alice"))
        for _ in range(8):
            yield storage_pb2.UploadFileRequest(chunk=b"x" * 262_144)

    stub = storage_pb2_grpc.StorageServiceStub(running.channel)
    file = await stub.UploadFile(upload(), metadata=with_key(running))
    assert file.size == 8 * 262_144


async def test_a_download_passes_through(running: RunningGateway) -> None:
    running.suite.storage.answers["DownloadFile"] = lambda _: [
        storage_pb2.DownloadFileResponse(file=storage_pb2.File(size=2)),
        storage_pb2.DownloadFileResponse(chunk=b"ab"),
    ]
    stub = storage_pb2_grpc.StorageServiceStub(running.channel)
    call = stub.DownloadFile(storage_pb2.DownloadFileRequest(uri="file_id:1"), metadata=with_key(running))
    assert [part.chunk async for part in call] == [b"", b"ab"]


async def failure_of(awaitable: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await awaitable
    return caught.value


def get_task(running: RunningGateway, *metadata: tuple[str, str], timeout: float | None = None) -> Any:
    stub = portfolio_pb2_grpc.PortfolioServiceStub(running.channel)
    return stub.GetTask(portfolio_pb2.GetTaskRequest(task_id="t"), metadata=metadata, timeout=timeout)


async def test_a_services_error_passes_through_with_its_details(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise InvalidInput("bad id", reason="TASK_ID_INVALID", field="task_id")

    running.suite.portfolio.answers["GetTask"] = refuse
    failure = await failure_of(get_task(running, *with_key(running)))
    rebuilt = from_rpc_error(failure)
    assert isinstance(rebuilt, InvalidInput)
    assert (rebuilt.message, rebuilt.reason, rebuilt.field) == ("bad id", "TASK_ID_INVALID", "task_id")


async def test_a_call_that_a_closing_service_cuts_off_is_unavailable(
    own_gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gRPC's servers say CANCELLED then, which to a client would be its own doing, and nothing to repeat."""

    async def cut_off(_request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.CANCELLED, "CANCELLED")

    suite = own_gateway.suite
    await suite.stop_service("portfolio")
    monkeypatch.setattr(suite.portfolio, "CancelTask", cut_off, raising=False)
    await suite.start_service("portfolio")
    stub = portfolio_pb2_grpc.PortfolioServiceStub(own_gateway.channel)
    request = portfolio_pb2.CancelTaskRequest(task_id="t")
    failure = await failure_of(stub.CancelTask(request, metadata=with_key(own_gateway)))
    assert (failure.code(), from_rpc_error(failure).reason) == (grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE")


async def test_a_streams_error_passes_through(running: RunningGateway) -> None:
    async def vanish() -> AsyncIterator[converter_pb2.JobEvent]:
        yield converter_pb2.JobEvent(event_id="1")
        raise NotFound("deleted")

    running.suite.converter.answers["WatchJob"] = lambda _: vanish()
    stub = converter_pb2_grpc.ConverterServiceStub(running.channel)
    call = stub.WatchJob(converter_pb2.WatchJobRequest(user_id="u", job_id="j"), metadata=with_key(running))
    first = await call.read()
    failure = await failure_of(call.read())
    assert (first.event_id, failure.code()) == ("1", grpc.StatusCode.NOT_FOUND)


@pytest.mark.parametrize("key", [None, "wrong", "k_000000000000.x"])
async def test_a_call_without_a_valid_key_is_unauthenticated(running: RunningGateway, key: str | None) -> None:
    failure = await failure_of(get_task(running, *([("x-api-key", key)] if key else [])))
    assert failure.code() is grpc.StatusCode.UNAUTHENTICATED
    assert running.suite.portfolio.seen == []


async def test_a_refusal_carries_its_reason(running: RunningGateway) -> None:
    key = running.make_key(scopes=["files"])
    status = rpc_status.from_call(await failure_of(get_task(running, ("x-api-key", key))))  # type: ignore[arg-type]
    info = error_details_pb2.ErrorInfo()
    assert status is not None
    assert status.details[0].Unpack(info)
    assert (status.code, info.reason) == (grpc.StatusCode.PERMISSION_DENIED.value[0], "SCOPE_MISSING")


async def test_operators_methods_take_the_scope_admin(running: RunningGateway) -> None:
    key = running.make_key(scopes=["portfolio"])
    stub = portfolio_pb2_grpc.PortfolioServiceStub(running.channel)
    request = portfolio_pb2.ReplayTaskRequest(task_id="t")
    failure = await failure_of(stub.ReplayTask(request, metadata=[("x-api-key", key)]))
    assert failure.code() is grpc.StatusCode.PERMISSION_DENIED


INTERNAL = [
    name
    for name in storage_pb2.DESCRIPTOR.services_by_name["StorageService"].methods_by_name
    if f"/wealth.storage.v1.StorageService/{name}" not in public_methods()
]


@pytest.mark.parametrize("name", [*INTERNAL, "NoSuchMethod"])
async def test_what_is_not_public_does_not_exist(running: RunningGateway, name: str) -> None:
    call = running.channel.unary_unary(f"/wealth.storage.v1.StorageService/{name}")
    failure = await failure_of(call(b"", metadata=with_key(running)))
    assert failure.code() is grpc.StatusCode.UNIMPLEMENTED
    assert running.suite.storage.seen == []


def test_records_and_objects_are_not_public() -> None:
    assert {"CreateRecord", "GetRecord", "GetObject", "PutObject", "DeletePrefix", "ImportObject"} <= set(INTERNAL)


async def test_incoming_metadata_is_dropped_but_for_the_allow_list(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await get_task(running, *with_key(running, x_request_id="r-1", traceparent=trace, x_tenant="other", cookie="c"))
    seen = running.suite.portfolio.last("GetTask")
    assert (seen.request_id, seen.metadata["traceparent"].split("-")[1]) == ("r-1", trace.split("-")[1])
    assert not {"x-api-key", "x-tenant", "cookie"} & set(seen.metadata)


async def test_a_forged_service_token_is_not_passed_on(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    await get_task(running, *with_key(running, authorization="Bearer forged"))
    principal = running.suite.portfolio.last("GetTask").principal
    assert principal is not None
    assert principal.subject == "tests"


async def test_the_clients_deadline_reaches_the_service(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    await get_task(running, *with_key(running), timeout=5)
    deadline_s = running.suite.portfolio.last("GetTask").deadline_s
    assert deadline_s is not None
    assert 3 < deadline_s < 6


async def test_a_call_without_a_deadline_gets_one(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    await get_task(running, *with_key(running))
    assert running.suite.portfolio.last("GetTask").deadline_s is not None


async def test_a_client_that_cancels_ends_the_services_stream(running: RunningGateway) -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[converter_pb2.JobEvent]:
        try:
            yield converter_pb2.JobEvent(event_id="1")
            await asyncio.Event().wait()
        finally:
            ended.set()

    running.suite.converter.answers["WatchJob"] = lambda _: endless()
    stub = converter_pb2_grpc.ConverterServiceStub(running.channel)
    call = stub.WatchJob(converter_pb2.WatchJobRequest(user_id="u", job_id="j"), metadata=with_key(running))
    await call.read()
    call.cancel()
    await asyncio.wait_for(ended.wait(), 120)


async def test_draining_ends_watches_as_unavailable(own_gateway: RunningGateway) -> None:
    async def endless() -> AsyncIterator[converter_pb2.JobEvent]:
        yield converter_pb2.JobEvent(event_id="1")
        await asyncio.Event().wait()

    own_gateway.suite.converter.answers["WatchJob"] = lambda _: endless()
    stub = converter_pb2_grpc.ConverterServiceStub(own_gateway.channel)
    call = stub.WatchJob(converter_pb2.WatchJobRequest(user_id="u", job_id="j"), metadata=with_key(own_gateway))
    await call.read()
    own_gateway.gateway.door.closing.set()
    failure = await failure_of(call.read())
    assert failure.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_key_over_its_rate_is_exhausted(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    key = running.make_key(rate_per_s=0.01)
    await get_task(running, ("x-api-key", key))
    failure = await failure_of(get_task(running, ("x-api-key", key)))
    assert failure.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_both_doors_share_a_keys_rate(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task()
    key = running.make_key(rate_per_s=0.01)
    await get_task(running, ("x-api-key", key))
    assert (await running.rest.get("/task/t/status", headers={"X-API-KEY": key})).status_code == 429


async def test_an_upload_over_the_limit_is_refused_and_not_stored(tmp_path: Path) -> None:
    async def upload() -> AsyncIterator[storage_pb2.UploadFileRequest]:
        yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(user_id="alice"))
        for _ in range(100):
            yield storage_pb2.UploadFileRequest(chunk=b"x" * 1000)

    async with run_gateway(tmp_path, gateway_max_file_bytes=10_000) as running:
        stub = storage_pb2_grpc.StorageServiceStub(running.channel)
        failure = await failure_of(stub.UploadFile(upload(), metadata=with_key(running)))
        assert from_rpc_error(failure).reason == "FILE_TOO_LARGE"
        assert running.suite.storage.count("UploadFile") == 0


async def test_a_service_that_is_away_is_unavailable(own_gateway: RunningGateway) -> None:
    await own_gateway.suite.stop_service("portfolio")
    stub = portfolio_pb2_grpc.PortfolioServiceStub(own_gateway.channel)
    request = portfolio_pb2.CreateTaskRequest(username="a", payloads_json=["{}"])
    failure = await failure_of(stub.CreateTask(request, metadata=with_key(own_gateway)))
    assert failure.code() is grpc.StatusCode.UNAVAILABLE


async def test_health_at_the_door_is_that_of_the_services(own_gateway: RunningGateway) -> None:
    stub = health_pb2_grpc.HealthStub(own_gateway.channel)
    name = "wealth.converter.v1.ConverterService"
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=name))
    states = []

    async def follow() -> None:
        async for answer in watch:
            states.append(answer.status)
            if answer.status == health_pb2.HealthCheckResponse.SERVING and own_gateway.suite.converter.answers == {}:
                own_gateway.suite.converter.answers["stopped"] = lambda _: None
                await own_gateway.suite.stop_service("converter")
            elif answer.status == health_pb2.HealthCheckResponse.NOT_SERVING and len(states) > 1:
                return

    await asyncio.wait_for(follow(), 120)
    assert states[-1] == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_the_gateways_own_health_stays_while_services_are_away(own_gateway: RunningGateway) -> None:
    await own_gateway.suite.stop()
    stub = health_pb2_grpc.HealthStub(own_gateway.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def reflect(own_gateway: RunningGateway, **fields: str) -> reflection_pb2.ServerReflectionResponse:
    stub = reflection_pb2_grpc.ServerReflectionStub(own_gateway.channel)

    async def requests() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(**fields)

    return await anext(aiter(stub.ServerReflectionInfo(requests())))


async def test_reflection_lists_the_services(running: RunningGateway) -> None:
    answer = await reflect(running, list_services="")
    assert {
        "wealth.portfolio.v1.PortfolioService",
        "wealth.converter.v1.ConverterService",
        "wealth.storage.v1.StorageService",
        "grpc.health.v1.Health",
    } <= {service.name for service in answer.list_services_response.service}


async def test_reflection_describes_a_service(running: RunningGateway) -> None:
    answer = await reflect(running, file_containing_symbol="wealth.converter.v1.ConverterService")
    assert answer.file_descriptor_response.file_descriptor_proto


@pytest.mark.parametrize("method", ["DeleteUser", "GetQueue", "ListJobs", "CancelJob", "DeleteJob"])
async def test_the_converters_unary_methods_reach_it(running: RunningGateway, method: str) -> None:
    running.suite.converter.answers[method] = lambda _: converter_pb2.DeleteUserResponse()
    call = running.channel.unary_unary(f"/wealth.converter.v1.ConverterService/{method}")
    # The requests' first field is a user where they have one; its second a job.
    request = b"" if method == "GetQueue" else converter_pb2.GetJobRequest(user_id="u", job_id="j").SerializeToString()
    request = request[:3] if method in {"DeleteUser", "ListJobs"} else request
    await call(request, metadata=with_key(running))
    assert running.suite.converter.count(method) == 1


async def test_an_error_names_the_request(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("no such task")

    running.suite.portfolio.answers["GetTask"] = refuse
    of_the_service = await failure_of(get_task(running, *with_key(running, x_request_id="r-1")))
    of_the_door = await failure_of(get_task(running, ("x-request-id", "r-2")))
    assert [from_rpc_error(failure).request_id for failure in (of_the_service, of_the_door)] == ["r-1", "r-2"]

"""Rule 25: a service whose clock is off is answered 503 with the reason, and health is degraded; nothing else is."""

import time
from collections.abc import AsyncIterator

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.context import acting_as
from services.common.errors import Unavailable
from services.common.identity import TokenSigner, service_principal
from services.common.status import http_status
from services.common.storage import StorageClient
from services.launcher.embedded import S3Server
from tests.support.eventually import eventually
from tests.support.jobs import CALLER, run_probe_storage
from tests.support.storage import RunningStorage, new_bucket


@pytest.fixture
async def storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service of the test's own, whose health may be degraded."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(s3_server, connection.options.bucket) as running,
    ):
        yield running


async def read_health(storage: RunningStorage) -> dict[str, str]:
    """What the service says of itself and its dependencies."""
    async with grpc.aio.insecure_channel(storage.target) as channel:
        stub: object = health_pb2_grpc.HealthStub(channel)
        answer = await stub.List(health_pb2.HealthListRequest())  # type: ignore[attr-defined]
    serving = health_pb2.HealthCheckResponse.ServingStatus
    return {name: serving.Name(state.status) for name, state in answer.statuses.items()}


@pytest.mark.parametrize("off_s", [-3600, 3600])
async def test_rule_25_a_caller_whose_clock_is_off_gets_503_and_health_names_clocks(
    storage: RunningStorage, off_s: int
) -> None:
    async def says(state: str) -> bool:
        return (await read_health(storage)).get("clocks") == state

    await eventually(lambda: says("SERVING"), within_s=300)
    skewed = TokenSigner(CALLER, storage.keys[CALLER], clock=lambda: time.time() + off_s)
    client = StorageClient.connect(storage.target, skewed)
    with acting_as(service_principal("acme", CALLER)):
        with pytest.raises(Unavailable) as refusal:
            await client.get_record("probe/alice/1/record.json")
        assert (refusal.value.reason, http_status(refusal.value)) == ("CLOCKS_DIFFER", 503)
        await eventually(lambda: says("NOT_SERVING"), within_s=300)
        # Who is right goes on, and the process itself serves.
        assert (await storage.client(CALLER).list_records("probe.job", ("open",))).records == ()
    assert (await read_health(storage))[""] == "SERVING"
    await client.close()

"""The converter over real storage and NATS, with real engines."""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import nats
import pytest
from pydantic import SecretStr
from wealth.converter.v1 import converter_pb2 as pb
from wealth.converter.v1 import converter_pb2_grpc

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import NotFound
from services.common.identity import Principal, encode_public_key, service_principal
from services.common.jobs.topology import Topology, ensure_topology
from services.common.storage import StorageClient
from services.converter.app import build
from services.converter.domain.places import Places
from services.converter.servicer import SERVICE_NAME
from services.converter.settings import ConverterSettings
from services.launcher.embedded import NatsServer, S3Server
from tests.support.eventually import eventually
from tests.support.kept_names import watched_names
from tests.support.services import GATEWAY_KEY, RunningService, call_as_gateway, run_service
from tests.support.storage import RunningStorage, new_bucket, run_storage

USER = "alice"
INPUT = "quantity,price\n10,2.5\n5,10.0\n1,100.0\n"
EXPECTED = "total\n25.0\n50.0\n100.0\n"
OTHER_EXPECTED = "amount\n25.0\n50.0\n100.0\n"
# Nothing that can be computed from the input.
UNLEARNABLE = "secret\nzq9\nxk2\nvv7\n"
NEW_INPUT = "quantity,price\n3,4.0\n"


@pytest.fixture(autouse=True)
def _names() -> Iterator[None]:
    with watched_names():
        yield


def inline(text: str) -> str:
    """A file as a request carries it."""
    return base64.b64encode(text.encode()).decode()


@dataclass
class Converter:
    """The service of one test."""

    api: RunningService
    stub: converter_pb2_grpc.ConverterServiceStub
    principal: Principal
    storage: StorageClient
    files: StorageClient
    places: Places
    start: Callable[..., Any]

    async def train(self, expected: str = EXPECTED, **fields: Any) -> pb.Job:
        """Orders a training, or (``job_id``) a retraining, as Alice."""
        request = pb.CreateTrainingRequest(
            **{
                "user_id": USER,
                "owner": "Alice",
                "title": "Totals",
                "input_file": inline(INPUT),
                "expected_output_file": inline(expected),
                **fields,
            }
        )
        with acting_as(self.principal), translated_errors():
            job: pb.Job = await self.stub.CreateTraining(request)
            return job

    async def infer(self, trained_job_id: str, input_file: str = inline(NEW_INPUT), **fields: Any) -> pb.Job:
        """Orders an inference as Alice."""
        request = pb.CreateInferenceRequest(
            user_id=USER, trained_job_id=trained_job_id, input_file=input_file, **fields
        )
        with acting_as(self.principal), translated_errors():
            job: pb.Job = await self.stub.CreateInference(request)
            return job

    async def get(self, job_id: str, *, user_id: str = USER) -> pb.Job:
        """Reads a job."""
        with acting_as(self.principal), translated_errors():
            job: pb.Job = await self.stub.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
            return job

    async def until(
        self, job_id: str, status: "pb.JobStatus.ValueType", *, user_id: str = USER, within_s: float = 40
    ) -> pb.Job:
        """The job, once it stands so."""

        async def look() -> pb.Job | None:
            job = await self.get(job_id, user_id=user_id)
            return job if job.status == status else None

        found = await eventually(look, within_s=within_s, every_s=0.05)
        assert found is not None
        return found

    async def download(self, job_id: str, artifact: "pb.Artifact.ValueType") -> str:
        """An artefact's text."""
        request = pb.DownloadArtifactRequest(user_id=USER, job_id=job_id, artifact=artifact)
        with acting_as(self.principal), translated_errors():
            return b"".join([part.chunk async for part in self.stub.DownloadArtifact(request)]).decode()

    async def read_fixed(self, job_id: str, name: str) -> str | None:
        """What stands under a fixed name in the bucket; None where nothing does."""
        with self.acting():
            try:
                key = self.places.fixed_key(USER, job_id, name)
                return (await self.storage.get_object_bytes(key, max_size=1 << 20)).decode()
            except NotFound:
                return None

    def acting(self) -> Any:
        """Acts as the converter in the test's tenant."""
        return acting_as(service_principal(self.principal.tenant, "converter"))


@pytest.fixture(scope="session")
async def converter_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service with the suite's own grants."""
    async with new_bucket(s3_server) as connection, run_storage(s3_server, connection.options.bucket) as running:
        yield running


@pytest.fixture(scope="session")
async def service(
    nats_server: NatsServer, converter_storage: RunningStorage
) -> AsyncIterator[tuple[RunningService, Callable[..., Any]]]:
    """The converter's API and one worker: engines take a while to start."""
    connection = await nats.connect(nats_server.url)
    await ensure_topology(connection.jetstream(), Topology(ack_wait_s=2), services=("converter",))
    key = converter_storage.keys["converter"]
    async with AsyncExitStack() as stack:

        async def start(role: str, **changes: Any) -> RunningService:
            settings = ConverterSettings(
                **{
                    "converter_listen": "127.0.0.1:0",
                    "converter_identity_key": SecretStr(base64.b64encode(key.private_bytes_raw()).decode()),
                    "converter_engines": 1,
                    "converter_engine_niceness": 0,
                    "storage_target": converter_storage.target,
                    "nats_url": SecretStr(nats_server.url),
                    "jobs_ack_wait_s": 2,
                    "jobs_sweep_interval_s": 3600,
                    "jobs_grace_s": 0,
                    "drain_timeout_s": 2,
                    "trusted_callers": {"gateway": encode_public_key(GATEWAY_KEY)},
                    **changes,
                }
            )
            return await stack.enter_async_context(run_service(build, settings, role))

        yield await start("all"), start
    await connection.close()


@pytest.fixture
async def converter(
    service: tuple[RunningService, Callable[..., Any]], converter_storage: RunningStorage
) -> AsyncIterator[Converter]:
    """The running converter, for a tenant of the test's own."""
    api, start = service
    principal = Principal(
        f"t-{uuid4().hex[:10]}", "key:1", frozenset({USER}), frozenset({"converter", "files", "admin"})
    )
    async with call_as_gateway(api.target, "converter", SERVICE_NAME) as channel:
        yield Converter(
            api,
            converter_pb2_grpc.ConverterServiceStub(channel),
            principal,
            converter_storage.client("converter"),
            converter_storage.client("gateway"),
            Places("jobs/"),
            start,
        )

"""The portfolio over real storage and NATS, before an AI platform that speaks the real protocol."""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from pydantic import SecretStr
from wealth.portfolio.v1 import portfolio_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2_grpc

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.identity import Principal, encode_public_key, service_principal
from services.common.jobs.topology import Topology, ensure_topology
from services.common.storage import StorageClient
from services.launcher.embedded import NatsServer, S3Server
from services.portfolio.app import build
from services.portfolio.servicer import SERVICE_NAME
from services.portfolio.settings import PortfolioSettings
from tests.support.ai_platform import AiPlatform, run_ai_platform
from tests.support.eventually import eventually
from tests.support.kept_names import watched_names
from tests.support.services import GATEWAY_KEY, RunningService, call_as_gateway, run_service
from tests.support.storage import RunningStorage, new_bucket, run_storage

PASSWORD = "correct horse battery staple"
SEALING_KEY = base64.b64encode(b"s" * 32).decode()


@pytest.fixture(autouse=True)
def _names() -> Iterator[None]:
    with watched_names():
        yield


@dataclass
class Portfolio:
    """The service of one test."""

    api: RunningService
    stub: portfolio_pb2_grpc.PortfolioServiceStub
    principal: Principal
    operator: Principal
    platform: AiPlatform
    storage: StorageClient
    bucket_of: RunningStorage
    nats_url: str
    start: Callable[..., Any]

    async def create(self, payload: str, **fields: Any) -> pb.Task:
        """Submits a task as Alice."""
        request = pb.CreateTaskRequest(username="alice", password=PASSWORD, payloads_json=[payload], **fields)
        with acting_as(self.principal), translated_errors():
            task: pb.Task = await self.stub.CreateTask(request)
            return task

    async def get(self, task_id: str) -> pb.Task:
        """Reads a task in full."""
        with acting_as(self.principal), translated_errors():
            task: pb.Task = await self.stub.GetTask(pb.GetTaskRequest(task_id=task_id, view=pb.TASK_VIEW_FULL))
            return task

    async def until(self, task_id: str, status: "pb.TaskStatus.ValueType", *, every_s: float = 0.05) -> pb.Task:
        """The task, once it stands so."""

        async def look() -> pb.Task | None:
            task = await self.get(task_id)
            return task if task.status == status else None

        found = await eventually(look, within_s=300, every_s=every_s)
        assert found is not None
        return found

    async def list_credentials(self) -> list[str]:
        """The keys of all sealed credentials of the tenant."""
        with acting_as(service_principal(self.principal.tenant, "portfolio")):
            return [item.key for item in (await self.storage.list_objects("private/")).objects]


@pytest.fixture
async def portfolio_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service with the suite's own grants.

    Its bucket is this test's own: a worker would take up what another test left unfinished.
    """
    async with new_bucket(s3_server) as connection, run_storage(s3_server, connection.options.bucket) as running:
        yield running


@pytest.fixture
async def portfolio(
    nats_server: NatsServer, portfolio_storage: RunningStorage, tmp_path: Path
) -> AsyncIterator[Portfolio]:
    """An API process and no worker yet."""
    sections = tmp_path / "sections.yaml"
    shipped = resources.files("services.portfolio").joinpath("sections.yaml").read_text()
    sections.write_text(shipped.replace('asset_id: ""', 'asset_id: "asset-7"'))
    connection = await nats.connect(nats_server.url)
    js = connection.jetstream()
    await ensure_topology(js, Topology(ack_wait_s=1.1), services=("portfolio",))
    for stream in ("BACKLOG_PORTFOLIO", "JOBS_PORTFOLIO"):
        await js.purge_stream(stream)
    tenant = f"t-{uuid4().hex[:10]}"
    async with AsyncExitStack() as stack, run_ai_platform(password=PASSWORD, username="alice") as platform:
        key = portfolio_storage.keys["portfolio"]

        async def start(role: str, **changes: Any) -> RunningService:
            settings = PortfolioSettings(
                **{
                    "portfolio_listen": "127.0.0.1:0",
                    "portfolio_identity_key": SecretStr(base64.b64encode(key.private_bytes_raw()).decode()),
                    "portfolio_sealing_keys": {"k1": SecretStr(SEALING_KEY)},
                    "portfolio_provider": "platform",
                    "portfolio_sections_file": sections,
                    "base_url": platform.url,
                    "api_key": SecretStr(platform.api_key),
                    "tenant_id": "acme",
                    "storage_target": portfolio_storage.target,
                    "nats_url": SecretStr(nats_server.url),
                    "jobs_ack_wait_s": 1.1,
                    "jobs_sweep_interval_s": 3600,
                    "jobs_grace_s": 0,
                    "drain_timeout_s": 2,
                    "trusted_callers": {"gateway": encode_public_key(GATEWAY_KEY)},
                    **changes,
                }
            )
            return await stack.enter_async_context(run_service(build, settings, role))

        api = await start("api")
        async with call_as_gateway(api.target, "portfolio", SERVICE_NAME) as channel:
            yield Portfolio(
                api,
                portfolio_pb2_grpc.PortfolioServiceStub(channel),
                Principal(tenant, "key:1", frozenset({"alice"}), frozenset({"portfolio"})),
                Principal(tenant, "key:2", frozenset({"alice"}), frozenset({"portfolio", "admin"})),
                platform,
                portfolio_storage.client("portfolio"),
                portfolio_storage,
                nats_server.url,
                start,
            )
    await connection.close()

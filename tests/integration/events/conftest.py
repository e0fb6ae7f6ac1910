"""The events service over real NATS and storage, and what publishes events as the other services do."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.js import JetStreamContext
from pydantic import SecretStr
from wealth.events.v1 import events_pb2_grpc

from services.common.channels import open_channel
from services.common.context import acting_as
from services.common.identity import Principal, TokenSigner, encode_public_key, encode_seed
from services.common.jobs.topology import Topology, ensure_topology
from services.events.app import build
from services.events.servicer import SERVICE_NAME
from services.events.settings import EventsSettings
from services.launcher.embedded import NatsServer, S3Server
from tests.support.services import GATEWAY_KEY, RunningService, run_service
from tests.support.storage import RunningStorage, new_bucket, run_storage

ALL_SCOPES = frozenset({"portfolio", "converter", "webhooks"})
SEALING_KEYS = {"k1": SecretStr(base64.b64encode(b"k" * 32).decode())}


@dataclass
class Events:
    """A running events service, called as the gateway calls it for ``principal``."""

    service: RunningService
    stub: Any
    js: JetStreamContext
    principal: Principal

    async def call(self, method: str, request: Any, principal: Principal | None = None) -> Any:
        """Calls a unary method."""
        with acting_as(principal or self.principal):
            return await getattr(self.stub, method)(request)

    async def publish(self, status: str = "completed", *, user: str = "alice", tenant: str = "", **extra: Any) -> str:
        """Publishes the event of a task; returns its id."""
        task = f"task_20260102030405_{uuid4().hex[:8]}"
        tenant = tenant or self.principal.tenant
        event_id = f"{task}:1:3"
        headers = {
            "Nats-Msg-Id": event_id,
            "ce-specversion": "1.0",
            "ce-id": event_id,
            "ce-type": f"wealth.portfolio.v1.task.{status}",
            "ce-source": "/wealth/portfolio",
            "ce-subject": task,
            "ce-time": "2026-01-02T03:04:05.000Z",
            "ce-tenant": tenant,
            "ce-datacontenttype": "application/json",
        }
        payload = {"event_id": event_id, "task_id": task, "user_id": user, "status": status, **extra}
        await self.js.publish(
            f"wealth.portfolio.v1.task.{status}.{tenant}.{task}", json.dumps(payload).encode(), headers=headers
        )
        return event_id


@pytest.fixture(scope="session")
async def events_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service over a bucket of these tests."""
    async with (
        new_bucket(s3_server) as connection,
        run_storage(s3_server, connection.options.bucket) as running,
    ):
        yield running


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"t{uuid4().hex[:10]}"


@pytest.fixture
def run_events(nats_server: NatsServer, events_storage: RunningStorage, tenant: str) -> Any:
    """Runs the service with settings of one's own."""

    @asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[Events]:
        connection = await nats.connect(nats_server.url)
        js = connection.jetstream()
        await ensure_topology(js, Topology(ack_wait_s=2), services=("events",))
        built = EventsSettings(
            **{
                "events_listen": "127.0.0.1:0",
                "events_identity_key": SecretStr(encode_seed(events_storage.keys["events"])),
                "events_sealing_keys": SEALING_KEYS,
                "storage_target": events_storage.target,
                "nats_url": SecretStr(nats_server.url),
                "jobs_ack_wait_s": 2,
                "trusted_callers": {"gateway": encode_public_key(GATEWAY_KEY)},
                "events_webhook_first_pause_s": 0.02,
                "drain_timeout_s": 1,
                **settings,
            }
        )
        try:
            async with (
                run_service(lambda given, _: build(given), built, "server") as service,
                open_channel(
                    service.target, audience="events", signer=TokenSigner("gateway", GATEWAY_KEY), service=SERVICE_NAME
                ) as channel,
            ):
                principal = Principal(tenant, "key:k_test", frozenset({"*"}), ALL_SCOPES)
                yield Events(service, events_pb2_grpc.EventsServiceStub(channel), js, principal)
        finally:
            await connection.close()

    return run

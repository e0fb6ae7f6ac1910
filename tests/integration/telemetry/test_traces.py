"""One trace for each job: from the gateway through API, storage and queue to the worker, in all its attempts."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id
from pydantic import SecretStr

from services.common import tracing
from services.common.errors import Unavailable
from services.common.identity import encode_public_key
from services.common.jobs.topology import Topology, ensure_topology
from services.common.jobs.writer import AttemptWriter
from services.launcher.embedded import NatsServer, S3Server
from services.portfolio.app import build
from services.portfolio.settings import PortfolioSettings
from services.portfolio.worker import PortfolioHandler
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway
from tests.support.services import GATEWAY_KEY, run_service
from tests.support.storage import new_bucket, run_storage

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
SUBMISSION = {
    "username": "username-of-a-client",
    "password": "password-of-a-client",
    "data": [{"Market Value": "12345678", "Investment Value": "8765432", "Top Asset": "AssetOfAClient (65%)"}],
}
PORTFOLIO, STORAGE = "wealth.portfolio.v1.PortfolioService", "wealth.storage.v1.StorageService"


@dataclass
class Traced:
    """A gateway before the real portfolio, storage and queue, all of whose spans are kept."""

    gateway: RunningGateway
    exporter: InMemorySpanExporter

    def spans(self, trace_id: str = TRACE_ID) -> Sequence[ReadableSpan]:
        """What was recorded of a trace, oldest first."""
        found = self.exporter.get_finished_spans()
        return sorted(
            (span for span in found if format_trace_id(span.context.trace_id) == trace_id),
            key=lambda span: span.start_time or 0,
        )

    def named(self, kind: SpanKind, name: str) -> Sequence[ReadableSpan]:
        """The trace's spans of a kind and a name."""
        return [span for span in self.spans() if span.kind is kind and span.name == name]

    async def run_task(self, **headers: str) -> str:
        """Submits a task in the trace and waits until its worker's span has ended. Returns the task's id."""
        answer = await self.gateway.rest.post("/task/submit", json=SUBMISSION, headers={**TRACEPARENT, **headers})
        task_id: str = answer.json()["task_id"]

        async def is_completed() -> bool:
            state = (await self.gateway.rest.get(f"/task/{task_id}/status")).json()
            attempts = self.named(SpanKind.CONSUMER, "process portfolio.task")
            return any(span.attributes["wealth.outcome"] == state["status"] == "completed" for span in attempts)

        await eventually(is_completed, within_s=300, every_s=0.05)
        return task_id


@pytest.fixture
async def traced(nats_server: NatsServer, s3_server: S3Server, tmp_path: Path) -> AsyncIterator[Traced]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    connection = await nats.connect(nats_server.url)
    await ensure_topology(connection.jetstream(), Topology(), services=("portfolio",))
    for stream in ("BACKLOG_PORTFOLIO", "JOBS_PORTFOLIO"):
        await connection.jetstream().purge_stream(stream)
    await connection.close()
    with tracing.recording(provider):
        async with (
            new_bucket(s3_server) as bucket,
            run_storage(s3_server, bucket.options.bucket) as storage,
        ):
            settings = PortfolioSettings(
                portfolio_listen="127.0.0.1:0",
                portfolio_identity_key=encode_seed(storage.keys["portfolio"]),
                portfolio_sealing_keys={"k1": SecretStr(base64.b64encode(b"s" * 32).decode())},
                storage_target=storage.target,
                nats_url=SecretStr(nats_server.url),
                jobs_grace_s=0,
                jobs_sweep_interval_s=0.2,
                drain_timeout_s=2,
                trusted_callers={"gateway": encode_public_key(GATEWAY_KEY)},
            )
            async with (
                run_service(build, settings, "all") as portfolio,
                run_gateway(
                    tmp_path,
                    portfolio_target=portfolio.target,
                    gateway_identity_key=encode_seed(GATEWAY_KEY),
                ) as gateway,
            ):
                exporter.clear()
                yield Traced(gateway, exporter)
    provider.shutdown()


def encode_seed(key: Any) -> SecretStr:
    return SecretStr(base64.b64encode(key.private_bytes_raw()).decode())


async def test_one_trace_holds_gateway_api_storage_queue_and_worker(traced: Traced) -> None:
    await traced.run_task()
    found = {(span.kind, span.name) for span in traced.spans()}
    assert found >= {
        (SpanKind.SERVER, "POST /task/submit"),
        (SpanKind.CLIENT, f"{PORTFOLIO}/CreateTask"),
        (SpanKind.SERVER, f"{PORTFOLIO}/CreateTask"),
        (SpanKind.CLIENT, f"{STORAGE}/CreateRecord"),
        (SpanKind.SERVER, f"{STORAGE}/CreateRecord"),
        (SpanKind.PRODUCER, "send portfolio.task"),
        (SpanKind.CONSUMER, "process portfolio.task"),
    }


async def test_each_span_hangs_on_another_up_to_the_clients(traced: Traced) -> None:
    await traced.run_task()
    spans = traced.spans()
    ids = {span.context.span_id for span in spans}
    roots = [span for span in spans if span.parent is None or span.parent.span_id not in ids]
    assert [(span.name, span.parent and span.parent.span_id) for span in roots] == [
        ("POST /task/submit", 0xB7AD6B7169203331)
    ]
    (created,) = traced.named(SpanKind.SERVER, f"{PORTFOLIO}/CreateTask")
    (worked,) = traced.named(SpanKind.CONSUMER, "process portfolio.task")
    assert worked.parent is not None
    assert worked.parent.span_id == created.context.span_id


async def test_what_the_worker_stores_is_a_part_of_its_attempt(traced: Traced) -> None:
    await traced.run_task()
    (worked,) = traced.named(SpanKind.CONSUMER, "process portfolio.task")
    calls = [span for span in traced.spans() if span.parent and span.parent.span_id == worked.context.span_id]
    assert f"{STORAGE}/UpdateRecord" in {span.name for span in calls}


async def test_a_second_attempt_is_in_the_trace_of_the_first(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    run = PortfolioHandler.run
    failed = []

    async def fail_once(handler: PortfolioHandler, attempt: AttemptWriter) -> Any:
        if not failed:
            failed.append(attempt)
            raise Unavailable("something is away")
        return await run(handler, attempt)

    monkeypatch.setattr(PortfolioHandler, "run", fail_once)
    await traced.run_task()
    attempts = traced.named(SpanKind.CONSUMER, "process portfolio.task")
    told = [(span.attributes["wealth.attempt"], span.attributes["wealth.outcome"]) for span in attempts]
    assert told == [(1, "retried"), (2, "completed")]


async def test_the_worker_tells_its_steps(traced: Traced) -> None:
    await traced.run_task()
    (worked,) = traced.named(SpanKind.CONSUMER, "process portfolio.task")
    steps = [(event.name, event.attributes["wealth.step_status"]) for event in worked.events]
    assert ("detect_sections", "completed") in steps


async def test_no_payload_user_or_secret_is_in_a_span(traced: Traced) -> None:
    task_id = await traced.run_task()
    await traced.gateway.rest.get("/tasks?user_id=username-of-a-client", headers=TRACEPARENT)
    told = json.dumps([json.loads(span.to_json()) for span in traced.exporter.get_finished_spans()])
    key_id, _, secret = traced.gateway.key.partition(".")
    assert task_id in told
    assert [word for word in ("of-a-client", "OfAClient", "12345678", key_id, secret) if word in told] == []


async def test_a_gateway_span_says_what_was_answered(traced: Traced) -> None:
    await traced.gateway.rest.get("/task/task_20260102030405_0a1b2c3d/status", headers=TRACEPARENT)
    (span,) = [span for span in traced.spans() if span.name == "GET /task/{task_id}/status"]
    expected = {"http.route": "/task/{task_id}/status", "http.response.status_code": 404, "wealth.tenant": "default"}
    assert expected.items() <= dict(span.attributes).items()
    assert span.status.status_code is StatusCode.UNSET


async def test_a_failure_of_a_service_fails_its_spans(traced: Traced) -> None:
    await traced.gateway.suite.stop_service("converter")
    # The gateway tries for as long as a call may take: the client waits longer than that.
    answer = await traced.gateway.rest.get("/api/v1/queue/status", headers=TRACEPARENT, timeout=60)
    assert answer.status_code == 503
    failed = {(span.kind, span.name) for span in traced.spans() if span.status.status_code is StatusCode.ERROR}
    method = "wealth.converter.v1.ConverterService/GetQueue"
    assert {(SpanKind.SERVER, "GET /api/v1/queue/status"), (SpanKind.CLIENT, method)} <= failed


async def test_the_grpc_door_is_in_the_trace(traced: Traced) -> None:
    call = traced.gateway.channel.unary_unary(f"/{PORTFOLIO}/GetQueue")
    await call(b"", metadata=[("x-api-key", traced.gateway.key), *TRACEPARENT.items()])
    doors = [
        span for span in traced.named(SpanKind.SERVER, f"{PORTFOLIO}/GetQueue") if span.attributes.get("wealth.door")
    ]
    services = [span for span in traced.named(SpanKind.SERVER, f"{PORTFOLIO}/GetQueue") if span not in doors]
    assert (len(doors), len(services)) == (1, 1)


async def test_probes_and_sweepers_leave_no_spans(traced: Traced) -> None:
    for path in ("/health", "/ping", "/livez", "/readyz"):
        await traced.gateway.rest.get(path)
    # Several sweeps fit into this call's time and the next.
    await traced.run_task()
    others = [span.name for span in traced.exporter.get_finished_spans() if span not in traced.spans()]
    assert set(others) <= {"GET /task/{task_id}/status", f"{PORTFOLIO}/GetTask", f"{STORAGE}/GetRecord"}

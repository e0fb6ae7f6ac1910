"""The whole suite's processes send their spans to a collector that speaks OTLP over HTTP."""

import gzip
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from services.gateway.rest.portfolio_models import SUBMISSION_EXAMPLE
from tests.support.eventually import eventually
from tests.support.launched_suite import launched_suite

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}


@dataclass
class Collector:
    """What processes sent: trace -> service -> names of spans."""

    url: str
    headers: set[str] = field(default_factory=set)
    traces: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keeps what came."""
        for each in request.resource_spans:
            service = next(item.value.string_value for item in each.resource.attributes if item.key == "service.name")
            for scope in each.scope_spans:
                for span in scope.spans:
                    self.traces[span.trace_id.hex()][service].add(span.name)


@contextmanager
def run_collector() -> Iterator[Collector]:
    """Serves /v1/traces on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                collector.headers.add(self.headers.get("x-collector-key", ""))
                collector.take(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(server.serve_forever, 0.05)
        try:
            yield collector
        finally:
            server.shutdown()
            serving.result()
            server.server_close()


@pytest.mark.slow
async def test_one_trace_comes_out_of_all_processes(tmp_path: Path) -> None:
    with run_collector() as collector:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-collector-key=a%20key",
        }
        with launched_suite(tmp_path, settings) as suite:
            async with suite.client() as client:
                await client.post("/task/submit", json=SUBMISSION_EXAMPLE, headers=TRACEPARENT)
                worker = "portfolio-worker"
                await eventually(lambda: collector.traces[TRACE_ID][worker], within_s=300, every_s=0.1)
        # Processes that stop send what is left.
        trace = collector.traces[TRACE_ID]
    assert collector.headers == {"a key"}
    assert {service for service, names in trace.items() if names} == {"gateway", "portfolio-api", "storage", worker}
    assert trace["gateway"] >= {"POST /task/submit"}
    assert trace[worker] >= {"process portfolio.task"}

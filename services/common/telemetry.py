"""Sends a process's spans to an OpenTelemetry collector, where an endpoint is set; otherwise loads nothing.

The SDK and the exporter come with the extra ``telemetry``. Spans wait in memory, at most ``_MAX_WAITING``, and leave in
batches from a thread of the exporter's; a collector that is away costs spans, never calls.
"""

import importlib.metadata
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from services.common import tracing
from services.common.logging import get_logger
from services.common.settings import ServiceSettings

_MAX_WAITING = 4096
_BATCH = 512
_EXPORT_INTERVAL_MS = 2000
_EXPORT_TIMEOUT_S = 5


@contextmanager
def exported_traces(service: str, settings: ServiceSettings) -> Iterator[None]:
    """Exports the spans that are recorded inside of the block, and what is left of them at its end.

    Raises SystemExit where an endpoint is set without the packages that it needs.
    """
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - only where it is asked for
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
    except ImportError as error:
        raise SystemExit("OTEL_EXPORTER_OTLP_ENDPOINT is set: install the extra telemetry, too") from error
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.otel_traces_sampler_arg)),
        resource=Resource.create(
            {
                "service.name": service,
                "service.namespace": "wealth",
                "service.version": importlib.metadata.version("wealth-suite"),
                "service.instance.id": socket.gethostname(),
            }
        ),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces",
        headers=settings.otlp_headers(),
        timeout=_EXPORT_TIMEOUT_S,
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=_MAX_WAITING,
            max_export_batch_size=_BATCH,
            schedule_delay_millis=_EXPORT_INTERVAL_MS,
        )
    )
    get_logger().info("traces_exported", share=settings.otel_traces_sampler_arg)
    try:
        with tracing.recording(provider):
            yield
    finally:
        provider.shutdown()

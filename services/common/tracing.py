"""The trace that a call or a message belongs to, carried by the W3C ``traceparent`` in metadata and headers.

Only the propagation lives here; spans are recorded where an OpenTelemetry SDK is set up.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


@contextmanager
def continue_trace(carrier: Mapping[str, str]) -> Iterator[str]:
    """Makes the carrier's trace the current one, or a new one where it has none; yields the trace id in hex."""
    parent = _PROPAGATOR.extract(dict(carrier), context=otel_context.Context())
    span_context = trace.get_current_span(parent).get_span_context()
    if not span_context.is_valid:
        span_context = trace.SpanContext(
            trace_id=secrets.randbits(128) or 1,
            span_id=secrets.randbits(64) or 1,
            is_remote=False,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
        )
        parent = trace.set_span_in_context(trace.NonRecordingSpan(span_context), otel_context.Context())
    token = otel_context.attach(parent)
    try:
        yield trace.format_trace_id(span_context.trace_id)
    finally:
        otel_context.detach(token)


def trace_headers() -> dict[str, str]:
    """The current trace as headers; empty outside of a trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier

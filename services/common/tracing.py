"""The trace that a call or a message belongs to, carried by the W3C ``traceparent`` in metadata and headers.

Without an exporter (``services.common.telemetry``) only the ids are carried, so that logs of all processes share one;
with one, spans are recorded: one for each call served, each unary call made and each job attempted. Names and
attributes are constant words, ids and counts: never payloads, users or secrets.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
_SCOPE = "wealth"

Attributes = Mapping[str, str | int]


class _Recorder:
    """Where spans go in this process: nowhere until somebody says so."""

    tracer: trace.Tracer | None = None


@contextmanager
def recording(provider: TracerProvider) -> Iterator[None]:
    """Records spans with ``provider`` inside of the block, in the whole process."""
    former, _Recorder.tracer = _Recorder.tracer, provider.get_tracer(_SCOPE)
    try:
        yield
    finally:
        _Recorder.tracer = former


def is_recording() -> bool:
    """Whether spans go anywhere in this process."""
    return _Recorder.tracer is not None


@contextmanager
def continue_trace(
    carrier: Mapping[str, str],
    name: str,
    kind: SpanKind = SpanKind.SERVER,
    attributes: Attributes | None = None,
    *,
    record: bool = True,
) -> Iterator[str]:
    """Makes a span of the carrier's trace the current one, or of a new trace where it has none; yields the trace's id.

    With ``record=False`` a new trace is one that nobody records, however far it goes: for probes.
    """
    parent = _PROPAGATOR.extract(dict(carrier), context=otel_context.Context())
    has_parent = trace.get_current_span(parent).get_span_context().is_valid
    span: Span | None = None
    if _Recorder.tracer is not None and (record or has_parent):
        span = _Recorder.tracer.start_span(name, parent, kind, attributes)
        parent = trace.set_span_in_context(span, otel_context.Context())
    elif not has_parent:
        parent = trace.set_span_in_context(_new_root(sampled=record), otel_context.Context())
    token = otel_context.attach(parent)
    try:
        yield trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)
    finally:
        otel_context.detach(token)
        if span is not None:
            span.end()


@contextmanager
def calling(name: str, kind: SpanKind = SpanKind.CLIENT, attributes: Attributes | None = None) -> Iterator[None]:
    """Makes a span of the current trace the current one; nothing outside of a trace."""
    if _Recorder.tracer is None or not is_in_trace():
        yield
        return
    with _Recorder.tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        yield


def describe_span(attributes: Attributes | None = None, *, name: str | None = None, failed: bool = False) -> None:
    """Adds to the current span what became known since it began."""
    if _Recorder.tracer is None:
        return
    span = trace.get_current_span()
    if name is not None:
        span.update_name(name)
    if attributes:
        span.set_attributes(attributes)
    if failed:
        span.set_status(Status(StatusCode.ERROR))


def note_step(name: str, attributes: Attributes) -> None:
    """Marks a moment of the current span."""
    if _Recorder.tracer is not None:
        trace.get_current_span().add_event(name, attributes)


def is_in_trace() -> bool:
    """Whether what runs is done for somebody: a call, or a job. What sweepers do is not."""
    return trace.get_current_span().get_span_context().is_valid


def trace_headers() -> dict[str, str]:
    """The current trace as headers.

    Outside of one, where spans are recorded, a trace that is not: what sweepers and probes do is no caller's trace.
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    if not carrier and _Recorder.tracer is not None:
        unrecorded = trace.set_span_in_context(_new_root(sampled=False), otel_context.Context())
        _PROPAGATOR.inject(carrier, context=unrecorded)
    return carrier


def _new_root(*, sampled: bool) -> Span:
    return trace.NonRecordingSpan(
        trace.SpanContext(
            trace_id=secrets.randbits(128) or 1,
            span_id=secrets.randbits(64) or 1,
            is_remote=False,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED if sampled else trace.TraceFlags.DEFAULT),
        )
    )

"""Traces: carried always, recorded where there is a recorder, and never begun by what nobody asked for."""

import re
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import StatusCode

from services.common import tracing

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def traceparent(flags: str) -> dict[str, str]:
    return {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-{flags}"}


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Keeps spans; what begins here is never sampled, so that what a test sees came of its carrier."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(0)), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with tracing.recording(provider):
        yield kept
    provider.shutdown()


def test_a_trace_is_carried_on_though_nothing_is_recorded() -> None:
    with tracing.continue_trace(traceparent("01"), "call") as trace_id:
        headers = tracing.trace_headers()
    assert (trace_id, headers) == (TRACE_ID, traceparent("01"))


def test_a_call_without_a_trace_begins_one() -> None:
    with tracing.continue_trace({}, "call") as trace_id:
        headers = tracing.trace_headers()
    assert re.fullmatch(f"00-{trace_id}-[0-9a-f]{{16}}-01", headers["traceparent"])


@pytest.mark.parametrize("value", ["", "nonsense", f"00-{TRACE_ID}-0000000000000000-01", "00-é-é-01"])
def test_a_malformed_trace_is_a_new_one(value: str) -> None:
    with tracing.continue_trace({"traceparent": value}, "call") as trace_id:
        assert trace_id not in {TRACE_ID, "0" * 32}


def test_nothing_is_sent_on_outside_of_a_trace() -> None:
    assert tracing.trace_headers() == {}


def test_a_sampled_trace_is_recorded(exporter: InMemorySpanExporter) -> None:
    with tracing.continue_trace(traceparent("01"), "call", attributes={"a": 1}):
        tracing.describe_span({"b": "x"}, name="named", failed=True)
        tracing.note_step("step", {"c": 1})
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.attributes, span.status.status_code) == ("named", {"a": 1, "b": "x"}, StatusCode.ERROR)
    assert [event.name for event in span.events] == ["step"]


def test_calls_made_are_a_part_of_the_call_served(exporter: InMemorySpanExporter) -> None:
    with tracing.continue_trace(traceparent("01"), "served"), tracing.calling("made"):
        headers = tracing.trace_headers()
    made, served = exporter.get_finished_spans()
    assert made.parent is not None
    assert made.parent.span_id == served.context.span_id
    assert headers["traceparent"].split("-")[2] == f"{made.context.span_id:016x}"


def test_a_trace_that_the_caller_does_not_sample_is_not_recorded(exporter: InMemorySpanExporter) -> None:
    with tracing.continue_trace(traceparent("00"), "call"), tracing.calling("made"):
        assert tracing.trace_headers()["traceparent"].endswith("-00")
    assert exporter.get_finished_spans() == ()


def test_a_share_of_the_traces_that_begin_here_is_recorded(exporter: InMemorySpanExporter) -> None:
    with tracing.continue_trace({}, "call") as trace_id:
        assert len(trace_id) == 32
    assert exporter.get_finished_spans() == ()


def test_a_probes_calls_are_recorded_nowhere(exporter: InMemorySpanExporter) -> None:
    with tracing.continue_trace({}, "probe", record=False):
        headers = tracing.trace_headers()
    assert headers["traceparent"].endswith("-00")


def test_what_is_sent_outside_of_a_trace_is_recorded_nowhere(exporter: InMemorySpanExporter) -> None:
    assert tracing.trace_headers()["traceparent"].endswith("-00")


def test_a_failure_inside_of_a_span_is_not_told(exporter: InMemorySpanExporter) -> None:
    served = tracing.continue_trace(traceparent("01"), "served")
    with pytest.raises(ValueError, match="secret"), served, tracing.calling("made"):
        raise ValueError("secret words")
    assert [(span.events, span.status.description) for span in exporter.get_finished_spans()] == [((), None)] * 2

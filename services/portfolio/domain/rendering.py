"""Results as JSON documents: what the record holds, what the REST contract serves, and what ``wealth analyse`` prints.

Figures are decimal strings, so that nothing is lost on the way; only ``cost`` is a number, as older clients know it.
"""

from decimal import Context, Decimal, localcontext
from typing import Any

from services.portfolio.domain.claims import Grounding
from services.portfolio.domain.facts import Absent, Chart, Fact, FactTable, Frame
from services.portfolio.domain.readings import Alternative, Entry
from services.portfolio.domain.task import Highlight, SectionResult, TaskOutcome

JsonObject = dict[str, Any]
_SHOWN_DIGITS = 15


def render_task(outcome: TaskOutcome) -> JsonObject:
    """The task's result, sections by key in the order of the payloads."""
    return {
        "status": outcome.status,
        "message": outcome.message,
        "section_detected": outcome.section_detected,
        "conv_id": outcome.conv_id,
        "message_id": outcome.message_id,
        "data": {result.key: render_section(result) for result in outcome.results},
        "highlights": [render_highlight(highlight) for highlight in outcome.highlights],
        "conflicts": [
            {"figure": conflict.figure, "message": conflict.message, "sections": list(conflict.sections)}
            for conflict in outcome.conflicts
        ],
        "cost": float(outcome.cost),
        "elapsed_seconds": round(outcome.elapsed_s, 3),
    }


def render_section(result: SectionResult) -> JsonObject:
    """One section's result; facts, notes and charts stand also where its narration failed."""
    table = result.table
    return {
        "section": result.section,
        "status": result.status,
        "conv_id": result.conv_id,
        "message_id": result.message_id,
        "response": result.response,
        "cost": float(result.cost),
        "error": result.error,
        "error_code": result.error_code,
        "provider": result.provider,
        "duration_ms": result.duration_ms,
        "about": _render_frame(table.frame) if table else {},
        "facts": [render_fact(fact) for fact in table.facts] if table else [],
        "absent": [_render_absent(absent) for absent in table.absent] if table else [],
        "reading": [_render_entry(entry) for entry in table.reading] if table else [],
        "notes": _render_notes(table) if table else [],
        "charts": [_render_chart(chart) for chart in table.charts] if table else [],
        "grounding": _render_grounding(result.grounding) if result.grounding else None,
        "highlights": [render_highlight(highlight) for highlight in result.highlights],
        "unknown_fields": list(result.unknown_fields),
    }


def render_fact(fact: Fact) -> JsonObject:
    """A fact with everything needed to trace it."""
    rendered: JsonObject = {
        "id": fact.id,
        "label": fact.label,
        "value": render_number(fact.value),
        "unit": fact.unit.value,
        "currency": fact.currency,
        "method": fact.method,
        "inputs": list(fact.inputs),
    }
    if fact.subject:
        rendered["subject"] = fact.subject
    if fact.periods_per_year:
        rendered["periods_per_year"] = fact.periods_per_year
    if fact.dates:
        rendered["dates"] = [day.isoformat() for day in fact.dates]
    return rendered


def _render_frame(frame: Frame) -> JsonObject:
    """What the section is about, as far as its payload says."""
    days = {"as_of": frame.as_of, "start": frame.start, "end": frame.end}
    words = {
        "client": frame.client, "period": frame.period, "benchmark": frame.benchmark, "model": frame.model,
        "profile": frame.profile,
    }  # fmt: skip
    return {name: word for name, word in words.items() if word} | {
        name: day.isoformat() for name, day in days.items() if day is not None
    }


def _render_absent(absent: Absent) -> JsonObject:
    rendered: JsonObject = {"id": absent.id, "reason": absent.reason}
    if absent.code:
        rendered |= {"code": absent.code, "alternatives": [_render_alternative(item) for item in absent.alternatives]}
    return rendered


def _render_entry(entry: Entry) -> JsonObject:
    rendered: JsonObject = {"field": entry.field, "read_as": dict(entry.read_as), "why": entry.why}
    if entry.alternatives:
        rendered["alternatives"] = [_render_alternative(item) for item in entry.alternatives]
    if entry.rows:
        rendered["rows"] = list(entry.rows)
    return rendered


def _render_alternative(item: Alternative) -> JsonObject:
    return {"read_as": dict(item.read_as), "why": item.why}


def render_number(value: Decimal) -> str:
    """A decimal in plain digits, at most fifteen of them significant where it has decimals, no trailing zeros."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    places = max(_SHOWN_DIGITS - 1 - value.adjusted(), 2)
    with localcontext(Context(prec=400)):
        text = f"{round(value, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def render_highlight(highlight: Highlight) -> JsonObject:
    """A highlight with its section."""
    return {"section": highlight.section, "text": highlight.text, "importance": highlight.importance}


def _render_notes(table: FactTable) -> list[JsonObject]:
    return [
        {"code": note.code, "severity": note.severity.value, "message": note.message, "field": note.field}
        for note in table.notes
    ]


def _render_chart(chart: Chart) -> JsonObject:
    return {
        "kind": chart.kind,
        "title": chart.title,
        "unit": chart.unit.value,
        "labels": list(chart.labels),
        "series": [
            {"name": name, "values": [render_number(value) for value in values]} for name, values in chart.series
        ],
    }


def _render_grounding(grounding: Grounding) -> JsonObject:
    return {
        "claims": grounding.claims,
        "grounded": grounding.grounded,
        "derived": len(grounding.derived),
        "unsupported": [
            {
                "text": item.text,
                "value": render_number(item.value) if item.value is not None else "",
                "why": item.why,
                "verdict": item.verdict.value,
            }
            for item in grounding.unsupported
        ],
        "derivations": [{"text": item.text, "formula": item.formula} for item in grounding.derived],
        "traces": [{"text": trace.text, "start": trace.start, "fact": trace.fact_id} for trace in grounding.traces],
    }

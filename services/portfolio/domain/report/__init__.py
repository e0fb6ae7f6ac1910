"""A finished task as one printable HTML page: charts as inline SVG, everything escaped, nothing fetched from outside.

``render_report(result)`` takes the JSON that ``rendering.render_task`` makes (what the record holds and the REST
contract serves), so that a report can be made long after the task, from its record alone.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from services.common.reading_words import describe_alternatives, describe_reading, describe_reason
from services.portfolio.domain.formats import DEFAULT_LOCALE, Style, make_style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report.charts import draw_chart, draw_svg, read_decimal

Json = Mapping[str, Any]

_CSS = """
:root{--ink:#16202c;--soft:#5b6878;--line:#d9dfe6;--accent:#1f5c99;--warn:#a8480f;--paper:#fff}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-top:2px solid
var(--ink);padding-top:.75rem}
h3{font-size:1rem;margin:1.5rem 0 .4rem}p{margin:.5rem 0}.soft{color:var(--soft)}ul{padding-left:1.25rem;margin:.4rem 0}
.lead{font-size:1.1rem;font-weight:600}.warn{color:var(--warn)}
table{border-collapse:collapse;width:100%;font-size:.875rem}th,td{text-align:left;padding:.3rem
.5rem;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}td.num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.25rem 0}figure{margin:1rem 0;break-inside:avoid}
figcaption{font-weight:600;font-size:.875rem;margin-bottom:.25rem}svg{width:100%;height:auto;display:block}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
details{margin:.75rem 0}summary{cursor:pointer}.wide{overflow-x:auto}
@media print{body{max-width:none;padding:0;font-size:11pt}h2{break-after:avoid}section{break-inside:auto}
details{display:block}a{color:inherit}}
"""
_MOST_FACTS = 400
_MAX_LABEL = 200


def render_report(result: Json, title: str = "Portfolio report", locale: str = DEFAULT_LOCALE) -> str:
    """The page for a task's result. ``title`` is shown as it is, escaped; figures follow ``locale``."""
    style = make_style(locale)
    sections: Mapping[str, Json] = result.get("data") or {}
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<style>{_CSS}</style></head><body><header><h1>{_text(title)}</h1>",
        f'<p class="soft">{_text(_summarise(result))}</p></header><main>',
        _render_highlights(result),
        *(_render_section(key, section, style) for key, section in sections.items()),
        _render_readings(sections),
        "</main></body></html>",
    ]
    return "\n".join(part for part in parts if part)


def draw_charts(sections: Mapping[str, Json], locale: str = DEFAULT_LOCALE) -> Sequence[tuple[str, str, str]]:
    """The report's charts alone: (section's key, title, SVG element) of each that holds values."""
    style = make_style(locale)
    drawn = (
        (key, str(chart.get("title") or ""), draw_svg(chart, style))
        for key, section in sections.items()
        for chart in section.get("charts") or []
    )
    return [(key, title, svg) for key, title, svg in drawn if svg]


def _summarise(result: Json) -> str:
    words = [str(result.get("message") or ""), str(result.get("section_detected") or "").replace("_", " ")]
    if result.get("cost"):
        words.append(f"cost {result['cost']}")
    return " · ".join(word for word in words if word)


def _render_highlights(result: Json) -> str:
    highlights, conflicts = result.get("highlights") or [], result.get("conflicts") or []
    parts = []
    if highlights:
        lines = "".join(f"<li>{_text(item.get('text'))}</li>" for item in highlights)
        parts.append(f"<section><h2>What matters most</h2><ul>{lines}</ul></section>")
    if conflicts:
        lines = "".join(f"<li>{_text(item.get('message'))}</li>" for item in conflicts)
        parts.append(f'<section><h2>Sections that disagree</h2><ul class="warn">{lines}</ul></section>')
    return "".join(parts)


def _render_section(key: str, section: Json, style: Style) -> str:
    name = key.replace("_", " ").capitalize()
    parts = [f'<section id="{_text(key)}"><h2>{_text(name)}</h2>']
    if section.get("error"):
        parts.append(f'<p class="warn">{_text(section["error"])}</p>')
    parts.append(_render_response(str(section.get("response") or "")))
    parts.extend(draw_chart(chart, style) for chart in section.get("charts") or [])
    parts.append(_render_notes(section))
    parts.append(_render_grounding(section.get("grounding")))
    parts.append(_render_facts(section, style))
    parts.append("</section>")
    return "".join(parts)


def _render_readings(sections: Mapping[str, Json]) -> str:
    """The appendix: how each column and field that was sent was read, so that a person can check it."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in _list_cells(key, entry))}</tr>"
        for key, section in sections.items()
        for entry in section.get("reading") or []
    )
    if not rows:
        return ""
    return (
        '<section id="reading"><h2>Appendix: how the input was read</h2><div class="wide"><table><thead><tr>'
        "<th>Section</th><th>Field</th><th>Read as</th><th>Because of</th><th>Alternatives</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _list_cells(key: str, entry: Json) -> Sequence[str]:
    field = ", ".join([str(entry["field"]), *map(str, entry.get("rows") or [])])
    return key, field, describe_reading(entry), describe_reason(str(entry["why"])), describe_alternatives(entry)


def _render_response(response: str) -> str:
    """The narrative: its first block as the lead, lines that start with a dash as a list."""
    blocks = [block for block in response.split("\n\n") if block.strip()]
    parts = []
    for position, block in enumerate(blocks):
        lines = block.splitlines()
        items = [line[2:] for line in lines if line.startswith("- ")]
        if items and len(items) == len(lines) - 1:
            listed = "".join(f"<li>{_text(item)}</li>" for item in items)
            parts.append(f"<h3>{_text(lines[0].rstrip(':'))}</h3><ul>{listed}</ul>")
        else:
            lead = ' class="lead"' if position == 0 else ""
            parts.append(f"<p{lead}>{'<br>'.join(map(_text, lines))}</p>")
    return "".join(parts)


def _render_notes(section: Json) -> str:
    notes = section.get("notes") or []
    if not notes:
        return ""
    lines = "".join(
        f'<li class="{"warn" if note.get("severity") == "warning" else "soft"}">{_text(note.get("message"))}</li>'
        for note in notes
    )
    return f"<h3>Notes on the input</h3><ul>{lines}</ul>"


def _render_grounding(grounding: Json | None) -> str:
    if not grounding:
        return ""
    faults = grounding.get("unsupported") or []
    total, derived = grounding.get("claims", 0), grounding.get("derived", 0)
    text = f"{total} figures in the text: {grounding.get('grounded', 0)} traced to a fact, {derived} derived, "
    text += f"{len(faults)} unsupported."
    listed = "".join(f"<li>{_text(fault.get('text'))}: {_text(fault.get('why'))}</li>" for fault in faults)
    return f'<p class="soft">{_text(text)}</p>' + (f'<ul class="warn">{listed}</ul>' if listed else "")


def _render_facts(section: Json, style: Style) -> str:
    facts, absent = section.get("facts") or [], section.get("absent") or []
    rows = "".join(_render_fact(fact, style) for fact in facts[:_MOST_FACTS])
    missing = "".join(
        f'<tr><td>{_spell(item.get("id"))}</td><td class="num">absent</td><td>{_text(item.get("reason"))}</td></tr>'
        for item in absent
    )
    if not rows and not missing:
        return ""
    return (
        '<details open><summary>Figures and how they were computed</summary><div class="wide"><table>'
        f"<thead><tr><th>Figure</th><th>Value</th><th>Method</th></tr></thead><tbody>{rows}{missing}</tbody></table>"
        "</div></details>"
    )


def _render_fact(fact: Json, style: Style) -> str:
    value = style.value(read_decimal(fact.get("value")), Unit(fact.get("unit", "number")), fact.get("currency"))
    dates = f" ({', '.join(fact['dates'])})" if fact.get("dates") else ""
    return (
        f'<tr><td>{_text(fact.get("label"))}</td><td class="num">{_text(value)}</td>'
        f"<td>{_text(fact.get('method'))}{_text(dates)}</td></tr>"
    )


def _spell(fact_id: object) -> str:
    """An id of a figure that could not be had, as words: it has no label."""
    return _text(str(fact_id or "").replace("_", " ").replace(".", " by "))


def _text(value: object) -> str:
    text = "" if value is None else str(value)
    return escape(text if len(text) < 50 * _MAX_LABEL else text[: 50 * _MAX_LABEL] + "…", quote=True)

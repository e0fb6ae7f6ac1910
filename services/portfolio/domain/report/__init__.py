"""A finished task as the report that an adviser hands to a client: one printable HTML page that fetches nothing.

``render_report(result)`` takes the JSON that ``rendering.render_task`` makes (what the record holds and the REST
contract serves), so that a report can be made long after the task, from its record alone. The first pages are for the
client; the appendix says where each figure comes from. Its words are English, as the narratives are; figures, days and
the paper's size follow the locale.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.portfolio.domain.formats import DEFAULT_LOCALE, Style, make_style
from services.portfolio.domain.report.appendix import write_appendix
from services.portfolio.domain.report.brand import Brand
from services.portfolio.domain.report.charts import draw_chart, draw_svg
from services.portfolio.domain.report.cover import write_cover
from services.portfolio.domain.report.glossary import write_glossary
from services.portfolio.domain.report.key_figures import write_key_figures
from services.portfolio.domain.report.markup import Json, escape_text, spell_section, write_list
from services.portfolio.domain.report.stylesheet import write_stylesheet
from services.portfolio.domain.report.suitability import write_suitability
from services.portfolio.domain.report.text_blocks import is_actions, list_actions, split_blocks

_CHAPTERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("What changed", frozenset({"top_movers", "performance_and_risk"})),
    ("What is held", frozenset({"portfolio_snapshot", "holdings", "concentration", "fixed_income"})),
    ("Against the model", frozenset({"model_and_rebalancing"})),
    ("Income", frozenset({"income"})),
)
_FURTHER = "Further sections"
_MOST_HIGHLIGHTS = 5


def render_report(
    result: Json,
    title: str = "Portfolio report",
    locale: str = DEFAULT_LOCALE,
    brand: Brand | None = None,
    prepared: date | None = None,
) -> str:
    """The page for a task's result. ``title`` is shown as it is, escaped; ``prepared`` is the day on its cover."""
    style, brand = make_style(locale), brand or Brand()
    sections: Mapping[str, Json] = result.get("data") or {}
    body = [
        write_key_figures(sections, style),
        _write_highlights(result),
        _write_conflicts(result),
        write_suitability(sections, style),
        *_write_chapters(sections, style),
        _write_actions(sections),
    ]
    footer = ", ".join(part for part in (brand.name, title) if part)
    language = style.locale.replace("_", "-") if style.locale.startswith("en") else "en"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    parts = [
        "<!doctype html>",
        f'<html lang="{language}"><head><meta charset="utf-8"><title>{escape_text(title)}</title>',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<style>{write_stylesheet(brand, style.locale, footer)}</style></head><body>",
        write_cover(title, sections, brand, style, prepared),
        "<main>",
        *body,
        write_glossary(body, _list_names(sections)),
        write_appendix(sections, brand, style),
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


def _list_names(sections: Mapping[str, Json]) -> set[str]:
    """Names of the input that stand in texts."""
    subjects = {str(fact["subject"]) for section in sections.values() for fact in section.get("facts") or []
                if fact.get("subject") and not str(fact.get("id")).startswith(("limit", "profile"))}  # fmt: skip
    return subjects | {str(name) for section in sections.values() for name in (section.get("about") or {}).values()}


def _write_highlights(result: Json) -> str:
    lines = (escape_text(item.get("text")) for item in (result.get("highlights") or [])[:_MOST_HIGHLIGHTS])
    listed = write_list(lines)
    return f'<section class="keep"><h2>What matters most</h2>{listed}</section>' if listed else ""


def _write_conflicts(result: Json) -> str:
    listed = write_list((escape_text(item.get("message")) for item in result.get("conflicts") or []), "warn")
    return f'<section class="keep"><h2>Sections that disagree</h2>{listed}</section>' if listed else ""


def _write_chapters(sections: Mapping[str, Json], style: Style) -> list[str]:
    chapters: dict[str, list[str]] = {}
    for title, names in (*_CHAPTERS, (_FURTHER, frozenset(map(_name, sections.values())) - _named())):
        for key, section in sections.items():
            if _name(section) in names:
                chapters.setdefault(title, []).append(_write_section(key, section, style, title))
    return [f"<section><h2>{title}</h2>{''.join(written)}</section>" for title, written in chapters.items()]


def _named() -> frozenset[str]:
    return frozenset().union(*(names for _, names in _CHAPTERS))


def _name(section: Json) -> str:
    return str(section.get("section"))


def _write_section(key: str, section: Json, style: Style, chapter: str) -> str:
    name = spell_section(key)
    parts = [f'<section id="{escape_text(key)}">', f"<h3>{name}</h3>" if name != chapter else ""]
    if section.get("error"):
        parts.append(f'<p class="warn">{escape_text(section["error"])}</p>')
    parts.append(_write_response(str(section.get("response") or "")))
    warnings = [note for note in section.get("notes") or [] if note.get("severity") == "warning"]
    if warnings:
        parts.append(
            f"<h4>Notes on the input</h4>{write_list((escape_text(n.get('message')) for n in warnings), 'warn')}"
        )
    parts.append(_write_faults(section.get("grounding")))
    charts = "".join(draw_chart(chart, style) for chart in section.get("charts") or [])
    parts.append(f'<div class="charts">{charts}</div></section>' if charts else "</section>")
    return "".join(parts)


def _write_response(response: str) -> str:
    """The narrative without what it asks to be done, which has a place of its own."""
    parts = []
    for place, block in enumerate(block for block in split_blocks(response) if not is_actions(block)):
        if block.title:
            parts.append(f"<h4>{escape_text(block.title)}</h4>{write_list(map(escape_text, block.lines))}")
        else:
            lead = ' class="lead"' if place == 0 else ""
            parts.append(f"<p{lead}>{'<br>'.join(map(escape_text, block.lines))}</p>")
    return "".join(parts)


def _write_faults(grounding: Any) -> str:
    """What no figure supports is said beside the text that says it, never only in the appendix."""
    faults = (grounding or {}).get("unsupported") or []
    listed = write_list(
        (f"{escape_text(fault.get('text'))}: {escape_text(fault.get('why'))}" for fault in faults), "warn"
    )
    return f"<h4>Not supported by the figures</h4>{listed}" if listed else ""


def _write_actions(sections: Mapping[str, Json]) -> str:
    actions = list_actions(sections)
    lines = "".join(
        f'<li>{escape_text(line)} <span class="soft">· {spell_section(key)}</span></li>' for key, line in actions
    )
    return f'<section><h2>To decide together</h2><ol class="actions">{lines}</ol></section>' if lines else ""

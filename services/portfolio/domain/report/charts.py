"""Charts of the report as inline SVG: bars on a common zero, and lines over time. Pure text, all escaped."""

from collections.abc import Mapping
from html import escape
from typing import Any

from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report.bars import draw_bars, lay_out_bars
from services.portfolio.domain.report.lettering import measure
from services.portfolio.domain.report.lines import draw_lines, lay_out_lines

FULL, HALF = 720.0, 350.0
_HALF_BARS, _HALF_LABEL = 13, 150.0


def draw_chart(chart: Mapping[str, Any], style: Style) -> str:
    """One chart as a figure, as wide as its labels ask for; an empty string for one that holds no values."""
    is_half = _fits_half(chart)
    svg = draw_svg(chart, style, HALF if is_half else FULL)
    kind = "half" if is_half else "full"
    title = escape(str(chart.get("title") or ""))
    return f'<figure class="{kind}"><figcaption>{title}</figcaption>{svg}</figure>' if svg else ""


def draw_svg(chart: Mapping[str, Any], style: Style, width: float = FULL) -> str:
    """One chart as an SVG element; an empty string for one that holds no values."""
    labels = [str(label) for label in chart.get("labels") or []]
    series = [line for line in chart.get("series") or [] if line.get("values")]
    if not labels or not series:
        return ""
    unit, title = Unit(chart.get("unit", "number")), str(chart.get("title") or "")
    if chart.get("kind") == "bars":
        return draw_bars(lay_out_bars(labels, series, unit, style, width), title)
    return draw_lines(lay_out_lines(labels, series, unit, style, width), title)


def _fits_half(chart: Mapping[str, Any]) -> bool:
    labels = [str(label) for label in chart.get("labels") or []]
    return (
        chart.get("kind") == "bars"
        and len(labels) <= _HALF_BARS
        and all(measure(label) <= 2 * _HALF_LABEL for label in labels)
    )

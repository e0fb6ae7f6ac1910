"""Charts of the report as inline SVG: horizontal bars on a common zero, and lines over time. Pure text, all escaped."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit

_WIDTH = 720
_ROW = 26
_LABEL_WIDTH = 210
_VALUE_WIDTH = 90
_HEIGHT = 240
_MARGIN = 54
_LEGEND_WIDTH = 200
_LEGEND_HEIGHT = 14
_MAX_BARS = 40
_MAX_POINTS = 2000
_COLOURS = ("#1f5c99", "#c7772e", "#3f7d4f")
_NEGATIVE = "#a33b2f"
_MAX_LABEL = 30


def draw_chart(chart: Mapping[str, Any], style: Style) -> str:
    """One chart as a figure; an empty string for one that holds no values."""
    svg = draw_svg(chart, style)
    return f"<figure><figcaption>{escape(str(chart.get('title') or ''))}</figcaption>{svg}</figure>" if svg else ""


def draw_svg(chart: Mapping[str, Any], style: Style) -> str:
    """One chart as an SVG element; an empty string for one that holds no values."""
    series = chart.get("series") or []
    labels = [str(label) for label in chart.get("labels") or []]
    if not labels or not series:
        return ""
    unit = Unit(chart.get("unit", "number"))
    draw = _draw_bars if chart.get("kind") == "bars" else _draw_lines
    return draw(labels, series, unit, style, str(chart.get("title") or ""))


def read_decimal(value: object) -> Decimal:
    """A number of the stored result; zero for what is none, since a report must not fail on an old record."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def _draw_bars(labels: Sequence[str], series: Sequence[Mapping[str, Any]], unit: Unit, style: Style, title: str) -> str:
    values = [read_decimal(value) for value in series[0].get("values") or []][:_MAX_BARS]
    shown = list(zip(labels, values, strict=False))
    low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
    span = (high - low) or Decimal(1)
    room = Decimal(_WIDTH - _LABEL_WIDTH - _VALUE_WIDTH)
    zero = Decimal(_LABEL_WIDTH) - low / span * room
    rows = []
    for index, (label, value) in enumerate(shown):
        top = index * _ROW
        length = abs(value) / span * room
        start = zero - length if value < 0 else zero
        colour = _NEGATIVE if value < 0 else _COLOURS[0]
        printed = style.value(value, unit)
        rows.append(
            f'<text x="{_LABEL_WIDTH - 10}" y="{top + 17}" text-anchor="end">{escape(_shorten(label))}</text>'
            f'<rect x="{start:.1f}" y="{top + 5}" width="{max(length, Decimal(1)):.1f}" height="{_ROW - 10}" rx="2" '
            f'fill="{colour}"><title>{escape(label)}: {escape(printed)}</title></rect>'
            f'<text x="{_WIDTH - 4}" y="{top + 17}" text-anchor="end">{escape(printed)}</text>'
        )
    height = len(shown) * _ROW + 4
    axis = f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}" stroke="#8a94a0" stroke-width="1"/>'
    return _wrap(height, title, "".join(rows) + axis)


def _draw_lines(
    labels: Sequence[str], series: Sequence[Mapping[str, Any]], unit: Unit, style: Style, title: str
) -> str:
    lines = [(str(line.get("name") or ""), [read_decimal(value) for value in line.get("values") or []][:_MAX_POINTS])
             for line in series[: len(_COLOURS)]]  # fmt: skip
    every = [value for _, values in lines for value in values] or [Decimal(0)]
    low, high = min(every), max(every)
    span = (high - low) or Decimal(1)
    width, height = Decimal(_WIDTH - 2 * _MARGIN), Decimal(_HEIGHT - _MARGIN)
    parts = []
    for share in (Decimal(0), Decimal("0.5"), Decimal(1)):
        y = 12 + height * (1 - share)
        printed = escape(style.value(round(low + span * share, 1), unit))
        parts.append(
            f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d9dfe6"/>'
            f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{printed}</text>'
        )
    for index, (name, values) in enumerate(lines):
        steps = max(len(values) - 1, 1)
        points = " ".join(
            f"{_MARGIN + width * position / steps:.1f},{12 + height * (high - value) / span:.1f}"
            for position, value in enumerate(values)
        )
        colour = _COLOURS[index]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        if len(lines) > 1:
            left = _MARGIN + index * _LEGEND_WIDTH
            parts.append(
                f'<rect x="{left}" y="{_HEIGHT + 1}" width="12" height="4" fill="{colour}"/>'
                f'<text x="{left + 18}" y="{_HEIGHT + 7}">{escape(_shorten(name))}</text>'
            )
    ends = (
        f'<text x="{_MARGIN}" y="{_HEIGHT - 20}">{escape(_shorten(labels[0]))}</text>'
        f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 20}" text-anchor="end">{escape(_shorten(labels[-1]))}</text>'
    )
    return _wrap(_HEIGHT + (_LEGEND_HEIGHT if len(lines) > 1 else 0), title, "".join(parts) + ends)


def _wrap(height: int, title: str, body: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">{body}</svg>'


def _shorten(label: str) -> str:
    return label if len(label) <= _MAX_LABEL else f"{label[: _MAX_LABEL - 1]}…"

"""Horizontal bars on a common zero: what is below it goes left, and no bar begins anywhere else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report.canvas import NEGATIVE, POSITIVE, REST, Text, wrap_svg, write_text
from services.portfolio.domain.report.lettering import LINE_HEIGHT, measure, tell_apart
from services.portfolio.domain.report.reading import read_decimal
from services.portfolio.domain.report.scales import Scale

_GAP, _ROW_GAP, _THICKNESS = 10.0, 9.0, 15.0
_MOST_LABEL = 0.42
_REST = re.compile(r"Others \(\d+\)")
MAX_BARS = 60
"""A chart of the analysis has far fewer; what an older record has beyond is counted in words, never dropped."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: from ``zero`` to ``end``; ``lines`` are its label."""

    value: Decimal
    printed: str
    label: str
    lines: tuple[str, ...]
    top: float
    height: float
    zero: float
    end: float


@dataclass(frozen=True, slots=True)
class BarLayout:
    """A chart of bars, placed."""

    width: float
    height: float
    label_width: float
    bars: tuple[Bar, ...]
    more: int

    @property
    def texts(self) -> tuple[Text, ...]:
        """All that is written, each line with its place."""
        found: list[Text] = []
        for bar in self.bars:
            first = bar.top + bar.height / 2 - (len(bar.lines) - 1) * LINE_HEIGHT / 2 + 4
            for place, line in enumerate(bar.lines):
                found.append(Text(line, self.label_width, first + place * LINE_HEIGHT, "end"))
            found.append(Text(bar.printed, self.width - 2, bar.top + bar.height / 2 + 4, "end"))
        if self.more:
            found.append(Text(f"and {self.more} more", self.label_width, self.height - 6, "end"))
        return tuple(found)


def lay_out_bars(
    labels: Sequence[str], series: Sequence[Mapping[str, Any]], unit: Unit, style: Style, width: float
) -> BarLayout:
    """Bars from a chart's data: the label's column as wide as it must be, values in a column on the right."""
    values = [read_decimal(value) for value in series[0].get("values") or []]
    pairs = list(zip(labels, values, strict=False))
    shown = pairs[:MAX_BARS]
    digits = choose_digits([value for _, value in shown])
    printed = [write_value(value, unit, style, digits) for _, value in shown]
    value_width = max(map(measure, printed)) + _GAP
    widest = max(measure(label) for label, _ in shown)
    label_width = min(widest, width * _MOST_LABEL)
    wrapped = tell_apart([label for label, _ in shown], label_width)
    low = min([Decimal(0), *(value for _, value in shown)])
    high = max([Decimal(0), *(value for _, value in shown)])
    if low == high:
        high = Decimal(1)
    scale = Scale(low, high, label_width + _GAP, width - value_width - 2)
    bars: list[Bar] = []
    top = 0.0
    for (label, value), text, lines in zip(shown, printed, wrapped, strict=True):
        height = max(_THICKNESS, len(lines) * LINE_HEIGHT)
        bars.append(
            Bar(value, text, label, lines, top + _ROW_GAP / 2, height, scale.place(Decimal(0)), scale.place(value))
        )
        top += height + _ROW_GAP
    more = len(pairs) - len(shown)
    return BarLayout(width, top + (LINE_HEIGHT + 4 if more else 0), label_width, tuple(bars), more)


def draw_bars(layout: BarLayout, title: str) -> str:
    """Placed bars as an SVG element."""
    parts = []
    for bar in layout.bars:
        left, right = sorted((bar.zero, bar.end))
        top = bar.top + (bar.height - _THICKNESS) / 2
        fill = NEGATIVE if bar.value < 0 else REST if _REST.fullmatch(bar.label) else POSITIVE
        parts.append(
            f'<rect x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" height="{_THICKNESS}" fill="{fill}">'
            f"<title>{escape(bar.label)}: {escape(bar.printed)}</title></rect>"
        )
    zero = layout.bars[0].zero
    parts.append(f'<line x1="{zero:.2f}" x2="{zero:.2f}" y1="0" y2="{layout.height:.2f}" stroke="#8a94a0"/>')
    parts.extend(map(write_text, layout.texts))
    return wrap_svg(layout.width, layout.height, title, "".join(parts))


def choose_digits(values: Sequence[Decimal]) -> int:
    """Decimals for all values of a chart alike, so that they can be compared: one, or two where all are small and one
    does not say all there is."""
    small = max(map(abs, values), default=Decimal(0)) < 10
    return 2 if small and any(round(value, 1) != value for value in values) else 1


def write_value(value: Decimal, unit: Unit, style: Style, digits: int) -> str:
    """A value of a chart; one that would be printed as zero without being so has two decimals, or says that it is not
    quite zero."""
    if unit is Unit.MONEY:
        return style.money(value, None)
    suffix = {Unit.PERCENT: "%", Unit.POINTS: " pp", Unit.MULTIPLE: "x", Unit.BASIS_POINTS: " bps"}.get(unit, "")
    if value and not round(value, digits):
        digits = 2
        if not round(value, digits):
            return f"about 0{suffix}"
    return f"{style.fixed(value, digits)}{suffix}"

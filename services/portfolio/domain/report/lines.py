"""Lines over time: points as far apart as their days are, ticks at round values, each line named where it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import Any

from babel.dates import format_date, format_skeleton

from services.portfolio.domain.formats import Style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report.bars import choose_digits, write_value
from services.portfolio.domain.report.canvas import GRID, LINES, Text, wrap_svg, write_text
from services.portfolio.domain.report.lettering import LINE_HEIGHT, measure, wrap
from services.portfolio.domain.report.reading import read_decimal
from services.portfolio.domain.report.scales import Scale, list_day_ticks, list_ticks, read_places

_PLOT_HEIGHT, _TOP, _GAP, _LEGEND = 165.0, 10.0, 8.0, 22.0
_MOST_NAME = 200.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its points with their values, and the text where it ends."""

    name: str
    colour: str
    values: tuple[Decimal, ...]
    points: tuple[tuple[float, float], ...]
    end: Text


@dataclass(frozen=True, slots=True)
class LineLayout:
    """A chart of lines, placed. ``ticks`` are values with their height, ``days`` texts along the bottom."""

    width: float
    height: float
    left: float
    right: float
    ticks: tuple[tuple[Decimal, float, Text], ...]
    days: tuple[Text, ...]
    lines: tuple[Line, ...]
    legend: tuple[Text, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """All that is written."""
        return (*(text for _, _, text in self.ticks), *self.days, *(line.end for line in self.lines), *self.legend)


def lay_out_lines(
    labels: Sequence[str], series: Sequence[Mapping[str, Any]], unit: Unit, style: Style, width: float
) -> LineLayout:
    """Lines from a chart's data. The scale need not begin at zero: its ticks say where it does."""
    named = [(str(line.get("name") or ""), [read_decimal(value) for value in line.get("values") or []][: len(labels)])
             for line in series[: len(LINES)]]  # fmt: skip
    named = [(name, values) for name, values in named if values]
    every = [value for _, values in named for value in values]
    ticks = list_ticks(min(every), max(every))
    digits = max(0, -int(ticks[1].normalize().as_tuple().exponent), -int(ticks[0].normalize().as_tuple().exponent))
    tick_texts = [write_value(tick, unit, style, digits) for tick in ticks]
    end_texts = [write_value(values[-1], unit, style, choose_digits(every)) for _, values in named]
    left = max(map(measure, tick_texts)) + _GAP
    right = width - max(map(measure, end_texts)) - _GAP
    top = _TOP + (_LEGEND if len(named) > 1 else 0)
    heights = Scale(ticks[0], ticks[-1], top + _PLOT_HEIGHT, top)
    places, days = read_places(labels)
    last = places[-1] if places[-1] > places[0] else places[0] + 1
    across = Scale(places[0], last, left, right)
    ends = _spread([heights.place(values[-1]) for _, values in named], top + _PLOT_HEIGHT)
    lines = tuple(
        Line(
            name, LINES[index], tuple(values),
            tuple((across.place(place), heights.place(value)) for place, value in zip(places, values, strict=False)),
            Text(end_texts[index], right + 5, ends[index] + 4),
        )
        for index, (name, values) in enumerate(named)
    )  # fmt: skip
    return LineLayout(
        width, top + _PLOT_HEIGHT + 24, left, right,
        tuple(
            (tick, heights.place(tick), Text(text, left - 6, heights.place(tick) + 4, "end"))
            for tick, text in zip(ticks, tick_texts, strict=True)
        ),
        _write_days(labels, days, across, top + _PLOT_HEIGHT + 18, style), lines,
        _write_legend([name for name, _ in named], left),
    )  # fmt: skip


def draw_lines(layout: LineLayout, title: str) -> str:
    """Placed lines as an SVG element."""
    parts = []
    for tick, height, _ in layout.ticks:
        colour = "#8a94a0" if not tick else GRID
        parts.append(
            f'<line x1="{layout.left:.2f}" x2="{layout.right:.2f}" y1="{height:.2f}" y2="{height:.2f}" '
            f'stroke="{colour}"/>'
        )
    for line in layout.lines:
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in line.points)
        parts.append(
            f'<polyline fill="none" stroke="{line.colour}" stroke-width="1.8" stroke-linejoin="round" '
            f'points="{points}"><title>{escape(line.name)}</title></polyline>'
        )
        if len(line.points) == 1:
            x, y = line.points[0]
            parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="3" fill="{line.colour}"/>')
    for text, line in zip(layout.legend, layout.lines, strict=False):
        parts.append(f'<rect x="{text.x - 18:.2f}" y="{text.y - 6:.2f}" width="12" height="4" fill="{line.colour}"/>')
    parts.extend(map(write_text, layout.texts))
    return wrap_svg(layout.width, layout.height, title, "".join(parts))


def _spread(heights: Sequence[float], lowest: float) -> list[float]:
    """The heights of the texts at the ends, moved apart where they would cover one another, none below ``lowest``."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    spread = list(heights)
    for before, after in pairwise(order):
        spread[after] = max(spread[after], spread[before] + LINE_HEIGHT)
    for place, index in enumerate(reversed(order)):
        spread[index] = min(spread[index], lowest - place * LINE_HEIGHT)
    return spread


def _write_legend(names: Sequence[str], left: float) -> tuple[Text, ...]:
    if len(names) < 2:
        return ()
    texts: list[Text] = []
    for name in names:
        (text,) = wrap(name, _MOST_NAME, 1)
        texts.append(Text(text, left + 18, 12))
        left += measure(text) + 40
    return tuple(texts)


def _write_days(
    labels: Sequence[str], days: Sequence[date], across: Scale, height: float, style: Style
) -> tuple[Text, ...]:
    """Texts along the bottom that do not touch, the finest that fit."""
    if not days:
        first, last = wrap(labels[0], 180, 1)[0], wrap(labels[-1], 180, 1)[0]
        texts = [Text(first, across.start, height)]
        return tuple(texts) if len(labels) < 2 else (*texts, Text(last, across.end, height, "end"))
    for most in range(12, 0, -1):
        ticks, kind = list_day_ticks(days[0], days[-1], most)
        texts = [
            Text(_write_day(day, kind, style), across.place(Decimal(day.toordinal())), height, "middle")
            for day in ticks
        ]
        texts = [text for text in texts if text.box[0] >= 0 and text.box[2] <= across.end + 40]
        apart = all(left.box[2] + _GAP <= right.box[0] for left, right in pairwise(texts))
        if texts and apart:
            return tuple(texts)
    return (Text(_write_day(days[0], "day", style), across.start, height),)


def _write_day(day: date, kind: str, style: Style) -> str:
    if kind == "day":
        return str(format_date(day, format="medium", locale=style.language))
    return str(format_skeleton("yMMM" if kind == "month" else "y", day, locale=style.language))

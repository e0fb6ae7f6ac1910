"""A report's charts: each point lies where its value says, nothing is dropped, and no text covers another."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.portfolio.domain.facts import MAX_BARS, Draft, group_smallest
from services.portfolio.domain.figures.performance import keep_extremes
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.report import draw_charts
from services.portfolio.domain.report.bars import lay_out_bars
from services.portfolio.domain.report.charts import draw_svg
from services.portfolio.domain.report.lettering import measure, tell_apart, wrap
from services.portfolio.domain.report.lines import lay_out_lines
from services.portfolio.domain.report.scales import list_ticks

HOSTILE = '"><script>alert(1)</script>'
STYLES = [make_style(locale) for locale in ("en_US", "en_GB", "en_IN", "de_DE", "fr_FR")]
PIXEL = 0.01

amounts = st.decimals(Decimal(-10_000), Decimal(10_000), places=3)
names = st.text(st.characters(codec="utf-8", categories=("L", "Nd", "P", "Zs")), min_size=1, max_size=70)
styles = st.sampled_from(STYLES)
widths = st.sampled_from([350.0, 720.0])


def section(*charts: dict[str, Any]) -> dict[str, Any]:
    return {"charts": list(charts)}


def bars(title: str, *rows: tuple[str, str], unit: str = "percent") -> dict[str, Any]:
    labels, values = [label for label, _ in rows], [value for _, value in rows]
    return {
        "kind": "bars",
        "title": title,
        "unit": unit,
        "labels": labels,
        "series": [{"name": "weight", "values": values}],
    }


def track(values: list[Decimal], days: list[date], *more: list[Decimal]) -> dict[str, Any]:
    return {
        "kind": "lines",
        "title": "Growth",
        "unit": "number",
        "labels": [day.isoformat() for day in days],
        "series": [
            {"name": f"line {index}", "values": list(map(str, line))} for index, line in enumerate([values, *more])
        ],
    }


@st.composite
def tracks(draw: st.DrawFn) -> tuple[list[date], list[list[Decimal]]]:
    """Days with gaps between them, and one to three lines over them."""
    gaps = draw(st.lists(st.integers(1, 400), min_size=1, max_size=40))
    days = [date(2001, 3, 30)]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    line = st.lists(amounts, min_size=len(days), max_size=len(days))
    return days, draw(st.lists(line, min_size=1, max_size=3))


def test_each_chart_is_one_picture_with_its_section() -> None:
    charts = draw_charts({"holdings": section(bars("Weights", ("Equity", "65"))), "income": section()})
    assert [(key, title, svg[:4]) for key, title, svg in charts] == [("holdings", "Weights", "<svg")]


def test_a_chart_without_values_is_no_picture() -> None:
    assert draw_charts({"holdings": section({"kind": "bars", "title": "Weights", "labels": [], "series": []})}) == []


def test_names_in_a_chart_are_escaped() -> None:
    ((_, _, svg),) = draw_charts({"holdings": section(bars(HOSTILE, (HOSTILE, "65")))})
    assert "<script" not in svg
    assert '">&lt;' not in svg.replace("&quot;", "")


@given(st.lists(st.tuples(names, amounts), min_size=1, max_size=30), styles, widths)
@settings(max_examples=60)
def test_bars_are_as_long_as_their_values(rows: Any, style: Any, width: float) -> None:
    layout = lay_out_bars([name for name, _ in rows], [{"values": [v for _, v in rows]}], Unit.PERCENT, style, width)
    longest = max(layout.bars, key=lambda bar: abs(bar.value))
    for bar in layout.bars:
        if longest.value:
            share = float(bar.value / abs(longest.value))
            assert bar.end - bar.zero == pytest.approx(share * abs(longest.end - longest.zero), abs=PIXEL)
        else:
            assert bar.end == bar.zero


@given(st.lists(st.tuples(names, amounts), min_size=1, max_size=30), styles)
@settings(max_examples=40)
def test_all_bars_begin_at_the_drawn_zero(rows: Any, style: Any) -> None:
    svg = draw_svg(bars("t", *((name, str(value)) for name, value in rows)), style)
    zero = float(re.search(r'<line x1="([\d.]+)"', svg)[1])  # type: ignore[index]
    found = [tuple(map(float, pair)) for pair in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)]
    assert len(found) == len(rows)
    for (left, width), (_, value) in zip(found, rows, strict=True):
        assert (left + width if value < 0 else left) == pytest.approx(zero, abs=2 * PIXEL)


@given(st.lists(st.tuples(names, amounts), min_size=1, max_size=30), styles, widths)
@settings(max_examples=60)
def test_no_text_of_bars_covers_another_or_leaves_the_chart(rows: Any, style: Any, width: float) -> None:
    layout = lay_out_bars([name for name, _ in rows], [{"values": [v for _, v in rows]}], Unit.PERCENT, style, width)
    assert [(a, b) for a, b in combinations(layout.texts, 2) if a.overlaps(b)] == []
    assert all(text.box[0] >= -1 and text.box[2] <= width + 1 for text in layout.texts)
    assert all(text.box[1] >= 0 and text.box[3] <= layout.height for text in layout.texts)


@given(st.lists(st.tuples(names, amounts), min_size=1, max_size=20), styles)
@settings(max_examples=40)
def test_bars_stay_between_labels_and_values(rows: Any, style: Any) -> None:
    layout = lay_out_bars([name for name, _ in rows], [{"values": [v for _, v in rows]}], Unit.PERCENT, style, 720)
    values_from = min(layout.width - 2 - measure(bar.printed) for bar in layout.bars)
    for bar in layout.bars:
        assert layout.label_width < min(bar.zero, bar.end)
        assert max(bar.zero, bar.end) < values_from


@given(tracks(), styles)
@settings(max_examples=60)
def test_points_of_lines_lie_at_their_day_and_value(drawn: Any, style: Any) -> None:
    days, lines = drawn
    chart = track(lines[0], days, *lines[1:])
    layout = lay_out_lines(chart["labels"], chart["series"], Unit.NUMBER, style, 720)
    (low, low_at, _), (high, high_at, _) = layout.ticks[0], layout.ticks[-1]
    for line, values in zip(layout.lines, lines, strict=True):
        for (x, y), day, value in zip(line.points, days, values, strict=True):
            across = (day - days[0]) / (days[-1] - days[0])
            up = float((value - low) / (high - low))
            assert x == pytest.approx(layout.left + across * (layout.right - layout.left), abs=PIXEL)
            assert y == pytest.approx(low_at + up * (high_at - low_at), abs=PIXEL)


@given(tracks(), styles)
@settings(max_examples=60)
def test_no_text_of_lines_covers_another(drawn: Any, style: Any) -> None:
    days, lines = drawn
    chart = track(lines[0], days, *lines[1:])
    layout = lay_out_lines(chart["labels"], chart["series"], Unit.NUMBER, style, 720)
    ends = {id(line.end) for line in layout.lines}
    texts = [text for text in layout.texts if id(text) not in ends] + [line.end for line in layout.lines]
    assert [(a.text, b.text) for a, b in combinations(texts, 2) if a.overlaps(b)] == []


@given(amounts, amounts)
def test_ticks_are_even_and_hold_all_values(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    ticks = list_ticks(low, high)
    assert ticks[0] <= low <= high <= ticks[-1]
    assert len({right - left for left, right in pairwise(ticks)}) == 1
    assert 2 <= len(ticks) <= 8


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.locale)
def test_ticks_say_exactly_where_they_lie(style: Any) -> None:
    days = [date(2026, 1, 1), date(2026, 6, 1)]
    chart = track([Decimal("100.02"), Decimal("100.09")], days)
    layout = lay_out_lines(chart["labels"], chart["series"], Unit.NUMBER, style, 720)
    for tick, _, text in layout.ticks:
        assert Decimal(text.text.replace(style.group, "").replace(style.decimal, ".")) == tick


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=300, max_size=300), min_size=1, max_size=2))
@settings(max_examples=25)
def test_thinning_keeps_the_highest_and_lowest_of_each_stretch(lines: list[list[float]]) -> None:
    most = 60
    kept = keep_extremes(lines, most)
    stretches = most // (2 * len(lines))
    for stretch in range(stretches):
        places = range(300 * stretch // stretches, 300 * (stretch + 1) // stretches)
        for values in lines:
            shown = [values[place] for place in places if place in kept]
            assert min(shown) == min(values[place] for place in places)
            assert max(shown) == max(values[place] for place in places)
    assert (kept[0], kept[-1]) == (0, 299)


@given(st.lists(amounts, min_size=1, max_size=220))
@settings(max_examples=60)
def test_shares_keep_their_sum_and_their_signs_with_others(values: list[Decimal]) -> None:
    rows = [(f"asset {index}", value) for index, value in enumerate(values)]
    shown = group_smallest(rows, MAX_BARS)
    assert len(shown) <= MAX_BARS
    assert sum(value for _, value in shown) == sum(values)
    assert sum(value for _, value in shown if value < 0) == sum(value for value in values if value < 0)


def test_two_hundred_holdings_are_all_in_the_chart() -> None:
    draft = Draft("holdings")
    draft.chart_shares("Weights", [(f"asset {index}", Decimal("0.5")) for index in range(200)])
    (chart,) = draft.charts
    assert chart.labels[-1] == "Others (188)"
    assert sum(chart.series[0][1]) == 100


def test_a_chart_of_extremes_shows_both_ends_and_says_of_how_many() -> None:
    draft = Draft("top_movers")
    draft.chart_extremes("Return by mover", Unit.PERCENT, [(f"asset {n}", Decimal(n - 30)) for n in range(61)])
    (chart,) = draft.charts
    assert chart.title == f"Return by mover ({MAX_BARS} largest of 61)"
    assert (chart.series[0][1][0], chart.series[0][1][-1]) == (30, -30)


@given(st.lists(names, min_size=2, max_size=12, unique=True), st.floats(90, 300))
@settings(max_examples=60)
def test_names_that_differ_are_shown_differently(labels: list[str], width: float) -> None:
    shown = tell_apart(labels, width)
    plain = {" ".join(label.split()) for label in labels}
    assert len(set(shown)) >= len(plain)


@given(names, st.floats(60, 300))
def test_wrapped_names_fit(label: str, width: float) -> None:
    assert all(measure(line) <= width for line in wrap(label, width))


def test_names_that_begin_alike_keep_their_ends() -> None:
    (line,) = wrap("Nordic Infrastructure Opportunities Fund Series VII Class B", 200, 1)
    assert line.startswith("Nordic")
    assert line.endswith("Class B")


@pytest.mark.parametrize("last", [Decimal(0), Decimal(100)], ids=["lowest", "highest"])
def test_lines_that_end_together_are_named_apart(last: Decimal) -> None:
    days = [date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1)]
    chart = track(
        [Decimal(0), Decimal(100), last], days, [Decimal(0), Decimal(50), last], [Decimal(0), Decimal(9), last]
    )
    layout = lay_out_lines(chart["labels"], chart["series"], Unit.NUMBER, STYLES[0], 720)
    assert [(a.text, b.text) for a, b in combinations(layout.texts, 2) if a.overlaps(b)] == []
    assert all(text.box[1] >= 0 and text.box[3] <= layout.height for text in layout.texts)

"""A report's charts as pictures of their own."""

from typing import Any

from services.portfolio.domain.report import draw_charts

HOSTILE = '"><script>alert(1)</script>'


def section(*charts: dict[str, Any]) -> dict[str, Any]:
    return {"charts": list(charts)}


def bars(title: str, label: str) -> dict[str, Any]:
    return {
        "kind": "bars",
        "title": title,
        "unit": "percent",
        "labels": [label],
        "series": [{"name": "weight", "values": ["65"]}],
    }


def test_each_chart_is_one_picture_with_its_section() -> None:
    charts = draw_charts({"holdings": section(bars("Weights", "Equity")), "income": section()})
    assert [(key, title, svg[:4]) for key, title, svg in charts] == [("holdings", "Weights", "<svg")]


def test_a_chart_without_values_is_no_picture() -> None:
    assert draw_charts({"holdings": section({"kind": "bars", "title": "Weights", "labels": [], "series": []})}) == []


def test_names_in_a_chart_are_escaped() -> None:
    ((_, _, svg),) = draw_charts({"holdings": section(bars(HOSTILE, HOSTILE))})
    assert "<script" not in svg
    assert '">&lt;' not in svg.replace("&quot;", "")

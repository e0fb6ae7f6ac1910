"""Measured tables in the documentation: only what stands between the markers changes."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import measured_page

PAGE = "# Title\n\n<!-- learning:begin -->\nold\n<!-- learning:end -->\n\nwords\n"
RESULTS = [
    {"status": "completed", "learn_s": 0.1, "peak_rss_mb": 80.0},
    {"status": "completed", "learn_s": 0.3, "peak_rss_mb": 90.0},
    {"status": "refused", "learn_s": 4.0, "peak_rss_mb": 120.0},
]


def test_the_text_around_the_markers_stays() -> None:
    changed = measured_page.put_between_markers(PAGE, "learning", "new\n")
    assert changed == PAGE.replace("old", "new")


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="csv-reading:begin"):
        measured_page.put_between_markers(PAGE, "csv-reading", "new")


def test_time_and_memory_are_told_over_all_cases() -> None:
    block = measured_page.describe_learning(RESULTS, "", "some machine")
    assert "3 cases: 2 completed, 1 refused." in block
    assert "0.300 s (median), 4.00 s (95 %)" in block
    assert "90 MB (median), 120 MB at most" in block


def test_the_command_puts_the_scores_into_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, scores = tmp_path / "page.md", tmp_path / "scores.txt"
    page.write_text(PAGE)
    scores.write_text("suite   loose%\nmine      97.0\n")
    for number, result in enumerate(RESULTS):
        case = tmp_path / "out" / "mine" / str(number)
        case.mkdir(parents=True)
        (case / "result.json").write_text(json.dumps(result))
    arguments = ["learning", str(tmp_path / "out"), "--scores", str(scores), "--page", str(page)]
    monkeypatch.setattr(sys, "argv", ["measured_page", *arguments])
    assert measured_page.main() == 0
    assert "mine      97.0\n```\n<!-- learning:end -->\n\nwords\n" in page.read_text()


def test_a_large_example_is_a_row_of_its_table() -> None:
    result = {
        "status": "completed", "rows": 100_000, "bytes": 16_000_000, "learn_s": 6.04, "cpu_s": 5.0,
        "peak_rss_mb": 300.0,
    }  # fmt: skip
    block = measured_page.describe_large_example({"row by row": result}, "some machine")
    assert block.splitlines()[-1] == "| row by row | 100,000 | 16.0 | 6.0 s | 5.0 s | 300 MB |"


def test_the_documentation_has_all_markers() -> None:
    page = (Path(__file__).parents[3] / measured_page.PAGE).read_text()
    for name in measured_page.NAMES:
        measured_page.put_between_markers(page, name, "new")

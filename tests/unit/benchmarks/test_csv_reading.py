"""The harness that measures the reader: what it writes for clean, polluted, empty and unreadable files."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import csv_reading

FILES = {
    "plain.csv": b"day,town,n\n1.5.,Bath,3\n2.5.,Ely,4\n",
    "preamble.csv": b"Stock list\r\nof May\r\n\r\nday;town;n\r\n2026-05-01;Bath;3\r\n2026-05-02;Ely;4\r\n",
    "header_only.csv": b"day,town,n\n",
    "empty.csv": b"",
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
}
CLEAN = {
    "plain.csv": "day,town,n\n1.5.,Bath,3\n2.5.,Ely,4\n",
    "preamble.csv": "day,town,n\n2026-05-01,Bath,3\n2026-05-02,Ely,4\n",
    "header_only.csv": "day,town,n\n",
    "empty.csv": "",
    "picture.csv": "a\n1\n",
}


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any]]:
    """The folder that the command wrote and the content of its result.json."""
    for folder, files in (("csv", FILES), ("clean", CLEAN)):
        (tmp_path / "suite" / "files" / folder).mkdir(parents=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / "suite" / "files" / folder / name).write_bytes(data)
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["csv_reading", str(tmp_path / "suite"), str(out)])
    assert csv_reading.main() == 0
    return out, json.loads((out / "result.json").read_text())


def test_each_readable_file_is_written_in_its_clean_form(measured: tuple[Path, dict[str, Any]]) -> None:
    out, _ = measured
    written = {path.name: path.read_text() for path in out.iterdir() if path.name != "result.json"}
    assert written == {name: text for name, text in CLEAN.items() if name != "picture.csv"}


def test_a_refused_file_is_named_with_its_reason(measured: tuple[Path, dict[str, Any]]) -> None:
    _, result = measured
    assert result["files"]["picture.csv"]["status"] == "refused"
    assert "INPUT_NOT_TEXT" in result["files"]["picture.csv"]["reason"]


def test_a_refused_file_costs_its_share_of_the_score(measured: tuple[Path, dict[str, Any]]) -> None:
    _, result = measured
    assert result["summary"]["simple"] == pytest.approx(10 * 4 / 5)


def test_what_was_left_out_is_noted(measured: tuple[Path, dict[str, Any]]) -> None:
    _, result = measured
    assert "Stock list" in result["files"]["preamble.csv"]["notes"][0]


def test_records_count_whatever_their_order() -> None:
    wanted, other = [["a"], ["1"], ["2"]], [["a"], ["2"], ["1"]]
    assert set(csv_reading.measure(other, wanted).values()) == {1.0}


def test_a_wrong_cell_lowers_records_and_cells_but_not_the_header() -> None:
    measures = csv_reading.measure([["a", "b"], ["1", "x"]], [["a", "b"], ["1", "y"]])
    assert (measures["header_f1"], measures["record_f1"], measures["cell_f1"]) == (1.0, 0.0, 0.5)

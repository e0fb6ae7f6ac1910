"""The harnesses that measure learning: what they write for cases that are learned and cases that are not."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import by_example
from benchmarks.large_example import make_pair

FILES = {
    "good": ("code,n\r\nA-1,2\r\nB-7,3\r\n", "letter,n\r\nA,2\r\nB,3\r\n", "code,n\r\nK-4,9\r\n"),
    "hopeless": ("a\r\nx\r\ny\r\nz\r\n", "b\r\nq4\r\n8w\r\n1k\r\n", "a\r\nx\r\n"),
}


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, files in FILES.items():
        case = tmp_path / "cases" / "suite" / name
        case.mkdir(parents=True)
        for file, text in zip(("train_input", "train_expected", "test_input"), files, strict=True):
            (case / f"{file}.csv").write_bytes(text.encode())
    arguments = [str(tmp_path / "cases"), str(tmp_path / "out"), "--timeout-s", "2"]
    monkeypatch.setattr(sys, "argv", ["by_example", *arguments])
    assert by_example.main() == 0
    return tmp_path / "out" / "suite"


def test_a_learned_case_has_its_output_program_and_report(out: Path) -> None:
    result = json.loads((out / "good" / "result.json").read_text())
    assert result["status"] == "completed"
    assert {"learn_s", "apply_s", "flagged", "peak_rss_mb"} <= set(result)
    assert (out / "good" / "output.csv").read_bytes() == b"letter,n\r\nK,9\r\n"
    assert (out / "good" / "program.sql").exists()
    assert json.loads((out / "good" / "report.json").read_text())["status"] == "completed"


def test_a_refused_case_has_no_output(out: Path) -> None:
    assert json.loads((out / "hopeless" / "result.json").read_text())["status"] == "refused"
    assert not (out / "hopeless" / "output.csv").exists()


def test_the_large_pair_leaves_out_the_rows_of_one_kind() -> None:
    given, wanted = make_pair(30, leave_out="DIV")
    assert (given.count(b"\n"), wanted.count(b"\n"), given.count(b",DIV,")) == (31, 21, 10)

"""The harnesses that measure learning: what they write for cases that are learned and cases that are not."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import by_example, reliability
from benchmarks.large_example import make_pair
from benchmarks.oracle import align, score
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox

FILES = {
    "good": ("code,n\r\nA-1,2\r\nB-7,3\r\n", "letter,n\r\nA,2\r\nB,3\r\n", "code,n\r\nK-4,9\r\n"),
    "hopeless": ("a\r\nx\r\ny\r\nz\r\n", "b\r\nq4\r\n8w\r\n1k\r\n", "a\r\nx\r\n"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, files in FILES.items():
        case = tmp_path / "cases" / "suite" / name
        case.mkdir(parents=True)
        for file, text in zip(("train_input", "train_expected", "test_input"), files, strict=True):
            (case / f"{file}.csv").write_bytes(text.encode())
    arguments = [str(tmp_path / "cases"), str(tmp_path / "out"), "--timeout-s", "60"]
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


def test_flags_name_the_row_and_the_columns_of_the_output(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    rows = [("1", "B"), ("2", "S"), ("3", "B"), ("4", "X"), ("5", "S"), ("6", "X"), ("7", "B"), ("8", "S")]
    kept = [f"{n},{'Buy' if kind == 'B' else 'Sell'}" for n, kind in rows if kind != "X"]
    (case / "train_input.csv").write_text("n,kind\n" + "".join(f"{n},{kind}\n" for n, kind in rows))
    (case / "train_expected.csv").write_text("n,side\n" + "\n".join(kept) + "\n")
    (case / "test_input.csv").write_text("n,kind\n9,X\n10,B\n11,Q\n12,S\n")
    out = tmp_path / "out"
    result = by_example.run_case(case, out, sandbox, timeout_s=20.0)
    assert result["status"] == "completed"
    flags = json.loads((tmp_path / "out" / "flags.json").read_text())
    # Row 11 is of a kind that was not shown: kept or not, it is named.
    assert {flag["input_row"] for flag in flags} == {3}
    written = (tmp_path / "out" / "output.csv").read_text().splitlines()
    place = next((number for number, line in enumerate(written) if line.startswith("11,")), None)
    assert {flag["row"] for flag in flags} == {place}


def test_answers_of_the_oracle_settle_what_the_example_leaves_open(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    pair = [("B", "Buy"), ("S", "Sell"), ("B", "Buy"), ("S", "Sell"), ("B", "Buy"), ("S", "Sell")]
    later = [("B", "Buy"), *[("G", "Gift")] * 12]
    for name, rows in (("train", pair), ("test", later)):
        (case / f"{name}_input.csv").write_text("n,k\n" + "".join(f"{i}1,{k}\n" for i, (k, _) in enumerate(rows)))
        (case / f"{name}_expected.csv").write_text("n,s\n" + "".join(f"{i}1,{s}\n" for i, (_, s) in enumerate(rows)))
    out = tmp_path / "out" / "suite" / "case"
    by_example.run_case(case, out, sandbox, timeout_s=20.0, questions=1)
    taught = json.loads((out / "taught.json").read_text())
    assert [score["right"] for score in taught["by_answers"]] == [False, True]
    assert (by_example.answered(out) / "output.csv").read_text() == (case / "test_expected.csv").read_text()


def test_the_oracle_aligns_rows_in_order_and_says_which_are_dropped() -> None:
    inputs = [("1", "a"), ("2", "b"), ("3", "c")]
    assert align(inputs, [("3", "C"), ("1", "A")]) is None
    assert align(inputs, [("A", "1"), ("C", "3")]) == [0, None, 1]


def test_a_wrong_row_that_no_flag_names_is_silent() -> None:
    want, have = [("1", "a"), ("2", "b")], [("1", "a"), ("2", "x")]
    assert [score(want, have, flagged)["silent"] for flagged in (set(), {1}, {2})] == [True, True, False]


def test_a_run_that_is_told_to_end_ends_its_workers(tmp_path: Path) -> None:
    for number in range(40):
        case = tmp_path / "cases" / "suite" / f"c{number}"
        case.mkdir(parents=True)
        for file, text in zip(("train_input", "train_expected", "test_input"), FILES["good"], strict=True):
            (case / f"{file}.csv").write_bytes(text.encode())
    command = [sys.executable, "-m", "benchmarks.by_example", str(tmp_path / "cases"), str(tmp_path / "out")]
    root = Path(by_example.__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        while not list((tmp_path / "out").glob("suite/*/result.json")) and run.poll() is None:
            os.sched_yield()
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.send_signal(signal.SIGTERM)
        assert run.wait() == 128 + signal.SIGTERM
    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_the_large_pair_leaves_out_the_rows_of_one_kind() -> None:
    given, wanted = make_pair(30, leave_out="DIV")
    assert (given.count(b"\n"), wanted.count(b"\n"), given.count(b",DIV,")) == (31, 21, 10)


def test_reliability_counts_columns_by_what_they_state(tmp_path: Path) -> None:
    for name, stated, cells in (("a", 0.95, ["1", "2"]), ("b", 0.92, ["1", "x"]), ("c", 0.4, ["x", "x"])):
        case, out = tmp_path / "cases" / "suite" / name, tmp_path / "out" / "suite" / name
        case.mkdir(parents=True)
        out.mkdir(parents=True)
        (case / "test_expected.csv").write_text("n\n1\n2\n")
        (out / "output.csv").write_text("\n".join(("n", *cells)) + "\n")
        (out / "result.json").write_text(json.dumps({"status": "completed"}))
        (out / "report.json").write_text(json.dumps({"columns": [{"confidence": stated, "expression": "n"}]}))
    table = reliability.describe(reliability.outcomes(tmp_path / "cases", tmp_path / "out")).splitlines()
    assert table[2:] == ["| 0.0 to 0.5 | 1 | 0.40 | 0.00 |", "| 0.9 to 1.0 | 2 | 0.94 | 0.50 |"]

"""Examples that cannot be learned from: refused with the place that is at fault, in little time and memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.faults import ReadingFault
from services.converter.training import Training, train

ROWS = [(f"2026-01-{day:02}", f"p{day}", f"{day}.50") for day in range(1, 13)]
INPUT = "day,paper,amount\n" + "".join(f"{day},{paper},{amount}\n" for day, paper, amount in ROWS)
EXPECTED = "paper,amount\n" + "".join(f"{paper},{amount}\n" for _, paper, amount in ROWS)
MEMORY_BYTES = 1 << 30


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def learn(sandbox: DuckDBSandbox, given: str | bytes, wanted: str | bytes) -> Training:
    files = [content.encode() if isinstance(content, str) else content for content in (given, wanted)]
    return train(files[0], files[1], runner=sandbox)


def test_contradictory_rows_are_named_with_both_texts(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, "kind,n\nBUY,1\nSELL,2\nBUY,1\nBUY,3\n", "side\nB\nS\nQ\nB\n")
    assert (done.status, done.code) == ("failed", "EXAMPLE_CONTRADICTORY")
    assert "rows 1 and 3 of the input are the same" in done.reason
    assert "'B' and 'Q' there in column \"side\"" in done.reason


def test_equal_rows_may_have_different_numbers(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, "kind\nBUY\nBUY\nSELL\nBUY\n", "number,kind\n1,BUY\n2,BUY\n3,SELL\n4,BUY\n")
    assert done.status == "completed", done.reason


def test_files_that_have_nothing_in_common_are_told_by_their_rows(sandbox: DuckDBSandbox) -> None:
    wanted = "q\n" + "".join(f"w{i * 37 % 91}\n" for i in range(50))
    done = learn(sandbox, "a,b\n1,x\n2,y\n3,z\n", wanted)
    assert done.code == "EXAMPLE_UNRELATED"
    assert "the input has 3 rows, the expected file 50 rows, and nothing of row 1" in done.reason


def statement(month: int, *, wanted: bool = False) -> str:
    """A month of a statement whose papers recur from month to month, or what it should become."""
    days, drawn = range(1, 13), Random(month)
    amounts = {day: f"{drawn.randint(1000, 99999)}.{drawn.randint(11, 99)}" for day in days}
    if wanted:
        rows = (f"{day:02}.{month:02}.2026;P{day % 4};{amounts[day]}" for day in days if day % 3)
        return "\n".join(["day;paper;amount", *rows]) + "\n"
    rows = (f"2026-{month:02}-{day:02},P{day % 4},{day % 3},{amounts[day]}" for day in days)
    return "\n".join(["date,paper,kind,value", *rows]) + "\n"


def test_a_file_of_another_month_is_told_by_its_figures(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, statement(3), statement(4, wanted=True))
    assert done.status == "failed"
    assert "no amount or number of 8 of the 8 rows of the expected file stands in the input" in done.reason
    assert "one more example row" not in done.reason


def test_files_that_are_exchanged_are_told_to_be(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, statement(3, wanted=True), statement(3))
    assert done.status == "failed"
    assert "are the two exchanged?" in done.reason


def test_a_file_that_belongs_to_its_input_is_not_told_to_be_another(sandbox: DuckDBSandbox) -> None:
    odd = statement(3, wanted=True).replace("P1;", "zq17;", 1)
    done = learn(sandbox, statement(3), odd)
    assert done.status == "failed"
    assert "stands in the input" not in done.reason


def test_a_header_within_the_expected_file_is_named_by_its_row(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, INPUT + INPUT.split("\n", 1)[1], EXPECTED + EXPECTED)
    assert (done.status, done.code) == ("failed", "EXAMPLE_REPEATS_HEADER")
    assert "row 13 of the expected file is its header again" in done.reason


def test_a_header_within_the_input_is_left_out_and_its_row_noted(sandbox: DuckDBSandbox) -> None:
    later = "2026-02-01,p20,1.75\n2026-02-02,p21,2.75\n"
    done = learn(sandbox, INPUT + "day,paper,amount\n" + later, EXPECTED + "p20,1.75\np21,2.75\n")
    assert done.status == "completed"
    assert "row 14 of the file" in done.report["reading"]["input"][0]


@pytest.mark.parametrize(
    ("given", "wanted", "reason", "words"),
    [
        ("", EXPECTED, "INPUT_EMPTY", "the input: the file is empty"),
        (INPUT, "", "INPUT_EMPTY", "the expected file: the file is empty"),
        (INPUT, "\n \n", "INPUT_EMPTY", "the expected file: the file is empty"),
        (INPUT, "paper,amount\n", "INPUT_NO_ROWS", r"the expected file: .*row 1.* no rows"),
        ("day,paper,amount\n", EXPECTED, "INPUT_NO_ROWS", "the input: the file has a header but no rows"),
        (bytes(range(256)) * 50, EXPECTED, "INPUT_NOT_TEXT", "the input: the file is not text"),
        (INPUT, b"PK\x03\x04" + b"\0" * 99, "INPUT_NOT_TEXT", "the expected file: the archive is damaged"),
        (INPUT + "," * 4999 + "\n", EXPECTED, "INPUT_TOO_LARGE", "row 14 of the file has 5000 cells"),
        (INPUT + f'2026-02-01,"{"x" * 1_100_000}",1\n', EXPECTED, "INPUT_TOO_LARGE", "row 14 of the file, cell 2 has"),
    ],
    ids=[
        "empty_input", "empty_expected", "blank_expected", "header_only_expected", "header_only_input", "binary",
        "workbook", "5000_columns", "long_cell",
    ],
)  # fmt: skip
def test_an_unreadable_file_is_named_with_the_place(
    sandbox: DuckDBSandbox, given: str | bytes, wanted: str | bytes, reason: str, words: str
) -> None:
    with pytest.raises(ReadingFault, match=words) as caught:
        learn(sandbox, given, wanted)
    assert caught.value.reason == reason


@pytest.mark.parametrize("cell", ["x" * 50_000_000, '"' + "x y\n" * 12_500_000 + '"'], ids=["bare", "quoted_lines"])
def test_a_cell_of_fifty_megabytes_is_refused_within_a_gigabyte(tmp_path: Path, cell: str) -> None:
    (tmp_path / "a.csv").write_text(f"{INPUT}2026-01-13,{cell},3.50\n")
    (tmp_path / "b.csv").write_text(EXPECTED)
    files = ("--input", "a.csv", "--expected", "b.csv", "--program", "p.sql", "--report", "r.json")
    # By a shell: what runs in a fork of this process would run beside gRPC's own threads, where other tests began some.
    limited = ["sh", "-c", f'ulimit -d {MEMORY_BYTES // 1024} && exec "$@"', "sh"]
    done = subprocess.run(
        [*limited, sys.executable, "-m", "services.client.cli", "learn", *files],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "INPUT_TOO_LARGE: the input: " in done.stderr
    assert "row 14 of the file" in done.stderr


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("cp1252", "utf-8"), ("utf-16", "cp1252"), ("utf-8-sig", "utf-16")],
)
def test_the_two_files_may_be_in_different_encodings(sandbox: DuckDBSandbox, given: str, wanted: str) -> None:
    texts = [text.replace("p3", "café").encode(code) for text, code in ((INPUT, given), (EXPECTED, wanted))]
    done = learn(sandbox, *texts)
    assert done.status == "completed", done.reason


def test_ragged_rows_are_learned_from(sandbox: DuckDBSandbox) -> None:
    ragged = INPUT + "2026-02-01,p9\n2026-02-02,p7,1.50,extra,more\n"
    done = learn(sandbox, ragged, EXPECTED + "p9,\np7,1.50\n")
    assert done.status == "completed", done.reason


def test_a_failed_training_is_written_down_all_the_same(sandbox: DuckDBSandbox) -> None:
    done = learn(sandbox, "kind,n\nBUY,1\nSELL,2\nBUY,1\n", "side\nB\nS\nQ\n")
    assert json.loads(json.dumps(done.report))["status"] == "failed"

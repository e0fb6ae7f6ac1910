"""Statements: what stands around the rows is read there or asked for, never written; later files are read alike."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.generated_gate import run
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.stored_report import read_stored
from services.converter.inference import infer
from services.converter.training import Training, train
from tests.support.drawn import drawn

ROWS = (
    "US5949181045,Microsoft,70,670.17",
    "IE00B4L5Y983,Core World,244,420.77",
    "CH0237935652,SXI Fund,71,188.42",
    "US0378331005,Apple,106,596.75",
    "DE0007164600,SAP,349,850.82",
)
LATER = ("CH0012005267,Novartis,12,99.10", "FR0000120271,Total,9,61.55", "XS2010044035,EIB,40,98.20")
NAMES = "ISIN,Name,Quantity,Price"
Convert = Callable[[Training, str], list[str]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture
def convert(sandbox: DuckDBSandbox, tmp_path: Path) -> Convert:
    def converted(training: Training, text: str) -> list[str]:
        source, output = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_text(text, encoding="utf-8", newline="")
        stored = read_stored(training.report)
        infer(training.program, source, output, sandbox=sandbox, spooler=FileSpooler(), training=stored)
        return output.read_text(encoding="utf-8").splitlines()

    return converted


def learned(sandbox: DuckDBSandbox, given: list[str], wanted: list[str]) -> Training:
    source, target = ("\n".join((*lines, "")).encode() for lines in (given, wanted))
    return train(source, target, runner=sandbox)


def holding(row: str) -> str:
    isin, _, quantity, price = row.split(",")
    return f"{isin},{quantity},{price}"


@pytest.mark.parametrize(
    ("above", "later"),
    [
        (["Holdings,,,", "As of,2026-05-17,,", ",,,"], ["Holdings,,,", "As of,2026-11-26,,", ",,,"]),
        (["Holdings,,,", "As of: 2026-05-17,,,", ",,,"], ["Holdings,,,", "As of: 2026-11-26,,,", ",,,"]),
        # A later file says more above its rows.
        (
            ["Holdings,,,", "As of,2026-05-17,,", ",,,"],
            ["Holdings,,,", "Client,No. 7,,", "Printed,today,,", "As of,2026-11-26,,", ",,,"],
        ),
    ],
    ids=["beside its label", "behind its label", "further down"],
)
def test_what_the_file_says_above_its_rows_is_read_there(
    above: list[str], later: list[str], sandbox: DuckDBSandbox, convert: Convert
) -> None:
    wanted = ["as_of,isin,quantity,price", *(f"2026-05-17,{holding(row)}" for row in ROWS)]
    training = learned(sandbox, [*above, NAMES, *ROWS], wanted)
    assert training.status == "completed", training.reason
    made = convert(training, "\n".join((*later, NAMES, *LATER, "")))
    assert made == [wanted[0], *(f"2026-11-26,{holding(row)}" for row in LATER)]


def test_a_day_that_stands_above_the_rows_and_cannot_be_read_there_is_asked_for(sandbox: DuckDBSandbox) -> None:
    """Rows are summed, so that no cell of the file's top lines stands beside them."""
    rows = [f"{name},{amount}" for name in ("Ann", "Bob", "Eva") for amount in ("10.25", "31.50")]
    given = ["Bookings up to 2026-05-17 of all", "", "name,amount", *rows]
    training = learned(sandbox, given, ["day,name,total", *(f"2026-05-17,{n},41.75" for n in ("Ann", "Bob", "Eva"))])
    assert "2026-05-17" not in training.program or training.status == "failed"


def test_a_header_of_two_lines_is_found_again_where_the_first_looks_less_like_one(
    sandbox: DuckDBSandbox, convert: Convert
) -> None:
    """Without the example's names the line above would be a title of a table whose rows are all full."""
    head = ["Purchases,,Sales,", "ISIN,Amount,ISIN,Amount"]
    bought = [("FR0000120271", f"27{n}.70") for n in range(9)]
    sold = [("US912828YK06", "31.35"), ("DE0007164600", "22.95")]
    halves = [",".join((*pair, *(sold[n] if n < len(sold) else ("", "")))) for n, pair in enumerate(bought)]
    wanted = [f"{side},{isin},{amount}" for side, of in (("Purchases", bought), ("Sales", sold)) for isin, amount in of]
    training = learned(sandbox, [*head, *halves], ["side,isin,amount", *wanted])
    assert training.status == "completed", training.reason
    later = [*head, "US0378331005,9.15,XS2010044035,84.07", "CH0012005267,4.45,XS2010044035,123.48"]
    assert convert(training, "\n".join((*later, "")))[1:] == [
        "Purchases,US0378331005,9.15", "Purchases,CH0012005267,4.45",
        "Sales,XS2010044035,84.07", "Sales,XS2010044035,123.48",
    ]  # fmt: skip


def test_data_of_one_row_is_no_part_of_a_rule(sandbox: DuckDBSandbox) -> None:
    rows = [f"2026-01-{day:02},{day}3.5{day % 10}" for day in range(1, 9)]
    training = learned(sandbox, ["date,amount", *rows], ["date,amount", *rows, "Total,471.82"])
    assert training.status == "failed" or "471" not in training.program


def test_a_last_column_that_is_wanted_by_its_name_is_no_sum(sandbox: DuckDBSandbox, convert: Convert) -> None:
    """It is the same on all rows of the example, so that a constant would explain it."""
    names, rows = "Order,A-1001,A-1002,Rest", ["R1,7,8,0", "R2,5,6,0", "R3,9,4,0"]
    wanted = [f"{r[:2]},{a},{c},0" for r in rows for a, c in zip(("A-1001", "A-1002"), r[3:].split(","), strict=False)]
    training = learned(sandbox, [names, *rows], ["Order,account,quantity,Rest", *wanted])
    if training.status == "completed":
        made = convert(training, f"{names}\nR4,3,2,1\nR5,2,8,0\n")
        assert made[1:] == ["R4,A-1001,3,1", "R4,A-1002,2,1", "R5,A-1001,2,0", "R5,A-1002,8,0"]


SEEDS = {
    "an account in the first title": 37,
    "the first line is like others": 5,
    "a day above the rows": 62,
    "titles of empty sections": 26,
    "a sum that is wanted below": 47,
    "currencies told by days of titles": 264,
    "a day and an account above the rows": 329,
    "currencies told by balances": 446,
    "a header of two lines": 207,
    "sums, and one single amount": 216,
    "accounts as names of columns": 348,
    "texts that go on below": 229,
}
"""Seeds of statements that were silently wrong, or refused, by what was."""


@pytest.mark.slow
@pytest.mark.drawn
@pytest.mark.parametrize("what", list(SEEDS)[:: drawn(3, 1)])
def test_a_later_statement_is_right_or_each_wrong_row_is_named(what: str, sandbox: DuckDBSandbox) -> None:
    outcome = run(SEEDS[what], sandbox, "statements")
    expected = ("refused",) if what == "a sum that is wanted below" else ("right", "flagged")
    assert outcome.outcome in expected, f"python -m benchmarks.generated_gate --family statements: {outcome}"

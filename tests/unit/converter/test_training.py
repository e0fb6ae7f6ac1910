"""Training: completed only on proof, and what it does where the table alone does not explain the expected file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.converter import training as training_module
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.report import LearningReport
from services.converter.domain.stored_report import program_digest, read_stored
from services.converter.domain.table import Dialect, Table
from services.converter.inference import infer
from services.converter.training import train

STATEMENT = b"Account;X-1\n\nDate;Amount\n2026-01-05;1\n2026-01-06;2\n2026-01-07;3\n"
GRID_PROGRAM = "SELECT col2 AS account, (SELECT count(*) FROM input WHERE _row > 3) AS n FROM input WHERE _row = 1"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def learn_by_header(input: Table, expected: Table, **_: object) -> LearnedProgram:  # noqa: A002
    """Claims success for whatever it is shown: what it says is no proof."""
    sql = "SELECT 'wrong' AS account" if input.header else GRID_PROGRAM
    return LearnedProgram("completed", sql, expected.header, expected.dialect, LearningReport())


def test_a_claim_that_the_sandbox_refutes_is_a_failure(sandbox: DuckDBSandbox) -> None:
    done = train(b"a,b\n1,2\n3,4\n", b"c\nx7\nq9\n", runner=sandbox)
    assert done.status == "failed"
    assert done.report["status"] == "failed"
    assert done.judgement.cells_right < 1.0


def test_a_true_claim_is_completed_and_names_its_program(sandbox: DuckDBSandbox) -> None:
    done = train(b"a,b\n1,2\n3,4\n", b"b\n2\n4\n", runner=sandbox)
    assert done.status == "completed"
    assert read_stored(done.report).program_sha256 == program_digest(done.program)


def test_a_totals_line_of_the_expected_file_is_part_of_it(sandbox: DuckDBSandbox) -> None:
    rows = "".join(f"2026-01-{day:02},{day}.50,note {day}\n" for day in range(1, 9))
    text = f"date,amount,note\n{rows}"
    done = train(text.encode(), f"{text}Total,40.00,\n".encode(), runner=sandbox)
    assert "the expected file 9 rows" in done.reason


def test_the_whole_file_is_tried_where_its_table_does_not_explain_the_output(
    sandbox: DuckDBSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_module, "learn", learn_by_header)
    done = train(STATEMENT, b"account,n\nX-1,3\n", runner=sandbox)
    assert done.status == "completed"
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(STATEMENT.replace(b"X-1", b"Y-2") + b"2026-01-08;4\n")
    stored = read_stored(done.report)
    assert stored.input_dialect == Dialect(delimiter=";", has_header=False)
    infer(done.program, source, output, sandbox=sandbox, spooler=FileSpooler(), training=stored)
    assert output.read_text() == "account,n\nY-2,4\n"

"""What a program sees of its input and what becomes of what it returns."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox, write_table
from services.converter.domain.faults import MissingColumns, ProgramFailed
from services.converter.domain.report import Guard
from services.converter.domain.table import Dialect, Table
from services.converter.domain.writing import format_row

RAGGED = Table(("id", "name"), (("007", "x"), ("8", ""), ("9",), ("1", "2", "3")))


def test_cells_arrive_as_they_stand(shared_sandbox: DuckDBSandbox) -> None:
    got = shared_sandbox.run("SELECT id, name FROM input ORDER BY _row LIMIT 1", RAGGED)
    assert got.header == ("id", "name")
    assert got.rows == (("007", "x"),)


def test_an_absent_cell_is_null_and_an_empty_one_is_not(shared_sandbox: DuckDBSandbox) -> None:
    got = shared_sandbox.run("SELECT name IS NULL AS absent FROM input ORDER BY _row", RAGGED)
    assert [row[0] for row in got.rows] == ["false", "false", "true", "false"]


def test_columns_beyond_the_header_are_numbered(shared_sandbox: DuckDBSandbox) -> None:
    assert shared_sandbox.run("SELECT col3 FROM input WHERE _row = 4", RAGGED).rows == (("3",),)


def test_cells_hold_just_the_rows_own(shared_sandbox: DuckDBSandbox) -> None:
    got = shared_sandbox.run("SELECT _cells FROM input ORDER BY _row", RAGGED)
    assert got.header is None
    assert got.rows == RAGGED.rows


def test_the_header_is_a_relation(shared_sandbox: DuckDBSandbox) -> None:
    table = Table(("b", "", "b"), (("1", "2", "3"),))
    got = shared_sandbox.run("SELECT position, name FROM header ORDER BY position", table)
    assert got.rows == (("1", "b"), ("2", ""), ("3", "b"))


def test_repeated_names_are_made_unique(shared_sandbox: DuckDBSandbox) -> None:
    table = Table(("Total", "total", ""), (("1", "2", "3"),))
    assert shared_sandbox.run('SELECT "Total", total_2, col3 FROM input', table).rows == (("1", "2", "3"),)


def test_a_file_without_header_has_numbered_columns(shared_sandbox: DuckDBSandbox) -> None:
    table = Table(None, (("a", "b"),))
    got = shared_sandbox.run("SELECT col2 || (SELECT count(*) FROM header) AS x FROM input", table)
    assert got.rows == (("b0",),)


def test_null_is_written_empty(shared_sandbox: DuckDBSandbox) -> None:
    assert shared_sandbox.run("SELECT NULL AS a, '' AS b FROM header", Table(("x",), (("1",),))).rows == (("", ""),)


def test_output_names_may_repeat(shared_sandbox: DuckDBSandbox) -> None:
    got = shared_sandbox.run("SELECT id AS x, name AS x FROM input WHERE _row = 1", RAGGED)
    assert (got.header, got.rows) == (("x", "x"), (("007", "x"),))


def test_a_program_may_end_in_a_comment(shared_sandbox: DuckDBSandbox) -> None:
    assert shared_sandbox.run("-- head\nSELECT id FROM input WHERE _row = 1 -- tail", RAGGED).rows == (("007",),)


@pytest.mark.parametrize("end", [";", ";\n", " ; "])
def test_a_program_may_end_as_a_statement_does(shared_sandbox: DuckDBSandbox, end: str) -> None:
    assert shared_sandbox.run(f"SELECT id FROM input WHERE _row = 1{end}", RAGGED).rows == (("007",),)


def test_cells_beside_other_columns_are_refused(shared_sandbox: DuckDBSandbox) -> None:
    with pytest.raises(ProgramFailed, match="_cells"):
        shared_sandbox.run("SELECT * FROM input", RAGGED)


def test_every_missing_column_is_named(shared_sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    spool = write_table(RAGGED, tmp_path / "spool.csv")
    with pytest.raises(MissingColumns) as raised:
        shared_sandbox.convert(
            "SELECT price, upper(side) AS side, id FROM input",
            spool,
            tmp_path / "out.csv",
            known_columns=("id", "Price", "Side", "unused"),
        )
    assert raised.value.names == ("Price", "Side")


def test_order_is_kept_over_many_rows(shared_sandbox: DuckDBSandbox) -> None:
    table = Table(("n",), tuple((str(n),) for n in range(20_000)))
    got = shared_sandbox.run("SELECT n FROM input WHERE n::INT % 2 = 0 ORDER BY n::INT DESC", table)
    assert [int(row[0]) for row in got.rows] == list(range(19_998, -1, -2))


def _unseen(sql: str, *columns: str) -> Guard:
    return Guard("id", "value_set", "unseen", "unseen", sql, columns)


def test_flagged_cells_are_left_empty(shared_sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    spool = write_table(RAGGED, tmp_path / "spool.csv")
    run = shared_sandbox.convert(
        "SELECT id AS a, id AS b FROM input WHERE id <> '8' ORDER BY _row DESC",
        spool,
        tmp_path / "out.csv",
        guards=[_unseen("SELECT _row, id FROM input WHERE id = '9'", "b")],
        blank=True,
    )
    assert run.traceable
    assert (tmp_path / "out.csv").read_text() == "1,1\n9,\n007,007\n"


def test_flagged_cells_of_a_summary_are_kept_and_it_says_so(shared_sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    spool = write_table(RAGGED, tmp_path / "spool.csv")
    guard = _unseen("SELECT _row, id FROM input", "n")
    program = "SELECT count(*) AS n FROM input"
    run = shared_sandbox.convert(program, spool, tmp_path / "out.csv", guards=[guard], blank=True)
    assert (run.findings[0].rows, run.traceable) == (4, False)
    assert (tmp_path / "out.csv").read_text() == "4\n"


def test_runs_in_parallel_do_not_mix(shared_sandbox: DuckDBSandbox) -> None:
    tables = [Table(("n",), ((str(n),),)) for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda table: shared_sandbox.run("SELECT n FROM input", table).rows, tables))
    assert results == [table.rows for table in tables]


def test_a_lost_fork_server_is_replaced() -> None:
    with DuckDBSandbox() as sandbox:
        sandbox.run("SELECT id FROM input", RAGGED)
        server = sandbox._server
        assert server is not None
        server.kill()
        server.wait()
        assert sandbox.run("SELECT id FROM input WHERE _row = 2", RAGGED).rows == (("8",),)


_TEXT = st.text(st.sampled_from("ab,;\"'\\\n\r\t é€|0"), max_size=6)
_DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from(["minimal", "all", "nonnumeric"]),
    escape=st.sampled_from(['"', "\\"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_TEXT, min_size=1, max_size=4), min_size=1, max_size=5), dialect=_DIALECTS)
def test_the_sandbox_writes_as_the_domain_does(
    shared_sandbox: DuckDBSandbox, tmp_path: Path, rows: list[list[str]], dialect: Dialect
) -> None:
    table = Table(None, tuple(map(tuple, rows)))
    spool = write_table(table, tmp_path / "spool.csv")
    shared_sandbox.convert("SELECT _cells FROM input ORDER BY _row", spool, tmp_path / "out.csv", dialect=dialect)
    written = (tmp_path / "out.csv").read_bytes().decode()
    assert written == "".join(format_row(row, dialect) for row in table.rows)

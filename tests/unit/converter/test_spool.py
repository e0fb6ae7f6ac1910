"""Files as spools: whatever way a file is handed over, the program sees the rows that the reader sees."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.adapters import spool as spooling
from services.converter.adapters.clean_file import point_at
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.reader import ReadingHints, plan_reading, read_table
from services.converter.domain.table import Dialect, Row
from services.converter.domain.writing import format_row
from services.converter.ports import Spool

EXACT = ReadingHints(dialect=Dialect(), exact=True, has_header=True)
CLEAN = "id,name,amount\n" + "".join(f"{n},name {n},{n}.50\n" for n in range(200))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def cells_of(spool: Spool, sandbox: DuckDBSandbox, directory: Path) -> bytes:
    output = directory / "cells.csv"
    sandbox.convert("SELECT _cells FROM input ORDER BY _row", spool, output)
    return output.read_bytes()


def as_lines(rows: tuple[Row, ...]) -> bytes:
    return "".join(format_row(row, Dialect()) for row in rows).encode()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text(st.sampled_from('a,"\n\r é'), max_size=4), min_size=2, max_size=5), min_size=1, max_size=6
    )
)
def test_the_program_sees_what_the_reader_sees(sandbox: DuckDBSandbox, tmp_path: Path, rows: list[list[str]]) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(as_lines((("h1", "h2"), *map(tuple, rows))))
    spooled = FileSpooler().spool(source, tmp_path, EXACT)
    table = read_table(source.read_bytes(), EXACT).table
    assert cells_of(spooled.spool, sandbox, tmp_path) == as_lines(table.rows)
    back = FileSpooler().read_rows(spooled.spool, range(1, len(table.rows) + 1))
    assert list(back) == list(enumerate(table.rows, 1))


def test_rows_of_a_clean_file_are_read_back_by_their_numbers(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text(CLEAN)
    pointing = point_at(source, plan_reading(CLEAN.encode(), whole=True))
    assert pointing is not None
    assert list(FileSpooler().read_rows(pointing.spool, [200, 3, 201])) == [
        (3, ("2", "name 2", "2.50")),
        (200, ("199", "name 199", "199.50")),
    ]


def test_rows_far_into_a_large_file_are_not_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "_MOST_READ_BACK", 2)
    source = tmp_path / "source.csv"
    source.write_text(CLEAN)
    spooled = FileSpooler().spool(source, tmp_path)
    assert [number for number, _ in FileSpooler().read_rows(spooled.spool, [2, 3])] == [2]


def test_rows_that_widen_late_are_all_padded(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    rows = (
        *((str(n), "x") for n in range(70_000)),
        ("1", "2", "3"),
        ("1",),
        *((str(n), "", "", "w") for n in range(3)),
    )
    source = tmp_path / "source.csv"
    source.write_bytes(as_lines((("a", "b"), *rows)))
    spooled = FileSpooler().spool(source, tmp_path, EXACT)
    assert spooled.spool.names == ("a", "b", "col3", "col4")
    assert spooled.spool.rows == len(rows)
    assert cells_of(spooled.spool, sandbox, tmp_path) == as_lines(rows)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("preamble", ["", "Report of all\n\n"])
def test_a_clean_file_is_read_where_it_is(
    sandbox: DuckDBSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_end: str, preamble: str
) -> None:
    monkeypatch.setattr(spooling, "_WORTH_POINTING_BYTES", 0)
    source = tmp_path / "source.csv"
    source.write_bytes((preamble + CLEAN).replace("\n", line_end).encode())
    spooled = FileSpooler().spool(source, tmp_path)
    assert spooled.spool.path == source
    assert cells_of(spooled.spool, sandbox, tmp_path) == as_lines(read_table(source.read_bytes()).table.rows)


@pytest.mark.parametrize(
    "text",
    [
        CLEAN + '7,half "quoted",1.00\n',
        CLEAN + "7,short\n",
        CLEAN + "7,a\rb,1.00\n",
        CLEAN + ",,\n",
        CLEAN + "\nDate downloaded 2026-01-01\n",
        CLEAN + "Total,,9.00\n",
        CLEAN + CLEAN,
        CLEAN.replace("\n", "\r"),
        CLEAN.replace(",", ", "),
    ],
    ids=["quotes", "ragged", "returns", "empty_row", "footer", "total", "twice", "returns_only", "blanks"],
)
def test_any_other_file_is_rewritten(tmp_path: Path, text: str) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(text.encode())
    assert point_at(source, plan_reading(CLEAN.encode(), whole=False)) is None or ", " in text.split("\n", 1)[0]


_RAW_CELL = st.sampled_from(
    ["a", "", " ", '"b"', '"c,d"', '"e""f"', '""', '"""g"""', '"h""""i"', '"j\nk"', 'l"m', '"n"o', '""p', '"q', '"r" ']
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(_RAW_CELL, min_size=3, max_size=3), min_size=1, max_size=5),
    line_end=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
)
def test_a_file_with_quotes_that_is_read_where_it_is_has_the_same_rows(
    sandbox: DuckDBSandbox, tmp_path: Path, rows: list[list[str]], line_end: str, final: bool
) -> None:
    lines = ["h1,h2,h3", "a,plain,row", '"a","quoted","row"', *(",".join(row) for row in rows), "x,y,z"]
    source = tmp_path / "source.csv"
    source.write_bytes((line_end.join(lines) + line_end * final).encode())
    # With the file's own line ends: a file of others is read row by row, whatever stands in it.
    hints = replace(EXACT, dialect=Dialect(line_end=line_end))
    pointed = point_at(source, plan_reading(source.read_bytes(), whole=True, hints=hints))
    if pointed is None:
        assert any('"' in cell or not cell.strip() for row in rows for cell in row)
        return
    read = read_table(source.read_bytes(), hints).table.rows
    assert (pointed.spool.rows, cells_of(pointed.spool, sandbox, tmp_path)) == (len(read), as_lines(read))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_large_file_with_quoted_cells_is_read_where_it_is(
    sandbox: DuckDBSandbox, tmp_path: Path, line_end: str
) -> None:
    rows = [(str(n), f'name {n}, "{n}"', "x" * (n % 90)) for n in range(200_000)]
    source = tmp_path / "source.csv"
    head = ("id", "name", "note")
    source.write_text("".join(format_row(row, Dialect(line_end=line_end)) for row in (head, *rows)), newline="")
    spooled = FileSpooler().spool(source, tmp_path)
    assert (spooled.spool.path, spooled.spool.rows) == (source, len(rows))
    assert cells_of(spooled.spool, sandbox, tmp_path) == as_lines(tuple(rows))


def test_a_header_that_comes_again_in_quotes_is_not_taken_for_a_row(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text(CLEAN + '"id","name","amount"\n' + CLEAN.partition("\n")[2])
    assert point_at(source, plan_reading(source.read_bytes(), whole=True)) is None


def test_a_late_character_of_another_encoding_is_read(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(("name,amount\n" + "plain,1\n" * 60_000 + "Müller,2\n").encode("cp1252"))
    spooled = FileSpooler().spool(source, tmp_path)
    assert spooled.dialect.encoding == "cp1252"
    assert cells_of(spooled.spool, sandbox, tmp_path).endswith("Müller,2\n".encode())


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text(CLEAN)
    with pytest.raises(ReadingFault) as raised:
        FileSpooler(max_bytes=100).spool(source, tmp_path)
    assert raised.value.reason == "INPUT_TOO_LARGE"

"""Programs applied to files: dialects, checks of rows, what happens to cells that the example did not show."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from services.converter import review
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import LearningFailed, MissingColumns, ProgramNotAllowed, UnseenValues
from services.converter.domain.report import Guard
from services.converter.domain.stored_report import (
    ReportInvalid,
    StoredTraining,
    program_digest,
    read_stored,
    stored_form,
)
from services.converter.domain.table import Dialect
from services.converter.inference import Inference, OnUnseen, infer

PROGRAM = (
    "SELECT \"Date\" AS date, CASE \"Kind\" WHEN 'B' THEN 'Buy' WHEN 'S' THEN 'Sell' ELSE \"Kind\" END AS side "
    "FROM input ORDER BY _row"
)
GUARD = Guard(
    "Kind",
    "value_set",
    "unseen",
    "not B or S",
    "SELECT _row, \"Kind\" FROM input WHERE \"Kind\" NOT IN ('B', 'S')",
    ("side",),
)
TRAINING = StoredTraining(
    Dialect(delimiter=";"), ("Date", "Kind"), Dialect(line_end="\r\n"), ("date", "side"), (GUARD,)
)
SEEN = "Date;Kind\n2026-01-01;B\n2026-01-02;S\n"
UNSEEN = SEEN + "2026-01-03;X\n2026-01-04;B\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


class Converting:
    """Applies programs to texts in a folder of its own."""

    def __init__(self, sandbox: DuckDBSandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self.source = folder / "in.csv"
        self.output = folder / "out.csv"

    def __call__(
        self,
        text: str,
        training: StoredTraining | None = TRAINING,
        program: str = PROGRAM,
        on_unseen: OnUnseen = "null",
    ) -> Inference:
        self.source.write_bytes(text.encode())
        return infer(
            program,
            self.source,
            self.output,
            sandbox=self._sandbox,
            spooler=FileSpooler(),
            training=training,
            on_unseen=on_unseen,
        )


@pytest.fixture
def convert(sandbox: DuckDBSandbox, tmp_path: Path) -> Converting:
    return Converting(sandbox, tmp_path)


def test_columns_that_the_example_had_not_are_noted_once_for_the_file(convert: Converting) -> None:
    done = convert("Date;Kind;Fee\n2026-01-01;B;3\n2026-01-02;S;4\n")
    assert done.flags == ()
    assert done.notes == ('the file has columns that the example had not (1): "Fee"',)


def test_the_output_is_in_the_dialect_of_the_example(convert: Converting) -> None:
    done = convert(SEEN)
    assert convert.output.read_bytes() == b"date,side\r\n2026-01-01,Buy\r\n2026-01-02,Sell\r\n"
    assert (done.rows_in, done.rows_out, done.flags, done.notes) == (2, 2, (), ())


@pytest.mark.parametrize(
    ("dialect", "output"),
    [
        (Dialect(encoding="utf-16-le", byte_order_mark=True), "\ufeffdate,side\n2026-01-01,Buy\n".encode("utf-16-le")),
        (Dialect(final_line_end=False, delimiter="\t"), b"date\tside\n2026-01-01\tBuy"),
        (Dialect(line_end="\r", quoting="all"), b'"date","side"\r"2026-01-01","Buy"\r'),
    ],
    ids=["utf16", "no_final_line_end", "returns_and_quotes"],
)
def test_any_dialect_can_be_written(convert: Converting, dialect: Dialect, output: bytes) -> None:
    convert("Date;Kind\n2026-01-01;B\n", replace(TRAINING, output_dialect=dialect))
    assert convert.output.read_bytes() == output


def test_a_cell_that_the_example_did_not_show_is_left_empty(convert: Converting) -> None:
    done = convert(UNSEEN)
    assert convert.output.read_text().splitlines()[3:] == ["2026-01-03,", "2026-01-04,Buy"]
    assert [(f.column, f.rows, f.first[0].row, f.first[0].value) for f in done.flags] == [("Kind", 1, 3, "X")]
    assert done.flagged_rows == 1


def test_such_a_cell_may_be_kept(convert: Converting) -> None:
    done = convert(UNSEEN, on_unseen="keep")
    assert convert.output.read_text().splitlines()[3] == "2026-01-03,X"
    assert done.flagged_rows == 1


def test_such_a_cell_may_fail_the_whole(convert: Converting) -> None:
    with pytest.raises(UnseenValues, match=r"row 3 'X'"):
        convert(UNSEEN, on_unseen="fail")
    assert not convert.output.exists()


def test_a_note_fails_nothing(convert: Converting) -> None:
    noted = replace(TRAINING, guards=(replace(GUARD, severity="note"),))
    assert convert(UNSEEN, noted, on_unseen="fail").flagged_rows == 1


def test_flags_are_counted_whole_and_shown_in_part(convert: Converting) -> None:
    done = convert(SEEN + "2026-01-03;X\n" * 600)
    assert (done.flags[0].rows, len(done.flags[0].first)) == (600, 500)


def test_a_flag_names_its_row_of_the_output(convert: Converting) -> None:
    program = PROGRAM.replace("FROM input", "FROM input WHERE \"Date\" <> '2026-01-01'")
    first = convert(UNSEEN, program=program).flags[0].first[0]
    assert (first.row, first.output_row) == (3, 2)
    dropped = PROGRAM.replace("FROM input", "FROM input WHERE \"Kind\" <> 'X'")
    first = convert(UNSEEN, program=dropped).flags[0].first[0]
    assert (first.row, first.output_row) == (3, None)


def test_a_flag_names_every_row_that_its_row_gives(convert: Converting) -> None:
    twice = 'SELECT "Kind" AS side FROM input, (VALUES (1), (2)) AS t(n) ORDER BY _row, n'
    training = replace(TRAINING, output_header=("side",))
    assert [flag.output_row for flag in convert(UNSEEN, training, twice).flags[0].first] == [5, 6]


def test_rows_of_cells_count_below_their_header(convert: Converting) -> None:
    cells = "SELECT _cells FROM input ORDER BY _row"
    assert convert(UNSEEN, program=cells).flags[0].first[0].output_row == 2


def test_a_guard_on_rows_of_the_output_names_those(convert: Converting) -> None:
    guard = replace(GUARD, sql="SELECT 2 AS _row, 'x' AS value", rows="output", severity="note")
    flag = convert(SEEN, replace(TRAINING, guards=(guard,))).flags[0].first[0]
    assert (flag.row, flag.output_row) == (None, 2)


def rows_of(done: Inference) -> list[tuple[int, tuple[str, ...], tuple[int, ...]]]:
    assert done.review is not None
    return [(row.row, row.cells, row.output_rows) for row in done.review.rows]


def test_a_review_holds_rows_as_they_were_read_and_their_places_in_the_output(convert: Converting) -> None:
    dropping = PROGRAM.replace("FROM input", "FROM input WHERE \"Kind\" <> 'S'")
    done = convert("A title;\n" + UNSEEN, program=dropping)
    assert rows_of(done) == [
        (1, ("2026-01-01", "B"), (1,)),
        (2, ("2026-01-02", "S"), ()),
        (3, ("2026-01-03", "X"), (2,)),
        (4, ("2026-01-04", "B"), (3,)),
    ]


def test_a_review_names_columns_as_lessons_do(convert: Converting) -> None:
    done = convert(SEEN, replace(TRAINING, output_header=("", "side")))
    assert done.review is not None
    assert (done.review.columns, done.review.input_columns) == (("col1", "side"), ("Date", "Kind"))


def test_a_review_says_where_rows_cannot_be_traced(convert: Converting) -> None:
    grouped = 'SELECT min("Date") AS date, "Kind" AS side FROM input GROUP BY "Kind" ORDER BY 2'
    done = convert(SEEN, program=grouped)
    assert done.review is not None
    assert (done.review.traceable, {row.output_rows for row in done.review.rows}) == (False, {()})


def test_a_review_holds_what_is_flagged_before_all_else(convert: Converting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "MOST_ROWS", 2)
    late = SEEN + "2026-02-01;B\n" * 300 + "2026-03-01;X\n"
    assert [number for number, _, _ in rows_of(convert(late))] == [302, 303]


def test_a_review_is_bounded_by_its_cells(convert: Converting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "MOST_CHARS", 25)
    assert [number for number, _, _ in rows_of(convert(UNSEEN))] == [2, 3]


def test_rows_of_a_large_file_are_traced_only_where_some_are_flagged(
    convert: Converting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "MOST_TRACED_OF", 1)
    assert (rows_of(convert(SEEN)), len(rows_of(convert(UNSEEN)))) == ([], 4)


def test_a_rival_that_reads_other_columns_refuses_nothing(convert: Converting) -> None:
    rival = replace(GUARD, column="", sql='SELECT _row, "Gone" FROM input', rows="output", severity="note")
    done = convert(
        "Kind;Date\nB;2026-01-01\n", replace(TRAINING, input_columns=("Kind", "Date", "Gone"), guards=(rival,))
    )
    assert done.flags == ()
    assert any("could not be checked" in note for note in done.notes)


def test_an_order_that_was_not_learned_is_said(convert: Converting) -> None:
    done = convert(SEEN, replace(TRAINING, order_learned=False))
    assert not done.as_json()["order_learned"]
    assert "order" in done.notes[0]


def test_a_guard_that_does_not_run_hides_no_other(convert: Converting) -> None:
    broken = replace(GUARD, column="Broken", sql="SELECT _row, 1 // 'x' FROM input")
    done = convert(UNSEEN, replace(TRAINING, guards=(broken, GUARD)))
    assert [flags.column for flags in done.flags] == ["Kind"]
    assert 'column "Broken" could not be checked' in done.notes[0]


def test_a_missing_column_fails_with_its_name(convert: Converting) -> None:
    with pytest.raises(MissingColumns, match=r'reads "Kind", .* it has "Date", "Type"'):
        convert("Date;Type\n2026-01-01;B\n")
    assert not convert.output.exists()


def test_without_a_report_nothing_is_checked_and_it_says_so(convert: Converting) -> None:
    done = convert(UNSEEN, None)
    assert convert.output.read_text().splitlines()[3] == "2026-01-03,X"
    assert (done.checked, done.flags, done.on_unseen) == (False, (), None)
    assert "no report was given" in done.notes[-1]


def test_an_existing_output_stays_as_it_was_where_the_program_fails(convert: Converting) -> None:
    convert.output.write_text("before")
    with pytest.raises(ProgramNotAllowed):
        convert(SEEN, program="SELECT * FROM read_csv('x')")
    assert convert.output.read_text() == "before"
    assert {path.name for path in convert.output.parent.iterdir()} == {"in.csv", "out.csv"}


def test_the_program_of_a_failed_training_is_not_applied(convert: Converting) -> None:
    failed = read_stored(stored_form(replace(TRAINING, program_sha256=program_digest(PROGRAM))) | {"status": "failed"})
    with pytest.raises(LearningFailed):
        convert(SEEN, failed)


def test_such_a_program_can_be_mended_and_applied(convert: Converting) -> None:
    convert(SEEN, replace(TRAINING, program_sha256=program_digest("SELECT 1"), completed=False))
    assert convert.output.read_text().splitlines()[1] == "2026-01-01,Buy"


def test_a_changed_program_is_noticed(convert: Converting) -> None:
    done = convert(SEEN, replace(TRAINING, program_sha256=program_digest("SELECT 1")))
    assert "it was changed" in done.notes[0]


def test_a_report_is_read_back_as_it_was_stored() -> None:
    report = json.loads(json.dumps(stored_form(TRAINING) | {"guards": [asdict(GUARD)], "more": 1}))
    assert read_stored(report) == TRAINING


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": 9}, "format"),
        ({"input": []}, "input"),
        ({"guards": [{"severity": "loud"}]}, r"guards\[0\].severity"),
        ({"output": {"dialect": {"delimiter": "\n"}, "header": None}}, "output.dialect"),
        ({"output": {"dialect": {"encoding": "utf-7"}, "header": None}}, "output.dialect.encoding"),
        ({"output": {"dialect": {}, "header": [1]}}, "output.header"),
    ],
)
def test_a_report_of_another_make_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(ReportInvalid, match=field):
        read_stored(stored_form(TRAINING) | change)


POLISH = StoredTraining(Dialect(encoding="cp1250"), ("name", "kind"), Dialect(), ("name",))


def test_rows_whose_letters_depend_on_an_open_encoding_are_flagged(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes("name,kind\nplain,1\nIlość,2\n".encode("cp1250"))
    open_training = replace(POLISH, input_dialect=Dialect(other_encodings=("cp1250",)))
    program = "SELECT name FROM input ORDER BY _row"
    for training, flagged in ((open_training, [2]), (POLISH, [])):
        done = infer(program, source, tmp_path / "out.csv", sandbox=sandbox, spooler=FileSpooler(), training=training)
        assert [flag.output_row for flags in done.flags for flag in flags.first] == flagged

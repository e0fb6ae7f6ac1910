"""Guards beside a program: what they find in its own pass is what each finds by itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox, write_table
from services.converter.adapters.sandbox import marks, runner
from services.converter.adapters.sandbox.marks import MARK, Marks
from services.converter.domain.faults import ProgramNotAllowed, ProgramTooLarge
from services.converter.domain.report import Guard, Severity
from services.converter.domain.synthesis.proof.forms import KIND
from services.converter.domain.table import Table
from services.converter.ports import Run

ROWS = tuple((f"k{n}" if n % 7 else "?", str(n) if n % 5 else "n/a", f"no\x02te {n}") for n in range(1_500))
TABLE = Table(("Kind", "Units", "Note"), ROWS)
MADE = "upper(split_part(\"Kind\", 'k', 2)) || '/' || TRY(CAST(TRY_CAST(\"Units\" AS INT) * 2 AS VARCHAR))"
PROGRAM = f'SELECT {MADE} AS made, "Note" AS note FROM input ORDER BY _row'


def unseen(test: str, *columns: str, source: str = "input", before: str = "") -> Guard:
    sql = f'{before}SELECT _row, "Kind" AS value FROM {source} WHERE {test}'
    return Guard("Kind", "value_set", "unseen", "outside", sql, columns)


GUARDS = (
    unseen(f"coalesce({MADE}, '') = ''", "made"),
    unseen('"Kind" = \'?\' AND TRY_CAST("Units" AS INT) IS NOT NULL', "note"),
    unseen(f"{MADE} LIKE '%/4%'"),
    unseen("\"Units\" = 'n/a'", source="odd", before="WITH odd AS (SELECT * FROM input WHERE _row % 2 = 1) "),
    unseen("_row = (SELECT max(_row) FROM input)", "made"),
    unseen("len(list_filter(_cells[4:], lambda c: trim(c) <> '')) > 0"),
    unseen('len(_cells) > length("Kind")'),
)
PROGRAMS = {
    "in_order": PROGRAM,
    "backwards": PROGRAM.replace("_row", "_row DESC"),
    "with_a_filter": PROGRAM.replace("ORDER", "WHERE \"Units\" <> '7' ORDER"),
    "of_the_odd_rows": f"WITH odd AS (SELECT * FROM input WHERE _row % 2 = 1) {PROGRAM.replace('input', 'odd')}",
    "of_cells": 'SELECT ["Kind", "Note"] AS _cells FROM input ORDER BY _row',
    "of_groups": 'SELECT "Kind" AS made, count(*) AS note FROM input GROUP BY ALL ORDER BY ALL',
}


@pytest.fixture(params=["in_memory", "on_disk"])
def sandbox(
    request: pytest.FixtureRequest, shared_sandbox: DuckDBSandbox, monkeypatch: pytest.MonkeyPatch
) -> DuckDBSandbox:
    if request.param == "on_disk":
        monkeypatch.setattr(runner, "_IN_MEMORY_BYTES", 0)
    return shared_sandbox


def convert(sandbox: DuckDBSandbox, folder: Path, program: str | None, *guards: Guard, blank: bool = False) -> Run:
    spool = write_table(TABLE, folder / "spool.csv")
    return sandbox.convert(program, spool, folder / "out.csv", guards=guards, blank=blank)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_guards_find_beside_a_program_what_they_find_alone(
    sandbox: DuckDBSandbox, tmp_path: Path, program: str
) -> None:
    beside = convert(sandbox, tmp_path, program, *GUARDS)
    by_rows = convert(sandbox, tmp_path, None, *GUARDS)
    wrapped = [replace(guard, sql=f"SELECT * FROM ({guard.sql})") for guard in GUARDS]
    alone = convert(sandbox, tmp_path, None, *wrapped)
    assert beside.findings == by_rows.findings == alone.findings
    assert (len(alone.findings), dict(beside.troubles)) == (6, {})


@pytest.mark.parametrize("program", ["in_order", "backwards", "with_a_filter", "of_the_odd_rows"])
def test_cells_are_emptied_and_rows_placed_as_the_input_says(
    sandbox: DuckDBSandbox, tmp_path: Path, program: str
) -> None:
    plain = convert(sandbox, tmp_path, PROGRAMS[program].replace(" AS note", " AS note, _row AS number"))
    before = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert not plain.findings
    run = convert(sandbox, tmp_path, PROGRAMS[program], *GUARDS, blank=True)
    after = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    hit = {finding.guard: {row for row, _ in finding.first} for finding in run.findings}
    assert len(before) == len(after)
    for place, (old, new) in enumerate(zip(before, after, strict=True), 1):
        number = int(old[2])
        assert new[0] == ("" if number in hit[0] | {1_500} else old[0])
        assert new[1] == ("" if number in hit[1] else old[1])
        if any(number in rows for rows in hit.values()):
            assert (number, place) in (run.places or ())


SEEN = {"at_once": "\"Units\" = 'n/a'", "late": "\"Units\" = '1499'", "never": "\"Units\" = 'none'"}
"""Rows of which some are among the first, none but the last row, and no row."""
OF_THE_FILE = [(hit, fact, sign) for hit in SEEN for fact in SEEN for sign in ("", "NOT ")]


@pytest.mark.parametrize("severity", ["unseen", "note"])
def test_guards_that_go_by_all_of_a_file_find_and_empty_what_they_find_alone(
    sandbox: DuckDBSandbox, tmp_path: Path, severity: Severity
) -> None:
    """Whatever the first rows tell of the rows that are hit and of what the file says, and whatever they leave open."""
    guards = [
        replace(
            unseen("hit AND across", f"m{at}", source=(
                f'(SELECT _row, "Kind", {SEEN[hit]} AS hit, '
                f"{sign}coalesce(bool_or({SEEN[fact]}) OVER (), false) AS across FROM input)"
            )),
            severity=severity,
        )
        for at, (hit, fact, sign) in enumerate(OF_THE_FILE)
    ]  # fmt: skip
    made = ", ".join(f'"Units" AS m{at}' for at in range(len(guards)))
    run = convert(sandbox, tmp_path, f"SELECT {made} FROM input ORDER BY _row", *guards, blank=True)
    lines = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    alone = convert(sandbox, tmp_path, None, *(replace(guard, sql=f"SELECT * FROM ({guard.sql})") for guard in guards))
    assert run.findings == alone.findings
    assert {OF_THE_FILE[finding.guard][:2] for finding in alone.findings} >= {("late", "never"), ("late", "late")}
    hits = {finding.guard: SEEN[OF_THE_FILE[finding.guard][0]] for finding in alone.findings}
    for at in range(len(guards)):
        emptied = {n for n, line in enumerate(lines) if not line[at]}
        expected = {n for n, row in enumerate(ROWS) if at in hits and hits[at] == f"\"Units\" = '{row[1]}'"}
        assert emptied == (expected if severity == "unseen" else set())


@pytest.mark.parametrize(("letter", "hit"), [("e", 1), ("é", 1), ("-", 0)])
def test_letters_of_any_alphabet_are_letters(sandbox: DuckDBSandbox, tmp_path: Path, letter: str, hit: int) -> None:
    table = Table(("Kind",), ((f"7{letter}7",), ("77",)))
    spool = write_table(table, tmp_path / "spool.csv")
    guard = unseen("regexp_matches(\"Kind\", '\\p{L}')")
    run = sandbox.convert('SELECT "Kind" FROM input', spool, tmp_path / "out.csv", guards=[guard])
    assert sum(finding.rows for finding in run.findings) == hit


def test_a_guard_that_cannot_run_leaves_the_others_in_peace(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    broken = unseen('1 // "Kind" = 2'), unseen("strptime(\"Kind\", '%Y') IS NULL")
    run = convert(sandbox, tmp_path, PROGRAM, broken[0], *GUARDS[:2], broken[1], blank=True)
    assert ([finding.guard for finding in run.findings], sorted(run.troubles)) == ([1, 2], [0, 3])


def test_guards_are_bounded_and_allowed_as_programs_are(shared_sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    with pytest.raises(ProgramTooLarge):
        convert(shared_sandbox, tmp_path, PROGRAM, unseen("true" + " " * (1 << 20)))
    with pytest.raises(ProgramTooLarge):
        convert(shared_sandbox, tmp_path, PROGRAM, *[unseen("true" + " " * 100_000)] * 90)
    outside = unseen("true", source="read_csv('/etc/passwd')"), unseen("getenv('HOME') <> ''")
    run = convert(shared_sandbox, tmp_path, PROGRAM, *outside)
    assert [type(fault) for fault in run.troubles.values()] == [ProgramNotAllowed] * 2


def test_what_is_not_allowed_is_refused_in_each_guard_that_has_it_in_common_with_others(
    shared_sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    common = "upper(coalesce(lower(getenv('HOME')), '')) <> ''"
    allowed = unseen("upper(coalesce(lower(\"Kind\"), '')) = '?'")
    guards = [unseen(common), allowed, unseen(f"{common} AND \"Kind\" <> ''"), unseen(f"NOT ({common})"), allowed]
    run = convert(shared_sandbox, tmp_path, PROGRAM, *guards)
    assert {number: type(fault) for number, fault in run.troubles.items()} == dict.fromkeys(
        (0, 2, 3), ProgramNotAllowed
    )
    assert [finding.guard for finding in run.findings] == [1, 4]


_LINES = st.lists(
    st.tuples(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), st.integers(0, 7), st.integers(1, 9)),
    max_size=30,
)


@given(lines=_LINES, chunk=st.integers(1, 40))
def test_marks_are_read_and_taken_out_whatever_the_lines_hold(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[bytes, int, int]], chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("marks")
    source, target = folder / "marked", folder / "plain"
    marked = b""
    for place, (line, words, row) in enumerate(lines, 1):
        length = len(line) if MARK in line else 0
        if words or length:
            marked += b"\x02%d,%d,%d,%d\x02" % (words, row, place, length)
        marked += line + b"\n"
    source.write_bytes(marked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "_CHUNK_BYTES", chunk)
        found = Marks(3, 500, 1_000, ascending=False)
        found.read(source, target)
    assert found.any == target.exists() == any(words or MARK in line for line, words, _ in lines)
    assert (target if found.any else source).read_bytes() == b"".join(line + b"\n" for line, _, _ in lines)
    assert found.counts == [sum(words >> bit & 1 for _, words, _ in lines) for bit in range(3)]
    rows = [sorted({row for _, words, row in lines if words >> bit & 1}) for bit in range(3)]
    assert [found.first(bit) for bit in range(3)] == rows


@given(
    text=st.text(st.sampled_from("aé9ß0１ ,.-/:&'’x"), max_size=12),
    form=st.sampled_from(["a", "9", "9,9", "9-9", "9/9 9:9"]),
)
def test_a_text_that_is_certain_to_have_a_form_has_it(text: str, form: str) -> None:
    certain = KIND.certain(form)
    assert certain is not None
    assert not certain.fullmatch(text) or KIND.of(text) == form

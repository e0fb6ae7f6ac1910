"""What changes in known files where one program takes the place of another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.program import TRAINING_LIMITS
from services.converter.domain.stored_report import StoredTraining
from services.converter.domain.table import Dialect
from services.converter.regression import FileChanges, compare

FILE = "n,kind\n1,B\n2,S\n3,X\n4,X\n"
AS_IT_IS = "SELECT n, kind FROM input ORDER BY _row"
NAMED = "SELECT n, CASE kind WHEN 'X' THEN 'Gift' ELSE kind END AS kind FROM input ORDER BY _row"
WITHOUT = "SELECT n, kind FROM input WHERE kind <> 'X' ORDER BY _row"
LATE = "SELECT n, kind FROM input ORDER BY _row DESC"
OTHER_COLUMN = "SELECT n, side AS kind FROM input ORDER BY _row"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def changes(sandbox: DuckDBSandbox, folder: Path, after: str, taught: list[int], before: str = AS_IT_IS) -> FileChanges:
    path = folder / "march.csv"
    path.write_text(FILE)
    training = StoredTraining(Dialect(), ("n", "kind"), Dialect(), ("n", "kind"))
    regression = compare(
        before,
        after,
        {"march": path},
        {"march": taught},
        training,
        sandbox=sandbox,
        spooler=FileSpooler(),
        limits=TRAINING_LIMITS,
    )
    (found,) = regression.files
    return found


def test_a_program_that_does_the_same_changes_nothing(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    assert changes(sandbox, tmp_path, AS_IT_IS, []) == FileChanges("march", rows=4)


def test_changed_rows_are_shown_before_and_after(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    found = changes(sandbox, tmp_path, NAMED, [])
    assert [(row.before, row.after) for row in found.first] == [
        (("3", "X"), ("3", "Gift")),
        (("4", "X"), ("4", "Gift")),
    ]


@pytest.mark.parametrize(("taught", "untaught"), [([], 2), ([3], 1), ([3, 4], 0)])
@pytest.mark.parametrize("after", [NAMED, WITHOUT], ids=["changed", "dropped"])
def test_rows_that_a_lesson_is_on_are_expected_to_change(
    sandbox: DuckDBSandbox, tmp_path: Path, after: str, taught: list[int], untaught: int
) -> None:
    found = changes(sandbox, tmp_path, after, taught)
    assert (found.changed, found.untaught) == (2, untaught)


def test_a_taught_row_is_one_row_that_changed_also_where_others_go(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    after = "SELECT n, replace(kind, 'B', 'Buy') AS kind FROM input WHERE kind <> 'X' ORDER BY _row"
    found = changes(sandbox, tmp_path, after, [1, 3])
    assert [(row.before, row.after, row.taught) for row in found.first] == [
        (("4", "X"), None, False),
        (("1", "B"), ("1", "Buy"), True),
        (("3", "X"), None, True),
    ]


def test_a_row_may_hold_line_ends(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    broken = AS_IT_IS.replace("kind FROM", "CASE kind WHEN 'B' THEN 'a' || chr(10) || 'b' ELSE kind END AS kind FROM")
    after = broken.replace("ELSE kind", "WHEN 'X' THEN 'Gift' ELSE kind")
    found = changes(sandbox, tmp_path, after, [3], before=broken)
    assert [(row.before, row.taught) for row in found.first] == [(("4", "X"), False), (("3", "X"), True)]


def test_rows_that_come_back_are_new(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    found = changes(sandbox, tmp_path, AS_IT_IS, [], before=WITHOUT)
    assert [(row.before, row.after) for row in found.first] == [(None, ("3", "X")), (None, ("4", "X"))]


def test_another_order_is_a_change(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    assert changes(sandbox, tmp_path, LATE, []).changed == 4


def test_a_file_that_cannot_be_converted_is_said(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    assert changes(sandbox, tmp_path, OTHER_COLUMN, []).trouble.startswith("INPUT_COLUMN_MISSING: ")

"""Lines of headings, titles and blank keys among the rows of a later file, of which the example has none, are named."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.table import Row, Table
from tests.unit.converter.synthesis.duck import InProcessRunner

NAMES = ("name", "city", "fee", "plan")
ROWS = [("Ann", "Bern", "7.5", "gold"), ("Bob", "Chur", "4.25", "plus"), ("Eva", "Jena", "9.5", "basic")]
TITLE = ("Fund", "", "", "")
Case = tuple[list[Row], list[Row], list[Row], set[int]]
CASES: dict[str, Case] = {
    # What stands in the file, what is wanted of it, a later file, and which rows made of that may be wrong.
    "names again": ([NAMES, *ROWS], [NAMES, *ROWS], [NAMES, *ROWS, NAMES, *ROWS], {5}),
    "a page and names again": (
        [("Page 1", "", "", ""), NAMES, *ROWS], [NAMES, *ROWS],
        [("Page 1", "", "", ""), NAMES, *ROWS, ("Page 2", "", "", ""), NAMES, *ROWS], {5, 6},
    ),
    "a title again, of which rows below are read": (
        [TITLE, NAMES, *ROWS], [("Fund", *row) for row in ROWS],
        [TITLE, NAMES, *ROWS, ("Note", "", "", ""), NAMES, *ROWS], {4, 5, 6, 7, 8},
    ),
    "a blank key": ([*ROWS], [row[:3] for row in ROWS], [*ROWS, ("", "Linz", "1.5", "plus")], {4}),
}  # fmt: skip


def sheet(rows: list[Row]) -> Table:
    return Table(tuple(f"col{number}" for number in range(1, len(rows[0]) + 1)), tuple(rows))


def named(learned: LearnedProgram, file: Table, runner: InProcessRunner) -> set[int]:
    found = set[int]()
    for guard in learned.report.guards:
        found |= {int(row[0]) for row in runner.run(guard.sql, file).rows}
    return found


@pytest.mark.parametrize("what", CASES)
def test_what_no_row_of_the_example_looks_like_is_named(what: str, runner: InProcessRunner) -> None:
    given, wanted, later, wrong = CASES[what]
    learned = learn(sheet(given), sheet(wanted))
    assert named(learned, sheet(later), runner) == wrong


@pytest.mark.parametrize("what", CASES)
def test_more_rows_like_the_examples_are_not_named(what: str, runner: InProcessRunner) -> None:
    given, wanted, _, _ = CASES[what]
    learned = learn(sheet(given), sheet(wanted))
    assert named(learned, sheet([*given, ("Ida", "Linz", "1.5", "plus")]), runner) == set()

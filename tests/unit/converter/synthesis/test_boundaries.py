"""What a program says of a file that is made otherwise than its example: rows, columns and headings."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner
from tests.unit.converter.synthesis.test_skills import table

# name: (input, expected, file of the same make, file of another make, words of the note)
FILES = {
    "a column more, without names": (
        "col1,col2\nx,1\ny,2\nz,3", "col1\n1\n2\n3", "col1,col2\nw,4", "col1,col2,col3\nw,4,5", "more columns"
    ),
    "one record only": (
        "a\nAda\n12 High St\nLondon", "name,street,town\nAda,12 High St,London",
        "a\nBob\n3 Low St\nLeeds", "a\nBob\n3 Low St\nLeeds\nCy\n4 Mid St\nHull", "one record",
    ),
    "blank where it was always filled": (
        "a,b\nx,1\ny,2\nz,3", "b,a\n1,x\n2,y\n3,z", "a,b\nw,4", "a,b\n,4", "always held",
    ),
    "a list without parts": (
        "a,b\nx,1;2\ny,3;4\nz,5", "a,b\nx,1\nx,2\ny,3\ny,4\nz,5", "a,b\nw,6;7", 'a,b\nw,""\n', "always held",
    ),
    "a record cut short": (
        "a\nAda\nLondon\nBob\nLeeds\nCy\nHull", "name,town\nAda,London\nBob,Leeds\nCy,Hull",
        "a\nDi\nYork\nEd\nBath", "a\nDi\nYork\nEd", "do not divide",
    ),
    "a section longer than any": (
        'a\nAda\nLow St\nLeeds\n""\nBob\nHull\n""\nCy\nEly', "name,first,second\nAda,Low St,Leeds\nBob,Hull,\nCy,Ely,",
        'a\nDi\nYork\n""\nEd\nBath', 'a\nDi\nYork\nNorth\nUK\n""\nEd\nBath', "a line is left out",
    ),
}  # fmt: skip


def notes(given: str, wanted: str, file: Table, runner: InProcessRunner) -> list[str]:
    """The words of the guards that some row of the file lies outside of."""
    program = learn(table(given), table(wanted), runner=runner)
    assert program.status == "completed", program.sql
    return [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows]


@pytest.mark.parametrize("name", FILES)
def test_notes_a_file_of_another_make(name: str, runner: InProcessRunner) -> None:
    given, wanted, _, other, words = FILES[name]
    assert any(words in note for note in notes(given, wanted, table(other), runner))


@pytest.mark.parametrize("name", FILES)
def test_says_nothing_of_a_file_of_the_same_make(name: str, runner: InProcessRunner) -> None:
    given, wanted, same, _, words = FILES[name]
    assert not any(words in note for note in notes(given, wanted, table(same), runner))


def sheet(*lines: str) -> Table:
    return Table(None, tuple(tuple(line.split("|")) for line in lines))


# name: (input, expected, file of the same make, file of another make, the row that is noted)
SHEETS = {
    "a line that is not read": (
        sheet("East|", "item|count", "pen|4", "sum|4", "West|", "item|count", "cap|7", "sum|7"),
        sheet("East|pen|4", "West|cap|7"),
        sheet("North|", "item|count", "jar|2", "sum|2"),
        sheet("North|", "item|count", "jar|2", "8|3", "sum|2"),
        "4",
    ),
    "a column that is not read": (
        sheet("name|Ada", "town|Leeds"), sheet("Ada|Leeds"), sheet("name|Bob", "town|York"),
        sheet("name|Bob|Cy", "town|York|Hull"), "1",
    ),
}  # fmt: skip


def test_a_column_more_is_nothing_to_a_row_whose_columns_are_read_by_their_names(runner: InProcessRunner) -> None:
    assert notes("a,b\nx,1\ny,2\nz,3", "b\n1\n2\n3", table("a,b,c\nw,4,5"), runner) == []


@pytest.mark.parametrize("name", SHEETS)
def test_notes_the_row_of_which_a_program_for_all_cells_does_not_read_all(name: str, runner: InProcessRunner) -> None:
    given, wanted, same, other, row = SHEETS[name]
    program = learn(given, wanted, runner=runner)
    own = [guard for guard in program.report.guards if guard.rows == "input"]
    assert not any(runner.run(guard.sql, same).rows for guard in own)
    assert any(found[0] == row for guard in own for found in runner.run(guard.sql, other).rows)

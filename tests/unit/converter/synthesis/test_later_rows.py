"""Rows and columns of later files that no row of the example speaks for are flagged, whatever the program reads."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

HEADER = ("Day", "Payee", "Details", "Kind", "Sum", "Mark", "Currency", "Number")
EXAMPLE = (
    ("2026-03-21", "Book Shop", "", "CARD", "748,82", "D", "EUR", "518081/BA"),
    ("2026-04-12", "Rail AG", "Gift", "FEE", "335,76", "C", "USD", "653456/ZT"),
    ("2026-05-16", "Bakery Korn", "", "CARD", "48,62", "D", "EUR", "339046/PP"),
    ("2026-06-03", "City Power", "Rent", "FEE", "67,17", "C", "EUR", "290876/KV"),
)
LIKE_THEM = (
    ("2026-07-01", "Rail AG", "", "FEE", "12,50", "D", "EUR", "111111/AA"),
    ("2026-07-02", "Dr. Blum", "Rent", "CARD", "1,75", "C", "USD", "222222/BB"),
    ("2026-07-03", "Rail AG", "", "CARD", "99,00", "C", "EUR", "333333/CC"),
)


@pytest.fixture(scope="module")
def bookings(runner: ProgramRunner) -> LearnedProgram:
    """Copies of a date, a number in its own notation, and a part of a text."""
    wanted = [
        (day, amount, number.split("/")[0], f"{payee} {kind}") for day, payee, _, kind, amount, _, _, number in EXAMPLE
    ]
    program = learn(Table(HEADER, EXAMPLE), Table(("day", "sum", "number", "label"), tuple(wanted)), runner=runner)
    assert program.status == "completed", program.report.differences
    return program


def flagged(program: LearnedProgram, runner: ProgramRunner, *rows: Row) -> dict[int, set[str]]:
    """The rows of a later file that are flagged, with the columns of which they are (empty: of the row)."""
    found: dict[int, set[str]] = {}
    for guard in program.report.guards:
        for row in runner.run(guard.sql, Table(HEADER, rows)).rows:
            found.setdefault(int(row[0]), set()).update(guard.output_columns or ("",))
    return found


def test_rows_like_the_examples_are_not_flagged(bookings: LearnedProgram, runner: ProgramRunner) -> None:
    assert not flagged(bookings, runner, *LIKE_THEM)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(("Total", "", "", "", "113,25", "", "", ""), id="a total"),
        pytest.param(("", "", "", "", "113,25", "", "", ""), id="a total without a word"),
        pytest.param(("", "and other texts", "", "", "", "", "", ""), id="a text that goes on"),
        pytest.param(("End of report", "", "", "", "", "", "", ""), id="a note below the table"),
        pytest.param(("", "", "", "", "", "", "", ""), id="a blank row"),
        pytest.param((" ", "\u00a0", "\u3000", "  ", "", " ", "\u2003", ""), id="a row of blanks of any kind"),
        pytest.param(("2026-07-04", "Rail AG", "Rent", "FEE", "5,00"), id="a line that was cut"),
        pytest.param(("2026-07-04", "Rail AG", "Rent", "FEE", "5,00", "D", "EUR"), id="a line without its last cell"),
    ],
)
def test_a_row_that_lacks_most_cells_or_its_end_is_flagged(
    bookings: LearnedProgram, runner: ProgramRunner, row: Row
) -> None:
    assert "" in flagged(bookings, runner, *LIKE_THEM, row).get(len(LIKE_THEM) + 1, set())


def test_a_single_blank_cell_that_was_filled_on_all_rows_is_flagged_alone(
    bookings: LearnedProgram, runner: ProgramRunner
) -> None:
    row = ("2026-07-04", "Rail AG", "", "FEE", "", "D", "EUR", "444444/DD")
    assert flagged(bookings, runner, *LIKE_THEM, row) == {4: {"sum"}}


def test_a_blank_part_of_what_is_joined_is_flagged(bookings: LearnedProgram, runner: ProgramRunner) -> None:
    row = ("2026-07-04", "Rail AG", "", "", "5,00", "D", "EUR", "444444/DD")
    assert flagged(bookings, runner, *LIKE_THEM, row) == {4: {"label"}}


@pytest.mark.parametrize(
    ("column", "output", "texts"),
    [
        pytest.param("Sum", "sum", ("12.50", "1.75", "99.00"), id="another decimal mark"),
        pytest.param("Sum", "sum", ("12,50 EUR", "1,75 EUR", "99,00 EUR"), id="a unit"),
        pytest.param("Sum", "sum", ("1,25E+1", "1,75E+0", "9,9E+1"), id="exponents"),
        pytest.param("Day", "day", ("01.07.2026", "02.07.2026", "03.07.2026"), id="another order of dates"),
        pytest.param("Day", "day", ("2026-07-01 00:00", "2026-07-02 00:00", "2026-07-03 00:00"), id="a time of day"),
    ],
)
def test_what_is_copied_is_flagged_at_each_cell_that_is_written_otherwise(
    bookings: LearnedProgram, runner: ProgramRunner, column: str, output: str, texts: tuple[str, ...]
) -> None:
    place = HEADER.index(column)
    rows = [(*row[:place], text, *row[place + 1 :]) for row, text in zip(LIKE_THEM, texts, strict=True)]
    found = flagged(bookings, runner, *rows)
    assert set(found) == {1, 2, 3}
    assert all(output in columns for columns in found.values())
    assert flagged(bookings, runner, rows[0], *LIKE_THEM[1:]) == {1: {output}}


def test_a_row_that_goes_for_a_blank_cell_is_flagged_where_it_says_more_than_those_of_the_example(
    runner: ProgramRunner,
) -> None:
    wanted = tuple((payee, number) for _, payee, _, _, _, _, _, number in EXAMPLE)
    total = ("Total", "", "", "", "1200,37", "", "", "")
    program = learn(Table(HEADER, (*EXAMPLE, total)), Table(("payee", "number"), wanted), runner=runner)
    assert program.status == "completed"
    other = ("", "and other texts", "", "", "", "", "", "")
    assert set(flagged(program, runner, LIKE_THEM[0], other, LIKE_THEM[1], total)) == {2}


@pytest.mark.parametrize("name", ["Details", "Currency"])
def test_a_file_need_not_have_what_the_program_does_not_read(
    name: str, bookings: LearnedProgram, runner: ProgramRunner
) -> None:
    place = HEADER.index(name)
    header, *rows = ((*row[:place], *row[place + 1 :]) for row in (HEADER, *LIKE_THEM))
    file = Table(header, tuple(rows))
    assert not [guard.words for guard in bookings.report.guards if runner.run(guard.sql, file).rows]

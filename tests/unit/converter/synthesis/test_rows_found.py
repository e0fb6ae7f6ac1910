"""Which rows of a file the wanted ones are, where no column says so plainly, and what tells them from the others."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

HEADER = ("Account", "Number", "Paper", "Class", "Count", "Cost", "As Of")
HOLDINGS = (
    ("D-1001", "IE0000415902", "Beta Corp", "Bond", "86", "106.16", "20 Apr 2026"),
    ("D-2002", "IE0002236070", "Delta Bond 2031", "Fund", "51", "618.75", "27 May 2026"),
    ("D-2002", "LU0007790838", "Gamma Holding AG", "Equity", "50", "492.01", "3 Jun 2026"),
    ("D-1001", "LU0000213792", "Gamma Holding AG", "Bond", "2", "356.10", "15 May 2026"),
    ("D-2002", "US0000892186", "Gamma Holding AG", "Equity", "74", "521.65", "27 May 2026"),
    ("D-2002", "DE0000102994", "Epsilon ETF", "Bond", "53", "608.58", "20 Jun 2026"),
    ("D-1001", "IE0001435959", "Alpha Fund", "Fund", "6", "369.97", "16 Jun 2026"),
    ("D-2002", "FR0003693714", "Gamma Holding AG", "Fund", "22", "499.44", "26 Apr 2026"),
)
STAY = tuple(row for row in HOLDINGS if row[3] != "Bond")
LATER = (
    ("D-1001", "IE0000000001", "Gamma Holding AG", "Bond", "1", "1.10", "1 Jul 2026"),
    ("D-1001", "IE0000000002", "Beta Corp", "Equity", "2", "2.20", "2 Jul 2026"),
)


def rows_of(program: LearnedProgram, runner: ProgramRunner, *rows: Row) -> list[Row]:
    return list(runner.run(program.sql, Table(HEADER, rows)).rows)


def learned(
    runner: ProgramRunner, names: Row, wanted: tuple[Row, ...], given: tuple[Row, ...] = HOLDINGS
) -> LearnedProgram:
    program = learn(Table(HEADER, given), Table(names, wanted), runner=runner)
    assert program.status == "completed", program.report.differences
    return program


def test_names_that_stand_again_are_taken_for_the_rows_of_some_kinds(runner: ProgramRunner) -> None:
    program = learned(runner, ("paper",), tuple((row[2].upper(),) for row in STAY))
    assert rows_of(program, runner, *LATER) == [("BETA CORP",)]


def test_rows_are_found_by_dates_that_name_their_months(runner: ProgramRunner) -> None:
    days = {"Apr": "04", "May": "05", "Jun": "06"}

    def written(row: Row) -> str:
        day, month, year = row[6].split()
        return f"{days[month]}/{int(day):02}/{year}"

    program = learned(runner, ("as of",), tuple((written(row),) for row in STAY))
    assert rows_of(program, runner, *LATER) == [("07/02/2026",)]


def test_rows_are_found_by_cells_that_stand_inside_of_what_is_wanted(runner: ProgramRunner) -> None:
    program = learned(runner, ("label",), tuple((f"{row[1]} - {row[2]}",) for row in STAY))
    assert rows_of(program, runner, *LATER) == [("IE0000000002 - Beta Corp",)]


@pytest.mark.parametrize("word", ["Total", ""])
def test_a_line_of_totals_is_left_out_and_no_row_that_shares_its_blank_cell(runner: ProgramRunner, word: str) -> None:
    blank = ("D-1001", "IE0000000003", "Alpha Fund", "Fund", "3", "", "3 Jul 2026")
    total = (word, "", "", "", "", "", "")
    program = learned(
        runner, ("paper", "number"), tuple((row[2], row[1]) for row in (*HOLDINGS, blank)), (*HOLDINGS, blank, total)
    )
    other = ("D-1001", "IE0000000004", "Beta Corp", "Fund", "4", "", "4 Jul 2026")
    assert [row[1] for row in rows_of(program, runner, blank, other, total)] == ["IE0000000003", "IE0000000004"]


def test_a_sign_before_digits_is_no_matter_of_width(runner: ProgramRunner) -> None:
    counts = ("66", "22", "1", "81", "23", "55", "75", "6")
    kinds = ("Buy", "Buy", "Sale", "Buy", "Buy", "Buy", "Buy", "Sale")
    given = tuple((*row[:3], kind, count, *row[5:]) for row, kind, count in zip(HOLDINGS, kinds, counts, strict=True))
    wanted = tuple((f"-{row[4]}" if row[3] == "Sale" else row[4],) for row in given)
    program = learned(runner, ("count",), wanted, given)
    sale = ("D-1001", "IE0000000005", "Beta Corp", "Sale", "48", "5.50", "5 Jul 2026")
    assert rows_of(program, runner, sale) == [("-48",)]

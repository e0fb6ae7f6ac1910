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


TRADES = tuple(
    (account, f"IE000{number:07}", name, kind, str(number * 3), f"{number}.50", f"{number} May 2026")
    for number, (account, name, kind) in enumerate(
        (
            ("D-1001", "Beta Corp", "Done"), ("D-2002", "Beta Corp", "Void"), ("D-1001", "Alpha Fund", "Void"),
            ("D-1001", "Gamma AG", "Void"), ("D-2002", "Alpha Fund", "Done"), ("D-2002", "Gamma AG", "Void"),
            ("D-1001", "Gamma AG", "Done"), ("D-1001", "Beta Corp", "Void"), ("D-2002", "Delta", "Done"),
        ),
        1,
    )
)  # fmt: skip


@pytest.mark.parametrize("codes", [("D-1001", "D-2002"), ("30Y", "10Y"), ("T1", "T2")], ids="/".join)
def test_codes_with_letters_are_kinds_of_rows_as_words_are(runner: ProgramRunner, codes: tuple[str, str]) -> None:
    given = tuple((codes[row[0] == "D-2002"], *row[1:]) for row in TRADES)
    kept = tuple((row[1],) for row in given if row[0] == codes[0] and row[3] == "Void")
    program = learned(runner, ("number",), kept, given)
    later = tuple((code, f"IE{n}", "Zeta", kind, "1", "1.50", "9 May 2027") for n, (code, kind) in enumerate(
        (code, kind) for code in codes for kind in ("Done", "Void")
    ))  # fmt: skip
    assert rows_of(program, runner, *later) == [("IE1",)]


def test_a_total_at_the_end_goes_with_its_place(runner: ProgramRunner) -> None:
    total = ("Total", "", "", "", "344", "3573.37", "")
    program = learned(runner, ("number",), tuple((row[1],) for row in HOLDINGS), (*HOLDINGS, total))
    assert len(rows_of(program, runner, *LATER, total)) == len(LATER)


PAYMENTS = (
    ("Shop", "-17442.00"), ("Korn", "339.92"), ("Korn", "12230.43"), ("City", "-8125.29"), ("Korn", "-10600.12"),
    ("Shop", "17672.05"), ("Blum", "-517.95"), ("Blum", "343.22"), ("City", "20863.55"),
)  # fmt: skip


@pytest.mark.parametrize("sign", ["negative", "positive"])
def test_rows_of_one_sign_are_no_first_rows_of_groups(runner: ProgramRunner, sign: str) -> None:
    """The only payment of each payee that is negative is the least of its payee, too."""
    turned = (lambda text: text) if sign == "negative" else lambda text: text[1:] if text[0] == "-" else f"-{text}"
    given = tuple((payee, turned(amount), f"R{n}") for n, (payee, amount) in enumerate(PAYMENTS))
    wanted = tuple((row[2],) for row, (_, amount) in zip(given, PAYMENTS, strict=True) if amount.startswith("-"))
    names = ("Payee", "Amount", "Ref")
    program = learn(Table(names, given), Table(("ref",), wanted))
    assert program.status == "completed"
    later = tuple(("Shop", turned(amount), f"L{n}") for n, amount in enumerate(("-1.00", "-2.00", "3.00")))
    assert list(runner.run(program.sql, Table(names, later)).rows) == [("L0",), ("L1",)]


MONTHS = {
    "Polish": ("26 maj 2026", "22 lut 2026", "18 kwi 2026", "27 sty 2026", "6 cze 2026", "21 mar 2026"),
    "Czech": (
        "26. května 2026",
        "22. února 2026",
        "18. dubna 2026",
        "27. ledna 2026",
        "6. června 2026",
        "21. března 2026",
    ),
    "German": ("26. Mai 2026", "22. Feb 2026", "18. Apr 2026", "27. Jan 2026", "6. Jun 2026", "21. Mär 2026"),
    "French": ("26 mai 2026", "22 février 2026", "18 avril 2026", "27 janvier 2026", "6 juin 2026", "21 mars 2026"),
    "Spanish": ("26 mayo 2026", "22 febrero 2026", "18 abril 2026", "27 enero 2026", "6 junio 2026", "21 marzo 2026"),
    "English": ("26 May 2026", "22 Feb 2026", "18 Apr 2026", "27 Jan 2026", "6 Jun 2026", "21 Mar 2026"),
}
"""The same days, in the order 4 1 3 0 5 2."""


@pytest.mark.parametrize("language", MONTHS)
def test_rows_are_ordered_by_dates_that_name_their_months(runner: ProgramRunner, language: str) -> None:
    given = tuple((day, f"R{n}") for n, day in enumerate(MONTHS[language]))
    wanted = tuple((f"R{n}",) for n in (3, 1, 5, 2, 0, 4))
    program = learn(Table(("day", "ref"), given), Table(("ref",), wanted))
    assert program.status == "completed", program.report.differences
    later = Table(("day", "ref"), given[::-1])
    assert tuple(runner.run(program.sql, later).rows) == wanted


@pytest.mark.parametrize("language", MONTHS)
def test_the_latest_row_of_each_is_found_by_dates_that_name_their_months(runner: ProgramRunner, language: str) -> None:
    days = MONTHS[language]
    given = tuple((order, days[n], f"R{i}") for i, (order, n) in enumerate(
        (("A1", 0), ("B2", 1), ("A1", 2), ("C3", 3), ("B2", 4), ("C3", 5), ("D4", 0), ("D4", 4), ("E5", 1))
    ))  # fmt: skip
    wanted = tuple((f"R{i}",) for i in (0, 4, 5, 7, 8))
    program = learn(Table(("order", "day", "ref"), given), Table(("ref",), wanted))
    assert program.status == "completed", program.report.differences
    later = Table(("order", "day", "ref"), (("X9", days[3], "L0"), ("X9", days[4], "L1"), ("X9", days[1], "L2")))
    assert list(runner.run(program.sql, later).rows) == [("L1",)]

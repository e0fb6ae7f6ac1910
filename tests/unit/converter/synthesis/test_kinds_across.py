"""Kinds of amounts in columns of their own, a row for each: what holds nothing makes no row, and what goes with a kind
(an account, a side) is looked up by the column's name.

Each case is one way to write such a file. The later file has other people, and nothing where the example had something.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

Booking = tuple[str, str, float]
"""A person's number, the kind, and the amount."""


def german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def american(amount: float) -> str:
    return f"${amount:,.2f}"


@dataclass(frozen=True)
class Across:
    """How a file is written, and what is wanted of it."""

    kinds: dict[str, tuple[str, str]]
    """For each column, its account and its side."""
    amount: Callable[[float], str]
    nothing: str
    header: tuple[str, ...]
    wanted: Callable[["Across", str, str, float], tuple[str, ...]]

    def given(self, people: Sequence[tuple[str, str, Sequence[float]]]) -> Table:
        rows = [
            (number, name, *(self.amount(a) if a else self.nothing for a in amounts))
            for number, name, amounts in people
        ]
        return Table(("No", "Name", *self.kinds), tuple(rows))

    def booked(self, people: Sequence[tuple[str, str, Sequence[float]]]) -> Table:
        rows = [
            self.wanted(self, number if self.header[-1] == "Number" else name, kind, amount)
            for number, name, amounts in people
            for kind, amount in zip(self.kinds, amounts, strict=True)
            if amount
        ]
        return Table(self.header, tuple(rows))


def one_amount(case: Across, who: str, kind: str, amount: float) -> tuple[str, ...]:
    account, side = case.kinds[kind]
    return f"{amount:.2f}".replace(".", ","), side, account, who


def two_columns(case: Across, who: str, kind: str, amount: float) -> tuple[str, ...]:
    account, side = case.kinds[kind]
    return account, who, f"{amount:.2f}" if side == "D" else "", f"{amount:.2f}" if side == "C" else ""


def with_words(case: Across, who: str, kind: str, amount: float) -> tuple[str, ...]:
    account, _ = case.kinds[kind]
    return f"{amount:.2f}", account, f"{kind} {who}"


def with_another_word(case: Across, who: str, kind: str, amount: float) -> tuple[str, ...]:
    account, _ = case.kinds[kind]
    return f"{amount:.2f}", account, f"{'Bruttolohn' if kind == 'Brutto' else kind} {who}"


WAGES = {
    "Brutto": ("6020", "S"),
    "Lohnsteuer": ("3730", "H"),
    "Rente": ("3740", "H"),
    "Sparen": ("3770", "H"),
    "Netto": ("3720", "H"),
}
JOURNAL = {
    "Gross": ("6000 Wages", "D"),
    "Federal Tax": ("2210 Taxes", "C"),
    "Health": ("2260 Health", "C"),
    "Net Pay": ("1010 Checking", "C"),
}
CASES = {
    "one amount, zeros": Across(WAGES, german, "0,00", ("Umsatz", "SH", "Konto", "Number"), one_amount),
    "one amount, blanks": Across(WAGES, german, "", ("Umsatz", "SH", "Konto", "Number"), one_amount),
    "one amount, dashes": Across(WAGES, german, "-", ("Umsatz", "SH", "Konto", "Number"), one_amount),
    "two columns, zeros": Across(JOURNAL, american, "$0.00", ("Account", "Name", "Debit", "Credit"), two_columns),
    "two columns, blanks": Across(JOURNAL, american, "", ("Account", "Name", "Debit", "Credit"), two_columns),
    "the kind in a text": Across(JOURNAL, american, "$0.00", ("Amount", "Account", "Text"), with_words),
    "another word for a kind": Across(WAGES, german, "0,00", ("Amount", "Account", "Text"), with_another_word),
}
PEOPLE = (
    ("00101", "Ebert", (5200.0, 908.33, 1042.6, 40.0, 3209.07)),
    ("00104", "Yilmaz", (3150.0, 352.41, 651.26, 0.0, 2146.33)),
    ("00107", "Kranz", (538.0, 0.0, 19.37, 0.0, 518.63)),
    ("00110", "Berg", (6900.0, 1511.16, 1148.9, 26.59, 4213.35)),
    ("00113", "Schmitt", (4105.5, 574.91, 848.81, 0.0, 2681.78)),
)
LATER = (
    ("00207", "Nowak", (2780.0, 268.16, 0.0, 12.5, 2499.34)),
    ("00301", "Moor", (13800.0, 0.0, 1148.9, 0.0, 12651.1)),
)


def of_kinds(case: Across, people: Sequence[tuple[str, str, Sequence[float]]]) -> list[tuple[str, str, list[float]]]:
    """People with as many amounts as the case has kinds."""
    return [(number, name, list(amounts[: len(case.kinds)])) for number, name, amounts in people]


def with_totals(case: Across, people: Sequence[tuple[str, str, Sequence[float]]]) -> Table:
    """The file with a row of totals at its end."""
    given = case.given(people)
    totals = [sum(amounts) for amounts in zip(*(amounts for _, _, amounts in people), strict=True)]
    return Table(given.header, (*given.rows, ("Total", "", *(case.amount(t) if t else case.nothing for t in totals))))


def made(program: LearnedProgram, later: Table, runner: ProgramRunner) -> list[tuple[str | None, ...]]:
    assert program.status == "completed", program.report.differences
    return list(runner.run(program.sql, later).rows)


def flagged(program: LearnedProgram, later: Table, runner: ProgramRunner) -> set[str | None]:
    return {row for guard in program.report.guards for row, *_ in runner.run(guard.sql, later).rows}


@pytest.mark.parametrize("case", CASES)
def test_each_amount_is_a_row_and_what_goes_with_its_kind_is_looked_up(case: str, runner: ProgramRunner) -> None:
    across = CASES[case]
    people, others = of_kinds(across, PEOPLE), of_kinds(across, LATER)

    program = learn(across.given(people), across.booked(people))

    assert made(program, across.given(others), runner) == list(across.booked(others).rows)
    assert not flagged(program, across.given(others), runner)


@pytest.mark.parametrize("case", ["one amount, zeros", "two columns, zeros"])
def test_a_row_of_totals_is_no_row_of_amounts(case: str, runner: ProgramRunner) -> None:
    across = CASES[case]
    people, others = of_kinds(across, PEOPLE), of_kinds(across, LATER)

    program = learn(with_totals(across, people), across.booked(people))

    assert made(program, with_totals(across, others), runner) == list(across.booked(others).rows)
    assert not flagged(program, with_totals(across, others), runner)


@pytest.mark.parametrize("case", ["one amount, zeros", "two columns, zeros"])
def test_a_kind_that_the_example_did_not_show_is_flagged(case: str, runner: ProgramRunner) -> None:
    across = CASES[case]
    people, others = of_kinds(across, PEOPLE), of_kinds(across, LATER)
    plain = across.given(others)
    later = Table((*plain.header[:-1], "Bonus", plain.header[-1]), tuple((*r[:-1], r[0], r[-1]) for r in plain.rows))

    program = learn(across.given(people), across.booked(people))

    assert len(made(program, later, runner)) == len(across.booked(others).rows) or flagged(program, later, runner)

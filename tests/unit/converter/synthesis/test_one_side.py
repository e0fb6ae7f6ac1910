"""The debits or the credits of signed amounts: told by the sign of the number, and not by cutting its mark off."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

AMOUNTS = ("-583,82", "20,65", "-65,40", "433,33", "-377,48", "280,02")
"""As an example writes them: without thousands."""


def behind(text: str) -> str:
    return f"{text[1:]}-" if text.startswith("-") else text


def in_brackets(text: str) -> str:
    return f"({text[1:]})" if text.startswith("-") else text


NOTATIONS = {
    "a minus before": lambda text: text,
    "a minus behind": behind,
    "brackets": in_brackets,
}


def learned(notation: str, side: str) -> LearnedProgram:
    given = tuple((NOTATIONS[notation](amount),) for amount in AMOUNTS)
    negative = [amount.startswith("-") for amount in AMOUNTS]
    wanted = tuple(
        (amount.lstrip("-").replace(",", ".") if out == (side == "debit") else "",)
        for amount, out in zip(AMOUNTS, negative, strict=True)
    )
    return learn(Table(("Betrag",), given), Table((side,), wanted))


@pytest.mark.parametrize("side", ["debit", "credit"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_side_of_larger_amounts_is_written_as_the_example_s(notation: str, side: str, runner: ProgramRunner) -> None:
    program = learned(notation, side)
    given = tuple((NOTATIONS[notation](text),) for text in ("-10.104,06", "23.657,31"))
    done = [cell for (cell,) in runner.run(program.sql, Table(("Betrag",), given)).rows]
    assert done == (["10104.06", ""] if side == "debit" else ["", "23657.31"])


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_nothing_is_of_neither_side_and_is_flagged(side: str, runner: ProgramRunner) -> None:
    guards = learned("a minus before", side).report.guards
    later = Table(("Betrag",), (("-1,00",), ("0,00",), ("2,00",)))
    flagged = {row for guard in guards for row, *_ in runner.run(guard.sql, later).rows}
    assert flagged == {"2"}

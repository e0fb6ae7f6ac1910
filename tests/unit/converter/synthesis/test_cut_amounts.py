"""Amounts are read and written anew, not cut out of their texts: what holds for thousands is no matter of luck."""

from collections.abc import Callable

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

AMOUNTS = ("27.99", "-450.00", "204.50", "64.10", "-27.99", "1,204.50", "-8.00")
LATER = ("89.00", "-2,310.44", "101.70", "3,499.00", "-3,499.00", "12,040.00", "-0.40")


def german(text: str) -> str:
    """The same amount as Germans write it."""
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")


def dollars(text: str) -> str:
    """The same amount with the sign of its currency."""
    return f"-${text[1:]}" if text.startswith("-") else f"${text}"


def behind(text: str) -> str:
    """The same amount with its minus behind it."""
    return f"{text[1:]}-" if text.startswith("-") else text


def bracketed(text: str) -> str:
    """The same amount in brackets where it is negative."""
    return f"({text[1:]})" if text.startswith("-") else text


WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str, "german": german, "dollars": dollars, "behind": behind, "bracketed": bracketed,
    "euros": lambda text: f"{german(text)} €", "code": lambda text: f"EUR {text}",
}  # fmt: skip


def sides(amount: str) -> tuple[str, str]:
    """What goes out and what comes in, each blank where the other is meant."""
    plain = amount.replace(",", "")
    return ("", plain[1:]) if plain.startswith("-") else (plain, "")


def turned(amount: str) -> tuple[str]:
    """The amount with the other sign."""
    plain = amount.replace(",", "")
    return (plain[1:] if plain.startswith("-") else f"-{plain}",)


def example(amounts: tuple[str, ...], write: Callable[[str], str]) -> Table:
    rows = (("shop", write(amount), f"R{i}") for i, amount in enumerate(amounts, 1))
    return Table(("Text", "Amount", "Reference"), tuple(rows))


def converted(amounts: tuple[str, ...], make: Callable[[str], tuple[str, ...]], names: tuple[str, ...]) -> Table:
    return Table(("Payee", *names), tuple(("shop", *make(amount)) for amount in amounts))


CASES = [("sides", sides, ("Out", "In")), ("turned", turned, ("Sum",))]


@pytest.mark.parametrize("thousands", [True, False], ids=["thousands shown", "no thousands shown"])
@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("written", list(WRITTEN))
def test_amounts_of_thousands_are_converted_or_flagged(
    written: str, case: tuple[str, Callable[[str], tuple[str, ...]], tuple[str, ...]], thousands: bool,
    runner: ProgramRunner,
) -> None:  # fmt: skip
    _, make, names = case
    shown = tuple(amount for amount in AMOUNTS if thousands or "," not in amount)
    program = learn(example(shown, WRITTEN[written]), converted(shown, make, names), runner=runner)
    assert program.status == "completed", program.report.columns
    later = example(LATER, WRITTEN[written])
    made = runner.run(program.sql, later).rows
    wanted = converted(LATER, make, names).rows
    wrong = [i for i, (row, want) in enumerate(zip(made, wanted, strict=True), 1) if row != want]
    flagged = {int(row[0]) for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert set(wrong) <= flagged, [(made[i - 1], program.sql) for i in wrong if i not in flagged]
    if thousands:
        assert not wrong, [made[i - 1] for i in wrong]

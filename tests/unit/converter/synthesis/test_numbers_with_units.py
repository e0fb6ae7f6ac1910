"""Numbers with the names of what they count behind them: parted, and right for thousands, or flagged."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

SHOWN = (("0.85", "IOTA"), ("1.02", "BTC"), ("853.00", "ETH"), ("1,022.00", "IOTA"), ("0.23", "EUR"), ("12.50", "USDT"))
LATER = (("2,118.40", "IOTA"), ("0.25", "EUR"), ("1,000,000.00", "SHIB"), ("12.35", "BTC"), ("10,500.00", "USDT"))
LONG = ("", "00", "00000", "0", "", "000000")
"""Digits behind those of the numbers: as many as the ledger of each has."""


def german(text: str) -> str:
    """The same number as Germans write it."""
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")


def example(numbers: tuple[tuple[str, str], ...], write: str, *, longer: bool) -> tuple[Table, Table]:
    """Cells of numbers with their units, and what is wanted of them: a plain number, and the unit."""
    told = [(number + LONG[i] * longer, unit) for i, (number, unit) in enumerate(numbers)]
    cells = [f"{german(number) if write.startswith('german') else number} {unit}" for number, unit in told]
    rows = tuple((f"T{i}", cell) for i, cell in enumerate(cells, 1))
    wanted = tuple((f"T{i}", number.replace(",", ""), unit) for i, (number, unit) in enumerate(told, 1))
    return Table(("Id", "Bought"), rows), Table(("id", "amount", "unit"), wanted)


@pytest.mark.parametrize("thousands", [True, False], ids=["thousands shown", "no thousands shown"])
@pytest.mark.parametrize("longer", [False, True], ids=["two decimals", "as many as there are"])
@pytest.mark.parametrize("write", ["german", "english"])
def test_numbers_are_parted_from_their_units(write: str, longer: bool, thousands: bool, runner: ProgramRunner) -> None:
    shown = tuple(number for number in SHOWN if thousands or "," not in number[0])
    program = learn(*example(shown, write, longer=longer), runner=runner)
    assert program.status == "completed", program.report.columns
    later, wanted = example(LATER, write, longer=longer)
    made = runner.run(program.sql, later).rows
    wrong = [i for i, (row, want) in enumerate(zip(made, wanted.rows, strict=True), 1) if row != want]
    flagged = {int(row[0]) for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert set(wrong) <= flagged, [(made[i - 1], program.report.columns[1].words) for i in wrong if i not in flagged]

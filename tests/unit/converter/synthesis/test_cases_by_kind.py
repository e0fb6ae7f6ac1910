"""Rows of two kinds, of which each makes several columns in its own way: legs of a trade, sides of a booking."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

GIVEN = ("When", "Side", "Done", "Paid", "Fee")
WANTED = ("when", "in", "in_unit", "out", "out_unit", "fee")
ROWS = (
    ("2026-05-03", "BUY", "43.70", "ADA", "10.01", "EUR", "0.10"),
    ("2026-05-04", "SELL", "2.50", "DOT", "53.25", "EUR", "0.53"),
    ("2026-05-07", "BUY", "0.20", "ETH", "512.40", "USD", "0.51"),
    ("2026-05-09", "SELL", "1.25", "ETH", "0.08", "BTC", "0.01"),
    ("2026-05-10", "BUY", "11.42", "ADA", "20.01", "EUR", "0.20"),
    ("2026-05-16", "SELL", "0.30", "BTC", "9120.75", "EUR", "9.12"),
)
LATER = (
    ("2026-06-01", "SELL", "200.00", "SOL", "31020.10", "USD", "31.02"),
    ("2026-06-02", "BUY", "0.50", "BTC", "15010.00", "EUR", "15.01"),
    ("2026-06-02", "BUY", "7.00", "SOL", "1020.00", "USD", "1.02"),
)


def export(rows: tuple[tuple[str, ...], ...], mark: str, words: dict[str, str]) -> Table:
    """What an exchange writes: amounts with their units."""
    told = []
    for day, side, done, unit, paid, coin, fee in rows:
        told.append((day, words[side], done + mark + unit, paid + mark + coin, fee))
    return Table(GIVEN, tuple(told))


def legs(rows: tuple[tuple[str, ...], ...]) -> Table:
    """What comes in and what goes out."""
    made = []
    for day, side, done, unit, paid, coin, fee in rows:
        first, second = ((done, unit), (paid, coin)) if side == "BUY" else ((paid, coin), (done, unit))
        made.append((day, *first, *second, fee))
    return Table(WANTED, tuple(made))


@pytest.mark.parametrize("mark", ["", " "], ids=["unit at the number", "unit behind a blank"])
@pytest.mark.parametrize("words", [{"BUY": "BUY", "SELL": "SELL"}, {"BUY": "Kauf", "SELL": "Verkauf"}], ids=str)
def test_legs_change_their_places_with_the_side(mark: str, words: dict[str, str], runner: ProgramRunner) -> None:
    program = learn(export(ROWS, mark, words), legs(ROWS), runner=runner)
    assert program.status == "completed", program.report.columns
    assert list(runner.run(program.sql, export(LATER, mark, words)).rows) == list(legs(LATER).rows)

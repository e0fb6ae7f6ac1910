"""Rows that come as often as all others: two records show how often, and what differs is told by the place."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

WORDS = ["debit", "credit", "fee", "tax"]
Rows = list[tuple[str, ...]]


def make(records: Rows, times: int, *, by_time: bool) -> Rows:
    """What becomes of records: day and equal parts of the amount, and what each part is for."""
    rows = [
        (number, time, (day, str(int(amount) // times), WORDS[time]))
        for number, (day, amount) in enumerate(records)
        for time in range(times)
    ]
    return [row for *_, row in (sorted(rows, key=lambda row: (row[1], row[0])) if by_time else rows)]


@pytest.mark.parametrize("by_time", [False, True], ids=["beside one another", "all once before any again"])
@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_row_comes_as_often_as_the_example_shows(
    count: int, times: int, by_time: bool, runner: InProcessRunner
) -> None:
    given = [(f"2026-02-0{number + 1}", str(times * (50 + 17 * number))) for number in range(count)]
    later = [(f"2026-03-1{number}", str(times * (20 + 31 * number))) for number in range(4)]
    names = ("day", "part", "for")
    program = learn(Table(("day", "amount"), tuple(given)), Table(names, tuple(make(given, times, by_time=by_time))))
    assert program.status == "completed"
    made = runner.run(program.sql, Table(("day", "amount"), tuple(later)))
    assert list(made.rows) == make(later, times, by_time=by_time)

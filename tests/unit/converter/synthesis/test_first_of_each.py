"""The first row of each key, and the kinds of rows: which of the two is believed where an example fits both."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

STATES = ("done", "done", "open", "done", "void", "done", "done", "open")
"""Of these rows those that are done are wanted."""
KEYS = {
    # By chance the rows that go repeat what a row before them has, and those that stay do not.
    "an amount": ("-1.63", "0.00", "0.00", "-30.23", "0.00", "1.63", "2.40", "-1.63"),
    "a kind": ("card", "fx", "card", "cash", "card", "top-up", "fee", "fx"),
    "a day": ("02.01.26", "03.01.26", "03.01.26", "05.01.26", "03.01.26", "06.01.26", "09.01.26", "06.01.26"),
    "a person": ("Ana", "Bob", "Bob", "Cleo", "Ana", "Dan", "Eve", "Dan"),
    "a place": ("north", "south", "south", "west", "south", "east", "mid", "mid"),
}  # fmt: skip
HEADER = ("Id", "Told", "State", "Sum")


def export(keys: tuple[str, ...], states: tuple[str, ...], first: int = 1) -> Table:
    """Rows with a number, what happens to part them, what they are known by, and a sum."""
    told = enumerate(zip(keys, states, strict=True))
    return Table(HEADER, tuple((f"T{first + i}", key, state, f"{7 * i + 5}.40") for i, (key, state) in told))


def done(table: Table, column: int = 2, *, blank: bool = False) -> Table:
    """What is wanted of them."""
    kept = [row for row in table.rows if (row[column] != "" if blank else row[column] == "done")]
    return Table(("id", "told", "sum"), tuple((row[0], row[1], row[3]) for row in kept))


@pytest.mark.parametrize("name", list(KEYS))
def test_kinds_of_rows_are_believed_before_the_first_row_of_each_value(name: str, runner: ProgramRunner) -> None:
    given = export(KEYS[name], STATES)
    program = learn(given, done(given), runner=runner)
    later = export((KEYS[name][0],) * 4, ("done", "open", "done", "done"), 20)
    assert list(runner.run(program.sql, later).rows) == list(done(later).rows)


@pytest.mark.parametrize("name", list(KEYS))
def test_cells_that_are_blank_are_believed_before_the_first_row_of_each_value(name: str, runner: ProgramRunner) -> None:
    booked = tuple("booked" if state == "done" else "" for state in STATES)
    given = export(KEYS[name], tuple(f"{2 + i}/2026" if b else "" for i, b in enumerate(booked)))
    program = learn(given, done(given, blank=True), runner=runner)
    later = export((KEYS[name][0],) * 4, ("11/2026", "", "12/2026", "13/2026"), 20)
    assert list(runner.run(program.sql, later).rows) == list(done(later, blank=True).rows)


def test_the_first_row_of_each_key_is_believed_where_nothing_else_tells_the_rows(runner: ProgramRunner) -> None:
    mails = ("ana@x.org", "bob@x.org", "ana@x.org", "cleo@x.org", "bob@x.org", "dan@x.org", "eve@x.org", "ana@x.org")
    states = ("done", "open", "done", "void", "open", "done", "open", "void")
    given = export(mails, states)
    first = tuple(row for i, row in enumerate(given.rows) if mails.index(row[1]) == i)
    program = learn(given, Table(("id", "told", "sum"), tuple((r[0], r[1], r[3]) for r in first)), runner=runner)
    later = export(("fay@x.org", "fay@x.org", "gus@x.org"), ("open", "done", "void"), 20)
    assert [row[0] for row in runner.run(program.sql, later).rows] == ["T20", "T22"]

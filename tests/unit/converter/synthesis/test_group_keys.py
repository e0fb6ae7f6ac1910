"""Rows of one group: told by all that is shown of it, and by a mark of its own alone where it has one."""

from collections.abc import Sequence

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

HEADER = ("Key", "Day", "Place", "Kind", "Sum")
NAMES = ("KO", "SAN", "ULVR", "MSFT")
MARKS = ("ord-7001", "ord-7002", "ord-7003", "ord-7004")
DAYS = ("01.04.2026", "02.05.2026", "28.05.2026", "12.06.2026")
PLACES = ("north", "south", "north", "west")


def rows_of(keys: Sequence[str], days: Sequence[str], places: Sequence[str]) -> tuple[Row, ...]:
    """Two rows for each key, with a sum and what is taken from it."""
    return tuple(
        (key, day, place, kind, f"{sign}{10 * i + 3}.5{i}")
        for i, (key, day, place) in enumerate(zip(keys, days, places, strict=True), 1)
        for kind, sign in (("gross", "2"), ("tax", "-"))
    )


def wanted(rows: Sequence[Row], *, iso: bool) -> tuple[Row, ...]:
    """A row for each key, day and place, with the sum of all."""
    groups: dict[tuple[str, ...], int] = {}
    for key, day, place, _, text in rows:
        groups[key, day, place] = groups.get((key, day, place), 0) + int(text.replace(".", ""))
    found = []
    for (key, day, place), cents in groups.items():
        written = f"{day[6:]}-{day[3:5]}-{day[:2]}" if iso else day
        found.append((written, key, place, f"{cents / 100:.2f}"))
    return tuple(found)


def learned(keys: Sequence[str], runner: ProgramRunner, *, iso: bool) -> LearnedProgram:
    rows = rows_of(keys, DAYS, PLACES)
    return learn(Table(HEADER, rows), Table(("day", "key", "place", "sum"), wanted(rows, iso=iso)), runner=runner)


@pytest.mark.parametrize("iso", [False, True], ids=["days as they are", "days written anew"])
def test_a_name_that_comes_again_on_another_day_is_another_group(iso: bool, runner: ProgramRunner) -> None:
    program = learned(NAMES, runner, iso=iso)
    assert program.status == "completed", program.report.doubts
    later = rows_of(("KO", "KO", "SAN"), ("01.07.2026", "01.10.2026", "02.11.2026"), ("north", "north", "south"))
    assert tuple(map(tuple, runner.run(program.sql, Table(HEADER, later)).rows)) == wanted(later, iso=iso)


def test_rows_of_one_number_are_one_group_whatever_else_they_say(runner: ProgramRunner) -> None:
    program = learned(MARKS, runner, iso=False)
    assert program.status == "completed", program.report.doubts
    one = rows_of(("ord-8001",), ("01.07.2026",), ("north",))
    later = (one[0], (one[1][0], "03.07.2026", *one[1][2:]))
    assert len(runner.run(program.sql, Table(HEADER, later)).rows) == 1


@pytest.mark.parametrize("keys", [NAMES, MARKS], ids=["names", "numbers of orders"])
def test_whether_what_never_differed_tells_groups_is_another_reading(
    keys: tuple[str, ...], runner: ProgramRunner
) -> None:
    program = learned(keys, runner, iso=False)
    rivals = [rival.words for rival in program.report.rivals]
    assert any("one row for each" in words for words in rivals), rivals

"""Amounts of one file are converted in one way, also where the example shows a mark in one column only."""

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

HOLDINGS = Table(("Name", "Cost", "Value"), (("Ely Eels", "441.20", "6,618.00"), ("Bath Bricks", "82.10", "12,315.00")))
WANTED = Table(("name", "cost", "value"), (("Ely Eels", "441.20", "6618.00"), ("Bath Bricks", "82.10", "12315.00")))
LATER = Table(HOLDINGS.header, (("Hull Hats", "1,263.00", "7,000.00"),))


def test_marks_are_taken_off_where_only_a_sibling_had_them(runner: ProgramRunner) -> None:
    program = learn(HOLDINGS, WANTED, runner=runner)
    assert list(runner.run(program.sql, LATER).rows) == [("Hull Hats", "1263.00", "7000.00")]


def test_the_copy_stays_a_rival_that_is_noted_where_it_differs(runner: ProgramRunner) -> None:
    program = learn(HOLDINGS, WANTED, runner=runner)
    noted = [g for g in program.report.guards if g.kind == "ambiguity" and g.output_columns == ("cost",)]
    assert [row for g in noted for row in runner.run(g.sql, LATER).rows] == [("1", "1,263.00")]


def test_names_made_of_digits_stay_copies(runner: ProgramRunner) -> None:
    holdings = Table(("Number", "Value"), (("17", "6,618.00"), ("42", "12,315.00")))
    wanted = Table(("number", "value"), (("17", "6618.00"), ("42", "12315.00")))
    program = learn(holdings, wanted, runner=runner)
    assert program.report.columns[0].how == "copied"


def test_a_copied_number_of_another_form_is_noted(runner: ProgramRunner) -> None:
    counts = ("100", "20", "7", "350", "45", "1200", "64", "88", "19", "5", "730")
    holdings = Table(("Paper", "Count"), tuple((f"{chr(65 + n)}AA", count) for n, count in enumerate(counts)))
    program = learn(holdings, Table(("paper", "count"), holdings.rows), runner=runner)
    later = Table(holdings.header, (("CCC", "1,500"), ("DDD", "3"), ("EEE", "--")))
    hits = [row for g in program.report.guards if g.column == "Count" for row in runner.run(g.sql, later).rows]
    assert [value for _, value in hits] == ["1,500", "--"]

"""Which rows are kept: found through formats, by the kind of row under a header, and watched for other reasons."""

from dataclasses import replace

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

HEADER = ("When", "Kind", "Paper", "Count", "Price")


def table(header: tuple[str, ...], *lines: str) -> Table:
    return Table(header, tuple(tuple(line.split("|")) for line in lines))


EXPORT = table(
    HEADER,
    "03/02/2026|Interest|AAA||",
    "03/02/2026|Purchase|AAA|1,200|$2.50",
    "04/02/2026|Interest|BBB||",
    "05/02/2026|Purchase|AAA|30|$41.00",
    "06/02/2026|Interest|CCC||",
    "09/02/2026|Purchase|CCC|7|$1,000.00",
)
TRADES = table(
    ("date", "paper", "count", "price"),
    "2026-03-02|AAA|1200|2.50",
    "2026-05-02|AAA|30|41.00",
    "2026-09-02|CCC|7|1000.00",
)


def hits(program: LearnedProgram, runner: ProgramRunner, unseen: Table, kind: str) -> set[str]:
    """The values that the program's checks of one kind flag."""
    return {row[1] for g in program.report.guards if g.kind == kind for row in runner.run(g.sql, unseen).rows}


def test_rows_are_found_by_their_figures_whatever_the_format(runner: ProgramRunner) -> None:
    program = learn(EXPORT, TRADES, runner=runner)
    assert program.status == "completed", program.report.differences
    assert list(runner.run(program.sql, EXPORT).rows) == list(TRADES.rows)


def test_rows_are_kept_by_their_kind(runner: ProgramRunner) -> None:
    program = learn(EXPORT, TRADES, runner=runner)
    later = table(HEADER, "03/03/2026|Fee|AAA|1|$9.00", "04/03/2026|Purchase|DDD|5|$2.00")
    assert [row[1] for row in runner.run(program.sql, later).rows] == ["DDD"]


def test_a_kind_that_the_example_did_not_show_is_reported(runner: ProgramRunner) -> None:
    program = learn(EXPORT, TRADES, runner=runner)
    later = table(HEADER, "03/03/2026|Fee|AAA|1|$9.00", "04/03/2026|Purchase|DDD|5|$2.00")
    assert hits(program, runner, later, "value_set") == {"Fee"}


def test_leading_rows_under_a_header_are_told_apart_by_what_they_hold(runner: ProgramRunner) -> None:
    export = table(
        ("Day", "Text", "ISIN", "Sum"),
        "2026-01-02|Interest January||0.45",
        "2026-01-03|Custody||-1.30",
        "2026-01-05|Sicilian Salt|ZZ01|-10.00",
        "2026-01-06|Ely Eels|ZZ02|-20.00",
        "2026-01-07|Bath Bricks|ZZ03|-30.00",
    )
    wanted = table(("day", "isin"), "2026-01-05|ZZ01", "2026-01-06|ZZ02", "2026-01-07|ZZ03")
    program = learn(export, wanted, runner=runner)
    later = table(("Day", "Text", "ISIN", "Sum"), "2026-02-02|Ely Eels|ZZ02|-5.00", "2026-02-03|Custody||-1.30")
    assert list(runner.run(program.sql, later).rows) == [("2026-02-02", "ZZ02")]


def test_rows_on_which_another_likely_rule_decides_otherwise_are_noted(runner: ProgramRunner) -> None:
    export = table(
        ("Kind", "Paper", "Venue", "Count"),
        "Interest||| ",
        "Purchase|AAA|north|3",
        "Sale|BBB|south|4",
        "Deposit||| ",
    )
    wanted = table(("paper", "count"), "AAA|3", "BBB|4")
    program = learn(export, wanted, runner=runner)
    later = table(("Kind", "Paper", "Venue", "Count"), "Purchase|AAA|| ", "Purchase|BBB|north|4")
    assert hits(program, runner, later, "ambiguity") & {"AAA", ""}
    # One blank among three columns that are blank together says nothing.
    assert not hits(program, runner, replace(later, rows=(("Purchase", "AAA", "", "3"),)), "ambiguity")


def test_a_rule_by_values_says_nothing_of_others(runner: ProgramRunner) -> None:
    lines = (
        "ann|paid|1",
        "ann|paid|2",
        "bob|open|3",
        "cat|paid|4",
        "cat|paid|5",
        "bob|open|6",
        "dot|open|7",
        "dot|open|8",
    )
    export = table(("Mail", "Status", "Sum"), *lines)
    wanted = table(("Sum",), "1", "2", "4", "5")
    program = learn(export, wanted, runner=runner)
    later = table(("Mail", "Status", "Sum"), "dan|paid|7", "eve|open|8")
    assert not hits(program, runner, later, "ambiguity")


def test_a_program_by_the_kind_of_row_says_so_in_words(runner: ProgramRunner) -> None:
    program = learn(EXPORT, TRADES, runner=runner)
    assert program.report.steps == ("keep the rows where Kind is “Purchase”",)


def test_few_rows_are_kept_by_their_kind_rather_than_by_a_total_of_it(runner: ProgramRunner) -> None:
    kinds = ("Purchase", "Sale", "Dividend", "Fee", "Interest", "Sale", "Interest", "Interest")
    counts = ("1634", "7", "82", "2", "825", "1319", "38", "6")
    rows = tuple((f"2026-01-0{i}", kind, n) for i, (kind, n) in enumerate(zip(kinds, counts, strict=True), 1))
    kept = tuple(row for row in rows if row[1] in ("Purchase", "Sale"))
    program = learn(Table(("day", "kind", "n"), rows), Table(("day", "kind", "n"), kept))
    later = Table(("day", "kind", "n"), (("2026-02-01", "Interest", "9000"), ("2026-02-02", "Sale", "1")))
    assert [row[1] for row in runner.run(program.sql, later).rows] == ["Sale"]

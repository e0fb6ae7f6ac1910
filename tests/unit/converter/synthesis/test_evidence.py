"""What the report says of the evidence: rivals on the user's own rows, formats and values seen, confidence."""

from services.converter.domain.learning import learn
from services.converter.domain.report import ColumnReport
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner


def rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in text.split("\n"))


def column(runner: InProcessRunner, given: str, wanted: str) -> ColumnReport:
    table, expected = rows(given), rows(wanted)
    program = learn(Table(table[0], table[1:]), Table(expected[0], expected[1:]), runner=runner)
    assert program.status == "completed", program.sql
    return program.report.columns[0]


def test_rivals_are_shown_on_the_rows_of_the_input_that_set_them_apart(runner: InProcessRunner) -> None:
    given = Table(("state", "lot", "fee"), rows("open|21|21\nvoid|3|5\nopen|0|0\nvoid|4|4\nopen|37|37"))
    wanted = Table(("state", "total"), rows("open|42\nopen|0\nopen|74"))
    program = learn(given, wanted, runner=runner)
    assert program.status == "completed", program.sql
    real = {row for ambiguity in program.report.ambiguities for row, _, _ in ambiguity.rows}
    assert 2 in real


def test_rivals_that_agree_on_the_whole_input_are_shown_on_made_up_rows(runner: InProcessRunner) -> None:
    given = Table(("lot", "fee"), rows("2|2\n0|0"))
    program = learn(given, Table(("total",), rows("4\n0")), runner=runner)
    assert {row for ambiguity in program.report.ambiguities for row, _, _ in ambiguity.rows} == {0}


def test_the_report_names_the_formats_that_a_column_reads_and_writes(runner: InProcessRunner) -> None:
    found = column(runner, "due\n24/03/2020\n01/12/2019\n15/07/2021", "due\n2020-03-24\n2019-12-01\n2021-07-15")
    assert found.formats == ("due: DD/MM/YYYY", "output: YYYY-MM-DD")


def test_the_report_names_the_format_of_copied_amounts(runner: InProcessRunner) -> None:
    assert column(runner, "n\n1,250.00\n13.50", "n\n1,250.00\n13.50").formats == (
        "output: number with decimal point, thousands separated by ,",
    )


def test_the_report_lists_the_values_of_a_category(runner: InProcessRunner) -> None:
    found = column(runner, "side|n\nB|1\nS|2\nB|3\nS|4", "side\nBuy\nSell\nBuy\nSell")
    assert found.values == ("Buy", "Sell")


def test_values_that_never_recur_are_no_set(runner: InProcessRunner) -> None:
    assert column(runner, "id\n1\n2\n3", "id\n1\n2\n3").values == ()


def test_more_rows_give_more_confidence(runner: InProcessRunner) -> None:
    few = column(runner, "name\nAda Byron\nAlan Turing", "name\nAda\nAlan")
    many = column(
        runner,
        "name\nAda Byron\nAlan Turing\nGrace Hopper\nEdsger Dijkstra\nBarbara Liskov",
        "name\nAda\nAlan\nGrace\nEdsger\nBarbara",
    )
    assert few.confidence < many.confidence


def test_dates_that_all_fall_in_one_month_keep_the_month_a_part(runner: InProcessRunner) -> None:
    given = Table(("due",), rows("05/03/2023\n17/03/2024\n28/03/2022"))
    program = learn(given, Table(("due",), rows("2023-03-05\n2024-03-17\n2022-03-28")), runner=runner)
    assert runner.run(program.sql, Table(("due",), (("09/11/2025",),))).rows == (("2025-11-09",),)


def test_dates_that_all_fall_in_one_year_keep_the_year_a_part(runner: InProcessRunner) -> None:
    given = Table(("due",), rows("2024-03-05\n2024-11-17\n2024-08-28"))
    program = learn(given, Table(("due",), rows("05 Mar 2024\n17 Nov 2024\n28 Aug 2024")), runner=runner)
    assert runner.run(program.sql, Table(("due",), (("2025-01-09",),))).rows == (("09 Jan 2025",),)

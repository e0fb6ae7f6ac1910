"""Tables as systems export them: times that are worked, orders with their lines."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table


def made(program: LearnedProgram, later: Table, runner: ProgramRunner) -> list[tuple[str | None, ...]]:
    assert program.status == "completed", program.report.differences
    return list(runner.run(program.sql, later).rows)


def flagged(program: LearnedProgram, later: Table, runner: ProgramRunner) -> set[str | None]:
    return {row for guard in program.report.guards for row, *_ in runner.run(guard.sql, later).rows}


WORKED = (
    ("Berg", "Yes", "2024-02-26", 3600 + 30 * 60),
    ("Alpin", "Yes", "2024-02-29", 2 * 3600 + 20 * 60 + 24),
    ("Berg", "Yes", "2024-02-27", 3 * 3600 + 12 * 60 + 36),
    ("Berg", "No", "2024-03-01", 30 * 60),
    ("Berg", "Yes", "2024-03-04", 4 * 3600 + 54),
    ("Alpin", "Yes", "2024-03-05", 3600 + 5 * 60 + 24),
    ("Alpin", "No", "2024-03-05", 15 * 60),
    ("Berg", "Yes", "2024-03-07", 5 * 3600 + 45 * 60 + 30),
    ("Dorn", "Yes", "2024-03-08", 24 * 60 + 36),
)
WORKED_LATER = (
    ("Cham", "Yes", "2024-04-02", 14 * 60 + 6),
    ("Cham", "No", "2024-04-03", 3600),
    ("Berg", "Yes", "2024-04-05", 6 * 3600 + 33 * 60 + 24),
    ("Cham", "Yes", "2024-04-05", 17 * 3600 + 45 * 60),
)
Entry = tuple[str, str, str, int]


def span(seconds: int, parts: int) -> str:
    minutes = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{minutes}:{seconds % 60:02d}" if parts > 2 else minutes


def hours_of(entries: tuple[Entry, ...], parts: int, *, by_month: bool, billed: bool) -> tuple[Table, Table]:
    """A time sheet and its decimal hours by client, perhaps by month, perhaps only of what is billed."""
    sheet = Table(
        ("Client", "Billable", "Day", "Duration"),
        tuple((client, bill, day, span(seconds, parts)) for client, bill, day, seconds in entries),
    )
    sums: dict[tuple[str, ...], int] = {}
    for client, bill, day, seconds in entries:
        if bill == "Yes" or not billed:
            key = (client, day[:7]) if by_month else (client,)
            sums[key] = sums.get(key, 0) + (seconds if parts > 2 else seconds // 60 * 60)
    rows = tuple((*key, f"{sums[key] / 3600 + 1e-9:.2f}") for key in sorted(sums))
    return sheet, Table((*(("Client", "Month") if by_month else ("Client",)), "Hours"), rows)


@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("by_month", [False, True])
@pytest.mark.parametrize("billed", [False, True])
def test_time_spans_are_added_up_as_decimal_hours(
    parts: int, by_month: bool, billed: bool, runner: ProgramRunner
) -> None:
    program = learn(*hours_of(WORKED, parts, by_month=by_month, billed=billed))
    later, wanted = hours_of(WORKED_LATER, parts, by_month=by_month, billed=billed)

    assert made(program, later, runner) == list(wanted.rows)


def test_a_time_span_of_other_parts_is_flagged(runner: ProgramRunner) -> None:
    program = learn(*hours_of(WORKED, 3, by_month=False, billed=False))
    later, _ = hours_of(WORKED_LATER, 3, by_month=False, billed=False)
    rows = (*later.rows[:2], (*later.rows[2][:3], "06:33"), *later.rows[3:])

    assert "3" in flagged(program, Table(later.header, rows), runner)


@pytest.mark.parametrize("mark", ["#", "No. ", "R-", ""])
def test_what_stands_in_the_first_line_of_an_order_holds_for_all_its_lines(mark: str, runner: ProgramRunner) -> None:
    header = ("Name", "Status", "Paid at", "City", "Quantity", "Item", "Price")
    given = Table(
        header,
        (
            (f"{mark}1042", "paid", "2024-03-09", "Porto", "2", "Soap", "8.50"),
            (f"{mark}1042", "", "", "", "1", "Towel", "44.00"),
            (f"{mark}1041", "refunded", "2024-03-08", "Ulm", "1", "Towel", "44.00"),
            (f"{mark}1040", "paid", "2024-03-07", "Cork", "10", "Soap", "8.50"),
            (f"{mark}1039", "pending", "", "Annecy", "2", "Box", "12.00"),
            (f"{mark}1039", "", "", "", "1", "Towel", "44.00"),
            (f"{mark}1038", "paid", "2024-03-05", "Lisboa", "1", "Oil", "8.50"),
            (f"{mark}1038", "", "", "", "2", "Box", "12.00"),
        ),
    )
    wanted = Table(
        ("order", "day", "city", "item", "total"),
        (
            ("1042", "2024-03-09", "Porto", "Soap", "17.00"),
            ("1042", "2024-03-09", "Porto", "Towel", "44.00"),
            ("1040", "2024-03-07", "Cork", "Soap", "85.00"),
            ("1038", "2024-03-05", "Lisboa", "Oil", "8.50"),
            ("1038", "2024-03-05", "Lisboa", "Box", "24.00"),
        ),
    )
    later = Table(
        header,
        (
            (f"{mark}2571", "paid", "2024-06-01", "Graz", "3", "Box", "12.00"),
            (f"{mark}2570", "refunded", "2024-05-31", "Malmo", "1", "Dish", "9.00"),
            (f"{mark}2570", "", "", "", "1", "Box", "12.00"),
            (f"{mark}2569", "paid", "2024-05-30", "Braga", "2", "Dish", "9.00"),
            (f"{mark}2569", "", "", "", "4", "Soap", "8.50"),
        ),
    )

    program = learn(given, wanted)

    assert made(program, later, runner) == [
        ("2571", "2024-06-01", "Graz", "Box", "36.00"),
        ("2569", "2024-05-30", "Braga", "Dish", "18.00"),
        ("2569", "2024-05-30", "Braga", "Soap", "34.00"),
    ]


def test_further_lines_go_with_an_order_of_a_kind_that_had_none_in_the_example(runner: ProgramRunner) -> None:
    given = Table(
        ("No", "Status", "Item"),
        (
            ("A1042", "paid", "Soap"), ("A1042", "", "Towel"), ("A1041", "refunded", "Towel"), ("A1040", "paid", "Oil"),
            ("A1039", "pending", "Box"), ("A1038", "paid", "Oil"), ("A1038", "", "Box"),
        ),
    )  # fmt: skip
    kept = [row for row in given.rows if row[0] in ("A1042", "A1040", "A1038")]
    later = Table(given.header, (("A1", "refunded", "Oil"), ("A1", "", "Dish"), ("A2", "paid", "Box")))

    program = learn(given, Table(("order", "item"), tuple((no, item) for no, _, item in kept)))

    assert made(program, later, runner) == [("A2", "Box")] or "2" in flagged(program, later, runner)

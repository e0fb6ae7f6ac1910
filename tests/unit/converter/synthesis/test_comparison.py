"""Two programs held against each other on one file: the rows, and the order, in which their tables differ."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.proof.programs import SEPARATOR, Program, comparison_sql
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Rows = Sequence[tuple[str, ...]]
HEADER = ("k", "v")
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(["1", "2", "x, y", "'"])), max_size=7)


def program(rows: Rows) -> Program:
    """A program that makes these rows below a header, whatever the file."""
    listed = [HEADER, *rows]
    values = ", ".join(f"({n}, [{', '.join(_quoted(c) for c in row)}])" for n, row in enumerate(listed))
    return Program(f"SELECT c AS _cells FROM (VALUES {values}) AS t(n, c) ORDER BY n", "rows", headed=True)


def _quoted(cell: str) -> str:
    return "'" + cell.replace("'", "''") + "'"


def compared(runner: InProcessRunner, one: Rows, other: Rows, file: Rows | None = None) -> list[tuple[str, ...]]:
    sql = comparison_sql(program(one), [program(other)])
    return [tuple(row) for row in runner.run(sql, Table(None, tuple(file or [("-", "-")]))).rows]


@settings(max_examples=25)
@given(rows=ROWS)
def test_a_table_has_no_difference_to_itself(runner: InProcessRunner, rows: Rows) -> None:
    assert {row[1] for row in compared(runner, rows, rows)} == {"names", "sizes"}


@settings(max_examples=25)
@given(one=ROWS, other=ROWS)
def test_the_differences_lead_from_one_table_to_the_other(runner: InProcessRunner, one: Rows, other: Rows) -> None:
    found = compared(runner, one, other)
    changed = {int(row[2]): row for row in found if row[1] == "row"}
    more = [row for row in found if row[1] == "missing"]
    kept = [", ".join(row) for place, row in enumerate(one, 1) if place not in changed]
    # A row with nothing in its place is the chosen program's alone.
    made = Counter([*kept, *(row[6] for row in changed.values() if row[5]), *(row[6] for row in more)])
    assert made == Counter(", ".join(row) for row in other)


@settings(max_examples=25)
@given(rows=ROWS, seed=st.randoms(use_true_random=False))
def test_rows_in_another_order_are_a_question_of_order_alone(runner: InProcessRunner, rows: Rows, seed: Random) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    kinds = {row[1] for row in compared(runner, rows, shuffled)} - {"names", "sizes"}
    assert kinds == (set() if shuffled == list(rows) else {"order"})


def test_columns_that_differ_are_named_by_their_places(runner: InProcessRunner) -> None:
    found = compared(runner, [("a", "1"), ("b", "2")], [("a", "1"), ("b", "x, y")])
    assert [row[:3] + row[5:7] for row in found if row[1] == "row"] == [("0", "row", "2", "2", "b, x, y")]


def test_names_are_those_of_the_chosen_table(runner: InProcessRunner) -> None:
    assert compared(runner, [], [])[0][6] == SEPARATOR.join(HEADER)


def test_a_row_more_is_told_by_the_row_of_the_input_that_it_is_made_of(runner: InProcessRunner) -> None:
    file = [("n", "1"), ("m", "7"), ("a", "7")]
    found = compared(runner, [("n", "1")], [("n", "1"), ("a", "7")], file)
    assert [row[2:5] for row in found if row[1] == "missing"] == [("2", "1", "3")]


@pytest.mark.parametrize("headed", [True, False])
def test_a_header_that_only_one_program_makes_is_not_compared(runner: InProcessRunner, headed: bool) -> None:
    columns = Program("SELECT 'a' AS k, '1' AS v", "columns", width=2)
    cells = program([("a", "1")])
    pair = (columns, cells) if headed else (cells, columns)
    rows = runner.run(comparison_sql(pair[0], [pair[1]]), Table(None, (("x",),))).rows
    assert {row[1] for row in rows} <= {"names", "sizes"}

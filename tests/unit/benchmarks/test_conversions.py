"""The maker of conversions, and the judge of what becomes of their later files."""

import re
from decimal import Decimal

import pytest

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.judging import Verdict, judge
from benchmarks.conversions.maker import FAMILIES, FEWEST_ROWS, MOST_ROWS, Family, make
from benchmarks.conversions.notation import Notation
from benchmarks.conversions.rows import Made, Output
from benchmarks.generated_gate import Outcome, describe

HEADER = ("id", "side")
SEEDS = range(40)


def output(*rows: tuple[str, str], asked: frozenset[int] = frozenset()) -> Output:
    return Output(HEADER, [Made(row, number) for number, row in enumerate(rows)], asked)


def named(row: int | None, *columns: str, input_row: int | None = None, order: bool = False) -> dict[str, object]:
    return {"row": row, "input_row": input_row, "columns": list(columns), "order": order}


def test_a_seed_makes_the_same_conversion_again() -> None:
    first = make(7)
    make.cache_clear()
    assert make(7) == first


@pytest.mark.parametrize("seed", SEEDS)
def test_an_example_has_few_rows_and_no_open_cell(seed: int) -> None:
    made = make(seed)
    wanted = [line for line in made.wanted.splitlines() if line]
    assert 2 <= len(wanted) - 1 <= 3 * MOST_ROWS
    assert FEWEST_ROWS < len(made.example.splitlines()) <= MOST_ROWS + 4
    assert OPEN.encode() not in made.wanted


def test_seeds_are_of_many_kinds_of_files_rows_and_columns() -> None:
    made = [make(seed) for seed in SEEDS]
    assert {one.layout for one in made} == {"broker", "bank", "orders", "holdings", "custody"}
    assert len({kind for one in made for kind in one.kinds}) > 15
    assert {one.decided for one in made} == {True, False}


@pytest.mark.parametrize("family", FAMILIES[1:])
def test_tables_and_texts_are_of_many_kinds_and_have_their_truth(family: Family) -> None:
    made = [make(seed, family) for seed in SEEDS]
    assert len({one.kinds[0] for one in made}) > 7
    # Most statements show what they are about however few bookings they have.
    assert {one.decided for one in made} == {True, False} or family == "statements"
    for one in made:
        header = ",".join(one.output.header)
        assert re.sub("[;\t]", ",", one.wanted.decode().splitlines()[0]).startswith(header[: len("output")])
        assert all(len(row.cells) == len(one.output.header) for row in one.output.rows)


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        (Notation("de", "%d.%m.%Y", ",", ".", "behind", " €"), "1.234,57 €-"),
        (Notation("en", "%Y-%m-%d", ".", ",", "()", "$"), "($1,234.57)"),
        (Notation("pl", "%Y-%m-%d", ",", " "), "-1 234,57"),
    ],
)
def test_numbers_are_written_as_the_file_writes_them(notation: Notation, text: str) -> None:
    assert notation.number(Decimal("-1234.565"), 2, money=True) == text


def test_what_is_right_is_right() -> None:
    assert judge(output(("1", "BUY")), HEADER, [("1", "BUY")], []) == Verdict(0, 0, 0)


def test_a_wrong_cell_is_unnamed_until_its_column_is_flagged() -> None:
    want, have = output(("1", "BUY"), ("2", "SELL")), [("1", "BUY"), ("2", "BUY")]
    assert judge(want, HEADER, have, []).unnamed == 1
    assert judge(want, HEADER, have, [named(2, "id")]).unnamed == 1
    assert judge(want, HEADER, have, [named(2, "side")]).unnamed == 0


def test_a_cell_that_nobody_can_tell_is_right_where_it_is_named() -> None:
    want, have = output(("1", OPEN)), [("1", "BUY")]
    assert not judge(want, HEADER, have, []).right
    assert judge(want, HEADER, have, [named(1, "side")]).right


def test_a_row_that_nobody_can_place_is_right_where_it_is_named_kept_or_not() -> None:
    want = output(("1", "BUY"), asked=frozenset({1}))
    assert not judge(want, HEADER, [("1", "BUY")], []).right
    assert judge(want, HEADER, [("1", "BUY")], [named(None, input_row=2)]).right
    assert judge(want, HEADER, [("1", "BUY"), ("2", "?")], [named(2, input_row=2)]).right


def test_a_missing_row_is_named_by_a_row_of_the_input() -> None:
    want = output(("1", "BUY"), ("2", "BUY"))
    assert judge(want, HEADER, [("1", "BUY")], []).unnamed == 1
    assert judge(want, HEADER, [("1", "BUY")], [named(None, input_row=2)]).unnamed == 0


def test_another_order_is_named_by_a_doubt_of_the_order() -> None:
    want, have = output(("1", "BUY"), ("2", "BUY")), [("2", "BUY"), ("1", "BUY")]
    assert judge(want, HEADER, have, []).unnamed == 1
    assert judge(want, HEADER, have, [named(None, order=True)]).unnamed == 0


def test_flags_on_right_rows_are_needless() -> None:
    verdict = judge(output(("1", "BUY"), ("2", OPEN)), HEADER, [("1", "BUY"), ("2", "")], [named(1), named(2)])
    assert verdict.right
    assert verdict.needless == 1
    assert verdict.off == {2}


def test_the_table_counts_by_kind_and_names_the_seeds_that_fail() -> None:
    outcomes = [
        Outcome(1, "bank", ("every row", "copy"), True, "right"),
        Outcome(2, "bank", ("sorted",), True, "silent"),
        Outcome(3, "bank", ("sorted",), False, "refused"),
    ]
    told = describe(outcomes)
    assert "66.7 % right, flagged by row, or refused or asked" in told
    assert "| sorted | 2 | 0 | 0 | 1 | 0 | 1 |" in told
    assert "silent, by seed: 2" in told
    assert "refused, by seed" not in told


def test_what_guards_flag_is_counted_in_right_and_in_wrong_files() -> None:
    outcomes = [
        Outcome(1, "texts", (), True, "right", guards={"a kind": [1, 4], "a mark": [4]}, off=(4,)),
        Outcome(2, "texts", (), True, "silent", guards={"a kind": [2, 3], "a mark": [3]}, off=(2, 3)),
        Outcome(3, "texts", (), True, "right"),
    ]
    # Row 4 of the first file is open: that it is flagged is no alarm.
    assert "| a kind |  | 4 | 75% | 1 | 1 | 1 | 1 | 0 |" in describe(outcomes)
    assert "| a mark |  | 2 | 100% | 0 | 0 | 0 | 1 | 0 |" in describe(outcomes)

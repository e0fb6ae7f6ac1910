"""Verdicts on outputs, cell by cell."""

from services.converter.domain.judgement import MAX_DIFFERENCES, judge
from services.converter.domain.table import Table

EXPECTED = Table(("a", "b"), (("1", "x"), ("2", "y")))


def test_equal_outputs_are_exact() -> None:
    assert judge(EXPECTED, ("a", "b"), EXPECTED.rows).exact


def test_rows_that_begin_with_the_header_are_compared_with_it() -> None:
    assert judge(EXPECTED, None, (("a", "b"), *EXPECTED.rows)).exact


def test_numbers_that_look_otherwise_are_different() -> None:
    verdict = judge(EXPECTED, ("a", "b"), (("1", "x"), ("2.0", "y")))
    assert not verdict.exact
    assert verdict.cells_right == 3 / 4
    assert [(d.row, d.column, d.expected, d.got) for d in verdict.differences] == [(2, "a", "2", "2.0")]


def test_a_wrong_header_is_a_difference_in_row_zero() -> None:
    assert judge(EXPECTED, ("a", "c"), EXPECTED.rows).differences[0].row == 0


def test_the_header_has_to_be_right_and_counts_for_no_share_of_the_cells() -> None:
    wrong = (("x", "1"), ("y", "2"))
    verdict = judge(EXPECTED, ("a", "b"), wrong)
    assert (verdict.cells_right, verdict.by_column) == (0.0, (0.0, 0.0))
    named_otherwise = judge(EXPECTED, ("a", "c"), EXPECTED.rows)
    assert (named_otherwise.exact, named_otherwise.cells_right, named_otherwise.by_column) == (False, 1.0, ())
    headless = judge(Table(None, (("a", "b"), ("1", "x"))), None, (("a", "b"), ("1", "y")))
    assert headless.cells_right == 3 / 4


def test_missing_and_surplus_rows_are_differences() -> None:
    assert not judge(EXPECTED, ("a", "b"), EXPECTED.rows[:1]).exact
    assert not judge(EXPECTED, ("a", "b"), (*EXPECTED.rows, ("3", "z"))).exact
    assert not judge(EXPECTED, ("a", "b"), (*EXPECTED.rows, ("", ""))).exact


def test_an_absent_cell_at_the_end_equals_an_empty_one() -> None:
    assert judge(Table(("a", "b"), (("1",),)), ("a", "b"), (("1", ""),)).exact


def test_order_counts_unless_it_is_to_be_ignored() -> None:
    turned = EXPECTED.rows[::-1]
    assert not judge(EXPECTED, ("a", "b"), turned).exact
    verdict = judge(EXPECTED, ("a", "b"), turned, ignore_order=True)
    assert (verdict.exact, verdict.order_ignored) == (True, True)


def test_how_often_a_row_comes_counts_in_any_order() -> None:
    doubled = Table(("a",), (("1",), ("1",), ("2",)))
    assert not judge(doubled, ("a",), (("1",), ("2",), ("2",)), ignore_order=True).exact


def test_differences_are_bounded() -> None:
    many = Table(("a",), tuple((str(n),) for n in range(500)))
    assert len(judge(many, ("a",), (("x",),) * 500).differences) == MAX_DIFFERENCES

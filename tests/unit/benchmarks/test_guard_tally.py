"""Tallies of guards: what is counted of the rows and files that they flag."""

from benchmarks.guard_tally import Tallies, kind_of, kinds_table, populations_table


def test_a_wrong_row_that_two_kinds_name_is_named_by_neither_alone() -> None:
    found = Tallies()
    found.add({2, 3}, {"first": [2, 5], "second": [2, 3]}, wrong=True, missing=False)
    first, second = found.kinds["first"], found.kinds["second"]
    assert (first.rows, first.rows_wrong, first.rows_only) == (2, 1, 0)
    assert (second.rows, second.rows_wrong, second.rows_only) == (2, 2, 1)


def test_flags_on_open_rows_of_a_right_file_are_no_alarm() -> None:
    found = Tallies()
    found.add({4}, {"open": [4], "needless": [4, 6]}, wrong=False, missing=False)
    assert found.flagged_right == 1
    assert (found.kinds["open"].right, found.kinds["needless"].right_alone) == (0, 1)


def test_a_wrong_file_is_unnamed_where_one_of_its_rows_is() -> None:
    found = Tallies()
    found.add({1}, {"kind": [1]}, wrong=True, missing=False)
    found.add({1, 2}, {"kind": [1]}, wrong=True, missing=False)
    found.add({1}, {}, wrong=True, missing=False)
    assert (found.wrong, found.unnamed, found.silent) == (3, 2, 1)


def test_a_missing_row_is_named_by_a_flag_on_none_of_the_output() -> None:
    found = Tallies()
    found.add((), {"kind": [None]}, wrong=True, missing=True)
    found.add((), {"kind": [1]}, wrong=True, missing=True)
    assert found.unnamed == 1


def test_a_kind_is_a_guards_words_without_names_numbers_and_what_it_says_of_the_rule() -> None:
    assert kind_of("Amount had few values (3), and “x” is none: of Amount", ("Amount",)) == (
        "_ had few values (n), and _ is none"
    )


def test_a_kind_of_several_populations_is_told_in_all_first() -> None:
    one, two = Tallies(), Tallies()
    one.add({1}, {"kind": [1]}, wrong=True, missing=False)
    two.add((), {"kind": [1]}, wrong=False, missing=False)
    assert list(kinds_table({"one": one, "two": two}))[2:] == [
        "| kind | all | 2 | 50% | 1 | 1 | 1 | 1 | 1 |",
        "|  | one | 1 | 100% | 1 | 0 | 0 | 1 | 1 |",
        "|  | two | 1 | 0% | 0 | 1 | 1 | 0 | 0 |",
    ]


def test_each_population_says_how_many_of_its_right_files_are_flagged() -> None:
    found = Tallies()
    found.add((), {"kind": [1]}, wrong=False, missing=False)
    found.add((), {}, wrong=False, missing=False)
    assert list(populations_table({"one": found}))[2] == "| one | 2 | 1 | 50.0 % | 0 | 0 | 0 |"

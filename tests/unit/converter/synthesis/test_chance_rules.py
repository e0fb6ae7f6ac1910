"""Rules that fit few rows whatever is meant: what is asked instead of learned, and what is likely enough."""

from itertools import permutations

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.table import Table

KINDS = {
    "digits or letters": ("2524", "delta", "2376", "paper", "8152"),
    "capitals or none": ("DELTA", "gold", "FUND", "note", "SWAP"),
    "one word or two": ("delta lot", "gold", "fund swap", "note", "river stone"),
}


def learned(given: tuple[str, ...], wanted: tuple[str, ...]) -> LearnedProgram:
    """What an example of one column each comes to."""
    return learn(Table(("text",), tuple((t,) for t in given)), Table(("answer",), tuple((t,) for t in wanted)))


@pytest.mark.parametrize("texts", list(KINDS.values()), ids=list(KINDS))
def test_kinds_that_part_the_rows_alike_are_one(texts: tuple[str, ...]) -> None:
    """All letters, a letter at the start, no digit: on these rows they say the same, and one of them is chosen."""
    program = learned(texts, ("yes", "no", "yes", "no", "yes"))
    assert program.status == "completed"
    assert "longer" not in program.report.columns[0].words


@pytest.mark.parametrize("texts", [("2524", "delta", "paper x"), ("DELTA", "gold", "Note")])
def test_three_rows_that_kinds_part_in_several_ways_are_told_apart_in_any_case(texts: tuple[str, ...]) -> None:
    assert learned(texts, ("yes", "no", "no")).status == "failed"


@pytest.mark.parametrize("split", [2, 3])
def test_cases_are_not_told_by_the_places_of_rows(split: int) -> None:
    """An example is listed case by case."""
    words = ("refund winter 441", "refund prime 270", "refund option 809", "prime income 819", "cash cash 97")
    program = learned(words, ("out",) * split + ("sale",) * (len(words) - split))
    assert program.status == "failed" or "row_number" not in program.sql


@pytest.mark.parametrize("numbers", list(permutations(("519", "1820", "297"))), ids="/".join)
def test_small_numbers_are_not_told_by_what_all_rows_come_to(numbers: tuple[str, ...]) -> None:
    """A share of the greatest is rounded to 0 or 1 whatever is meant."""
    program = learned((*numbers, "1919"), tuple(str(int(int(number) >= 1000)) for number in (*numbers, "1919")))
    assert "max(" not in program.sql


@pytest.mark.parametrize("sign", ["%", ""])
def test_the_digits_of_a_share_are_multiplied_and_not_cut(sign: str) -> None:
    program = learned(("0.49", "0.38", "0.63"), tuple(f"{number}{sign}" for number in (49, 38, 63)))
    assert "times 100" in program.report.columns[0].words


def test_a_single_row_is_of_some_kind_that_the_others_are_not() -> None:
    names = ("Mount Everest", "K2", "Kangchenjunga", "Lhotse", "Makalu")
    assert learned(names, ("Himalayas", "Karakoram", "Himalayas", "Himalayas", "Himalayas")).status == "failed"


ACTIONS = {
    "Buy": "BUY", "Sell": "SELL", "Cash Dividend": "DIVIDEND", "Bank Interest": "INTEREST", "Wire Received": "DEPOSIT",
}  # fmt: skip


@pytest.mark.parametrize("again", ["Buy", "Cash Dividend", "Bank Interest"])
def test_kinds_of_which_one_comes_twice_are_a_list(again: str) -> None:
    """An example has a row of each kind: that one of them comes again with its answer is no chance."""
    actions = [*ACTIONS, again]
    rows = tuple((f"2026-01-{3 + 2 * i:02}", action, f"{7 * i + 4}.50") for i, action in enumerate(actions))
    wanted = tuple((day, ACTIONS[action], amount) for day, action, amount in rows)
    program = learn(Table(("Date", "Action", "Amount"), rows), Table(("date", "type", "amount"), wanted))
    assert program.status == "completed"
    assert "by a list of values seen" in program.report.columns[1].words


def test_names_of_which_none_comes_twice_are_no_list() -> None:
    rows = tuple((f"2026-01-{3 + 2 * i:02}", action, f"{7 * i + 4}.50") for i, action in enumerate(ACTIONS))
    wanted = tuple((day, ACTIONS[action], amount) for day, action, amount in rows)
    program = learn(Table(("Date", "Action", "Amount"), rows), Table(("date", "type", "amount"), wanted))
    assert program.status == "failed"


ITSELF = {
    "a share of the least, which is one": (("a", "43.59"), ("b", "1.39"), ("a", "20.34"), ("b", "1.00"), ("c", "8.88")),
    "what is more than the least, which is nothing": (("a", "43.59"), ("a", "0.00"), ("b", "2.34"), ("b", "7.10")),
    "a sum of groups of one row each": (("a", "43.59"), ("b", "1.39"), ("c", "2.34"), ("d", "7.10")),
}


@pytest.mark.parametrize("rows", ITSELF.values(), ids=list(ITSELF))
def test_an_amount_is_no_figure_that_comes_to_the_amount_itself(rows: tuple[tuple[str, str], ...]) -> None:
    wanted = tuple((amount.replace(".", ","),) for _, amount in rows)
    program = learn(Table(("kind", "amount"), rows), Table(("value",), wanted))
    assert "OVER" not in program.sql


def test_an_amount_signed_by_a_mark_is_no_running_total_of_groups_of_one() -> None:
    rows = (
        ("Korn", "CARD", "263.52", "C"), ("Korn", "TRF", "23762.36", "C"), ("City", "CARD", "5496.05", "C"),
        ("Blum", "TRF", "213.79", "C"), ("Rail", "FEE", "19668.01", "C"), ("City", "FEE", "14201.20", "D"),
    )  # fmt: skip
    wanted = tuple((f"-{amount}" if mark == "D" else amount,) for *_, amount, mark in rows)
    program = learn(Table(("payee", "kind", "amount", "mark"), rows), Table(("signed",), wanted))
    assert "OVER" not in program.sql

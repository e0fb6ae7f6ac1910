"""Rows of which a program leaves something out, or lacks something, as on no row of the example, are flagged; what is
of the example's kind, however it is written, is not."""

from itertools import product

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.synthesis.proof.forms import KIND
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

MARKS = (" | ", " - ", ", ", "; ", "/")
PARTS = (("market", "prime option"), ("swap", "gold silver"), ("north", "delta"), ("river fund", "copper"))
NUMBERS = ("863.2859", "432.4136", "635.5711", "1207.118")


def learned(given: tuple[str, ...], wanted: tuple[str, ...]) -> LearnedProgram:
    """The program of an example of one column each."""
    return learn(Table(("text",), tuple((t,) for t in given)), Table(("answer",), tuple((t,) for t in wanted)))


def flags(program: LearnedProgram, text: str, runner: InProcessRunner) -> list[str]:
    """The words of the checks that flag a file of one row."""
    assert program.status == "completed"
    file = Table(("text",), ((text,),))
    return [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows]


@pytest.mark.parametrize("mark", MARKS)
def test_one_more_part_is_flagged_where_no_part_was_left_out(mark: str, runner: InProcessRunner) -> None:
    program = learned(tuple(f"{a}{mark}{b}" for a, b in PARTS), tuple(f"{b} ({a})" for a, b in PARTS))
    assert flags(program, f"stone{mark}euro lot{mark}alpha", runner) != []
    assert flags(program, f"stone{mark}euro lot", runner) == []


@pytest.mark.parametrize("mark", ["-", "_", "."])
def test_a_number_among_words_is_flagged_where_it_is_left_out(mark: str, runner: InProcessRunner) -> None:
    texts = ("silver", f"garden{mark}lot", f"river{mark}north{mark}swap", f"market{mark}euro")
    program = learned(texts, tuple(text.replace(mark, " ") for text in texts))
    kept = flags(program, f"field{mark}gold", runner)
    assert kept == []
    (answer,) = runner.run(program.sql, Table(("text",), ((f"field{mark}40",),))).rows
    assert answer == ("field 40",) or flags(program, f"field{mark}40", runner) != []


LEFT_OUT = "a part of the text is left out of the answer, as none of the example's was"
DATES = ("07/03/2024", "25/11/2023", "30/06/2025")


@pytest.mark.parametrize("text", ["7 March 2024", "2024-03-07", "Thu 07.03.2024", "March 7, 2024"])
def test_a_date_that_is_written_otherwise_leaves_nothing_out(text: str, runner: InProcessRunner) -> None:
    program = learned(DATES, tuple("-".join(reversed(date.split("/"))) for date in DATES))
    assert runner.run(program.sql, Table(("text",), ((text,),))).rows == (("2024-03-07",),)
    assert flags(program, text, runner) == []


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("gold lot", "river", "north euro"), ("GOLD LOT", "RIVER", "NORTH EURO")),
        ((" gold lot", "river ", "north euro"), ("gold lot", "river", "north euro")),
        (("gold lot", "river", "north euro"), ("<gold lot>", "<river>", "<north euro>")),
        (("B", "S", "B", "S"), ("Buy", "Sell", "Buy", "Sell")),
    ],
    ids=["capitals", "without_blanks", "between_marks", "a_list_of_values"],
)
def test_what_leaves_nothing_out_whatever_the_text_is_not_asked_whether_it_does(
    given: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    program = learned(given, wanted)
    assert program.status == "completed"
    assert LEFT_OUT not in [guard.words for guard in program.report.guards]


@pytest.mark.parametrize("mark", [", ", " - ", ": "])
def test_a_part_that_is_empty_beside_another_is_flagged(mark: str, runner: InProcessRunner) -> None:
    numbered = [(a, n) for n, (a, _) in enumerate(PARTS, 71)]
    program = learned(tuple(f"{a} {n}" for a, n in numbered), tuple(f"{n}{mark}{a}" for a, n in numbered))
    assert flags(program, "stone 75", runner) == []
    assert flags(program, "stone", runner) != []


@pytest.mark.parametrize(("number", "decimals"), list(product(("-119.297", "-7.1184", "3.5001"), (0, 1, 2))))
def test_a_number_of_another_sign_or_size_is_of_the_same_kind(
    number: str, decimals: int, runner: InProcessRunner
) -> None:
    program = learned(NUMBERS, tuple(f"{float(text):.{decimals}f}" for text in NUMBERS))
    assert flags(program, number, runner) == []


def test_below_a_thousand_no_number_is_grouped(runner: InProcessRunner) -> None:
    texts = ("Chevron  245,621.0  26,895.0", "Fannie Mae  137,451.0  9,190.0", "Kroger  90,374.0  41,060.0")
    program = learned(texts, tuple(text.split()[-1] for text in texts))
    assert flags(program, "Cardinal  102,644.2  959.0", runner) == []


@pytest.mark.parametrize("mark", [" | ", "/", ", ", ";", " > "])
def test_a_list_of_any_number_of_items_is_of_the_same_kind(mark: str) -> None:
    assert KIND.of(mark.join(("garden", "field"))) == KIND.of(mark.join(("swap", "prime", "fund lot", "note")))


@pytest.mark.parametrize("name", ["O'Hara", "D’Arcy"])
def test_an_apostrophe_within_a_name_is_no_punctuation(name: str, runner: InProcessRunner) -> None:
    names = (("Lopez", "Omar"), ("Berg", "Sven"), ("Novak", "Rosa"), ("Tanaka", "Priya"))
    program = learned(tuple(f"{a}, {b}" for a, b in names), tuple(f"{a} {b[0]}." for a, b in names))
    assert flags(program, f"{name}, Sven", runner) == []


@pytest.mark.parametrize("text", ["(425) 474-2207 ", "(425) 474-2207   "])
def test_a_blank_at_an_end_parts_no_fields(text: str, runner: InProcessRunner) -> None:
    texts = ("(910) 592-6138", "(879) 978-3211", "(374) 442-0901", "(756) 775-6140")
    program = learned(texts, tuple(text.replace("(", "").replace(") ", "-") for text in texts))
    assert flags(program, text, runner) == []


EITHER = {
    "cells": lambda text: text,
    "numbers of things": lambda text: f"Order #{text}" if text else "",
    "what stands in brackets": lambda text: f"paid ({text})" if text else "",
}


@pytest.mark.parametrize("written", list(EITHER))
def test_two_parts_of_which_no_row_had_both_are_flagged_where_one_has(written: str, runner: InProcessRunner) -> None:
    pairs = (("1208", ""), ("", "1309"), ("1777", ""), ("", "1550"), ("1402", ""))
    given = tuple((EITHER[written](a), EITHER[written](b), f"R{i}") for i, (a, b) in enumerate(pairs))
    program = learn(Table(("one", "other", "mark"), given), Table(("number",), tuple((a or b,) for a, b in pairs)))
    assert program.status == "completed"
    both = Table(("one", "other", "mark"), ((EITHER[written]("1610"), EITHER[written]("1711"), "R9"),))
    assert any(runner.run(guard.sql, both).rows for guard in program.report.guards)

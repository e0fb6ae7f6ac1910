"""Cells that are copied, but for one text that stands for another: nothing, a mark for nothing, a nought."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

HEADER = ("Day", "Told", "Reference")
NAMES, AMOUNTS = ("Nia Bell", "Omar Kay", "Ed Poe"), ("2.50", "3.10", "12.75")
LATER_NAMES, LATER_AMOUNTS = ("Café & Co", "van Dam, Mia"), ("48.72", "0.41", "118.05")
EXCEPTIONS = {
    "nothing is somebody": (NAMES, "", "Walk-in", LATER_NAMES),
    "a mark is nothing": (NAMES, "-", "", LATER_NAMES),
    "two marks are nobody": (NAMES, "--", "nobody", LATER_NAMES),
    "a nought is nothing": (AMOUNTS, "0.00", "", LATER_AMOUNTS),
    "a mark is a nought": (AMOUNTS, "-", "0.00", LATER_AMOUNTS),
    "nothing is a nought": (AMOUNTS, "", "0.00", LATER_AMOUNTS),
    "marks are nothing": (AMOUNTS, "--", "", LATER_AMOUNTS),
}
PLACES = {"two of five": (0, 4), "three of six": (1, 2, 5), "two at the end": (3, 4)}


def table(texts: list[str], first: int = 1) -> Table:
    """A row for each text, with a day and a reference of its own."""
    return Table(HEADER, tuple((f"2026-03-{i:02}", text, f"R{i}") for i, text in enumerate(texts, first)))


def learned(texts: list[str], mark: str, answer: str, runner: ProgramRunner) -> LearnedProgram:
    wanted = tuple((row[0], answer if row[1] == mark else row[1]) for row in table(texts).rows)
    return learn(table(texts), Table(("day", "told"), wanted), runner=runner)


@pytest.mark.parametrize("places", list(PLACES.values()), ids=list(PLACES))
@pytest.mark.parametrize("exception", list(EXCEPTIONS.values()), ids=list(EXCEPTIONS))
def test_what_is_copied_is_copied_in_later_files(
    exception: tuple[tuple[str, ...], str, str, tuple[str, ...]], places: tuple[int, ...], runner: ProgramRunner
) -> None:
    copied, mark, answer, others = exception
    texts = list(copied)
    for place in places:
        texts.insert(place, mark)
    program = learned(texts, mark, answer, runner)
    assert program.status == "completed", program.report.doubts
    later = table([*others, mark], 11)
    made = [row[1] or "" for row in runner.run(program.sql, later).rows]
    assert made == [*others, answer]
    # Another name or amount than the example's is no reason to look at a row.
    assert not [guard.words for guard in program.report.guards for _ in runner.run(guard.sql, later).rows]


def test_a_lone_amount_among_noughts_is_no_day(runner: ProgramRunner) -> None:
    program = learned(["0.00", "0.00", "0.00", "3.10", "0.00", "0.00"], "0.00", "", runner)
    assert program.status == "completed", program.report.doubts
    made = runner.run(program.sql, table(["48.72", "0.41", "0.00"])).rows
    assert [row[1] or "" for row in made] == ["48.72", "0.41", ""]


@pytest.mark.parametrize("mark", [" > ", ": ", " / "])
def test_values_that_come_again_are_no_list_where_a_rule_makes_them(mark: str, runner: ProgramRunner) -> None:
    texts = ["Food-Shops", "Leisure-Dining", "Travel-Rail", "General-Online", "General-Online", "Travel-Rail"]
    wanted = tuple((row[0], row[1].replace("-", mark)) for row in table(texts).rows)
    program = learn(table(texts), Table(("day", "told"), wanted), runner=runner)
    made = runner.run(program.sql, table(["Home-Rent", "Pets-Food"])).rows
    assert [row[1] for row in made] == [f"Home{mark}Rent", f"Pets{mark}Food"]


CASES = (("Jan", "", "Pay"), ("", "", "Card at Colruyt"), ("Acme", "", "Order"), ("", "", "Card at Aldi"))


def test_a_cell_is_flagged_that_a_case_leaves_out_and_was_always_blank_there(runner: ProgramRunner) -> None:
    header = ("Name", "Message", "Text")
    rows = (*CASES, ("Beta", "invoice 7", "Order"), ("Rent BV", "May", "Order"))
    wanted = tuple((" / ".join(filter(None, row[:2])) or row[2],) for row in rows)
    program = learn(Table(header, rows), Table(("told",), wanted), runner=runner)
    assert program.status == "completed", program.report.doubts
    later = Table(header, (("Ceto", "gift", "Order"), ("", "own money", "Cash"), ("", "", "Card at Lidl")))
    made = [row[0] for row in runner.run(program.sql, later).rows]
    flagged = {int(row[0]) for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert (made[0], made[2], 2 in flagged) == ("Ceto / gift", "Card at Lidl", True)

"""Rows on which an answer does not stand as the example's answers stood are flagged, whatever stands around it."""

from itertools import product

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

MARKS = (" (", " - ", ", ", " | ", ": ", "; ")
NAMES = (("Ann", "Berg"), ("Bo", "Lind"), ("Eva", "Moe"), ("Ida", "Rao"))
NOTES = (" *", " (new)", " - see note", "; old", "?x=1", " | 7")


def learned(given: tuple[str, ...], wanted: tuple[str, ...]) -> LearnedProgram:
    """The program of an example of one column each."""
    return learn(Table(("text",), tuple((t,) for t in given)), Table(("answer",), tuple((t,) for t in wanted)))


def flags(program: LearnedProgram, text: str, runner: InProcessRunner) -> list[str]:
    """The words of the checks that flag a file of one row."""
    assert program.status == "completed"
    file = Table(("text",), ((text,),))
    return [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows]


def written(first: str, last: str, mark: str, code: str) -> str:
    """A person and a code with a mark between."""
    return f"{first} {last}{mark}{code}" + ")" * mark.endswith("(")


@pytest.mark.parametrize(("mark", "words"), list(product(MARKS, ("x", "net a"))))
def test_one_more_word_between_the_same_marks_is_flagged(mark: str, words: str, runner: InProcessRunner) -> None:
    """The second word is the last before the mark, too: both explain the example, and a third word tells them apart."""
    program = learned(tuple(written(*name, mark, words) for name in NAMES), tuple(last for _, last in NAMES))
    assert flags(program, written("Jan Joe", "Roy", mark, words), runner) != []
    assert flags(program, written("Jan", "Roy", mark, words), runner) == []


@pytest.mark.parametrize(("mark", "note"), list(product(MARKS, NOTES)))
def test_a_field_that_holds_a_mark_of_fields_for_the_first_time_is_flagged(
    mark: str, note: str, runner: InProcessRunner
) -> None:
    codes = ("north", "gold", "euro", "stone")
    texts = tuple(written(*name, mark, code) for name, code in zip(NAMES, codes, strict=True))
    program = learned(texts, codes)
    plain, odd = written("Jan", "Roy", mark, "field"), written("Jan", "Roy", mark, f"field{note}")
    assert flags(program, plain, runner) == []
    assert flags(program, odd, runner) != []


@pytest.mark.parametrize("note", NOTES)
def test_a_cell_that_is_made_of_as_a_whole_is_a_field_too(note: str, runner: InProcessRunner) -> None:
    program = learned(("gold lot", "euro", "stone"), ("#gold lot", "#euro", "#stone"))
    assert flags(program, f"field{note}", runner) != []
    assert flags(program, "field bond swap", runner) == []


@pytest.mark.parametrize("text", ["12:30", "4,500", "3/4", "Smith-Jones", "O'Hara", "R&D", "50%"])
def test_a_mark_inside_of_a_word_or_a_number_parts_nothing(text: str, runner: InProcessRunner) -> None:
    program = learned(("gold lot", "euro", "stone"), ("#gold lot", "#euro", "#stone"))
    assert not any("parts fields" in words for words in flags(program, text, runner))


@pytest.mark.parametrize("mark", [": ", "_", " (", "-"])
def test_a_text_written_around_nothing_is_flagged(mark: str, runner: InProcessRunner) -> None:
    """Of a blank cell nothing is made: the mark would stand there alone."""
    close = ")" if mark == " (" else ""
    program = learned(("gold/lot", "euro/bond", "note/cash"), tuple(
        f"{b}{mark}{a}{close}" for a, b in (("gold", "lot"), ("euro", "bond"), ("note", "cash"))
    ))  # fmt: skip
    assert any("nothing was found" in words for words in flags(program, "", runner))


def test_a_cell_that_is_blank_is_copied_as_it_is(runner: InProcessRunner) -> None:
    program = learned(("gold/lot", "euro/bond", "note/cash"), ("lot", "bond", "cash"))
    assert flags(program, "", runner) == []


DAYS = {"12-Nov-2010": "12 November", "13-Nov-2022": "13 November", "26-Aug-2016": "26 August"}


@pytest.mark.parametrize(("text", "open_"), [("02-May-1996", True), ("22-May-1996", False)])
def test_a_day_of_one_digit_is_open_where_the_example_has_none(text: str, open_: bool, runner: InProcessRunner) -> None:
    program = learned(tuple(DAYS), tuple(DAYS.values()))
    assert any("another thing" in words for words in flags(program, text, runner)) is open_


def test_a_day_with_a_zero_before_it_settles_it(runner: InProcessRunner) -> None:
    days = {**DAYS, "03-Nov-2001": "03 November"}
    assert flags(learned(tuple(days), tuple(days.values())), "02-May-1996", runner) == []


def test_a_version_is_missed_where_a_word_stands_in_its_place(runner: InProcessRunner) -> None:
    texts = ("a.net/v 2.1", "b.net/v 3.10", "c.net/v 4.7", "d.net/v 20.2")
    program = learned(texts, tuple(text.split("/")[1] for text in texts))
    assert any("of a kind" in words for words in flags(program, "e.net/lot", runner))


SPELLED = {
    "of a browser": (
        ("MFM-Robot/5.2-internal HH464 OS 9.0.8", "MFM-8.8.90/xPhone-6.5.9", "MFM-1.4.29/xPhone-6.7.0", ""),
        ("HH464", "xPhone", "xPhone", ""),
    ),
    "of a name": (
        ("1721 Sir Robert Walpole", "1742 Spencer Compton Earl of Wilmington", "1743 Henry Pelham",
         "1754 Thomas Pelham-Holles Duke of Newcastle", "1756 William Cavendish Duke of Devonshire"),
        ("Sir Robert Walpole", "Earl of Wilmington", "Henry Pelham", "Duke of Newcastle", "Duke of Devonshire"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SPELLED)
def test_a_word_that_stands_in_the_file_is_not_spelled_of_pieces(what: str) -> None:
    program = learned(*SPELLED[what])
    assert program.status == "failed"
    assert any("spelled of pieces" in doubt for doubt in program.report.doubts)


def test_what_is_added_is_not_finer_than_what_is_written() -> None:
    """Any amount from 0.05 to 0.09 gives these: none of them was told."""
    given = ("8,355,928.24", "6,023,450.72", "6,029,963.15", "4,979,600.86", "3,463,340.12")
    wanted = ("8,355,928.3", "6,023,450.8", "6,029,963.2", "4,979,600.9", "3,463,340.2")
    program = learned(given, wanted)
    assert not any("plus 0.0" in column.words for column in program.report.columns) or program.status == "failed"

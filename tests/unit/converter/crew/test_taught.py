"""Lessons are shown to the agents, and their programs are proved on them."""

import pytest

from services.converter.domain.crew.taught import refuse_contradictions, tell_lessons, unmet_lessons
from services.converter.domain.lessons import Lesson, LessonRefused
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
MARCH = Table(("kind", "n"), (("BUY", "1"), ("FEE", "2"), ("BUY", "3")))
EXPECTED = Table(("n",), (("1",),))
SIGNED = "SELECT CASE WHEN kind = 'FEE' THEN '-' || n ELSE n END AS n FROM input ORDER BY _row"
BOUGHT = "SELECT n FROM input WHERE kind = 'BUY' ORDER BY _row"


def lesson(row: int, output: dict[str, str] | None) -> Lesson:
    return Lesson("march.csv", MARCH, row, output)


@pytest.mark.parametrize(
    ("sql", "taught"),
    [
        (SIGNED, lesson(2, {"n": "-2"})),
        (SIGNED, lesson(2, {})),
        (BOUGHT, lesson(2, None)),
        (BOUGHT, lesson(3, {"n": "3"})),
        ("SELECT CAST(sum(CAST(n AS INT)) OVER (ORDER BY _row) AS VARCHAR) AS n FROM input", lesson(3, {"n": "6"})),
    ],
)
def test_a_program_meets_what_it_does(sql: str, taught: Lesson) -> None:
    assert unmet_lessons(sql, [taught], EXPECTED, RUNNER) == []


@pytest.mark.parametrize(
    ("sql", "taught", "words"),
    [
        (SIGNED, lesson(2, {"n": "2"}), "the program gives '-2' in \"n\""),
        (SIGNED, lesson(2, None), "the program keeps it"),
        (BOUGHT, lesson(2, {}), "the program makes 0 rows of it"),
        ("SELECT error('no') AS n FROM input", lesson(1, {"n": "1"}), "the program makes 0 rows of it"),
    ],
)
def test_what_a_program_does_not_meet_is_said_with_what_it_does(sql: str, taught: Lesson, words: str) -> None:
    (said,) = unmet_lessons(sql, [taught], EXPECTED, RUNNER)
    assert said.startswith("row ")
    assert words in said


def test_agents_are_shown_the_cells_and_what_becomes_of_them() -> None:
    assert tell_lessons([lesson(1, {"n": "1"}), lesson(2, None), lesson(3, {})]) == (
        '[["BUY", "1"], {"n": "1"}]',
        '[["FEE", "2"], "is left out"]',
        '[["BUY", "3"], "belongs to the output"]',
    )


def test_a_lesson_that_the_example_contradicts_is_refused() -> None:
    source, expected = Table(("kind", "n"), (("BUY", "1"),)), Table(("n",), (("one",),))
    refuse_contradictions([lesson(1, {"n": "one"}), lesson(2, {"n": "two"})], source, expected)
    with pytest.raises(LessonRefused, match="row 1 of the example has 'one'"):
        refuse_contradictions([lesson(1, {"n": "1"})], source, expected)

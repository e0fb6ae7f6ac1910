"""Programs that explain the same example: what they disagree on is one question, of the row that parts them best."""

import pytest

from services.converter.domain.crew.asking import Fitting, add_question, ask_between
from services.converter.domain.report import Question
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
REFS = Table(("ref", "word", "n"), tuple((f"{w}-{n}", w, str(n)) for n, w in enumerate(("alpha", "beta", "gamma"), 11)))
OWN = "SELECT n || ':' || word AS code FROM input ORDER BY _row"
OTHER = "SELECT split_part(ref, '-', 2) || ':' || word AS code FROM input ORDER BY _row"
MARCH = Table(("ref", "word", "n"), (("pi-7", "pi", "7"), ("mu-8", "mu", "9")))


def asked(
    *programs: str, samples: dict[str, Table] | None = None, settled: frozenset[tuple[str, int, str]] = frozenset()
) -> Question | None:
    fitting = [Fitting(sql, f"rule {place}") for place, sql in enumerate(programs, 1)]
    return ask_between(fitting, REFS, ("code",), RUNNER, samples=samples, settled=settled)


def test_the_question_shows_a_made_up_row_with_an_answer_for_each_program() -> None:
    question = asked(OWN, OTHER)
    assert question is not None
    assert (question.kind, question.column, question.row.number) == ("which value", "code", 0)
    assert [(c.value, c.words, c.programs) for c in question.candidates] == [
        (f"{question.row.cells[2]}:{question.row.cells[1]}", "rule 1: n || ':' || word", 1),
        (
            f"{question.row.cells[0].partition('-')[2]}:{question.row.cells[1]}",
            "rule 2: SPLIT_PART(ref, '-', 2) || ':' || word",
            1,
        ),
    ]
    assert question.default == question.candidates[0].value


def test_a_row_of_a_sample_file_is_asked_about_first() -> None:
    question = asked(OWN, OTHER, samples={"march.csv": MARCH})
    assert question is not None
    assert (question.row.file, question.row.number, question.row.cells) == ("march.csv", 2, MARCH.rows[1])


def test_what_the_user_has_spoken_of_is_not_asked_again() -> None:
    question = asked(OWN, OTHER, samples={"march.csv": MARCH}, settled=frozenset({("march.csv", 2, "code")}))
    assert question is not None
    assert question.row.number == 0


def test_nothing_is_asked_of_rows_on_which_programs_part_as_on_one_that_nobody_could_answer_for() -> None:
    fitting = [Fitting(OWN, "own"), Fitting(OTHER, "other")]
    left = {("code", MARCH.rows[1])}
    assert ask_between(fitting, REFS, ("code",), RUNNER, samples={"march.csv": MARCH}, left=left) is None


def test_the_row_that_rules_out_most_is_chosen() -> None:
    third = "SELECT CASE WHEN word LIKE 'm%' THEN 'x' ELSE n || ':' || word END AS code FROM input ORDER BY _row"
    rows = Table(MARCH.header, (("pi-7", "pi", "9"), ("mu-8", "mu", "9")))
    question = asked(OWN, OTHER, third, samples={"march.csv": rows})
    assert question is not None
    assert (question.row.number, len(question.candidates)) == (2, 3)


def test_whether_a_row_belongs_is_asked_where_programs_keep_other_rows() -> None:
    every, some = "SELECT ref FROM input ORDER BY _row", "SELECT ref FROM input WHERE word <> 'mu' ORDER BY _row"
    question = ask_between(
        [Fitting(every, "all"), Fitting(some, "some")], REFS, ("ref",), RUNNER, samples={"march.csv": MARCH}
    )
    assert question is not None
    assert (question.kind, question.column, question.row.number) == ("which rows", "", 2)
    assert [c.value for c in question.candidates] == ["keep", "drop"]


@pytest.mark.parametrize(
    "other",
    [
        OWN.replace("ORDER BY _row", "ORDER BY _row, word"),  # the same everywhere
        "SELECT max(n) || ':' || word AS code FROM input GROUP BY word",  # rows of many rows
        "SELECT error('no') AS code FROM input",
        "no SQL",
    ],
)
def test_there_is_nothing_to_ask_where_no_row_has_two_answers(other: str) -> None:
    assert asked(OWN, other, samples={"march.csv": MARCH}) is None


def test_one_question_takes_the_place_of_others_on_its_column() -> None:
    old = [{"id": "q1", "column": "code"}, {"id": "q2", "column": "area"}]
    assert add_question(old, {"id": "", "column": "code", "new": True}) == [
        {"id": "q1", "column": "code", "new": True},
        {"id": "q2", "column": "area"},
    ]

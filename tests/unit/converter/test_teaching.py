"""Lessons: what the user said of a row holds as the example does, and what it leaves open is asked for."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.learning import learn
from services.converter.domain.lessons import LessonRefused
from services.converter.domain.reading.reader import read_table
from services.converter.domain.synthesis.proof.questions import Asking, questions_of
from services.converter.domain.table import Table
from services.converter.taught import Teaching
from services.converter.training import Training, train

GIVEN = (
    b"date,type,name,amount\n2026-01-02,Kauf,Acme,10.00\n2026-01-03,Verkauf,Beta,20.00\n2026-01-04,Kauf,Gamma,5.50\n"
    b"2026-01-05,Verkauf,Acme,7.00\n2026-01-06,Kauf,Delta,70.25\n2026-01-07,Kauf,Acme,1.00\n"
)
WANTED = (
    b"when,action,title\n2026-01-02,BUY,Acme\n2026-01-03,SELL,Beta\n2026-01-04,BUY,Gamma\n2026-01-05,SELL,Acme\n"
    b"2026-01-06,BUY,Delta\n2026-01-07,BUY,Acme\n"
)
PAIR = GIVEN, WANTED
MARCH = (
    b"date,type,name,amount\n2026-03-02,Kauf,Acme,10.00\n2026-03-03,Sparplan,Beta,20.00\n2026-03-05,Steuer,Acme,9.00\n"
    b"2026-03-06,Sparplan,Eta,0.10\n2026-03-07,Sparplan,Zeta,1.10\n"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture(scope="module")
def first(sandbox: DuckDBSandbox) -> Training:
    return train(*PAIR, runner=sandbox)


def lesson(row: int, output: Any, file: str = "march") -> dict[str, Any]:
    return {"source": {"file": file, "row": row}, "output": output}


def taught(sandbox: DuckDBSandbox, first: Training, *lessons: Any) -> Training:
    return train(*PAIR, runner=sandbox, teaching=Teaching(lessons, {"march": MARCH}), finding=first.finding)


def run(sandbox: DuckDBSandbox, training: Training, file: bytes) -> list[tuple[str, ...]]:
    """The rows that the trained program makes of a file."""
    return list(sandbox.run(training.program, read_table(file).table).rows)


def test_a_value_that_the_pair_did_not_show_is_asked_for_once(sandbox: DuckDBSandbox, first: Training) -> None:
    questions = taught(sandbox, first).report["questions"]
    asked = [(q["kind"], q["column"], q["row"]["file"], q["row"]["cells"][1]) for q in questions]
    assert asked == [("a new value", "action", "march", value) for value in ("Sparplan", "Steuer")]


def test_the_answers_offered_are_those_that_people_would_give(sandbox: DuckDBSandbox, first: Training) -> None:
    question = taught(sandbox, first).report["questions"][0]
    assert [c["value"] for c in question["candidates"] if c["says"] == "value"] == ["", "BUY", "SELL", "Sparplan"]


def test_a_lesson_on_one_row_holds_for_rows_like_it(sandbox: DuckDBSandbox, first: Training) -> None:
    training = taught(sandbox, first, lesson(2, {"action": "PLAN"}))
    assert training.status == "completed"
    assert [row[1] for row in run(sandbox, training, MARCH)] == ["BUY", "PLAN", "", "PLAN", "PLAN"]


def test_what_was_answered_is_not_asked_again(sandbox: DuckDBSandbox, first: Training) -> None:
    questions = taught(sandbox, first, lesson(2, {"action": "PLAN"})).report["questions"]
    assert [q["row"]["cells"][1] for q in questions] == ["Steuer"]


def test_a_lesson_says_nothing_of_the_columns_that_it_leaves_open(sandbox: DuckDBSandbox, first: Training) -> None:
    training = taught(sandbox, first, lesson(3, {"title": "Acme"}))
    assert run(sandbox, training, MARCH)[2][1] == ""
    assert [q["column"] for q in training.report["questions"]] == ["action", "action"]


def test_rows_like_one_that_is_dropped_are_left_out(sandbox: DuckDBSandbox, first: Training) -> None:
    training = taught(sandbox, first, lesson(3, "drop"))
    made = run(sandbox, training, MARCH)
    assert [row[0] for row in made] == ["2026-03-02", "2026-03-03", "2026-03-06", "2026-03-07"]


def test_lessons_hold_beside_the_pair(sandbox: DuckDBSandbox, first: Training) -> None:
    training = taught(sandbox, first, lesson(2, {"action": "PLAN"}), lesson(3, "drop"))
    expected = [tuple(line.split(",")) for line in PAIR[1].decode().splitlines()[1:]]
    assert run(sandbox, training, PAIR[0]) == expected


def test_a_row_that_stands_in_no_file_is_a_lesson_too(sandbox: DuckDBSandbox, first: Training) -> None:
    made_up = {"source": {"cells": ["2026-04-01", "Bonus", "Acme", "1"]}, "output": {"action": "GIFT"}}
    training = taught(sandbox, first, made_up)
    assert run(sandbox, training, b"date,type,name,amount\n2026-05-05,Bonus,Beta,2\n")[0][1] == "GIFT"


def test_the_same_lessons_give_the_same_program_from_the_files_alone(sandbox: DuckDBSandbox, first: Training) -> None:
    lessons = (lesson(2, {"action": "PLAN"}), lesson(3, "drop"))
    alone = train(*PAIR, runner=sandbox, teaching=Teaching(lessons, {"march": MARCH}))
    assert alone.program == taught(sandbox, first, *lessons).program


def test_a_taught_value_is_no_longer_flagged(sandbox: DuckDBSandbox, first: Training) -> None:
    training = taught(sandbox, first, lesson(2, {"action": "PLAN"}))
    guards = [guard["sql"] for guard in training.report["guards"] if guard["kind"] == "value_set"]
    assert guards
    assert all("'Sparplan'" in sql for sql in guards)


@pytest.mark.parametrize(
    ("lessons", "code", "words"),
    [
        (
            [lesson(2, {"action": "BUY"}), lesson(2, {"action": "PLAN"})],
            "LESSON_CONTRADICTORY",
            "row 2 of march says 'BUY' in \"action\", row 2 of march says 'PLAN' in \"action\"",
        ),
        ([lesson(2, "drop"), lesson(2, "keep")], "LESSON_CONTRADICTORY", "row 2 of march is left out"),
        (
            [lesson(1, {"action": "SELL"}, file="input")],
            "LESSON_CONTRADICTORY",
            "row 1 of the example has 'BUY' in \"action\", row 1 of input says 'SELL'",
        ),
        ([lesson(1, "drop", file="input")], "LESSON_NOT_EXPLAINED", "row 1 of input is left out"),
        ([lesson(9, "drop")], "LESSON_INVALID", "lessons[0].source.row: a row of march is wanted: 1 to 5"),
        ([lesson(1, "drop", file="may")], "LESSON_INVALID", "lessons[0].source.file"),
        ([lesson(1, {"side": "B"})], "LESSON_INVALID", 'the output has no column "side"'),
        ([lesson(1, 7)], "LESSON_INVALID", "lessons[0].output"),
    ],
    ids=["answers", "dropped and kept", "the pair", "the pair's row", "no row", "no file", "no column", "no output"],
)  # fmt: skip
def test_a_lesson_that_cannot_hold_is_refused_by_name(
    sandbox: DuckDBSandbox, first: Training, lessons: list[Any], code: str, words: str
) -> None:
    with pytest.raises(LessonRefused) as refusal:
        taught(sandbox, first, *lessons)
    assert refusal.value.reason == code
    assert words in refusal.value.message


SIGNED = (
    b"Symbol,Amount\nACME,-$4.00\nBETA,$4.10\nGAMA,-$5.50\nDELT,$8.00\n",
    b"symbol,amount\nACME,-4.00\nBETA,4.10\nGAMA,-5.50\nDELT,8.00\n",
)


def test_a_cell_that_would_be_flagged_is_asked_about(sandbox: DuckDBSandbox) -> None:
    samples = {"may": b"Symbol,Amount\nACME,$1.00\nBETA,2.00 or so\nGAMA,$3.00\n"}
    questions = train(*SIGNED, runner=sandbox, teaching=Teaching(samples=samples)).report["questions"]
    assert [(q["column"], q["row"]["number"]) for q in questions] == [("amount", 2)]


def test_a_file_that_the_steps_cannot_be_run_on_raises_no_question(sandbox: DuckDBSandbox) -> None:
    samples = {"other": b"nothing,of,this\n1,2,3\n"}
    training = train(*PAIR, runner=sandbox, teaching=Teaching(samples=samples))
    assert (training.status, training.report["questions"]) == ("completed", ())


def test_a_program_that_leaves_questions_open_fails_where_that_is_asked_for(sandbox: DuckDBSandbox) -> None:
    teaching = Teaching(samples={"march": MARCH}, on_ambiguity="fail")
    training = train(*PAIR, runner=sandbox, teaching=teaching)
    assert (training.status, training.code) == ("failed", "AMBIGUOUS")
    assert '"action"' in training.reason


def test_a_rule_that_is_a_guess_is_asked_about_on_the_row_that_tells_most() -> None:
    places = ["10115 Berlin", "D-20095 Hamburg", "80331 Munich", "A-1010 Wien", "60311 Frankfurt am Main"]
    table = Table(("name", "place"), tuple((f"n{i}", place) for i, place in enumerate(places)))
    wanted = tuple((f"n{i}", "AT" if place.startswith("A-") else "DE") for i, place in enumerate(places))
    expected = Table(("name", "country"), wanted)
    learned = learn(table, expected)
    assert learned.survivors is not None
    sample = Table(table.header, (("x", "01067 Ulm"), ("y", "A-5020 Salzburg"), ("z", "D-18055 Rostock")))
    (question, *_) = questions_of(table, expected, learned.survivors, Asking({"s": sample}))
    # Salzburg's A stood on the one row that became AT; Ulm is shorter, and says nothing.
    assert (question.row.number, question.column) == (2, "country")
    assert [candidate.value for candidate in question.candidates] == ["DE", "AT"]


UNSORTED = (
    b"date,type,name,amount\n2026-04-09,Kauf,Acme,10.00\n2026-04-02,Verkauf,Beta,20.00\n2026-04-05,Kauf,Eta,9.00\n"
)


def in_order(sandbox: DuckDBSandbox, first: Training, *lessons: Any) -> Training:
    return train(*PAIR, runner=sandbox, teaching=Teaching(lessons, {"april": UNSORTED}), finding=first.finding)


def test_an_order_that_the_example_cannot_tell_is_asked_for_where_a_file_is_in_another(
    sandbox: DuckDBSandbox, first: Training
) -> None:
    (question,) = (q for q in in_order(sandbox, first).report["questions"] if q["kind"] == "which order")
    assert question["row"]["number"] == 1
    assert [c["value"] for c in question["candidates"] if c["says"] == "value"] == ["before row 2", "behind row 2"]
    # March's rows are in the order of their dates, as the example's are: nothing is open in them.
    assert not [q for q in taught(sandbox, first).report["questions"] if q["kind"] == "which order"]


@pytest.mark.parametrize(("said", "days"), [("before row 2", ["09", "02", "05"]), ("behind row 2", ["02", "05", "09"])])
def test_rows_come_in_the_order_that_was_taught(
    said: str, days: list[str], sandbox: DuckDBSandbox, first: Training
) -> None:
    training = in_order(sandbox, first, lesson(1, said, "april"))
    assert training.status == "completed"
    assert [row[0][-2:] for row in run(sandbox, training, UNSORTED)] == days


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (["before row 9"], "LESSON_INVALID"),
        (["before row 1"], "LESSON_INVALID"),
        (["before row 2", "behind row 2"], "LESSON_CONTRADICTORY"),
        (["behind row 3", "before row 2"], "LESSON_NOT_EXPLAINED"),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    said: list[str], reason: str, sandbox: DuckDBSandbox, first: Training
) -> None:
    with pytest.raises(LessonRefused) as refused:
        in_order(sandbox, first, *(lesson(1, one, "april") for one in said))
    assert refused.value.reason == reason


def test_nothing_is_asked_of_cells_that_no_file_has(sandbox: DuckDBSandbox) -> None:
    given = b"day,units,fee\n20260426,-5,-2.04\n20260425,80,-2.12\n20260424,-8,-0.53\n20260423,10,-0.41\n"
    wanted = b"date,count,cost\n2026-04-26,5,2.04\n2026-04-25,80,2.12\n2026-04-24,8,0.53\n2026-04-23,10,0.41\n"
    questions = train(given, wanted, runner=sandbox).report["questions"]
    made_up = [q["row"]["cells"] for q in questions if not q["row"]["number"]]
    dates = re.compile("2026(0[1-9]|1[0-2])([0-2][0-9]|3[01])|")
    assert all(dates.fullmatch(day) for day, _, _ in made_up)
    assert all(re.fullmatch(r"(-?[0-9.]+)?", text) for _, *numbers in made_up for text in numbers)

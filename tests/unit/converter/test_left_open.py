"""Who is asked need not choose: what none of the answers fits, or nobody knows, is flagged and not asked again."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.left_open import keep_flagged, part_open, read_open
from services.converter.domain.lessons import LessonRefused
from services.converter.domain.reading.reader import read_table
from services.converter.domain.report import Guard
from services.converter.domain.table import Table
from services.converter.taught import Teaching
from services.converter.training import Training, train

# "Kauf" was bought and "Verkauf" sold: what a "Sparplan" is nobody said. The last column is the first word of the note,
# or all of it before the comma.
GIVEN = (
    b"date,type,note,amount\n2026-01-02,Kauf,Acme,10.00\n2026-01-03,Verkauf,Beta,20.00\n2026-01-04,Kauf,Gamma,5.50\n"
    b"2026-01-05,Verkauf,Acme,7.00\n2026-01-06,Kauf,Delta,70.25\n2026-01-07,Kauf,Acme,1.00\n"
)
WANTED = (
    b"when,action,title\n2026-01-02,BUY,Acme\n2026-01-03,SELL,Beta\n2026-01-04,BUY,Gamma\n2026-01-05,SELL,Acme\n"
    b"2026-01-06,BUY,Delta\n2026-01-07,BUY,Acme\n"
)
MARCH = (
    b"date,type,note,amount\n2026-03-02,Kauf,Acme,10.00\n2026-03-03,Sparplan,Beta,20.00\n2026-03-05,Steuer,Acme,9.00\n"
    b"2026-03-06,Sparplan,Eta,0.10\n2026-03-07,Sparplan,Zeta,1.10\n"
)
# Rows are kept for their type, or for an amount of 100 and more.
KEPT_GIVEN = (
    b"day,type,amount\n1,Buy,100\n2,Fee,5\n3,Buy,250\n4,Fee,7\n5,Buy,300\n6,Fee,2\n7,Buy,120\n8,Fee,3\n9,Buy,110\n"
)
KEPT_WANTED = b"day,amount\n1,100\n3,250\n5,300\n7,120\n9,110\n"
KEPT_MARCH = b"day,type,amount\n1,Buy,100\n2,Buy,5\n3,Fee,400\n4,Buy,9\n5,Fee,1\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture(scope="module")
def pair(sandbox: DuckDBSandbox) -> Training:
    return train(GIVEN, WANTED, runner=sandbox)


@pytest.fixture(scope="module")
def kept(sandbox: DuckDBSandbox) -> Training:
    return train(KEPT_GIVEN, KEPT_WANTED, runner=sandbox)


def march(sandbox: DuckDBSandbox, pair: Training, *lessons: Any) -> Training:
    teaching = Teaching(lessons, {"march": MARCH})
    return train(GIVEN, WANTED, runner=sandbox, teaching=teaching, finding=pair.finding)


def left(row: int, *rejected: str, kind: str = "a new value", column: str = "action") -> dict[str, Any]:
    return {"source": {"file": "march", "row": row}, "open": {"kind": kind, "column": column, "not": list(rejected)}}


def flagged(sandbox: DuckDBSandbox, training: Training, file: bytes, column: str) -> dict[int, set[str]]:
    """The rows of a file that a column's guards name, with how severely."""
    found: dict[int, set[str]] = {}
    for guard in training.report["guards"]:
        if column in guard["output_columns"] if column else not guard["output_columns"]:
            for row, _ in sandbox.run(guard["sql"], read_table(file).table).rows:
                found.setdefault(int(row), set()).add(guard["severity"])
    return found


def asked(training: Training) -> list[str]:
    return [question["row"]["cells"][1] for question in training.report["questions"]]


def test_every_question_may_be_answered_with_none_of_these_and_with_i_do_not_know(
    sandbox: DuckDBSandbox, pair: Training, kept: Training
) -> None:
    samples = Teaching((), {"march": KEPT_MARCH})
    of_rows = train(KEPT_GIVEN, KEPT_WANTED, runner=sandbox, teaching=samples, finding=kept.finding)
    questions = [*march(sandbox, pair).report["questions"], *of_rows.report["questions"]]
    assert {question["kind"] for question in questions} >= {"a new value", "which rows"}
    ways = [[candidate["says"] for candidate in question["candidates"][-2:]] for question in questions]
    assert ways == [["none", "unknown"]] * len(questions)


def test_questions_say_how_many_cells_their_answers_decide_and_stand_in_that_order(
    sandbox: DuckDBSandbox, pair: Training
) -> None:
    assert [question["decides"] for question in march(sandbox, pair).report["questions"]] == [3, 1]


@pytest.mark.parametrize("rejected", [(), ("", "BUY", "SELL", "Sparplan")], ids=["unknown", "none"])
def test_what_was_left_open_is_not_asked_again_of_any_row_like_it(
    sandbox: DuckDBSandbox, pair: Training, rejected: tuple[str, ...]
) -> None:
    assert asked(march(sandbox, pair, left(2, *rejected))) == ["Steuer"]


@pytest.mark.parametrize("rejected", [(), ("", "BUY", "SELL", "Sparplan")], ids=["unknown", "none"])
def test_rows_like_one_that_was_left_open_stay_flagged(
    sandbox: DuckDBSandbox, pair: Training, rejected: tuple[str, ...]
) -> None:
    named = flagged(sandbox, march(sandbox, pair, left(2, *rejected)), MARCH, "action")
    assert {2, 4, 5} <= named.keys()
    assert 1 not in named


def test_a_cell_for_which_no_offered_answer_is_right_has_no_ground(sandbox: DuckDBSandbox, pair: Training) -> None:
    training = march(sandbox, pair, left(1, "BUY", kind="which value"))
    assert flagged(sandbox, training, MARCH, "action")[1] == {"unseen"}


def test_a_cell_that_nobody_knows_is_to_be_looked_at(sandbox: DuckDBSandbox, pair: Training) -> None:
    training = march(sandbox, pair, left(1, kind="which value"))
    assert flagged(sandbox, training, MARCH, "action")[1] == {"note"}


def test_nothing_is_said_of_the_other_columns_of_the_row(sandbox: DuckDBSandbox, pair: Training) -> None:
    training = march(sandbox, pair, left(1, "BUY", kind="which value"))
    assert 1 not in flagged(sandbox, training, MARCH, "when")


def test_the_program_stays_the_same(sandbox: DuckDBSandbox, pair: Training) -> None:
    assert march(sandbox, pair, left(2, "", "BUY", "SELL")).program == pair.program


def test_a_later_lesson_closes_what_was_left_open(sandbox: DuckDBSandbox, pair: Training) -> None:
    said = {"source": {"file": "march", "row": 2}, "output": {"action": "PLAN"}}
    training = march(sandbox, pair, left(2, "BUY"), said)
    assert 2 not in flagged(sandbox, training, MARCH, "action")
    assert asked(training) == ["Steuer"]


def test_a_row_of_which_nobody_knows_whether_it_belongs_is_flagged_and_not_asked_about_again(
    sandbox: DuckDBSandbox, kept: Training
) -> None:
    def learned(*lessons: Any) -> Training:
        teaching = Teaching(lessons, {"march": KEPT_MARCH})
        return train(KEPT_GIVEN, KEPT_WANTED, runner=sandbox, teaching=teaching, finding=kept.finding)

    first = [q for q in learned().report["questions"] if q["kind"] == "which rows"]
    taught = learned(*(left(q["row"]["number"], kind="which rows", column="") for q in first))
    assert first
    assert not [q for q in taught.report["questions"] if q["kind"] == "which rows"]
    assert {q["row"]["number"] for q in first} <= flagged(sandbox, taught, KEPT_MARCH, "").keys()


def test_a_made_up_row_may_be_left_open(sandbox: DuckDBSandbox, pair: Training) -> None:
    cells = ["2026-04-01", "Kauf", "Acme", "1"]
    said = {"source": {"cells": cells}, "open": {"kind": "which value", "column": "action", "not": ["BUY"]}}
    training = train(GIVEN, WANTED, runner=sandbox, teaching=Teaching([said]), finding=pair.finding)
    assert flagged(sandbox, training, MARCH, "action")[1] == {"unseen"}


def test_where_no_table_is_right_every_row_is_flagged(sandbox: DuckDBSandbox, pair: Training) -> None:
    said = {"source": {"lines": ["a,b,c,d", "1,2,3,4"]}, "open": {"kind": "which reading", "not": ["a", "b"]}}
    training = train(GIVEN, WANTED, runner=sandbox, teaching=Teaching([said]), finding=pair.finding)
    named = flagged(sandbox, training, MARCH, "")
    assert [row for row, severities in sorted(named.items()) if "unseen" in severities] == [1, 2, 3, 4, 5]


def test_guards_that_know_what_was_left_open_stay_as_they_are(sandbox: DuckDBSandbox) -> None:
    table = read_table(MARCH).table
    written, _ = part_open([left(1, "BUY", kind="which value"), left(2), left(3, "x")])
    known = read_open(written, {"input": table, "march": table}, read_table(WANTED).table)
    sql = "SELECT _row, type AS value\nFROM input\nWHERE type = 'Steuer'"
    guard = Guard("type", "shape", "note", "a word", sql, ("action", "title"))
    sources = {"action": ("type",)}
    once = keep_flagged([guard], known, sources, sandbox)
    assert keep_flagged(once, known, sources, sandbox) == once
    assert [(g.output_columns, g.severity) for g in once if g.sql == sql] == [
        (("title",), "note"),
        (("action",), "unseen"),
    ]


TABLE = Table(("day", "type"), (("1", "Buy"), ("2", "Fee")))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"source": {"file": "march", "row": 9}, "open": {"kind": "which value", "column": "type"}}, "source.row"),
        ({"source": {"file": "april", "row": 1}, "open": {"kind": "which value", "column": "type"}}, "source.file"),
        ({"source": {"file": "march", "row": 1}, "open": {"kind": "why", "column": "type"}}, "open.kind"),
        ({"source": {"file": "march", "row": 1}, "open": {"kind": "which value", "column": "x"}}, "open.column"),
        ({"source": {"file": "march", "row": 1}, "open": {"kind": "which value", "not": "Buy"}}, "open.not"),
        ({"source": {"cells": ["1", "2", "3"]}, "open": {"kind": "which value"}}, "source.cells"),
        ({"source": {"lines": [1]}, "open": {"kind": "which reading"}}, "source.lines"),
        ({"source": {"file": "march", "row": 1}, "open": "why"}, "objects are wanted"),
        ({"open": {"kind": "which value"}}, "objects are wanted"),
    ],
)
def test_what_is_malformed_is_refused_by_its_field(item: dict[str, Any], words: str) -> None:
    written, _ = part_open([item])
    with pytest.raises(LessonRefused, match=words.replace(".", r"\.")) as refusal:
        read_open(written, {"input": TABLE, "march": TABLE}, TABLE)
    assert refusal.value.reason == "LESSON_INVALID"

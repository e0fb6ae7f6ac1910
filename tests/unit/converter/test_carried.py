"""Rows that were flagged before an answer, and of which it says nothing, are flagged after it."""

import pytest

from services.converter.domain.left_open import flagged_rows
from services.converter.domain.program import ProgramRunner
from services.converter.domain.reading.reader import read_table
from services.converter.domain.report import Guard
from services.converter.taught import Teaching
from services.converter.training import Training, train
from tests.unit.converter.synthesis.duck import InProcessRunner

LATER = "later"


@pytest.fixture(scope="module")
def runner() -> ProgramRunner:
    return InProcessRunner()


def learn(
    runner: ProgramRunner, pair: tuple[bytes, bytes], later: bytes, *lessons: object, known: Training | None = None
) -> Training:
    finding = None if known is None else known.finding
    return train(*pair, runner=runner, teaching=Teaching(lessons, {LATER: later}), finding=finding)


def flagged(runner: ProgramRunner, training: Training, later: bytes, column: str) -> set[int]:
    """The rows of a later file that are flagged for a column."""
    written = (guard for guard in training.report["guards"] if column in guard["output_columns"])
    found = flagged_rows([Guard(**guard) for guard in written], {LATER: read_table(later).table}, runner)
    return {row for _, row in found}


def test_an_answer_to_an_example_of_one_answer_leaves_other_forms_flagged(runner: ProgramRunner) -> None:
    goods = (
        b"article;price\nGreen Tea (loose leaf) $4.20;1\nMint $3.00;2\nRye Loaf (whole grain) $2.10;3\nPlums $5.00;4\n"
    )
    pair = goods, b'size\n""\n""\n""\n""\n'
    later = b"article;price\nOats 250g $2.49;5\nLarge Eggs (brown) dozen $2.99;6\nBarley 500g $1.20;7\nHoney $8.00;8\n"
    first = learn(runner, pair, later)
    assert first.status == "failed"
    assert flagged(runner, first, later, "size") >= {1, 2, 3}
    lesson = {"source": {"file": LATER, "row": 1}, "output": {"size": "250g"}}
    taught = learn(runner, pair, later, lesson, known=first)
    assert taught.status == "completed"
    assert flagged(runner, taught, later, "size") & {1, 2, 3, 4} == {2}


def test_other_tables_stay_beside_a_program_after_an_answer_on_a_row(runner: ProgramRunner) -> None:
    pair = b"x\nAnn\nBern\n7\n", b"name,town,fee\nAnn,Bern,7\n"
    later = b"x\nBob\nChur\n4\nCy\nEly\n5\n"
    first = learn(runner, pair, later)
    assert first.report["rivals"]
    lesson = {"source": {"file": LATER, "row": 2}, "output": "drop"}
    assert learn(runner, pair, later, lesson, known=first).report["rivals"]


def test_an_answer_on_one_new_value_leaves_others_flagged(runner: ProgramRunner) -> None:
    given = b"day,kind,sum\n1,Kauf,10.00\n2,Verkauf,20.00\n3,Kauf,5.50\n4,Verkauf,7.00\n5,Kauf,70.25\n6,Kauf,1.00\n"
    wanted = b"day,action\n1,BUY\n2,SELL\n3,BUY\n4,SELL\n5,BUY\n6,BUY\n"
    later = b"day,kind,sum\n7,Sparplan,10.00\n8,Steuer,9.00\n9,Sparplan,1.00\n10,Kauf,2.00\n"
    first = learn(runner, (given, wanted), later)
    assert flagged(runner, first, later, "action") == {1, 2, 3}
    lesson = {"source": {"file": LATER, "row": 1}, "output": {"action": "PLAN"}}
    taught = learn(runner, (given, wanted), later, lesson, known=first)
    assert flagged(runner, taught, later, "action") == {2}

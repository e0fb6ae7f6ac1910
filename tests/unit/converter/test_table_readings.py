"""What one record leaves open of a whole table: it is asked on a made-up file, and an answer chooses among programs."""

from dataclasses import replace
from typing import Any

import pytest

from services.converter.domain.lessons import CONTRADICTORY, NOT_EXPLAINED, LessonRefused
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Question
from services.converter.domain.table import Row, Table
from services.converter.taught import Teaching
from services.converter.training import Training, train
from tests.unit.converter.synthesis.duck import InProcessRunner

Lines = tuple[str, ...]
OPEN: dict[str, tuple[Lines, Lines, Lines, Lines]] = {
    # What stands in the file and what is wanted of it; a later file, and what another reading makes of it.
    "whether lines of the same key are one record": (
        ("Gold,Ann,7", "Fund,Bob,4"), ("Gold,Ann,7", "Fund,Bob,4"),
        ("Gold,Eva,1", "Gold,Lea,2", "Fund,Max,3"), ("Gold,Eva,1,Lea,2", "Fund,Max,3,,"),
    ),
    "whether a title stands above each row or above several": (
        ("Gold,,", "Ann,7,Bern"), ("Gold,Ann,7,Bern",),
        ("Fund,,", "Eva,1,Chur", "Lea,2,Jena"), ("Fund,Eva,1,Chur,Lea,2,Jena",),
    ),
    "whether several lines below one with several filled cells are a record, or one each": (
        ("Ann,Bern", "7,"), ("Ann,Bern,7",),
        ("Eva,Chur", "1,", "2,"), ("Eva,Chur,1", "Eva,Chur,2"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> ProgramRunner:
    return InProcessRunner()


def file_of(lines: Lines) -> bytes:
    width = max(line.count(",") for line in lines) + 1
    names = ",".join(f"col{n}" for n in range(1, width + 1))
    return "\n".join((names, *(line + "," * (width - 1 - line.count(",")) for line in lines), "")).encode()


def trained(
    runner: ProgramRunner, given: Lines, wanted: Lines, *lessons: Any, first: Training | None = None
) -> Training:
    teaching = Teaching(lessons) if lessons else None
    finding = first.finding if first is not None else None
    return train(file_of(given), file_of(wanted), runner=runner, teaching=teaching, finding=finding)


def readings(training: Training) -> list[Question]:
    return [q for q in training.report["questions"] if q["kind"] == "which reading" and not q["column"]]


def made(runner: ProgramRunner, sql: str, lines: Lines) -> tuple[Row, ...]:
    rows = tuple(tuple(line.split(",")) for line in lines)
    width = max(map(len, rows))
    found = runner.run(sql, Table(tuple(f"col{n}" for n in range(1, width + 1)), rows)).rows
    return tuple(row for row in found if not row[0].startswith("col"))


@pytest.mark.parametrize("what", OPEN)
def test_what_too_few_records_show_is_asked(what: str, runner: ProgramRunner) -> None:
    given, wanted, later, otherwise = OPEN[what]
    training = trained(runner, given, wanted)
    assert training.status == "completed"
    assert min(ground["records"] for ground in training.report["grounds"]) < 3
    for question in readings(training):
        assert len({candidate["value"] for candidate in question["candidates"]}) > 1
        assert question["default"] == question["candidates"][0]["value"]
    assert readings(training)
    assert training.finding is not None
    file = replace(training.finding.source.table, rows=tuple(tuple(line.split(",")) for line in later))
    asked = {candidate["words"] for question in readings(training) for candidate in question["candidates"]}
    programs = [way for way in training.finding.learned.ways if way.words in asked]
    tables = [way.made_of(file, None) or () for way in programs]
    assert tuple(tuple(line.split(",")) for line in otherwise) in [table[1:] for table in tables]
    assert len(set(tables)) > 1


def test_what_the_example_shows_is_not_asked(runner: ProgramRunner) -> None:
    lines = ("Gold,Ann,7", "Gold,Lea,9", "Fund,Bob,4", "Fund,Max,1", "Note,Ida,3")
    assert readings(trained(runner, lines, lines)) == []


def test_an_answer_on_a_table_chooses_the_program_that_makes_it(runner: ProgramRunner) -> None:
    given, wanted, later, otherwise = OPEN["whether lines of the same key are one record"]
    first = trained(runner, given, wanted)
    question = next(q for q in readings(first) if len(q["row"]["cells"]) == 4)
    other = next(c for c in question["candidates"] if c["value"].count("\n") == 2 and c["value"].count("Fund") == 1)
    lesson = {"source": {"lines": list(question["row"]["cells"])}, "output": {"lines": other["value"].split("\n")}}
    taught = trained(runner, given, wanted, lesson, first=first)
    assert taught.status == "completed"
    assert made(runner, taught.program, later) == tuple(tuple(line.split(",")) for line in otherwise)
    assert all(q["row"] != question["row"] for q in readings(taught))


SHOWN: dict[str, tuple[Lines, Lines, Lines, Lines, Lines, Lines]] = {
    # An example; another file that somebody shows, with what it becomes; a later file, and what it should become.
    "names that stand again": (
        ("name,city", "Ann,Bern", "Bob,Chur"), ("name,city", "Ann,Bern", "Bob,Chur"),
        ("name,city", "Eva,Jena", "name,city", "Ida,Linz"), ("name,city", "Eva,Jena", "Ida,Linz"),
        ("name,city", "Kim,Kiel", "Lea,Gent", "name,city", "Max,Huy"), ("name,city", "Kim,Kiel", "Lea,Gent", "Max,Huy"),
    ),
    "blank cells that take the value above": (
        ("Gold,Ann,7", "Fund,Bob,4"), ("Gold,Ann,7", "Fund,Bob,4"),
        ("Gold,Eva,1", ",Ida,2", "Fund,Kim,3"), ("Gold,Eva,1", "Gold,Ida,2", "Fund,Kim,3"),
        ("Note,Lea,5", ",Max,6", ",Pia,8"), ("Note,Lea,5", "Note,Max,6", "Note,Pia,8"),
    ),
    "lines of sums that go": (
        ("Gold,Ann,7", "Fund,Bob,4"), ("Gold,Ann,7", "Fund,Bob,4"),
        ("Gold,Eva,1", ",,1", "Fund,Kim,3", ",,4"), ("Gold,Eva,1", "Fund,Kim,3"),
        ("Note,Lea,5", "Note,Max,6", ",,11"), ("Note,Lea,5", "Note,Max,6"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_what_no_program_beside_makes_is_learned_from_what_is_shown(what: str, runner: ProgramRunner) -> None:
    given, wanted, shown, becomes, later, made_of_it = SHOWN[what]
    first = trained(runner, given, wanted)
    lesson = {
        "source": {"lines": file_of(shown).decode().splitlines()},
        "output": {"lines": file_of(becomes).decode().splitlines()},
    }
    taught = trained(runner, given, wanted, lesson, first=first)
    assert taught.status == "completed"
    assert made(runner, taught.program, later) == tuple(tuple(line.split(",")) for line in made_of_it)
    assert made(runner, taught.program, given) == tuple(tuple(line.split(",")) for line in wanted)


def test_a_table_that_no_program_makes_is_refused(runner: ProgramRunner) -> None:
    given, wanted, *_ = OPEN["whether lines of the same key are one record"]
    lesson = {"source": {"lines": ["col1,col2,col3", "a,b,c"]}, "output": {"lines": ["col1", "something else"]}}
    with pytest.raises(LessonRefused) as refusal:
        trained(runner, given, wanted, lesson)
    assert refusal.value.reason == NOT_EXPLAINED != CONTRADICTORY


@pytest.mark.parametrize(
    ("lesson", "field"),
    [
        ({"source": {"lines": "a,b"}, "output": {"lines": ["a"]}}, "lessons[0].source.lines"),
        ({"source": {"lines": ["a,b", "c,d"]}, "output": "keep"}, "lessons[0].output.lines"),
        ({"source": {"lines": ["a,b"]}, "output": {"lines": ["a"]}}, "lessons[0].source.lines"),
        ({"source": {"lines": ["a" + ",a" * 500, "b"]}, "output": {"lines": ["a"]}}, "lessons[0].source.lines"),
    ],
)
def test_a_malformed_lesson_on_a_table_is_refused_by_its_field(lesson: Any, field: str, runner: ProgramRunner) -> None:
    with pytest.raises(LessonRefused, match=field.replace("[", r"\[")):
        trained(runner, ("Gold,Ann", "Fund,Bob"), ("Gold,Ann", "Fund,Bob"), lesson)


def test_columns_that_stand_in_another_order_are_flagged(runner: ProgramRunner) -> None:
    def pairs(*names: str) -> Lines:
        return tuple(f"{name},{place}" for place, name in enumerate(names))

    given = pairs("name:", "fee:", "desk:", "name:", "fee:", "desk:")
    training = trained(runner, given, ("name:,fee:,desk:", "0,1,2", "3,4,5"))
    (sql,) = (g["sql"] for g in training.report["guards"] if "another order than" in g["words"])

    def flagged(*names: str) -> list[str]:
        rows = tuple(tuple(line.split(",")) for line in pairs(*names))
        return [row[0] for row in runner.run(sql, Table(("col1", "col2"), rows)).rows]

    assert flagged("name:", "fee:", "desk:", "name:", "desk:") == []
    assert len(flagged("name:", "desk:", "name:", "fee:", "desk:")) > 2

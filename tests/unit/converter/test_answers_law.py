"""The law of answers: whatever is answered, a row that was flagged stays flagged unless the answer decides it.

An answer decides a cell that it speaks of, cells that the same check named for the same reason, and cells of which the
new program makes something else. Held on made-up conversions, for every question and every candidate of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from benchmarks.conversions.maker import Conversion, make
from services.converter.domain.faults import ConverterFault
from services.converter.domain.left_open import flagged_rows
from services.converter.domain.program import ProgramRunner
from services.converter.domain.reading.reader import read_table
from services.converter.domain.report import Guard
from services.converter.taught import Teaching
from services.converter.training import Training, train
from tests.support.drawn import drawn
from tests.unit.converter.synthesis.duck import InProcessRunner

ROW_BY_ROW = [seed for seed in range(100) if make(seed).kinds[0] == "every row"]
SEEDS = [seed for seed in ROW_BY_ROW if "a line of totals" not in make(seed).kinds][: drawn(6, 24)]
LATER = "later"
Reasons = dict[tuple[int, str], set[tuple[str, str]]]
"""Why cells are flagged, by row and column (empty: the row itself): kinds of checks, with what they show."""


@pytest.fixture(scope="module")
def runner() -> ProgramRunner:
    return InProcessRunner()


def learn(made: Conversion, runner: ProgramRunner, lessons: list[Any], known: Training | None = None) -> Training:
    teaching = Teaching(lessons, {LATER: made.later})
    return train(
        made.example, made.wanted, runner=runner, teaching=teaching, finding=None if known is None else known.finding
    )


def reasons(training: Training, made: Conversion, runner: ProgramRunner) -> Reasons:
    guards = [
        Guard(**{**written, "output_columns": tuple(written["output_columns"])})
        for written in training.report["guards"]
    ]
    found: Reasons = {}
    for (_, row), flags in flagged_rows(guards, {LATER: read_table(made.later).table}, runner).items():
        for flag in flags:
            for column in flag.guard.output_columns or ("",):
                found.setdefault((row, column), set()).add((flag.guard.words, flag.value or ""))
    return found


def cells_of(training: Training, made: Conversion, runner: ProgramRunner) -> Mapping[tuple[int, str], str]:
    """What becomes of each row, by column: every row of the file is a row of the output."""
    rows = runner.run(training.program, read_table(made.later).table).rows
    names = [column["name"] for column in training.report["columns"]]
    return {(n, name): cell for n, row in enumerate(rows, 1) for name, cell in zip(names, row, strict=True)}


def lessons_of(question: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every answer to a question, as a lesson."""
    row = question["row"]
    source = {"file": row["file"], "row": row["number"]} if row["number"] else {"cells": row["cells"]}
    offered = [each["value"] for each in question["candidates"] if each["says"] == "value"]
    for candidate in question["candidates"]:
        if candidate["says"] == "value":
            value = candidate["value"]
            yield {"source": source, "output": {question["column"]: value} if question["column"] else value}
        else:
            left = offered if candidate["says"] == "none" else []
            yield {"source": source, "open": {"kind": question["kind"], "column": question["column"], "not": left}}


@pytest.mark.drawn
@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_answer_does_not_decide_stays_flagged(seed: int, runner: ProgramRunner) -> None:
    made = make(seed)
    first = learn(made, runner, [])
    before, cells = reasons(first, made, runner), cells_of(first, made, runner)
    for question in first.report["questions"]:
        number, column = question["row"]["number"], question["column"]
        asked = before.get((number, column), set())
        for lesson in lessons_of(question):
            try:
                taught = learn(made, runner, [lesson], first)
            except ConverterFault:  # no program agrees with such an answer
                continue
            after, others = reasons(taught, made, runner), cells_of(taught, made, runner)
            for place, why in before.items():
                row, name = place
                same = name == column and (row == number or {words for words, _ in why} <= {w for w, _ in asked})
                decided = "output" in lesson and (same or (name == column and cells.get(place) != others.get(place)))
                assert place in after or decided, (question, lesson, place, why)

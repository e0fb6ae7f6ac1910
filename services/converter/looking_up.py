"""What a model looked up, held against the example and put into the program that synthesis left."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.composing import compose
from services.converter.domain.crew.lookups import Lookup, guards_of_lookup, rule_of
from services.converter.domain.crew.rivals import list_right_columns
from services.converter.domain.crew.taught import unmet_lessons
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.judgement import Judgement, judge
from services.converter.domain.stored_report import program_digest
from services.converter.domain.table import Table
from services.converter.example_files import read_example
from services.converter.ports import ProgramRunner
from services.converter.taught import Teaching, read_taught


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What became of a look-up: ``accepted`` where the example proves it, ``completed`` where all is right with it.

    ``program`` and ``report`` have the column then; ``words`` are for people.
    """

    accepted: bool
    completed: bool
    cells_right: float
    words: str
    program: str
    report: dict[str, Any]


def look_up(
    asked: Lookup,
    values: Mapping[str, str],
    input_file: bytes,
    expected_file: bytes,
    *,
    report: Mapping[str, Any],
    former: str,
    instructions: Instructions,
    runner: ProgramRunner,
    teaching: Teaching | None = None,
) -> LookedUp:
    """Put what a model looked up into the program ``former``, where it is right for every value of the example.

    The model was shown a part of these only. Raises `ReadingFault`, `LessonRefused`.
    """
    source, target = read_example(input_file, expected_file, instructions=instructions)
    table, expected = source.table, target.table
    lessons = read_taught(source, expected, teaching).lessons
    cells = zip(_cells(table, asked.source), _cells(expected, asked.column), strict=True)
    pairs = {key: cell for key, cell in cells if key.strip()}
    right = sum(values.get(key) == cell for key, cell in pairs.items())
    words = f"{right} of {len(pairs)} values of the example are as it gives them"
    refused = LookedUp(False, False, 0.0, words, former, dict(report))
    if right < len(pairs):
        return refused
    try:
        rule = Code("", rules=((asked.column, rule_of(asked, values)),))
        program = compose(rule, former, report, expected.column_names, partly=True).strip() + "\n"
        output = runner.run(program, table)
    except ConverterFault as fault:
        return replace(refused, words=f"{fault.reason}: {fault.message}")
    if not list_right_columns(output.rows, expected, {asked.column}):
        return replace(refused, words="the rows that it is looked up for are not made yet")
    judgement = judge(expected, None if output.header is None else expected.header, output.rows)
    unmet = unmet_lessons(program, lessons, expected, runner)
    completed = judgement.exact and not unmet
    words = f"{len(pairs)} values are as the example has them, {asked.hidden} of which the model was not shown"
    proved = _Proved(asked, values, words, tuple(pairs))
    written = proved.put_into(report, program, judgement, completed=completed)
    return LookedUp(True, completed, judgement.cells_right, "\n".join((words, *unmet)), program, written)


def _cells(table: Table, name: str) -> tuple[str, ...]:
    return table.columns()[table.column_names.index(name)]


@dataclass(frozen=True, slots=True)
class _Proved:
    asked: Lookup
    values: Mapping[str, str]
    words: str
    keys: Sequence[str]

    def put_into(
        self, report: Mapping[str, Any], program: str, judgement: Judgement, *, completed: bool
    ) -> dict[str, Any]:
        """The report with the column in it."""
        asked, name = self.asked, self.asked.column
        made = {
            "how": "agent", "expression": rule_of(asked, self.values), "sources": [asked.source], "cells_right": 1.0,
            "words": f"looked up from {asked.source}: {self.words}", "rivals": 0, "doubt": "",
            "confidence": round((asked.hidden + 1) / (asked.hidden + 2), 2),
        }  # fmt: skip
        guards = guards_of_lookup(asked, self.values, self.keys)
        return {
            **report,
            "columns": [{**column, **made} if column["name"] == name else column for column in report["columns"]],
            "guards": [
                *(guard for guard in report["guards"] if name not in guard["output_columns"]),
                *(asdict(guard) for guard in guards),
            ],
            "ambiguities": [each for each in report["ambiguities"] if each["column"] != name],
            "questions": [each for each in report.get("questions", ()) if each["column"] != name],
            "doubts": [each for each in report.get("doubts", ()) if not each.startswith(f'"{name}": ')],
            "warnings": [] if completed else list(report["warnings"]),
            "instructions": [self._heard(each) for each in report.get("instructions", ())],
            "differences": [asdict(difference) for difference in judgement.differences],
            "cells_right": judgement.cells_right,
            "program_sha256": program_digest(program),
            "status": "completed" if completed else "failed",
        }

    def _heard(self, sentence: Mapping[str, Any]) -> Mapping[str, Any]:
        if sentence["sentence"] not in self.asked.words:
            return sentence
        return {**sentence, "outcome": "used", "words": f"{self.asked.column}: looked up, {self.words}"}

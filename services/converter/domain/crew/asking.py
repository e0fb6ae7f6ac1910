"""One question on what programs that explain the example disagree on: the row that parts them best, for the user."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from services.converter.domain.crew.lineage import trace
from services.converter.domain.crew.rivals import list_probes
from services.converter.domain.faults import ConverterFault
from services.converter.domain.lessons import DROP, KEEP
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Candidate, Question, QuestionRow
from services.converter.domain.synthesis.proof.questions import MOST_CANDIDATES, MOST_QUESTIONS
from services.converter.domain.table import Row, Table

MOST_ROWS = 60
"""Rows of each file, and of those made up, on which programs are held against each other."""
_MANY = (exp.Group, exp.Distinct, exp.Limit, exp.SetOperation, exp.Unnest, exp.Explode, exp.Window)
_WHOLE_ROW = -1
"""The place of no column."""
_RULE_CHARS = 300
"""What a candidate shows of a program: a line or two."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A program that explains the example, with whose it is, in words."""

    sql: str
    words: str


@dataclass(frozen=True, slots=True)
class _Point:
    """A row to ask about and what each program answers there, in a column or (`_WHOLE_ROW`) of the row itself."""

    row: QuestionRow
    column: int
    answers: tuple[str, ...]

    @property
    def merit(self) -> tuple[float, bool, int]:
        """What an answer rules out; rows of the user's own first; short ones first."""
        return self.split, self.row.number > 0, -sum(map(len, self.row.cells))

    @property
    def parted(self) -> tuple[int, ...]:
        """Which programs answer alike: each one's first companion."""
        return tuple(map(self.answers.index, self.answers))

    @property
    def split(self) -> float:
        """The share of the programs that an answer is expected to rule out."""
        counts = Counter(self.answers)
        return round(1.0 - sum((n / len(self.answers)) ** 2 for n in counts.values()), 3)


def ask_between(
    programs: Sequence[Fitting],
    source: Table,
    names: Row,
    runner: ProgramRunner,
    *,
    samples: Mapping[str, Table] | None = None,
    settled: Container[tuple[str, int, str]] = frozenset(),
    left: Container[tuple[str, Row]] = frozenset(),
) -> Question | None:
    """The question that parts programs best, the first of which is in service; None where they agree on every row.

    Rows of the sample files are asked about first, then rows made in the spirit of the example (number 0). A program
    that makes rows of many rows has no answer for one: then there is nothing to ask. ``settled`` are cells of files (a
    column's name, or empty for the row) that the user has spoken of; ``left`` are columns with the cells of rows that
    nobody could answer for: nothing on which programs part as on these is asked.
    """
    if len(programs) < 2 or not all(map(_is_row_wise, (program.sql for program in programs))):
        return None
    found: list[tuple[_Point, str]] = []
    for file, whole in (*(samples or {}).items(), *(("", probes) for probes in list_probes(source))):
        table = replace(whole, rows=whole.rows[:MOST_ROWS])
        points = _points(programs, file, table, runner)
        found += ((point, "" if point.column == _WHOLE_ROW else names[point.column]) for point in points)
    unanswered = {(name, point.parted) for point, name in found if (name, point.row.cells) in left}
    asked = [
        point
        for point, name in found
        if (point.row.file, point.row.number, name) not in settled and (name, point.parted) not in unanswered
    ]
    best = max(asked, key=lambda point: point.merit, default=None)
    return None if best is None else _question(best, programs, source, names)


def add_question(questions: Sequence[Mapping[str, Any]], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Questions of a report with one more, which comes first; others on the same column are part of it."""
    others = [question for question in questions if question["column"] != asked["column"] or not asked["column"]]
    return [{**question, "id": f"q{number}"} for number, question in enumerate([asked, *others], 1)][:MOST_QUESTIONS]


def _question(point: _Point, programs: Sequence[Fitting], source: Table, names: Row) -> Question:
    counts = Counter(point.answers)
    likely = sorted(counts, key=lambda value: (value != point.answers[0], -counts[value]))[:MOST_CANDIDATES]
    whole = point.column == _WHOLE_ROW

    def words(value: str) -> str:
        program = programs[point.answers.index(value)]
        forms = trace(program.sql, source.column_names).forms
        form = "" if whole or point.column >= len(forms) else forms[point.column][:_RULE_CHARS]
        return f"{program.words}: {form}" if form else program.words

    candidates = tuple(Candidate(value, words(value), counts[value]) for value in likely)
    kind, name = ("which rows", "") if whole else ("which value", names[point.column])
    return Question("q1", kind, point.row, name, candidates, point.answers[0], point.split)  # type: ignore[arg-type]


def _points(programs: Sequence[Fitting], file: str, table: Table, runner: ProgramRunner) -> Iterator[_Point]:
    """The rows of a table on which programs part."""
    made = [_run(program.sql, table, runner) for program in programs]
    if not table.rows or any(rows is None for rows in made):
        return
    tables = [rows for rows in made if rows is not None]
    if all(len(rows) == len(table.rows) for rows in tables):
        for place, cells in enumerate(table.rows):
            yield from _of_row(QuestionRow(file, place + 1 if file else 0, cells), [rows[place] for rows in tables])
        return
    if len({tuple(rows) for rows in tables}) == 1:
        return
    # Some leave rows out: each row by itself says which.
    for place, cells in enumerate(table.rows):
        alone = replace(table, rows=(cells,))
        single = [rows for program in programs if (rows := _run(program.sql, alone, runner)) is not None]
        if len(single) < len(programs) or any(len(rows) > 1 for rows in single):
            continue
        shown = QuestionRow(file, place + 1 if file else 0, cells)
        stays = [bool(rows) for rows in single]
        if not all(stays) and any(stays):
            yield _Point(shown, _WHOLE_ROW, tuple(KEEP if stay else DROP for stay in stays))
        elif all(stays):
            yield from _of_row(shown, [rows[0] for rows in single])


def _of_row(shown: QuestionRow, made: Sequence[Row]) -> Iterator[_Point]:
    for column in range(min(map(len, made))):
        answers = tuple(row[column] for row in made)
        if len(set(answers)) > 1:
            yield _Point(shown, column, answers)


def _run(sql: str, table: Table, runner: ProgramRunner) -> tuple[Row, ...] | None:
    try:
        output = runner.run(sql, table)
    except ConverterFault:
        return None
    return None if output.header is None else tuple(output.rows)


def _is_row_wise(sql: str) -> bool:
    """Whether a program makes each row of its output from one row of the input alone, as far as its syntax tells."""
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError, ValueError):
        return False
    return not any(isinstance(node, (*_MANY, exp.AggFunc)) for node in tree.walk())

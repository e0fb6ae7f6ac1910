"""What is asked of a whole table: which of the readings that the example leaves open is meant, on a made-up file.

A question shows a file in the shape of the example, line by line, and the table that each reading makes of it. Its
answer is a lesson: a file with its table, ``{"source": {"lines": [...]}, "output": {"lines": [...]}}``, lines as CSV.
Any program that is learned on must make that table of it.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.converter.domain.contenders import MAX_CELLS, Answers, Contender
from services.converter.domain.lessons import LINES, NOT_EXPLAINED, LessonRefused
from services.converter.domain.report import Candidate, Question, QuestionRow
from services.converter.domain.table import Row, Table

MOST_QUESTIONS = 2
"""Questions on whole tables: each answer settles what all rows are made of."""
MOST_CANDIDATES = 4
"""Tables that a question offers."""
MOST_CELLS = 400
"""Cells of a file that people still read over, and of a table that is made of it."""
LEAST_SHARE = 0.02
"""Questions whose answer rules out less than this share of the weight are not worth the asking."""


@dataclass(frozen=True, slots=True)
class TableLesson:
    """A made-up file, and the table that it becomes, as it is written."""

    table: Table
    output: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The file, line by line as CSV."""
        return tuple(_written([line]) for line in _lines_of(self.table))

    def made(self, expected: Table) -> Table:
        """What it becomes, as a table like the expected one."""
        rows = [tuple(row) for row in csv.reader(io.StringIO(self.output, newline=""))]
        headed = expected.header is not None
        return replace(expected, header=rows[0] if headed else None, rows=tuple(rows[headed:]))

    def agrees(self, program: Contender, header: Row | None) -> bool:
        """Whether a program makes that table of it."""
        made = program.made_of(self.table, header)
        return made is not None and _written(made) == self.output


def ask_of_tables(
    programs: Sequence[Contender], answers: Sequence[Answers], files: Sequence[Table]
) -> tuple[Question, ...]:
    """Questions that tell programs apart, the first of which is the chosen one, by what they make of each file.

    Programs weigh 2^-cost; the file is asked about whose answer rules out most, of those alike the smallest.
    """
    weights = [2.0 ** (programs[0].cost - program.cost) for program in programs]
    found: list[Question] = []
    open_to = list(range(len(programs)))
    while len(found) < MOST_QUESTIONS and len(open_to) > 1:
        asked = [q for place in range(len(files)) if (q := _ask(programs, weights, open_to, answers, files, place))]
        best = max(asked, key=lambda item: item[0], default=None)
        if best is None or best[1].share < LEAST_SHARE:
            break
        found.append(best[1])
        open_to = best[2]
    return tuple(found)


def _ask(
    programs: Sequence[Contender], weights: Sequence[float], open_to: Sequence[int], answers: Sequence[Answers],
    files: Sequence[Table], place: int,
) -> tuple[tuple[float, int], Question, list[int]] | None:  # fmt: skip
    """The question on one file: what it is worth, it, and the programs that it does not tell from the chosen one."""
    by_table: dict[tuple[Row, ...], list[int]] = {}
    for number in open_to:
        made = answers[number][place]
        if made is not None:
            by_table.setdefault(made, []).append(number)
    lines = _lines_of(files[place])
    size = max(sum(map(len, rows)) for rows in (lines, *by_table)) if by_table else 0
    own = answers[0][place]
    if len(by_table) < 2 or size > MOST_CELLS or own is None:
        return None
    total = sum(weights[number] for numbers in by_table.values() for number in numbers)
    share = 1.0 - sum((sum(weights[number] for number in numbers) / total) ** 2 for numbers in by_table.values())
    tables = sorted(by_table.items(), key=lambda item: (item[0] != own, -max(weights[n] for n in item[1])))
    candidates = tuple(
        Candidate(_written(rows), programs[numbers[0]].words, len(numbers))
        for rows, numbers in tables[:MOST_CANDIDATES]
    )
    row = QuestionRow("", 0, tuple(_written([line]) for line in lines))
    question = Question("", "which reading", row, "", candidates, candidates[0].value, round(share, 3))
    return (round(share, 6), -size), question, by_table[own]


def matters(programs: Sequence[Contender], samples: Iterable[Table], header: Row | None) -> bool:
    """Whether programs make different tables of some sample file; large ones are taken to be such."""
    return any(
        sum(map(len, sample.rows)) > MAX_CELLS or len({program.made_of(sample, header) for program in programs}) > 1
        for sample in samples
    )


def part_lessons(written: Sequence[Any], table: Table) -> tuple[tuple[TableLesson, ...], tuple[Any, ...]]:
    """The lessons on whole tables, and the others as they are. Raises `LessonRefused` that names the field."""
    if not isinstance(written, list | tuple):
        raise LessonRefused("lessons: a list is wanted")
    found: list[TableLesson] = []
    others: list[Any] = []
    for number, item in enumerate(written):
        source = item.get("source") if isinstance(item, Mapping) else None
        if not isinstance(source, Mapping) or LINES not in source:
            others.append(item)
            continue
        output = item.get("output")
        lines, made = source[LINES], output.get(LINES) if isinstance(output, Mapping) else None
        for where, listed in (("source", lines), ("output", made)):
            if not isinstance(listed, list | tuple) or not listed or not all(isinstance(line, str) for line in listed):
                raise LessonRefused(f"lessons[{number}].{where}.{LINES}: a list of lines is wanted")
        rows = [tuple(row) for row in csv.reader(io.StringIO("\n".join(lines), newline=""))]
        if not rows or sum(map(len, rows)) > MOST_CELLS or len(rows) < 1 + (table.header is not None):
            raise LessonRefused(
                f"lessons[{number}].source.{LINES}: 1 to {MOST_CELLS} cells, below a header, are wanted"
            )
        header, rows = (rows[0], rows[1:]) if table.header is not None else (None, rows)
        found.append(TableLesson(replace(table, header=header, rows=tuple(rows)), "\n".join(made or ())))
    return tuple(found), tuple(others)


def agreeing(
    programs: Iterable[Contender], lessons: Sequence[TableLesson], header: Row | None
) -> tuple[Contender, ...]:
    """The programs that agree with all lessons, likeliest first. Raises `LessonRefused` where there is none."""
    found = [p for p in programs if all(lesson.agrees(p, header) for lesson in lessons)]
    if not found:
        raise LessonRefused(
            "no program was found that explains the example and makes of a made-up file what was taught",
            reason=NOT_EXPLAINED,
        )
    return tuple(sorted(found, key=lambda program: program.cost))


def _lines_of(table: Table) -> tuple[Row, ...]:
    return (*((table.header,) if table.header is not None else ()), *table.rows)


def _written(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().removesuffix("\n")

"""What a training knows besides its pair: lessons, files to look at for questions, and what was left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from services.converter.domain.left_open import LeftOpen, flagged_rows, part_open, read_open
from services.converter.domain.lessons import (
    EXAMPLE,
    NOT_EXPLAINED,
    Lesson,
    LessonRefused,
    read_lessons,
)
from services.converter.domain.reading.reader import ReadingHints, ReadTable
from services.converter.domain.reading.workbook import SheetChoice
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.proof.questions import Asking
from services.converter.domain.table import Table
from services.converter.domain.table_readings import TableLesson, part_lessons
from services.converter.example_files import read_file
from services.converter.ports import ProgramRunner


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a training knows besides its pair.

    ``lessons`` as they are written (`domain.lessons`); ``samples``: inputs without an output, by name, which are only
    looked at; ``on_ambiguity``: whether a program that leaves questions open is `fail`ed or `keep`t.
    """

    lessons: Sequence[Any] = ()
    samples: Mapping[str, bytes] = field(default_factory=dict)
    on_ambiguity: Literal["keep", "fail"] = "keep"


def _still_open(
    left: Sequence[LeftOpen], lessons: Sequence[Lesson], tables: Sequence[TableLesson]
) -> tuple[LeftOpen, ...]:
    """What was left open, but for what a lesson says."""
    shown = {lesson.lines for lesson in tables}
    return tuple(each for each in left if not each.is_answered(lessons) and (each.row or each.lines not in shown))


def asking_of(
    samples: Mapping[str, Table],
    lessons: Sequence[Lesson],
    left: Sequence[LeftOpen],
    guards: Sequence[Guard],
    runner: ProgramRunner,
) -> Asking:
    """Where questions are looked for, and what nobody need be asked."""
    settled = {(lesson.file, lesson.row, name) for lesson in lessons for name in ("", *(lesson.output or ()))}
    settled |= {(each.file, each.row, each.column) for each in left}
    unanswered: dict[str, list[tuple[Table, str, int]]] = {}
    for each in left:
        if each.row and each.kind != "which order":
            unanswered.setdefault(each.column, []).append((each.table, each.file, each.row))
    watched = [guard for guard in guards if guard.output_columns]
    files = {**samples, **{each.file: each.table for each in left if each.file == EXAMPLE}}
    return Asking(
        samples, settled, flagged_rows(watched, files, runner), unanswered,
        order_left=any(each.kind == "which order" for each in left),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taught:
    """What a training was taught, read: its lessons, the files that they may speak of, and what was left open."""

    lessons: tuple[Lesson, ...] = ()
    samples: Mapping[str, Table] = field(default_factory=dict)
    left: tuple[LeftOpen, ...] = ()
    tables: tuple[TableLesson, ...] = ()

    @staticmethod
    def of(teaching: Teaching, table: Table, samples: Mapping[str, Table], expected: Table) -> "Taught":
        """What was taught of the example and the samples. Raises `LessonRefused`."""
        written, said_of = part_open(teaching.lessons)
        tables, of_rows = part_lessons(said_of, table)
        files = {EXAMPLE: table, **samples}
        lessons = read_lessons(of_rows, files, expected)
        left = _still_open(read_open(written, files, expected), lessons, tables)
        return Taught(lessons, samples, left, tuple(tables))


def read_taught(source: ReadTable, expected: Table, teaching: Teaching | None) -> Taught:
    """What was taught a program that was not chosen among learned ones. Raises `LessonRefused`, `ReadingFault`."""
    if teaching is None:
        return Taught()
    taught = Taught.of(teaching, source.table, read_samples(source, teaching), expected)
    if taught.tables:
        raise LessonRefused("a lesson on a whole table chooses among learned programs only", reason=NOT_EXPLAINED)
    return taught


def read_samples(source: ReadTable, teaching: Teaching, *, exact: bool = False) -> dict[str, Table]:
    """The sample files as tables, read as the example's input was."""
    known = source.table.dialect
    sheet = SheetChoice(source.sheet, learned=True)
    names = source.table.column_names if known.has_header else ()
    hints = ReadingHints(known, exact=exact, has_header=known.has_header, sheet=sheet, names=names)
    if EXAMPLE in teaching.samples:
        raise LessonRefused(f'samples: "{EXAMPLE}" is the name of the example\'s own file')
    return {name: read_file(content, name, hints).table for name, content in teaching.samples.items()}

"""What the user taught, held against a program that others wrote: rows with what becomes of them are a proof."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.faults import ConverterFault
from services.converter.domain.lessons import Lesson, contradiction
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

MOST_SHOWN = 20
"""Lessons that are shown to the agents; all of them prove."""
_CELL_CHARS = 120
"""What a prompt shows of a cell, as in the brief."""


def tell_lessons(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """The lessons as the agents are shown them: the row's cells, and what becomes of it."""
    shown = [
        json.dumps([[cell[:_CELL_CHARS] for cell in lesson.cells], _becomes(lesson)], ensure_ascii=False)
        for lesson in lessons[:MOST_SHOWN]
    ]
    more = len(lessons) - len(shown)
    return (*shown, *([f"and {more} rows more"] if more > 0 else []))


def _becomes(lesson: Lesson) -> object:
    if lesson.output is None:
        return "is left out"
    return {name: text[:_CELL_CHARS] for name, text in lesson.output.items()} or "belongs to the output"


def refuse_contradictions(lessons: Sequence[Lesson], source: Table, expected: Table) -> None:
    """Raises `LessonRefused` for a lesson whose row stands in the example and became something else there."""
    if len(source.rows) != len(expected.rows):
        return
    shown = {row: place for place, row in enumerate(source.rows)}
    for lesson in lessons:
        place = shown.get(lesson.cells)
        if place is None or lesson.output is None:
            continue
        wanted = dict(zip(expected.column_names, expected.rows[place], strict=False))
        for name, text in lesson.output.items():
            if wanted.get(name, text) != text:
                raise contradiction(
                    f'row {place + 1} of the example has {wanted[name]!r} in "{name}"', lesson.says(name)
                )


def unmet_lessons(sql: str, lessons: Sequence[Lesson], expected: Table, runner: ProgramRunner) -> list[str]:
    """The lessons that a program does not meet, in words for people and agents: what was taught, and what it does.

    A lesson's row is looked for in the output by its number where the program makes one row of one; it is run by itself
    otherwise. Where that tells nothing either, the lesson is not met: what cannot be shown is no proof.
    """
    unmet = []
    for lesson, rows in _made(lessons, expected, sql, runner):
        if lesson.output is None:
            wrong = "the program keeps it" if rows else ""
        elif len(rows) != 1:
            wrong = f"the program makes {len(rows)} rows of it"
        else:
            got = dict(zip(expected.column_names, rows[0], strict=False))
            wrong = ", ".join(
                f'the program gives {got.get(name, "")!r} in "{name}"'
                for name, text in lesson.output.items()
                if got.get(name, "") != text
            )
        if wrong:
            unmet.append(f"{lesson.says()}, {wrong} (its cells: {json.dumps(list(lesson.cells), ensure_ascii=False)})")
    return unmet


def _made(
    lessons: Sequence[Lesson], expected: Table, sql: str, runner: ProgramRunner
) -> Iterator[tuple[Lesson, Sequence[Row]]]:
    """Each lesson with the rows that the program makes of its row."""
    whole: dict[int, Sequence[Row] | None] = {}
    for lesson in lessons:
        if id(lesson.table) not in whole:
            made = _run(sql, lesson.table, expected, runner)
            fits = made is not None and len(made) == len(lesson.table.rows)
            whole[id(lesson.table)] = made if fits else None
        rows = whole[id(lesson.table)]
        if rows is not None and lesson.output is not None:
            yield lesson, rows[lesson.row - 1 : lesson.row]
            continue
        yield lesson, _run(sql, replace(lesson.table, rows=(lesson.cells,)), expected, runner) or ()


def _run(sql: str, table: Table, expected: Table, runner: ProgramRunner) -> Sequence[Row] | None:
    """The rows without a header; None where the program cannot take them."""
    try:
        output = runner.run(sql, table)
    except ConverterFault:
        return None
    headed = output.header is None and expected.header is not None
    return output.rows[1:] if headed else output.rows

"""Lessons: rows for which the user said what becomes of them, by an answer to a question or by a correction.

As people and files write them: ``{"source": {"file": "march.csv", "row": 14}, "output": {"Action": "Buy"}}``, with
``rows`` for several rows that become the same, ``cells`` instead of a file for a row that stands in none, and
``"drop"`` as the output of rows that are left out. Columns that the output does not name are open: nothing is said
of them. ``"keep"`` says no more than that the row belongs, ``"before row 7"`` and ``"behind row 7"`` that it does and
that what becomes of it stands so to what becomes of that row of its file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from services.converter.domain.faults import ConverterFault
from services.converter.domain.table import Row, Table

EXAMPLE = "input"
"""The name of the example's own input among the files that lessons speak of."""
MADE_UP = "a made-up row"
MOST_LESSONS = 500
"""Each lesson is held against every program that is tried."""
CONTRADICTORY = "LESSON_CONTRADICTORY"
NOT_EXPLAINED = "LESSON_NOT_EXPLAINED"
DROP, KEEP = "drop", "keep"
BEFORE, BEHIND = "before", "behind"
LINES = "lines"
"""The field of a source that is a whole made-up file (`table_readings`)."""
_ORDER = re.compile(rf"({BEFORE}|{BEHIND}) row ([1-9][0-9]{{0,8}})")
_SHOWN_CHARS = 60
"""What a refusal shows of a cell."""


class LessonRefused(ConverterFault):
    """A lesson that cannot be taken: ``LESSON_INVALID`` where it is malformed (the text names the field),
    ``LESSON_CONTRADICTORY`` where it says otherwise than another or than the example, ``LESSON_NOT_EXPLAINED`` where
    no program was found that agrees with it as well."""

    default_reason = "LESSON_INVALID"


def is_of_table(kind: str, column: str) -> bool:
    """Whether a question of this kind, on this column, asks about a whole table."""
    return kind == "which reading" and not column


@dataclass(frozen=True, slots=True)
class Lesson:
    """What becomes of one row: ``output`` by column, None where the row is left out.

    ``table`` is the file that the row stands in, ``row`` its 1-based number there. What comes of it stands before what
    comes of the rows ``before``, and behind what comes of those ``behind``.
    """

    file: str
    table: Table
    row: int
    output: Mapping[str, str] | None
    before: frozenset[int] = frozenset()
    behind: frozenset[int] = frozenset()

    @property
    def cells(self) -> Row:
        """The row's cells."""
        return self.table.rows[self.row - 1]

    @property
    def place(self) -> str:
        """Where the row stands, for people."""
        return self.file if self.file == MADE_UP else f"row {self.row} of {self.file}"

    def says(self, column: str = "") -> str:
        """What is said of the row, for people."""
        if self.output is None:
            return f"{self.place} is left out"
        if not self.output and (self.before or self.behind):
            pairs = (*((BEFORE, n) for n in sorted(self.before)), *((BEHIND, n) for n in sorted(self.behind)))
            return f"{self.place} comes " + ", ".join(f"{side} row {number}" for side, number in pairs)
        if not self.output:
            return f"{self.place} belongs to the output"
        said = self.output if not column else {column: self.output[column]}
        return f"{self.place} says " + ", ".join(f'{_shown(text)} in "{name}"' for name, text in said.items())


def read_lessons(written: Sequence[Any], files: Mapping[str, Table], expected: Table) -> tuple[Lesson, ...]:
    """Lessons as they are written, with their rows. ``files`` are the tables that they may speak of, by name.

    Raises `LessonRefused` with the field that is wrong, and for two lessons of which one says otherwise of the very
    same row.
    """
    read = (lesson for number, item in enumerate(written) for lesson in _read(item, f"lessons[{number}]", files))
    found = list(islice(read, MOST_LESSONS + 1))
    if len(found) > MOST_LESSONS:
        raise LessonRefused(f"lessons: at most {MOST_LESSONS} rows")
    columns = expected.column_names
    for lesson in found:
        unknown = [name for name in lesson.output or () if name not in columns]
        if unknown:
            raise LessonRefused(f'lessons: {lesson.place}: the output has no column "{unknown[0]}"')
    return tuple(_merged(found))


def _read(item: Any, where: str, files: Mapping[str, Table]) -> Iterator[Lesson]:
    source = item.get("source") if isinstance(item, Mapping) else None
    if not isinstance(source, Mapping):
        raise LessonRefused(f"{where}.source: an object with file and row, or with cells, is wanted")
    output = _output(item.get("output"), f"{where}.output")
    side, other = order_of(item.get("output")) or ("", 0)
    if "cells" in source:
        if side:
            raise LessonRefused(f"{where}.source: an order is one of two rows of a file")
        cells, example = source["cells"], files[EXAMPLE]
        if not isinstance(cells, list | tuple) or not all(isinstance(cell, str) for cell in cells):
            raise LessonRefused(f"{where}.source.cells: a list of texts is wanted")
        if len(cells) > example.width:
            raise LessonRefused(f"{where}.source.cells: the input has {example.width} columns")
        yield Lesson(MADE_UP, replace(example, rows=(tuple(cells),)), 1, output)
        return
    name = source.get("file", EXAMPLE)
    table = files.get(name) if isinstance(name, str) else None
    if table is None:
        known = ", ".join(files)
        raise LessonRefused(f"{where}.source.file: no such file; known are: {known}")
    rows = source.get("rows", [source.get("row")])
    if not isinstance(rows, list | tuple) or not rows:
        raise LessonRefused(f"{where}.source.rows: a list of row numbers is wanted")
    for row in rows:
        if type(row) is not int or not 1 <= row <= len(table.rows):
            raise LessonRefused(f"{where}.source.row: a row of {name} is wanted: 1 to {len(table.rows)}")
        if side and (other > len(table.rows) or other == row):
            raise LessonRefused(f"{where}.output: another row of {name} is wanted: 1 to {len(table.rows)}")
        places = frozenset({other} if side else ())
        yield Lesson(
            name, table, row, output,
            before=places if side == BEFORE else frozenset(), behind=places if side == BEHIND else frozenset(),
        )  # fmt: skip


def order_of(output: Any) -> tuple[str, int] | None:
    """The side and the row of an output that says where a row comes; None where it says something else."""
    found = _ORDER.fullmatch(output) if isinstance(output, str) else None
    return (found[1], int(found[2])) if found else None


def says_order(side: str, row: int) -> str:
    """An output that says on which side of another row a row comes."""
    return f"{side} row {row}"


def _output(output: Any, where: str) -> Mapping[str, str] | None:
    if output == DROP:
        return None
    if output == KEEP or order_of(output) is not None:
        return {}
    if isinstance(output, Mapping) and all(isinstance(t, str) for pair in output.items() for t in pair):
        return dict(output)
    raise LessonRefused(f'{where}: texts by column, "{KEEP}", "{DROP}", or "{BEFORE} row n" are wanted')


def _merged(lessons: Sequence[Lesson]) -> Iterator[Lesson]:
    """One lesson for each row of each file, with all that is said of it."""
    by_place: dict[tuple[str, int, Row], Lesson] = {}
    for lesson in lessons:
        place = lesson.file, lesson.row, lesson.cells
        other = by_place.get(place)
        if other is None:
            by_place[place] = lesson
            continue
        if (other.output is None) != (lesson.output is None):
            raise contradiction(other.says(), lesson.says())
        if other.output is None or lesson.output is None:
            continue
        for name in other.output.keys() & lesson.output.keys():
            if other.output[name] != lesson.output[name]:
                raise contradiction(other.says(name), lesson.says(name))
        before, behind = other.before | lesson.before, other.behind | lesson.behind
        if before & behind:
            raise contradiction(other.says(), lesson.says())
        by_place[place] = replace(other, output={**other.output, **lesson.output}, before=before, behind=behind)
    yield from by_place.values()


def contradiction(one: str, other: str) -> LessonRefused:
    """The refusal of two statements that cannot both hold."""
    return LessonRefused(f"{one}, {other}, and no column tells them apart", reason=CONTRADICTORY)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "...")

"""What the user was asked and left open: it stays flagged, and the same is not asked again.

As people and files write it, among the lessons: ``{"source": {"file": "march.csv", "row": 14}, "open": {"kind": "which
value", "column": "Action", "not": ["Buy", "Sell"]}}``. ``not`` are the answers of which none is right; with none of
them the user does not know. The source is that of a lesson, or ``lines`` where a whole table was asked about; without
a column the row itself is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from services.converter.domain.faults import ConverterFault
from services.converter.domain.lessons import EXAMPLE, LINES, MADE_UP, MOST_LESSONS, Lesson, LessonRefused
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Guard, QuestionKind, Severity
from services.converter.domain.synthesis.proof.questions import Flag, Place
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Row, Table

MOST_REJECTED = 100
"""Answers of which none is right: more than a question offers."""
NONE_IS_RIGHT = "whoever was asked said that none of the answers that rules give to such a row is right"
NOBODY_KNOWS = "whoever was asked could not say what is right here"
_MOST_GUARDS, _MOST_FLAGGED = 200, 10_000
"""Guards that are tried on the files at hand, and rows that they name there."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A question that was answered with "none of these" (which are ``rejected``) or with "I do not know" (none is).

    ``row`` is the 1-based row of ``table`` that it asked about; of a whole table it is 0, and ``lines`` has the file.
    """

    kind: QuestionKind
    column: str
    file: str
    table: Table
    row: int
    rejected: tuple[str, ...]
    lines: tuple[str, ...] = ()

    @property
    def cells(self) -> Row:
        """The row's cells; those of a table's lines."""
        return self.table.rows[self.row - 1] if self.row else self.lines

    @property
    def severity(self) -> Severity:
        """How such rows are flagged: without ground where every rule is known to be wrong."""
        return "unseen" if self.rejected else "note"

    @property
    def words(self) -> str:
        """Why, for people."""
        return NONE_IS_RIGHT if self.rejected else NOBODY_KNOWS

    def is_answered(self, lessons: Sequence[Lesson]) -> bool:
        """Whether a lesson says what was left open."""
        return any(
            (lesson.file, lesson.row, lesson.cells) == (self.file, self.row, self.cells)
            and (lesson.output is None or not self.column or self.column in lesson.output)
            for lesson in lessons
        )


def part_open(written: Sequence[Any]) -> tuple[tuple[tuple[int, Mapping[str, Any]], ...], tuple[Any, ...]]:
    """What was left open, as it is written and by its place among the lessons, and the lessons. Raises `LessonRefused`
    that names the field."""
    if not isinstance(written, list | tuple):
        raise LessonRefused("lessons: a list is wanted")
    left = tuple((n, item) for n, item in enumerate(written) if isinstance(item, Mapping) and "open" in item)
    if len(left) > MOST_LESSONS:
        raise LessonRefused(f"lessons: at most {MOST_LESSONS} questions are left open")
    places = {number for number, _ in left}
    return left, tuple(item for number, item in enumerate(written) if number not in places)


def read_open(
    written: Sequence[tuple[int, Mapping[str, Any]]], files: Mapping[str, Table], expected: Table
) -> tuple[LeftOpen, ...]:
    """What was left open, with its rows. ``files`` are the tables that it may speak of, by name."""
    return tuple(_read(item, f"lessons[{number}]", files, expected) for number, item in written)


def _read(item: Mapping[str, Any], where: str, files: Mapping[str, Table], expected: Table) -> LeftOpen:
    source, said = item.get("source"), item["open"]
    if not isinstance(source, Mapping) or not isinstance(said, Mapping):
        raise LessonRefused(f"{where}: objects are wanted as source and as open")
    kind, column, rejected = said.get("kind", ""), said.get("column", ""), said.get("not", [])
    if kind not in get_args(QuestionKind):
        raise LessonRefused(f"{where}.open.kind: a kind of question is wanted")
    if column != "" and column not in expected.column_names:
        raise LessonRefused(f'{where}.open.column: the output has no column "{column}"')
    if not _is_texts(rejected) or len(rejected) > MOST_REJECTED:
        raise LessonRefused(f"{where}.open.not: at most {MOST_REJECTED} texts are wanted")
    example = files[EXAMPLE]
    if LINES in source:
        if not _is_texts(source[LINES]):
            raise LessonRefused(f"{where}.source.{LINES}: a list of lines is wanted")
        return LeftOpen(kind, column, MADE_UP, example, 0, tuple(rejected), tuple(source[LINES]))
    if "cells" in source:
        cells = source["cells"]
        if not _is_texts(cells) or len(cells) > example.width:
            raise LessonRefused(f"{where}.source.cells: at most {example.width} texts are wanted")
        return LeftOpen(kind, column, MADE_UP, replace(example, rows=(tuple(cells),)), 1, tuple(rejected))
    name, row = source.get("file", EXAMPLE), source.get("row")
    table = files.get(name) if isinstance(name, str) else None
    if table is None:
        raise LessonRefused(f"{where}.source.file: no such file; known are: {', '.join(files)}")
    if type(row) is not int or not 1 <= row <= len(table.rows):
        raise LessonRefused(f"{where}.source.row: a row of {name} is wanted: 1 to {len(table.rows)}")
    return LeftOpen(kind, column, name, table, row, tuple(rejected))


def _is_texts(found: Any) -> bool:
    return isinstance(found, list | tuple) and all(isinstance(text, str) for text in found)


def keep_flagged(
    guards: Sequence[Guard], left: Sequence[LeftOpen], sources: Mapping[str, Row], runner: ProgramRunner
) -> tuple[Guard, ...]:
    """A program's guards, so that what was left open is flagged.

    Guards that name such a row say what kind of row it is: where no answer is right, those have no ground for theirs.
    A row that none names is flagged by what its column reads (``sources``, by output column), and with it all that
    read the same. Asked again, nothing changes.
    """
    found = list(guards)
    missing: dict[tuple[str, str], list[tuple[LeftOpen, str]]] = {}
    for each in left:
        if each.kind == "which order" or (not each.row and not each.rejected):
            continue  # what other orders and other tables there are is run beside the program as it is
        naming = _naming(found, each, runner)
        if not naming:
            missing.setdefault((each.column, each.severity), []).append((each, _test(each, sources)))
        elif each.rejected and not any(guard.severity == "unseen" for guard in naming):
            others = [guard for guard in found if guard not in naming]
            found = [*others, *(part for guard in naming for part in _without_ground(guard, each))]
    for same in missing.values():
        first = same[0][0]
        tests = " OR ".join(dict.fromkeys(test for _, test in same))
        columns = (first.column,) if first.column else ()
        shown = next((name for name in sources.get(first.column, ()) if name), "")
        value = identifier(shown) if shown else "''"
        sql = f"SELECT _row, {value} AS value\nFROM input\nWHERE {tests}"
        found.append(Guard(shown, "ambiguity", first.severity, first.words, sql, columns))
    return tuple(found)


def _naming(guards: Sequence[Guard], left: LeftOpen, runner: ProgramRunner) -> list[Guard]:
    """The guards that flag what was left open, at its row and for its column (of a row: for the whole of it)."""
    columns = [left.column] if left.column else []
    own = [g for g in guards if (left.column in g.output_columns if columns else not g.output_columns)]
    if not left.row:
        return [guard for guard in own if guard.words == left.words]
    flags = flagged_rows(own, {left.file: left.table}, runner).get((left.file, left.row), [])
    return [flag.guard for flag in flags]


def _without_ground(guard: Guard, left: LeftOpen) -> Iterator[Guard]:
    """A guard of which it is known that no answer is right for the rows that it names, in one column of its own."""
    others = tuple(name for name in guard.output_columns if name != left.column)
    if others:
        yield replace(guard, output_columns=others)
    own = (left.column,) if left.column else ()
    yield replace(guard, output_columns=own, severity="unseen", words=f"{guard.words}; {left.words}")


def _test(left: LeftOpen, sources: Mapping[str, Row]) -> str:
    """SQL that holds for rows like the one that was left open; for a whole table, for every row."""
    if not left.row:
        return "true"
    names = left.table.column_names
    read = [name for name in sources.get(left.column, ()) if name in names] or names
    cells = dict(zip(names, left.cells, strict=False))
    tests = (f"coalesce({identifier(name)}, '') = {literal(cells.get(name, ''))}" for name in read)
    return f"({' AND '.join(tests)})"


def flagged_rows(guards: Sequence[Guard], files: Mapping[str, Table], runner: ProgramRunner) -> dict[Place, list[Flag]]:
    """The guards that name rows of files, by file and row: all are asked in one run a file."""
    watching = [guard for guard in guards if guard.rows == "input"][:_MOST_GUARDS]
    parts = (
        f"SELECT {number} AS guard, _row, value FROM (\n{guard.sql}\n)"  # noqa: S608 - a number, and a guard of ours
        for number, guard in enumerate(watching)
    )
    sql = "\nUNION ALL\n".join(parts)
    found: dict[Place, list[Flag]] = {}
    for name, table in files.items() if watching else ():
        try:
            rows = runner.run(sql, table).rows
        except ConverterFault:
            continue  # a file that the program cannot read is no ground for questions on its cells
        for number, row, value in rows[:_MOST_FLAGGED]:
            found.setdefault((name, int(row)), []).append(Flag(watching[int(number)], value))
    return found

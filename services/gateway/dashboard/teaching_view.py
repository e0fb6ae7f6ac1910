"""What a training's report says of teaching: questions, lessons, what a new program changes. Pure; it never fails."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from services.gateway.dashboard.json_fields import as_count, as_list, as_map, as_maps, as_share, as_text

MOST_QUESTIONS = 20
MOST_LESSONS = 200
MOST_FILES = 20
MOST_CHANGED = 50
MOST_CELLS = 200
EXAMPLE = "input"
_JOB_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ASKS = {
    "which value": "What should stand here?",
    "which reading": "How is this to be read?",
    "a new value": "What should become of this value?",
    "which rows": "Does this row belong to the output?",
    "which order": "Which of these comes first?",
    "a name": "Which column is this?",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that can be picked: its place, its value, and how a program comes to it. ``now``: it does so far;
    ``leaves_open``: it offers no value, and what is asked about stays flagged."""

    place: int
    value: str
    words: str
    now: bool
    leaves_open: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What the example leaves open. ``of_row``: the row itself is asked about, not a cell; ``of_table``: what
    becomes of a whole file, whose lines are the ``cells``. ``settles`` in percent; ``decides`` counts cells."""

    id: str
    asks: str
    column: str
    where: str
    cells: Sequence[tuple[str, str]]
    candidates: Sequence[Candidate]
    settles: int
    of_table: bool = False
    decides: int = 0

    @property
    def of_row(self) -> bool:
        """Whether it asks about the row as a whole."""
        return not self.column


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was taught: where the row stands, and what becomes of it, in words or by column."""

    where: str
    words: str
    output: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """A cell before and after; None where there is no such row."""

    name: str
    before: str | None
    after: str | None

    @property
    def differs(self) -> bool:
        """Whether it changed."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that changed. ``kind`` is "changes", "comes" or "goes"; ``taught``: a lesson is on it."""

    kind: str
    cells: Sequence[Change]
    taught: bool


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """What changes in one file: rows out, how many change, those among them that nobody taught, the first of them."""

    where: str
    columns: Sequence[str]
    rows: int
    changed: int
    untaught: int
    first: Sequence[ChangedRow]
    trouble: str


@dataclass(frozen=True, slots=True)
class TeachingView:
    """What there is to say and to ask of a training. ``tried`` is whether a program was held against known files."""

    questions: Sequence[Question]
    lessons: Sequence[Lesson]
    more_lessons: int
    tried: bool
    files: Sequence[ChangedFile]


def view_teaching(report: Mapping[str, Any]) -> TeachingView:
    """Picks out of a training's report what its page on teaching shows."""
    names = [as_text(name) for name in as_list(as_map(report.get("input")).get("columns"))]
    columns = [as_text(column.get("name")) for column in as_maps(report.get("columns"))][:MOST_CELLS]
    lessons, regression = as_maps(report.get("lessons")), report.get("regression")
    return TeachingView(
        [_view_question(item, names) for item in as_maps(report.get("questions"))[:MOST_QUESTIONS]],
        [_view_lesson(item) for item in lessons[:MOST_LESSONS]],
        max(0, len(lessons) - MOST_LESSONS),
        isinstance(regression, dict),
        [_view_file(item, columns) for item in as_maps(as_map(regression).get("files"))[:MOST_FILES]],
    )


def name_place(file: str, row: int) -> str:
    """Where a row stands, for people."""
    return f"row {row} of {_name_file(file)}" if row else "a made-up row in the shape of the example"


def _name_file(file: str) -> str:
    if _JOB_ID.fullmatch(file):
        return f"conversion {file[:8]}"
    return "the example" if file == EXAMPLE else file


def _view_question(item: Mapping[str, Any], names: Sequence[str]) -> Question:
    row, default = as_map(item.get("row")), as_text(item.get("default"))
    kind, column = as_text(item.get("kind")), as_text(item.get("column"))
    cells = [as_text(cell) for cell in as_list(row.get("cells"))[:MOST_CELLS]]
    candidates = []
    for place, candidate in enumerate(as_maps(item.get("candidates"))):
        value, leaves_open = as_text(candidate.get("value")), candidate.get("says", "value") != "value"
        now = value == default and not leaves_open
        candidates.append(Candidate(place, value, as_text(candidate.get("words")), now, leaves_open))
    of_table = kind == "which reading" and not column
    return Question(
        as_text(item.get("id")),
        _ASKS.get(kind, kind),
        column,
        "a made-up file in the shape of the example"
        if of_table
        else name_place(as_text(row.get("file")), as_count(row.get("number"))),
        [(f"line {place}", cell) for place, cell in enumerate(cells, 1)]
        if of_table
        else [(name or f"cell {place}", cell) for place, (name, cell) in enumerate(_named(names, cells), 1)],
        candidates,
        round(as_share(item.get("share")) * 100),
        of_table,
        as_count(item.get("decides")),
    )


def _named(names: Sequence[str], cells: Sequence[str]) -> Sequence[tuple[str, str]]:
    return [(names[place] if place < len(names) else "", cell) for place, cell in enumerate(cells)]


def _view_lesson(item: Mapping[str, Any]) -> Lesson:
    source, output = as_map(item.get("source")), item.get("output")
    if "lines" in source:
        where = f"a made-up file: {' / '.join(as_text(line) for line in as_list(source['lines'])[:MOST_CELLS])}"
        if "open" in item:
            return Lesson(where, "stays flagged: " + _why_open(as_map(item["open"])), ())
        made = [as_text(line) for line in as_list(as_map(output).get("lines"))[:MOST_CELLS]]
        return Lesson(where, f"becomes {' / '.join(made)}", ())
    if "cells" in source:
        where = f"a made-up row: {', '.join(as_text(cell) for cell in as_list(source['cells'])[:MOST_CELLS])}"
    else:
        rows = as_list(source.get("rows")) or [source.get("row")]
        places = ", ".join(str(as_count(row)) for row in rows[:MOST_CELLS])
        where = f"row {places} of {_name_file(as_text(source.get('file', EXAMPLE)))}"
    if "open" in item:
        left = as_map(item["open"])
        column = as_text(left.get("column"))
        return Lesson(where, f"{column and f'{column} '}stays flagged: {_why_open(left)}", ())
    words = {"drop": "is left out", "keep": "belongs to the output"}.get(str(output), "")
    said = [(as_text(name), as_text(value)) for name, value in as_map(output).items()]
    return Lesson(where, words, said[:MOST_CELLS])


def _why_open(left: Mapping[str, Any]) -> str:
    return "none of the answers is right" if as_list(left.get("not")) else "nobody knows"


def _view_file(item: Mapping[str, Any], columns: Sequence[str]) -> ChangedFile:
    return ChangedFile(
        _name_file(as_text(item.get("file"))),
        columns,
        as_count(item.get("rows")),
        as_count(item.get("changed")),
        as_count(item.get("untaught")),
        [_view_change(row, columns) for row in as_maps(item.get("first"))[:MOST_CHANGED]],
        as_text(item.get("trouble")),
    )


def _view_change(row: Mapping[str, Any], columns: Sequence[str]) -> ChangedRow:
    before, after = row.get("before"), row.get("after")
    kind = "comes" if before is None else "goes" if after is None else "changes"
    sides = zip_longest(as_list(before)[:MOST_CELLS], as_list(after)[:MOST_CELLS])
    cells = [
        Change(
            columns[place] if place < len(columns) else f"col{place + 1}",
            None if old is None else as_text(old),
            None if new is None else as_text(new),
        )
        for place, (old, new) in enumerate(sides)
    ]
    return ChangedRow(kind, cells, row.get("taught") is True)

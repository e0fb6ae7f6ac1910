"""What a reviewer decided on a page: cells that are right or should be otherwise, rows that go or stay. Pure.

A form says it by the names of its fields: ``value-ROW-COLUMN`` (a cell as it should be), ``was-ROW-COLUMN`` (as it
stands), ``ok-ROW-COLUMN`` (it is right), ``row-ROW`` (``drop`` or ``keep``) and ``opened-ROW`` (the row's cells can be
written). Rows are the input's, from 1; columns are places in the output, from 0.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_LESSONS = 100
"""Lessons that are taken at a time."""
MOST_CHARS = 65_536
"""Characters of a cell that is written."""
DROP, KEEP = "drop", "keep"
_CELL = re.compile(r"(value|was|ok)-([1-9]\d{0,8})-(0|[1-9]\d{0,4})")
_ROW = re.compile(r"(row|opened)-([1-9]\d{0,8})")
Place = tuple[int, int]
"""A row of the input and a column of the output."""


@dataclass(frozen=True, slots=True)
class Written:
    """A cell of a form: as it stands, as it was written, and whether that was said to be right."""

    was: str
    value: str
    accepted: bool = False

    @property
    def decided(self) -> bool:
        """Whether anything is said of the cell."""
        return self.accepted or self.value != self.was


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is taught of a row: a cell's value, or (``column`` None) whether the row goes."""

    row: int
    column: int | None = None
    value: str = ""
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that was decided on a page."""

    cells: Mapping[Place, Written] = field(default_factory=dict)
    rows: Mapping[int, str] = field(default_factory=dict)
    opened: frozenset[int] = frozenset()

    @property
    def touched(self) -> frozenset[int]:
        """Rows of which something is said, or that were opened for it."""
        decided = {row for (row, _), cell in self.cells.items() if cell.decided}
        return self.opened.union(decided, self.rows)

    @property
    def lessons(self) -> Sequence[Lesson]:
        """The decisions as lessons, in the order of their rows."""
        of_rows = [Lesson(row, drop=choice == DROP) for row, choice in self.rows.items()]
        of_cells = [Lesson(row, column, cell.value) for (row, column), cell in self.cells.items() if cell.decided]
        return sorted((*of_rows, *of_cells), key=lambda lesson: (lesson.row, lesson.column or 0))

    def faults(self, columns: Sequence[str], teachable: Mapping[int, bool]) -> dict[str, str]:
        """What cannot be taught, in words by the field's name.

        ``teachable`` are the rows that may be taught, each with whether its cells may. The empty name stands for the
        form as a whole.
        """
        found: dict[str, str] = {}
        for row in self.rows:
            if row not in teachable:
                found[f"row-{row}"] = f"Row {row} cannot be taught from this page."
        for (row, column), cell in self.cells.items():
            if not cell.decided:
                continue
            name = f"value-{row}-{column}"
            if not teachable.get(row) or column >= len(columns):
                found[name] = "This cell cannot be taught from this page."
            elif len(cell.value) > MOST_CHARS:
                found[name] = f"A cell has at most {MOST_CHARS:,} characters."
            elif self.rows.get(row) == DROP:
                found[name] = "This row is to be left out, so its cells cannot be corrected: choose one of both."
        if not self.lessons:
            found[""] = "Nothing was decided yet: accept or correct a cell, or leave a row out."
        elif len(self.lessons) > MOST_LESSONS:
            found[""] = f"At most {MOST_LESSONS} decisions are learned at a time; these are {len(self.lessons)}."
        return found


def read_decisions(form: Mapping[str, str]) -> Decisions:
    """The decisions of a form, whose empty fields may be missing."""
    parts: dict[Place, dict[str, str]] = {}
    rows: dict[int, str] = {}
    opened: set[int] = set()
    for name, text in form.items():
        if cell := _CELL.fullmatch(name):
            parts.setdefault((int(cell[2]), int(cell[3])), {})[cell[1]] = text
        elif (row := _ROW.fullmatch(name)) and row[1] == "opened":
            opened.add(int(row[2]))
        elif row and text in (DROP, KEEP):
            rows[int(row[2])] = text
    cells = {place: Written(part.get("was", ""), part.get("value", ""), "ok" in part) for place, part in parts.items()}
    return Decisions(cells, rows, frozenset(opened))

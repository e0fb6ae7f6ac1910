"""A file's lines as layouts see them, and the units and records that layouts cut of them."""

from dataclasses import dataclass, field
from typing import NamedTuple

from services.converter.domain.synthesis.rows.provenance.lines import Lines, LineTest, is_blank
from services.converter.domain.table import Row

CORNER = -1
"""A depth that is read from the file: the blank corner of a crossed table."""


class Unit(NamedTuple):
    """One unit: its lines within its columns, and what stands around it."""

    part: Lines
    block: Lines
    full: Lines
    head: Row
    top: Lines
    base: int
    sides: int
    place: tuple[int, int, int]
    """Number of the section, number of the first line, number of the first column."""
    over: Row = ()
    numbers: tuple[int, ...] = ()
    """The places of its lines among all, from 0 on."""


class Kept(NamedTuple):
    """A line that is in a record: its section, its number, those of the titles above it (-1: none)."""

    section: int
    number: int
    head: int
    over: int


class Record(NamedTuple):
    """The lines that become one or more rows: their section, its title, the same lines filled down, the title above."""

    section: int
    line: int
    head: Row
    block: Lines
    full: Lines
    over: Row
    numbers: tuple[int, ...]


@dataclass(slots=True)
class Sheet:
    """The lines of a file, equally wide, and what is asked of them again and again."""

    lines: Lines
    _filled: dict[int, Lines] = field(default_factory=dict)
    _tests: dict[tuple[LineTest, int], tuple[bool, ...]] = field(default_factory=dict)

    @property
    def first(self) -> Row:
        """The first line."""
        return self.lines[0] if self.lines else ()

    @property
    def width(self) -> int:
        """Cells of a line."""
        return len(self.first)

    def filled(self, depth: int) -> Lines:
        """The lines below the first ``depth``, blank cells with the value above."""
        if depth not in self._filled:
            above = [""] * self.width
            found = []
            for line in self.lines[depth:]:
                above = [a if is_blank(cell) else cell for a, cell in zip(above, line, strict=True)]
                found.append(tuple(above))
            self._filled[depth] = tuple(found)
        return self._filled[depth]

    def holds(self, test: LineTest, depth: int) -> tuple[bool, ...]:
        """Whether a test holds for each line, below so many headings."""
        key = (test, depth if test.is_below else 0)
        if key not in self._tests:
            first = next(iter(self.lines[key[1] :]), ())
            self._tests[key] = tuple(test.holds(line, first) for line in self.lines)
        return self._tests[key]

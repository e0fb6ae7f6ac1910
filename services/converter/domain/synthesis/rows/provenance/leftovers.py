"""What a program leaves unexplained: parts of the file that it does not read, and guesses that nothing supports."""

import math
from collections.abc import Sequence

from services.converter.domain.synthesis.rows.cells import kind_of
from services.converter.domain.synthesis.rows.provenance.addresses import Cell
from services.converter.domain.synthesis.rows.provenance.labels import labels_of
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.lines import Lines, is_blank, is_number
from services.converter.domain.synthesis.rows.provenance.located import FirstNames, Item, Name, TopName, TopNames
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Joined, Part, Stripped, bare
from services.converter.domain.synthesis.rows.provenance.sheet import Sheet, Unit
from services.converter.domain.synthesis.tokens import shape
from services.converter.domain.table import Row

UNREAD_LINE, UNREAD_TITLE, UNREAD_CELL = 0.25, 0.5, 0.08
UNREAD_IN_SECTION, SAME_LENGTH = 0.4, 0.8
"""What it costs that a line of a section is left out though a title stands above it, and that lines of a section are
told by their number, where all sections of the example have as many."""
MOST_UNREAD = 12
"""Cells that are not read, from which on more cost no more."""
NO_HEADING = 0.8
"""What it costs that a line is left out as a heading that has a number where the line below has one."""
A_ROW = math.inf
"""What it costs that a line below the file's names is left out as a heading though it is made like all lines below it:
it is a row, and why it goes was not shown. That it was the first says nothing of the first of another file."""
BLANK_LINES = 0.5
"""What it costs that records are counted, though blank lines stand in them, which may part them."""
TITLED_LINES = 1.0
"""What it costs that records are counted, though each begins with a line like a title."""
LABELLED_LINES = 3.0
"""What it costs that records are counted, though each line has a label, the same in all records, by which it is known:
about what it costs to turn labels into columns."""
OTHERS_LABELS = 0.3
"""What it costs that labels are taken from the file though no name is read there, or from the example though one is, or
that a single record's lines are counted though names are read beside their values."""
SAID_ONCE = 1.0
"""What it costs that a single row has a cell of the lines above all records: nothing shows that it holds for others."""
BLANK_UNITS = 0.5
"""What it costs that blank cells would make rows in which nothing is filled."""
BLANK_LINES_GO = 0.4
"""What it costs that blank lines of the example make no rows below titles; those of other files do not in any case."""
NAMES_IN_RECORD = 1.5
"""What it costs that the file's names, which stand there once, are a line of a counted record that nobody reads."""
ONE_RECORD, ONE_COUNTED, ONE_LINE = 2.7, 0.8, 1.0
"""What it costs to believe that any file is one record, which records of so many lines explain as well, that the only
one is as long as all are, or that all but one of its lines are headings."""


def unexplained(
    layout: Layout, sheet: Sheet, units: Sequence[Unit], items: Sequence[Item], names: Sequence[Name]
) -> float:
    """The price of what a program leaves unexplained."""
    reads = frozenset[str]().union(*(item.reads for item in items))
    cost = _tops(layout, sheet, reads, names) + UNREAD_CELL * min(_unread_cells(units[0], items, names), MOST_UNREAD)
    if (
        layout.begins is not None
        and layout.title == "title"
        and ("head" not in reads or _has_idle(layout, sheet, units))
    ):
        cost += UNREAD_TITLE
    if layout.records == "every" and any(all(map(is_blank, line)) for line in units[0].block):
        cost += BLANK_LINES
    if layout.records == "every" and _are_titled(units):
        cost += TITLED_LINES
    cost += unlabelled(layout, units) + OTHERS_LABELS * _are_others_labels(layout, names)
    cost += OTHERS_LABELS * (len(units) == 1 and _are_counted(layout, names))
    cost += SAID_ONCE * (len(units) == 1 and "top" in reads)
    if layout.records == "every" and len(units[0].block) == len(sheet.lines) - max(0, layout.tops):
        cost += ONE_COUNTED
    if layout.names and layout.records == "every" and 0 in units[0].numbers and not _reads_first(items):
        cost += NAMES_IN_RECORD
    if layout.records == "whole" and layout.begins is None and len(units) == 1:
        cost += ONE_RECORD
    if layout.records == "whole" and layout.begins is not None:
        cost += _unread_lines(units, items)
    only_cells = not reads and all(isinstance(item, Cell | Cells | Stripped | Part) for item in items)
    if layout.is_titled_rows and layout.keep == "any" and any(all(map(is_blank, line)) for line in sheet.lines):
        cost += BLANK_LINES_GO
    if only_cells and layout.columns in ("each", "groups") and layout.keep == "all" and layout.records != "whole":
        cost += BLANK_UNITS
    return cost


def unlabelled(layout: Layout, units: Sequence[Unit]) -> float:
    """What it costs that lines of records are told by their numbers though they have labels."""
    if layout.labels is not None or layout.records == "each" or layout.columns != "all" or len(units) < 2:
        return 0.0
    return LABELLED_LINES if labels_of([unit.block for unit in units]) is not None else 0.0


def _are_others_labels(layout: Layout, names: Sequence[Name]) -> bool:
    if layout.labels is None or layout.labels.by == "sign":
        return False
    return layout.labels.own != any(isinstance(name, FirstNames) for name in names)


def _are_counted(layout: Layout, names: Sequence[Name]) -> bool:
    """Whether names are read beside the values of lines that are told by their numbers."""
    by_lines = layout.records != "each" and layout.columns == "all"
    return by_lines and layout.labels is None and any(isinstance(name, FirstNames) for name in names)


def _has_idle(layout: Layout, sheet: Sheet, units: Sequence[Unit]) -> bool:
    """Whether some line that would be a title has no rows below it: nothing says why it should be one."""
    if layout.begins is None or layout.outer is not None:
        return False
    depth = layout.depth(sheet)
    titles = sum(sheet.holds(layout.begins, depth)[depth:])
    return titles > len({unit.place[0] for unit in units})


def _reads_first(items: Sequence[Item]) -> bool:
    """Whether the first line of a record is read, by itself or with all others."""
    return any(not isinstance(item, Cell) or item.line == 1 for item in map(bare, items))


def _tops(layout: Layout, sheet: Sheet, reads: frozenset[str], names: Sequence[Name]) -> float:
    """Heading lines that nobody reads, dearer where they do not look like headings."""
    depth = layout.depth(sheet)
    cost = ONE_LINE if depth and depth == len(sheet.lines) - 1 else 0.0
    if "top" in reads:
        return cost
    named = {name.line for name in names if isinstance(name, TopName | TopNames)}
    for h in range(depth):
        if h + 1 not in named:
            pairs = zip(sheet.lines[h], sheet.lines[depth], strict=True)
            cost += UNREAD_LINE + NO_HEADING * any(is_number(top) and is_number(below) for top, below in pairs)
    return cost + (A_ROW if leaves_a_row(layout, sheet) else 0.0)


def leaves_a_row(layout: Layout, sheet: Sheet) -> bool:
    """Whether a line below the file's names is taken for a heading though it is made like all lines below it."""
    depth = layout.depth(sheet) if layout.names else 0
    return any(_is_row(line, sheet.lines[depth:]) for line in sheet.lines[1:depth])


def _is_row(line: Row, below: Lines) -> bool:
    """Whether a line's cells are of kinds that the cells below them have, and one of them is written in digits as all
    of those are: a day, a number, a code."""
    columns = list(zip(line, *below, strict=True))
    alike = all(is_blank(cell) or kind_of(cell) in set(map(kind_of, others)) for cell, *others in columns)
    return alike and any(is_number(cell) and {shape(cell)} == set(map(shape, others)) for cell, *others in columns)


def _are_titled(units: Sequence[Unit]) -> bool:
    """Whether each record's first line, and no other, has a single filled cell, as titles have."""
    blocks = {unit.place[1]: unit.block for unit in units}.values()
    lone = [[sum(not is_blank(cell) for cell in line) == 1 for line in block] for block in blocks]
    return all(line[0] and not any(line[1:]) for line in lone)


def _unread_lines(units: Sequence[Unit], items: Sequence[Item]) -> float:
    """Lines of sections that stand in no row, where the lines of a row are told by their numbers."""
    read: set[int] = set()
    for item in map(bare, items):
        if isinstance(item, Cells | Joined):
            return 0.0
        if isinstance(item, Cell):
            read.add(item.line)
    lengths = {len(unit.block) for unit in units}
    if len(lengths) > 1:
        return 0.0
    unread = lengths.pop() - len(read)
    return UNREAD_IN_SECTION * max(0, unread) + SAME_LENGTH * (unread > 0)


def _unread_cells(unit: Unit, items: Sequence[Item], names: Sequence[Name]) -> int:
    """Filled cells of the first unit's lines that are nowhere in its row."""
    shown: set[str] = set()
    for item in items:
        shown.update(item.of(unit) if isinstance(item, Cells) else (item.of(unit),))
    for name in names:
        if isinstance(name, FirstNames):
            shown.update(name.cells.of(unit))
            shown.update(name.also.of(unit) if name.also is not None else ())
    joined = "\0".join(sorted(shown))
    return sum(cell.strip(" ") not in joined for line in unit.block for cell in line if not is_blank(cell))

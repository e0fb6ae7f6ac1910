"""The places in and around a unit that hold a wanted text, and the lists that hold several."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.synthesis.rows.provenance.addresses import (
    Address,
    Cell,
    Filled,
    Fixed,
    Heading,
    Label,
    Side,
    Title,
)
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.lines import Lines, is_blank
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Joined, Part, Stripped
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER, Unit
from services.converter.domain.table import Row

SEPARATORS = (", ", " ", ",", "; ", ";", " - ", "-", " > ", "/", " / ", "|", " | ", ": ", ":", "_", "\n")
"""What texts are joined with."""
MARKS = ("\n", "<br>", "; ", ";", " | ", "|", ", ", ",", "\t", "/", " ")
"""What cells are split into lists at, the surest first."""
LEAST_AFFIX = 3
"""Characters that what all titles begin or end with has more than."""
PART_MARKS = (*MARKS[:-1], ": ", ":", " (", " - ", " ")
"""What a part of a cell is told by."""
FARTHEST_LINE, FARTHEST_CELL = 12, 8
"""Lines of a unit, and cells of a title or a top line, that single places are looked for in."""
LAST_CELLS = 2
"""Cells that are told from the end of a line."""
UNFILLED = 0.6
"""What it costs to fill down a column in which the example has nothing to fill."""
MOST_COLUMNS = 18
"""Places of a unit that are handed on as columns."""


def reaches(unit: Unit, row: Row, cells: frozenset[str]) -> bool:
    """Whether what stands in and around a unit holds the row's texts, as far as they are among the file's cells."""
    near = {
        *unit.head,
        *unit.over,
        *itertools.chain(*unit.block),
        *itertools.chain(*unit.top),
        *itertools.chain(*unit.full),
    }
    return all(text in near or text not in cells for text in row)


def candidates(unit: Unit, text: str, layout: Layout, cells: frozenset[str]) -> Iterator[Address]:
    """Places that hold the text: as a cell, a part of one, a cell without spaces around it, several cells joined."""
    yield from _exact(unit, text, layout)
    if is_blank(text):
        return
    around = dict.fromkeys(cell for line in (*unit.block, *unit.top, unit.head, unit.over) for cell in line)
    for cell in around:
        if cell != text and cell.strip(" ") == text:
            yield from (Stripped(address) for address in _exact(unit, cell, layout))
    if text not in cells:
        for cell in around:
            if text in cell:
                yield from _parts(unit, cell, text, layout)
    yield from _joined(unit, text)


def _joined(unit: Unit, text: str) -> Iterator[Address]:
    """Lists whose texts, joined, are the text."""
    every = [Cells(what) for what in ("lines", "columns", "sides", "tops")]
    if len(unit.part) > 1:  # a text that goes on in further lines
        every += [Cells("column", column=k + 1) for k in range(min(len(unit.part[0]), FARTHEST_CELL))]
    for separator in (separator for separator in SEPARATORS if separator in text):
        for cells in every:
            for option in (cells, replace(cells, filled=True), replace(cells, first=2)):
                if Joined(option, separator).of(unit) == text:
                    yield Joined(option, separator)


def _parts(unit: Unit, cell: str, text: str, layout: Layout) -> Iterator[Address]:
    before, _, after = cell.partition(text)
    # What all titles begin or end with is no part of their names.
    for mark, place in ((before, 2), (after, 1)):
        if (
            len(mark) > LEAST_AFFIX
            and cell.count(mark) == 1
            and cell.split(mark)[place - 1] == text
            and _ends(cell, text)
        ):
            yield from (Part(address, mark, place) for address in _exact(unit, cell, layout))
    for mark in PART_MARKS:
        parts = cell.split(mark)
        if text in parts and len(parts) > 1:
            place = parts.index(text) + 1
            for address in _exact(unit, cell, layout):
                yield Part(address, mark, place)
                if place == len(parts):
                    yield Part(address, mark, -1)


def _ends(cell: str, text: str) -> bool:
    """Whether a text is the beginning or the end of a cell, as whole words."""
    at = cell.find(text)
    near = cell[at - 1 : at] if at else cell[len(text) : len(text) + 1]
    return not near.isalnum()


def _exact(unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
    """Places whose cell is the text."""
    yield from _inside(unit, text, layout)
    yield from _beside(unit, text, layout)
    yield from _above(unit, text, layout)


def _inside(unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
    """Cells of the unit."""
    part = unit.part
    wide = layout.columns in ("all", "repeats", "spans")
    for i, line in enumerate(part):
        for j, cell in enumerate(line):
            if cell != text:
                continue
            if i < FARTHEST_LINE:
                yield Cell(i + 1, j + 1)
                if wide and j >= len(line) - LAST_CELLS:
                    yield Cell(i + 1, j - len(line))
            if layout.records in ("whole", "keyed") and i >= len(part) - LAST_CELLS:
                yield Cell(i - len(part), j + 1)
    if is_blank(text) or not any(is_blank(cell) for line in part for cell in line):
        return
    filled = [cell for line in part for cell in line if not is_blank(cell)]
    yield from (Filled(n + 1) for n, cell in enumerate(filled[:FARTHEST_CELL]) if cell == text)
    if filled and filled[-1] == text:
        yield Filled(-1)


def _beside(unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
    """Labels to the left, and values above."""
    if not unit.block:
        return
    line, full = unit.block[0], unit.full[0]
    if layout.columns == "all" and not layout.sides:
        yield from (Side(k + 1, down=True) for k, cell in enumerate(full) if cell == text)
        return
    for k in range(min(unit.sides, len(line))):
        if line[k] == text:
            yield Side(k + 1)
        if full[k] == text:
            yield Side(k + 1, down=True)
    if unit.base and Label().of(unit) == text:
        yield Label()


def _above(unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
    """Headings, the file's top lines and the section's title."""
    width = len(unit.part[0]) if unit.part else 1
    for h, line in enumerate(unit.top):
        deep = h + 1 if layout.tops != CORNER or h == 0 else h - len(unit.top)
        if layout.columns != "all":
            yield from (Heading(deep, j + 1) for j, c in enumerate(line[unit.base : unit.base + width]) if c == text)
            if Heading(deep, wide=True).of(unit) == text:
                yield Heading(deep, wide=True)
        if not is_blank(text):
            yield from (Fixed(deep, k + 1) for k, cell in enumerate(line[:FARTHEST_CELL]) if cell == text)
    if layout.begins is None or layout.title == "first":
        return
    for line, over in ((unit.head, False), (unit.over, True)):
        for k, cell in enumerate(line[:FARTHEST_CELL]):
            if cell == text:
                yield Title("at", k + 1, over)
                if k and not is_blank(cell):
                    yield Title("filled", 1 + sum(not is_blank(c) for c in line[:k]), over)
    if layout.columns != "all" and unit.base < len(unit.head) and unit.head[unit.base] == text:
        yield Title("above", 1)


def lists(units: Sequence[Unit], rows: Lines, cells: frozenset[str]) -> list[tuple[int, int, Cells, float]]:
    """(first column, the one after the last, list, what it leaves unexplained) of lists of several columns."""
    width = len(rows[0])
    found: list[tuple[int, int, Cells, float]] = []
    for option in _list_options(units, rows[0], cells):
        head = option.of(units[0])
        starts = [at for at in range(width - 1) if rows[0][at : at + len(head)] == head] if len(head) > 1 else []
        if not starts:
            continue
        made = [option.of(unit) for unit in units]
        longest = max(map(len, made))
        fixed = len(set(map(len, made))) == 1
        for at in starts:
            stop = at + longest
            if stop <= width and (fixed or stop == width) and all(
                row[at:stop] == texts + ("",) * (longest - len(texts)) for row, texts in zip(rows, made, strict=True)
            ):  # fmt: skip
                found.append((at, stop, option, _unfilled(units, option)))
    return found


def _list_options(units: Sequence[Unit], row: Row, cells: frozenset[str]) -> Iterator[Cells]:
    single = all(len(unit.part) == 1 for unit in units)
    blanks = any(is_blank(cell) for unit in units[:3] for line in unit.part for cell in line)
    filters = (False, True) if blanks else (False,)
    bases = [
        Cells("lines"),
        Cells("down"),
        *([Cells("right")] if blanks else []),
    ]
    missing = [text for text in row if not is_blank(text) and text not in cells]
    if missing:
        inside = [cell for line in units[0].part for cell in line]
        for mark in MARKS:
            parts = {part for cell in inside for part in cell.split(mark)}
            if any(mark in cell for cell in inside) and all(text in parts for text in missing):
                bases.append(Cells("lines", mark=mark))
    for base, filled, first, last in itertools.product(bases, filters, (1, 2, 3), (0, 1)):
        yield replace(base, filled=filled, first=first, last=last)
    if single:
        yield from (Cells("lines", filled=filled, back=True) for filled in filters)
    if any(cell != cell.strip(" ") for unit in units for line in unit.part for cell in line):
        yield from (Cells("lines", first=first, bare=True) for first in (1, 2))
    columns = [] if single else [Cells("columns"), *(Cells("column", column=k) for k in (1, 2, 3))]
    for base in (Cells("sides"), Cells("tops"), *columns):
        yield from (replace(base, filled=filled) for filled in filters)


def _unfilled(units: Sequence[Unit], cells: Cells) -> float:
    if cells.what != "down":
        return 0.0
    width = len(units[0].full[0])
    pairs = [pair for unit in units for pair in zip(unit.block, unit.full, strict=True)]
    return UNFILLED * sum(all(raw[i] == full[i] for raw, full in pairs) for i in range(cells.first - 1, width))


def columns_of(units: Sequence[Unit], layout: Layout) -> tuple[tuple[str, Address], ...]:
    """Places by name that other columns may be made of: one for each column of different texts, cheapest first."""
    part, depth = units[0].part, min(len(units[0].top), 3)
    width = len(part[0])
    options: list[Address] = [Cell(i + 1, j + 1) for i in range(min(len(part), 4)) for j in range(min(width, 8))]
    options += [Side(k + 1, down) for k in range(units[0].sides) for down in (False, True)]
    if layout.columns == "all" and not layout.sides:
        options += [Side(k + 1, down=True) for k in range(min(width, 4))]
    elif layout.columns != "all":
        options += [Heading(h + 1, j + 1) for h in range(depth) for j in range(min(width, 3))]
        options += [Heading(h + 1, wide=True) for h in range(depth)]
    if layout.begins is not None and layout.title != "first":
        options += [Title("at", k + 1, over) for over in (False, True) for k in range(3)]
    options += [Fixed(h + 1, k + 1) for h in range(depth) for k in range(3)]
    found: dict[tuple[str, ...], Address] = {}
    for address in sorted(options, key=lambda option: option.cost):
        texts = tuple(address.of(unit) for unit in units)
        if any(texts):
            found.setdefault(texts, address)
    return tuple((address.name, address) for address in list(found.values())[:MOST_COLUMNS])

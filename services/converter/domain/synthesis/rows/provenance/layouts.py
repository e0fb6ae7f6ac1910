"""The layouts that a file may have by the structure of its lines, as far as they can give so many rows."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.provenance.labels import labellings
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.lines import LineTest, is_blank, line_tests
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER, Kept, Record, Sheet

MOST_TESTS = 7
"""Ways to tell lines apart that are tried, plainest first; those that agree on all lines count once."""
MOST_TOPS, MOST_SIDES = 3, 3
"""Heading lines and label columns that are tried by their number."""
MOST_KEYS = 6
"""Columns whose cells are tried as the key of a record's lines."""
FEW_LINES = 3
"""Lines of an example so few that they say nothing of keys that repeat: lines with the same may be one record."""
LONGEST = 12
"""Lines of the longest record of a fixed size."""
LEAST_CELLS = 2
"""Cells of a line that are left where the last is no unit, and one more."""
KEPT: tuple[Literal["any", "first", "told", "headed"], ...] = ("any", "first", "told", "headed")


@dataclass(frozen=True, slots=True)
class Aim:
    """How many units are wanted, and the texts of cells that must not get lost. ``tops``: whether headings may go;
    ``names``: those of the wanted columns."""

    count: int
    texts: frozenset[str]
    tops: bool
    names: frozenset[str] = frozenset()


def layouts(base: Layout, sheet: Sheet, aim: Aim, budget: Budget) -> Iterator[tuple[Layout, list[Record]]]:
    """Layouts that may give the wanted number of units, with their records."""
    for depth in _depths(base, sheet, aim):
        plain = replace(base, tops=depth)
        below = plain.depth(sheet)
        if below >= len(sheet.lines):
            continue
        for cut in _sections(plain, sheet, below):
            kept = cut.kept(sheet)
            budget.spend(5 + 2 * len(sheet.lines))
            if not kept or not _holds(cut, sheet, kept, aim.texts):
                continue
            for option in _records(cut, sheet, kept):
                records = option.cut(sheet, kept)
                budget.spend(len(kept))
                if option.records != "keyed" or len(records) < len(kept) or len(kept) <= FEW_LINES:
                    yield from ((layout, records) for layout in _columns(option, sheet, len(records), aim))
                for labelled in _labelled(option, records, aim.count):
                    completed = labelled.cut(sheet, kept)
                    yield from ((layout, completed) for layout in _columns(labelled, sheet, len(records), aim))


def _depths(base: Layout, sheet: Sheet, aim: Aim) -> list[int]:
    depths = [0]
    if is_blank(sheet.first[0]) and sheet.width > 1:
        depths.append(CORNER)
    if base.split and base.into == "lines":
        return [0]  # parts of one cell are no headings of the others
    if aim.tops:
        corner = replace(base, tops=CORNER).depth(sheet)
        # Above the only line of a single column, headings are but the first lines of a record.
        most = MOST_TOPS if sheet.width > 1 else min(MOST_TOPS, len(sheet.lines) - 2)
        depths += [depth for depth in range(1, most + 1) if depth != corner]
    return depths


def _sections(layout: Layout, sheet: Sheet, below: int) -> Iterator[Layout]:
    """Sections, and lines left out, told by the structure of lines."""
    tests: dict[tuple[bool, ...], LineTest] = {}
    for test in line_tests(sheet.width):
        vector = sheet.holds(test, below)[below:]
        if test.kind in ("repeats", "same", "marked", "keyed") and sum(vector) == 1:
            continue  # the first line is no repetition of itself
        if any(vector) and not all(vector):
            tests.setdefault(vector, test)
    chosen = list(tests.items())[: 2 * MOST_TESTS]
    others = [test for _, test in chosen[:MOST_TESTS]]
    blank = next((test for _, test in chosen if test.kind == "blank"), None)
    yield layout
    for _, test in chosen:
        yield replace(layout, without=test)
    for vector, test in chosen:
        if test is blank:
            between = replace(layout, begins=test, title="between")
            yield from (replace(between, without=other) for other in (None, *others) if other is not test)
        elif 2 * sum(vector) < len(vector) or sum(vector) == 1:
            titled = replace(layout, begins=test, title="title")
            for without in (None, *([blank] if blank else [])):
                yield replace(titled, without=without)
                if vector[0]:
                    yield replace(titled, title="first", without=without)
            yield from (replace(titled, without=other) for other in others if other is not test and other is not blank)
        elif vector[0]:
            yield from (replace(layout, begins=test, title=title) for title in ("first", "title"))
    yield from _nested(layout, chosen)


def _nested(layout: Layout, tests: Sequence[tuple[tuple[bool, ...], LineTest]]) -> Iterator[Layout]:
    """Sections in sections: below each title of the outer ones, told first, stands a title of the inner ones."""
    for outer, above in tests:
        for inner, test in tests:
            heads = [i for i, x in enumerate(outer) if x]
            titles = [a and not b for a, b in zip(inner, outer, strict=True)]
            begun = heads[:1] == [0] and all(titles[i + 1 : i + 2] == [True] for i in heads)
            if test is not above and begun and len(heads) > 1 and 2 * (sum(titles) + len(heads)) <= len(outer) + 2:
                yield replace(layout, begins=test, outer=above)


def _holds(layout: Layout, sheet: Sheet, kept: Sequence[Kept], texts: frozenset[str]) -> bool:
    """Whether the lines that are kept, those filled down, titles and top lines hold all texts."""
    depth = layout.depth(sheet)
    full = sheet.filled(depth)
    have = set(itertools.chain(*sheet.lines[:depth]))
    for _, number, head, over in kept:
        have.update(sheet.lines[number])
        have.update(full[number - depth])
        for title in (head, over):
            if title >= 0:
                have.update(sheet.lines[title])
    return texts <= have


def _records(layout: Layout, sheet: Sheet, kept: Sequence[Kept]) -> Iterator[Layout]:
    """What becomes of the lines of a section."""
    if layout.title != "first":
        yield layout
        sections = Counter(line.section for line in kept)
        for size in range(2, min(LONGEST, *sections.values()) + 1):
            if all(count % size == 0 for count in sections.values()):
                yield replace(layout, records="every", size=size)
        if layout.begins is None:
            yield from (replace(layout, records="keyed", size=size) for size in (1, 2) if size < sheet.width)
            yield from (replace(layout, records="keyed", key=key) for key in range(2, min(sheet.width, MOST_KEYS) + 1))
    yield replace(layout, records="whole")


def _labelled(layout: Layout, records: Sequence[Record], count: int) -> Iterator[Layout]:
    """Records whose lines say by a cell what they are, whatever their number."""
    if layout.records in ("whole", "keyed") and len(records) == count:
        blocks = [record.block for record in records]
        yield from (replace(layout, labels=labels) for labels in labellings(blocks))


def _columns(layout: Layout, sheet: Sheet, records: int, aim: Aim) -> Iterator[Layout]:
    """Cuts by columns, as far as the number of units can be right."""
    count = aim.count
    if records == count:
        # A blank line, of which the example has none, is no row of what stands above it.
        blank = layout.is_titled_rows and not any(all(map(is_blank, line)) for line in sheet.lines)
        yield replace(layout, keep="any") if blank else layout
        if layout.records == "keyed" and layout.key == 1:
            yield replace(layout, sides=layout.size)  # the key once, and what stands behind it in each line
    elif records > count:
        yield from (replace(layout, keep=keep) for keep in KEPT[:2])
    by: tuple[Literal["row", "column", "section"], ...] = ("row", "column", "section")
    by = by[:2] if records == 1 or layout.begins is None else by
    for sided in _sides(layout, sheet):
        for cut in _groups(sided, sheet, aim):
            units = records * len(cut.starts(sheet))
            for order in by:
                ordered = replace(cut, by=order)
                if units == count:
                    yield ordered
                    if cut.columns in ("each", "groups"):
                        yield replace(ordered, keep="any")
                elif units > count:
                    yield from (replace(ordered, keep=keep) for keep in KEPT)


def _sides(layout: Layout, sheet: Sheet) -> Iterator[Layout]:
    """Label columns: as many as the corner is wide, or by number."""
    corner = replace(layout, sides=CORNER)
    width = corner.margin(sheet)
    is_told = 0 < width < sheet.width
    if is_told:
        yield corner
    for margin in range(min(MOST_SIDES + 1, sheet.width)):
        if not is_told or margin != width:
            yield replace(layout, sides=margin)


def _groups(layout: Layout, sheet: Sheet, aim: Aim) -> Iterator[Layout]:
    """Cells, or groups of columns, after the labels; without the last where nobody wants its heading."""
    sides = layout.margin(sheet)
    left, first = sheet.width - sides, sheet.first[sides:]
    if left > 1:
        yield replace(layout, columns="each")
    named = layout.depth(sheet) > 0 and not is_blank(first[-1]) and first[-1] not in aim.texts | aim.names
    if left > LEAST_CELLS and named and aim.texts.intersection(first[:-1]):
        yield replace(layout, columns="each", trail=1)
    yield from (replace(layout, columns="groups", group=k) for k in range(2, left // 2 + 1) if left % k == 0)
    if first.count(first[0]) > 1 and not is_blank(first[0]):
        yield replace(layout, columns="repeats")
    if not is_blank(first[0]) and any(map(is_blank, first)):
        yield replace(layout, columns="spans")

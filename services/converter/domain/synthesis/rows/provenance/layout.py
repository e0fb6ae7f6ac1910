"""How a file's lines are cut into units, of which each becomes one row: sections, records, groups of columns."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.provenance.labels import Labels
from services.converter.domain.synthesis.rows.provenance.lines import Lines, LineTest, is_blank
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER, Kept, Record, Sheet, Unit
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.table import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """A cut of the file.

    ``names``: the header is the first line. ``split``: where cells are split, into cells or into lines (``into``).
    ``tops`` lines stand above all others, ``sides`` cells before the others of a line (`CORNER`: as many as are blank),
    ``trail`` cells behind those that units are made of (a sum).
    ``begins``: lines at which sections begin: as their title (``title``), as their first line, or as a blank line
    between them. ``outer``: titles of several such sections, told before those are. ``without``: lines that are left
    out. ``records``: what becomes of a section's lines: `each` is a record, every ``size`` are, all are (`whole`), or
    those with the same ``size`` cells from the ``key``-th on (`keyed`). ``labels``: what says
    which line of a record each is. ``columns``: a
    record's cells are one unit (`all`), `each` is, groups of ``group`` are, or a unit begins where the first top line
    repeats itself (`repeats`) or is filled (`spans`). ``keep``: only units with `any` cell filled, the `first` one,
    one that says something (`told`: it has a letter or a number), or those under a filled heading (`headed`).
    """

    names: bool = False
    split: str = ""
    into: Literal["cells", "lines"] = "cells"
    tops: int = 0
    begins: LineTest | None = None
    title: Literal["title", "first", "between"] = "title"
    outer: LineTest | None = None
    without: LineTest | None = None
    records: Literal["each", "every", "whole", "keyed"] = "each"
    size: int = 1
    key: int = 1
    labels: Labels | None = None
    sides: int = 0
    columns: Literal["all", "each", "groups", "repeats", "spans"] = "all"
    group: int = 1
    trail: int = 0
    keep: Literal["all", "any", "first", "told", "headed"] = "all"
    by: Literal["row", "column", "section"] = "row"

    @property
    def is_titled_rows(self) -> bool:
        """Whether each line below a title is a row: a blank one would be a row of nothing but the title."""
        return self.begins is not None and self.title == "title" and self.records == "each" and self.columns == "all"

    @property
    def cost(self) -> float:
        """Signs that the file gives are cheap, sizes that were counted are not."""
        cost = (2.2 if self.split == " " else 1.2) if self.split else 0.0
        cost += 0.15 if self.tops == CORNER else 0.35 * self.tops
        if self.begins is not None:
            cost += 0.7 + self.begins.cost + (0.0 if self.title == "title" else 0.2)
        if self.outer is not None:
            cost += 0.5 + self.outer.cost
        if self.without is not None:
            cost += 0.4 + self.without.cost
        cost += {"each": 0.0, "every": 1.75 + 0.08 * self.size, "whole": 0.4 if self.begins else 1.1,
                 "keyed": 0.9 + 0.2 * self.size + 0.1 * (self.key - 1)}[self.records]  # fmt: skip
        cost += self.labels.cost if self.labels is not None else 0.0
        cost += 0.1 if self.sides == CORNER else 0.2 * self.sides
        cost += 0.4 * self.trail
        cost += {"all": 0.0, "each": 0.5, "groups": 0.8 + 0.1 * self.group, "repeats": 0.6, "spans": 0.8}[self.columns]
        cost += {"all": 0.0, "any": 0.0 if self.is_titled_rows else 0.4, "first": 0.5, "told": 0.7, "headed": 0.6}[
            self.keep
        ]
        return cost + {"row": 0.0, "column": 0.4, "section": 0.9}[self.by]

    # Meaning.

    def sheet(self, relation: Relation) -> Sheet:
        """The file's lines, all of the same width."""
        rows = (relation.header, *relation.cells) if self.names else relation.cells
        if self.split and self.into == "cells":
            rows = tuple(tuple(part for cell in row for part in cell.split(self.split)) for row in rows)
        elif self.split:
            rows = tuple(line for row in rows for line in _in_lines(row, self.split))
        width = max((len(row) for row in rows), default=0)
        return Sheet(tuple(row + ("",) * (width - len(row)) for row in rows))

    def depth(self, sheet: Sheet) -> int:
        """How many lines stand on top."""
        if self.tops != CORNER:
            return self.tops
        lines = sheet.lines
        return next((i for i, line in enumerate(lines) if line and not is_blank(line[0])), len(lines))

    def margin(self, sheet: Sheet) -> int:
        """How many cells stand before the others."""
        if self.sides != CORNER:
            return self.sides
        return next((i for i, cell in enumerate(sheet.first) if not is_blank(cell)), sheet.width)

    def units(self, sheet: Sheet, records: Sequence[Record] | None = None) -> list[Unit]:
        """The units in their order. ``records``: those of the layout, where they are known."""
        top, margin = sheet.lines[: self.depth(sheet)], self.margin(sheet)
        found: list[Unit] = []
        starts = self.starts(sheet)
        for section, number, head, block, full, over, numbers in self.cut(sheet) if records is None else records:
            for start, stop in starts:
                part = tuple([line[start:stop] for line in block])
                if self.keep == "all" or self._is_kept(part, top, start):
                    place = (section, number, start)
                    found.append(Unit(part, block, full, head, top, start, margin, place, over, numbers))
        if self.by == "column":
            found.sort(key=lambda unit: (unit.place[2], unit.place[1]))
        elif self.by == "section":
            found.sort(key=lambda unit: (unit.place[0], unit.place[2], unit.place[1]))
        return found

    def kept(self, sheet: Sheet) -> list[Kept]:
        """The lines that are in records."""
        depth = self.depth(sheet)
        begins = sheet.holds(self.begins, depth) if self.begins is not None else ()
        without = sheet.holds(self.without, depth) if self.without is not None else ()
        outer = sheet.holds(self.outer, depth) if self.outer is not None else ()
        found: list[Kept] = []
        section, head, over = 0, -1, -1
        for number in range(depth, len(sheet.lines)):
            if outer and outer[number]:
                section, head, over = section + 1, -1, number
                continue
            if begins and begins[number]:
                section, head = section + 1, number
                if self.title != "first":
                    continue
            elif begins and not section and self.title != "between":
                continue
            if without and without[number]:
                continue
            found.append(Kept(section, number, head, over))
        return found

    def cut(self, sheet: Sheet, kept: Sequence[Kept] | None = None) -> list[Record]:
        """The records."""
        lines, depth = sheet.lines, self.depth(sheet)
        full = sheet.filled(depth)
        groups: dict[object, list[int]] = {}
        places: dict[object, Kept] = {}
        counted: dict[int, int] = {}
        for line in self.kept(sheet) if kept is None else kept:
            section, number = line.section, line.number
            key: object = number
            if self.records == "every":
                counted[section] = counted.get(section, -1) + 1
                key = (section, counted[section] // self.size)
            elif self.records == "whole":
                key = section
            elif self.records == "keyed":
                key = (section, lines[number][self.key - 1 : self.key - 1 + self.size])
            groups.setdefault(key, []).append(number)
            places.setdefault(key, line)
        blocks = {key: tuple([lines[n] for n in numbers]) for key, numbers in groups.items()}
        full_blocks = {key: tuple([full[n - depth] for n in numbers]) for key, numbers in groups.items()}
        if self.labels is not None:
            known = self.labels.among(blocks.values())
            for lines_of in (blocks, full_blocks):
                lines_of.update({key: self.labels.completed(block, known) for key, block in lines_of.items()})
        return [
            Record(
                places[key].section,
                numbers[0],
                lines[places[key].head] if places[key].head >= 0 else (),
                blocks[key],
                full_blocks[key],
                lines[places[key].over] if places[key].over >= 0 else (),
                tuple(numbers),
            )
            for key, numbers in groups.items()
        ]

    def starts(self, sheet: Sheet) -> list[tuple[int, int]]:
        """First column and the one after the last of each unit."""
        margin, width, first = self.margin(sheet), sheet.width - self.trail, sheet.first
        if self.columns == "all":
            return [(margin, sheet.width)]
        if self.columns in ("each", "groups"):
            size = self.group if self.columns == "groups" else 1
            return [(start, min(width, start + size)) for start in range(margin, width, size)]
        if self.columns == "spans":
            starts = [c for c in range(margin, width) if not is_blank(first[c])]
        else:
            starts = [c for c in range(margin, width) if first[c] == first[margin]]
        return list(zip(starts, [*starts[1:], width][: len(starts)], strict=True))

    def _is_kept(self, part: Lines, top: Lines, start: int) -> bool:
        if self.keep == "any":
            return any(not is_blank(cell) for line in part for cell in line)
        if self.keep == "first":
            return bool(part and part[0]) and not is_blank(part[0][0])
        if self.keep == "told":
            return bool(part and part[0]) and any(unicodedata.category(ch)[0] in "LN" for ch in part[0][0])
        return bool(top) and not is_blank(top[0][start])

    # In words.

    def lines_words(self) -> str:
        """The relation of all lines in words."""
        header = "the header and " if self.names else ""
        split = f", cells split at {quoted(self.split)} into {self.into}" if self.split else ""
        return f"{header}all lines, equally wide{split}"

    def section_words(self) -> str:
        """How sections are told apart, in words; empty where there are none."""
        if self.begins is None:
            return ""
        how = {
            "title": "sections have a title: lines",
            "first": "sections begin with lines",
            "between": "sections are parted by lines",
        }
        over = f"several sections have a title: lines {self.outer.words()}; " if self.outer is not None else ""
        return f"{over}{how[self.title]} {self.begins.words()}"

    def record_words(self) -> str:
        """What a record is made of, in words."""
        what = {
            "each": "a record a line",
            "every": f"a record for every {self.size} lines",
            "whole": "a record for each section" if self.begins is not None else "all lines are one record",
            "keyed": "a record for lines with the same "
            + (f"cell {self.key}" if self.size == 1 else f"{self.size} cells from the {self.key}. on"),
        }[self.records]
        return what + (f", without lines {self.without.words()}" if self.without is not None else "")

    def unit_words(self) -> str:
        """What becomes a row, in words."""
        what = {
            "all": "a row for each record",
            "each": "a row for each cell of a record"
            if self.records == "each"
            else "a row for each column of a record",
            "groups": f"a row for every {self.group} columns of a record",
            "repeats": "a row for each repetition of the headings",
            "spans": "a row for each filled heading",
        }[self.columns]
        kept = {
            "all": "",
            "any": ", where anything is filled",
            "first": ", where its first cell is filled",
            "told": ", where its first cell says something",
            "headed": ", under filled headings",
        }
        by = {"row": "", "column": ", column by column", "section": ", section by section and column by column"}
        if self.trail:
            what += ", but not for the last" if self.trail == 1 else f", but not for the last {self.trail}"
        return what + kept[self.keep] + by[self.by]

    def words(self) -> str:
        """The cut in words."""
        heads = {0: "", CORNER: "headings down to the first filled cell"}.get(
            self.tops, f"{self.tops} lines of headings"
        )
        split = f"cells are split at {quoted(self.split)} into {self.into}" if self.split else ""
        labels = self.labels.words() if self.labels is not None else ""
        said = [split, heads, self.section_words(), self.record_words(), labels, self.unit_words()]
        return "; ".join(part for part in said if part)


def _in_lines(row: Row, mark: str) -> list[Row]:
    parts = [cell.split(mark) for cell in row]
    count = max((len(p) for p in parts), default=0)
    return [tuple(p[0] if len(p) == 1 else p[i] if i < len(p) else "" for p in parts) for i in range(count)]

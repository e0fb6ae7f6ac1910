"""Finding programs that move cells: layouts that give as many units as rows are wanted, then a place for each column."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.provenance.addresses import (
    Address,
    Cell,
    Cells,
    Filled,
    Fixed,
    Heading,
    Joined,
    Label,
    Part,
    Side,
    Stripped,
    Title,
    Written,
)
from services.converter.domain.synthesis.rows.provenance.layout import CORNER, Layout, Lines, Record, Sheet, Unit
from services.converter.domain.synthesis.rows.provenance.lines import LineTest, is_blank, is_number, line_tests
from services.converter.domain.synthesis.rows.provenance.located import (
    FirstNames,
    Item,
    Locate,
    Located,
    Name,
    TopName,
    TopNames,
    WrittenName,
)
from services.converter.domain.synthesis.rows.provenance.variations import rivals_of
from services.converter.domain.table import Row, Table

MAX_CELLS = 6_000
"""Cells of an example from which tables are learned."""
MOST_TESTS = 7
"""Ways to tell lines apart that are tried, plainest first; those that agree on all lines count once."""
MOST_PLACES = 3
"""Places that are kept for a column, cheapest first."""
NEAR = 0.9
"""Programs that cost so much more than the cheapest are its rivals."""
KEPT: tuple[Literal["any", "first", "headed"], ...] = ("any", "first", "headed")
LONGEST = 12
"""Lines of the longest record of a fixed size."""
MOST_FOUND = 24
MOST_PLANS, MOST_COLUMNS = 3, 18
"""Plans that are handed to the learner of columns, and columns of each."""
SEPARATORS = (", ", " ", ",", "; ", ";", " - ", "-", " > ", "/", " / ", "|", " | ", ": ", ":", "_", "\n")
MARKS = ("\n", "<br>", "; ", ";", " | ", "|", ", ", ",", "\t", "/", " ")
_WORD = re.compile(r"\w+")
UNREAD_LINE, UNREAD_CELL = 0.25, 0.08
NO_HEADING = 0.8
"""What it costs that a line is left out as a heading that has numbers where the lines below have them."""
BLANK_UNITS = 0.5
"""What it costs that blank cells would make rows in which nothing is filled."""
UNFILLED = 0.6
"""What it costs to fill down a column in which the example has nothing to fill."""
MOST_UNREAD = 12
ONE_RECORD, ONE_LINE = 0.9, 0.6
"""What it costs to believe that any file is one record, or that all but one of its lines are headings."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that units must give, and the header's names above them (None: the names are among the rows)."""

    rows: Lines
    names: Row | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What was found: programs that give the expected table by moving cells only, cheapest first (the best and those
    that are near), and plans whose rows hold what other columns may be made of, likeliest first."""

    programs: tuple[Located, ...] = ()
    plans: tuple[Plan, ...] = ()


def located_tables(table: Table, expected: Table, budget: Budget) -> Moved:
    """Learn from where the wanted cells stand."""
    finder = _Finder(table, expected, budget)
    if not finder.is_worth_it():
        return Moved()
    programs = rivals_of(finder.programs(), finder.relation, budget)
    return Moved(tuple(programs), () if programs else tuple(finder.plans()))


@dataclass(frozen=True, slots=True)
class _Way:
    """How the columns from one on are made, and their names."""

    cost: float
    items: tuple[Item, ...] = ()
    names: tuple[Name, ...] = ()
    unread: float = 0.0

    def before(self, item: Item, name: Name | None, unread: float = 0.0) -> "_Way":
        """The way with one more item in front, and what it leaves unexplained."""
        names = self.names if name is None else (name, *self.names)
        cost = self.cost + item.cost + (name.cost if name is not None else 0.0) + unread
        return _Way(cost, (item, *self.items), names, self.unread + unread)


def _unfilled(units: list[Unit], cells: Cells) -> float:
    """What it costs to fill down columns in which the example has nothing to fill."""
    if cells.what != "down":
        return 0.0
    width = len(units[0].full[0])
    pairs = [pair for unit in units for pair in zip(unit.block, unit.full, strict=True)]
    return UNFILLED * sum(all(raw[i] == full[i] for raw, full in pairs) for i in range(cells.first - 1, width))


def _places_for_columns(units: list[Unit], layout: Layout) -> tuple[tuple[str, Address], ...]:
    """Places by name, one for each column of different texts, cheapest first."""
    part, depth = units[0].part, len(units[0].top)
    options: list[Address] = [Cell(i + 1, j + 1) for i in range(min(len(part), 4)) for j in range(min(len(part[0]), 8))]
    options += [Side(k + 1, down) for k in range(units[0].sides) for down in (False, True)]
    if layout.columns == "all" and not layout.sides:
        options += [Side(k + 1, down=True) for k in range(min(len(part[0]), 4))]
    else:
        options += [Heading(h + 1, j + 1, wide) for h in range(min(depth, 3)) for j in range(min(len(part[0]), 3))
                    for wide in (False, True) if not (wide and j)]  # fmt: skip
    if layout.begins is not None and layout.title != "first":
        options += [Title("at", k + 1) for k in range(3)]
    options += [Fixed(h + 1, k + 1) for h in range(min(depth, 2)) for k in range(3)]
    found: dict[tuple[str, ...], Address] = {}
    for address in sorted(options, key=lambda address: address.cost):
        texts = tuple(address.of(unit) for unit in units)
        if any(texts):
            found.setdefault(texts, address)
    return tuple((address.name, address) for address in list(found.values())[:MOST_COLUMNS])


def _holds(layout: Layout, sheet: Sheet, kept: list[tuple[int, int, int]], texts: set[str]) -> bool:
    """Whether the lines that are kept, those filled down, titles and top lines hold all texts."""
    depth = layout.depth(sheet)
    full = sheet.filled(depth)
    have = set(itertools.chain(*sheet.lines[:depth]))
    for _, number, head in kept:
        have.update(sheet.lines[number])
        have.update(full[number - depth])
        if head >= 0:
            have.update(sheet.lines[head])
    return texts <= have


class _Finder:
    """One search: what is wanted, and what was found so far."""

    def __init__(self, table: Table, expected: Table, budget: Budget) -> None:
        self.relation = Relation.of(table)
        self.table, self.expected, self.budget = table, expected, budget
        width = expected.width
        self.rows: Lines = tuple(row + ("",) * (width - len(row)) for row in expected.rows)
        self.names = expected.header if expected.has_names else None
        self.cells = {
            cell for row in (self.relation.header, *self.relation.cells) for cell in row if not is_blank(cell)
        }
        self.found: list[Located] = []
        self.partial: list[tuple[int, float, Layout, list[Unit]]] = []
        self.limit = 14.0

    def is_worth_it(self) -> bool:
        """Whether the example is small enough, and most wanted texts stand in the file."""
        cells = sum(map(len, self.table.rows))
        if not self.rows or not cells or max(cells, sum(map(len, self.rows))) > MAX_CELLS:
            return False
        if len({len(row) for row in self.expected.rows}) > 1:
            return False
        have = "\x00".join(cell for row in (self.relation.header, *self.relation.cells) for cell in row)
        texts = [cell for row in self.rows for cell in row if not is_blank(cell)]
        columns = [column for column in zip(*self.rows, strict=True) if len(set(column)) > 1 or len(self.rows) == 1]
        inside = sum(text in have or all(part in have for part in _WORD.findall(text)) for text in texts)
        return bool(columns) and 2 * inside >= len(texts)

    def programs(self) -> list[Located]:
        """All that was found near the cheapest."""
        for base, sheet, wanted in self._starts():
            for layout, records in self._layouts(base, sheet, wanted):
                if self.budget.is_spent:
                    break
                self._fit(layout, sheet, records, wanted)
        self.found.sort(key=lambda program: program.cost)
        return [p for p in self.found if p.cost <= self.found[0].cost + NEAR][:MOST_FOUND]

    def plans(self) -> Iterator[Plan]:
        """Layouts in which some columns have a place, and the others may be made of what stands around."""
        start = Plan(self.relation)
        chosen = sorted(self.partial, key=lambda item: item[:2])[:MOST_PLANS]
        for _, _, layout, units in chosen:
            named = _places_for_columns(units, layout)
            if named:
                yield start.then(Locate(layout, named))

    def _starts(self) -> Iterator[tuple[Layout, Sheet, Wanted]]:
        """The lines to begin with, and what is wanted of them."""
        goals = [Wanted(self.rows, None)] if self.names is None else [
            Wanted(self.rows, self.names), Wanted((self.names, *self.rows), None)
        ]  # fmt: skip
        texts = {cell for row in self.rows for cell in row if not is_blank(cell)}
        bases = [Layout(names=self.table.has_names)]
        have = {cell for row in (self.relation.header, *self.relation.cells) for cell in row}
        missing = [text for text in texts if text not in have and text.strip(" ") not in have]
        if missing:
            cells = [cell for row in self.relation.cells for cell in row if not is_blank(cell)]
            for mark in MARKS:
                held = sum(mark in cell for cell in cells)
                if 3 * held < len(cells) or any(mark in text for text in missing):
                    continue
                parts = {part for cell in cells for part in cell.split(mark)}
                if all(text in parts for text in missing):
                    bases.append(replace(bases[0], split=mark, into="cells"))
                    if len(self.rows) > len(self.relation.cells):
                        bases.append(replace(bases[0], split=mark, into="lines"))
        for base in bases:
            sheet = base.sheet(self.relation)
            if sheet.width and sum(map(len, sheet.lines)) <= MAX_CELLS:
                yield from ((base, sheet, goal) for goal in goals)

    # Layouts.

    def _layouts(self, base: Layout, sheet: Sheet, wanted: Wanted) -> Iterator[tuple[Layout, list[Record]]]:
        """Layouts that give as many units as there are wanted rows, with their records."""
        count = len(wanted.rows)
        have = set(itertools.chain(*sheet.lines))
        texts = {cell for row in wanted.rows for cell in row if not is_blank(cell) and cell in have}
        depths: list[int] = [0]
        if is_blank(sheet.first[0]) and sheet.width > 1:
            depths.append(CORNER)
        if base.split and base.into == "lines":
            depths = [0]  # lines of one cell are no headings of the others
        elif wanted.names is not None or self.names is None:
            corner = replace(base, tops=CORNER).depth(sheet)
            depths += [depth for depth in (1, 2, 3) if depth != corner]
        for depth in depths:
            plain = replace(base, tops=depth)
            below = plain.depth(sheet)
            if below >= len(sheet.lines):
                continue
            for cut in self._sections(plain, sheet, below):
                kept = cut.kept(sheet)
                self.budget.spend(5 + 2 * len(sheet.lines))
                if not kept or not _holds(cut, sheet, kept, texts):
                    continue
                for option, records in self._records(cut, sheet, kept, count):
                    yield from ((layout, records) for layout in self._columns(option, sheet, len(records), count))

    def _sections(self, layout: Layout, sheet: Sheet, below: int) -> Iterator[Layout]:
        """Sections, and lines left out, told by the structure of lines."""
        tests: dict[tuple[bool, ...], LineTest] = {}
        for test in line_tests(sheet.width):
            vector = sheet.holds(test)[below:]
            if test.kind in ("repeats", "same") and sum(vector) == 1:
                continue  # the first line is no repetition of itself
            if any(vector) and not all(vector):
                tests.setdefault(vector, test)
        chosen = list(tests.items())[: 2 * MOST_TESTS]
        yield layout
        for _, test in chosen:
            yield replace(layout, without=test)
        blank = next((t for _, t in chosen if t.kind == "blank"), None)
        for vector, test in chosen:
            if test.kind == "blank":
                between = replace(layout, begins=test, title="between")
                yield between
                for _, other in chosen[: MOST_TESTS + 1]:
                    if other is not test:
                        yield replace(between, without=other)
                continue
            if sum(vector) < len(vector) / 2 or sum(vector) == 1:
                titled = replace(layout, begins=test, title="title")
                for without in (None, *([blank] if blank else [])):
                    yield replace(titled, without=without)
                    if vector[0]:
                        yield replace(titled, title="first", without=without)
                for _, other in chosen[:MOST_TESTS]:
                    if other is not test and other is not blank:
                        yield replace(titled, without=other)
            elif vector[0]:
                yield replace(layout, begins=test, title="first")
                yield replace(layout, begins=test, title="title")

    def _records(
        self, layout: Layout, sheet: Sheet, kept: list[tuple[int, int, int]], count: int
    ) -> Iterator[tuple[Layout, list[Record]]]:
        """What becomes of the lines of a section."""
        options: list[Layout] = []
        if layout.title != "first":
            options.append(layout)
            sections = Counter(section for section, _, _ in kept)
            shortest = min(sections.values())
            sizes = [k for k in range(2, min(LONGEST, shortest) + 1) if all(n % k == 0 for n in sections.values())]
            options += [replace(layout, records="every", size=k) for k in sizes]
            if layout.begins is None:
                options += [replace(layout, records="keyed", size=k) for k in (1, 2) if k < sheet.width]
        options.append(replace(layout, records="whole"))
        for option in options:
            records = option.cut(sheet, kept)
            self.budget.spend(len(kept))
            if option.records == "keyed" and len(records) == len(kept):
                continue
            yield option, records

    def _columns(self, layout: Layout, sheet: Sheet, records: int, count: int) -> Iterator[Layout]:
        """Cuts by columns, as far as the number of units can be right."""
        if records == count:
            yield layout
        elif records > count:
            yield from (replace(layout, keep=keep) for keep in KEPT[:2])
        by: tuple[Literal["row", "column", "section"], ...] = ("row", "column", "section")
        by = by[:1] if records == 1 else by[:2] if layout.begins is None else by
        corner = replace(layout, sides=CORNER).margin(sheet)
        margins = [CORNER] if 0 < corner < sheet.width else []
        for margin in (*margins, *(k for k in range(min(4, sheet.width)) if not margins or k != corner)):
            sided = replace(layout, sides=margin)
            sides = sided.margin(sheet)
            left = sheet.width - sides
            cuts = [replace(sided, columns="each")] if left > 1 else []
            cuts += [replace(sided, columns="groups", group=k) for k in range(2, left // 2 + 1) if left % k == 0]
            first = sheet.first[sides:]
            if 1 < first.count(first[0]) and not is_blank(first[0]):
                cuts.append(replace(sided, columns="repeats"))
            if not is_blank(first[0]) and any(map(is_blank, first)):
                cuts.append(replace(sided, columns="spans"))
            for cut in cuts:
                units = records * len(cut.starts(sheet))
                if units < count:
                    continue
                for order in by:
                    ordered = replace(cut, by=order)
                    if units == count:
                        yield ordered
                        if cut.columns in ("each", "groups"):
                            yield replace(ordered, keep="any")
                    else:
                        yield from (replace(ordered, keep=keep) for keep in KEPT)

    # Places.

    def _fit(self, layout: Layout, sheet: Sheet, records: list[Record], wanted: Wanted) -> None:
        """Look for a place of each column in the units of a layout."""
        self.budget.spend(10)
        if layout.cost > self.limit:
            return
        lines = sheet.lines
        units = layout.units(sheet, records)
        self.budget.spend(4 * max(len(units), len(wanted.rows)) + 20)
        if len(units) != len(wanted.rows):
            return
        width = len(wanted.rows[0])
        ends = {0, len(units) - 1, len(units) // 2}
        if not all(self._reaches(units[at], wanted.rows[at]) for at in sorted(ends)):
            return
        self.budget.spend(40 * width)
        places = [self._places(units, wanted.rows, column, layout) for column in range(width)]
        lists = self._lists(units, wanted.rows)
        tops = lines[: max(1, layout.depth(sheet))]
        # The cheapest way to make the row, from its end to its beginning.
        best: list[_Way | None] = [None] * width + [_Way(0.0)]
        for at in reversed(range(width)):
            ways: list[_Way] = []
            after = best[at + 1]
            if after is not None and places[at]:
                place = places[at][0]
                name = self._name(layout, tops, place, wanted.names[at]) if wanted.names is not None else None
                ways.append(after.before(place, name))
            for start, stop, cells, unfilled in lists:
                rest = best[stop] if start == at else None
                if rest is None:
                    continue
                if wanted.names is None:
                    ways.append(rest.before(cells, None, unfilled))
                    continue
                names = self._list_name(layout, tops, units, cells, wanted.names[start:stop])
                if names is not None:
                    ways.append(rest.before(cells, names, unfilled))
            best[at] = min(ways, key=lambda way: way.cost, default=None)
        if best[0] is None:
            self._note(layout, units, places, wanted)
            return
        items, names = best[0].items, best[0].names
        if layout == Layout(names=layout.names) and any(isinstance(i, Part | Stripped | Written) for i in items):
            return  # a row for each row, with cells made anew: what is made of cells is learned column by column
        unread = best[0].unread + self._unread(layout, sheet, units, items, names)
        program = Located(layout, items, names, unread)
        if program.cost > self.limit or program.rows_of(lines, units) != self._full(wanted):
            return
        self.found.append(program)
        self.limit = min(self.limit, program.cost + NEAR)
        self._others(program, places, lists, lines, units, wanted)

    def _note(self, layout: Layout, units: list[Unit], places: list[list[Address]], wanted: Wanted) -> None:
        """Keep a layout in which some columns have a place, and the texts of the others have something to be made of."""
        open_columns = [i for i, found in enumerate(places) if not found]
        if not open_columns or len(open_columns) == len(places) or (wanted.names is None and self.names is not None):
            return
        near = ["\0".join((*unit.head, *itertools.chain(*unit.block, *unit.top))) for unit in units[:3]]
        for text, row in zip(near, wanted.rows[:3], strict=False):
            if not all(any(word in text for word in _WORD.findall(row[i])) or not row[i] for i in open_columns):
                return
        cost = layout.cost + sum(found[0].cost for found in places if found)
        self.partial.append((len(open_columns), cost, layout, units))

    def _reaches(self, unit: Unit, row: Row) -> bool:
        """Whether what stands in and around a unit holds the row's texts, as far as they are cells of the file."""
        near = {*unit.head, *itertools.chain(*unit.block), *itertools.chain(*unit.top), *itertools.chain(*unit.full)}
        return all(text in near or text not in self.cells for text in row)

    def _others(
        self, program: Located, places: list[list[Address]], lists: Sequence[tuple[int, int, Cells, float]], lines: Lines,
        units: list[Unit], wanted: Wanted,
    ) -> None:  # fmt: skip
        """The same with another place for one column."""
        column = 0
        spent = 0
        for number, item in enumerate(program.items):
            if isinstance(item, Cells):
                length = next(stop - start for start, stop, cells, _ in lists if cells == item and start == column)
                column += length
                continue
            for other in places[column][1:]:
                if spent < 6 and program.cost + other.cost - item.cost <= self.limit:
                    spent += 1
                    self.found.append(
                        replace(program, items=(*program.items[:number], other, *program.items[number + 1 :]))
                    )
            column += 1

    def _full(self, wanted: Wanted) -> list[Row]:
        return [*([wanted.names] if wanted.names is not None else []), *wanted.rows]

    def _places(self, units: list[Unit], rows: Lines, column: int, layout: Layout) -> list[Address]:
        """The places that hold the column's texts in every unit, cheapest first."""
        texts = [row[column] for row in rows]
        fitting: list[Address] = []
        for address in self._candidates(units[0], texts[0], layout):
            self.budget.spend(3)
            if all(address.of(unit) == text for unit, text in zip(units, texts, strict=True)):
                fitting.append(address)
        if not fitting and len(set(texts)) == 1 and len(units) > 1 and not self._stands(texts[0]):
            fitting.append(Written(texts[0]))
        return sorted(fitting, key=lambda address: address.cost)[:MOST_PLACES]

    def _stands(self, text: str) -> bool:
        return text in self.cells

    def _candidates(self, unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
        """Places in the unit that hold the text."""
        yield from self._exact(unit, text, layout)
        if not is_blank(text):
            if text not in self.cells:
                yield from self._parts(unit, text, layout)
            spaced = {cell for line in (*unit.block, *unit.top, unit.head) for cell in line if cell != cell.strip(" ")}
            for cell in sorted(spaced):
                if cell.strip(" ") == text:
                    yield from (Stripped(address) for address in self._exact(unit, cell, layout))
            for separator in SEPARATORS:
                if separator in text:
                    for what in ("lines", "columns", "sides", "tops"):
                        cells = Cells(what)
                        for option in (cells, replace(cells, filled=True), replace(cells, first=2)):
                            if Joined(option, separator).of(unit) == text:
                                yield Joined(option, separator)

    def _parts(self, unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
        """Parts of cells between marks."""
        seen = dict.fromkeys(cell for line in (*unit.block, *unit.top, unit.head) for cell in line if text in cell)
        for cell in seen:
            for mark in MARKS:
                parts = cell.split(mark)
                if text in parts and len(parts) > 1:
                    place = parts.index(text) + 1
                    for address in self._exact(unit, cell, layout):
                        yield Part(address, mark, place)
                        if place == len(parts):
                            yield Part(address, mark, -1)

    def _exact(self, unit: Unit, text: str, layout: Layout) -> Iterator[Address]:
        varying = layout.records in ("whole", "keyed")
        part = unit.part
        for i, line in enumerate(part):
            wide = layout.columns in ("all", "repeats", "spans")
            for j, cell in enumerate(line):
                if cell == text:
                    if i < LONGEST:
                        yield Cell(i + 1, j + 1)
                        if wide and j >= len(line) - 2:
                            yield Cell(i + 1, j - len(line))
                    if varying and i >= len(part) - 2:
                        yield Cell(i - len(part), j + 1)
        if layout.columns == "all" and layout.sides == 0:
            labels = [k for k, cell in enumerate(unit.full[0] if unit.full else ()) if cell == text]
            yield from (Side(k + 1, down=True) for k in labels)
        else:
            line, full = (unit.block[0], unit.full[0]) if unit.block else ((), ())
            for k in range(unit.sides):
                if line[k] == text:
                    yield Side(k + 1)
                if full[k] == text:
                    yield Side(k + 1, down=True)
            if unit.base and Label().of(unit) == text:
                yield Label()
        for h, line in enumerate(unit.top):
            deep = h + 1 if layout.tops != CORNER or h == 0 else h - len(unit.top)
            if layout.columns != "all":
                for j in range(1, max(1, len(part[0]) if part else 1) + 1):
                    if unit.base + j <= len(line) and line[unit.base + j - 1] == text:
                        yield Heading(deep, j)
                if Heading(deep, wide=True).of(unit) == text:
                    yield Heading(deep, wide=True)
            for k, cell in enumerate(line[:8]):
                if cell == text and not is_blank(text):
                    yield Fixed(deep, k + 1)
        if layout.begins is not None and layout.title != "first":
            for k, cell in enumerate(unit.head[:8]):
                if cell == text:
                    yield Title("at", k + 1)
                    filled = sum(not is_blank(c) for c in unit.head[:k])
                    if k and not is_blank(cell):
                        yield Title("filled", filled + 1)
            if layout.columns != "all" and unit.base < len(unit.head) and unit.head[unit.base] == text:
                yield Title("above", 1)
        if not is_blank(text) and any(is_blank(cell) for line in part for cell in line):
            filled_cells = [cell for line in part for cell in line if not is_blank(cell)]
            for n, cell in enumerate(filled_cells[:8]):
                if cell == text:
                    yield Filled(n + 1)
            if filled_cells and filled_cells[-1] == text:
                yield Filled(-1)

    def _lists(self, units: list[Unit], rows: Lines) -> list[tuple[int, int, Cells, float]]:
        """(first column, the one after the last, list, what it leaves unexplained) of lists that several columns are made of."""
        width = len(rows[0])
        found: list[tuple[int, int, Cells, float]] = []
        bases = [Cells("lines"), Cells("columns"), Cells("down"), Cells("sides"), Cells("tops")]
        bases += [Cells("column", column=k) for k in (1, 2, 3)]
        missing = [text for text in rows[0] if not is_blank(text) and text not in self.cells]
        if missing:
            inside = [cell for line in units[0].part for cell in line]
            bases += [
                Cells("lines", mark=mark) for mark in MARKS if any(mark in cell for cell in inside)
                and all(any(text in cell.split(mark) for cell in inside) for text in missing)
            ]  # fmt: skip
        if all(len(unit.part) == 1 for unit in units):
            bases = [base for base in bases if base.what not in ("columns", "column")]
        if not any(is_blank(cell) for unit in units[:3] for line in unit.part for cell in line):
            filters = (False,)
        else:
            filters = (False, True)
        for base, filled, first, last in itertools.product(bases, filters, (1, 2, 3), (0, 1)):
            if base.what in ("sides", "tops", "column") and (first > 1 or last):
                continue
            cells = replace(base, filled=filled, first=first, last=last)
            self.budget.spend(4)
            head = cells.of(units[0])
            if len(head) < 2:
                continue
            starts = [at for at in range(width - 1) if rows[0][at : at + len(head)] == head]
            if not starts:
                continue
            lists = [cells.of(unit) for unit in units]
            longest, same = max(map(len, lists)), len(set(map(len, lists))) == 1
            for at in starts:
                if at + longest > width or (not same and at + longest != width):
                    continue
                if all(
                    row[at : at + longest] == texts + ("",) * (longest - len(texts))
                    for row, texts in zip(rows, lists, strict=True)
                ):
                    found.append((at, at + longest, cells, _unfilled(units, cells)))
        return found

    # Names and what is left over.

    def _name(self, layout: Layout, tops: Lines, item: Address, text: str) -> Name:
        """How a name in the header comes about: read where its column stands, else written."""
        column = self._column_of(layout, item)
        if column is not None and layout.tops and not is_blank(text):
            for h, top in enumerate(tops):
                if 0 < column <= len(top) and top[column - 1] == text:
                    return TopName(h + 1, column)
        return WrittenName(text, text in self.cells)

    @staticmethod
    def _column_of(layout: Layout, item: Address) -> int | None:
        """The file's column that a place is in, whatever the unit."""
        if isinstance(item, Stripped | Part):
            item = item.address
        if isinstance(item, Side):
            return item.column
        if isinstance(item, Cell) and layout.columns in ("all", "repeats") and item.column > 0:
            return max(0, layout.sides) + item.column
        return None

    @staticmethod
    def _list_name(layout: Layout, tops: Lines, units: list[Unit], item: Cells, texts: Row) -> Name | None:
        if layout.columns == "all" and item.what in ("lines", "down") and not item.filled:
            for h, top in enumerate(tops):
                rest = top[max(0, layout.sides) + item.first - 1 :]
                if rest[: len(rest) - item.last] == texts:
                    return TopNames(h + 1, max(0, layout.sides) + item.first, item.last)
        options = [Cells("labels", column=k) for k in range(1, max(0, layout.sides) + 1)]
        options += [Cells("column", column=k) for k in (1, 2, 3)]
        for option in options:
            if option.of(units[0]) == texts and option != item and layout.records != "each":
                return FirstNames(option)
        return None

    @staticmethod
    def _unread(
        layout: Layout, sheet: Sheet, units: list[Unit], items: tuple[Item, ...], names: tuple[Name, ...]
    ) -> float:
        """What it costs that top lines, titles and cells of the units are not read, and what blank cells would do."""
        cost, lines = 0.0, sheet.lines
        reads = frozenset[str]().union(*(item.reads for item in items))
        depth = layout.depth(sheet)
        if depth and "top" not in reads:
            named = {name.line for name in names if isinstance(name, TopName | TopNames)}
            for h in range(depth):
                if h + 1 not in named:
                    contrast = [
                        is_number(c) for c, below in zip(lines[h], lines[depth], strict=True) if is_number(below)
                    ]
                    cost += UNREAD_LINE + NO_HEADING * any(contrast)
        if layout.begins is not None and layout.title == "title" and "head" not in reads:
            cost += 2 * UNREAD_LINE
        if layout.records == "whole" and layout.begins is None and layout.columns == "all":
            cost += ONE_RECORD if any(sum(not is_blank(c) for c in line) > 1 for line in lines) else 3 * ONE_RECORD
        if depth and depth == len(lines) - 1:
            cost += ONE_LINE
        if layout.columns in ("each", "groups") and layout.keep == "all" and not reads and layout.records != "whole":
            if all(isinstance(item, Cell | Cells | Stripped | Part) for item in items):
                cost += BLANK_UNITS
        shown: set[str] = set()
        for item in items:
            shown.update(item.of(units[0]) if isinstance(item, Cells) else (item.of(units[0]),))
        shown.update(*(name.cells.of(units[0]) for name in names if isinstance(name, FirstNames)))
        joined = "\0".join(sorted(shown))
        unread = sum(cell.strip(" ") not in joined for line in units[0].block for cell in line if not is_blank(cell))
        return cost + UNREAD_CELL * min(unread, MOST_UNREAD)

"""Finding programs that move cells: layouts that give as many units as wanted rows, then a place for each column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.provenance.addresses import Address, Cell, Filled, Side, Written
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.layouts import Aim, layouts
from services.converter.domain.synthesis.rows.provenance.leftovers import leaves_a_row, unexplained, unlabelled
from services.converter.domain.synthesis.rows.provenance.lines import WORD, Lines, is_blank
from services.converter.domain.synthesis.rows.provenance.located import Item, Locate, Located, Name, is_word
from services.converter.domain.synthesis.rows.provenance.naming import list_name, single_name
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Part, Stripped, at_same, follows
from services.converter.domain.synthesis.rows.provenance.places import (
    MARKS,
    UNFILLED,
    candidates,
    columns_of,
    lists,
    reaches,
)
from services.converter.domain.synthesis.rows.provenance.sheet import Record, Sheet, Unit
from services.converter.domain.synthesis.rows.provenance.support import grounds_of
from services.converter.domain.synthesis.rows.provenance.unlike import SHOWN_ALIKE
from services.converter.domain.synthesis.tokens import is_data, stands_in
from services.converter.domain.table import Row, Table

MAX_CELLS = 6_000
"""Cells of an example from which tables are learned."""
MAX_COST = 14.0
SURE = 5.0
"""What a program costs at most that no other kind of program is looked for."""
MOST_PLACES = 6
"""Places that are kept for a column, cheapest first."""
NEAR = 0.75
"""Programs that cost so much more than the cheapest are its rivals."""
NEAR_ONCE = 3.25
"""The same where a decision of the cheapest rests on fewer records than make it sure."""
MOST_FOUND = 24
MOST_OTHERS = 6
"""Rivals of a program that differ from it in one place."""
JUMP = 0.3
"""What a place costs beside, of several that hold the same texts, that does not stand behind the place of the column
before: more than its distance from the beginning does. Cells that stand together are taken together."""
LEAST_RUN = 3
"""Columns whose places stand one behind the other from which on none of them is taken from elsewhere."""
MOST_PLANS = 3
"""Plans that are handed to the learner of columns."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was found by moving cells.

    ``programs`` give the expected table: the cheapest, then those nearly as cheap.
    ``plans`` give rows that hold what the columns may be made of, likeliest first; there are none beside programs.
    """

    programs: tuple[Located, ...] = ()
    plans: tuple[Plan, ...] = ()
    by_rows: bool = False
    """Whether the rows themselves give the wanted ones, with cells that columns make of theirs."""

    @property
    def is_sure(self) -> bool:
        """Whether the best program is so plain that none by columns is looked for."""
        best = self.programs[0] if self.programs else None
        return best is not None and best.cost <= SURE and not best.by_words and not self.by_rows


def located_tables(table: Table, expected: Table, budget: Budget) -> Moved:
    """Learn from where the wanted cells stand."""
    finder = _Finder(table, expected, budget)
    if not finder.is_worth_it():
        return Moved()
    programs = finder.programs()
    told = programs and not programs[0].by_words and not any(isinstance(i, Written) for i in programs[0].items)
    return Moved(tuple(programs), () if told else tuple(finder.plans()), finder.by_rows)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The rows that units must give, and the header's names above them (None: the names are among the rows)."""

    rows: Lines
    names: Row | None

    @property
    def all_rows(self) -> list[Row]:
        """The rows with the names."""
        return [*([self.names] if self.names is not None else []), *self.rows]


@dataclass(frozen=True, slots=True)
class _Way:
    """How the columns from one on are made, their names, and what they leave unexplained; ``jumps``: places that do
    not stand behind the one before."""

    cost: float
    items: tuple[Item, ...] = ()
    names: tuple[Name, ...] = ()
    unread: float = 0.0
    jumps: int = 0

    def before(self, item: Item, name: Name | None, unread: float = 0.0, *, jumps: bool = False) -> "_Way":
        """The way with one more item in front."""
        names = self.names if name is None else (name, *self.names)
        cost = self.cost + item.cost + (name.cost if name is not None else 0.0) + unread
        return _Way(cost, (item, *self.items), names, self.unread + unread, self.jumps + jumps)

    @property
    def order(self) -> float:
        """By which ways of the same columns are compared."""
        return self.cost + JUMP * self.jumps


def _width(units: Sequence[Unit]) -> int:
    """Cells of a unit's line."""
    return len(units[0].part[0]) if units[0].part else 1


def _fills(place: Address) -> bool:
    """Whether a blank cell takes the value above."""
    return isinstance(place, Side) and place.down


def _counts_from_end(place: Address) -> bool:
    """Whether a place is told from the end of a line."""
    return isinstance(place, Filled) or (isinstance(place, Cell) and place.column < 0)


def _is_row_by_row(layout: Layout, items: Sequence[Item], units: Sequence[Unit], lines: int, *, named: bool) -> bool:
    """Whether each row gives a row, with cells made anew or with parts of cells at places of their own: the columns'
    own programs count parts from either end of a cell, and have their guards and rivals.

    ``lines``: how many lines the file has; ``named``: whether columns can be made, the names not being among the rows.
    """
    if any(isinstance(item, Part | Stripped | Written) for item in items):
        return layout == Layout(names=layout.names)
    if not named or not layout.split or layout.into != "cells" or any(isinstance(item, Cells) for item in items):
        return False
    return [unit.numbers for unit in units] == [(line,) for line in range(int(layout.names), lines)]


def _even(rows: list[Row]) -> list[Row]:
    """Rows as wide as the widest."""
    width = max(map(len, rows))
    return [row + ("",) * (width - len(row)) for row in rows]


class _Finder:
    """One search: what is wanted, and what was found so far."""

    def __init__(self, table: Table, expected: Table, budget: Budget) -> None:
        self.relation = Relation.of(table)
        self.table, self.budget = table, budget
        self.ragged = len({len(row) for row in expected.rows}) > 1
        self.rows: Lines = expected.rows
        self.names = expected.header if expected.has_names else None
        cells = chain(self.relation.header, *self.relation.cells)
        self.cells = frozenset(cell for cell in cells if not is_blank(cell))
        self.text = "\0".join(sorted(self.cells))
        self.words = frozenset(WORD.findall(self.text))
        self.found: list[Located] = []
        self.partial: list[tuple[int, float, Layout, list[Unit]]] = []
        self.limit = MAX_COST
        self.by_rows = False

    def is_worth_it(self) -> bool:
        """Whether the example is small enough, and most wanted texts, or their words, stand in the file."""
        cells = sum(map(len, self.table.rows))
        if not self.rows or not cells or self.ragged or max(cells, sum(map(len, self.rows))) > MAX_CELLS:
            return False
        if self.names is not None and len(self.names) != len(self.rows[0]):
            return False
        have = "\x00".join(chain(self.relation.header, *self.relation.cells))
        texts = [cell for row in self.rows for cell in row if not is_blank(cell)]
        varied = len(self.rows) == 1 or len(set(self.rows)) > 1 or self.cells.issuperset(texts)
        inside = sum(text in have or all(part in have for part in WORD.findall(text)) for text in texts)
        return varied and 2 * inside >= len(texts)

    def programs(self) -> list[Located]:
        """All that was found near the cheapest, cheapest first."""
        for base, sheet, wanted in self._starts():
            texts = frozenset(chain(*wanted.rows)) & self.cells & frozenset(chain(*sheet.lines))
            tops = wanted.names is not None or self.names is None
            aim = Aim(len(wanted.rows), texts, tops, frozenset(self.names or ()))
            for layout, records in layouts(base, sheet, aim, self.budget):
                if self.budget.is_spent:
                    break
                self._fit(layout, sheet, records, wanted)
        self.found.sort(key=lambda program: program.cost)
        best = self.found[:1]
        # Where the best program reads names of the file, one that writes them holds for the example's own only.
        near = (p for p in self.found[1:] if p.cost <= self.limit and p.written <= best[0].written)
        return [*best, *islice(near, MOST_FOUND)]

    def plans(self) -> Iterator[Plan]:
        """Layouts in which some columns have a place, and the others may be made of what stands around."""
        start = Plan(self.relation)
        for _, _, layout, units in sorted(self.partial, key=lambda item: item[:2])[:MOST_PLANS]:
            named = columns_of(units, layout)
            if named:
                yield start.then(Locate(layout, named))

    def _starts(self) -> Iterator[tuple[Layout, Sheet, _Wanted]]:
        """The lines to begin with, whole or split, and what is wanted of them."""
        goals = [_Wanted(self.rows, self.names)]
        if self.names is not None:
            goals.append(_Wanted((self.names, *self.rows), None))
        elif len(self.rows) > 2 and not self.cells.issuperset(self.rows[0]):
            goals.append(_Wanted(self.rows[1:], self.rows[0]))
        plain = Layout(names=self.table.has_names)
        for base in (plain, *self._split(plain)):
            sheet = base.sheet(self.relation)
            if sheet.width and sum(map(len, sheet.lines)) <= MAX_CELLS:
                yield from ((base, sheet, goal) for goal in goals)

    def _split(self, plain: Layout) -> Iterator[Layout]:
        """Cells split at a mark, where all that is no cell of the file is a part of one."""
        wanted = {cell for row in self.rows for cell in row if not is_blank(cell)}
        missing = [text for text in wanted if text not in self.cells and text.strip(" ") not in self.cells]
        cells = [cell for row in self.relation.cells for cell in row if not is_blank(cell)]
        for mark in MARKS if missing else ():
            if 3 * sum(mark in cell for cell in cells) < len(cells) or any(mark in text for text in missing):
                continue
            parts = {part for cell in cells for part in cell.split(mark)}
            if all(text in parts for text in missing):
                yield replace(plain, split=mark, into="cells")
                if len(self.rows) > len(self.relation.cells):
                    yield replace(plain, split=mark, into="lines")

    def _fit(self, layout: Layout, sheet: Sheet, records: list[Record], wanted: _Wanted) -> None:
        """Look for a place of each column in the units of a layout."""
        self.budget.spend(10)
        if layout.cost > self.limit:
            return
        units = layout.units(sheet, records)
        count = len(wanted.rows)
        self.budget.spend(4 * max(len(units), count) + 20)
        if len(units) != count:
            return
        if not all(reaches(units[at], wanted.rows[at], self.cells) for at in (0, count - 1, count // 2)):
            return
        places = [self._places(units, column, layout) for column in zip(*wanted.rows, strict=True)]
        several = lists(units, wanted.rows, self.cells)
        self.budget.spend(100 * len(places))
        way = self._way(layout, sheet, units, wanted, places, several)
        worded = way is not None and any(map(is_word, way.items))
        if way is None or worded or any(isinstance(item, Written) for item in way.items):
            told = [[p for p in found if not is_word(p) and not isinstance(p, Written)] for found in places]
            self._note(layout, sheet, units, told, wanted)
        if way is None:
            return
        if _is_row_by_row(layout, way.items, units, len(sheet.lines), named=wanted.names == self.names):
            self.by_rows |= wanted.names == self.names and len(self.relation.cells) == len(self.rows)
            return  # that is learned column by column
        unread = way.unread + unexplained(layout, sheet, units, way.items, way.names)
        made = (text for row in wanted.rows for text in row if text not in self.cells)
        by_words = (worded or layout.split == " ") and any(ch.isalpha() for text in made for ch in text)
        program = Located(layout, way.items, way.names, unread, by_words)
        if program.cost > self.limit or _even(program.rows_of(sheet.lines, units)) != wanted.all_rows:
            return
        self.found.append(program)
        shown = min((len(wanted.rows), *grounds_of(layout, units).values()))
        self.limit = min(self.limit, program.cost + (NEAR if shown >= SHOWN_ALIKE else NEAR_ONCE))
        self._others(program, places, several, _width(units))

    def _places(self, units: list[Unit], texts: Row, layout: Layout) -> list[Address]:
        """The places that hold a column's texts in every unit, cheapest first."""
        fitting: list[Address] = []
        shown = [0]
        if layout.records == "whole":
            # A record of one line does not show what becomes of several.
            shown.append(max(range(len(units)), key=lambda at: len(units[at].part)))
        for at in dict.fromkeys(shown):
            for address in candidates(units[at], texts[at], layout, self.cells) if not fitting else ():
                self.budget.spend(3)
                if all(address.of(unit) == text for unit, text in zip(units, texts, strict=True)):
                    fitting.append(address)
        if not fitting and len(set(texts)) == 1 and len(units) > 1 and not self._stands(texts[0]):
            fitting.append(Written(texts[0]))
        return sorted(fitting, key=lambda address: address.cost)[:MOST_PLACES]

    def _stands(self, text: str) -> bool:
        """Whether a text is a cell of the file or a word in one: then it is read there, not written. So is data that
        stands beside the rows."""
        if text in self.cells or any(stands_in(text, cell) for cell in self.relation.around if is_data(text)):
            return True
        return bool(text.strip()) and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", self.text) is not None

    def _way(
        self, layout: Layout, sheet: Sheet, units: list[Unit], wanted: _Wanted,
        places: list[list[Address]], several: Sequence[tuple[int, int, Cells, float]],
    ) -> _Way | None:  # fmt: skip
        """The cheapest way to make a row of single places and lists, from its end to its beginning."""
        tops = sheet.lines[: max(1, layout.depth(sheet))]
        names = wanted.names
        width = _width(units)
        best: list[dict[Address | None, _Way]] = [{} for _ in places] + [{None: _Way(0.0)}]
        for at in reversed(range(len(places))):
            for place in places[at]:
                single = single_name(layout, tops, place, names[at], self.words) if names is not None else None
                ways = [
                    rest.before(place, single, jumps=following is not None and not follows(place, following, width))
                    for following, rest in best[at + 1].items()
                ]
                if ways:
                    best[at][place] = min(ways, key=lambda way: way.order)
            lists_here: list[_Way] = []
            for start, stop, cells, unfilled in several:
                rests = best[stop].values() if start == at else ()
                if not rests:
                    continue
                name = list_name(layout, tops, units, cells, names[start:stop]) if names is not None else None
                if names is None or name is not None:
                    rest = min(rests, key=lambda way: way.order)
                    lists_here.append(rest.before(cells, name, unfilled))
            if lists_here:
                best[at][None] = min(lists_here, key=lambda way: way.order)
        return min(best[0].values(), key=lambda way: way.order, default=None)

    def _note(
        self, layout: Layout, sheet: Sheet, units: list[Unit], places: list[list[Address]], wanted: _Wanted
    ) -> None:
        """Keep a layout in which some columns have a place, and the others something to be made of."""
        missing = [i for i, found in enumerate(places) if not found]
        if not missing or len(missing) == len(places) or wanted.names != self.names or leaves_a_row(layout, sheet):
            return  # columns are made of the rows below the names
        for unit, row in zip(units[:3], wanted.rows[:3], strict=True):
            near = "\0".join((*unit.head, *unit.over, *chain(*unit.block, *unit.top)))
            if not all(not row[i] or any(word in near for word in WORD.findall(row[i])) for i in missing):
                return
        cost = layout.cost + unlabelled(layout, units) + sum(found[0].cost for found in places if found)
        self.partial.append((len(missing), cost, layout, units))

    def _others(
        self,
        program: Located,
        places: list[list[Address]],
        several: Sequence[tuple[int, int, Cells, float]],
        width: int,
    ) -> None:
        """The same program with another place for one column, the likeliest first.

        None that counts to the end of a line of any width, and none for one of several that stand one behind the other.
        """
        column = 0
        wide = any(isinstance(item, Cells) for item in program.items)
        runs = _runs(program.items, width)
        others: list[tuple[float, int, Address]] = []
        for number, item in enumerate(program.items):
            if isinstance(item, Cells):
                column = next(stop for start, stop, cells, _ in several if cells == item and start == column)
                continue
            for other in places[column]:
                if wide and isinstance(item, Cell) and item.column < 0 and not _counts_from_end(other):
                    continue
                if other != item and (runs[number] < LEAST_RUN or at_same(other, item, width)):
                    idle = UNFILLED * (_fills(other) and not _fills(item))
                    others.append((other.cost - item.cost + idle, number, other))
            column += 1
        others.sort(key=lambda other: (max(0.0, other[0]), other[1]))
        for more, number, other in others[:MOST_OTHERS]:
            if program.cost + more <= self.limit:
                items = (*program.items[:number], other, *program.items[number + 1 :])
                # What was not chosen for standing apart is no likelier, though it may stand nearer to the beginning.
                self.found.append(replace(program, items=items, unread=program.unread + max(0.0, -more)))


def _runs(items: Sequence[Item], width: int) -> list[int]:
    """For each item how many, it among them, stand one behind the other."""
    runs: list[list[int]] = []
    for number, item in enumerate(items):
        before = items[number - 1] if number else None
        if (
            before is not None
            and not isinstance(item, Cells)
            and not isinstance(before, Cells)
            and follows(before, item, width)
        ):
            runs[-1].append(number)
        else:
            runs.append([number])
    return [len(run) for run in runs for _ in run]

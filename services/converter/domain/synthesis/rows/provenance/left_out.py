"""Lines that a program leaves out though the example left out none like them: what stands in them may be a row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source
from services.converter.domain.synthesis.rows.cells import KIND_SQL, kind_of
from services.converter.domain.synthesis.rows.provenance.addresses import Address, Cell, Filled, Label, Side
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.layout_sql import depth_sql, relations_of, test_sql
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Joined, bare
from services.converter.domain.synthesis.rows.provenance.unlike import unit_edges
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.table import Row

_RUNS = ("_", "a", "9", ".")


@dataclass(frozen=True, slots=True)
class LeftOut(Edge):
    """Lines below the headings that are neither read nor titles, and of another make than the example's such lines.

    A line's make is the kinds of its cells (blank, with letters, with digits, neither), each run of a kind once, so
    that it is the same in files of any width. ``read``: which lines of a record are read; empty: all. A title is filled
    where one of the example's ``titles`` is; what else a test takes for one may be a row.
    """

    layout: Layout = field(default_factory=Layout)
    read: tuple[int, ...] = ()
    seen: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    def sql(self, source: Source) -> str:
        """The lines, by their rows of the input."""
        lines, units = relations_of(self.layout, source, frozenset({"numbers"}))
        numbers = "numbers"
        if self.read:
            listed = ", ".join(f"numbers[{n}]" for n in self.read)
            numbers = f"list_filter([{listed}], lambda n: n IS NOT NULL)"
        tests = [f"line > {depth_sql(self.layout, lines)}"]
        make = f"array_to_string(list_transform(cells, lambda c: {KIND_SQL}), '')"
        gaps = f"regexp_replace(regexp_replace({make}, '[^_]+', '1', 'g'), '_+', '0', 'g')"
        tests += [
            f"NOT (({test_sql(self.layout, test, lines)}) AND {gaps} IN ({', '.join(map(literal, self.titles))}))"
            for test in (self.layout.outer, self.layout.begins)
            if test is not None
        ]
        tests.append(f"line NOT IN (SELECT unnest({numbers}) FROM {units})")
        for run in _RUNS:
            make = f"regexp_replace({make}, '[{run}]+', '{run}', 'g')"
        tests.append(f"{make} NOT IN ({', '.join(map(literal, ('', '_', *self.seen)))})")
        shift = " - 1" if self.layout.names else ""
        return (
            f"SELECT line{shift} AS _row, array_to_string(list_filter(cells, lambda c: trim(c) <> ''), ', ') AS value\n"
            f"FROM {lines}\nWHERE {' AND '.join(tests)}"
        )


@dataclass(frozen=True, slots=True)
class Untitled(Edge):
    """Titles of sections of which no row is made, where each of the example's gave one."""

    layout: Layout = field(default_factory=Layout)

    def sql(self, source: Source) -> str:
        """The titles, by their rows of the input."""
        lines, units = relations_of(self.layout, source, frozenset())
        begins, outer = (
            test_sql(self.layout, test, lines) if test is not None else "false"
            for test in (self.layout.begins, self.layout.outer)
        )
        shift = " - 1" if self.layout.names else ""
        return (
            f"SELECT line{shift} AS _row, array_to_string(list_filter(cells, lambda c: trim(c) <> ''), ', ') AS value\n"
            f"FROM (\n    SELECT *, ({begins}) AND NOT ({outer}) AS is_title,\n"
            f"    count(CASE WHEN ({outer}) OR ({begins}) THEN 1 END) OVER (ORDER BY line) AS section\n"
            f"    FROM {lines}\n    WHERE line > {depth_sql(self.layout, lines)}\n)\n"
            f"WHERE is_title AND line > {int(self.layout.names)} AND section NOT IN (SELECT section FROM {units})"
        )


def edges_of(layout: Layout, relation: Relation, items: Sequence[Address | Cells]) -> Iterator[Edge]:
    """Lines left out and units unlike the example's; lines or cells left over where records, or groups of columns,
    have a fixed size."""
    edges = (
        left_out(layout, relation, items),
        untitled(layout, relation, items),
    )
    yield from (edge for edge in edges if edge is not None)
    yield from unit_edges(layout, relation, items, _lines_read(layout, items))
    if layout.records == "every" and layout.begins is None and layout.without is None and layout.tops >= 0:
        yield Edge(
            f"the rows do not divide into records of {layout.size}",
            "CAST(count(*) AS VARCHAR) || ' rows'",
            having=f"(count(*) - {layout.tops - layout.names}) % {layout.size} <> 0",
        )
    if layout.columns == "groups" and layout.sides >= 0 and not layout.split:
        yield Edge(
            f"the cells of a row do not divide into groups of {layout.group}",
            "CAST(len(_cells) AS VARCHAR) || ' cells'",
            where=f"(len(_cells) - {layout.sides}) % {layout.group} <> 0",
        )


def left_out(layout: Layout, relation: Relation, items: Sequence[Address | Cells]) -> LeftOut | None:
    """What a layout whose units are read at these places may leave out; None where it is nothing, or cannot be told."""
    if layout.split:
        return None
    sheet = layout.sheet(relation)
    read = _lines_read(layout, items)
    used: set[int] = set()
    for unit in layout.units(sheet):
        used.update(unit.numbers if not read else (unit.numbers[n] for n in _places(read, len(unit.numbers))))
    titles = [sheet.holds(test, layout.depth(sheet)) for test in (layout.outer, layout.begins) if test is not None]
    seen = {
        _make(line)
        for number, line in enumerate(sheet.lines)
        if number >= layout.depth(sheet) and number not in used and not any(title[number] for title in titles)
    }
    if layout.begins is None and layout.without is None and layout.keep == "all" and not read:
        return None
    words = "a line is left out, of another make than those that the example left out"
    heads = {_gaps(line) for number, line in enumerate(sheet.lines) if any(title[number] for title in titles)}
    return LeftOut(words, "", layout=layout, read=read, seen=tuple(sorted(seen)), titles=("", *sorted(heads)))


def untitled(layout: Layout, relation: Relation, items: Sequence[Address | Cells]) -> Untitled | None:
    """What tells titles that stand in no row; None where titles are not read, or the example has such itself."""
    if layout.begins is None or layout.title != "title" or not any("head" in item.reads for item in items):
        return None
    sheet = layout.sheet(relation)
    depth = layout.depth(sheet)
    outer = sheet.holds(layout.outer, depth) if layout.outer is not None else (False,) * len(sheet.lines)
    titles = [test and not above for test, above in zip(sheet.holds(layout.begins, depth), outer, strict=True)]
    # The file's own names are no title, even where they look like one.
    if sum(titles[max(depth, int(layout.names)) :]) > len({unit.place[0] for unit in layout.units(sheet)}):
        return None
    return Untitled(
        "a title stands in no row: nothing is made of its section, as never in the example", "", layout=layout
    )


def _places(read: Sequence[int], count: int) -> list[int]:
    places = [n - 1 if n > 0 else count + n for n in read]
    return [n for n in places if 0 <= n < count]


def _lines_read(layout: Layout, items: Sequence[Address | Cells]) -> tuple[int, ...]:
    """The lines of a record that single places read, from 1 on or from the end; none: all, lists of any length, or
    those with some labels."""
    if layout.labels is not None:
        return ()
    lines: set[int] = set()
    for item in map(bare, items):
        if isinstance(item, Cells | Joined | Filled):
            return ()
        if isinstance(item, Cell):
            lines.add(item.line)
        elif isinstance(item, Side | Label):
            lines.add(1)
    return tuple(sorted(lines))


def _gaps(line: Row) -> str:
    """Where a line is filled and where blank, however wide either is."""
    return re.sub("_+", "0", re.sub("[^_]+", "1", "".join(map(kind_of, line))))


def _make(line: Row) -> str:
    return re.sub(r"(.)\1+", r"\1", "".join(map(kind_of, line)))

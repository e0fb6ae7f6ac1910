"""How a file's lines are cut into units, of which each becomes one row: sections, records, groups of columns."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.converter.domain.synthesis.rows.algebra import Relation, Source
from services.converter.domain.synthesis.rows.provenance.labels import Labels
from services.converter.domain.synthesis.rows.provenance.lines import Lines, LineTest, is_blank
from services.converter.domain.synthesis.sqltext import comment, indent, literal, quoted
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

    # The same in DuckDB.

    def sql(self, source: Source, reads: frozenset[str]) -> tuple[str, str]:
        """The names of two relations over ``source``: the lines, and the units.

        Units have section, line, start, stop, width, sides, part, block, and as far as they are read down, head, over,
        top, numbers. ``reads``: those of `full`, `head`, `over`, `top` and `numbers` that somebody asks for.
        """
        lines = source.part("lines", _said(self._lines_words(), self._lines_sql(source.name)))
        tops = self.depth_sql(lines)
        above = f"line > {tops}" if self.tops else ""
        origin = lines
        if self.begins is not None or "full" in reads:
            columns, join = ["line", "cells"], ""
            if "full" in reads:
                filled = source.part("filled", _said("blank cells take the value above", _filled_sql(lines, above)))
                columns.append("down")
                join = f" JOIN {filled} USING (line)"
            if self.begins is not None:
                test = self.test_sql(self.begins, lines)
                if self.outer is not None:
                    above_all = self.test_sql(self.outer, lines)
                    head = f"CASE WHEN {above_all} THEN []::VARCHAR[] WHEN {test} THEN cells END"
                    columns.append(
                        f"last_value(CASE WHEN {above_all} THEN cells END IGNORE NULLS) OVER (ORDER BY line) AS over"
                    )
                    # A title of several sections begins one without a title, which holds until the next.
                    columns += [
                        f"count(CASE WHEN ({above_all}) OR ({test}) THEN 1 END) OVER (ORDER BY line) AS section",
                        f"last_value({head} IGNORE NULLS) OVER (ORDER BY line) AS head",
                        f"({above_all}) OR ({test}) AS begins",
                    ]
                else:
                    columns += [
                        f"count(CASE WHEN {test} THEN 1 END) OVER (ORDER BY line) AS section",
                        f"last_value(CASE WHEN {test} THEN cells END IGNORE NULLS) OVER (ORDER BY line) AS head",
                        f"{test} AS begins",
                    ]
            where = f"\nWHERE {above}" if above else ""
            marked = "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {lines}{join}{where}"
            origin = source.part("marked", _said(self._section_words() or "lines below the headings", marked))
            above = ""
        where = self._where(above, lines)
        records = source.part("records", _said(self._record_words(), self._records_sql(origin, where, reads)))
        if self.labels is not None:
            named = ["block", *(["down"] if "full" in reads else [])]
            completed = self.labels.completed_sql(records, named)
            records = source.part("labelled", _said(self.labels.words(), completed))
        return lines, source.part("units", _said(self._unit_words(), self._units_sql(lines, records, tops, reads)))

    def test_sql(self, test: LineTest, lines: str) -> str:
        """A test over the relation of all lines."""
        below = f" WHERE line > {self.depth_sql(lines)}" if test.is_below and self.tops else ""
        return test.sql(f"(SELECT arg_min(cells, line) FROM {lines}{below})")

    def depth_sql(self, lines: str) -> str:
        """How many lines stand on top, by the relation of all lines."""
        if self.tops != CORNER:
            return str(self.tops)
        filled = "min(CASE WHEN trim(coalesce(cells[1], '')) <> '' THEN line END)"
        return f"(SELECT coalesce({filled}, max(line) + 1) - 1 FROM {lines})"

    def _has(self, name: str) -> bool:
        """Whether there are titles of sections (`head`), or of several (`over`)."""
        return (self.begins if name == "head" else self.outer) is not None

    def _where(self, above: str, lines: str) -> str:
        """Which lines are in records."""
        tests = [above] if above else []
        if self.begins is not None:
            tests += {"title": ["NOT begins", "section > 0"], "between": ["NOT begins"], "first": ["section > 0"]}[
                self.title
            ]
        if self.outer is not None and self.title == "first":
            tests.append(f"NOT ({self.test_sql(self.outer, lines)})")
        if self.without is not None:
            tests.append(f"NOT ({self.test_sql(self.without, lines)})")
        return f"\nWHERE {' AND '.join(tests)}" if tests else ""

    def _lines_sql(self, source: str) -> str:
        rows = f"SELECT _row, _cells FROM {source}"
        if self.names:
            rows = f"SELECT 0 AS _row, list(name ORDER BY position) AS _cells FROM header\nUNION ALL\n{rows}"
        if self.split and self.into == "cells":
            split = f"flatten(list_transform(_cells, lambda c: string_split(c, {literal(self.split)})))"
            rows = f"SELECT _row, {split} AS _cells FROM (\n{indent(rows)}\n)"
        elif self.split:
            mark = literal(self.split)
            most = f"coalesce(list_max(list_transform(_cells, lambda c: len(string_split(c, {mark})))), 0)"
            parts = f"SELECT _row, _cells, unnest(range(1, {most} + 1)) AS _part FROM (\n{indent(rows)}\n)"
            cell = f"CASE WHEN contains(c, {mark}) THEN coalesce(string_split(c, {mark})[_part], '') ELSE c END"
            rows = f"SELECT _row, _part, list_transform(_cells, lambda c: {cell}) AS _cells FROM (\n{indent(parts)}\n)"
        order = "_row, _part" if self.split and self.into == "lines" else "_row"
        widest = "max(len(_cells)) OVER ()"
        return (
            f"SELECT row_number() OVER (ORDER BY {order}) AS line, list_resize(_cells, {widest}, '') AS cells\n"
            f"FROM (\n{indent(rows)}\n)"
        )

    def _records_sql(self, origin: str, where: str, reads: frozenset[str]) -> str:
        section = "section" if self.begins is not None else "0 AS section"
        head = [name for name in ("head", "over") if name in reads and self._has(name)]
        none = [f"[]::VARCHAR[] AS {name}" for name in ("head", "over") if name in reads and not self._has(name)]
        full = "full" in reads
        if self.records == "each":
            columns = [section, "line", "[cells] AS block", *head, *none, *(["[down] AS down"] if full else [])]
            columns += ["[line] AS numbers"] if "numbers" in reads else []
            return f"SELECT {', '.join(columns)}\nFROM {origin}{where}"
        lists = ["list(cells ORDER BY line) AS block"] + (["list(down ORDER BY line) AS down"] if full else [])
        lists += ["list(line ORDER BY line) AS numbers"] if "numbers" in reads else []
        heads = [f"arg_min({name}, line) AS {name}" for name in head]
        keys = ["section"] if self.begins is not None else []
        inner, group = origin + where, list(keys)
        if self.records == "every":
            window = "PARTITION BY section ORDER BY line" if keys else "ORDER BY line"
            inner = (
                f"(\n    SELECT *, (row_number() OVER ({window}) - 1) // {self.size} AS number\n"
                f"    FROM {origin}{where.replace(chr(10), chr(10) + '    ')}\n)"
            )
            group.append("number")
        elif self.records == "keyed":
            first = self.key if self.key > 1 else ""
            group.append(f"cells[{first}:{self.key - 1 + self.size}]")
        columns = [*(keys or ["0 AS section"]), "min(line) AS line", *lists, *heads, *none]
        end = f"\nGROUP BY {', '.join(group)}" if group else "\nHAVING count(*) > 0"
        return f"SELECT {', '.join(columns)}\nFROM {inner}{end}"

    def _units_sql(self, lines: str, records: str, tops: str, reads: frozenset[str]) -> str:
        width = "len(block[1])"
        names = ["section", "line", "block", *(["down"] if "full" in reads else [])]
        names += [name for name in ("head", "over", "numbers") if name in reads]
        names += ["said", "labels"] if self.labels is not None else []
        needs_top = "top" in reads or self.keep == "headed"
        sides = str(self.sides)
        if self.sides == CORNER:
            flags = "list_transform(arg_min(cells, line), lambda c: trim(c) <> '')"
            sides = f"(SELECT coalesce(list_position({flags}, true), max(len(cells)) + 1) - 1 FROM {lines})"
        rows = "SELECT\n    " + ",\n    ".join([*names, f"{width} AS width", f"{sides} AS sides"]) + f"\nFROM {records}"
        if self.columns == "all":
            start, stop = "sides", "width"
            rows = f"SELECT *, {start} AS start, {stop} AS stop\nFROM (\n{indent(rows)}\n)"
        elif self.columns in ("each", "groups"):
            size = self.group if self.columns == "groups" else 1
            by = f", {size}" if size > 1 else ""
            end = f"width - {self.trail}" if self.trail else "width"
            inner = f"SELECT *, unnest(range(sides, {end}{by})) AS start\nFROM (\n{indent(rows)}\n)"
            rows = f"SELECT *, start + {size} AS stop\nFROM (\n{indent(inner)}\n)"
        else:
            line = f"(SELECT arg_min(cells, line) FROM {lines})"
            test = "trim(heads[c + 1]) <> ''" if self.columns == "spans" else "heads[c + 1] = heads[sides + 1]"
            inner = f"SELECT *, {line} AS heads\nFROM (\n{indent(rows)}\n)"
            lists = (
                f"SELECT *, list_filter(range(sides, width), lambda c: {test}) AS starts\nFROM (\n{indent(inner)}\n)"
            )
            rows = (
                "SELECT * EXCLUDE (starts, heads), unnest(starts) AS start, "
                f"unnest(list_append(starts[2:], width)) AS stop\nFROM (\n{indent(lists)}\n)\nWHERE len(starts) > 0"
            )
        top = ""
        if needs_top:
            top = f",\n    (SELECT list(cells ORDER BY line) FROM {lines} WHERE line <= {tops}) AS top"
        part = "list_transform(block, lambda l: l[start + 1:stop])"
        rows = f"SELECT\n    *,\n    {part} AS part{top}\nFROM (\n{indent(rows)}\n)"
        test = {
            "all": "",
            "any": "len(list_filter(flatten(part), lambda c: trim(c) <> '')) > 0",
            "first": "trim(coalesce(part[1][1], '')) <> ''",
            "told": "regexp_matches(coalesce(part[1][1], ''), '[\\p{L}\\p{N}]')",
            "headed": "trim(coalesce(top[1][start + 1], '')) <> ''",
        }[self.keep]
        return rows if not test else f"SELECT *\nFROM (\n{indent(rows)}\n)\nWHERE {test}"

    @property
    def order(self) -> str:
        """What the units are ordered by."""
        return {"row": "line, start", "column": "start, line", "section": "section, start, line"}[self.by]

    # In words.

    def _lines_words(self) -> str:
        header = "the header and " if self.names else ""
        split = f", cells split at {quoted(self.split)} into {self.into}" if self.split else ""
        return f"{header}all lines, equally wide{split}"

    def _section_words(self) -> str:
        if self.begins is None:
            return ""
        how = {
            "title": "sections have a title: lines",
            "first": "sections begin with lines",
            "between": "sections are parted by lines",
        }
        over = f"several sections have a title: lines {self.outer.words()}; " if self.outer is not None else ""
        return f"{over}{how[self.title]} {self.begins.words()}"

    def _record_words(self) -> str:
        what = {
            "each": "a record a line",
            "every": f"a record for every {self.size} lines",
            "whole": "a record for each section" if self.begins is not None else "all lines are one record",
            "keyed": "a record for lines with the same "
            + (f"cell {self.key}" if self.size == 1 else f"{self.size} cells from the {self.key}. on"),
        }[self.records]
        return what + (f", without lines {self.without.words()}" if self.without is not None else "")

    def _unit_words(self) -> str:
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
        said = [split, heads, self._section_words(), self._record_words(), labels, self._unit_words()]
        return "; ".join(part for part in said if part)


def _in_lines(row: Row, mark: str) -> list[Row]:
    parts = [cell.split(mark) for cell in row]
    count = max((len(p) for p in parts), default=0)
    return [tuple(p[0] if len(p) == 1 else p[i] if i < len(p) else "" for p in parts) for i in range(count)]


def _said(words: str, body: str) -> str:
    return f"{comment(words)}\n{body}"


def _filled_sql(lines: str, above: str) -> str:
    """`last_value ... IGNORE NULLS` down each column."""
    where = f" WHERE {above}" if above else ""
    places = f"SELECT line, unnest(cells) AS cell, unnest(range(1, len(cells) + 1)) AS place FROM {lines}{where}"
    held = "CASE WHEN trim(cell) <> '' THEN cell END"
    value = f"coalesce(last_value({held} IGNORE NULLS) OVER (PARTITION BY place ORDER BY line), '')"
    return (
        f"SELECT line, list(cell ORDER BY place) AS down\nFROM (\n    SELECT line, place, {value} AS cell\n"
        f"    FROM ({places})\n)\nGROUP BY line"
    )

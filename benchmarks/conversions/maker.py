"""A conversion by its seed: an example of 5 to 15 rows, a later file, and what both should become."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Literal, get_args

from benchmarks.conversions import exports, grids, tables
from benchmarks.conversions.cells import draw_cells, is_told
from benchmarks.conversions.columns import OPEN, Draw, cell, draw_columns
from benchmarks.conversions.later_files import FEWEST_ROWS as FEWEST_LATER
from benchmarks.conversions.later_files import MOST_ROWS as MOST_LATER
from benchmarks.conversions.later_files import Following, Later, draw_later, encoded
from benchmarks.conversions.layouts import Layout, Record, Source, draw_layout
from benchmarks.conversions.notation import Notation, draw_source, draw_target
from benchmarks.conversions.rows import Line, Made, Output, Rows, draw_rows
from benchmarks.conversions.statements import cut_blanks, draw_statement
from benchmarks.conversions.strings import draw_strings, is_shown
from benchmarks.conversions.tables import Kinds, Lines, as_grid, draw_tables
from benchmarks.conversions.tasks import draw_tasks, is_stated
from benchmarks.conversions.texts import draw_texts, is_decided

FEWEST_ROWS, MOST_ROWS = 5, 15
TOLD_SHARE = 0.8
"""The share of the conversions whose example is drawn until it decides what is meant."""
_TRIES = 400
Family = Literal["files", "tables", "exports", "grids", "statements", "texts", "strings", "tasks", "cells"]
"""Files of brokers, banks and shops; files whose rows stand otherwise than they are wanted, such with what programs
and people put around them, small grids of few records, and statements and ledgers as custodians write them; texts made
of texts, of listed kinds and put together, and as people state a task by a few rows; a column of a row of cells."""
FAMILIES: tuple[Family, ...] = get_args(Family)
TABLE_KINDS: Mapping[Family, Kinds] = {"tables": tables.KINDS, "exports": exports.KINDS, "grids": grids.KINDS}
"""The families of grids, with what each draws."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """``kinds`` are what happens to the rows, and to each column; ``decided``: whether the example shows every branch
    of it at least twice, or each but one only
    once. ``output`` is what ``later`` should become, ``example`` and ``wanted`` are the training's pair.
    """

    seed: int
    layout: str
    kinds: tuple[str, ...]
    decided: bool
    example: bytes
    wanted: bytes
    later: bytes
    output: Output
    shown: tuple[bytes, bytes] | None = None
    """A file, and what it should become, that somebody shows for whom no answer of a question is right."""
    drawn: "Drawn | None" = field(default=None, compare=False, repr=False)
    """What it was drawn from, where further files can be drawn."""

    def follow(self, kind: str) -> Later | None:
        """A further file, changed in one way (`later_files.KINDS`), if there is room for it: always the same."""
        return None if self.drawn is None else draw_later(self.drawn.follow(Random(f"{self.seed} {kind}")), kind)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The layout and the rule of a conversion, and its example's rows."""

    draw: Draw
    shape: "_Shape"
    rule: Rows
    rows: Sequence[Record]

    def follow(self, at: Random) -> Following:
        """Further rows, drawn as the example's were."""
        self.draw.at = at
        rows: list[Record] = []
        for _ in range(_TRIES):
            rows = _draw_rows(
                self.draw, self.rule, at.randint(FEWEST_LATER, MOST_LATER), later=False, large=self.shape.large
            )
            if len(rows) >= FEWEST_LATER and self.rule.output(rows).rows:
                break

        def write(rows: Sequence[Record], notation: Notation) -> list[Line]:
            return _file(self.draw, self.shape, rows, notation)

        shape = self.shape
        return Following(at, self.draw, self.rule, rows, write, shape.preamble, shape.total, self.rows)


@functools.lru_cache(maxsize=64)
def make(seed: int, family: Family = "files") -> Conversion:
    """The conversion of a seed, of some family: always the same."""
    if family in TABLE_KINDS:
        return _make_table(seed, family)
    if family == "statements":
        return _make_statement(seed)
    if family == "texts":
        return _make_text(seed)
    if family == "strings":
        return _make_string(seed)
    if family == "tasks":
        return _make_task(seed)
    if family == "cells":
        return _make_cells(seed)
    at = Random(seed)
    told = at.random() < TOLD_SHARE
    for attempt in range(40):
        made = _make(seed, Random(f"{seed}/{attempt}"), told=told)
        if made is not None:
            return made
    raise AssertionError(f"no conversion can be drawn of seed {seed}")


def _make_table(seed: int, family: Family) -> Conversion:
    """A file whose rows stand otherwise than they are wanted, under placeholders for names."""
    at = Random(f"{family} {seed}")
    kind, (example, later, shown), open_by = draw_tables(at, TABLE_KINDS[family])
    header, *rows = as_grid(later.wanted)
    return Conversion(
        seed, family, (kind, *open_by), not open_by, _plain(as_grid(example.given)), _plain(as_grid(example.wanted)),
        _plain(as_grid(later.given)), Output(header, [Made(row) for row in rows]),
        (_plain(as_grid(shown.given)), _plain(as_grid(shown.wanted))),
    )  # fmt: skip


def _make_statement(seed: int) -> Conversion:
    """A statement, under whatever stands in its first line, that becomes a plain table."""
    at = Random(f"statements {seed}")
    told = Random(f"statements {seed} told").random() < TOLD_SHARE
    kind, (example, later, shown) = draw_statement(at, told=told)
    notation = Notation("en", "%Y-%m-%d", ".", "", delimiter=at.choice(",,;\t"))
    padded = at.random() < 0.7

    def written(lines: Lines) -> bytes:
        if not padded:
            return notation.write([cut_blanks(line) for line in lines])
        width = max(map(len, lines))
        return notation.write([line + ("",) * (width - len(line)) for line in lines])

    header, *rows = later.wanted
    return Conversion(
        seed, "statement", (kind, *example.open), not example.open, written(example.given),
        notation.write(example.wanted), written(later.given), Output(header, [Made(row) for row in rows]),
        (written(shown.given), notation.write(shown.wanted)),
    )  # fmt: skip


def _make_text(seed: int) -> Conversion:
    """A column that is made of another."""
    kind, example, later = draw_texts(Random(f"texts {seed}"))
    given, wanted = ([(("col1",), *((p.given,) for p in pairs)) for pairs in (example, later)], ("output",))
    return Conversion(
        seed, "texts", (kind, f"{len(example)} rows"), is_decided(example, later), _plain(given[0]),
        _plain([wanted, *((pair.wanted,) for pair in example)]), _plain(given[1]),
        Output(wanted, [Made((pair.wanted,), number) for number, pair in enumerate(later)]),
    )  # fmt: skip


def _make_string(seed: int) -> Conversion:
    """A column that is made of another, both put together by drawing."""
    kind, example, later = draw_strings(Random(f"strings {seed}"))
    given, wanted = ([(("col1",), *((row.given,) for row in rows)) for rows in (example, later)], ("output",))
    return Conversion(
        seed, "strings", (kind, f"{len(example)} rows"), is_shown(example, later), _plain(given[0]),
        _plain([wanted, *((row.wanted,) for row in example)]), _plain(given[1]),
        Output(wanted, [Made((row.wanted,), number) for number, row in enumerate(later)]),
    )  # fmt: skip


def _make_task(seed: int) -> Conversion:
    """A text that is made of one or several cells."""
    kind, example, later = draw_tasks(Random(f"tasks {seed}"))
    names = tuple(f"col{number}" for number in range(1, len(example[0].cells) + 1))
    given, wanted = ([(names, *(row.cells for row in rows)) for rows in (example, later)], ("output",))
    return Conversion(
        seed, "tasks", (kind, f"{len(example)} rows", *sorted({f"odd: {row.odd}" for row in later if row.odd})),
        is_stated(example, later), _plain(given[0]), _plain([wanted, *((row.wanted,) for row in example)]),
        _plain(given[1]), Output(wanted, [Made((row.wanted,), number) for number, row in enumerate(later)]),
    )  # fmt: skip


def _make_cells(seed: int) -> Conversion:
    """A column that is made of a row of cells, under names or under placeholders for them."""
    at = Random(f"cells {seed}")
    kind, example, later = draw_cells(at)
    names, wanted = tuple(example[0].cells), (at.choice(("output", "value", "result")),)
    if at.random() < 0.5:
        names = tuple(f"col{number}" for number in range(1, len(names) + 1))
    files = [[names, *(tuple(line.cells.values()) for line in lines)] for lines in (example, later)]
    return Conversion(
        seed, "cells", (kind, f"{len(example)} rows"), is_told(example, later), _plain(files[0]),
        _plain([wanted, *((line.wanted,) for line in example)]), _plain(files[1]),
        Output(wanted, [Made((line.wanted,), number) for number, line in enumerate(later)]),
    )  # fmt: skip


def _plain(lines: Sequence[tuple[str, ...]]) -> bytes:
    """A file of commas that the command line's format has."""
    return Notation("en", "", ".", "", line_end="\r\n").write(list(lines))


def _make(seed: int, at: Random, *, told: bool) -> Conversion | None:
    source, target = draw_source(at), draw_target(at)
    layout = draw_layout(at, source.language)
    draw = Draw(at, layout, source, target)
    rule = draw_rows(draw, draw_columns(draw, at.randint(2, 6)))
    shape = _Shape(at.random() < 0.2, at.random() < 0.15, at.random() < 0.6)
    rows: list[Record] = []
    for _ in range(_TRIES):
        rows = _draw_rows(draw, rule, at.randint(FEWEST_ROWS, MOST_ROWS), later=False, large=shape.large)
        if _shown_as_told(draw, rule, rows, told=told):
            break
    else:
        return None
    wanted = rule.output(rows)
    later = _draw_rows(draw, rule, at.randint(8, 16), later=True, large=True)
    output = rule.output(later)
    cells = [text for made in wanted.rows for text in made.cells]
    if len(wanted.rows) < 2 or not output.rows or OPEN in cells or wanted.asked:
        return None
    example, following = (encoded(source, _file(draw, shape, each, source)) for each in (rows, later))
    expected = target.write([wanted.header, *(made.cells for made in wanted.rows)])
    kinds = (
        rule.kind,
        *(("a line of totals",) if shape.total else ()),
        *(c.kind for c in rule.columns if c.name in wanted.header),
    )
    drawn = Drawn(draw, shape, rule, rows)
    return Conversion(seed, layout.name, kinds, told, example, expected, following, output, drawn=drawn)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Whether lines stand above the table, and a line of totals below; whether the example has amounts above 1000."""

    preamble: bool
    total: bool
    large: bool


def _shown_as_told(draw: Draw, rule: Rows, rows: Sequence[Record], *, told: bool) -> bool:
    """Whether an example shows every branch twice; where it is not to be ``told``, each of them, but one only once."""
    if not FEWEST_ROWS <= len(rows) <= MOST_ROWS:
        return False
    twice = rule.shows(rows)
    if told or twice:
        return told and twice
    draw.times = 1
    once = rule.shows(rows)
    draw.times = 2
    return once


def _draw_rows(draw: Draw, rule: Rows, count: int, *, later: bool, large: bool) -> list[Record]:
    values = Source(draw.at, later, large, draw.layout)
    return rule.prepare([draw.layout.draw(values) for _ in range(count)])


_TITLES = {"en": "Statement", "de": "Kontoauszug", "fr": "Relevé", "pl": "Wyciąg"}
_TOTALS = {"en": "Total", "de": "Summe", "fr": "Total", "pl": "Razem"}


def _file(draw: Draw, shape: _Shape, rows: Sequence[Record], source: Notation) -> list[Line]:
    """All lines of a file in some notation."""
    fields = draw.layout.fields
    lines = [tuple(field.header(source.language) for field in fields)]
    lines += [tuple(cell(source, field, row) for field in fields) for row in rows]
    if shape.total:
        lines.append(_total(draw.layout, source, rows))
    if shape.preamble:
        lines = [(_TITLES[source.language], "No. 1"), ("",), *lines]
    return lines


def _total(layout: Layout, source: Notation, rows: Sequence[Record]) -> tuple[str, ...]:
    """A line with the sums of the money columns, and blanks elsewhere."""
    summed = {f.name: sum((row[f.name] or Decimal(0) for row in rows), Decimal(0)) for f in layout.fields if f.money}
    total: Record = {f.name: summed.get(f.name) for f in layout.fields}
    cells = [cell(source, field, total) for field in layout.fields]
    return (_TOTALS[source.language], *cells[1:])

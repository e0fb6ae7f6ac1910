"""Tables whose cells all stand in the file, in families: the example is small, the file to convert has other sizes.

Each family makes a layout of any size; what is learned from a small one must hold for others.
"""

import itertools
from collections.abc import Callable, Iterator
from random import Random

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.provenance.search import located_tables
from services.converter.domain.table import Row, Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Pair = tuple[list[Row], list[Row]]
WORDS = ("ore", "tin", "oak", "elm", "rye", "oat", "jet", "ink", "fig", "yam", "cod", "eel", "owl", "ant", "bee", "gnu")


def words(random: Random) -> Iterator[str]:
    """Texts that never come twice."""
    return (f"{random.choice(WORDS)}{number}" for number in itertools.count(random.randrange(100)))


def numbers(random: Random) -> Iterator[str]:
    """Numbers that never come twice."""
    return (str(number) for number in itertools.count(random.randrange(100, 900)))


def crossed(random: Random, rows: int, columns: int, depth: int = 1) -> Pair:
    """A crossed table under headings of some depth: a row for each cell, its headings joined."""
    label, value = words(random), numbers(random)
    heads = [[next(label) for _ in range(columns)] for _ in range(depth)]
    grid: list[Row] = [("", *head) for head in heads]
    wanted: list[Row] = []
    for _ in range(rows):
        name, cells = next(label), [next(value) for _ in range(columns)]
        grid.append((name, *cells))
        wanted += [(name, " / ".join(head), cell) for head, cell in zip(zip(*heads, strict=True), cells, strict=True)]
    return grid, wanted


def titled(random: Random, rows: int, columns: int) -> Pair:
    """Sections of any length below a title whose first cell alone is filled."""
    label, value = words(random), numbers(random)
    grid: list[Row] = []
    wanted: list[Row] = []
    for _ in range(random.randrange(2, 4)):
        title = next(label)
        grid.append((title, *[""] * columns))
        for _ in range(random.randrange(1, rows + 1)):
            cells = (next(label), *[next(value) for _ in range(columns)])
            grid.append(cells)
            wanted.append((title, *cells))
    return grid, wanted


def titled_and_crossed(random: Random, rows: int, columns: int) -> Pair:
    """Sections below one line of headings: a row for each cell, with its title, label and heading."""
    label, value = words(random), numbers(random)
    heads = [next(label) for _ in range(columns)]
    grid: list[Row] = [("", *heads)]
    wanted: list[Row] = []
    for _ in range(2):
        title = next(label)
        grid.append((title, *[""] * columns))
        for _ in range(random.randrange(1, rows + 1)):
            name, cells = next(label), [next(value) for _ in range(columns)]
            grid.append((name, *cells))
            wanted += [(title, name, head, cell) for head, cell in zip(heads, cells, strict=True)]
    return grid, wanted


def gathered(random: Random, rows: int, columns: int) -> Pair:
    """Records of any number of lines, parted by blank lines."""
    label = words(random)
    records = [[next(label) for _ in range(random.randrange(2, rows + 2))] for _ in range(columns + 1)]
    grid: list[Row] = []
    for record in records:
        grid += [*([("",)] if grid else []), *((cell,) for cell in record)]
    widest = max(map(len, records))
    return grid, [(*record, *[""] * (widest - len(record))) for record in records]


def last_first(random: Random, rows: int, columns: int) -> Pair:
    """The last cell of each line before the others."""
    label, value = words(random), numbers(random)
    grid = [(*[next(value) for _ in range(columns)], next(label)) for _ in range(rows)]
    return grid, [(row[-1], *row[:-1]) for row in grid]


def filled_down(random: Random, rows: int, columns: int) -> Pair:
    """Blank cells of the first column take the value above."""
    label, value = words(random), numbers(random)
    grid: list[Row] = []
    wanted: list[Row] = []
    for _ in range(rows):
        group = next(label)
        for place in range(random.randrange(2, 4)):
            cells = [next(value) for _ in range(columns)]
            grid.append((group if not place else "", *cells))
            wanted.append((group, *cells))
    return grid, wanted


def grouped(random: Random, rows: int, columns: int) -> Pair:
    """Lines with the same first cell as one row."""
    label, value = words(random), numbers(random)
    groups = [(next(label), [next(value) for _ in range(columns)]) for _ in range(rows)]
    return [(name, cell) for name, cells in groups for cell in cells], [(name, *cells) for name, cells in groups]


def side_by_side(random: Random, rows: int, columns: int) -> Pair:
    """Cells that hold several texts each: a row for each cell."""
    label = words(random)
    cells = [[(next(label), next(label)) for _ in range(columns)] for _ in range(rows)]
    return [tuple("; ".join(pair) for pair in row) for row in cells], [pair for row in cells for pair in row]


def in_step(random: Random, rows: int, columns: int) -> Pair:
    """Lists in two cells of a line, taken apart in step."""
    label, value = words(random), numbers(random)
    grid: list[Row] = []
    wanted: list[Row] = []
    for _ in range(rows):
        name = next(label)
        pairs = [(next(label), next(value)) for _ in range(random.randrange(2, columns + 2))]
        grid.append((name, ";".join(a for a, _ in pairs), ";".join(b for _, b in pairs)))
        wanted += [(name, a, b) for a, b in pairs]
    return grid, wanted


def turned(random: Random, rows: int, columns: int) -> Pair:
    """Rows become columns."""
    label = words(random)
    grid = [tuple(next(label) for _ in range(columns + 1)) for _ in range(rows + 1)]
    return grid, list(zip(*grid, strict=True))


def joined(random: Random, rows: int, columns: int) -> Pair:
    """All cells after the first in one."""
    label, value = words(random), numbers(random)
    grid = [(next(label), *[next(value) for _ in range(columns + 1)]) for _ in range(rows)]
    return grid, [(row[0], ", ".join(row[1:])) for row in grid]


def sections_of_sections(random: Random, rows: int, columns: int) -> Pair:
    """Titles, and indented ones below each, with the title of both kinds before every row."""
    label, value = words(random), numbers(random)
    grid: list[Row] = []
    wanted: list[Row] = []
    for _ in range(2):
        outer = next(label)
        grid.append((outer, *[""] * columns))
        for _ in range(2):
            inner = next(label)
            grid.append((f" {inner}", *[""] * columns))
            for _ in range(random.randrange(1, rows + 1)):
                name, cells = next(label), [next(value) for _ in range(columns)]
                grid.append((f"  {name}", *cells))
                wanted.append((outer, inner, name, *cells))
    return grid, wanted


def backwards(random: Random, rows: int, columns: int) -> Pair:
    """The cells of each line from the last to the first."""
    label = words(random)
    grid = [tuple(next(label) for _ in range(columns + 1)) for _ in range(rows)]
    return grid, [row[::-1] for row in grid]


def named_by_two(random: Random, rows: int, columns: int) -> Pair:
    """Long records, the last cell of which is their key: a column for each pair of the middle cells."""
    label, value = words(random), numbers(random)
    pairs = [(next(label), next(label)) for _ in range(columns)]
    lines = [(next(label), [next(value) for _ in pairs]) for _ in range(rows)]
    grid = [(cell, *pair, key) for key, cells in lines for pair, cell in zip(pairs, cells, strict=True)]
    names = ("the key", *(" ".join(pair) for pair in pairs))
    return grid, [names, *((key, *cells) for key, cells in lines)]


def told_by_shared_words(random: Random, rows: int, columns: int) -> Pair:
    """Titles that all begin with the same words, which are no part of what they name."""
    label, value = words(random), numbers(random)
    grid: list[Row] = []
    wanted: list[Row] = []
    for _ in range(2):
        name = f"{next(label)} {next(label)}"
        grid.append((f"Branch office in {name}", *[""] * columns))
        for _ in range(random.randrange(1, rows + 1)):
            cells = [next(value) for _ in range(columns + 1)]
            grid.append(tuple(cells))
            wanted.append((name, *cells))
    return grid, wanted


def without_dashes(random: Random, rows: int, columns: int) -> Pair:
    """A crossed table in which a dash says that there is nothing."""
    label, value = words(random), numbers(random)
    heads = [next(label) for _ in range(columns)]
    grid: list[Row] = [("", *heads)]
    wanted: list[Row] = []
    for row in range(rows):
        name = next(label)
        cells = ["-" if (row + place) % 3 == 1 else next(value) for place in range(columns)]
        grid.append((name, *cells))
        wanted += [(name, head, cell) for head, cell in zip(heads, cells, strict=True) if cell != "-"]
    return grid, wanted


def turned_and_stripped(random: Random, rows: int, columns: int) -> Pair:
    """Rows become columns, and cells lose the spaces around them."""
    label = words(random)
    grid = [tuple(next(label) + " " * (place % 2) for place in range(columns + 1)) for _ in range(rows + 1)]
    return grid, [tuple(cell.strip() for cell in column) for column in zip(*grid, strict=True)]


FAMILIES: dict[str, Callable[[Random, int, int], Pair]] = {
    "crossed": crossed,
    "crossed under two headings": lambda random, rows, columns: crossed(random, rows, columns, 2),
    "titled": titled,
    "titled and crossed": titled_and_crossed,
    "gathered": gathered,
    "last first": last_first,
    "filled down": filled_down,
    "grouped": grouped,
    "side by side": side_by_side,
    "in step": in_step,
    "turned": turned,
    "joined": joined,
    "sections of sections": sections_of_sections,
    "backwards": backwards,
    "named by two cells": named_by_two,
    "told by shared words": told_by_shared_words,
    "without dashes": without_dashes,
    "turned and stripped": turned_and_stripped,
}
SMALL, OTHERS = (3, 2), ((5, 4), (2, 5), (6, 3))
SEEDS = range(4)


def sheet(rows: list[Row]) -> Table:
    """A table without names."""
    width = max(map(len, rows))
    return Table(None, tuple(row + ("",) * (width - len(row)) for row in rows))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_moves_cells_holds_for_files_of_other_sizes(family: str, seed: int) -> None:
    given, wanted = FAMILIES[family](Random(seed), *SMALL)
    programs = located_tables(sheet(given), sheet(wanted), Budget(400_000)).programs
    assert programs, family
    for size in OTHERS:
        other, answer = (sheet(rows) for rows in FAMILIES[family](Random(seed + 100), *size))
        tables = [program.run(Relation.of(other)).even() for program in programs]
        right = [table == list(answer.rows) for table in tables]
        assert right[0] or any(table != tables[0] for table in tables[1:]), (
            programs[0].words(),
            tables[0],
            answer.rows,
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_the_program_makes_the_same_of_another_file_in_the_sandbox(family: str, runner: InProcessRunner) -> None:
    given, wanted = FAMILIES[family](Random(7), *SMALL)
    program = learn(sheet(given), sheet(wanted), runner=runner)
    assert program.status == "completed", program.sql
    other, answer = (sheet(rows) for rows in FAMILIES[family](Random(8), 4, 3))
    made = list(runner.run(program.sql, other).rows)
    assert made == list(answer.rows), program.sql


def test_a_table_of_other_texts_has_no_program_that_moves_cells() -> None:
    given = Table(None, (("a", "1"), ("b", "2"), ("c", "3")))
    wanted = Table(("x",), (("seven",), ("eight",), ("nine",)))
    assert not located_tables(given, wanted, Budget(400_000)).programs


def test_the_search_ends_where_its_budget_is_spent() -> None:
    given, wanted = crossed(Random(1), 6, 5)
    budget = Budget(2_000)
    located_tables(sheet(given), sheet(wanted), budget)
    assert budget.is_spent
    assert budget.spent < 20_000


@pytest.mark.parametrize(
    ("given", "header", "wanted"),
    [
        (("k - x", "a - b", "c - d"), ("k", "x"), (("a", "b"), ("c", "d"))),
        (("Name: ann", "Name: bob", "Name: cy"), ("ann",), (("bob",), ("cy",))),
        (("k", "a-b", "c-d"), ("k",), (("a",), ("c",))),
    ],
)
def test_parts_of_cells_are_learned_where_the_names_stand_among_the_rows(
    given: tuple[str, ...], header: tuple[str, ...], wanted: tuple[tuple[str, ...], ...]
) -> None:
    program = learn(Table(None, tuple((text,) for text in given)), Table(header, wanted))
    assert program.status == "completed"


def test_parts_at_the_end_of_cells_are_counted_from_the_end_of_each() -> None:
    texts = ("alpha, beta", "gamma, delta", "eta, theta")
    program = learn(
        Table(("col1",), tuple((t,) for t in texts)), Table(("output",), (("beta",), ("delta",), ("theta",)))
    )
    assert [column.words for column in program.report.columns] == ["last part of col1 split at “, ”"]

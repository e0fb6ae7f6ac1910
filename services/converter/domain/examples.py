"""What may be wrong with an example itself: rows that contradict one another, files that cannot belong together."""

import re
from dataclasses import dataclass
from itertools import zip_longest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.table import Row, Table

UNRELATED = "EXAMPLE_UNRELATED"
_SHOWN_CHARS = 60
_DIGIT, _DAY, _DECIMALS = (
    re.compile("[0-9]"),
    re.compile(r"[0-9]+[-./][0-9]+[-./][0-9]+"),
    re.compile(r"[.,][0-9]+[^0-9]*$"),
)
_FEWEST_DIGITS, _MOST_ROWS = 4, 20_000
"""Digits of a figure that stands in two files by chance once in some hundred times, and rows that are looked at."""
PLACE_COLUMNS = ("row_number", "_before", "_after", "_running")
"""How the names of columns end that say where a row stands."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an example cannot be learned from: ``code`` is UPPER_SNAKE and stable, ``words`` name the place."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two equal rows of the input for which different texts are expected in a column; rows count from 1, no header."""

    first_row: int
    second_row: int
    column: str
    first: str
    second: str

    def describe(self) -> str:
        """The contradiction with its place, for people."""
        return (
            f"the example contradicts itself: rows {self.first_row} and {self.second_row} of the input are the same, "
            f'but the expected file has {_shown(self.first)} and {_shown(self.second)} there in column "{self.column}"'
        )


def find_contradiction(table: Table, expected: Table) -> Contradiction | None:
    """The first contradiction of two tables whose rows stand one to one; None where there is none or they do not."""
    if len(table.rows) != len(expected.rows):
        return None
    names = expected.column_names
    seen: dict[Row, int] = {}
    for number, (row, want) in enumerate(zip(table.rows, expected.rows, strict=True)):
        before = seen.setdefault(row, number)
        former = expected.rows[before]
        if former != want:
            for name, first, second in zip_longest(names, former, want, fillvalue=""):
                if first != second:
                    return Contradiction(before + 1, number + 1, name, first, second)
    return None


def decides_by_place(learned: LearnedProgram, column: str) -> bool:
    """Whether a column is made by cases that look at where a row stands: how any contradiction can be explained away.

    Totals and numbers of rows are no cases: what they give may well differ for rows that are the same.
    """
    report = next((c for c in learned.report.columns if c.name == column), None)
    if report is None or not report.expression.startswith("CASE"):
        return False
    return any(source.endswith(PLACE_COLUMNS) for source in report.sources)


def find_misfit(table: Table, expected: Table) -> Misfit | None:
    """Why no program can explain an example, where that shows in the files themselves."""
    contradiction = find_contradiction(table, expected)
    if contradiction is not None:
        return Misfit("EXAMPLE_CONTRADICTORY", contradiction.describe())
    header = tuple(cell.strip() for cell in expected.header or ())
    for number, row in enumerate(expected.rows, 1):
        if len(header) > 1 and tuple(cell.strip() for cell in row) == header:
            words = f"row {number} of the expected file is its header again: leave it out, or save one table a file"
            return Misfit("EXAMPLE_REPEATS_HEADER", words)
    number = _first_strange_row(table, expected) if len(expected.rows) > len(table.rows) else 0
    if not number:
        return None
    return Misfit(
        UNRELATED,
        f"the input has {_rows(len(table.rows))}, the expected file {_rows(len(expected.rows))}, and nothing of row "
        f"{number} of the expected file stands in the input: the files may not belong together",
    )


def tell_strangers(table: Table, expected: Table) -> str:
    """For people: that most of the wanted rows have no figure of the input's, as in files of different days, or that
    the files look exchanged; empty where that is not so.

    Names and days recur from file to file, amounts do not. Sums may well be no figures of the input: it is a hint, and
    given of an example only of which no program was found.
    """
    wanted, given = _figures_by_row(expected), _figures_by_row(table)
    known_here, known_there = frozenset[str]().union(*given), frozenset[str]().union(*wanted)
    if len(expected.rows) > len(table.rows) and given and known_here < known_there:
        return "each amount and number of the input stands in the expected file, which has more: are the two exchanged?"
    strange = sum(not row & known_here for row in wanted)
    if 2 * strange <= len(wanted):
        return ""
    where = f"{strange} of the {_rows(len(wanted))} of the expected file"
    return f"no amount or number of {where} stands in the input: do the files belong together?"


def _figures_by_row(table: Table) -> list[frozenset[str]]:
    """The digits of each row's figures, whatever their marks and grouping; rows without are left out."""
    rows = (frozenset(filter(None, map(_digits, row))) for row in table.rows[:_MOST_ROWS])
    return [row for row in rows if row]


def _digits(cell: str) -> str:
    if _DAY.search(cell):
        return ""
    digits = "".join(_DIGIT.findall(cell)).lstrip("0")
    digits = digits.rstrip("0") if _DECIMALS.search(cell) else digits
    return digits if len(digits) >= _FEWEST_DIGITS else ""


def _first_strange_row(table: Table, expected: Table) -> int:
    """The first expected row none of whose cells has anything in common with the input; 0 where there is none."""
    cells = {cell.strip().lower() for row in table.rows for cell in row}
    letters = "\0".join([*cells, *(name.lower() for name in table.header or ())])
    for number, row in enumerate(expected.rows, 1):
        filled = [cell.strip().lower() for cell in row if cell.strip()]
        if filled and not any(cell in letters or any(c and c in cell for c in cells) for cell in filled):
            return number
    return 0


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "...")

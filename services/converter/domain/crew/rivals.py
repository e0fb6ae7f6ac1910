"""Rows on which programs that explain the same example may part: nobody has such rows yet, somebody will."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from services.converter.domain.synthesis.columns.probing import made_up_rows
from services.converter.domain.synthesis.proof.rivals import MAX_ROWS
from services.converter.domain.table import Row, Table

MAX_PROBES = 48
_SHIFTS = 3
"""Made-up rows on which programs are held against each other, each with cells of rows one to three further down."""


def list_probes(source: Table) -> Iterator[Table]:
    """Tables to try programs on: first rows with a cell of another row, which any program of this file must take; then
    rows with a cell changed in the spirit of the example, which may be too much for its casts."""
    recombined = list(dict.fromkeys(_recombine(source.rows)))[:MAX_PROBES]
    changed = made_up_rows(source.rows, frozenset(range(source.width)), MAX_PROBES)
    made_up = [tuple(cell or "" for cell in row) for row in changed]
    for rows in (recombined, made_up):
        if rows:
            yield replace(source, rows=tuple(rows))


def list_right_columns(rows: Sequence[Row], expected: Table, columns: Iterable[str]) -> list[int]:
    """The positions of those of the columns that are right in every row."""
    if len(rows) != len(expected.rows):
        return []
    wanted = frozenset(columns)
    return [
        position
        for position, name in enumerate(expected.column_names)
        if name in wanted
        and all(_cell(row, position) == _cell(right, position) for row, right in zip(rows, expected.rows, strict=True))
    ]


def list_differing(ours: Sequence[Row], theirs: Sequence[Row], position: int) -> tuple[tuple[int, str, str], ...]:
    """The first made-up rows (number 0) that two programs answer differently; none where they keep other rows."""
    if len(ours) != len(theirs):
        return ()
    pairs = ((_cell(a, position), _cell(b, position)) for a, b in zip(ours, theirs, strict=True))
    return tuple((0, a, b) for a, b in dict.fromkeys(pairs) if a != b)[:MAX_ROWS]


def _recombine(rows: Sequence[Row]) -> Iterator[Row]:
    known = frozenset(rows)
    for shift in range(1, min(_SHIFTS, len(rows) - 1) + 1):
        for place, row in enumerate(rows[:MAX_PROBES]):
            other = rows[(place + shift) % len(rows)]
            for position in range(min(len(row), len(other))):
                mixed = (*row[:position], other[position], *row[position + 1 :])
                if mixed not in known:
                    yield mixed


def _cell(row: Row, position: int) -> str:
    return row[position] if position < len(row) else ""

"""Where in a file its table is: after a preamble, under a header, before footers and further tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from services.converter.domain.column_names import seen_form
from services.converter.domain.reading.cells import cell_kind
from services.converter.domain.reading.records import Record
from services.converter.domain.table import Row, Table

TYPED = frozenset({"number", "date", "time"})
"""Kinds of cells that hold data."""
FULL_ENOUGH = 0.6
"""How full a row of the table is, beside the fullest: lines of totals and remarks are not."""
_PROFILE_ROWS = 200
_HEADER_SEARCH_ROWS = 60
_MAX_HEADER_ROWS = 3
"""Rows that tell what a column holds; rows among which the header is looked for, as statements have up to a page
before it; and rows that one header has."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is.

    ``first_row`` records stand before the first data row, ``preamble_rows`` of them before the header. ``width`` is
    the usual count of cells (0: unknown), ``filled`` the usual count of cells that are not empty, and
    ``typed_columns`` the positions that hold numbers, dates or times. ``plain`` takes every record for a row.
    """

    header: Row | None
    first_row: int
    preamble_rows: int = 0
    width: int = 0
    filled: float = 0.0
    typed_columns: tuple[int, ...] = ()
    plain: bool = False
    notes: tuple[str, ...] = ()


def find_layout(
    records: Sequence[Record], *, has_header: bool | None = None, plain: bool = False, names: Row = ()
) -> Layout:
    """Find the table in a file's first records. ``has_header`` settles what is otherwise judged by the cells, and so
    do the ``names`` of its columns where they are known and stand there, joined from however many rows."""
    if plain:
        if has_header is None:
            has_header = bool(records) and looks_like_header(records[0], records[1:])
        header = tuple(records[0]) if has_header and records else None
        width = len(header) if header else _usual_width(records)
        return Layout(header, int(header is not None), width=width, plain=True)
    width = _usual_width(records)
    full = median([count_filled(r) for r in records if len(r) == width and count_filled(r) > 1] or [1])
    known = _find_names(records, names) if names and has_header is not False else None
    start = known[0] if known else _find_start(records, width, full, has_header=has_header)
    body = [r for r in records[start + 1 :] if count_filled(r) >= FULL_ENOUGH * full]
    named = bool(known) or (looks_like_header(records[start], body) if has_header is None else has_header)
    typed = _typed_columns(body if named else [records[start], *body], width)
    rows = known[1] if known else _header_rows(records, start, typed, full) if named else 0
    header = _join_header(records[start : start + rows]) if rows else None
    notes = _preamble_notes(records[:start])
    if rows > 1:
        notes += (f"the header stands in {rows} rows; they were joined column by column",)
    return Layout(header, start + rows, start, width, full, typed, notes=notes)


def looks_like_header(first: Record, body: Sequence[Record]) -> bool:
    """Whether a row names the columns of the rows under it: it differs from them in kind, or in what it says."""
    filled = [cell.strip() for cell in first if cell.strip()]
    if not filled or all(cell_kind(cell) in TYPED for cell in filled):
        return False
    if not body:
        return not any(cell_kind(cell) in TYPED for cell in filled)
    score = 0.0
    lowered = [cell.lower() for cell in filled]
    score -= 0.5 * (len(lowered) - len(set(lowered)))
    for position, cell in enumerate(first):
        column = [row[position] for row in body[:_PROFILE_ROWS] if position < len(row)]
        score += _header_evidence(cell, [value for value in column if cell_kind(value) != "empty"])
    return score > 0.0 or (score == 0.0 and not any(cell_kind(cell) in TYPED for cell in filled))


def _header_evidence(cell: str, column: Sequence[str]) -> float:
    """How much one cell speaks for (or against) being the name of the column under it."""
    text, kind = cell.strip(), cell_kind(cell)
    if not column:
        return 0.2 if kind == "text" else 0.0
    kinds = Counter(cell_kind(value) for value in column)
    if kind == "date" and kinds["number"] and not kinds["date"]:
        return 1.0  # what the numbers below are of: prices of a day, sums of a month
    typed = sum(count for kind, count in kinds.items() if kind in TYPED) / len(column)
    if typed >= 0.7:
        return 1.0 if kind in ("text", "odd", "token") else -1.5 if kind in TYPED else -0.2
    if kind in TYPED:
        return -1.0
    if text in column:
        # The same word below: a value, unless the column holds little else than free text.
        return -0.8 if column.count(text) > 0 else 0.0
    tokens = kinds["token"] / len(column)
    if tokens >= 0.7:
        return 0.6 if kind == "text" else -0.4 if kind == "token" else 0.0
    if len(column) >= 3 and len(set(column)) <= max(2, len(column) // 3):
        return 0.4  # categories, and this is none of them
    lengths = [len(value) for value in column]
    return 0.2 if text and (len(text) < min(lengths) or len(text) > 2 * max(lengths)) else 0.0


def _find_start(records: Sequence[Record], width: int, full: float, *, has_header: bool | None) -> int:
    """The index of the table's header, or of its first row."""
    if width <= 1:
        return 0 if not records or not is_blank(records[0]) else _first_filled(records)
    enough = max(2.0, FULL_ENOUGH * full)
    search = range(min(len(records), _HEADER_SEARCH_ROWS))
    start = next((i for i in search if count_filled(records[i]) >= enough and 2 * len(records[i]) >= width), 0)
    later = _start_after_gap(records, start, width)
    if later:
        return later
    before = records[:start]
    if all(len(r) != width or is_blank(r) for r in before) or has_header:
        return start
    body = [r for r in records[start + 1 :] if count_filled(r) >= enough]
    return start if looks_like_header(records[start], body) else _first_filled(records)


def _find_names(records: Sequence[Record], names: Row) -> tuple[int, int] | None:
    """Where a header of these names begins, and how many rows it takes; None where they do not stand there."""
    wanted = tuple(map(seen_form, names))
    for start in range(min(len(records), _HEADER_SEARCH_ROWS)):
        if is_blank(records[start]):
            continue
        for rows in range(1, _MAX_HEADER_ROWS + 1):
            header = _join_header(records[start : start + rows])
            found = Table(header, (("",) * len(names),)).column_names if len(header) <= len(names) else ()
            if tuple(map(seen_form, found)) == wanted:
                return start, rows
    return None


def _start_after_gap(records: Sequence[Record], start: int, width: int) -> int:
    """A header further down, behind a gap, that fits more rows than stand above it; 0 where there is none.

    For narrow tables, whose preamble of names and values is as wide as they are.
    """
    for i in range(start + 1, min(len(records) - 1, _HEADER_SEARCH_ROWS)):
        if not is_blank(records[i - 1]) or is_blank(records[i]):
            continue
        below = [r for r in records[i + 1 :] if not is_blank(r)]
        if len(below) <= i - start or _usual_width(below) != width:
            continue
        above = [r for r in records[start:i] if not is_blank(r)]
        typed = _typed_columns(below, width)
        # The first row above may be the true header, unless a gap and another header follow it at once; of the others
        # most must be no rows of this table.
        others = above[1:] or above
        strange = sum(len(r) != width or any(cell_kind(r[p]) == "text" for p in typed) for r in others)
        if typed and strange and 2 * strange >= len(others) and looks_like_header(records[i], below):
            return i
    return 0


def _header_rows(records: Sequence[Record], start: int, typed: tuple[int, ...], full: float) -> int:
    """How many rows the header takes: those with words in every column that holds numbers or dates below."""
    rows = 1
    while rows < _MAX_HEADER_ROWS and start + rows < len(records) - 1:
        record = records[start + rows]
        kinds = [cell_kind(record[p]) if p < len(record) else "empty" for p in typed]
        words = all(kind in ("text", "odd") for kind in kinds)
        if len(typed) < 2 or not words or count_filled(record) < FULL_ENOUGH * full:
            break
        rows += 1
    return rows


def _join_header(rows: Sequence[Record]) -> Row:
    if len(rows) == 1:
        return tuple(rows[0])
    width = max(map(len, rows))
    columns = ([row[p].strip() for row in rows if p < len(row) and row[p].strip()] for p in range(width))
    return tuple(" ".join(words) for words in columns)


def _typed_columns(rows: Sequence[Record], width: int) -> tuple[int, ...]:
    typed = []
    for position in range(width):
        kinds = [cell_kind(row[position]) for row in rows[:_PROFILE_ROWS] if position < len(row)]
        filled = [kind for kind in kinds if kind != "empty"]
        if filled and sum(kind in TYPED for kind in filled) >= 0.7 * len(filled):
            typed.append(position)
    return tuple(typed)


def _usual_width(records: Sequence[Record]) -> int:
    """The most frequent count of cells; a width of one cell counts only where there is no wider one."""
    widths = Counter(len(record) for record in records if len(record) > 1 and count_filled(record) > 1)
    singles = sum(len(record) == 1 for record in records)
    if not widths:
        widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 1
    best = max(widths.values())
    return 1 if singles > 4 * sum(widths.values()) else max(w for w, n in widths.items() if n == best)


def _first_filled(records: Sequence[Record]) -> int:
    return next((i for i, record in enumerate(records) if not is_blank(record)), 0)


def count_filled(record: Record) -> int:
    """Cells of a record that are not blank."""
    return sum(1 for cell in record if cell and not cell.isspace())


def is_blank(record: Record) -> bool:
    """Whether nothing stands in a record."""
    return count_filled(record) == 0


def _preamble_notes(records: Sequence[Record]) -> tuple[str, ...]:
    rows = [record for record in records if not is_blank(record)]
    if not rows:
        return ()
    words = next(cell.strip() for cell in rows[0] if cell.strip())
    return (f"{count_of(len(rows), 'row')} before the table left out, the first is {shown(words)}",)


def count_of(number: int, noun: str) -> str:
    """A number of things, for people."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(words: str) -> str:
    """Words of the file as remarks quote them, cut where they are long."""
    cut = words if len(words) <= 60 else words[:57] + "..."
    return f'"{cut}"'

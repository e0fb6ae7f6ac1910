"""Where in a file its table is: after a preamble, under a header, before footers and further tables."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from services.converter.domain.reading.cells import cell_kind
from services.converter.domain.reading.records import Record
from services.converter.domain.table import Row, Table

_TYPED = frozenset({"number", "date", "time"})
_PROFILE_ROWS = 200
_HEADER_SEARCH_ROWS = 60
_MAX_HEADER_ROWS = 3
_MAX_HELD = 64
_MAX_PLACES = 5
_MOST_AROUND = 1_000
"""Cells of what stands around a table from which on no more are noted: a program writes none of so many."""
_FULL_ENOUGH = 0.6
"""Rows that tell what a column holds; rows among which the header is looked for, as statements have up to a page
before it; rows that one header has; lines of a footer that are held back until a row follows; places that a remark
names; and how full a row of the table is, beside the fullest: lines of totals and remarks are not."""
_CLOSING_WORDS = re.compile(
    r"\b(?:sub)?totals?\b|\bsum(?:me|ma)?\b|\bgesamt|\bdate downloaded\b|\bdisclaimer\b|\bas of\b|\bend of\b"
    r"|\bprovided to you\b|\bgenerated (?:on|at|by)\b|\bcopyright\b|©|\btotale?\b|\btotaal\b|\bnote:|\brecords?:",
    re.IGNORECASE,
)


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
    full = median([_filled(r) for r in records if len(r) == width and _filled(r) > 1] or [1])
    known = _find_names(records, names) if names and has_header is not False else None
    start = known[0] if known else _find_start(records, width, full, has_header=has_header)
    body = [r for r in records[start + 1 :] if _filled(r) >= _FULL_ENOUGH * full]
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
    if not filled or all(cell_kind(cell) in _TYPED for cell in filled):
        return False
    if not body:
        return not any(cell_kind(cell) in _TYPED for cell in filled)
    score = 0.0
    lowered = [cell.lower() for cell in filled]
    score -= 0.5 * (len(lowered) - len(set(lowered)))
    for position, cell in enumerate(first):
        column = [row[position] for row in body[:_PROFILE_ROWS] if position < len(row)]
        score += _header_evidence(cell, [value for value in column if cell_kind(value) != "empty"])
    return score > 0.0 or (score == 0.0 and not any(cell_kind(cell) in _TYPED for cell in filled))


def _header_evidence(cell: str, column: Sequence[str]) -> float:
    """How much one cell speaks for (or against) being the name of the column under it."""
    text, kind = cell.strip(), cell_kind(cell)
    if not column:
        return 0.2 if kind == "text" else 0.0
    kinds = Counter(cell_kind(value) for value in column)
    typed = sum(count for kind, count in kinds.items() if kind in _TYPED) / len(column)
    if typed >= 0.7:
        return 1.0 if kind in ("text", "odd", "token") else -1.5 if kind in _TYPED else -0.2
    if kind in _TYPED:
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


class TableScanner:
    """Lets a table's rows through, record by record, and leaves out what stands around them.

    Rows that may be part of a footer are held back until a row of the table follows (then they were part of it after
    all) or the file ends (then they are left out). ``done`` says that a further table begins; nothing more is read.
    """

    def __init__(self, layout: Layout, notes: list[str], around: set[str] | None = None) -> None:
        self._layout = layout
        self._notes = notes
        self._around = around if around is not None else set()
        self._held: list[Record] = []
        self._seen = 0
        self._first: Record | None = None
        self._repeat: Record | None = None
        self._pages = 0
        self._repeat_at = 0
        self._repeated_at: list[int] = []
        self._started = False
        self._names = frozenset(cell for cell in layout.header or () if cell)
        self.done = False

    def feed_batch(self, batch: Sequence[Record]) -> list[Record]:
        """The rows that are certain now that ``batch`` is known."""
        rows: list[Record] = []
        width, names, spare = self._layout.width, self._names, self._layout.width - _FULL_ENOUGH * self._layout.filled
        before = self._seen
        for number, record in enumerate(batch, before + 1):
            # The short way for what nearly every record is: a well filled row in the middle of the table.
            if (
                self._started
                and len(record) == width
                and not self._held
                and self._repeat is None
                and record.count("") < spare
                and record[0] not in names
            ):
                rows.append(record)
            else:
                self._seen = number - 1
                rows.extend(self.feed(record))
                if self.done:
                    break
        self._seen = before + len(batch)
        return rows

    def feed(self, record: Record) -> Iterator[Record]:
        """The rows that are certain now that ``record`` is known."""
        self._seen += 1
        if self._seen <= self._layout.first_row:
            if self._seen <= self._layout.preamble_rows:
                self._leave_out(record)
            return
        if self._layout.plain or self._layout.width <= 1:
            yield from self._pass_plain(record)
            return
        if _is_blank(record):
            self._hold(record)
        elif self._repeat is not None:
            yield from self._after_repeated_header(record)
        elif self._repeats_header(record):
            self._repeat, self._repeat_at = record, self._seen
        elif self._starts_other_table(record):
            self._stop(record)
        elif self._may_be_footer(record):
            yield from self._hold_row(record)
        else:
            yield from self._release()
            yield self._as_row(record)

    def finish(self) -> Iterator[Record]:
        """The end of the file: what is still held was a footer."""
        rows = [record for record in self._held if not _is_blank(record)]
        if rows and not self._started:
            # Nothing but rows that look like a footer: then they are the table.
            yield from rows
        elif rows:
            words = next(cell.strip() for cell in rows[0] if cell.strip())
            for row in rows:
                self._leave_out(row)
            self._notes.append(f"{_count(len(rows), 'row')} behind the table left out, the first is {_shown(words)}")
        if self._pages:
            places = ", ".join(map(str, self._repeated_at[:_MAX_PLACES])) + (
                ", ..." if self._pages > _MAX_PLACES else ""
            )
            self._notes.append(
                f"the header is repeated {_count(self._pages, 'time')} inside of the table (row {places} of the file); "
                "left out"
            )

    def _pass_plain(self, record: Record) -> Iterator[Record]:
        if not record:
            self._held.append([""] if self._layout.width <= 1 else [])
            return
        yield from self._held
        self._held = []
        self._started = True
        yield record

    def _as_row(self, record: Record) -> Record:
        self._started = True
        if self._first is None:
            self._first = record
        return record

    def _hold(self, record: Record) -> None:
        self._held.append(record)

    def _hold_row(self, record: Record) -> Iterator[Record]:
        if len(self._held) >= _MAX_HELD:
            yield from self._release()
        self._held.append(record)

    def _release(self) -> Iterator[Record]:
        for held in self._held:
            # A line with nothing on it is no row; a row of empty cells is one.
            if held and not (len(held) == 1 and not held[0].strip()):
                yield self._as_row(held)
        self._held = []

    def _repeats_header(self, record: Record) -> bool:
        header = self._layout.header
        if header is None or not self._started:
            return False
        names = {cell.strip().lower() for cell in header if cell.strip()}
        cells = [cell.strip().lower() for cell in record if cell.strip()]
        known = sum(cell in names for cell in cells)
        return len(names) >= 2 and len(cells) >= 2 and known >= 0.6 * max(len(cells), 0.6 * len(names))

    def _after_repeated_header(self, record: Record) -> Iterator[Record]:
        """A header came again: the next page of the same table, or another table."""
        repeated, self._repeat = self._repeat or [], None
        same = tuple(cell.strip() for cell in repeated) == tuple(cell.strip() for cell in self._layout.header or ())
        if not same or record == self._first:
            self._stop(repeated)
            return
        self._pages += 1
        if len(self._repeated_at) <= _MAX_PLACES:
            self._repeated_at.append(self._repeat_at)
        yield from self._release()
        yield self._as_row(record)

    def _starts_other_table(self, record: Record) -> bool:
        """After a gap, a row of words where the table has numbers and dates: the header of something else."""
        gap = any(_is_blank(held) or _filled(held) == 1 for held in self._held)
        if not gap or not self._started or _filled(record) < 2:
            return False
        kinds = [cell_kind(cell) for cell in record]
        if any(kind in _TYPED for kind in kinds):
            return False
        against = sum(position < len(kinds) and kinds[position] != "empty" for position in self._layout.typed_columns)
        return against >= 2 or (len(record) != self._layout.width and _filled(record) >= 3)

    def _leave_out(self, record: Record) -> None:
        """Note the cells of what is no row of the table."""
        if len(self._around) < _MOST_AROUND:
            self._around.update(cell.strip() for cell in record if cell.strip())

    def _stop(self, record: Record) -> None:
        self.done = True
        for left in (*self._held, record):
            self._leave_out(left)
        self._held = []
        words = ", ".join(cell.strip() for cell in record if cell.strip())
        self._notes.append(f"a further table starts behind this one (columns {_shown(words)}); it was left out")

    def _may_be_footer(self, record: Record) -> bool:
        filled, width = _filled(record), self._layout.width
        first = next((cell for cell in record if cell.strip()), "")
        sparse = filled < _FULL_ENOUGH * self._layout.filled
        gap = any(_is_blank(held) for held in self._held) or any(self._held)
        if len(record) == 1:
            return True
        if filled == 1:
            return gap or len(record) < width or bool(_CLOSING_WORDS.search(first))
        return sparse and (gap or bool(_CLOSING_WORDS.search(first)))


def _find_start(records: Sequence[Record], width: int, full: float, *, has_header: bool | None) -> int:
    """The index of the table's header, or of its first row."""
    if width <= 1:
        return 0 if not records or not _is_blank(records[0]) else _first_filled(records)
    enough = max(2.0, _FULL_ENOUGH * full)
    search = range(min(len(records), _HEADER_SEARCH_ROWS))
    start = next((i for i in search if _filled(records[i]) >= enough and 2 * len(records[i]) >= width), 0)
    later = _start_after_gap(records, start, width)
    if later:
        return later
    before = records[:start]
    if all(len(r) != width or _is_blank(r) for r in before) or has_header:
        return start
    body = [r for r in records[start + 1 :] if _filled(r) >= enough]
    return start if looks_like_header(records[start], body) else _first_filled(records)


def _find_names(records: Sequence[Record], names: Row) -> tuple[int, int] | None:
    """Where a header of these names begins, and how many rows it takes; None where they do not stand there."""
    for start in range(min(len(records), _HEADER_SEARCH_ROWS)):
        for rows in range(1, _MAX_HEADER_ROWS + 1):
            header = _join_header(records[start : start + rows])
            if len(header) <= len(names) and Table(header, (("",) * len(names),)).column_names == names:
                return start, rows
    return None


def _start_after_gap(records: Sequence[Record], start: int, width: int) -> int:
    """A header further down, behind a gap, that fits more rows than stand above it; 0 where there is none.

    For narrow tables, whose preamble of names and values is as wide as they are.
    """
    for i in range(start + 1, min(len(records) - 1, _HEADER_SEARCH_ROWS)):
        if not _is_blank(records[i - 1]) or _is_blank(records[i]):
            continue
        below = [r for r in records[i + 1 :] if not _is_blank(r)]
        if len(below) <= i - start or _usual_width(below) != width:
            continue
        above = [r for r in records[start:i] if not _is_blank(r)]
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
        if len(typed) < 2 or not words or _filled(record) < _FULL_ENOUGH * full:
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
        if filled and sum(kind in _TYPED for kind in filled) >= 0.7 * len(filled):
            typed.append(position)
    return tuple(typed)


def _usual_width(records: Sequence[Record]) -> int:
    """The most frequent count of cells; a width of one cell counts only where there is no wider one."""
    widths = Counter(len(record) for record in records if len(record) > 1 and _filled(record) > 1)
    singles = sum(len(record) == 1 for record in records)
    if not widths:
        widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 1
    best = max(widths.values())
    return 1 if singles > 4 * sum(widths.values()) else max(w for w, n in widths.items() if n == best)


def _first_filled(records: Sequence[Record]) -> int:
    return next((i for i, record in enumerate(records) if not _is_blank(record)), 0)


def _filled(record: Record) -> int:
    return sum(1 for cell in record if cell and not cell.isspace())


def _is_blank(record: Record) -> bool:
    return _filled(record) == 0


def _preamble_notes(records: Sequence[Record]) -> tuple[str, ...]:
    rows = [record for record in records if not _is_blank(record)]
    if not rows:
        return ()
    words = next(cell.strip() for cell in rows[0] if cell.strip())
    return (f"{_count(len(rows), 'row')} before the table left out, the first is {_shown(words)}",)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shown(words: str) -> str:
    cut = words if len(words) <= 60 else words[:57] + "..."
    return f'"{cut}"'

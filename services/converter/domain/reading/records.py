"""Text into records: RFC 4180 where the file keeps to it, the most plausible reading where it does not.

Whole blocks that are well formed go through the standard library's reader. A block with broken quotes, or with rows
of an unexpected width, is split line by line instead: every line is read strictly first, then under each of the usual
mistakes (quotes inside of quoted cells that are not doubled, a quote that opens and is never closed), and the first
reading with the expected count of cells is taken.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.faults import ReadingFault
from services.converter.domain.table import Dialect

Record = list[str]

MAX_RECORD_CHARS = 2 << 20
MAX_CELL_CHARS = 1 << 20
MAX_CELLS = 4_096
_BLOCK_CHARS = 1 << 18
_MAX_JOINED_LINES = 1_000
_SHOWN_LINES = 50
"""A record is as long as DuckDB's reader takes one, a cell half of it, and a row wider than spreadsheets are used;
what is split at once; the most lines of a quoted cell, beyond which a quote was not closed; and the lines that show
how such a quote was meant."""

csv.field_size_limit(MAX_RECORD_CHARS)

MOST_UNCLOSED = 5
"""Rows with a quote that is opened and never closed that are told; more are alike."""


def split_records(texts: Iterable[str], dialect: Dialect, width: int | None = None) -> Iterator[Record]:
    """The records one by one; see `split_batches`."""
    for batch in split_batches(texts, dialect, width):
        yield from batch


def split_batches(
    texts: Iterable[str], dialect: Dialect, width: int | None = None, notes: list[str] | None = None
) -> Iterator[list[Record]]:
    """The records of a text that comes in pieces, as lists of bounded size; a blank line is an empty record.

    ``width`` is the count of cells that a record should have, where it is known: it decides between readings of
    broken quotes. The first quotes that are opened and never closed are told in ``notes``. Raises `ReadingFault`
    (``INPUT_TOO_LARGE``) for a record, cell or count of cells over its limit.
    """
    splitter = _LineSplitter(dialect)
    rest, count, told = "", 0, 0
    try:
        for block, last in _blocks(texts, dialect):
            records, rest = _split_block(rest + block, splitter, width, last=last)
            _check_sizes(records, count)
            if notes is not None:
                room = MOST_UNCLOSED - told
                found = [count + place + 1 for place in splitter.unclosed if place < len(records)][:room]
                notes += [
                    f"row {row} of the file: a quote is not closed, and read as part of its cell" for row in found
                ]
                told += len(found)
            splitter.unclosed.clear()
            count += len(records)
            yield records
    except _TooLong as fault:
        number = count + fault.records + 1
        raise ReadingFault("INPUT_TOO_LARGE", f"{fault.words}, from row {number} of the file on", row=number) from None


class _TooLong(Exception):
    """A line or cell that has no end within its limit, so many records into the block at hand."""

    def __init__(self, words: str, records: int = 0) -> None:
        super().__init__(words)
        self.words = words
        self.records = records


def _check_sizes(records: list[Record], before: int) -> None:
    for number, record in enumerate(records, start=before + 1):
        if len(record) > MAX_CELLS:
            words = f"row {number} of the file has {len(record)} cells, the limit is {MAX_CELLS}"
            raise ReadingFault("INPUT_TOO_LARGE", words, row=number)
        # Whole rows first: nearly all of them are shorter than one cell may be.
        if sum(map(len, record)) > MAX_CELL_CHARS and (longest := max(map(len, record))) > MAX_CELL_CHARS:
            place = f"row {number} of the file, cell {[len(cell) for cell in record].index(longest) + 1}"
            words = f"{place} has {longest} characters, the limit is {MAX_CELL_CHARS}"
            raise ReadingFault("INPUT_TOO_LARGE", words, row=number)


def _blocks(texts: Iterable[str], dialect: Dialect) -> Iterator[tuple[str, bool]]:
    """Pieces that end at a line's end with their quotes in balance, as far as that can be had; the last is marked."""
    buffer: list[str] = []
    size, odd = 0, False
    for text in texts:
        buffer.append(text)
        size += len(text)
        odd ^= bool(_count_quotes(text, dialect) % 2)
        if size < _BLOCK_CHARS or (odd and size < MAX_RECORD_CHARS):
            continue
        whole = "".join(buffer)
        cut = _last_line_end(whole)
        block, tail = whole[:cut], whole[cut:]
        if cut and (not _count_quotes(block, dialect) % 2 or size >= MAX_RECORD_CHARS):
            yield block, False
            buffer, size, odd = [tail], len(tail), bool(_count_quotes(tail, dialect) % 2)
        elif size > 2 * MAX_RECORD_CHARS:
            raise _TooLong(f"a line is longer than the limit of {MAX_RECORD_CHARS} characters")
    yield "".join(buffer), True


def _count_quotes(text: str, dialect: Dialect) -> int:
    if not dialect.quote:
        return 0
    escaped = text.count(dialect.escape + dialect.quote) if dialect.escape not in ("", dialect.quote) else 0
    return text.count(dialect.quote) - escaped


def _last_line_end(text: str) -> int:
    """Just behind the last line end; a carriage return at the very end may be half of one and is left."""
    end = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1))
    return end + 1


def _split_block(text: str, splitter: "_LineSplitter", width: int | None, *, last: bool) -> tuple[list[Record], str]:
    """The records of a block and the text that the next block has to begin with."""
    records = splitter.split_well_formed(text)
    if records is not None and (not splitter.quotes_in(text) or _fits(records, width)):
        return records, ""
    return splitter.split_lines(text, width, last=last)


def _fits(records: list[Record], width: int | None) -> bool:
    if width is None:
        return all("\n" not in cell and "\r" not in cell for record in records for cell in record)
    return all(len(record) in (width, 0) for record in records)


@dataclass(slots=True)
class _Unclosed(Exception):
    """A quoted cell that does not end on its line."""


class _LineSplitter:
    """Splits lines of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._quote = dialect.quote if dialect.quoting != "none" else ""
        self._escape = dialect.escape or self._quote
        # ", " stands for a comma that a blank may follow.
        self._skip_blank = len(dialect.delimiter) > 1 and dialect.delimiter.endswith(" ")
        self._delimiter = dialect.delimiter.rstrip(" ") if self._skip_blank else dialect.delimiter
        self._readings: tuple[Callable[[str, int], tuple[str, int] | None], ...] = (
            self._read_lenient,
            self._read_undoubled,
            self._read_literal,
        )
        self.unclosed: list[int] = []
        """The records, among those that were split last, with a quote that is opened and never closed."""

    def quotes_in(self, text: str) -> bool:
        """Whether the text holds the quote at all."""
        return bool(self._quote) and self._quote in text

    def split_well_formed(self, text: str) -> list[Record] | None:
        """All records of a text that keeps to the rules, None where it does not."""
        if len(self._delimiter) != 1:
            return None
        if not self.quotes_in(text):
            lines = io.StringIO(text, newline=None).read().split("\n")
            if lines and not lines[-1]:
                lines.pop()
            delimiter = self._delimiter
            if self._skip_blank:
                return [[cell.removeprefix(" ") for cell in line.split(delimiter)] if line else [] for line in lines]
            return [line.split(delimiter) if line else [] for line in lines]
        doubled = self._escape == self._quote
        reader = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=self._delimiter,
            quotechar=self._quote,
            doublequote=doubled,
            escapechar=None if doubled else self._escape,
            skipinitialspace=self._skip_blank,
            strict=True,
        )
        try:
            return list(reader)
        except csv.Error:
            return None

    def split_lines(self, text: str, width: int | None, *, last: bool) -> tuple[list[Record], str]:
        """Record by record; text of a record that may go on in the next block is handed back."""
        lines = list(io.StringIO(text, newline=""))
        records: list[Record] = []
        at = 0
        while at < len(lines):
            try:
                record, used = self._split_at(lines, at, width, last=last)
            except _TooLong as fault:
                fault.records = len(records)
                raise
            if record is None:
                return records, "".join(lines[at:])
            if used == 1 and self._is_unclosed(lines[at]):
                self.unclosed.append(len(records))
            records.append(record)
            at += used
        return records, ""

    def _is_unclosed(self, line: str) -> bool:
        """Whether a cell of a line is opened by a quote that the line does not close."""
        if not self.quotes_in(line):
            return False
        try:
            self._split(line.rstrip("\r\n"), self._read_strict)
        except _Unclosed:
            return True
        return False

    def _split_at(self, lines: list[str], at: int, width: int | None, *, last: bool) -> tuple[Record | None, int]:
        """The record that starts on a line and how many lines it takes; None where its end may be still to come."""
        line = lines[at].rstrip("\r\n")
        if not line:
            return [], 1
        joined: Record | None = None
        used = 1
        closed = True
        try:
            strict = self._split(line, self._read_strict)
        except _Unclosed:
            strict, closed = None, False
            joined, used = self._join(lines, at)
            if joined is None and not last and at + _MAX_JOINED_LINES > len(lines) and len(lines[at]) < MAX_CELL_CHARS:
                waiting = sum(map(len, lines[at:]))
                if waiting < MAX_CELL_CHARS:
                    return None, 0
        for candidate, lines_used in ((strict, 1), (joined, used)):
            if candidate is not None and (width is None or len(candidate) == width):
                return candidate, lines_used
        others = [self._split(line, reading) for reading in self._readings]
        for other in others:
            if other is not None and len(other) == width:
                return other, 1
        if strict is not None:
            return strict, 1
        if joined is not None and (width is None or len(joined) <= width):
            return joined, used
        if not closed and joined is None and self._goes_on(lines[at + 1 :], width):
            raise _TooLong(f"a quoted cell has no end within {MAX_CELL_CHARS} characters and {_MAX_JOINED_LINES} lines")
        return next(other for other in others if other is not None), 1

    def _goes_on(self, following: list[str], width: int | None) -> bool:
        """Whether a cell that was opened goes on past its limits, rather than being a stray quote in front of rows."""
        if len(following) < _MAX_JOINED_LINES and sum(map(len, following)) < MAX_CELL_CHARS:
            return False
        shown = following[:_SHOWN_LINES]
        return 2 * sum(line.count(self._delimiter) + 1 == (width or 0) for line in shown) < len(shown)

    def _join(self, lines: list[str], at: int) -> tuple[Record | None, int]:
        """The record over several lines, where its open cell is closed soon enough and cleanly."""
        text = lines[at]
        for used in range(2, min(_MAX_JOINED_LINES, len(lines) - at) + 1):
            following = lines[at + used - 1]
            text += following
            if len(text) > MAX_CELL_CHARS:
                break
            if self._quote not in following:
                continue
            try:
                record = self._split(text.rstrip("\r\n"), self._read_strict)
            except _Unclosed:
                continue
            return record, used
        return None, 1

    def _split(self, line: str, read_quoted: Callable[[str, int], tuple[str, int] | None]) -> Record | None:
        """A line's cells, its quoted cells by ``read_quoted``; None where that cannot read one of them."""
        cells: Record = []
        position, delimiter = 0, self._delimiter
        while True:
            if self._skip_blank and line.startswith(" ", position):
                position += 1
            if self._quote and line.startswith(self._quote, position):
                read = read_quoted(line, position)
                if read is None:
                    return None
                cell, position = read
            else:
                cell, position = self._read_plain(line, position)
            cells.append(cell)
            if position >= len(line):
                return cells
            position += len(delimiter)

    def _read_plain(self, line: str, position: int) -> tuple[str, int]:
        end = line.find(self._delimiter, position)
        end = len(line) if end < 0 else end
        return line[position:end], end

    def _ends_cell(self, line: str, position: int) -> bool:
        return position >= len(line) or line.startswith(self._delimiter, position)

    def _read_strict(self, line: str, start: int) -> tuple[str, int] | None:
        """A quoted cell whose quotes are doubled or escaped and whose end is followed by a delimiter or line end."""
        quote, escape = self._quote, self._escape
        parts: list[str] = []
        position = start + 1
        while True:
            end = line.find(quote, position)
            if escape != quote:
                slash = line.find(escape, position)
                if 0 <= slash < end and slash + 1 < len(line):
                    parts.append(line[position:slash] + line[slash + 1])
                    position = slash + 2
                    continue
            if end < 0:
                raise _Unclosed
            parts.append(line[position:end])
            if escape == quote and line.startswith(quote, end + 1):
                parts.append(quote)
                position = end + 2
                continue
            return ("".join(parts), end + 1) if self._ends_cell(line, end + 1) else None

    def _read_lenient(self, line: str, start: int) -> tuple[str, int] | None:
        """A quoted cell with stray quotes inside: it ends at a single quote before a delimiter or the line's end."""
        quote = self._quote
        parts: list[str] = []
        position = start + 1
        while (end := line.find(quote, position)) >= 0:
            parts.append(line[position:end])
            if self._ends_cell(line, end + 1):
                return "".join(parts), end + 1
            parts.append(quote)
            position = end + (2 if line.startswith(quote, end + 1) else 1)
        return None

    def _read_undoubled(self, line: str, start: int) -> tuple[str, int] | None:
        """A quoted cell of a writer that never doubles: it ends at the first quote before a delimiter and a quote."""
        quote, position = self._quote, start + 1
        while (end := line.find(quote, position)) >= 0:
            after = end + 1 + len(self._delimiter)
            if end + 1 >= len(line) or (self._ends_cell(line, end + 1) and not line.startswith(quote * 2, after)):
                return line[start + 1 : end], end + 1
            position = end + 1
        return None

    def _read_literal(self, line: str, start: int) -> tuple[str, int] | None:
        """A quote that opens nothing: part of the cell's text."""
        try:
            read = self._read_strict(line, start)
        except _Unclosed:
            read = None
        return read or self._read_plain(line, start)

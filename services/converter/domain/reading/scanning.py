"""A table's rows let through record by record; what stands around them is left out and told."""

import re
from collections.abc import Iterator, Sequence

from services.converter.domain.reading.cells import cell_kind
from services.converter.domain.reading.layout import FULL_ENOUGH, TYPED, Layout, count_filled, count_of, is_blank, shown
from services.converter.domain.reading.records import Record

_MAX_HELD, _MAX_PLACES, _MOST_AROUND = 64, 5, 1_000
"""Lines of a footer that are held back until a row follows; places that a remark names; and cells of what stands around
a table from which on no more are noted: a program writes none of so many."""
_CLOSING_WORDS = re.compile(
    r"\b(?:sub)?totals?\b|\bsum(?:me|ma)?\b|\bgesamt|\bdate downloaded\b|\bdisclaimer\b|\bas of\b|\bend of\b"
    r"|\bprovided to you\b|\bgenerated (?:on|at|by)\b|\bcopyright\b|©|\btotale?\b|\btotaal\b|\bnote:|\brecords?:",
    re.IGNORECASE,
)


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
        width, names, spare = self._layout.width, self._names, self._layout.width - FULL_ENOUGH * self._layout.filled
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
        if is_blank(record):
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
        rows = [record for record in self._held if not is_blank(record)]
        if rows and not self._started:
            # Nothing but rows that look like a footer: then they are the table.
            yield from rows
        elif rows:
            words = next(cell.strip() for cell in rows[0] if cell.strip())
            for row in rows:
                self._leave_out(row)
            self._notes.append(f"{count_of(len(rows), 'row')} behind the table left out, the first is {shown(words)}")
        if self._pages:
            places = ", ".join(map(str, self._repeated_at[:_MAX_PLACES])) + (
                ", ..." if self._pages > _MAX_PLACES else ""
            )
            self._notes.append(
                f"the header is repeated {count_of(self._pages, 'time')} inside of the table (row {places} of the file)"
                "; left out"
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
        gap = any(is_blank(held) or count_filled(held) == 1 for held in self._held)
        if not gap or not self._started or count_filled(record) < 2:
            return False
        kinds = [cell_kind(cell) for cell in record]
        if any(kind in TYPED for kind in kinds):
            return False
        against = sum(position < len(kinds) and kinds[position] != "empty" for position in self._layout.typed_columns)
        return against >= 2 or (len(record) != self._layout.width and count_filled(record) >= 3)

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
        self._notes.append(f"a further table starts behind this one (columns {shown(words)}); it was left out")

    def _may_be_footer(self, record: Record) -> bool:
        filled, width = count_filled(record), self._layout.width
        first = next((cell for cell in record if cell.strip()), "")
        sparse = filled < FULL_ENOUGH * self._layout.filled
        gap = any(is_blank(held) for held in self._held) or any(self._held)
        if len(record) == 1:
            return True
        if filled == 1:
            return gap or len(record) < width or bool(_CLOSING_WORDS.search(first))
        return sparse and (gap or bool(_CLOSING_WORDS.search(first)))

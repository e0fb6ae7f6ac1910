"""A file as a table: a plan made from its first bytes, and the rows read by that plan."""

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.containers import FIRST_SHEET, is_packed, refuse_other_forms, unpack
from services.converter.domain.reading.encoding import (
    Encoding,
    EncodingHints,
    EncodingName,
    mend_twice_encoded,
    sniff_encoding,
    sniff_later,
)
from services.converter.domain.reading.layout import Layout, find_layout
from services.converter.domain.reading.records import Record, split_batches, split_records
from services.converter.domain.reading.scanning import TableScanner
from services.converter.domain.reading.sniffing import sniff_dialect, sniff_quoting
from services.converter.domain.reading.workbook import SheetChoice
from services.converter.domain.table import Dialect, Row, Table

HEAD_BYTES = 256 << 10
MAX_TABLE_BYTES = 64 << 20
MAX_TABLE_ROWS = 1_000_000
_CHUNK_BYTES = 1 << 20
_SAMPLE_RECORDS = 2_000
LOST = "\ufffd"
_MOST_LOST, _SHOWN_CHARS = 5, 40
"""What shows how a file is written; a table that is held in memory; what is read at once; records that show where
the table stands; what stands for bytes that are no letters; rows with such that are told, and characters of a word."""


@dataclass(frozen=True, slots=True)
class ReadingHints:
    """What is known of a file beforehand.

    ``dialect`` is tried first; with ``exact`` it is the whole truth and nothing is looked for, neither another dialect
    nor a preamble. ``whole`` looks for the dialect only: every record belongs to the table. ``has_header`` settles
    whether the table's first row names its columns. ``names`` are those of the example's columns: where they stand in
    the file, there its header is. ``sheet`` is that of a workbook. ``words`` have letters that the file's are like:
    those of the example's other side.
    """

    dialect: Dialect | None = None
    exact: bool = False
    whole: bool = False
    has_header: bool | None = None
    sheet: SheetChoice = FIRST_SHEET
    names: Row = ()
    words: frozenset[str] = frozenset()

    @property
    def letters(self) -> EncodingHints:
        """What is known of the file's letters: an example that leaves open what it is in says nothing."""
        known = self.dialect
        prior = known.encoding if known is not None and not known.other_encodings else ""
        return EncodingHints(self.words, prior)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How to read one file: its dialect, where in it the table is, and remarks for people on what was left out.

    With ``lenient`` bytes that are no letters are read as `\ufffd` and told; else they are a `UnicodeDecodeError`.
    """

    dialect: Dialect
    mark_bytes: int
    layout: Layout
    letters: EncodingHints = field(default_factory=EncodingHints)
    lenient: bool = False
    on_letters: tuple[str, ...] = ()

    def read_again(self, chunks: Iterable[bytes]) -> "ReadingPlan":
        """The plan for a file, whole in pieces, whose later bytes are not in the encoding of its first."""
        found = sniff_later(chunks, Encoding(self.dialect.encoding, self.mark_bytes), hints=self.letters)
        dialect = replace(self.dialect, encoding=found.name, other_encodings=found.others)
        return replace(self, dialect=dialect, lenient=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on what is known before the rows are read."""
        return (*self.layout.notes, *self.on_letters)

    @property
    def header(self) -> Row | None:
        """The header as it stands in the file."""
        return self.layout.header

    @property
    def width(self) -> int:
        """The usual count of cells of a row."""
        return self.layout.width


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table, remarks for people on how it was read, and the name of the sheet of a workbook."""

    table: Table
    notes: tuple[str, ...] = ()
    sheet: str = ""


def plan_reading(head: bytes, *, whole: bool, hints: ReadingHints | None = None) -> ReadingPlan:
    """Find out how to read a file that starts with ``head`` (which is all of it where ``whole``).

    Raises `ReadingFault` with ``INPUT_EMPTY``, ``INPUT_NO_ROWS``, ``INPUT_NOT_TEXT`` or ``INPUT_TOO_LARGE``.
    """
    hints = hints or ReadingHints()
    encoding = sniff_encoding(head, whole=whole, hints=hints.letters)
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    text = decoder.decode(head[encoding.mark_bytes :], final=whole)
    if not text.strip(" \t\r\n\x00\x1a"):
        raise ReadingFault("INPUT_EMPTY", "the file is empty")
    refuse_other_forms(text)
    if hints.exact and hints.dialect is not None:
        dialect = hints.dialect
    else:
        dialect = sniff_dialect(text, whole=whole, prior=hints.dialect)
    marked = replace(
        dialect, encoding=encoding.name, other_encodings=encoding.others, byte_order_mark=encoding.mark_bytes > 0
    )
    marked = replace(marked, quoting=sniff_quoting(text, marked))
    records = _sample_records(text, marked, whole=whole)
    has_header = hints.has_header
    if has_header is None and hints.exact:
        has_header = dialect.has_header
    layout = find_layout(records, has_header=has_header, plain=hints.exact or hints.whole, names=hints.names)
    marked = replace(marked, has_header=layout.header is not None, preamble_rows=layout.preamble_rows)
    plan = ReadingPlan(marked, encoding.mark_bytes, layout, hints.letters, lenient=encoding.broken)
    return replace(plan, on_letters=_tell_twice_encoded(text)) if encoding.name == "utf-8" else plan


def _tell_twice_encoded(text: str) -> tuple[str, ...]:
    found = mend_twice_encoded(text)
    if found is None:
        return ()
    word, once = (part[:_SHOWN_CHARS] for part in found)
    words = f'letters as in "{word}" are UTF-8 that was read as Windows-1252 and saved again ("{once}" may be meant)'
    return (f"{words}: they are left as they stand",)


def ends_line(tail: bytes, encoding: EncodingName) -> bool:
    """Whether a file with these last bytes ends with a line's end."""
    return tail.endswith(("\n".encode(encoding), "\r".encode(encoding)))


def stream_batches(
    chunks: Iterable[bytes], plan: ReadingPlan, notes: list[str], around: set[str] | None = None
) -> Iterator[list[Record]]:
    """The table's rows of a file that comes in pieces, as lists; header and everything around the table left out.

    Remarks on what is left out behind the rows, and on quotes that are not closed, are added to ``notes``, the first
    cells of what is left out before and behind them to ``around``. Raises `ReadingFault`; a `UnicodeDecodeError` says
    that the file's later bytes are not in the encoding that its first bytes are in.
    """
    scanner = TableScanner(plan.layout, notes, around)
    batches = split_batches(_decode(chunks, plan), plan.dialect, plan.width or None, notes)
    for batch in _tell_lost(batches, plan, notes) if plan.lenient else batches:
        yield scanner.feed_batch(batch)
        if scanner.done:
            return
    yield list(scanner.finish())


def read_table(data: bytes, hints: ReadingHints | None = None) -> ReadTable:
    """A whole file in memory as a table, with remarks on how it was read; packed files are unpacked first.

    Raises `ReadingFault`.
    """
    if is_packed(data):
        unpacked = io.BytesIO()
        choice = hints.sheet if hints is not None else FIRST_SHEET
        found = unpack(io.BytesIO(data), len(data), unpacked, limit=MAX_TABLE_BYTES, choice=choice)
        read = read_table(unpacked.getvalue(), hints)
        return replace(read, notes=(*found.notes, *read.notes), sheet=found.sheet)
    if len(data) > MAX_TABLE_BYTES:
        raise ReadingFault("INPUT_TOO_LARGE", f"the file is over the limit of {MAX_TABLE_BYTES} bytes for training")
    plan = plan_reading(data[:HEAD_BYTES], whole=len(data) <= HEAD_BYTES, hints=hints)
    try:
        return _read_by_plan(data, plan)
    except UnicodeDecodeError:
        # The head was plain ASCII or cut luckily; the rest shows what the file is in.
        return _read_by_plan(data, plan.read_again([data]))


def _read_by_plan(data: bytes, plan: ReadingPlan) -> ReadTable:
    notes = list(plan.notes)
    around: set[str] = set()
    pieces = (data[at : at + _CHUNK_BYTES] for at in range(0, len(data), _CHUNK_BYTES))
    rows: list[Row] = []
    for batch in stream_batches(pieces, plan, notes, around):
        rows.extend(map(tuple, batch))
        if len(rows) > MAX_TABLE_ROWS:
            raise ReadingFault("INPUT_TOO_LARGE", f"the file has more than {MAX_TABLE_ROWS} rows")
    if not rows and plan.header is not None and not plan.layout.plain:
        raise ReadingFault("INPUT_NO_ROWS", "the file has a header but no rows")
    dialect = replace(plan.dialect, final_line_end=ends_line(data[-2:], plan.dialect.encoding))
    return ReadTable(Table(plan.header, tuple(rows), dialect, frozenset(around)), tuple(notes))


def _decode(chunks: Iterable[bytes], plan: ReadingPlan) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(plan.dialect.encoding)("replace" if plan.lenient else "strict")
    skip = plan.mark_bytes
    for chunk in chunks:
        yield decoder.decode(chunk[skip:] if skip else chunk)
        skip = 0
    yield decoder.decode(b"", final=True)


def _tell_lost(batches: Iterable[list[Record]], plan: ReadingPlan, notes: list[str]) -> Iterator[list[Record]]:
    """The batches, with a note on the first rows that hold bytes which are no letters."""
    seen, rows = 0, list[int]()
    for batch in batches:
        if len(rows) <= _MOST_LOST:
            rows += [row for row, record in enumerate(batch, seen + 1) if any(LOST in cell for cell in record)]
        seen += len(batch)
        yield batch
    if rows:
        named = ", ".join(map(str, rows[:_MOST_LOST])) + (", ..." if len(rows) > _MOST_LOST else "")
        notes.append(
            f"bytes that are no letters in {plan.dialect.encoding}, which the file is in, are read as {LOST}: "
            f"row {named} of the file"
        )


def _sample_records(text: str, dialect: Dialect, *, whole: bool) -> list[Record]:
    """The head's records under a dialect, without the last where the head may have cut it."""
    first: list[Record] = []
    for record in split_records([text], dialect):
        first.append(record)
        if len(first) > _SAMPLE_RECORDS:
            break
    widths = [len(record) for record in first if len(record) > 1] or [1]
    width = max(set(widths), key=widths.count)
    records: list[Record] = []
    for record in split_records([text], dialect, width):
        records.append(record)
        if len(records) > _SAMPLE_RECORDS:
            return records
    return records if whole or len(records) < 2 else records[:-1]

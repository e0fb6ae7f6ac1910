"""Files as spools: streamed from the source into what the sandbox reads, in constant memory."""

import csv
import io
import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TextIO

from services.common.placing import is_special
from services.converter.adapters.clean_file import point_at
from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.containers import FIRST_SHEET, is_packed, unpack
from services.converter.domain.reading.reader import (
    HEAD_BYTES,
    ReadingHints,
    ReadingPlan,
    ends_line,
    plan_reading,
    stream_batches,
)
from services.converter.domain.reading.records import Record
from services.converter.domain.table import Row, Table
from services.converter.ports import Spool, SpooledInput

_CHUNK_BYTES = 1 << 20
_LAST_BYTES = 2
_USUAL_RECORD_BYTES = 2 << 20
_REWRITTEN_ROWS = 1_000
"""What is read at once; what a line's end takes in every encoding; a record's size that costs nothing to allow for;
rows that are written at once where a file is written anew."""
# Reading rows back is a pass over all that stand before them.
_MOST_READ_BACK = 200_000
# Below this, writing a spool takes no longer than finding out that none is needed; at 1.5 MB it takes twice as long.
_WORTH_POINTING_BYTES = 256 << 10


class FileSpooler:
    """Implements `ports.Spooler` on the local file system. ``max_bytes`` bounds the source."""

    def __init__(self, *, max_bytes: int = 64 << 30) -> None:
        self._max_bytes = max_bytes

    def spool(self, source: Path, directory: Path, hints: ReadingHints | None = None) -> SpooledInput:
        """Write the spool of ``source`` into ``directory``, or point at ``source``. Raises `ReadingFault`.

        A pipe is copied first, for it can be read once.
        """
        if is_special(source):
            copied = directory / "piped.csv"
            with source.open("rb") as pipe, copied.open("wb") as file:
                shutil.copyfileobj(pipe, file)
            source = copied
        size = source.stat().st_size
        if size > self._max_bytes:
            raise ReadingFault("INPUT_TOO_LARGE", f"the file is over the limit of {self._max_bytes} bytes")
        with source.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if is_packed(head):
            return self._spool_packed(source, size, directory, hints)
        plan = plan_reading(head, whole=size <= len(head), hints=hints)
        plan = replace(plan, dialect=replace(plan.dialect, final_line_end=_ends_line(source, plan)))
        if size >= _WORTH_POINTING_BYTES and (clean := point_at(source, plan)):
            return clean
        try:
            return _write_spool(source, directory / "spool.csv", plan)
        except UnicodeDecodeError:
            # The head was plain ASCII; the first chunk that is not UTF-8 tells which encoding it is.
            return _write_spool(source, directory / "spool.csv", plan.read_again(_chunks(source)))

    def read_rows(self, spool: Spool, numbers: Sequence[int]) -> Iterator[tuple[int, Row]]:
        """See `ports.Spooler`."""
        wanted = set(numbers)
        last = min(max(wanted, default=0), _MOST_READ_BACK)
        with spool.path.open(encoding="utf-8", newline="") as lines:
            for _ in range(spool.skip):
                lines.readline()
            for number, record in enumerate(itertools.islice(csv.reader(lines, delimiter=spool.delimiter), last), 1):
                if number in wanted:
                    yield number, tuple(record[1 : 1 + int(record[0])] if spool.counted else record)

    def _spool_packed(self, source: Path, size: int, directory: Path, hints: ReadingHints | None) -> SpooledInput:
        unpacked = directory / "unpacked.csv"
        with source.open("rb") as packed, unpacked.open("wb") as text:
            found = unpack(packed, size, text, choice=hints.sheet if hints is not None else FIRST_SHEET)
        spooled = self.spool(unpacked, directory, hints)
        return replace(spooled, notes=(*found.notes, *spooled.notes))


def _write_spool(source: Path, path: Path, plan: ReadingPlan) -> SpooledInput:
    notes = list(plan.notes)
    with _SpoolWriter(path, max(plan.width, len(plan.header or ()))) as writer:
        for batch in stream_batches(_chunks(source), plan, notes):
            writer.write(batch)
    if not writer.rows and plan.header is not None and not plan.layout.plain:
        raise ReadingFault("INPUT_NO_ROWS", "the file has a header but no rows")
    # The names are the table's; a row of the full width stands in for all of them.
    names = Table(plan.header, (("",) * writer.width,)).column_names
    spool = Spool(
        path, names, plan.header, counted=writer.counted, rows=writer.rows, longest_bytes=writer.longest_bytes
    )
    return SpooledInput(spool, plan.dialect, tuple(notes), plan.lenient)


class _SpoolWriter:
    """Writes rows as a spool of the width that the widest of them has.

    It starts without counts, for tables whose rows are all full, and goes over to counted rows when the first other
    one comes; both that and a wider row mean that what was written is written once more.
    """

    def __init__(self, path: Path, width: int) -> None:
        self._path = path
        self._file: TextIO = _open_lines(path)
        self.width = width
        self.counted = False
        self.rows = 0
        self.longest_bytes = _USUAL_RECORD_BYTES

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._file.close()

    def write(self, batch: Sequence[Record]) -> None:
        """Append rows."""
        self.rows += len(batch)
        lengths = set(map(len, batch))
        if lengths - {self.width}:
            self._rewrite(max(self.width, *lengths))
        self._append(batch if not self.counted else [self._padded(row, len(row)) for row in batch])

    def _padded(self, row: Sequence[str], count: int) -> list[str]:
        return [str(count), *row, *[""] * (self.width - len(row))]

    def _append(self, rows: Sequence[Sequence[str]]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        if "\r" in buffer.getvalue():
            # The standard writer does not quote a lone carriage return, which a reader would take for a line end.
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        text = buffer.getvalue()
        if 4 * len(text) > self.longest_bytes:
            longest = max((4 * sum(map(len, row)) + 3 * len(row) for row in rows), default=0)
            self.longest_bytes = max(self.longest_bytes, 2 * longest)
        self._file.write(text)

    def _rewrite(self, width: int) -> None:
        """Go over to counted rows of ``width`` cells, unless that is how they are written already."""
        if self.counted and width == self.width:
            return
        self._file.close()
        before, counted = self._path.with_suffix(".before"), self.counted
        self._path.replace(before)
        self._file = _open_lines(self._path)
        usual, self.width, self.counted = self.width, width, True
        with before.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            while rows := list(itertools.islice(reader, _REWRITTEN_ROWS)):
                if counted:
                    self._append([[*row, *[""] * (width + 1 - len(row))] for row in rows])
                else:
                    self._append([self._padded(row, usual) for row in rows])
        before.unlink()


def _open_lines(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _ends_line(source: Path, plan: ReadingPlan) -> bool:
    with source.open("rb") as file:
        file.seek(-min(file.seek(0, 2), _LAST_BYTES), 2)
        return ends_line(file.read(), plan.dialect.encoding)


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk

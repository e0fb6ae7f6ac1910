"""Files as spools: streamed from the source into what the sandbox reads, in constant memory."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.encoding import EncodingName, sniff_bytes
from services.converter.domain.reading.reader import HEAD_BYTES, ReadingHints, ReadingPlan, plan_reading, stream_rows
from services.converter.domain.reading.records import Record
from services.converter.domain.table import Table
from services.converter.ports import Spool, SpooledInput

_CHUNK_BYTES = 1 << 20


class FileSpooler:
    """Implements `ports.Spooler` on the local file system. ``max_bytes`` bounds the source."""

    def __init__(self, *, max_bytes: int = 64 << 30) -> None:
        self._max_bytes = max_bytes

    def spool(self, source: Path, directory: Path, hints: ReadingHints | None = None) -> SpooledInput:
        """Write the spool of ``source`` into ``directory``. Raises `ReadingFault`."""
        size = source.stat().st_size
        if size > self._max_bytes:
            raise ReadingFault("INPUT_TOO_LARGE", f"the file is over the limit of {self._max_bytes} bytes")
        with source.open("rb") as file:
            head = file.read(HEAD_BYTES)
        plan = plan_reading(head, whole=size <= len(head), hints=hints)
        try:
            return _write_spool(source, directory / "spool.csv", plan)
        except UnicodeDecodeError:
            # The head was plain ASCII; the first chunk that is not UTF-8 tells which encoding it is.
            later = replace(plan, dialect=replace(plan.dialect, encoding=_later_encoding(source)))
            return _write_spool(source, directory / "spool.csv", later)


def _write_spool(source: Path, path: Path, plan: ReadingPlan) -> SpooledInput:
    notes = list(plan.layout.notes)
    width = max(plan.width, len(plan.header or ()))
    rows, widest = 0, width
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = _SpoolWriter(lines, width)
        for row in stream_rows(_chunks(source), plan, notes):
            rows += 1
            widest = max(widest, len(row))
            writer.write(row)
    if not rows and plan.header is not None and not plan.layout.plain:
        raise ReadingFault("INPUT_NO_ROWS", "the file has a header but no rows")
    if widest > width:
        _widen(path, widest)
    # The names are the table's; a row of the full width stands in for all of them.
    names = Table(plan.header, (("",) * widest,)).column_names
    return SpooledInput(Spool(path, names, plan.header, counted=True, rows=rows), plan.dialect, tuple(notes))


class _SpoolWriter:
    """Writes rows with their count of cells first, padded to the width; lines are quoted only where they need it."""

    def __init__(self, lines: TextIO, width: int) -> None:
        self._width = width
        self._writer = csv.writer(lines, lineterminator="\n")
        self._quoting = csv.writer(lines, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, row: Record) -> None:
        count = len(row)
        padded = [count, *row] if count >= self._width else [count, *row, *[""] * (self._width - count)]
        # The standard writer does not quote a lone carriage return, which a reader would take for a line end.
        if any("\r" in cell for cell in row):
            self._quoting.writerow(padded)
        else:
            self._writer.writerow(padded)


def _widen(path: Path, widest: int) -> None:
    """Pad every row of a spool whose widest row came late; rows are counted, so padding changes no meaning."""
    wide = path.with_suffix(".wide")
    with path.open(encoding="utf-8", newline="") as lines, wide.open("w", encoding="utf-8", newline="") as padded:
        writer = csv.writer(padded, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in csv.reader(lines):
            writer.writerow([*row, *[""] * (widest + 1 - len(row))])
    wide.replace(path)


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _later_encoding(source: Path) -> EncodingName:
    previous = b""
    for chunk in _chunks(source):
        # With the end of the chunk before it, so that no character is cut where the chunks meet.
        found = sniff_bytes(previous[-4:] + chunk, whole=False) if chunk else "utf-8"
        if found != "utf-8":
            return found
        previous = chunk
    return "cp1252"

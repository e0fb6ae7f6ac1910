"""Inference: a program applied to a file of any size, and a report on every row that the example did not cover."""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from services.converter.domain.faults import ConverterFault, UnseenValues
from services.converter.domain.program import INFERENCE_LIMITS, RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.report import Guard
from services.converter.domain.stored_report import StoredTraining, program_digest
from services.converter.domain.table import Dialect, Row
from services.converter.domain.writing import finish_file
from services.converter.ports import ProgramSandbox, Run, Spool, SpooledInput, Spooler

OnUnseen = Literal["null", "keep", "fail"]
MAX_FLAGS_PER_COLUMN = 100
_SHOWN_CHARS = 200
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Flag:
    """An input row outside of what the example showed: its 1-based number and the value."""

    row: int
    value: str


@dataclass(frozen=True, slots=True)
class ColumnFlags:
    """What was found outside of one boundary: ``rows`` counts all of it, ``first`` holds the first of them."""

    column: str
    severity: str
    words: str
    rows: int
    first: tuple[Flag, ...]
    output_columns: Row = ()


@dataclass(frozen=True, slots=True)
class Inference:
    """What an inference came to. ``checked`` says whether there was a report to check the rows against."""

    rows_in: int
    rows_out: int
    flags: tuple[ColumnFlags, ...] = ()
    notes: tuple[str, ...] = ()
    checked: bool = False
    on_unseen: OnUnseen | None = None
    peak_rss_bytes: int = 0
    input_dialect: Dialect = field(default_factory=Dialect)

    @property
    def flagged_rows(self) -> int:
        """Rows that some boundary flags, counted once per boundary."""
        return sum(flags.rows for flags in self.flags)

    def as_json(self) -> dict[str, Any]:
        """The content of an inference's `report.json`."""
        return {
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "checked": self.checked,
            "on_unseen": self.on_unseen,
            "flagged_rows": self.flagged_rows,
            "flags": [asdict(flags) for flags in self.flags],
            "notes": list(self.notes),
            "input_dialect": asdict(self.input_dialect),
        }


def infer(
    program: str,
    source: Path,
    output: Path,
    *,
    sandbox: ProgramSandbox,
    spooler: Spooler,
    training: StoredTraining | None = None,
    on_unseen: OnUnseen = "null",
    limits: RunLimits = INFERENCE_LIMITS,
    hints: ReadingHints | None = None,
) -> Inference:
    """Apply ``program`` to ``source`` and write ``output`` (replaced at once, never half written).

    With a ``training`` the file is read and written in its dialects and every row is checked against its guards;
    without one the input's dialect is sniffed and the output is comma-separated UTF-8 with a header. Raises
    `ReadingFault`, `MissingColumns`, `UnseenValues` (``on_unseen="fail"``) and the faults of programs.
    """
    if hints is None and training is not None:
        hints = ReadingHints(dialect=training.input_dialect, has_header=training.input_dialect.has_header)
    written = training.output_dialect if training else Dialect()
    known = training.input_columns if training and training.input_dialect.has_header else ()
    with tempfile.TemporaryDirectory(prefix=".wealth-", dir=output.parent) as private:
        directory = Path(private)
        spooled = spooler.spool(source, directory, hints)
        lines = directory / "lines.csv"
        run = sandbox.convert(program, spooled.spool, lines, dialect=written, limits=limits, known_columns=known)
        notes = list(spooled.notes)
        flags: tuple[ColumnFlags, ...] = ()
        if training is None:
            notes.append("no report was given: nothing is known of the example, so no row was checked against it")
        else:
            if training.program_sha256 not in ("", program_digest(program)):
                notes.append("the program is not the one that the report describes: it was changed since")
            flags = _check_rows(training.guards, spooled.spool, directory, sandbox, limits, notes)
            _refuse_unseen(flags, on_unseen)
        header = _header(run, training, spooled)
        finished = directory / "finished.csv"
        with lines.open("rb") as read, finished.open("wb") as write:
            for piece in finish_file(header, _pieces(read), written):
                write.write(piece)
        # In the same directory as the output: the rename is atomic there.
        finished.replace(output)
    return Inference(
        spooled.spool.rows,
        run.rows,
        flags,
        tuple(notes),
        checked=training is not None,
        on_unseen=on_unseen if training else None,
        peak_rss_bytes=run.peak_rss_bytes,
        input_dialect=spooled.dialect,
    )


def _header(run: Run, training: StoredTraining | None, spooled: SpooledInput) -> Row | None:
    """What is written above the rows: the training's header; without one, the program's own column names."""
    if run.columns is None:
        return None
    return training.output_header if training else run.columns


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(_COPY_BYTES):
        yield piece


def _check_rows(
    guards: Sequence[Guard],
    spool: Spool,
    directory: Path,
    sandbox: ProgramSandbox,
    limits: RunLimits,
    notes: list[str],
) -> tuple[ColumnFlags, ...]:
    """Run all guards over the input in one program; one by one where that fails, so that one bad guard hides no other."""
    if not guards:
        return ()
    try:
        return _flags_of(guards, _run_guards(guards, spool, directory, sandbox, limits))
    except ConverterFault:
        found: list[ColumnFlags] = []
        for guard in guards:
            try:
                found += _flags_of([guard], _run_guards([guard], spool, directory, sandbox, limits))
            except ConverterFault as fault:
                notes.append(f'column "{guard.column}" could not be checked: {fault.message}')
        return tuple(found)


def _run_guards(
    guards: Sequence[Guard], spool: Spool, directory: Path, sandbox: ProgramSandbox, limits: RunLimits
) -> Iterator[tuple[int, int, str]]:
    """(guard's index, row, value) of every hit, the value cut to a showable length."""
    parts = [
        f"SELECT {index} AS guard, _row, left(value, {_SHOWN_CHARS}) AS value FROM (\n{guard.sql}\n) AS g{index}(_row, value)"
        for index, guard in enumerate(guards)
    ]
    output = directory / "guards.csv"
    sandbox.convert("\nUNION ALL\n".join(parts), spool, output, limits=limits)
    with output.open(encoding="utf-8", newline="") as lines:
        for guard, row, value in csv.reader(lines):
            yield int(guard), int(row or 0), value


def _flags_of(guards: Sequence[Guard], hits: Iterator[tuple[int, int, str]]) -> tuple[ColumnFlags, ...]:
    counts = [0] * len(guards)
    first: list[list[Flag]] = [[] for _ in guards]
    for index, row, value in hits:
        counts[index] += 1
        if len(first[index]) < MAX_FLAGS_PER_COLUMN:
            first[index].append(Flag(row, value))
    return tuple(
        ColumnFlags(g.column, g.severity, g.words, count, tuple(sorted(shown, key=lambda f: f.row)), g.output_columns)
        for g, count, shown in zip(guards, counts, first, strict=True)
        if count
    )


def _refuse_unseen(flags: Sequence[ColumnFlags], on_unseen: OnUnseen) -> None:
    unseen = [found for found in flags if found.severity == "unseen"]
    if on_unseen != "fail" or not unseen:
        return
    lines = [
        f'column "{found.column}": {found.words}; {found.rows} rows, the first is row {found.first[0].row} '
        f"with {found.first[0].value!r}"
        for found in unseen
    ]
    raise UnseenValues("the input holds what the example did not show: " + "; ".join(lines))

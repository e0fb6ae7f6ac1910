"""Inference: a program applied to a file of any size, and a report on every row that the example did not cover."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from services.common.placing import find_draft_folder, put_in_place
from services.converter.domain.drift import OnDrift
from services.converter.domain.faults import LearningFailed, MissingColumns, OutputNotEncodable, UnseenValues
from services.converter.domain.program import INFERENCE_LIMITS, RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.report import Guard, Question
from services.converter.domain.stored_report import StoredTraining, program_digest
from services.converter.domain.synthesis.proof.blanks import BLANK
from services.converter.domain.synthesis.proof.file_at_hand import guards_of_letters, guards_of_width
from services.converter.domain.table import Dialect, Row, Table
from services.converter.domain.writing import finish_file, format_row
from services.converter.file_questions import ask_of_new_values, number_questions
from services.converter.fitting import Fitting, Renaming
from services.converter.ports import ProgramSandbox, Run, Spool, SpooledInput, Spooler
from services.converter.reference_tables import spool_references
from services.converter.review import Review, choose_rows, hold_rows, traced_ahead
from services.converter.row_checks import CheckedRun, ColumnFlags, GuardedProgram
from services.converter.table_rivals import TableRivals, Written

OnUnseen = Literal["null", "keep", "fail"]
_COPY_BYTES = 1 << 20
"""What is copied at once."""
_MOST_NAMED = 5
"""Columns more than the example's that are named."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What an inference came to. ``checked`` says whether there was a report to check the rows against.

    ``order_learned`` is False where the order of the output's rows is doubtful. ``renamed`` are columns that the file
    calls otherwise than the example, ``questions`` what is open in it: what new values are to become, which rows belong
    to the whole table, in which order they stand. ``review`` holds rows to look over; None where the training is not
    known.
    """

    rows_in: int
    rows_out: int
    flags: tuple[ColumnFlags, ...] = ()
    notes: tuple[str, ...] = ()
    checked: bool = False
    on_unseen: OnUnseen | None = None
    peak_rss_bytes: int = 0
    input_dialect: Dialect = field(default_factory=Dialect)
    order_learned: bool = True
    renamed: tuple[Renaming, ...] = ()
    questions: tuple[Question, ...] = ()
    review: Review | None = None

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
            "order_learned": self.order_learned,
            "renamed": [renaming.as_json() for renaming in self.renamed],
            "questions": [asdict(question) for question in self.questions],
            "notes": list(self.notes),
            "input_dialect": asdict(self.input_dialect),
        }


# Longer than a page by what is said of its many arguments.
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
    on_drift: OnDrift = "ask",
    columns: Mapping[str, str] | None = None,
    references: Mapping[str, Path] | None = None,
) -> Inference:
    """Apply ``program`` to ``source`` and write ``output`` (replaced at once, never half written).

    With a ``training`` the file is read and written in its dialects and every row is checked against its guards;
    without one the input's dialect is sniffed and the output is comma-separated UTF-8 with a header. ``columns`` says
    what the file calls columns of the example; where others are missing, ``on_drift`` takes what is surely meant or
    asks. ``references`` are the files that the program looks things up in, by name. Raises `ReadingFault`,
    `MissingColumns` (`ColumnsDrifted` with questions where there is a training), `ReferenceInvalid`, `UnseenValues`
    (``on_unseen="fail"``), `LearningFailed` for the program of a training that failed, `OutputNotEncodable`, and the
    faults of programs.
    """
    if training is not None and not training.completed and training.program_sha256 == program_digest(program):
        raise LearningFailed("the program is the best of a training that failed: it does not reproduce its example")
    if hints is None and training is not None:
        hints = training.hints
    with tempfile.TemporaryDirectory(prefix=".wealth-", dir=find_draft_folder(output)) as private:
        directory = Path(private)
        spooled = spooler.spool(source, directory, hints)
        if training is None:
            notes = (*spooled.notes, "no report was given: no row could be checked against what the example showed")
            run = sandbox.convert(program, spooled.spool, directory / "lines.csv", limits=limits)
            _finish(directory, run.columns, Dialect(), output)
            return _summary(spooled, run, (), notes)
        beside = spool_references(references or {}, training, spooler, directory)
        fitting = Fitting.of(replace(spooled.spool, references=beside), training, columns or {})
        task = _Task(program, training, spooled, directory / "lines.csv", sandbox, limits, on_unseen)
        try:
            done, notes = task.convert(fitting.spool)
        except MissingColumns as missing:
            fitting = fitting.refit(missing, on_drift, sandbox, directory, limits)
            done, notes = task.convert(fitting.spool)
        spool = fitting.spool
        own = Written(task.lines, training.output_dialect, task.header)
        rivals = TableRivals(sandbox, spool, directory, limits, own).compare(program, training, done.run.columns)
        flags = (*done.flags, *rivals.flags)
        review = _review(training, spool, done, flags, spooler)
        header = None if done.run.columns is None else training.output_header
        _finish(directory, header, training.output_dialect, output, whole=_is_whole(training))
        renamed = (renaming.words for renaming in fitting.renamed)
        summary = _summary(spooled, done.run, flags, (*renamed, *notes, *rivals.notes, *rivals.asked), on_unseen)
        return replace(
            summary,
            order_learned=training.order_learned and not rivals.is_order_open,
            renamed=fitting.renamed,
            questions=number_questions((*ask_of_new_values(done.found, training.values), *rivals.questions)),
            review=review,
        )


@dataclass(frozen=True, slots=True)
class _Task:
    """A conversion whose training is known."""

    program: str
    training: StoredTraining
    spooled: SpooledInput
    lines: Path
    sandbox: ProgramSandbox
    limits: RunLimits
    on_unseen: OnUnseen

    @property
    def header(self) -> str:
        """The line that is written above the program's own; none where the file is put together of its lines later."""
        return _header_line(self.training) if _is_whole(self.training) else ""

    def convert(self, spool: Spool) -> tuple[CheckedRun, tuple[str, ...]]:
        """Write the lines and check the rows; cells without ground are emptied where ``on_unseen`` is `null`."""
        training, on_unseen = self.training, self.on_unseen
        notes = list(self.spooled.notes)
        if training.program_sha256 not in ("", program_digest(self.program)):
            words = "the program is not the one that the report describes: it was changed, or the report is another's"
            notes.append(f"{words}; rows are checked against what the report says")
        if not training.order_learned:
            notes.append("the order of the rows was not learned: they come in the order of the input")
        if training.input_dialect.final_line_end and not self.spooled.dialect.final_line_end:
            notes.append("the file does not end with a line's end, as the example did: its last row may be cut off")
        notes += _notes_of_more(training, spool)
        guards, untold = _askable(training, spool)
        notes += untold
        read, written = self.spooled.dialect, training.output_dialect
        unclear = (
            *guards_of_letters(read, written, spool.names, self.program, lost=self.spooled.lost),
            *guards_of_width(spool.header, len(spool.names), training.input_columns, spool.names),
        )
        guarded = GuardedProgram(
            self.program,
            (*guards, *unclear),
            self.sandbox,
            spool,
            self.lines.parent,
            self.limits,
            training.output_dialect,
            self.header,
            training.input_columns if training.input_dialect.has_header else (),
            traced_ahead(spool.rows),
        )

        def refuse(unseen: Sequence[ColumnFlags]) -> None:
            if on_unseen == "fail" and unseen:
                raise _unseen_fault(unseen)

        done = guarded.convert(self.lines, blank=on_unseen == "null", refuse=refuse)
        notes += (*_notes_of_blank_columns(done, spool), *done.notes)
        found = done.run.columns is not None and done.run.traceable
        if on_unseen == "null" and not found and any(flags.output_columns for flags in done.unseen):
            notes.append("the program's rows are not the input's rows: cells without ground keep what it makes of them")
        return done, tuple(notes)


def _notes_of_more(training: StoredTraining, spool: Spool) -> Iterator[str]:
    """A note on columns that the example had not, in a file whose columns are read by their names."""
    known = {name.lower() for name in training.input_columns}
    more = [name for name in spool.names if name.lower() not in known]
    if more and spool.header and Table(training.input_columns, ()).has_names:
        named = ", ".join(f'"{name}"' for name in more[:_MOST_NAMED])
        yield f"the file has columns that the example had not ({len(more)}): {named}"


def _notes_of_blank_columns(done: CheckedRun, spool: Spool) -> Iterator[str]:
    """A note on each column whose cells are blank on every row that is converted, where the example's never were."""
    whole = {spool.rows, done.run.rows}
    names = {g.column: None for g, flags in done.found if g.words.endswith(BLANK) and flags.rows in whole}
    yield from (f'the column "{name}" is blank throughout, which it was on no row of the example' for name in names)


def _askable(training: StoredTraining, spool: Spool) -> tuple[list[Guard], list[str]]:
    """The guards that a file can be asked, and notes on those that it cannot: what a column says that it has not."""
    gone = set(training.input_columns) - set(spool.names) if spool.header else set()
    moot = {guard.column for guard in training.guards if guard.kind == "value_set" and guard.column in gone}
    notes = [f'the file has no column "{name}", which told kinds of rows in the example' for name in sorted(moot)]
    return [guard for guard in training.guards if guard.kind != "value_set" or guard.column not in moot], notes


def _review(
    training: StoredTraining, spool: Spool, done: CheckedRun, flags: Sequence[ColumnFlags], spooler: Spooler
) -> Review:
    """What people need to look the conversion over."""
    run, header = done.run, training.output_header
    wanted = choose_rows(flags, spool.rows)
    width = max(len(header or ()), len(run.columns or ()))
    columns = Table(header, (("",) * width,)).column_names  # as lessons name them
    # `_cells` begin with the header.
    written = replace(training.output_dialect, has_header=run.columns is None or header is not None)
    rows = hold_rows(wanted, spooler.read_rows(spool, wanted), done.places)
    return Review(columns, spool.names, written, run.places is not None, rows)


def _is_whole(training: StoredTraining) -> bool:
    """Whether lines below their header are all of the file, as they are written: it is left to be moved only."""
    dialect = training.output_dialect
    plain = dialect.encoding == "utf-8" and not dialect.byte_order_mark and dialect.final_line_end
    return plain and dialect.line_end != "\r" and (training.output_header is None or bool(_header_line(training)))


def _header_line(training: StoredTraining) -> str:
    if training.output_header is None:
        return ""
    return format_row(training.output_header, training.output_dialect).removesuffix("\n")


def _summary(
    spooled: SpooledInput,
    run: Run,
    flags: tuple[ColumnFlags, ...],
    notes: tuple[str, ...],
    on_unseen: OnUnseen | None = None,
) -> Inference:
    return Inference(
        spooled.spool.rows,
        run.rows,
        flags,
        notes,
        checked=on_unseen is not None,
        on_unseen=on_unseen,
        peak_rss_bytes=run.peak_rss_bytes,
        input_dialect=spooled.dialect,
    )


def _finish(directory: Path, header: Row | None, dialect: Dialect, output: Path, *, whole: bool = False) -> None:
    """Make the output of its lines and put it in its place in one step: same directory, so the rename is atomic."""
    lines, finished = directory / "lines.csv", directory / "finished.csv"
    if whole:
        put_in_place(lines, output)
        return
    try:
        with lines.open("rb") as written, finished.open("wb") as file:
            for piece in finish_file(header, _pieces(written), dialect):
                file.write(piece)
    except UnicodeEncodeError as error:
        raise _encoding_fault(error, lines, dialect) from error
    put_in_place(finished, output)


def _encoding_fault(error: UnicodeEncodeError, lines: Path, dialect: Dialect) -> OutputNotEncodable:
    """Which character it is that the output's encoding lacks, and the first line that has it."""
    character = error.object[error.start]
    sought = character.encode("utf-8", "replace")
    with lines.open("rb") as file:
        number = next((number for number, line in enumerate(file, 1) if sought in line), 0)
    return OutputNotEncodable(
        f"line {number} of the output holds {character!r} (U+{ord(character):04X}), which the encoding of the expected "
        f"file, {dialect.encoding}, does not have: train with an expected file in UTF-8"
    )


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_COPY_BYTES):
        yield piece


def _unseen_fault(unseen: Sequence[ColumnFlags]) -> UnseenValues:
    found = [
        f'column "{flags.column}": {flags.words}: row {flags.first[0].row} {flags.first[0].value!r}'
        + (f" and {flags.rows - 1} more" if flags.rows > 1 else "")
        for flags in unseen
    ]
    return UnseenValues("the input holds what the example did not show: " + "; ".join(found))

"""Inference: a program applied to a file of any size, and a report on every row that the example did not cover."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from services.common.placing import find_draft_folder, put_in_place
from services.converter.domain.drift import OnDrift
from services.converter.domain.faults import (
    LearningFailed,
    MissingColumns,
    OutputNotEncodable,
    ReadingFault,
    UnseenValues,
)
from services.converter.domain.program import INFERENCE_LIMITS, RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.references import MOST_REFERENCE_BYTES, ReferenceInvalid, lacking
from services.converter.domain.report import Candidate, Guard, Question, QuestionRow
from services.converter.domain.stored_report import StoredTraining, program_digest
from services.converter.domain.table import Dialect, Row
from services.converter.domain.writing import finish_file
from services.converter.fitting import Fitting, Renaming
from services.converter.ports import Blank, ProgramSandbox, Run, Spool, SpooledInput, Spooler
from services.converter.row_checks import ColumnFlags, RowChecks

OnUnseen = Literal["null", "keep", "fail"]
_COPY_BYTES = 1 << 20
MOST_QUESTIONS = 5
"""Questions that people still answer."""
_MOST_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Inference:
    """What an inference came to. ``checked`` says whether there was a report to check the rows against.

    ``order_learned`` is False where the order of the output's rows is doubtful. ``renamed`` are columns that the file
    calls otherwise than the example, ``questions`` what is open in it.
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
    (``on_unseen="fail"``), `LearningFailed` for the program of a
    training that failed, `OutputNotEncodable`, and the faults of programs.
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
        task = _CheckedRun(program, training, replace(spooled, spool=fitting.spool), directory, sandbox, limits)
        try:
            run, flags, notes = task.convert(on_unseen)
        except MissingColumns as missing:
            fitting = fitting.refit(missing, on_drift, sandbox, directory, limits)
            task = replace(task, spooled=replace(spooled, spool=fitting.spool))
            run, flags, notes = task.convert(on_unseen)
        header = None if run.columns is None else training.output_header
        _finish(directory, header, training.output_dialect, output)
        done = _summary(spooled, run, tuple(found for _, found in flags), notes, on_unseen)
        return replace(
            done,
            notes=(*(renaming.words for renaming in fitting.renamed), *done.notes),
            order_learned=training.order_learned,
            renamed=fitting.renamed,
            questions=tuple(_questions(flags, training.values)),
        )


def spool_references(
    files: Mapping[str, Path], training: StoredTraining, spooler: Spooler, directory: Path
) -> dict[str, Spool]:
    """The reference tables that a training's program reads. Raises `ReferenceInvalid`, `ReadingFault`."""
    if sum(path.stat().st_size for path in files.values()) > MOST_REFERENCE_BYTES:
        raise ReferenceInvalid(f"references: more than {MOST_REFERENCE_BYTES} bytes together")
    found = {}
    for number, (name, read) in enumerate(training.references.items()):
        if name not in files:
            raise ReferenceInvalid(f"references: the program reads {name}, which was not given")
        private = directory / f"reference-{number}"
        private.mkdir()
        try:
            found[name] = spooler.spool(files[name], private, read.hints).spool
        except ReadingFault as fault:
            raise ReadingFault(fault.reason, f"references: {name}: {fault.message}", row=fault.row) from fault
        missing = lacking(found[name].names, read.columns)
        if missing:
            raise ReferenceInvalid(f'references: {name} has no column "{missing[0]}", which the program reads')
    return found


@dataclass(frozen=True, slots=True)
class _CheckedRun:
    """A conversion whose training is known."""

    program: str
    training: StoredTraining
    spooled: SpooledInput
    directory: Path
    sandbox: ProgramSandbox
    limits: RunLimits

    def convert(self, on_unseen: OnUnseen) -> tuple[Run, list[tuple[Guard, ColumnFlags]], tuple[str, ...]]:
        """Check the rows, then write the lines; cells without ground are emptied where ``on_unseen`` is `null`."""
        training, spool, lines = self.training, self.spooled.spool, self.directory / "lines.csv"
        notes = list(self.spooled.notes)
        if training.program_sha256 not in ("", program_digest(self.program)):
            notes.append("the program is not the one that the report describes: it was changed since")
        if not training.order_learned:
            notes.append("the order of the rows was not learned: they come in the order of the input")
        known = training.input_columns if training.input_dialect.has_header else ()
        checks = RowChecks(self.sandbox, spool, self.directory, self.limits, known)
        found = checks.check_guards(training.guards, notes)
        unseen = [(guard, flags) for guard, flags in found if flags.severity == "unseen"]
        if on_unseen == "fail" and unseen:
            raise _unseen_fault([flags for _, flags in unseen])
        blanks = [Blank(g.sql, g.output_columns) for g, _ in unseen if g.output_columns] if on_unseen == "null" else []
        run = self.sandbox.convert(
            self.program,
            spool,
            lines,
            dialect=training.output_dialect,
            limits=self.limits,
            known_columns=known,
            blanks=blanks,
            traced=sorted(set().union(*(flags.traceable for _, flags in found))),
        )
        if blanks and not run.blanked:
            notes.append("the program's rows are not the input's rows: cells without ground keep what it makes of them")
        return run, [(guard, flags.placed(_by_input(run))) for guard, flags in found], tuple(notes)


def _questions(found: Sequence[tuple[Guard, ColumnFlags]], values: Mapping[str, Row]) -> Iterator[Question]:
    """What the first new values are to become: each is asked once, of its first row."""
    asked: dict[tuple[str, str], tuple[Guard, int, int]] = {}
    for guard, flags in found:
        if guard.kind != "value_set" or not guard.output_columns:
            continue
        for flag in flags.first:
            if flag.row is not None:
                _, row, count = asked.get((flags.column, flag.value), (guard, flag.row, 0))
                asked[flags.column, flag.value] = guard, row, count + 1
    total = sum(count for _, _, count in asked.values())
    often = sorted(asked.items(), key=lambda item: -item[1][2])[:MOST_QUESTIONS]
    for number, ((column, value), (guard, row, count)) in enumerate(often, 1):
        known = [answer for answer in values.get(guard.output_columns[0], ()) if answer != value]
        words = {value: "as it stands", **dict.fromkeys(known, "as other values in the example")}
        candidates = tuple(Candidate(answer, why, 0) for answer, why in words.items())[:_MOST_CANDIDATES]
        shown = QuestionRow("input", row, (f"{column}: {value}",))
        yield Question(
            f"q{number}", "a new value", shown, guard.output_columns[0], candidates, "", round(count / total, 3)
        )


def _by_input(run: Run) -> dict[int, list[int]]:
    """The data rows of the output that come from each row of the input that was traced."""
    first = 0 if run.columns is None else 1  # `_cells` begin with the header
    places: dict[int, list[int]] = {}
    for origin, place in run.places or ():
        places.setdefault(origin, []).append(place - 1 + first)
    return places


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


def _finish(directory: Path, header: Row | None, dialect: Dialect, output: Path) -> None:
    """Make the output of its lines and put it in its place in one step: same directory, so the rename is atomic."""
    finished = directory / "finished.csv"
    try:
        with (directory / "lines.csv").open("rb") as lines, finished.open("wb") as file:
            for piece in finish_file(header, _pieces(lines), dialect):
                file.write(piece)
    except UnicodeEncodeError as error:
        raise _encoding_fault(error, directory / "lines.csv", dialect) from error
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

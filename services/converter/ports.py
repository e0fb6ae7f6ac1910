"""What the converter's use cases need of the world outside, one narrow Protocol per capability."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from services.common.errors import WealthError
from services.converter.domain.crew.budget import Usage
from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import ProgramRunner, RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.report import Guard
from services.converter.domain.table import Dialect, Row

__all__ = [
    "ConversionEngine",
    "ConversionRefused",
    "Crew",
    "CrewSession",
    "Finding",
    "ProgramRunner",
    "ProgramSandbox",
    "Question",
    "Reply",
    "Run",
    "Spool",
    "SpooledInput",
    "Spooler",
]

Agent = Literal["planner", "coder", "lookup", "explainer"]
ReplyFault = Literal["", "unavailable", "refused", "malformed", "too_long"]


@dataclass(frozen=True, slots=True)
class Spool:
    """A file that the sandbox reads as it is: UTF-8, one line end, `"` as quote, every row padded to the same width.

    ``counted`` says that the first field of every row is the count of its cells (ragged files); without it all rows
    are full. ``skip`` lines stand before the first row; no record is longer than ``longest_bytes``. ``names`` are the
    columns' names, ``header`` is the header as it stands in the source file.
    """

    path: Path
    names: Row
    header: Row | None
    counted: bool = False
    delimiter: str = ","
    line_end: str = "\n"
    skip: int = 0
    rows: int = 0
    longest_bytes: int = 2 << 20
    references: Mapping[str, "Spool"] = field(default_factory=dict)
    """Further relations that programs over this file read, by name."""


@dataclass(frozen=True, slots=True)
class SpooledInput:
    """A spool, the dialect of the file that it was made of, and remarks for people on how that was read.

    ``lost``: it holds bytes that are no letters in its encoding.
    """

    spool: Spool
    dialect: Dialect
    notes: tuple[str, ...] = ()
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one guard found: its place among those that were given, the rows it hits, (row, value) of the first.

    Rows are of the input, or of the output where that is what the guard returns.
    """

    guard: int
    rows: int
    first: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """How a run went: the program's column names (None for `_cells`), rows written, and what it took.

    ``findings`` are those of guards that hit something, ``troubles`` say by their places why guards could not run.
    ``traceable`` says whether the output's rows are known to come of rows of the input; ``places`` are then the pairs
    (input row, output row), both from 1, of the rows that were traced or found, None otherwise.
    """

    columns: Row | None
    rows: int
    peak_rss_bytes: int
    cpu_s: float
    findings: tuple[Finding, ...] = ()
    troubles: Mapping[int, ConverterFault] = field(default_factory=dict)
    traceable: bool = False
    places: tuple[tuple[int, int], ...] | None = None


class Spooler(Protocol):
    """Makes spools of files of any size in constant memory."""

    def spool(self, source: Path, directory: Path, hints: ReadingHints | None = None) -> SpooledInput:
        """Write the spool of ``source`` into ``directory``, or point at the source where it is clean already.

        Raises `ReadingFault`.
        """
        ...

    def read_rows(self, spool: Spool, numbers: Sequence[int]) -> Iterator[tuple[int, Row]]:
        """Some of a spool's rows by their numbers from 1, in its order; those far into a large file are left out."""
        ...


class ProgramSandbox(ProgramRunner, Protocol):
    """Runs programs over spools as well as over tables in memory."""

    def convert(
        self,
        sql: str | None,
        spool: Spool,
        output: Path,
        *,
        dialect: Dialect | None = None,
        header: str = "",
        limits: RunLimits | None = None,
        known_columns: Sequence[str] = (),
        guards: Sequence[Guard] = (),
        blank: bool = False,
        traced: Sequence[int] = (),
    ) -> Run:
        """Write the program's rows to ``output`` as lines of ``dialect`` in UTF-8, and run guards beside it.

        ``header`` is a line that is written above the rows of a program of columns. Without a program only the guards
        run. Where ``blank`` is set, cells are left empty for which a guard finds no ground, if the program makes one
        row of one (it has `_row` in its outermost scope). ``traced`` are numbers of input rows whose rows in the
        output are looked for, as are those of all findings. A guard that cannot run is a trouble of the run and no
        fault. Raises the faults of `ProgramRunner.run`, and `MissingColumns` where the program, or a guard of the
        input's rows, reads one of ``known_columns`` that the spool does not have.
        """
        ...


class ConversionRefused(WealthError):
    """A training or inference that ended without success, with the domain's reason."""

    default_reason = "CONVERSION_REFUSED"


class ConversionEngine(Protocol):
    """Learns and converts away from the caller's process."""

    async def run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs one request (``adapters.engine_process`` has the fields); cancelling kills it.

        Raises `ConversionRefused`; RetryableError where the engine crashed under it; Unavailable where it gave no
        answer through no fault of the job: stopped, starved, or killed from outside.
        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What one agent is asked: its standing instructions, its task, what an answer may take, how many are wanted."""

    agent: Agent
    instructions: str
    task: str
    max_tokens: int
    timeout_s: float
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the answer as it came, or the fault, and the tokens either way.

    ``unavailable`` may be better another time (after ``retry_after_s``, where the endpoint says so), ``refused`` will
    not, ``malformed`` is no answer, ``too_long`` is a question that the model has no room for. ``was_cut`` says that
    the answer ended at its limit.
    """

    answer: Any
    usage: Usage = field(default_factory=Usage)
    fault: ReplyFault = ""
    message: str = ""
    was_cut: bool = False
    retry_after_s: float = 0.0
    others: tuple[Any, ...] = ()
    """Further answers to the same question, where several were wanted."""


class CrewSession(Protocol):
    """The agents of one job."""

    async def ask(self, question: Question) -> Reply:
        """Puts a question; whatever goes wrong at the endpoint is in the reply."""
        ...


class Crew(Protocol):
    """Agents behind a model, away from this process."""

    def open(self, *, time_s: float) -> AbstractAsyncContextManager[CrewSession]:
        """A job's agents for at most ``time_s`` seconds; they are gone for certain when the block is left."""
        ...

"""What the converter's use cases need of the world outside, one narrow Protocol per capability."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from services.common.errors import WealthError
from services.converter.domain.crew.budget import Usage
from services.converter.domain.program import ProgramRunner, RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.table import Dialect, Row

__all__ = [
    "Blank",
    "ConversionEngine",
    "ConversionRefused",
    "Crew",
    "CrewSession",
    "ProgramRunner",
    "ProgramSandbox",
    "Question",
    "Reply",
    "Run",
    "Spool",
    "SpooledInput",
    "Spooler",
]

Agent = Literal["planner", "coder"]
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


@dataclass(frozen=True, slots=True)
class SpooledInput:
    """A spool, the dialect of the file that it was made of, and remarks for people on how that was read."""

    spool: Spool
    dialect: Dialect
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """Output cells to leave empty: in ``columns``, for the input rows that ``sql`` selects as ``(_row, value)``."""

    sql: str
    columns: Row


@dataclass(frozen=True, slots=True)
class Run:
    """How a run went: the program's column names (None for `_cells`), rows written, and what it took.

    ``blanked`` says whether the cells that were to be left empty could be found in the output. ``places`` are the pairs
    (input row, output row), both from 1, of the rows that were to be traced; None where the output's rows cannot be
    told to come from rows of the input.
    """

    columns: Row | None
    rows: int
    peak_rss_bytes: int
    cpu_s: float
    blanked: bool = False
    places: tuple[tuple[int, int], ...] | None = None


class Spooler(Protocol):
    """Makes spools of files of any size in constant memory."""

    def spool(self, source: Path, directory: Path, hints: ReadingHints | None = None) -> SpooledInput:
        """Write the spool of ``source`` into ``directory``, or point at the source where it is clean already.

        Raises `ReadingFault`.
        """
        ...


class ProgramSandbox(ProgramRunner, Protocol):
    """Runs programs over spools as well as over tables in memory."""

    def convert(
        self,
        sql: str,
        spool: Spool,
        output: Path,
        *,
        dialect: Dialect | None = None,
        limits: RunLimits | None = None,
        known_columns: Sequence[str] = (),
        blanks: Sequence[Blank] = (),
        traced: Sequence[int] = (),
    ) -> Run:
        """Write the program's rows to ``output`` as lines of ``dialect`` in UTF-8, without header.

        The cells of ``blanks`` are left empty where the program makes one row of one (it has `_row` in its outermost
        scope); otherwise they are written as they are and the result says so. ``traced`` are numbers of input rows
        whose rows in the output are looked for. Raises the faults of
        `ProgramRunner.run`, and `MissingColumns` where the program reads one of ``known_columns`` that the spool does
        not have.
        """
        ...


class ConversionRefused(WealthError):
    """A training or inference that ended without success, with the domain's reason."""

    default_reason = "CONVERSION_REFUSED"


class ConversionEngine(Protocol):
    """Learns and converts away from the caller's process."""

    async def run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs one request (``adapters.engine_process`` has the fields); cancelling kills it.

        Raises `ConversionRefused`, or RetryableError where the engine itself was lost.
        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What one agent is asked: its standing instructions, its task, and what the answer may take."""

    agent: Agent
    instructions: str
    task: str
    max_tokens: int
    timeout_s: float


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

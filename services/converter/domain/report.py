"""What learning found, for people and for the checks at inference: JSON-able trees of frozen dataclasses."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

How = Literal["copied", "synthesised", "agent", "open"]
GuardKind = Literal["value_set", "format", "shape", "number", "date", "missing", "ambiguity"]
Severity = Literal["unseen", "note"]


@dataclass(frozen=True, slots=True)
class Guard:
    """One boundary of what the example showed.

    ``sql`` is a SELECT over the same relations as the program; it returns ``(_row BIGINT, value VARCHAR)`` for every
    input row that lies outside (every row of the output, its header 0, where ``rows`` says so). ``unseen`` means that
    the program has no ground for its answer there (the cell is left empty or refused, as `on_unseen` says); ``note``
    means that the rule applies but was not shown for such values.
    """

    column: str
    kind: GuardKind
    severity: Severity
    words: str
    sql: str
    output_columns: tuple[str, ...] = ()
    rows: Literal["input", "output"] = "input"


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How one output column is made. ``witnesses`` are 1-based rows of the input that show the rule at work.

    ``confidence`` is an estimate from what the program rests on: ``rows`` (different ones), its ``price`` in the
    ranking and ``rivals`` within reach that explain the example as well.
    """

    name: str
    how: How
    expression: str
    words: str
    sources: tuple[str, ...] = ()
    witnesses: tuple[int, ...] = ()
    confidence: float = 0.0
    formats: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    cells_right: float = 0.0
    rows: int = 0
    price: float = 0.0
    rivals: int = 0
    doubt: str = ""
    """Why the column is an open question rather than a rule, for people; empty where it is none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that is not as expected; ``row`` is the 1-based row of the expected file, 0 its header."""

    row: int
    column: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Another program that explains the example as well but answers otherwise on other input rows."""

    column: str
    chosen: str
    alternative: str
    alternative_sql: str
    rows: tuple[tuple[int, str, str], ...]
    """(1-based input row, chosen answer, other answer); row 0 stands for a made-up row in the shape of the example."""


QuestionKind = Literal["which value", "which rows", "which order", "a new value", "which reading", "a name"]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """The row that is asked about: its file, its 1-based number (0: made up in the shape of the example), its cells."""

    file: str
    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer: its value, how a program comes to it, and how many of those at hand do.

    ``says`` is what picking it says: that the ``value`` is right, that none of the offered ones is (``none``), or that
    the user does not know (``unknown``). Both of the latter leave what is asked about flagged.
    """

    value: str
    words: str
    programs: int
    says: Literal["value", "none", "unknown"] = "value"


WAYS_OUT = Candidate("", "none of these is right", 0, "none"), Candidate("", "I do not know", 0, "unknown")
"""What may be answered to every question, and keeps what is open flagged instead of guessed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the example leaves open, as a choice. ``share`` (0..1) is what the answer is expected to rule out,
    ``decides`` how many cells of the files at hand it decides, as likely as programs part on them (0: none are known).
    """

    id: str
    kind: QuestionKind
    row: QuestionRow
    column: str
    candidates: tuple[Candidate, ...]
    default: str
    share: float
    status: Literal["open", "answered", "skipped"] = "open"
    decides: int = 0

    @property
    def offered(self) -> tuple[Candidate, ...]:
        """The values that it offers."""
        return tuple(candidate for candidate in self.candidates if candidate.says == "value")

    def with_ways_out(self) -> "Question":
        """The question with the answers that every question has."""
        return replace(self, candidates=(*self.offered, *WAYS_OUT))


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one sentence of the instructions, on a ``column`` where it was said of one.

    ``words`` say what it was used for, or why it was not; ``row`` is the 1-based row of the input that it contradicts,
    0 where it contradicts none.
    """

    sentence: str
    column: str
    outcome: Literal["used", "not used", "contradicts", "not understood"]
    words: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class RivalTable:
    """A program for the whole table that explains the example about as well as the chosen one: it is run beside it.

    ``width`` is the number of its columns, 0 where it returns `_cells` (the header among them, where the example has
    one); ``distance`` is by how many bits of belief it is less likely than the chosen one. ``make`` is a pattern of the
    kinds of cells (see `rows.cells.kind_of`) in the rows that the example shows, ``shown`` how many different ones.
    """

    sql: str
    words: str
    width: int = 0
    distance: float = 0.0
    make: str = ""
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Ground:
    """A decision on the rows of the output, and how many independent records of the example show it."""

    decision: str
    records: int


@dataclass(frozen=True, slots=True)
class LearningReport:
    """The whole of what was learned and what the example did not show."""

    steps: tuple[str, ...] = ()
    columns: tuple[ColumnReport, ...] = ()
    guards: tuple[Guard, ...] = ()
    rivals: tuple[RivalTable, ...] = ()
    """Programs for the whole table that are run beside the chosen one on every file."""
    grounds: tuple[Ground, ...] = ()
    """What the decisions on rows rest on: one that a single record shows is asked, or its rivals are run beside."""
    ambiguities: tuple[Ambiguity, ...] = ()
    differences: tuple[Difference, ...] = ()
    questions: tuple[Question, ...] = ()
    instructions: tuple[Heard, ...] = ()
    """What became of each sentence of the instructions."""
    doubts: tuple[str, ...] = ()
    """Why the program is an open question rather than a rule; none where it is one."""
    warnings: tuple[str, ...] = ()
    cells_right: float = 0.0
    rows_in: int = 0
    rows_out: int = 0
    order_learned: bool = True
    work: int = 0
    """Units of work that the search took (`synthesis.budget`): the same on every machine."""
    exhausted: bool = True
    """Whether all was searched that may be: false where the budget of work ran out before."""

    def as_json(self) -> dict[str, Any]:
        """The report as plain dictionaries, lists, strings and numbers."""
        return asdict(self)

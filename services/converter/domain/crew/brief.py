"""What the agents are told of a conversion: names, a sample of rows, what is solved. Cut to size, and plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Row, Table

MAX_ROWS = 16
MAX_COLUMNS = 80
CELL_CHARS = 160
INSTRUCTION_CHARS = 4_000
SQL_CHARS = 16_000
_FEW_ROWS = 8
_HELD_OUT = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a table, each with its number from 1, cells cut to `CELL_CHARS`; ``total`` rows there are."""

    names: Row
    rows: tuple[tuple[int, Row], ...]
    total: int


@dataclass(frozen=True, slots=True)
class SolvedColumn:
    """An output column that synthesis explains, and how."""

    name: str
    expression: str
    words: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A conversion as the agents see it.

    ``program`` is the best program so far and ``verdict`` what the Tester says of it; ``steps`` are what it does to
    rows, in words.
    """

    input: Sample
    expected: Sample
    open_columns: tuple[str, ...]
    solved: tuple[SolvedColumn, ...] = ()
    steps: tuple[str, ...] = ()
    program: str = ""
    verdict: str = ""
    general: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain dictionaries and lists, to pass between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Reads ``as_json`` back."""
        return cls(
            _sample(fields["input"]),
            _sample(fields["expected"]),
            tuple(fields["open_columns"]),
            tuple(SolvedColumn(**column) for column in fields["solved"]),
            tuple(fields["steps"]),
            fields["program"],
            fields["verdict"],
            fields["general"],
            dict(fields["columns"]),
        )


def make_brief(
    source: Table,
    expected: Table,
    report: Mapping[str, Any],
    *,
    program: str = "",
    verdict: str = "",
    instructions: Instructions | None = None,
) -> Brief:
    """Cut a conversion to what is shown; ``report`` is the training's, as JSON."""
    said = instructions or Instructions()
    columns = report.get("columns", ())
    return Brief(
        sample_of(source),
        sample_of(expected),
        tuple(_cut(c["name"]) for c in columns if c["how"] == "open")[:MAX_COLUMNS],
        tuple(
            SolvedColumn(_cut(c["name"]), c["expression"][:2_000], c["words"][:500])
            for c in columns
            if c["how"] != "open"
        )[:MAX_COLUMNS],
        tuple(str(step)[:500] for step in report.get("steps", ()))[:MAX_ROWS],
        program if len(program) <= SQL_CHARS else "",
        verdict,
        said.general[:INSTRUCTION_CHARS],
        {name: text[:INSTRUCTION_CHARS] for name, text in list(said.columns.items())[:MAX_COLUMNS]},
    )


def sample_of(table: Table) -> Sample:
    """The rows that are shown: the first ones and some of the rest; of more than a few, every fifth is held out."""
    total = len(table.rows)
    shown: Sequence[int] = range(total)
    if total >= _FEW_ROWS:
        shown = [i for i in shown if i % _HELD_OUT != _HELD_OUT - 1]
    if len(shown) > MAX_ROWS:
        head, tail = shown[: MAX_ROWS // 2], shown[MAX_ROWS // 2 :]
        stride = len(tail) / (MAX_ROWS - len(head))
        shown = [*head, *(tail[int(n * stride)] for n in range(MAX_ROWS - len(head)))]
    return Sample(
        tuple(_cut(name) for name in table.column_names[:MAX_COLUMNS]),
        tuple((i + 1, tuple(_cut(cell) for cell in table.rows[i][:MAX_COLUMNS])) for i in shown),
        total,
    )


def _cut(text: str) -> str:
    return text if len(text) <= CELL_CHARS else f"{text[:CELL_CHARS]}… ({len(text)} characters)"


def _sample(fields: Mapping[str, Any]) -> Sample:
    rows = tuple((int(number), tuple(cells)) for number, cells in fields["rows"])
    return Sample(tuple(fields["names"]), rows, fields["total"])

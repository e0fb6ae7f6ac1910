"""What the agents are told of a conversion: names, the rows that differ most, what is solved; cut, and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from services.converter.domain.crew.held_out import HeldOut
from services.converter.domain.crew.lookups import Lookup, find_lookups
from services.converter.domain.crew.occasion import shaky_columns
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Row, Table

MAX_ROWS = 12
MAX_COLUMNS = 40
MAX_SOLVED = 200
CELL_CHARS = 120
INSTRUCTION_CHARS = 4_000
SQL_CHARS = 8_000
_FIRST_ROWS = 3
_TOLD_SIGNS = 4
_LOOKED_AT = 400
_LEAST_ROWS, _LEAST_COLUMNS = 2, 4
"""What a prompt shows, so that it stays short however large the files are: rows, columns that may matter, solved
columns by name, a cell, the user's words and a program. The first rows are shown whatever else is; a shorter text
than four signs is no secret, as it stands anywhere; among the first rows those to show are chosen; a prompt that is
too long keeps so much of its table."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a table, each with its number from 1, cells cut to `CELL_CHARS`; ``total`` rows there are.

    ``others`` are the names of the columns that are not shown, ``held`` counts rows that are kept back.
    """

    names: Row
    rows: tuple[tuple[int, Row], ...]
    total: int
    others: Row = ()
    held: int = 0

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Reads ``dataclasses.asdict`` back."""
        rows = tuple((int(number), tuple(cells)) for number, cells in fields["rows"])
        return cls(tuple(fields["names"]), rows, fields["total"], tuple(fields["others"]), fields["held"])

    def cut(self) -> Self:
        """Half the rows and half the columns; what goes is named."""
        rows = self.rows[: max(_LEAST_ROWS, len(self.rows) // 2)]
        width = max(_LEAST_COLUMNS, len(self.names) // 2)
        shown = tuple((number, cells[:width]) for number, cells in rows)
        return replace(self, names=self.names[:width], rows=shown, others=(*self.names[width:], *self.others))


@dataclass(frozen=True, slots=True)
class SolvedColumn:
    """An output column that synthesis explains: how sure it is (0..1), and how many other rules explain it as well."""

    name: str
    words: str
    confidence: float = 0.0
    rivals: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """A conversion as the agents see it.

    ``program`` is the best program so far and ``verdict`` what the Tester says of it; ``steps`` are what it does to
    rows, in words; ``reading`` says how the files were read; ``unheard`` are the user's sentences that it does not do;
    ``taught`` are rows for which the user said since what becomes of them, with that; ``lookups`` what the words name.
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
    reading: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether the rows themselves are open, not just some columns."""
        return not self.open_columns

    def cut(self) -> Self:
        """About half of it, for a model with less room."""
        return replace(
            self,
            input=self.input.cut(),
            expected=self.expected.cut(),
            program=self.program if len(self.program) <= SQL_CHARS // 4 else "",
            verdict=self.verdict[: len(self.verdict) // 2],
            general=self.general[: INSTRUCTION_CHARS // 2],
        )

    def as_json(self) -> dict[str, Any]:
        """As plain dictionaries and lists, to pass between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Reads ``as_json`` back."""
        return cls(
            Sample.from_json(fields["input"]),
            Sample.from_json(fields["expected"]),
            tuple(fields["open_columns"]),
            tuple(SolvedColumn(**column) for column in fields["solved"]),
            tuple(fields["steps"]),
            fields["program"],
            fields["verdict"],
            fields["general"],
            dict(fields["columns"]),
            tuple(fields["reading"]),
            tuple(fields["unheard"]),
            tuple(fields["taught"]),
            tuple(map(Lookup.from_json, fields["lookups"])),
        )


def make_brief(
    source: Table,
    expected: Table,
    report: Mapping[str, Any],
    held: HeldOut,
    *,
    program: str = "",
    verdict: str = "",
    instructions: Instructions | None = None,
    reading: Sequence[str] = (),
    taught: Sequence[str] = (),
    samples: Mapping[str, Table] | None = None,
) -> Brief:
    """Cut a conversion to what is shown; ``report`` is the training's, as JSON.

    What synthesis made may repeat cells that are kept back, as in a list of values: such a part is left out. The
    ``verdict`` is in words that keep them back already (`held_out.tell_differences`).
    """
    said = instructions or Instructions()
    columns = report.get("columns", ())
    secrets = held.secrets(source, expected, said.all_words)
    shaky = shaky_columns(report) if columns else []
    open_columns = [str(c["name"]) for c in columns if c["how"] == "open" or c["name"] in shaky]
    wanted = _relevant(expected, set(open_columns))
    sources = {str(name) for c in columns if c["how"] != "open" for name in c["sources"]}
    likely = _relevant(source, _likely_sources(source, expected, set(open_columns)) | sources)
    shown_in, shown_out = _rows_shown(source, expected, held)
    return Brief(
        sample_of(source, shown_in, likely, len(held.source)),
        sample_of(expected, shown_out, wanted, len(held.expected)),
        tuple(_cut(name) for name in open_columns[:MAX_SOLVED]),
        tuple(
            SolvedColumn(_cut(c["name"]), _open(c["words"][:200], secrets), c["confidence"], c["rivals"])
            for c in columns
            if c["name"] not in open_columns
        )[:MAX_SOLVED],
        tuple(_open(str(step)[:500], secrets) for step in report.get("steps", ()))[:MAX_ROWS],
        _open(program, secrets) if len(program) <= SQL_CHARS else "",
        verdict,
        said.general[:INSTRUCTION_CHARS],
        {name: text[:INSTRUCTION_CHARS] for name, text in list(said.columns.items())[:MAX_SOLVED]},
        tuple(note[:300] for note in reading)[:MAX_ROWS],
        tuple(
            f"{heard['sentence'][:300]} ({heard['outcome']}: {heard['words'][:200]})"
            for heard in report.get("instructions", ())
            if heard["outcome"] != "used"
        )[:MAX_ROWS],
        tuple(taught),
        find_lookups(source, expected, open_columns, said, samples),
    )


def _open(text: str, secrets: frozenset[str]) -> str:
    """A text, unless it tells what is kept back: as a literal, or anywhere where it is too long for chance."""
    from services.converter.domain.crew.constants import list_constants  # noqa: PLC0415 - a parser, for engines only

    literal = any(constant.text in secrets for constant in list_constants(text))
    told = literal or any(secret in text for secret in secrets if len(secret) >= _TOLD_SIGNS)
    return "" if told else text


def _rows_shown(source: Table, expected: Table, held: HeldOut) -> tuple[list[int], list[int]]:
    """The rows of both tables that are shown: the same ones where the output's rows are the input's."""
    if len(source.rows) == len(expected.rows):
        joined = replace(
            source, header=None, rows=tuple((*a, *b) for a, b in zip(source.rows, expected.rows, strict=True))
        )
        chosen = _unlike(joined, held.expected)
        return chosen, chosen
    return _unlike(source, held.source), _unlike(expected, held.expected)


def _unlike(table: Table, held: frozenset[int]) -> list[int]:
    """The first rows, and of the others those whose cells have forms that the chosen ones have not."""
    from services.converter.domain.synthesis.proof.forms import OUTLINE  # noqa: PLC0415 - for engines only

    free = [place for place in range(min(len(table.rows), _LOOKED_AT)) if place not in held]
    chosen, rest = free[:_FIRST_ROWS], free[_FIRST_ROWS:]
    forms = {place: {(i, OUTLINE.of(cell)) for i, cell in enumerate(table.rows[place])} for place in free}
    values = {place: set(enumerate(table.rows[place])) for place in free}
    seen = set().union(*(forms[place] for place in chosen)) if chosen else set()
    known = set().union(*(values[place] for place in chosen)) if chosen else set()
    while rest and len(chosen) < MAX_ROWS:
        best = max(rest, key=lambda place: (len(forms[place] - seen), len(values[place] - known), -place))
        rest.remove(best)
        chosen.append(best)
        seen |= forms[best]
        known |= values[best]
    return sorted(chosen)


def _relevant(table: Table, first: set[str]) -> list[int]:
    """The columns that are shown, in their order: all where there is room, else those that count first."""
    names = table.column_names
    ranked = sorted(range(len(names)), key=lambda place: (names[place] not in first, place))
    return sorted(ranked[:MAX_COLUMNS])


def _likely_sources(source: Table, expected: Table, open_columns: set[str]) -> set[str]:
    """Columns of the input that share texts with open columns: in cells of the same row, or anywhere."""
    wanted = [
        c[:_LOOKED_AT] for n, c in zip(expected.column_names, expected.columns(), strict=True) if n in open_columns
    ]
    texts = "\0".join(cell.casefold() for cells in wanted for cell in cells)
    found = set()
    for name, cells in zip(source.column_names, source.columns(), strict=True):
        parts = {part for cell in cells[:_LOOKED_AT] for part in cell.casefold().split() if len(part) > 1}
        if any(part in texts for part in parts):
            found.add(name)
    return found


def sample_of(table: Table, rows: Sequence[int], columns: Sequence[int], held: int = 0) -> Sample:
    """Rows and columns of a table, by their places."""
    names = table.column_names
    return Sample(
        tuple(_cut(names[place]) for place in columns),
        tuple((n + 1, tuple(_cut(table.rows[n][c]) for c in columns if c < len(table.rows[n]))) for n in rows),
        len(table.rows),
        tuple(_cut(name) for place, name in enumerate(names) if place not in set(columns)),
        held,
    )


def _cut(text: str) -> str:
    return text if len(text) <= CELL_CHARS else f"{text[:CELL_CHARS]}… ({len(text)} characters)"

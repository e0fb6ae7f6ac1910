"""Checks of an input against what its program's example showed: which rows lie outside of it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.converter.domain.faults import ConverterFault, MissingColumns
from services.converter.domain.program import RunLimits
from services.converter.domain.report import Guard
from services.converter.domain.table import Row
from services.converter.ports import ProgramSandbox, Spool

MAX_FLAGS_PER_COLUMN = 500
"""Rows that are named of each boundary; all are counted."""
_SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class Flag:
    """A row outside of what the example showed: its number in the input, the value, its number in the output.

    Rows count from 1 below the header; ``row`` is None where the flag is about a row of the output alone,
    ``output_row`` where the input's row is not in the output or cannot be traced to it (0: the header).
    """

    row: int | None
    value: str
    output_row: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnFlags:
    """What was found outside of one boundary: ``rows`` counts all of it, ``first`` holds the first of them.

    ``unseen`` means that the program has no ground for its answer there: wrong unless checked. ``note`` means that its
    rule applies but was not shown for such a value: to be looked at. ``output_columns`` are those whose cells may be
    wrong; none: the whole row.
    """

    column: str
    severity: str
    words: str
    rows: int
    first: tuple[Flag, ...]
    output_columns: Row = ()

    @property
    def traceable(self) -> set[int]:
        """The input rows whose places in the output are to be found."""
        return {flag.row for flag in self.first if flag.row is not None}

    def placed(self, places: Mapping[int, Sequence[int]]) -> "ColumnFlags":
        """The flags with their rows of the output: several where one row of the input gives several."""
        first = [
            replace(flag, output_row=place)
            for flag in self.first
            for place in (places.get(flag.row, (None,)) if flag.row is not None else (flag.output_row,))
        ]
        return replace(self, first=tuple(first))


@dataclass(frozen=True, slots=True)
class RowChecks:
    """Runs checks over one spool, in the sandbox like every other SQL."""

    sandbox: ProgramSandbox
    spool: Spool
    directory: Path
    limits: RunLimits
    known_columns: Row = ()

    def check_guards(self, guards: Sequence[Guard], notes: list[str]) -> list[tuple[Guard, ColumnFlags]]:
        """The guards that some row lies outside of, with those rows.

        All guards are one run; where that fails each gets its own, so that one bad guard hides no other: those that
        do not run are named in ``notes``. Raises `MissingColumns` where the program's own columns are not there; a
        rival program may read others.
        """
        own = [guard for guard in guards if guard.rows == "input"]
        rivals = [guard for guard in guards if guard.rows == "output"]
        return [*self._check(own, notes, strict=True), *self._check(rivals, notes, strict=False)]

    def _check(self, guards: Sequence[Guard], notes: list[str], *, strict: bool) -> list[tuple[Guard, ColumnFlags]]:
        if not guards:
            return []
        try:
            return self._collect(guards)
        except ConverterFault as fault:
            if strict and isinstance(fault, MissingColumns):
                raise
        found: list[tuple[Guard, ColumnFlags]] = []
        for guard in guards:
            try:
                found += self._collect([guard])
            except ConverterFault as fault:
                what = f'column "{guard.column}"' if guard.column else "the output"
                notes.append(f"{what} could not be checked: {fault.message}")
        return found

    def _collect(self, guards: Sequence[Guard]) -> list[tuple[Guard, ColumnFlags]]:
        counts = [0] * len(guards)
        first: list[list[Flag]] = [[] for _ in guards]
        for index, row, value in self._run(guards):
            counts[index] += 1
            if len(first[index]) < MAX_FLAGS_PER_COLUMN:
                by_output = guards[index].rows == "output"
                first[index].append(Flag(None, value, row) if by_output else Flag(row, value))
        return [
            (g, ColumnFlags(g.column, g.severity, g.words, count, _in_order(shown), g.output_columns))
            for g, count, shown in zip(guards, counts, first, strict=True)
            if count
        ]

    def _run(self, guards: Sequence[Guard]) -> Iterator[tuple[int, int, str]]:
        """(guard's index, row, value) of every hit, the value cut to a showable length."""
        shown = f"left(value, {_SHOWN_CHARS})"
        # The guards' SQL is put in as it is: the sandbox checks the whole of it, as it does with any program.
        parts = [
            f"SELECT DISTINCT {i} AS guard, _row, {shown} AS value FROM (\n{guard.sql}\n) AS g{i}(_row, value)"  # noqa: S608
            for i, guard in enumerate(guards)
        ]
        output = self.directory / "guards.csv"
        program = "\nUNION ALL\n".join(parts)
        self.sandbox.convert(program, self.spool, output, limits=self.limits, known_columns=self.known_columns)
        with output.open(encoding="utf-8", newline="") as lines:
            for guard, row, value in csv.reader(lines):
                yield int(guard), int(row or 0), value


def _in_order(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    return tuple(sorted(flags, key=lambda flag: flag.row or flag.output_row or 0))

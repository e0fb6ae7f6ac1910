"""Checks of an input against what its program's example showed: which rows lie outside of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.converter.domain.faults import ConverterFault, MissingColumns
from services.converter.domain.program import RunLimits
from services.converter.domain.report import Guard
from services.converter.domain.table import Dialect, Row
from services.converter.ports import Finding, ProgramSandbox, Run, Spool


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

    def placed(self, places: Mapping[int, Sequence[int]]) -> "ColumnFlags":
        """The flags with their rows of the output: several where one row of the input gives several."""
        first = [
            replace(flag, output_row=place)
            for flag in self.first
            for place in (places.get(flag.row, (None,)) if flag.row is not None else (flag.output_row,))
        ]
        return replace(self, first=tuple(first))


@dataclass(frozen=True, slots=True)
class CheckedRun:
    """A run with what its guards found; ``notes`` name those that could not run.

    ``found`` are the guards that hit something with what they hit, ``places`` the data rows of the output that come
    from each row of the input that was traced.
    """

    run: Run
    found: tuple[tuple[Guard, ColumnFlags], ...]
    notes: tuple[str, ...]
    places: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @property
    def flags(self) -> tuple[ColumnFlags, ...]:
        """What was found."""
        return tuple(flags for _, flags in self.found)

    @property
    def unseen(self) -> tuple[ColumnFlags, ...]:
        """What was found on which the program has no ground."""
        return tuple(flags for flags in self.flags if flags.severity == "unseen")


@dataclass(frozen=True, slots=True)
class GuardedProgram:
    """A program and the guards of what its example did not show, over one spool.

    They run together, in one pass where they read the same rows. Where that run fails, each guard gets a run of its
    own, so that one bad guard hides no other, and the program runs with those that could. ``traced`` are rows of the
    input that are looked for in the output beside those that are flagged.
    """

    program: str
    guards: Sequence[Guard]
    sandbox: ProgramSandbox
    spool: Spool
    directory: Path
    limits: RunLimits
    dialect: Dialect
    header: str
    known_columns: Row = ()
    traced: Sequence[int] = ()

    def convert(self, lines: Path, *, blank: bool, refuse: Callable[[Sequence[ColumnFlags]], None]) -> CheckedRun:
        """Write the program's lines. ``refuse`` may raise because of what has no ground, before lines are kept.

        Raises the faults of programs, and `MissingColumns` where the program's own columns are not there; a rival
        program may read others.
        """
        try:
            checked = self._checked(self._run(self.program, self.guards, lines, blank=blank), self.guards)
        except MissingColumns:
            raise
        except ConverterFault:
            if not self.guards:
                raise
            checked = self._convert_apart(lines, blank=blank, refuse=refuse)
        refuse(checked.unseen)
        return checked

    def _convert_apart(
        self, lines: Path, *, blank: bool, refuse: Callable[[Sequence[ColumnFlags]], None]
    ) -> CheckedRun:
        good: list[Guard] = []
        notes: list[str] = []
        for guard in self.guards:
            try:
                alone = self._checked(self._run(None, [guard], lines, blank=False), [guard])
            except ConverterFault as fault:
                notes.append(_trouble(guard, fault))
                continue
            refuse(alone.unseen)
            notes += alone.notes
            if not alone.notes:
                good.append(guard)
        checked = self._checked(self._run(self.program, good, lines, blank=blank), good)
        return replace(checked, notes=(*notes, *checked.notes))

    def _run(self, program: str | None, guards: Sequence[Guard], lines: Path, *, blank: bool) -> Run:
        return self.sandbox.convert(
            program,
            self.spool,
            lines,
            dialect=self.dialect,
            header=self.header,
            limits=self.limits,
            known_columns=self.known_columns,
            guards=guards,
            blank=blank,
            traced=self.traced if program is not None else (),
        )

    def _checked(self, run: Run, guards: Sequence[Guard]) -> CheckedRun:
        # Guards of the input's rows first, each kind in its order.
        order = sorted(range(len(guards)), key=lambda place: guards[place].rows == "output")
        found = {finding.guard: finding for finding in run.findings}
        places = _by_input(run)
        hit = tuple((guards[n], _flags(guards[n], found[n]).placed(places)) for n in order if n in found)
        notes = tuple(_trouble(guards[n], run.troubles[n]) for n in order if n in run.troubles)
        return CheckedRun(run, hit, notes, places)


def _flags(guard: Guard, finding: Finding) -> ColumnFlags:
    by_output = guard.rows == "output"
    first = [Flag(None, value, row) if by_output else Flag(row, value) for row, value in finding.first]
    return ColumnFlags(guard.column, guard.severity, guard.words, finding.rows, tuple(first), guard.output_columns)


def _by_input(run: Run) -> dict[int, list[int]]:
    """The data rows of the output that come from each row of the input that was traced."""
    first = 0 if run.columns is None else 1  # `_cells` begin with the header
    places: dict[int, list[int]] = {}
    for origin, place in run.places or ():
        places.setdefault(origin, []).append(place - 1 + first)
    return places


def _trouble(guard: Guard, fault: ConverterFault) -> str:
    what = f'column "{guard.column}"' if guard.column else "the output"
    return f"{what} could not be checked: {fault.message}"

"""Regression: what changes in files that were converted before, where another program takes the place of the old."""

import csv
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.stored_report import StoredTraining
from services.converter.domain.table import Row
from services.converter.ports import ProgramSandbox, Spool, Spooler
from services.converter.reference_tables import spool_references

MOST_SHOWN = 20
"""Changed rows that are shown of each file."""
_Places = Sequence[tuple[int, int]]
"""Rows of the input with their rows of the output, from 1."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row of the output before and after; None where there is no such row. ``taught``: a lesson is on it."""

    before: Row | None
    after: Row | None
    taught: bool = False


@dataclass(frozen=True, slots=True)
class FileChanges:
    """One file: rows out with the new program, how many changed, those among them that no lesson is on, the first.

    ``trouble`` says why one of the programs could not be run on it, which counts as a change.
    """

    file: str
    rows: int = 0
    changed: int = 0
    untaught: int = 0
    first: tuple[ChangedRow, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Regression:
    """What changes in all files that two programs were tried on."""

    files: tuple[FileChanges, ...] = ()

    @property
    def untaught(self) -> int:
        """Changed rows that no lesson is on; a file that could not be converted counts as one."""
        return sum(file.untaught or bool(file.trouble) for file in self.files)

    def as_json(self) -> dict[str, Any]:
        """The regression as a report holds it."""
        return {"untaught": self.untaught, "files": [asdict(file) for file in self.files]}


def compare(
    before: str,
    after: str,
    files: Mapping[str, Path],
    taught: Mapping[str, Sequence[int]],
    training: StoredTraining,
    *,
    sandbox: ProgramSandbox,
    spooler: Spooler,
    limits: RunLimits,
    references: Mapping[str, Path] | None = None,
) -> Regression:
    """Run two programs over each of the files and compare what they make of it.

    ``taught`` are the rows of each file that lessons are on, ``training`` says how the files are read.
    """
    folder = next(iter(files.values())).parent if files else None
    with tempfile.TemporaryDirectory(prefix=".wealth-", dir=folder) as private:
        beside = spool_references(references or {}, training, spooler, Path(private))
        trial = _Trial((before, after), training.hints, sandbox, spooler, limits, beside)
        runs = (trial.run(name, path, sorted(set(taught.get(name, ())))) for name, path in files.items())
        return Regression(tuple(runs))


@dataclass(frozen=True, slots=True)
class _Trial:
    """Two programs that are run over the same files."""

    programs: tuple[str, str]
    hints: ReadingHints
    sandbox: ProgramSandbox
    spooler: Spooler
    limits: RunLimits
    references: Mapping[str, Spool]

    def run(self, name: str, path: Path, taught: Sequence[int]) -> FileChanges:
        """What changes in one file, of which some rows were taught."""
        with tempfile.TemporaryDirectory(prefix=".wealth-", dir=path.parent) as private:
            directory = Path(private)
            outputs = directory / "before.csv", directory / "after.csv"
            try:
                spool = replace(self.spooler.spool(path, directory, self.hints).spool, references=self.references)
                runs = [
                    self.sandbox.convert(program, spool, output, limits=self.limits, traced=taught)
                    for program, output in zip(self.programs, outputs, strict=True)
                ]
            except ConverterFault as fault:
                return FileChanges(name, trouble=f"{fault.reason}: {fault.message}")
            old, new = map(_read_rows, outputs)
        changes = list(_changes(old, new, runs[0].places or (), runs[1].places or ()))
        untaught = [change for change in changes if not change.taught]
        shown = (untaught + [change for change in changes if change.taught])[:MOST_SHOWN]
        return FileChanges(name, len(new), len(changes), len(untaught), tuple(shown))


def _changes(old: Sequence[Row], new: Sequence[Row], before: _Places, after: _Places) -> Iterator[ChangedRow]:
    """Rows that differ: place by place where there are as many, else those that only one side has.

    ``before`` and ``after`` are where taught rows of the input are in both outputs: those are one row that changed.
    """
    places: Iterable[tuple[int | None, int | None]]
    if len(old) == len(new):
        places = ((place, place) for place in range(len(new)) if old[place] != new[place])
    else:
        gone, come = _differing(old, new), _differing(new, old)
        paired = _paired(before, after, set(gone), set(come))
        left = set(come).difference(paired.values())
        places = chain(((i, paired.get(i)) for i in gone), ((None, j) for j in come if j in left))
    taught_old, taught_new = {place for _, place in before}, {place for _, place in after}
    for i, j in places:
        taught = (i is not None and i + 1 in taught_old) or (j is not None and j + 1 in taught_new)
        yield ChangedRow(None if i is None else old[i], None if j is None else new[j], taught)


def _paired(before: _Places, after: _Places, gone: Container[int], come: Container[int]) -> dict[int, int]:
    """Places of rows that only one side has, by those of the other side, where both come of one row of the input."""
    later = {origin: place - 1 for origin, place in after if place - 1 in come}
    return {place - 1: later.pop(origin) for origin, place in before if place - 1 in gone and origin in later}


def _differing(rows: Sequence[Row], others: Sequence[Row]) -> list[int]:
    """Places of the rows that the others do not have, each as often as it is."""
    left = Counter(others)
    found = []
    for place, row in enumerate(rows):
        if left[row]:
            left[row] -= 1
        else:
            found.append(place)
    return found


def _read_rows(output: Path) -> list[Row]:
    """Rows, not lines: a cell may hold line ends."""
    with output.open(encoding="utf-8", newline="") as lines:
        return list(map(tuple, csv.reader(lines)))

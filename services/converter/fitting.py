"""Files whose columns are not those of the example: fitted by the names that are given or sure, else asked about."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from services.converter.domain.column_names import seen_form
from services.converter.domain.drift import (
    MOST_LOOKED_AT,
    ColumnSeen,
    Likeness,
    OnDrift,
    ask_for_names,
    match_columns,
    names_in_doubt,
    same_when_seen,
    see_columns,
    tell_candidates,
)
from services.converter.domain.faults import MissingColumns
from services.converter.domain.program import RunLimits
from services.converter.domain.report import Question
from services.converter.domain.stored_report import StoredTraining
from services.converter.domain.table import Row
from services.converter.ports import ProgramSandbox, Spool

_UNCERTAIN = " (which of them?)"
"""What is put behind names that say nothing, so that no program reads them."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What one column of the example is called in the file. ``asked``: the caller named it; else it was sure enough."""

    column: str
    present: str
    likeness: float = 1.0
    asked: bool = True

    @property
    def words(self) -> str:
        """For people."""
        if self.asked:
            return f'"{self.present}" is read as "{self.column}", as asked'
        if seen_form(self.present) == seen_form(self.column):
            return f'the name of column "{self.column}" differs from the example\'s in blanks or marks that nobody sees'
        return f'"{self.present}" is read as "{self.column}": likeness {self.likeness:.2f}'

    def as_json(self) -> dict[str, Any]:
        """As a report holds it."""
        return asdict(self)


class ColumnsDrifted(MissingColumns):
    """Columns that the program reads are not in the file under their names; ``questions`` ask what they are called."""

    def __init__(
        self,
        names: tuple[str, ...],
        present: Row,
        questions: Sequence[Question],
        proposed: str = "",
        repeated: Collection[str] = (),
    ) -> None:
        super().__init__(names, present, proposed, repeated=repeated)
        self.present = present
        self.questions = tuple(questions)
        self._told = proposed, repeated

    def without_questions_on(self, absent: Collection[str]) -> "ColumnsDrifted":
        """The same, where the user has said that the file has no such columns, or does not know."""
        left = [question for question in self.questions if question.column not in absent]
        return ColumnsDrifted(self.names, self.present, left, *self._told)

    def as_json(self) -> dict[str, Any]:
        """The content of the report of an inference that could not be done."""
        questions = [asdict(question) for question in self.questions]
        return {"status": "failed", "code": self.reason, "reason": self.message, "questions": questions}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A file as the program is to read it."""

    spool: Spool
    training: StoredTraining
    renamed: tuple[Renaming, ...] = ()
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """Names that stand in the file more than once, by what they are called so that nothing reads them."""

    @classmethod
    def of(cls, spool: Spool, training: StoredTraining, columns: Mapping[str, str]) -> "Fitting":
        """A file with the names that the caller gives: the example's columns by what the file calls them.

        Raises `MissingColumns` for a name that one of the two does not have.
        """
        for names, known, place in (
            (set(columns), training.input_columns, "the example's input"),
            (set(columns.values()), spool.names, "the input"),
        ):
            if unknown := tuple(sorted(names - set(known))):
                raise MissingColumns(unknown, tuple(known), reads="columns are said to be called", place=place)
        doubtful = names_in_doubt(training.input_columns, spool.names, spool.header)
        hidden = {f"{name}{_UNCERTAIN}": name for name in doubtful}
        called = {name: hiding for hiding, name in hidden.items()}
        renamed = [Renaming(column, present) for column, present in columns.items()]
        if spool.header is not None:
            free = tuple(name for name in spool.names if name not in columns.values())
            left = tuple(name for name in training.input_columns if name not in columns)
            same = same_when_seen(left, free)
            renamed += [Renaming(column, present, asked=False) for column, present in same.items()]
        fitting = cls(replace(spool, names=tuple(called.get(name, name) for name in spool.names)), training, (), hidden)
        return fitting._renamed(renamed)

    def _renamed(self, renamed: Sequence[Renaming]) -> "Fitting":
        """The file with columns under the example's names; a column that has such a name and is another's loses it."""
        new = {item.present: item.column for item in renamed}
        taken = {item.column.lower() for item in renamed}
        names = []
        for name in self.spool.names:
            shown = self.doubtful.get(name, name)
            free = f"{name}{_UNCERTAIN}" if name.lower() in taken else name
            names.append(new.get(shown, free))
        header = self.spool.header and tuple(new.get(cell.strip(), cell) for cell in self.spool.header)
        spool = replace(self.spool, names=tuple(names), header=header)
        return replace(self, spool=spool, renamed=(*self.renamed, *renamed))

    def refit(
        self, missing: MissingColumns, on_drift: OnDrift, sandbox: ProgramSandbox, directory: Path, limits: RunLimits
    ) -> "Fitting":
        """The file with what it does not have under its name, where that is sure and ``on_drift`` takes it.

        Raises `ColumnsDrifted` with questions on what is not.
        """
        present, first = self._present(sandbox, directory, limits)
        seen = self.training.seen or tuple(ColumnSeen(name, "blank") for name in self.training.input_columns)
        gone = [name for name in self.training.input_columns if name in missing.names]
        found = match_columns(seen, gone, present)
        sure = {name: rows[0] for name, rows in found.items() if rows and rows[0].is_sure}
        if on_drift == "accept_renames" and gone and set(sure) == set(missing.names):
            return self._renamed([_taken(row) for row in sure.values()])
        names = tuple(column.name for column in present)
        told = tell_candidates(found, self.spool.header, seen)
        repeated = set(self.doubtful.values())
        raise ColumnsDrifted(missing.names, names, ask_for_names(found, first), told, repeated) from missing

    def _present(
        self, sandbox: ProgramSandbox, directory: Path, limits: RunLimits
    ) -> tuple[tuple[ColumnSeen, ...], Row]:
        """What the file's first rows show of its columns, and the first of them."""
        output = directory / "head.csv"
        sql = f"SELECT * EXCLUDE (_row, _cells) FROM input WHERE _row <= {MOST_LOOKED_AT} ORDER BY _row"  # noqa: S608 - a number of ours
        sandbox.convert(sql, self.spool, output, limits=limits)
        with output.open(encoding="utf-8", newline="") as lines:
            rows = [tuple(row) for row in csv.reader(lines)]
        names = tuple(self.doubtful.get(name, name) for name in self.spool.names)
        columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(names))]
        return see_columns(names, columns), rows[0] if rows else ()


def _taken(row: Likeness) -> Renaming:
    return Renaming(row.column, row.present, row.likeness, asked=False)

"""Reference tables beside an example's input: what they have for its rows, and a program that reads them by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from services.converter.domain.drift import see_table
from services.converter.domain.judgement import prove
from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.reading.reader import ReadTable
from services.converter.domain.references import (
    MOST_REFERENCE_BYTES,
    Join,
    ReferenceInvalid,
    beside_references,
    check_names,
    find_joins,
    missing_guards,
    used_joins,
    widen,
)
from services.converter.domain.report import Guard
from services.converter.domain.stored_report import ReferenceRead, StoredTraining, program_digest, stored_form
from services.converter.domain.table import Table
from services.converter.example_files import read_file
from services.converter.ports import ProgramRunner

if TYPE_CHECKING:
    from services.converter.training import Training


@dataclass(frozen=True, slots=True)
class ReferencesBeside:
    """The reference tables, and the joins by which they stand beside the input."""

    tables: Mapping[str, Table]
    joins: Sequence[Join] = ()

    @classmethod
    def read(cls, table: Table, files: Mapping[str, bytes]) -> "ReferencesBeside":
        """Read references. Raises `ReferenceInvalid`, `ReadingFault`."""
        check_names(list(files))
        if sum(map(len, files.values())) > MOST_REFERENCE_BYTES:
            raise ReferenceInvalid(f"references: more than {MOST_REFERENCE_BYTES} bytes together")
        tables = {name: read_file(content, f"references: {name}", None).table for name, content in files.items()}
        return cls(tables, find_joins(table, tables) if table.has_names else ())

    def widen(self, table: Table) -> Table:
        """A file of the input's kind, with what the references have for its rows; as it is where it is another."""
        fits = set(table.column_names) >= {name for join in self.joins for name in join.asks}
        return widen(table, self.joins, self.tables) if self.joins and fits else table

    def widened(self, source: ReadTable) -> ReadTable:
        """The example's input with what the references have for its rows."""
        return replace(source, table=self.widen(source.table))

    def put_into(
        self, training: "Training", source: ReadTable, target: ReadTable, learned: LearnedProgram, runner: ProgramRunner
    ) -> "Training":
        """The training with a program that reads the references by itself, proved with them."""
        report, program = dict(training.report), training.program
        guards = [Guard(**guard) for guard in report["guards"]]
        used = used_joins(self.joins, [program, *(guard.sql for guard in guards)])
        if not self.joins:
            return training
        outputs: dict[str, list[str]] = {}
        for column in report["columns"]:
            for name in column["sources"]:
                outputs.setdefault(name, []).append(column["name"])
        guards += [guard for guard in missing_guards(used, outputs) if _is_read(guard, program, used)]
        program = beside_references(program, used)
        report["guards"] = [asdict(replace(g, sql=beside_references(g.sql, used))) for g in guards]
        seen = StoredTraining(
            source.table.dialect, source.table.column_names, target.table.dialect, None, seen=see_table(source.table),
            references={
                name: ReferenceRead(self.tables[name].dialect, _columns_read(name, used))
                for name in sorted({join.reference for join in used})
            },
        )  # fmt: skip
        stored = stored_form(seen)
        report["input"] = {**report["input"], **{key: stored["input"][key] for key in ("columns", "seen")}}
        report["references"] = stored["references"]
        report["lookups"] = [join.words() for join in used]
        report["program_sha256"] = program_digest(program)
        training = replace(training, program=program, report=report)
        if training.status != "completed":
            return training
        verdict, _, trouble = prove(program, source.table, target.table, learned.header, runner, references=self.tables)
        if verdict.exact:
            return training
        reason = trouble or "the program does not give the expected file with its reference tables"
        return replace(training, status="failed", report=report | {"status": "failed"}, reason=reason)


def _is_read(guard: Guard, program: str, joins: Sequence[Join]) -> bool:
    """Whether a guard is about a reference that the program itself reads."""
    return bool(guard.output_columns) or any(
        join.words() in guard.words and used_joins([join], [program]) for join in joins
    )


def _columns_read(name: str, joins: Sequence[Join]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for join in joins if join.reference == name for column in join.read))

"""What an answer does not decide stays flagged: the flags of the program before lessons, as far as they hold still.

A program that is learned on from lessons has checks of its own. Rows that the program before had no ground for, and of
which the new one has no check, would be answered without a word only because something else was answered. An answer
decides a flag where it speaks of a row that the same check names, or where it changes what becomes of the row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.left_open import flagged_rows
from services.converter.domain.lessons import Lesson
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.language import Expression
from services.converter.domain.synthesis.proof.questions import Flag, Place
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.table import Table


def carry_flags(
    before: LearnedProgram, after: LearnedProgram, table: Table, lessons: Sequence[Lesson], runner: ProgramRunner
) -> LearnedProgram:
    """The program learned on from lessons, with the checks of the one before that the lessons do not decide."""
    guards = [guard for guard in before.report.guards if guard.rows == "input"]
    files = {lesson.file: lesson.table for lesson in lessons}
    carrying = _Carrying(before, after, table, lessons, flagged_rows(guards, files, runner))
    kept = tuple(part for guard in guards for part in carrying.still(guard))
    return replace(after, report=replace(after.report, guards=(*after.report.guards, *kept))) if kept else after


@dataclass(frozen=True, slots=True)
class _Carrying:
    before: LearnedProgram
    after: LearnedProgram
    table: Table
    lessons: Sequence[Lesson]
    flags: Mapping[Place, Sequence[Flag]]
    """The checks of the program before that name rows of the lessons' files."""

    def still(self, guard: Guard) -> Iterator[Guard]:
        """What is left of a check, for the columns of which the new program has none like it."""
        alike = [g for g in self.after.report.guards if (g.kind, g.words, g.column) == _make(guard)]
        if not guard.output_columns:
            if not alike and not self._answers(guard, ""):
                yield guard
            return
        done = {name for other in alike for name in other.output_columns}
        same: dict[str, list[str]] = {}
        for name in guard.output_columns:
            sql = "" if name in done else self._left_of(guard, name)
            if sql:
                same.setdefault(sql, []).append(name)
        for sql, names in same.items():
            severity = guard.severity if sql == guard.sql else "note"
            yield replace(guard, sql=sql, severity=severity, output_columns=tuple(names))

    def _left_of(self, guard: Guard, name: str) -> str:
        """The rows of a check that no lesson decides for a column, as SQL; empty where there are none."""
        answers = self._answers(guard, name)
        old, new = self._of(self.before, name), self._of(self.after, name)
        if guard.kind == "value_set" and answers:
            values = ", ".join(literal(value or "") for value in sorted({flag.value or "" for flag in answers}))
            return f"SELECT _row, value\nFROM (\n{guard.sql}\n)\nWHERE coalesce(value, '') NOT IN ({values})"
        if old == new:
            return "" if answers else guard.sql
        if guard.kind == "ambiguity":
            return ""  # what a rule that was given up could have meant says nothing of another
        return self._unchanged(guard, old, new)

    def _unchanged(self, guard: Guard, old: Expression | None, new: Expression | None) -> str:
        """A check's rows of which another rule makes what the one before made."""
        plan = self.after.plan
        known = plan is not None and self.before.plan is not None and self.before.plan.steps == plan.steps
        if plan is None or not known or old is None or new is None:
            return guard.sql
        names = plan.relation.names
        needed = frozenset(names[i] for i in old.columns | new.columns)
        ctes, source = steps_sql(Relation.of(self.table), plan, needed)
        same = f"coalesce({old.sql()}, '') = coalesce({new.sql()}, '')"
        rows = f"SELECT _row FROM {source} WHERE {same}"  # noqa: S608 - names and conditions of our own programs
        return f"{ctes}SELECT _row, value\nFROM (\n{guard.sql}\n)\nWHERE _row IN ({rows})"

    def _of(self, learned: LearnedProgram, name: str) -> Expression | None:
        """The rule of an output column."""
        for report, column in zip(learned.report.columns, learned.columns, strict=False):
            if report.name == name and column is not None:
                return column.expression
        return None

    def _answers(self, guard: Guard, name: str) -> list[Flag]:
        """What the check says of rows that lessons speak of, for a column (empty: whether the row belongs)."""
        rows = {
            (lesson.file, lesson.row)
            for lesson in self.lessons
            if (name in (lesson.output or {}) if name else not lesson.output)
        }
        return [flag for place in rows for flag in self.flags.get(place, ()) if flag.guard == guard]


def _make(guard: Guard) -> tuple[str, str, str]:
    return guard.kind, guard.words, guard.column

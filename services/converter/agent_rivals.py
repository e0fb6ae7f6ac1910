"""Programs that explain the example as well as an agent's: where they part, rows are flagged and the user is asked."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.converter.domain.crew.answers import SURVIVORS, AnswerMalformed, Code
from services.converter.domain.crew.asking import Fitting, add_question, ask_between
from services.converter.domain.crew.by_heart import find_by_heart
from services.converter.domain.crew.composing import compose
from services.converter.domain.crew.rivals import list_differing, list_probes, list_right_columns
from services.converter.domain.crew.taught import unmet_lessons
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.left_open import LeftOpen
from services.converter.domain.lessons import Lesson
from services.converter.domain.report import Ambiguity, Guard
from services.converter.domain.table import Table
from services.converter.ports import ProgramRunner

OWN, OTHER = "made by the program in service", "made by another program that the agents wrote"
_MOST_OTHERS = 6
"""Programs of earlier answers: each costs a few runs of the sandbox, and later ones were told what was wrong with
earlier ones."""


@dataclass(frozen=True, slots=True)
class Example:
    """What programs are held against: the pair, what was taught, and files that are only looked at."""

    source: Table
    expected: Table
    said: Instructions
    runner: ProgramRunner
    lessons: tuple[Lesson, ...] = ()
    samples: Mapping[str, Table] = field(default_factory=dict)
    left: tuple[LeftOpen, ...] = ()
    """What the user could not answer."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """The programs besides the chosen one; those of synthesis for single columns stand in the report's ambiguities."""

    example: Example
    report: Mapping[str, Any]
    former: str
    codes: Sequence[Code] = ()

    def beside(self, program: str, made: Collection[str], words: Mapping[str, str]) -> dict[str, Any]:
        """What is said of ``program`` in its report: ambiguities, guards and the question on what is open.

        ``made`` are the columns that others' answers are taken for, ``words`` say of columns how they are made.
        """
        ambiguities: list[dict[str, Any]] = []
        guards: list[dict[str, Any]] = []
        fitting = [Fitting(program, OWN)]
        for other in self._programs():
            if other.strip() == program.strip() or any(other.strip() == known.sql.strip() for known in fitting):
                continue
            if unmet_lessons(other, self.example.lessons, self.example.expected, self.example.runner):
                continue
            listed = self._listed_by(other)
            found = self._compare(program, other, set(made) - listed, words)
            ambiguities += [asdict(ambiguity) for ambiguity in found]
            guards += [asdict(_rival_guard(program, other, self.example.expected, found))] if found else []
            if not listed and self._fits(other):
                fitting.append(Fitting(other, OTHER))
        survivors = [rival.sql for rival in fitting[1:]]
        fitting += [Fitting(sql, how) for sql, how in self._of_synthesis() if sql != program and self._fits_all(sql)]
        asked = self._ask(fitting)
        return {"ambiguities": ambiguities, "guards": guards, "question": asked, SURVIVORS: survivors}

    def _programs(self) -> Iterator[str]:
        """The last of the other answers as whole programs; what makes none is no rival."""
        for code in list(dict.fromkeys(self.codes))[-_MOST_OTHERS:]:
            with contextlib.suppress(AnswerMalformed):
                yield compose(code, self.former, self.report, self.example.expected.column_names)

    def _of_synthesis(self) -> Iterator[tuple[str, str]]:
        """Synthesis' own rivals of single columns, put into its program."""
        for ambiguity in self.report["ambiguities"]:
            code = Code("", rules=((ambiguity["column"], ambiguity["alternative_sql"]),))
            with contextlib.suppress(AnswerMalformed):
                sql = compose(code, self.former, self.report, self.example.expected.column_names)
                yield sql, str(ambiguity["alternative"])

    def _fits(self, sql: str) -> bool:
        """Whether a program is right on all of the example."""
        example = self.example
        try:
            output = example.runner.run(sql, example.source)
        except ConverterFault:
            return False
        return output.header is not None and tuple(output.rows) == tuple(example.expected.rows)

    def _fits_all(self, sql: str) -> bool:
        example = self.example
        return self._fits(sql) and not unmet_lessons(sql, example.lessons, example.expected, example.runner)

    def _ask(self, fitting: Sequence[Fitting]) -> dict[str, Any] | None:
        example = self.example
        settled = {(le.file, le.row, name) for le in example.lessons for name in ("", *(le.output or ()))}
        names = example.expected.column_names
        asked = ask_between(
            fitting, example.source, names, example.runner, samples=example.samples, settled=settled,
            left={(each.column, each.cells) for each in example.left if each.row},
        )  # fmt: skip
        return None if asked is None else asdict(asked.with_ways_out())

    def _listed_by(self, program: str) -> frozenset[str]:
        """The columns that a program which was refused makes by heart: no rival to a rule."""
        example = self.example
        names = example.expected.column_names
        try:
            listed = find_by_heart(program, example.source, names, example.said, example.runner)
        except ConverterFault:
            return frozenset(names)  # it does not run on the example
        return frozenset(names) if listed.rows else frozenset(listed.columns)

    def _compare(self, program: str, other: str, columns: Collection[str], words: Mapping[str, str]) -> list[Ambiguity]:
        """Columns that both programs get right on the example, and that they answer differently on rows like it."""
        found: dict[str, Ambiguity] = {}
        runner, expected = self.example.runner, self.example.expected
        try:
            right = list_right_columns(runner.run(other, self.example.source).rows, expected, columns)
            for probes in list_probes(self.example.source) if right else ():
                ours, theirs = runner.run(program, probes).rows, runner.run(other, probes).rows
                for position in right:
                    name = expected.column_names[position]
                    if name not in found and (rows := list_differing(ours, theirs, position)):
                        chosen = words.get(name, "made by the program that the agents wrote")
                        found[name] = Ambiguity(name, chosen, OTHER, other, rows)
        except ConverterFault:
            pass  # a program that cannot take such rows says nothing of them
        return list(found.values())


def with_rivals(report: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """A report with what `Rivals.beside` says."""
    asked = said["question"]
    return {
        **report,
        "ambiguities": [*report["ambiguities"], *said["ambiguities"]],
        "guards": [*report["guards"], *said["guards"]],
        "questions": add_question(report.get("questions", ()), asked) if asked else list(report.get("questions", ())),
        SURVIVORS: said[SURVIVORS],
    }


def _rival_guard(program: str, other: str, expected: Table, found: Sequence[Ambiguity]) -> Guard:
    """Rows of an output for which another program that explains the example has another answer."""
    names = [ambiguity.column for ambiguity in found]
    positions = [expected.column_names.index(name) for name in names]
    cells = [f"CAST(#{position + 1} AS VARCHAR) AS c{position}" for position in positions]
    ours, theirs = (
        f"SELECT row_number() OVER () AS place, {', '.join(cells)} FROM (\n{sql}\n)"  # noqa: S608 - the sandbox checks it
        for sql in (program, other)
    )
    differ = " OR ".join(f"a.c{position} IS DISTINCT FROM b.c{position}" for position in positions)
    sql = (
        f"SELECT a.place AS _row, a.c{positions[0]} AS value\nFROM ({ours}) a JOIN ({theirs}) b USING (place)\n"
        f"WHERE {differ}"
    )
    words = "another program that explains the example answers otherwise"
    return Guard(names[0], "ambiguity", "note", words, sql, tuple(names), "output")

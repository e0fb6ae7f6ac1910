"""What became of each sentence of the instructions: used for what, or not used, not understood, against which row."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.instructions import Instructions
from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.report import Heard
from services.converter.domain.synthesis.columns.guidance import guidance_of, spelled_out
from services.converter.domain.synthesis.language import Examples, Expression
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.proposals.said import asked_of_rows
from services.converter.domain.synthesis.rows.search.alignment import alignments
from services.converter.domain.synthesis.rows.search.attempts import task_of
from services.converter.domain.table import Table
from services.converter.domain.wording.lexicon import in_english
from services.converter.domain.wording.sentences import named, rows_asked, says_only_where, sentences_of

MOST_SENTENCES, MOST_ROWS = 200, 2_000
"""Sentences that are answered for, and rows of the example that they are held against."""


def with_heard(learned: LearnedProgram, table: Table, expected: Table, said: Instructions) -> LearnedProgram:
    """The program with what became of every sentence of the instructions in its report."""
    hearing = _Hearing(learned, table, expected)
    spoken = [("", sentence) for sentence in sentences_of(said.general)]
    spoken += [(name, sentence) for name, words in said.columns.items() for sentence in sentences_of(words)]
    heard = tuple(hearing.verdict(column, sentence) for column, sentence in spoken[:MOST_SENTENCES])
    return replace(learned, report=replace(learned.report, instructions=heard)) if heard else learned


@dataclass(frozen=True, slots=True)
class _Hearing:
    learned: LearnedProgram
    table: Table
    expected: Table

    def verdict(self, column: str, sentence: str) -> Heard:
        """What became of one sentence on a column (empty: on the whole)."""
        if Instructions(sentence).sheet:
            return Heard(sentence, column, "used", "names the sheet that is read")
        return (
            self._of_rows(column, sentence)
            or self._of_columns(column, sentence)
            or Heard(sentence, column, "not understood", "nothing in it is known to the converter")
        )

    def _of_rows(self, column: str, sentence: str) -> Heard | None:
        names = self.expected.column_names
        what = rows_asked(in_english(sentence, (*self.table.column_names, *names)))
        if what is None:
            return None
        asked = asked_of_rows(sentence, self.table, names)
        if asked is None:
            return Heard(sentence, column, "not understood", "it asks for rows by a column or a test that is not known")
        plan = self.learned.plan
        if plan is None:
            return Heard(sentence, column, "not used", "no program was found that does it")
        if asked.is_met_by(plan):
            return Heard(sentence, column, "used", plan.words())
        start = Relation.of(self.table)
        kept = next(alignments(start, self.expected.columns()), None)
        row = asked.against(start, kept) if kept is not None else None
        if row is not None:
            return Heard(sentence, column, "contradicts", f"the expected file has row {row} of the input", row)
        return Heard(sentence, column, "not used", f"the rows are made otherwise: {plan.words()}")

    def _of_columns(self, column: str, sentence: str) -> Heard | None:
        """The first use that a column has for the sentence; else what speaks against it, else that it is not used."""
        unused: Heard | None = None
        for name, task, program, origins in self._tasks(column, sentence):
            guidance = guidance_of(task)
            use = guidance.use_of(program, task)
            if use:
                return Heard(sentence, column, "used", f"{name}: {use}")
            wrong = next(filter(None, (_first_wrong(task, each) for each in spelled_out(task))), None)
            if wrong is not None:
                row = origins[wrong - 1]
                words = f'{name}: the expected file has "{task.outputs[wrong - 1]}" for row {row} of the input'
                unused = Heard(sentence, column, "contradicts", words, row)
            elif weak := guidance.reads_of(program, task):
                if says_only_where(task.hint, (*self.table.column_names, *self.expected.column_names)):
                    return Heard(sentence, column, "used", f"{name}: {weak}")
                words = f"{name}: {weak}; what else is said is not known to the converter"
                unused = unused or Heard(sentence, column, "not understood", words)
            elif unused is None and (guidance.is_plain or named(task.hint, self.table.column_names)):
                unused = Heard(sentence, column, "not used", f"{name}: {program.words()}")
        return unused

    def _tasks(self, column: str, sentence: str) -> Iterator[tuple[str, Examples, Expression, tuple[int, ...]]]:
        """The output columns that a sentence may be about, each with its program and the input rows behind it."""
        names, plan = self.expected.column_names, self.learned.plan
        wanted = [n for n in names if n.strip().lower() == column.strip().lower()] or named(sentence, names) or names
        if plan is None or len(plan.relation.rows) != len(self.expected.rows):
            return
        few = replace(plan, relation=plan.relation.keep(range(min(MOST_ROWS, len(plan.relation.rows)))), earlier=())
        shown = replace(self.expected, rows=self.expected.rows[:MOST_ROWS])
        for position, (name, made) in enumerate(zip(names, self.learned.columns, strict=False)):
            if name in wanted and made is not None:
                task = task_of(few, shown, position, Instructions(columns={name: sentence}))
                yield name, task, made.expression, few.relation.origins


def _first_wrong(task: Examples, program: Expression) -> int | None:
    """The first row, from 1 on, of which a program says otherwise than the example."""
    rows = enumerate(zip(task.records, task.outputs, strict=True), 1)
    return next((number for number, (row, want) in rows if (program.run(row) or "") != want), None)

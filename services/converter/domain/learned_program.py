"""What was learned: the program, proved on the example, and the report on it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.contenders import CLOSE_COST, Contender, Watched, grounds_of, other_ways, rival_tables
from services.converter.domain.judgement import Judgement, judge, prove
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import ColumnReport, Ground, Guard, LearningReport, Question
from services.converter.domain.survivors import Survivors
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.learning import Learned
from services.converter.domain.synthesis.columns.siblings import learn_from_siblings
from services.converter.domain.synthesis.language import Column, Constant, Examples, Expression
from services.converter.domain.synthesis.proof.boundaries import (
    boundaries,
    left_over,
    moved_columns,
    never_blank_cells,
    one_record_table,
    unnamed_cells,
    unread_columns,
)
from services.converter.domain.synthesis.proof.confidence import estimate
from services.converter.domain.synthesis.proof.guards import guards_of, rival_filter_guards
from services.converter.domain.synthesis.proof.questions import MOST_QUESTIONS, questions_of
from services.converter.domain.synthesis.proof.rivals import ambiguities, other_filters, other_plans
from services.converter.domain.synthesis.proof.seen import formats_of, values_of
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import compile_cells, compile_program
from services.converter.domain.synthesis.rows.search.attempts import Attempt
from services.converter.domain.table import Dialect, Row, Table
from services.converter.domain.table_readings import TableLesson, agreeing, ask_of_tables

MAX_WITNESSES = 5
"""Rows that are named as the ones that show a column's rule."""
GuardMaker = Callable[
    [Relation, Plan, Sequence[str], Sequence[tuple[Expression, Sequence[Expression]]], Sequence[Sequence[str]]],
    tuple[Guard, ...],
]
"""What finds a program's guards: `guards_of`, or one that knows of more rows than the example's."""


@dataclass(frozen=True, slots=True)
class LearnedProgram:
    """A program that reproduces the expected table (completed), or the best that was found (failed).

    ``header`` is what is written above the rows (None: no header, or the rows of `_cells` hold it already);
    ``survivors`` what to learn on from, where the program makes columns or one that does so was found beside it.
    """

    status: Literal["completed", "failed"]
    sql: str
    header: Row | None
    dialect: Dialect
    report: LearningReport
    cells: bool = False
    survivors: Survivors | None = None
    plan: Plan | None = None
    columns: tuple[Learned | None, ...] = ()
    """What it is made of: steps, and a program for each output column where it is no program for all cells."""
    ways: tuple[Contender, ...] = ()
    """It and others that explain the example about as well, of which a lesson on a whole table chooses."""

    @property
    def units(self) -> frozenset[str]:
        """The kinds of operators and steps that it is made of, by their names."""
        steps = self.plan.steps if self.plan is not None else ()
        conditions = (step.keeps for step in steps if step.keeps is not None)
        programs = (column.expression for column in self.columns if column is not None)
        nodes = (node for tree in (*conditions, *programs) for node in tree.walk())
        return frozenset(type(part).__name__ for part in (*steps, *nodes))

    def writes(self, texts: frozenset[str]) -> bool:
        """Whether it writes, in some column, one of some texts, or what stands behind a colon in one: as a constant."""
        programs = (column.expression for column in self.columns if column is not None)
        written = {node.text.strip() for tree in programs for node in tree.walk() if isinstance(node, Constant)}
        behind = {text.rpartition(":")[2].strip() for text in texts}
        return not written.isdisjoint((texts | behind) - {""})


def retell(
    learned: LearnedProgram, table: Table, expected: Table, lessons: Sequence[TableLesson], budget: Budget
) -> LearnedProgram:
    """The likeliest of the programs beside a learned one that agrees with lessons on whole tables, as if it had been
    found first. Raises `LessonRefused` where none does."""
    chosen, *others = agreeing(learned.ways, lessons, expected.header)
    if chosen.columns is None:
        return conclude_whole(table, expected, chosen.plan, None, budget, others)
    attempt = Attempt(chosen.plan, [Learned(column) for column in chosen.columns])
    return conclude(table, expected, attempt, None, budget, rivals=others)


# Longer than a page: a report has a line for each of its fields.
def conclude_whole(
    table: Table,
    expected: Table,
    plan: Plan,
    runner: ProgramRunner | None,
    budget: Budget,
    rivals: Sequence[Contender] = (),
    other: Attempt | None = None,
    plans_tried: Sequence[Plan] = (),
) -> LearnedProgram:
    """Prove a program for all cells at once, and describe it.

    ``rivals`` explain the example as well; so does ``other``, by steps and columns, on which more can be learned.
    """
    start = Relation.of(table)
    sql = compile_cells(start, plan)
    judgement, rows_out, warnings = _judged(sql, table, expected, None, plan.relation.even(), runner)
    contenders = [*rivals, *(_filtered_otherwise(other, plans_tried, plan.cost) if other is not None else ())]
    watched = rival_tables(Contender.of_cells(plan), contenders, table, expected, budget)
    near = len(watched.rivals)
    headed = expected.header is not None
    sure = estimate(len(set(expected.rows)), plan.cost, near)
    report = LearningReport(
        steps=tuple(step.words() for step in plan.steps),
        columns=tuple(
            ColumnReport(
                name,
                "synthesised",
                "_cells",
                plan.words(),
                confidence=sure,
                cells_right=judgement.of_column(position),
                rows=len(set(expected.rows)),
                price=round(plan.cost, 2),
                rivals=near,
            )
            for position, name in enumerate(expected.column_names)
        ),
        guards=(
            *left_over(start, plan),
            *unread_columns(start, plan),
            *unnamed_cells(start, plan, headed=headed and expected.has_names),
            *never_blank_cells(start, plan, headed=headed),
            *moved_columns(start, plan, headed=headed, counted=headed and not expected.has_names),
            *one_record_table(start, plan, len(expected.rows), headed=headed),
        ),
        rivals=watched.rivals,
        grounds=_grounds(plan, expected),
        questions=first_of(_of_tables(watched)),
        differences=judgement.differences,
        cells_right=judgement.cells_right,
        warnings=tuple(warnings),
        rows_in=len(table.rows),
        rows_out=rows_out,
        work=budget.spent,
        exhausted=not budget.is_spent,
    )
    status: Literal["completed", "failed"] = "completed" if judgement.exact else "failed"
    survivors = None if other is None else Survivors(other, tuple(plans_tried))
    return LearnedProgram(
        status, sql, None, expected.dialect, report, cells=True, plan=plan, survivors=survivors, ways=watched.near
    )


# Longer than a page: a report has a line for each of its fields.
def conclude(
    table: Table,
    expected: Table,
    best: Attempt | None,
    runner: ProgramRunner | None,
    budget: Budget,
    plans_tried: Sequence[Plan] = (),
    rivals: Sequence[Contender] = (),
    make_guards: GuardMaker = guards_of,
) -> LearnedProgram:
    """Prove the best attempt, and describe it: completed where it gives the expected table, else how far it came.

    ``rivals`` are other programs that explain the example.
    """
    names = expected.column_names
    start = Relation.of(table)
    if best is None:
        best = Attempt(Plan(start), [None] * len(names))
    columns = learn_from_siblings([_shown(best.plan, expected, i) for i in range(len(names))], best.columns)
    best = Attempt(best.plan, columns)
    survivors = Survivors(best, tuple(plans_tried))
    expressions: list[Expression] = [c.expression if c else Constant("") for c in best.columns]
    sql = compile_program(start, best.plan, names, expressions)
    rows = _given(best, expressions, expected, runner)
    judgement, rows_out, warnings = _judged(sql, table, expected, expected.header, rows, runner)
    complete = best.complete and judgement.exact
    warnings += [
        f"{name} is the same text on every row of the example"
        for name, c in zip(names, best.columns, strict=True)
        if c and ranking.is_constant(c.expression)
    ]
    watched = None
    if best.complete:
        others = [*rivals, *other_ways(best, plans_tried, expected)]
        watched = rival_tables(Contender.of_columns(best), others, table, expected, budget)
    report = LearningReport(
        steps=tuple(step.words() for step in best.plan.steps),
        columns=tuple(
            _column_report(best.plan, name, position, learned, expected, judgement)
            for position, (name, learned) in enumerate(zip(names, best.columns, strict=True))
        ),
        guards=tuple(_guards(start, expected, best, rows, plans_tried, make_guards)),
        rivals=watched.rivals if watched is not None else (),
        grounds=_grounds(best.plan, expected),
        ambiguities=tuple(
            a for name, c in zip(names, best.columns, strict=True) if c for a in ambiguities(start, best.plan, name, c)
        ),
        differences=judgement.differences,
        doubts=(
            *(step.doubt for step in best.plan.steps if step.doubt),
            *(f'"{name}": {c.doubt}' for name, c in zip(names, best.columns, strict=True) if c and c.doubt),
        ),
        questions=first_of((*_of_tables(watched), *questions_of(table, expected, survivors))),
        warnings=tuple(warnings),
        cells_right=judgement.cells_right,
        rows_in=len(table.rows),
        rows_out=rows_out,
        work=budget.spent,
        exhausted=not budget.is_spent,
    )
    status: Literal["completed", "failed"] = "completed" if complete else "failed"
    made = tuple(best.columns)
    ways = watched.near if watched is not None else ()
    return LearnedProgram(
        status, sql, expected.header, expected.dialect, report,
        survivors=survivors, plan=best.plan, columns=made, ways=ways,
    )  # fmt: skip


def _of_tables(watched: Watched | None) -> tuple[Question, ...]:
    """What is asked of the whole table."""
    return () if watched is None else ask_of_tables(watched.programs, watched.answers, watched.files)


def first_of(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The first questions, with ids and with the answers that every question has."""
    first = (question.with_ways_out() for question in questions[:MOST_QUESTIONS])
    return tuple(replace(question, id=f"q{number}") for number, question in enumerate(first, 1))


def _grounds(plan: Plan, expected: Table) -> tuple[Ground, ...]:
    """The decisions on rows, with how many records show each."""
    return tuple(Ground(decision, records) for decision, records in grounds_of(plan, expected).items())


def _given(
    best: Attempt, expressions: Sequence[Expression], expected: Table, runner: ProgramRunner | None
) -> list[Row]:
    """The rows that the programs give; the expected ones of a large example, on whose rows all columns were checked."""
    if best.complete and runner is None and len(expected.rows) > sampling.FEW_ROWS:
        return [tuple(row) + ("",) * (len(expressions) - len(row)) for row in expected.rows]
    return [tuple(e.run(r) or "" for e in expressions) for r in best.plan.relation.rows]


def _guards(
    start: Relation,
    expected: Table,
    best: Attempt,
    rows: Sequence[Row],
    plans_tried: Sequence[Plan],
    make_guards: GuardMaker,
) -> Iterator[Guard]:
    """The boundaries of what the example showed of columns, of filters and of the file's make."""
    names, columns = expected.column_names, best.columns
    programs = [(c.expression, c.others) if c else (Constant(""), ()) for c in columns]
    outputs = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    yield from make_guards(start, best.plan, names, programs, outputs)
    yield from rival_filter_guards(start, best.plan, other_filters(best.plan, plans_tried))
    yield from boundaries(start, best.plan, [program for program, _ in programs], expected)


def _filtered_otherwise(attempt: Attempt, plans_tried: Sequence[Plan], price: float) -> Iterator[Contender]:
    """A complete attempt, and with the other likely reasons for keeping its rows at no higher a price."""
    if not attempt.complete:
        return
    program = Contender.of_columns(attempt)
    yield program
    for plan in other_plans(attempt.plan, plans_tried):
        cost = Attempt(plan, attempt.columns).cost
        yield replace(program, plan=plan, cost=min(cost, price))


def _judged(
    sql: str, table: Table, expected: Table, header: Row | None, rows: Sequence[Row], runner: ProgramRunner | None
) -> tuple[Judgement, int, list[str]]:
    """The verdict on a program and the number of its rows: in the sandbox, without one by what its operators mean."""
    if runner is None:
        return judge(expected, header, rows), len(rows), []
    verdict, count, trouble = prove(sql, table, expected, header, runner)
    return verdict, count, [trouble] if trouble else []


def _shown(plan: Plan, expected: Table, position: int, most: int = 1 << 62) -> Examples:
    """What the example shows of one output column, in at most about so many rows."""
    outputs = [row[position] if position < len(row) else "" for row in sampling.some(expected.rows, most)]
    return Examples(plan.relation.names, list(sampling.some(plan.relation.rows, most)), outputs)


def _column_report(
    plan: Plan, name: str, position: int, learned: Learned | None, expected: Table, judgement: Judgement
) -> ColumnReport:
    right = judgement.of_column(position)
    if learned is None:
        return ColumnReport(name, "open", "", "not found", cells_right=right)
    expression = learned.expression
    relation = plan.relation
    task = _shown(plan, expected, position, sampling.MOST_SEEN)
    named = isinstance(expression, Column) and expression.price <= ranking.EXACT_NAME
    rows = ranking.grounds(task, expression)
    near = sum(other.cost <= expression.cost + CLOSE_COST for other in learned.others)
    return ColumnReport(
        name=name,
        how="copied" if isinstance(expression, Column) else "synthesised",
        expression=expression.sql(),
        words=expression.words(),
        sources=tuple(relation.names[i] for i in sorted(expression.columns)),
        witnesses=tuple(dict.fromkeys(relation.origins))[:MAX_WITNESSES],
        confidence=estimate(rows, expression.cost, near, named=named),
        formats=formats_of(expression, task.outputs),
        values=values_of(task.outputs),
        cells_right=right,
        rows=rows,
        price=round(expression.cost, 2),
        rivals=near,
        doubt=learned.doubt,
    )

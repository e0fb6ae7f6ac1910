"""What was learned: the program, proved on the example, and the report on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import ColumnReport, Difference, Guard, LearningReport
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.learning import Learned
from services.converter.domain.synthesis.columns.siblings import learn_from_siblings
from services.converter.domain.synthesis.language import Column, Constant, Examples, Expression
from services.converter.domain.synthesis.proof.boundaries import boundaries, one_record_table, rival_shapes
from services.converter.domain.synthesis.proof.guards import guards_of, rival_filter_guards
from services.converter.domain.synthesis.proof.rivals import ambiguities, other_filters
from services.converter.domain.synthesis.proof.seen import formats_of, values_of
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import compile_cells, compile_program
from services.converter.domain.synthesis.rows.search.attempts import Attempt
from services.converter.domain.table import Dialect, Row, Table

MAX_DIFFERENCES = 20
MAX_WITNESSES = 5


@dataclass(frozen=True, slots=True)
class LearnedProgram:
    """A program that reproduces the expected table (completed), or the best that was found (failed).

    ``header`` is what is written above the rows (None: no header, or the rows of `_cells` hold it already).
    """

    status: Literal["completed", "failed"]
    sql: str
    header: Row | None
    dialect: Dialect
    report: LearningReport
    cells: bool = False


def conclude_whole(
    table: Table,
    expected: Table,
    plan: Plan,
    runner: ProgramRunner | None,
    budget: Budget,
    rivals: list[Plan],
) -> LearnedProgram:
    """Prove a program for all cells at once, and describe it."""
    start = Relation.of(table)
    sql = compile_cells(start, plan)
    wanted = ([expected.header] if expected.header else []) + list(expected.rows)
    rows, warnings = _proved(sql, table, plan.relation.even(), runner)
    right = sum(a == b for have, want in zip(rows, wanted, strict=False) for a, b in zip(have, want, strict=False))
    total = max(1, sum(len(r) for r in wanted))
    report = LearningReport(
        steps=tuple(step.words() for step in plan.steps),
        columns=tuple(
            ColumnReport(name, "synthesised", "_cells", plan.words(), confidence=0.8, cells_right=1.0)
            for name in expected.column_names
        ),
        guards=(*one_record_table(start, plan, len(expected.rows)), *rival_shapes(start, plan, rivals)),
        cells_right=min(1.0, right / total),
        warnings=tuple(warnings),
        rows_in=len(table.rows),
        rows_out=len(rows),
        work=budget.spent,
        exhausted=not budget.is_spent,
    )
    status: Literal["completed", "failed"] = "completed" if rows == wanted else "failed"
    return LearnedProgram(status, sql, None, expected.dialect, report, cells=True)


def conclude(
    table: Table,
    expected: Table,
    best: Attempt | None,
    runner: ProgramRunner | None,
    budget: Budget,
    plans_tried: Sequence[Plan] = (),
    shapes: tuple[Guard, ...] = (),
) -> LearnedProgram:
    """Prove the best attempt, and describe it: completed where it gives the expected table, else how far it came.

    ``shapes``: notes on files of which other likely programs would make another table.
    """
    names = expected.column_names
    start = Relation.of(table)
    if best is None:
        best = Attempt(Plan(start), [None] * len(names))
    columns = learn_from_siblings([_shown(best.plan, expected, i) for i in range(len(names))], best.columns)
    best = Attempt(best.plan, columns)
    expressions: list[Expression] = [c.expression if c else Constant("") for c in best.columns]
    sql = compile_program(start, best.plan, names, expressions)
    # The columns of a large example were checked on all rows one by one.
    known = best.complete and runner is None and len(expected.rows) > sampling.FEW_ROWS
    rows = (
        [tuple(row) + ("",) * (len(names) - len(row)) for row in expected.rows]
        if known
        else [tuple(e.run(r) or "" for e in expressions) for r in best.plan.relation.rows]
    )
    outputs = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    rows, warnings = _proved(sql, table, rows, runner)
    differences, right = _compare(rows, expected)
    complete = best.complete and not differences and len(rows) == len(expected.rows)
    warnings += [
        f"{name} is the same text on every row of the example"
        for name, c in zip(names, best.columns, strict=True)
        if c and ranking.is_constant(c.expression)
    ]
    report = LearningReport(
        steps=tuple(step.words() for step in best.plan.steps),
        columns=tuple(
            _column_report(best.plan, name, position, learned, expected)
            for position, (name, learned) in enumerate(zip(names, best.columns, strict=True))
        ),
        guards=(
            *guards_of(
                start,
                best.plan,
                names,
                [(c.expression, c.others) if c else (Constant(""), ()) for c in best.columns],
                outputs,
            ),
            *rival_filter_guards(start, best.plan, other_filters(best.plan, plans_tried)),
            *boundaries(start, best.plan, expressions, expected),
            *shapes,
        ),
        ambiguities=tuple(
            a for name, c in zip(names, best.columns, strict=True) if c for a in ambiguities(start, best.plan, name, c)
        ),
        differences=tuple(differences[:MAX_DIFFERENCES]),
        warnings=tuple(warnings),
        cells_right=right,
        rows_in=len(table.rows),
        rows_out=len(rows),
        work=budget.spent,
        exhausted=not budget.is_spent,
    )
    return LearnedProgram("completed" if complete else "failed", sql, expected.header, expected.dialect, report)


def _proved(sql: str, table: Table, rows: list[Row], runner: ProgramRunner | None) -> tuple[list[Row], list[str]]:
    """What the program gives in the sandbox (without one: what its operators mean), and why it does not run."""
    if runner is None:
        return rows, []
    try:
        return list(runner.run(sql, table).rows), []
    except ConverterFault as fault:
        return [], [f"the program does not run: {fault.message}"]


def _compare(rows: list[Row], expected: Table) -> tuple[list[Difference], float]:
    names = expected.column_names
    differences: list[Difference] = []
    right = total = 0
    for number in range(max(len(rows), len(expected.rows))):
        have = rows[number] if number < len(rows) else ()
        want = expected.rows[number] if number < len(expected.rows) else ()
        for position, name in enumerate(names):
            w = want[position] if position < len(want) else ""
            h = have[position] if position < len(have) else ""
            total += 1
            if w == h and bool(have) == bool(want):
                right += 1
            elif len(differences) < MAX_DIFFERENCES:
                differences.append(Difference(number + 1, name, w, h))
    return differences, right / total if total else 1.0


def _shown(plan: Plan, expected: Table, position: int, most: int = 1 << 62) -> Examples:
    """What the example shows of one output column, in at most about so many rows."""
    outputs = [row[position] if position < len(row) else "" for row in sampling.some(expected.rows, most)]
    return Examples(plan.relation.names, list(sampling.some(plan.relation.rows, most)), outputs)


def _column_report(plan: Plan, name: str, position: int, learned: Learned | None, expected: Table) -> ColumnReport:
    if learned is None:
        return ColumnReport(name, "open", "", "not found")
    expression = learned.expression
    relation = plan.relation
    task = _shown(plan, expected, position, sampling.MOST_SEEN)
    return ColumnReport(
        name=name,
        how="copied" if isinstance(expression, Column) else "synthesised",
        expression=expression.sql(),
        words=expression.words(),
        sources=tuple(relation.names[i] for i in sorted(expression.columns)),
        witnesses=tuple(dict.fromkeys(relation.origins))[:MAX_WITNESSES],
        confidence=ranking.confidence(task, expression),
        formats=formats_of(expression, task.outputs),
        values=values_of(task.outputs),
        cells_right=1.0,
    )

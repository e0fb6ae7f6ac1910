"""Learning a conversion from one input table and the table that it should become."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import ColumnReport, Difference, LearningReport
from services.converter.domain.synthesis import ranking, sampling
from services.converter.domain.synthesis.columns import DOUBTFUL, Calls, Learned, learn_by_cases, learn_column
from services.converter.domain.synthesis.compilation import compile_program, steps_sql
from services.converter.domain.synthesis.guards import guards_of, rival_filter_guards
from services.converter.domain.synthesis.language import Column, Constant, Examples, Expression
from services.converter.domain.synthesis.lines import learn_lines
from services.converter.domain.synthesis.rivals import ambiguities, other_filters
from services.converter.domain.synthesis.seen import formats_of, values_of
from services.converter.domain.synthesis.siblings import learn_from_siblings
from services.converter.domain.synthesis.tables.alignment import beginning, grouped_plans, least_cost, plans
from services.converter.domain.synthesis.tables.boundaries import boundaries, one_record_table, rival_shapes
from services.converter.domain.synthesis.tables.context import with_context
from services.converter.domain.synthesis.tables.relation import Plan, Relation
from services.converter.domain.synthesis.tables.reshaping import reshapings
from services.converter.domain.synthesis.tables.sections import sections
from services.converter.domain.synthesis.tables.sorting import in_order_of
from services.converter.domain.synthesis.tables.wide import WholeTable, compile_whole, whole_tables
from services.converter.domain.table import Dialect, Row, Table

MAX_DIFFERENCES = 20
MAX_WITNESSES = 5
PLANNING_SHARE = 0.3
"""The part of the time that may go into plans for rows."""
SECOND_SHARE = 0.25
"""The part of the time that may go into looking for a cheaper plan once one is complete, or many were in vain."""
CONCLUDING_SHARE = 0.15
"""The part of the time that is kept, for a large example, to prove and describe what was found."""
LIKELY_SHARE = 0.2
"""The part of the planning time after which a plan that copies half of the columns is plan enough."""
COLUMN_SHARE = 0.4
"""The part of the remaining time that may go into one column."""
NO_ORDER = "the order of the expected rows was not learned: rows come in the order of the input"
MOST_WHOLE = 12
MAX_ROUNDS, MAX_EXCEPTIONS = 4, 20
"""How often a column of a large example is learned again, each time with so many rows more that were wrong."""
MOST_CANDIDATES, MOST_PLANS, MOST_THOROUGH = 120, 10, 3
MOST_OPEN = 2
"""Columns that programs by cases are looked for; where more are open, the rows are not the right ones."""
MOST_IN_VAIN = 6
"""Plans in a row that solve no more columns than the best before them: then others get a part of the time only."""
CASES_SHARE, MOST_CALLS = 0.2, 64
"""The part of the remaining time that may go into programs by cases, and the small tasks learned for them."""
BEGINNING_SHARE = 0.15
"""The part of the planning time that goes into plans for the first rows of a large example."""
MOST_EXTENDED = 3
"""Plans for the first rows of a large example, or for its groups, that are run on all of it."""


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


@dataclass(slots=True)
class _Attempt:
    """A plan with what was learned for each output column (None: open)."""

    plan: Plan
    columns: list[Learned | None]

    @property
    def open(self) -> int:
        return sum(column is None for column in self.columns)

    @property
    def complete(self) -> bool:
        return not self.open

    @property
    def cost(self) -> float:
        return self.plan.cost + sum(c.expression.cost for c in self.columns if c is not None)

    @property
    def merit(self) -> tuple[bool, int, float]:
        """What makes one attempt better than another: complete, more columns solved, cheaper."""
        return self.complete, -self.open, -self.cost


_Memory = dict[object, dict[int, Learned | None]]
"""What was learned over the rows of plans: rows, then positions in the output; None: looked for, and not found."""


def learn(
    input: Table,  # noqa: A002 - the relation's name in every program
    expected: Table,
    *,
    instructions: Instructions | None = None,
    runner: ProgramRunner | None = None,
    deadline_s: float = 20.0,
) -> LearnedProgram:
    """Find one DuckDB SELECT that turns ``input`` into ``expected`` and proves so on every cell.

    Without a ``runner`` the program is proved by the Python meaning of its operators only. Learning stops at
    ``deadline_s`` seconds with the best program so far.
    """
    started = time.monotonic()
    large = len(input.rows) > sampling.LARGE_ROWS
    ends_at = started + deadline_s * (1.0 - CONCLUDING_SHARE if large else 1.0)
    said = instructions or Instructions()
    if len(input.rows) > sampling.FEW_ROWS:
        # What holds for so many rows is no chance: more is looked for only where the likeliest plans fall short.
        for likely in _likeliest(input, expected, started + deadline_s * PLANNING_SHARE):
            best = _search(likely, expected, said, ends_at, thorough=False)
            if best is not None and best.complete:
                return _conclude(input, expected, best, runner, started, [plan for _, plan in likely])
    candidates = _promising(input, expected, time.monotonic() + deadline_s * PLANNING_SHARE)
    learned: _Memory = {}
    best = _search(candidates, expected, said, ends_at, thorough=False, learned=learned)
    whole, rivals = _whole(input, expected, ends_at, best)
    if whole is None and (best is None or not best.complete):
        shuffled = in_order_of(input, expected)
        if shuffled is not None and time.monotonic() < ends_at:
            reordered = _search(_promising(input, shuffled, ends_at), shuffled, said, ends_at, thorough=False)
            if reordered is not None and reordered.complete:
                program = _conclude(input, shuffled, reordered, runner, started)
                warnings = (*program.report.warnings, NO_ORDER)
                return replace(program, report=replace(program.report, order_learned=False, warnings=warnings))
    if whole is None and (best is None or not best.complete):
        close = candidates[:MOST_THOROUGH] if best is not None and best.open <= MOST_OPEN else []
        now = time.monotonic()
        cased_by = now + (ends_at - now) * CASES_SHARE
        cased = _search(close, expected, said, cased_by, thorough=True, learned=learned)
        best = max((a for a in (best, cased) if a is not None), key=lambda attempt: attempt.merit, default=None)
    if whole is not None and (best is None or not best.complete or whole[1].cost + whole[0].cost <= best.cost):
        return _conclude_whole(input, expected, whole, runner, started, rivals)
    return _conclude(input, expected, best, runner, started, [plan for _, plan in candidates])


def _search(
    candidates: list[tuple[float, Plan]],
    expected: Table,
    said: Instructions,
    ends_at: float,
    *,
    thorough: bool,
    learned: _Memory | None = None,
) -> _Attempt | None:
    """The best attempt over the plans, cheapest first; plans that give the same rows share what was learned of them.

    Once a plan is complete, others are tried only where they may be cheaper, and for a part of the time only; before,
    a plan is left as soon as it has as many open columns as the best, and those are looked for first that were not
    found over other plans. ``learned`` keeps columns between searches. A ``thorough`` search goes for complete plans.
    """
    best: _Attempt | None = None
    memory: _Memory = {} if learned is None else learned
    tried: dict[object, list[Learned | None]] = {}
    calls, failures, in_vain = Calls(MOST_CALLS), Counter[int](), 0
    started = time.monotonic()
    for bound, plan in candidates:
        limit = best.cost if best is not None and best.complete else None
        now = time.monotonic()
        if (
            now > ends_at
            or len(tried) == MOST_PLANS
            or (limit is not None and bound >= limit)
            or ((limit is not None or in_vain >= MOST_IN_VAIN) and now - started > (ends_at - started) * SECOND_SHARE)
        ):
            break
        rows = (plan.relation.names, plan.relation.rows, plan.relation.order)
        columns = tried.get(rows)
        if columns is None:
            known = memory.setdefault(rows, {})
            most_open = best.open if best is not None and not best.complete else len(expected.column_names) + 1
            most_open = 1 if thorough else most_open
            trial = _Trial(plan, expected, said, ends_at, calls if thorough else None, limit, most_open, failures)
            columns = tried[rows] = _attempt(trial, known).columns
            in_vain += 1
        attempt = _Attempt(plan, columns)
        if best is None or attempt.merit > best.merit:
            in_vain = in_vain if best is not None and attempt.open == best.open else 0
            best = attempt
    return best


def _likeliest(table: Table, expected: Table, ends_at: float) -> Iterator[list[tuple[float, Plan]]]:
    """Plans for a large example: row by row, in groups, then those for its first rows that give as many rows."""
    start = Plan(Relation.of(table))
    if len(table.rows) == len(expected.rows):
        yield [(0.0, start)]
    if 2 * len(expected.rows) <= len(table.rows):
        groups = [(plan.cost, plan) for plan in islice(grouped_plans(table, expected), MOST_EXTENDED)]
        if groups:
            yield groups
    first = beginning(table, expected, sampling.BEGINNING_ROWS)
    if first is None:
        return
    now = time.monotonic()
    found: list[tuple[float, Plan]] = []
    for bound, small in _promising(*first, now + (ends_at - now) * BEGINNING_SHARE):
        plan = replace(start, distinct=small.distinct)
        for step in small.steps:
            plan = plan.then(step)
        if small.steps and len(plan.relation.rows) == len(expected.rows):
            found.append((bound, plan))
        if len(found) == MOST_EXTENDED or time.monotonic() > ends_at:
            break
    if found:
        yield found


def _promising(table: Table, expected: Table, ends_at: float) -> list[tuple[float, Plan]]:
    """Plans with a lower bound on their cost, cheapest first: copied columns count little, others a piece."""
    names = expected.column_names
    wanted = [tuple(row[i] if i < len(row) else "" for row in expected.rows) for i in range(len(names))]
    found: list[tuple[float, Plan]] = []
    likely = False
    now = time.monotonic()
    enough_at = now + (ends_at - now) * LIKELY_SHARE
    for plan in plans(table, expected, ends_at):
        relation = plan.relation
        copies = {tuple(cell or "" for cell in column) for column in zip(*relation.rows, strict=True)}
        found.append((least_cost(plan, range(len(relation.rows)), wanted), plan))
        likely |= 2 * sum(output in copies for output in wanted) >= len(wanted)
        if len(found) >= MOST_CANDIDATES or (likely and time.monotonic() > enough_at):
            break
    found.sort(key=lambda item: item[0])
    return found


@dataclass(frozen=True, slots=True)
class _Trial:
    """A plan whose columns are to be learned, and where to give up: at a cost, or with so many columns open.

    ``calls``: what programs by cases may still take (None: none are looked for). ``failures``: how often each column
    was not found over other plans.
    """

    plan: Plan
    expected: Table
    said: Instructions
    ends_at: float
    calls: Calls | None
    limit: float | None
    most_open: int
    failures: Counter[int]


def _attempt(trial: _Trial, known: dict[int, Learned | None]) -> _Attempt:
    """Learn every output column over a plan's rows, copies last: what is hard tells soonest whether the plan will do.

    ``known`` holds what was learned before, and takes what is.
    """
    names = trial.expected.column_names
    tasks = [_task(trial.plan, trial.expected, position, trial.said) for position in range(len(names))]
    in_lines = learn_lines(tasks)
    columns: list[Learned | None] = [None] * len(names)
    spent, still_open = trial.plan.cost, 0
    order = _hardest_first(trial.plan.relation, trial.expected, trial.failures)
    for count, position in enumerate(order):
        now = time.monotonic()
        part = min(COLUMN_SHARE, 2 / max(1, len(names) - count)) if trial.calls is None else 1.0
        share = max(0.5, (trial.ends_at - now) * part)
        ends_at = min(trial.ends_at, now + share)
        if position not in known:
            found = _learn_checked(tasks[position], ends_at, lambda task, by: learn_column(task, by, thorough=False))
            if position in in_lines:
                found = Learned(in_lines[position], (found.expression, *found.others) if found else ())
            known[position] = found
        learned = known[position]
        if trial.calls is not None and (learned is None or learned.expression.cost > DOUBTFUL):
            known[position] = learned = _learn_cases(tasks[position], ends_at, trial.calls, learned)
        columns[position] = learned
        if learned is None:
            trial.failures[position] += 1
            still_open += 1
            if trial.limit is not None or still_open >= trial.most_open or still_open > MOST_OPEN:
                break
        else:
            spent += learned.expression.cost
            if trial.limit is not None and spent > trial.limit:
                break
    for position in order:
        columns[position] = columns[position] or known.get(position)
    return _Attempt(trial.plan, columns)


def _learn_cases(task: Examples, ends_at: float, calls: Calls, plain: Learned | None) -> Learned | None:
    """A column's program by cases where that is better than the plain one, if there is any."""
    found = _learn_checked(task, ends_at, lambda part, by: learn_by_cases(part, by, calls, plain))
    return found or plain


def _hardest_first(relation: Relation, expected: Table, failures: Counter[int]) -> list[int]:
    """Positions of the output columns: those that other plans failed at, those that are no copies, then the others."""
    copies = {tuple(cell or "" for cell in column) for column in zip(*relation.rows, strict=True)}
    wanted = [tuple(r[i] if i < len(r) else "" for r in expected.rows) for i in range(len(expected.column_names))]
    return sorted(range(len(wanted)), key=lambda i: (wanted[i] in copies, -failures[i]))


def _task(plan: Plan, expected: Table, position: int, said: Instructions) -> Examples:
    """What one output column is learned from."""
    names = plan.relation.names
    target = expected.column_names[position]
    hint = said.words_for(target, expected.column_names)
    return Examples(
        names,
        list(plan.relation.rows),
        [row[position] if position < len(row) else "" for row in expected.rows],
        target,
        hint,
        ranking.column_prices(names, target, hint),
        lent=frozenset(i for i, name in enumerate(names) if name in plan.lent),
    )


def _learn_checked(
    task: Examples, ends_at: float, learner: Callable[[Examples, float], Learned | None]
) -> Learned | None:
    """A column's program from some rows of a large example, checked on all; rows it gets wrong are learned from."""
    positions = sampling.spread(len(task.outputs))
    if len(positions) == len(task.outputs):
        return learner(task, ends_at)
    for _ in range(MAX_ROUNDS):
        learned = learner(task.subset(positions), ends_at)
        if learned is None:
            return None
        exceptions: list[int] = []
        for place, program in enumerate((learned.expression, *learned.others)):
            wrong = _wrong_rows(task, program)
            if not wrong:
                return Learned(program, tuple(o for o in learned.others[place:] if _fits_probes(task, o)))
            exceptions = exceptions or wrong
            if time.monotonic() > ends_at:
                break
        if time.monotonic() > ends_at:
            return None
        positions = sorted({*positions, *exceptions})
    return None


def _fits_probes(task: Examples, program: Expression) -> bool:
    """Whether a rival is right on some rows, evenly spaced: it will be named, not chosen."""
    records = sampling.some(task.records, sampling.MOST_PROBED)
    outputs = sampling.some(task.outputs, sampling.MOST_PROBED)
    return all((program.run(record) or "") == want for record, want in zip(records, outputs, strict=True))


def _wrong_rows(task: Examples, program: Expression) -> list[int]:
    """Positions of the first rows that a program gets wrong."""
    rows = enumerate(zip(task.records, task.outputs, strict=True))
    return list(islice((i for i, (row, want) in rows if (program.run(row) or "") != want), MAX_EXCEPTIONS))


def _proved(sql: str, table: Table, rows: list[Row], runner: ProgramRunner | None) -> tuple[list[Row], list[str]]:
    """What the program gives in the sandbox (without one: what its operators mean), and why it does not run."""
    if runner is None:
        return rows, []
    try:
        return list(runner.run(sql, table).rows), []
    except ConverterFault as fault:
        return [], [f"the program does not run: {fault.message}"]


def _whole(
    table: Table, expected: Table, ends_at: float, best: _Attempt | None
) -> tuple[tuple[Plan, WholeTable] | None, list[WholeTable]]:
    """The cheapest program for all cells at once, and those over grids that are nearly as cheap."""
    start = Plan(Relation.of(table))
    wanted = [tuple(row[i] if i < len(row) else "" for row in expected.rows) for i in range(min(1, expected.width))]
    bases = [start, *with_context(start), *sections(start, wanted)]
    found = list(islice(whole_tables(bases, table, expected, ends_at), MOST_WHOLE))
    solved = best is not None and best.complete
    grids = reshapings(table, expected, ends_at, solved=solved)
    found += [(start, program) for program in grids]
    best_found = min(found, key=lambda item: item[0].cost + item[1].cost, default=None)
    return best_found, grids if best_found and best_found[1] in grids else []


def _conclude_whole(
    table: Table,
    expected: Table,
    found: tuple[Plan, WholeTable],
    runner: ProgramRunner | None,
    started: float,
    rivals: list[WholeTable],
) -> LearnedProgram:
    plan, whole = found
    start = Relation.of(table)
    sql = compile_whole(*steps_sql(start, plan, whole.needs()), whole)
    wanted = ([expected.header] if expected.header else []) + list(expected.rows)
    rows = whole.run(plan.relation)
    rows, warnings = _proved(sql, table, rows, runner)
    right = sum(a == b for have, want in zip(rows, wanted, strict=False) for a, b in zip(have, want, strict=False))
    total = max(1, sum(len(r) for r in wanted))
    report = LearningReport(
        steps=(*(step.words() for step in plan.steps), whole.words()),
        columns=tuple(
            ColumnReport(name, "synthesised", "_cells", whole.words(), confidence=0.8, cells_right=1.0)
            for name in expected.column_names
        ),
        guards=(*one_record_table(start, plan, whole, len(expected.rows)), *rival_shapes(whole, rivals)),
        cells_right=min(1.0, right / total),
        warnings=tuple(warnings),
        rows_in=len(table.rows),
        rows_out=len(rows),
        elapsed_s=round(time.monotonic() - started, 4),
    )
    status: Literal["completed", "failed"] = "completed" if rows == wanted else "failed"
    return LearnedProgram(status, sql, None, expected.dialect, report, cells=True)


def _conclude(
    table: Table,
    expected: Table,
    best: _Attempt | None,
    runner: ProgramRunner | None,
    started: float,
    plans_tried: Sequence[Plan] = (),
) -> LearnedProgram:
    names = expected.column_names
    start = Relation.of(table)
    if best is None:
        best = _Attempt(Plan(start), [None] * len(names))
    columns = learn_from_siblings([_shown(best.plan, expected, i) for i in range(len(names))], best.columns)
    best = _Attempt(best.plan, columns)
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
        ),
        ambiguities=tuple(
            a for name, c in zip(names, best.columns, strict=True) if c for a in ambiguities(start, best.plan, name, c)
        ),
        differences=tuple(differences[:MAX_DIFFERENCES]),
        warnings=tuple(warnings),
        cells_right=right,
        rows_in=len(table.rows),
        rows_out=len(rows),
        elapsed_s=round(time.monotonic() - started, 4),
    )
    return LearnedProgram("completed" if complete else "failed", sql, expected.header, expected.dialect, report)


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

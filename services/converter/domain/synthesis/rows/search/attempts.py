"""Plans of what happens to rows, tried in turn: each output column is learned over the rows that a plan gives."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from services.converter.domain.instructions import Instructions
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.learning import (
    DOUBTFUL,
    Calls,
    Learned,
    learn_by_cases,
    learn_column,
)
from services.converter.domain.synthesis.columns.lines import learn_lines
from services.converter.domain.synthesis.columns.outputs import learn_from_outputs
from services.converter.domain.synthesis.language import Examples, Expression
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.proposals.relations import grouped_plans
from services.converter.domain.synthesis.rows.search.alignment import beginning, least_cost, plans
from services.converter.domain.synthesis.rows.search.lending import Bounds, Memory, least_of_columns, rows_of
from services.converter.domain.table import Table
from services.converter.domain.wording.lexicon import in_english

SECOND_SHARE = 0.25
"""The part of the work that may go into looking for a cheaper plan once one is complete, or many were in vain."""
LIKELY_SHARE = 0.2
"""The part of the planning work after which a plan that copies half of the columns is plan enough."""
COLUMN_SHARE = 0.4
"""The part of the remaining work that may go into one column."""
LEAST_WORK = 500_000
"""Units that may go into one column however little is left."""
MAX_ROUNDS, MAX_EXCEPTIONS = 4, 20
"""How often a column of a large example is learned again, each time with so many rows more that were wrong."""
MOST_CANDIDATES, MOST_PLANS = 120, 10
"""Plans that are looked at, and different rows over which columns are learned."""
MOST_OPEN, MOST_OPEN_IN_PLACE = 2, 6
"""Columns that programs by cases are looked for; where more are open, the rows are not the right ones, unless each row
of the input is a row of the output, or as many as it says (two legs of a trade, each an amount and its currency, and a
fee)."""
MOST_IN_VAIN = 6
"""Plans in a row that solve no more columns than the best before them: then others get a part of the work only."""
MOST_RIVALS = 3
"""Plans in a row that make a complete one no cheaper: then it stands."""
MOST_CALLS = 64
"""Small tasks learned for all programs by cases."""
BEGINNING_SHARE = 0.15
"""The part of the planning work that goes into plans for the first rows of a large example."""
MOST_EXTENDED = 3
"""Plans for the first rows of a large example, or for its groups, that are run on all of it."""


@dataclass(slots=True)
class Attempt:
    """A plan with what was learned for each output column (None: open)."""

    plan: Plan
    columns: list[Learned | None]

    @property
    def open(self) -> int:
        """How many columns no program was found for, or only one that is an open question."""
        return sum(column is None or bool(column.doubt) for column in self.columns)

    @property
    def complete(self) -> bool:
        """Whether there is a program for every column, and nothing in it is an open question."""
        return not self.open and not any(step.doubt for step in self.plan.steps)

    @property
    def explained(self) -> bool:
        """Whether some program, be it a guess, gives every column: a longer search would find others to guess by."""
        return all(column is not None for column in self.columns)

    @property
    def cost(self) -> float:
        """What the plan and the columns found cost together."""
        return self.plan.cost + sum(c.expression.cost for c in self.columns if c is not None)

    @property
    def merit(self) -> tuple[bool, int, int, float]:
        """What makes one attempt better than another: complete, more columns solved, more that may be asked for,
        cheaper."""
        return self.complete, -self.open, -self.columns.count(None), -self.cost


def search_plans(
    candidates: list[tuple[float, Plan]],
    expected: Table,
    said: Instructions,
    budget: Budget,
    *,
    thorough: bool,
    learned: Memory | None = None,
) -> Attempt | None:
    """The best attempt over the plans, cheapest first; plans that give the same rows share what was learned of them.

    Once a plan is complete, others are tried only where they may be cheaper, and for a part of the work only; before,
    a plan is left as soon as it has as many open columns as the best, and those are looked for first that were not
    found over other plans. ``learned`` keeps columns between searches. A ``thorough`` search goes for complete plans.
    """
    best: Attempt | None = None
    memory: Memory = {} if learned is None else learned
    tried: dict[object, list[Learned | None]] = {}
    calls, failures, in_vain = Calls(MOST_CALLS), Counter[int](), 0
    began, second = budget.spent, budget.spent + int(budget.left * SECOND_SHARE)
    for bound, plan in candidates:
        limit = best.cost if best is not None and best.complete else None
        if (
            budget.is_spent
            or len(tried) == MOST_PLANS
            or (limit is not None and bound >= limit)
            or ((limit is not None or in_vain >= MOST_IN_VAIN) and budget.spent > second)
            or (limit is not None and in_vain == MOST_RIVALS)
        ):
            break
        rows = rows_of(plan)
        columns = tried.get(rows)
        if columns is None:
            known = memory.setdefault(rows, {})
            most_open = best.open if best is not None and not best.complete else len(expected.column_names) + 1
            most_open = 1 if thorough else most_open
            least = least_of_columns(plan, expected.columns(), memory)
            trial = _Trial(plan, expected, said, budget, calls if thorough else None, limit, most_open, failures, least)
            columns = tried[rows] = _attempt(trial, known).columns
            in_vain += 1
        attempt = Attempt(plan, columns)
        if best is None or attempt.merit > best.merit:
            if attempt.complete and (best is None or not best.complete):
                # What took so long to be found is hardly found again for less: others get as much work.
                second = budget.spent + max(LEAST_WORK, budget.spent - began)
            in_vain = in_vain if best is not None and attempt.open == best.open else 0
            best = attempt
    return best


def likeliest(table: Table, expected: Table, budget: Budget) -> Iterator[list[tuple[float, Plan]]]:
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
    found: list[tuple[float, Plan]] = []
    for bound, small in promising(*first, budget.part(BEGINNING_SHARE)):
        plan = start
        for step in small.steps:
            plan = plan.then(step)
        if small.steps and len(plan.relation.rows) == len(expected.rows):
            found.append((bound, plan))
        budget.spend(len(table.rows))
        if len(found) == MOST_EXTENDED or budget.is_spent:
            break
    if found:
        yield found


def promising(table: Table, expected: Table, budget: Budget) -> list[tuple[float, Plan]]:
    """Plans with a lower bound on their cost, cheapest first: copied columns count little, others a piece."""
    wanted = expected.columns()
    found: list[tuple[float, Plan]] = []
    likely = False
    enough = budget.spent + int(budget.left * LIKELY_SHARE)
    last: tuple[Step, ...] | None = None
    for plan in plans(table, expected, budget):
        # Reasons why the same rows stay come together: where one is looked at, so are the others.
        if last is not None and plan.steps[:-1] != last:
            break
        relation = plan.relation
        copies = {tuple(cell or "" for cell in column) for column in zip(*relation.rows, strict=True)}
        found.append((least_cost(plan, range(len(relation.rows)), wanted), plan))
        likely |= 2 * sum(output in copies for output in wanted) >= len(wanted)
        if len(found) >= MOST_CANDIDATES or (likely and budget.spent > enough):
            last = plan.steps[:-1]
    found.sort(key=lambda item: item[0])
    return found


def bounded(found: Sequence[Plan], expected: Table) -> list[tuple[float, Plan]]:
    """Plans with a lower bound on their cost."""
    wanted = [tuple(row[i] if i < len(row) else "" for row in expected.rows) for i in range(len(expected.column_names))]
    return [(least_cost(plan, range(len(plan.relation.rows)), wanted), plan) for plan in found]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A plan whose columns are to be learned, and where to give up: at a cost, or with so many columns open.

    ``calls``: what programs by cases may still take (None: none are looked for). ``failures``: how often each column
    was not found over other plans. ``least``: what each column costs at least, and what it is known to cost without
    what the plan lends.
    """

    plan: Plan
    expected: Table
    said: Instructions
    budget: Budget
    calls: Calls | None
    limit: float | None
    most_open: int
    failures: Counter[int]
    least: Sequence[Bounds]


def _attempt(trial: _Trial, known: dict[int, Learned | None]) -> Attempt:
    """Learn every output column over a plan's rows, copies last: what is hard tells soonest whether the plan will do.

    ``known`` holds what was learned before, and takes what is.
    """
    names = trial.expected.column_names
    tasks = [task_of(trial.plan, trial.expected, position, trial.said) for position in range(len(names))]
    in_lines = learn_lines(tasks)
    columns: list[Learned | None] = [None] * len(names)
    spent, still_open = trial.plan.cost + sum(bounds.least for bounds in trial.least), 0
    order = _hardest_first(trial.plan.relation, trial.expected, trial.failures)
    if trial.limit is not None:
        # What may be saved most tells soonest whether the plan can be the cheaper one.
        order.sort(key=lambda position: -trial.least[position].saving)
    for count, position in enumerate(order):
        if trial.limit is not None and spent >= trial.limit:
            break
        part = min(COLUMN_SHARE, 2 / max(1, len(names) - count)) if trial.calls is None else 1.0
        tasks[position].budget = trial.budget.part(part, at_least=LEAST_WORK)
        if position not in known:
            found = _learn_checked(tasks[position], lambda task: learn_column(task, thorough=False))
            if position in in_lines:
                found = Learned(in_lines[position], (found.expression, *found.others) if found else ())
            known[position] = found
        learned = known[position]
        if trial.calls is not None and (learned is None or learned.expression.cost > DOUBTFUL):
            known[position] = learned = _learn_cases(tasks[position], trial.calls, learned)
        columns[position] = learned
        if learned is None:
            trial.failures[position] += 1
            still_open += 1
            if trial.limit is not None or still_open >= trial.most_open or still_open > open_in(trial.plan):
                break
        else:
            spent += learned.expression.cost - trial.least[position].least
    for position in order:
        columns[position] = columns[position] or known.get(position)
    if 0 < columns.count(None) <= open_in(trial.plan) and trial.limit is None:
        columns = learn_from_outputs(tasks, columns)
    return Attempt(trial.plan, columns)


def open_in(plan: Plan) -> int:
    """How many columns may be open over a plan's rows for programs by cases to be looked for."""
    return MOST_OPEN_IN_PLACE if all(step.in_full for step in plan.steps) else MOST_OPEN


def _learn_cases(task: Examples, calls: Calls, plain: Learned | None) -> Learned | None:
    """A column's program by cases where that is better than the plain one, if there is any."""
    found = _learn_checked(task, lambda part: learn_by_cases(part, calls, plain))
    return found or plain


def _hardest_first(relation: Relation, expected: Table, failures: Counter[int]) -> list[int]:
    """Positions of the output columns: those that other plans failed at, those that are no copies, then the others."""
    copies = {tuple(cell or "" for cell in column) for column in zip(*relation.rows, strict=True)}
    wanted = expected.columns()
    return sorted(range(len(wanted)), key=lambda i: (wanted[i] in copies, -failures[i]))


def task_of(plan: Plan, expected: Table, position: int, said: Instructions) -> Examples:
    """What one output column is learned from."""
    names = plan.relation.names
    target = expected.column_names[position]
    hint = in_english(said.words_for(target, expected.column_names), (*names, target))
    start = plan.earlier[0] if plan.earlier else plan.relation
    return Examples(
        names,
        list(plan.relation.rows),
        [row[position] if position < len(row) else "" for row in expected.rows],
        target,
        hint,
        ranking.column_prices(names, target, hint),
        lent=frozenset(i for i, name in enumerate(names) if name in plan.lent),
        lone=len(set(expected.rows)) == 1 and (len(expected.rows) > 1 or expected.width == 1),
        shared=frozenset(i for i, name in enumerate(names) if name in plan.shared),
        telling=frozenset(i for i, name in enumerate(names) if name in plan.telling),
        around=plan.relation.around,
        data=plan.relation.data,
        lines=start.cells,
        kept=plan.relation.origins,
        heads=start.names,
    )


def _learn_checked(task: Examples, learner: Callable[[Examples], Learned | None]) -> Learned | None:
    """A column's program from some rows of a large example, checked on all; rows it gets wrong are learned from."""
    positions = sampling.spread(len(task.outputs))
    if len(positions) == len(task.outputs):
        return learner(task)
    for _ in range(MAX_ROUNDS):
        learned = learner(task.subset(positions))
        if learned is None:
            return None
        exceptions: list[int] = []
        for place, program in enumerate((learned.expression, *learned.others)):
            wrong = _wrong_rows(task, program)
            if not wrong:
                others = tuple(o for o in learned.others[place:] if _fits_probes(task, o))
                if place == 0:
                    return replace(learned, others=others, found=())
                return Learned(program, others, ranking.doubt(task, program))
            exceptions = exceptions or wrong
            if task.budget.is_spent:
                break
        if task.budget.is_spent:
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
    task.budget.spend(len(task.outputs))
    rows = enumerate(zip(task.records, task.outputs, strict=True))
    return list(islice((i for i, (row, want) in rows if (program.run(row) or "") != want), MAX_EXCEPTIONS))

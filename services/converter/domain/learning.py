"""Learning a conversion from one input table and the table that it should become."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from services.converter.domain.contenders import Contender
from services.converter.domain.heard import with_heard
from services.converter.domain.instructions import Instructions
from services.converter.domain.learned_program import LearnedProgram, conclude, conclude_whole, retell
from services.converter.domain.program import ProgramRunner
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns.learning import Learned
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.proposals.cells import numbered
from services.converter.domain.synthesis.rows.proposals.context import with_context
from services.converter.domain.synthesis.rows.proposals.said import asked_in
from services.converter.domain.synthesis.rows.proposals.sections import sections
from services.converter.domain.synthesis.rows.proposals.sorting import in_order_of
from services.converter.domain.synthesis.rows.provenance.located import Locate, Located
from services.converter.domain.synthesis.rows.provenance.pieces import Cells
from services.converter.domain.synthesis.rows.provenance.search import Moved, located_tables
from services.converter.domain.synthesis.rows.search.attempts import (
    Attempt,
    bounded,
    likeliest,
    open_in,
    promising,
    search_plans,
)
from services.converter.domain.synthesis.rows.search.lending import Memory
from services.converter.domain.synthesis.rows.search.reshaping import reshapings, whole_tables
from services.converter.domain.synthesis.rows.search.said import plans_asked
from services.converter.domain.table import Table
from services.converter.domain.table_readings import TableLesson

DEFAULT_WORK = 20_000_000
"""Units of work that a search may take: about 20 s of CPU time."""
PLANNING_SHARE = 0.3
"""The part of the work that may go into plans for rows."""
NO_ORDER = "the order of the expected rows was not learned: rows come in the order of the input"
MOST_WHOLE = 12
"""Programs for all cells at once that are compared."""
MOVING_WORK = 500_000
"""Work that goes into programs that only move cells: about half a second."""
RIVAL_WORK = 250_000
"""Work that goes into rivals of a program that is so plain that no other is looked for: about a quarter of a second."""
MOST_THOROUGH = 3
"""Plans for which programs by cases are looked for."""
CASES_SHARE = 0.2
"""The part of the remaining work that may go into programs by cases."""


def learn(
    input: Table,  # noqa: A002 - the relation's name in every program
    expected: Table,
    *,
    instructions: Instructions | None = None,
    runner: ProgramRunner | None = None,
    budget: Budget | None = None,
) -> LearnedProgram:
    """Find one DuckDB SELECT that turns ``input`` into ``expected`` and proves so on every cell.

    Without a ``runner`` the program is proved by the Python meaning of its operators only. The search ends where the
    ``budget`` is spent, with the best program so far: the same on any machine. Raises `OutOfTime` where the budget's
    clock strikes before.
    """
    said = instructions or Instructions()
    budget = budget or Budget(DEFAULT_WORK)
    ways = (_as_asked, _as_likely, _learn)
    found = (way(input, expected, said, runner, budget) for way in ways)
    return with_heard(next(program for program in found if program is not None), input, expected, said)


def learn_from_tables(
    learned: LearnedProgram, table: Table, expected: Table, lessons: Sequence[TableLesson], budget: Budget
) -> LearnedProgram:
    """The likeliest program that explains the example and makes of other files what was taught: one of those beside
    what was learned, else one that is learned from what was taught, which may show more than the example does.

    Raises `LessonRefused` where none does.
    """
    ways = learned.ways
    if not any(all(lesson.agrees(way, expected.header) for lesson in lessons) for way in ways):
        ways = tuple(_taught(table, expected, lessons, budget))
    return retell(replace(learned, ways=ways), table, expected, lessons, budget)


def _taught(table: Table, expected: Table, lessons: Sequence[TableLesson], budget: Budget) -> Iterator[Contender]:
    """Programs that are learned from lessons on whole tables and explain the example as well."""
    wanted = (*((expected.header,) if expected.header is not None else ()), *expected.rows)
    for lesson in lessons:
        taught = learn(lesson.table, lesson.made(expected), budget=budget)
        for way in taught.ways:
            plan = Plan(Relation.of(table))
            for step in way.plan.steps:
                plan = plan.then(step)
            if way.made_of(table, expected.header) == wanted:
                yield replace(way, plan=plan)


def _learn(
    input: Table,  # noqa: A002 - the relation's name in every program
    expected: Table,
    said: Instructions,
    runner: ProgramRunner | None,
    budget: Budget,
) -> LearnedProgram:
    start = Plan(Relation.of(input))
    located = located_tables(input, expected, budget.part(1.0, at_most=MOVING_WORK))
    plain = not input.has_names and located.is_sure
    if plain and not located.programs[0].written:
        others = reshapings(input, expected, budget.part(1.0, at_most=RIVAL_WORK), solved=True)
        return _conclude_moved(start, input, expected, located, runner, budget, map(Contender.of_cells, others))
    if located.by_rows:
        by_rows = search_plans([(0.0, start)], expected, said, budget, thorough=False)
        if by_rows is not None and by_rows.complete:  # it has rivals of its own
            return conclude(input, expected, by_rows, runner, budget)
    candidates = promising(input, expected, budget.part(PLANNING_SHARE))
    if located.plans:
        candidates = sorted([*bounded(located.plans, expected), *candidates], key=lambda item: item[0])
    learned: Memory = {}
    best = search_plans(candidates, expected, said, budget, thorough=False, learned=learned)
    moved = plain or _is_moved(located, best, input)
    # Names that stand in the file may be read by another kind of program; where none is written, no other is needed.
    sure = moved and not located.programs[0].written
    whole, others = (None, []) if sure else _whole(input, expected, budget, best)
    rivals = [Contender.of_cells(plan) for plan in others]
    if moved and (whole is None or located.programs[0].cost <= whole.cost):
        rivals += [Contender.of_cells(whole)] if whole is not None else []
        rivals += [Contender.of_columns(best)] if best is not None and best.complete else []
        return _conclude_moved(start, input, expected, located, runner, budget, rivals)
    if best is None or best.plan.steps:  # what is made row by row has rivals of its own
        rivals += [Contender.of_cells(start.then(program)) for program in located.programs]
    if whole is None and (best is None or not best.explained):
        program = _unordered(input, expected, said, runner, budget)
        if program is not None:
            return program
    if whole is None and (best is None or not best.explained):
        close = candidates[:MOST_THOROUGH] if best is not None and best.open <= open_in(best.plan) else []
        cased = search_plans(close, expected, said, budget.part(CASES_SHARE), thorough=True, learned=learned)
        best = max((a for a in (best, cased) if a is not None), key=lambda attempt: attempt.merit, default=None)
    tried = [plan for _, plan in candidates]
    if whole is not None and (best is None or not best.explained or whole.cost <= best.cost):
        return conclude_whole(input, expected, whole, runner, budget, rivals, best, tried)
    rivals += [Contender.of_cells(whole)] if whole is not None else []
    return conclude(input, expected, best, runner, budget, tried, rivals)


def _as_asked(
    table: Table, expected: Table, said: Instructions, runner: ProgramRunner | None, budget: Budget
) -> LearnedProgram | None:
    """The program that does with the rows what the user asks, where the example allows it: then no other is sought."""
    asked = asked_in(said, table, expected.column_names)
    plans = plans_asked(table, expected, asked, budget.part(PLANNING_SHARE)) if asked else []
    best = search_plans(plans, expected, said, budget, thorough=False)
    if best is None or not best.complete:
        return None
    return conclude(table, expected, best, runner, budget, [plan for _, plan in plans])


def _as_likely(
    table: Table, expected: Table, said: Instructions, runner: ProgramRunner | None, budget: Budget
) -> LearnedProgram | None:
    """The program of a likely plan for a large example: what holds for so many rows is no chance; None: none."""
    for likely in (
        likeliest(table, expected, budget.part(PLANNING_SHARE)) if len(table.rows) > sampling.FEW_ROWS else ()
    ):
        best = search_plans(likely, expected, said, budget, thorough=False)
        if best is not None and best.complete:
            return conclude(table, expected, best, runner, budget, [plan for _, plan in likely])
    return None


def _unordered(
    table: Table, expected: Table, said: Instructions, runner: ProgramRunner | None, budget: Budget
) -> LearnedProgram | None:
    """A program that gives the expected rows in the order of the input, where that is another; None: there is none."""
    shuffled = in_order_of(table, expected)
    if shuffled is None or budget.is_spent:
        return None
    plans = promising(table, shuffled, budget.part(PLANNING_SHARE))
    reordered = search_plans(plans, shuffled, said, budget, thorough=False)
    if reordered is None or not reordered.complete:
        return None
    program = conclude(table, shuffled, reordered, runner, budget)
    warnings = (*program.report.warnings, NO_ORDER)
    return replace(program, report=replace(program.report, order_learned=False, warnings=warnings))


def _conclude_moved(
    start: Plan,
    table: Table,
    expected: Table,
    located: Moved,
    runner: ProgramRunner | None,
    budget: Budget,
    others: Iterable[Contender] = (),
) -> LearnedProgram:
    """Prove and describe the best program that moves cells, beside its rivals and ``others`` of another kind."""
    moves = [start.then(program) for program in located.programs]
    if expected.header and not expected.has_names:
        moves = [numbered(plan) for plan in moves]
    rivals = [*(Contender.of_cells(move) for move in moves[1:]), *others]
    attempt = _as_columns(start, located.programs[0], expected)
    if attempt is None:
        return conclude_whole(table, expected, moves[0], runner, budget, rivals)
    return conclude(table, expected, attempt, runner, budget, rivals=rivals)


def _as_columns(start: Plan, program: Located, expected: Table) -> Attempt | None:
    """A program that moves cells into named columns, as rows with a copy for each. None: its names or width vary."""
    if not program.is_fixed or not expected.has_names or not program.names:
        return None
    places = [item for item in program.items if not isinstance(item, Cells)]
    names = [f"{place.name}_{i}" if places.index(place) < i else place.name for i, place in enumerate(places)]
    plan = start.then(Locate(program.layout, tuple(zip(names, places, strict=True))))
    return Attempt(plan, [Learned(Column(i, name)) for i, name in enumerate(names)])


def _is_moved(located: Moved, best: Attempt | None, table: Table) -> bool:
    """Whether moving cells explains the example better than the best plan with its columns.

    Columns that are read by their names are preferred where they are made row by row, or copied from rows that are kept
    for what is blank, not for what a cell says. A likelier plan that leaves a question open is asked about, not passed
    over for one that happens to leave none.
    """
    if not located.programs or best is None or not (best.complete or (best.explained and table.has_names)):
        return bool(located.programs)
    if not best.complete:
        return located.programs[0].cost < best.cost
    if located.programs[0].by_words:
        return False
    if table.has_names:
        copied = all(column is not None and isinstance(column.expression, Column) for column in best.columns)
        kept = [step.keeps for step in best.plan.steps if step.keeps is not None]
        if any(step.sized for step in best.plan.steps):
            return True
        if not best.plan.steps or (copied and all(condition.bare.asks_for_blank for condition in kept)):
            return False
    return located.programs[0].cost < best.cost


def _whole(table: Table, expected: Table, budget: Budget, best: Attempt | None) -> tuple[Plan | None, list[Plan]]:
    """The cheapest program for all cells at once, and the others that were found."""
    start = Plan(Relation.of(table))
    bases = [start, *with_context(start), *sections(start, expected.columns())]
    found = list(islice(whole_tables(bases, table, expected, budget), MOST_WHOLE))
    solved = best is not None and best.complete
    grids = reshapings(table, expected, budget, solved=solved)
    best_found = min((*found, *grids), key=lambda plan: plan.cost, default=None)
    return best_found, [rival for rival in (*found, *grids) if rival is not best_found]

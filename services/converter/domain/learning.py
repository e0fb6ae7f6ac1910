"""Learning a conversion from one input table and the table that it should become."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from services.converter.domain.instructions import Instructions
from services.converter.domain.learned_program import LearnedProgram, conclude, conclude_whole
from services.converter.domain.program import ProgramRunner
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.provenance.search import Moved, located_tables
from services.converter.domain.synthesis.rows.search.attempts import (
    MOST_OPEN,
    Attempt,
    Memory,
    bounded,
    likeliest,
    promising,
    search_plans,
)
from services.converter.domain.synthesis.rows.search.reshaping import reshapings
from services.converter.domain.synthesis.rows.steps.context import with_context
from services.converter.domain.synthesis.rows.steps.sections import sections
from services.converter.domain.synthesis.rows.steps.sorting import in_order_of
from services.converter.domain.synthesis.rows.steps.wide import Numbered, WholeTable, whole_tables
from services.converter.domain.table import Table

DEFAULT_WORK = 20_000_000
"""Units of work that a search may take: about 20 s of CPU time."""
PLANNING_SHARE = 0.3
"""The part of the work that may go into plans for rows."""
NO_ORDER = "the order of the expected rows was not learned: rows come in the order of the input"
MOST_WHOLE = 12
MOVING_WORK = 250_000
"""Work that goes into programs that only move cells: about a quarter of a second."""
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
    budget = budget or Budget(DEFAULT_WORK)
    said = instructions or Instructions()
    if len(input.rows) > sampling.FEW_ROWS:
        # What holds for so many rows is no chance: more is looked for only where the likeliest plans fall short.
        for likely in likeliest(input, expected, budget.part(PLANNING_SHARE)):
            best = search_plans(likely, expected, said, budget, thorough=False)
            if best is not None and best.complete:
                return conclude(input, expected, best, runner, budget, [plan for _, plan in likely])
    located = located_tables(input, expected, budget.part(1.0, at_most=MOVING_WORK))
    candidates = promising(input, expected, budget.part(PLANNING_SHARE))
    if located.plans:
        bounds = bounded(located.plans, expected)
        candidates = sorted([*bounds, *candidates], key=lambda item: item[0])
    learned: Memory = {}
    best = search_plans(candidates, expected, said, budget, thorough=False, learned=learned)
    if best is not None and best.complete and input.has_names and not best.plan.steps:
        located = Moved()  # rows stand one to one, and columns are read by their names
    whole, rivals = _whole(input, expected, budget, best, located)
    if whole is None and (best is None or not best.complete):
        shuffled = in_order_of(input, expected)
        if shuffled is not None and not budget.is_spent:
            plans = promising(input, shuffled, budget.part(PLANNING_SHARE))
            reordered = search_plans(plans, shuffled, said, budget, thorough=False)
            if reordered is not None and reordered.complete:
                program = conclude(input, shuffled, reordered, runner, budget)
                warnings = (*program.report.warnings, NO_ORDER)
                return replace(program, report=replace(program.report, order_learned=False, warnings=warnings))
    if whole is None and (best is None or not best.complete):
        close = candidates[:MOST_THOROUGH] if best is not None and best.open <= MOST_OPEN else []
        cased = search_plans(close, expected, said, budget.part(CASES_SHARE), thorough=True, learned=learned)
        best = max((a for a in (best, cased) if a is not None), key=lambda attempt: attempt.merit, default=None)
    if whole is not None and (best is None or not best.complete or whole[1].cost + whole[0].cost <= best.cost):
        return conclude_whole(input, expected, whole, runner, budget, rivals)
    return conclude(input, expected, best, runner, budget, [plan for _, plan in candidates])


def _whole(
    table: Table, expected: Table, budget: Budget, best: Attempt | None, located: Moved
) -> tuple[tuple[Plan, WholeTable] | None, list[WholeTable]]:
    """The cheapest program for all cells at once, and those over grids that are nearly as cheap."""
    start = Plan(Relation.of(table))
    wanted = [tuple(row[i] if i < len(row) else "" for row in expected.rows) for i in range(min(1, expected.width))]
    bases = [start, *with_context(start), *sections(start, wanted)]
    found = list(islice(whole_tables(bases, table, expected, budget), MOST_WHOLE))
    solved = best is not None and best.complete
    moved = [Numbered(p) if expected.header and not expected.has_names else p for p in located.programs]
    found += [(start, program) for program in moved]
    grids = reshapings(table, expected, budget, solved=solved)
    found += [(start, program) for program in grids]
    best_found = min(found, key=lambda item: item[0].cost + item[1].cost, default=None)
    rivals: Sequence[WholeTable] = moved if best_found and best_found[1] in moved else grids
    return best_found, list(rivals) if best_found and best_found[1] in rivals else []

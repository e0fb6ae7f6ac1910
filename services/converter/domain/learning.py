"""Learning a conversion from one input table and the table that it should become."""

import time
from dataclasses import replace
from itertools import islice

from services.converter.domain.instructions import Instructions
from services.converter.domain.learned_program import LearnedProgram, conclude, conclude_whole
from services.converter.domain.program import ProgramRunner
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.provenance.search import located_programs
from services.converter.domain.synthesis.rows.search.attempts import (
    MOST_OPEN,
    Attempt,
    Memory,
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

PLANNING_SHARE = 0.3
"""The part of the time that may go into plans for rows."""
CONCLUDING_SHARE = 0.15
"""The part of the time that is kept, for a large example, to prove and describe what was found."""
NO_ORDER = "the order of the expected rows was not learned: rows come in the order of the input"
MOST_WHOLE = 12
MOVING_WORK = 250_000
"""Work that goes into programs that only move cells: about a quarter of a second."""
MOST_THOROUGH = 3
"""Plans for which programs by cases are looked for."""
CASES_SHARE = 0.2
"""The part of the remaining time that may go into programs by cases."""


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
        for likely in likeliest(input, expected, started + deadline_s * PLANNING_SHARE):
            best = search_plans(likely, expected, said, ends_at, thorough=False)
            if best is not None and best.complete:
                return conclude(input, expected, best, runner, started, [plan for _, plan in likely])
    candidates = promising(input, expected, time.monotonic() + deadline_s * PLANNING_SHARE)
    learned: Memory = {}
    best = search_plans(candidates, expected, said, ends_at, thorough=False, learned=learned)
    whole, rivals = _whole(input, expected, ends_at, best)
    if whole is None and (best is None or not best.complete):
        shuffled = in_order_of(input, expected)
        if shuffled is not None and time.monotonic() < ends_at:
            reordered = search_plans(promising(input, shuffled, ends_at), shuffled, said, ends_at, thorough=False)
            if reordered is not None and reordered.complete:
                program = conclude(input, shuffled, reordered, runner, started)
                warnings = (*program.report.warnings, NO_ORDER)
                return replace(program, report=replace(program.report, order_learned=False, warnings=warnings))
    if whole is None and (best is None or not best.complete):
        close = candidates[:MOST_THOROUGH] if best is not None and best.open <= MOST_OPEN else []
        now = time.monotonic()
        cased_by = now + (ends_at - now) * CASES_SHARE
        cased = search_plans(close, expected, said, cased_by, thorough=True, learned=learned)
        best = max((a for a in (best, cased) if a is not None), key=lambda attempt: attempt.merit, default=None)
    if whole is not None and (best is None or not best.complete or whole[1].cost + whole[0].cost <= best.cost):
        return conclude_whole(input, expected, whole, runner, started, rivals)
    return conclude(input, expected, best, runner, started, [plan for _, plan in candidates])


def _whole(
    table: Table, expected: Table, ends_at: float, best: Attempt | None
) -> tuple[tuple[Plan, WholeTable] | None, list[WholeTable]]:
    """The cheapest program for all cells at once, and those over grids that are nearly as cheap."""
    start = Plan(Relation.of(table))
    wanted = [tuple(row[i] if i < len(row) else "" for row in expected.rows) for i in range(min(1, expected.width))]
    bases = [start, *with_context(start), *sections(start, wanted)]
    found = list(islice(whole_tables(bases, table, expected, ends_at), MOST_WHOLE))
    solved = best is not None and best.complete
    moved: list[WholeTable] = []
    if not (best is not None and best.complete and table.has_names and not best.plan.steps):
        moved = list(located_programs(table, expected, Budget(MOVING_WORK)))
        if expected.header and not expected.has_names:
            moved = [Numbered(program) for program in moved]
        found += [(start, program) for program in moved]
    grids = reshapings(table, expected, ends_at, solved=solved)
    found += [(start, program) for program in grids]
    best_found = min(found, key=lambda item: item[0].cost + item[1].cost, default=None)
    rivals = moved if best_found and best_found[1] in moved else grids
    return best_found, rivals if best_found and best_found[1] in rivals else []

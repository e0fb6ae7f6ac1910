"""Plans for all cells at once, the cheapest first: a few steps that turn the file's cells into the wanted ones."""

import heapq
import itertools
import re
from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Grid, Plan, Relation
from services.converter.domain.synthesis.rows.cells import padded
from services.converter.domain.synthesis.rows.proposals.cells import Goal, Wanted, numbered, starts, steps_on_cells
from services.converter.domain.synthesis.rows.proposals.wide import wide_plans
from services.converter.domain.table import Table

MAX_CELLS, MOST_CELLS = 6_000, 60_000
"""Cells of an example from which grids are searched, and from which single steps are tried."""

MAX_STEPS, MAX_COST = 4, 7.5
"""Steps of one reshaping, and what they may cost together: beyond, what fits does so by chance (docs/adr/0017)."""

MAX_WORK, WORK_OF_A_STEP = 600_000, 40
"""Cells that one search makes at most: a bound that is the same on every machine, about a quarter of a second."""

WORK_FOR_COPIES = 2 * MAX_WORK
"""The same where every wanted text is a cell of the file: then the table was most likely laid out anew."""

NEAR = 0.6
"""Programs that cost so much more than the cheapest are its rivals."""

_WORD = re.compile(r"\w+")


def reshapings(table: Table, expected: Table, budget: Budget, *, solved: bool) -> list[Plan]:
    """Plans that turn the table's cells into the expected table, cheapest first: the best and its rivals.

    Where the columns are ``solved`` already, grids are of use only where no columns are known by their names.
    """
    if solved and table.has_names:
        return []
    if sum(map(len, table.rows)) > MAX_CELLS or sum(map(len, expected.rows)) > MAX_CELLS or not expected.rows:
        return []
    if len({len(row) for row in expected.rows}) > 1:
        return []
    relation = Relation.of(table)
    found: list[Plan] = []
    for start, goals in starts(relation, expected, table.has_names, solved):
        limit = min([MAX_COST, *(plan.cost + NEAR for plan in found)])
        found += _search(start, goals, limit, budget)
    found.sort(key=lambda plan: plan.cost)
    near = [plan for plan in found if plan.cost <= found[0].cost + NEAR]
    return [numbered(plan) for plan in near] if expected.header and not expected.has_names else near


def _search(start: Plan, goals: Sequence[Goal], limit: float, budget: Budget) -> list[Plan]:
    """Uniform-cost search over grids; states that lost a wanted text are left."""
    wanted = goals[-1].rows
    texts = {cell for row in wanted for cell in row if cell}
    first = start.relation.cells
    have = "\x00".join(cell for row in first for cell in row)
    # Texts that stand in no cell are joined from several, or are none of the file's: they tell nothing of a state.
    kept = [text for text in texts if text in have]
    if 2 * len(kept) < len(texts) and not all(any(part in have for part in _WORD.findall(text)) for text in texts):
        return []
    tie = itertools.count()
    heap: list[tuple[float, int, Plan]] = [(start.cost, next(tie), start)]
    seen: set[Grid] = set()
    found: list[Plan] = []
    asked = Wanted(wanted, frozenset(goals[0].rows[0]))
    most_work = WORK_FOR_COPIES if texts <= {cell for row in first for cell in row} else MAX_WORK
    work = 0
    while heap and work < most_work and not budget.is_spent:
        cost, _, plan = heapq.heappop(heap)
        grid, steps = plan.relation.cells, plan.steps[len(start.steps) :]
        if cost > limit:
            break
        if grid in seen:
            continue
        seen.add(grid)
        done = padded(grid)
        for goal in goals:
            if done == goal.rows and steps:
                program = plan.then(goal.header) if goal.header else plan
                found.append(program)
                limit = min(limit, program.cost + NEAR)
        if len(steps) == MAX_STEPS:
            continue
        for step in steps_on_cells(grid, asked, steps):
            price = cost + step.cost
            if price > limit:
                continue
            further = plan.then(step)
            after = further.relation.cells
            cells = sum(map(len, after))
            work += cells + WORK_OF_A_STEP
            budget.spend(cells + WORK_OF_A_STEP)
            if not after or cells > 4 * MAX_CELLS or after in seen:
                continue
            if _holds_all(after, kept):
                heapq.heappush(heap, (price, next(tie), further))
    return found


def _holds_all(grid: Grid, texts: Sequence[str]) -> bool:
    """Whether each text is a cell of the grid or stands inside of one."""
    cells = {cell for row in grid for cell in row}
    inside = [text for text in texts if text not in cells]
    if not inside:
        return True
    joined = "\x00".join(cells)
    return all(text in joined for text in inside)


def whole_tables(plans: Sequence[Plan], table: Table, expected: Table, budget: Budget) -> Iterator[Plan]:
    """Plans that give the expected rows exactly as cells (its header as the first row where it has one).

    The search ends where the budget is spent.
    """
    counted = bool(expected.header) and not expected.has_names
    wanted = ([expected.header] if expected.header and not counted else []) + list(expected.rows)
    if not wanted or sum(len(r) for r in wanted) > MOST_CELLS or sum(len(r) for r in table.rows) > MOST_CELLS:
        return
    cells = sum(map(len, table.rows)) + sum(map(len, wanted))
    for plan in plans:
        for made in wide_plans(plan, wanted, has_header=expected.header is not None and not counted):
            if budget.is_spent:
                return
            budget.spend(cells)
            if made.relation.even() == wanted:
                yield numbered(made) if counted else made

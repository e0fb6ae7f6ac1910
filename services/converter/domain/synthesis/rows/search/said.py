"""Plans that do with the rows what instructions ask for."""

from collections.abc import Sequence
from dataclasses import replace

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.proposals.said import Asked, arranged, filtered, grouped, replayed
from services.converter.domain.synthesis.rows.search.attempts import promising
from services.converter.domain.table import Table


def plans_asked(table: Table, expected: Table, asked: Sequence[Asked], budget: Budget) -> list[tuple[float, Plan]]:
    """Plans that do all that is asked, cheapest first: what the example shows of the rows that are to stay."""
    base = filtered(Plan(Relation.of(table)), asked)
    kept = replace(table, rows=tuple(table.rows[origin - 1] for origin in base.relation.origins))
    found = [
        (plan.cost, each)
        for plan in grouped(base, asked)
        if len(plan.relation.rows) == len(expected.rows)
        for each in arranged(plan, asked)
    ]
    for bound, plan in promising(kept, expected, budget):
        whole = replayed(base, plan.steps)
        if len(whole.relation.rows) == len(expected.rows):
            found += [(bound + base.cost, each) for each in arranged(whole, asked)]
    return found

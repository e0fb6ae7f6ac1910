"""All steps, found by walking their base: what their laws are held on."""

from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.catalogue import steps
from services.converter.domain.table import Table

CASES = {f"{kind.__name__} {place}": step for kind in steps() for place, step in enumerate(kind.law())}


def planned(step: Step, table: Table) -> tuple[Relation, Plan]:
    """The table's relation, and the plan of the step over it."""
    start = Relation.of(table)
    plan = Plan(start)
    for each in (*step.grounds, step):
        plan = plan.then(each)
    return start, plan

"""All steps, found by walking their base: what their laws are held on."""

import importlib
import pkgutil
from collections.abc import Iterator

from services.converter.domain.synthesis import rows
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.table import Table


def kinds() -> list[type[Step]]:
    """Every kind of step that can be made, in the order of their names."""
    for module in pkgutil.walk_packages(rows.__path__, f"{rows.__name__}."):
        importlib.import_module(module.name)
    return sorted({kind for kind in _below(Step) if not kind.__abstractmethods__}, key=lambda kind: kind.__name__)


def _below(kind: type[Step]) -> Iterator[type[Step]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


CASES = {f"{kind.__name__} {place}": step for kind in kinds() for place, step in enumerate(kind.law())}


def planned(step: Step, table: Table) -> tuple[Relation, Plan]:
    """The table's relation, and the plan of the step over it."""
    start = Relation.of(table)
    plan = Plan(start)
    for each in (*step.grounds, step):
        plan = plan.then(each)
    return start, plan

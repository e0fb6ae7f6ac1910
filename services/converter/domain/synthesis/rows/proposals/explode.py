"""Cells whose parts may become rows."""

from collections.abc import Iterator

from services.converter.domain.synthesis.operators.text.split import delimiters
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.explode import Explode


def explosions(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Explosions that give at least as many rows as are wanted."""
    relation = plan.relation
    for index, name in enumerate(relation.names[:40]):
        values = [row[index] or "" for row in relation.rows]
        for delimiter in delimiters(values)[:8]:
            total = sum(v.count(delimiter) + 1 for v in values)
            if wanted_rows <= total <= max(50, 4 * wanted_rows):
                yield plan.then(Explode(name, delimiter))
                yield plan.then(Explode(name, delimiter, by_part=True))

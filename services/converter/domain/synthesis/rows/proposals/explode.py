"""One row that may become several: for each part of a cell, or as often as all others."""

from collections.abc import Iterator

from services.converter.domain.synthesis.positions import delimiters
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.explode import Explode
from services.converter.domain.synthesis.rows.steps.repeat import Repeat

MOST_TIMES = 24
"""Times that a row is repeated at most: the months of two years."""


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


def repeats(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Every row as often, where two rows or more show how often that is."""
    rows = len(plan.relation.rows)
    times, rest = divmod(wanted_rows, rows) if rows > 1 else (0, 0)
    if not rest and 1 < times <= MOST_TIMES:
        yield plan.then(Repeat(times))
        yield plan.then(Repeat(times, by_time=True))

"""Plans whose rows stand one to one with the wanted rows."""

from collections.abc import Iterator

from services.converter.domain.synthesis.tables.relation import Plan, Relation
from services.converter.domain.table import Table


def plans(table: Table, expected: Table, ends_at: float) -> Iterator[Plan]:
    """Candidate plans, simplest first."""
    del ends_at
    start = Plan(Relation.of(table))
    if len(table.rows) == len(expected.rows):
        yield start

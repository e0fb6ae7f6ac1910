"""What is left of a search: the program with others that explain the example as well, to learn on from."""

from dataclasses import dataclass

from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.search.attempts import Attempt
from services.converter.domain.table import Row, Table


@dataclass(frozen=True, slots=True)
class Survivors:
    """``best`` makes rows by a plan and cells by columns (with each column's rivals); ``plans`` are others for the
    rows, likeliest first."""

    best: Attempt
    plans: tuple[Plan, ...] = ()


def replayed(plan: Plan, table: Table, *, filtered: bool = True) -> Relation | None:
    """The rows that a plan's steps make of another file, also those that conditions leave out where not ``filtered``.

    None where it is no file that the steps can be run on: names that a step goes by may be cells of the file that it
    was learned from (a pivot's), and be missing in another.
    """
    relation = Relation.of(table)
    try:
        for step in plan.steps:
            if filtered or not step.keeps:
                relation = step.run(relation)
    except (ValueError, IndexError, KeyError):
        return None
    return relation


def made_of(attempt: Attempt, table: Table) -> tuple[Row, ...]:
    """The rows that an attempt makes of a file, by what its operators mean."""
    relation = replayed(attempt.plan, table)
    rows = relation.rows if relation is not None else ()
    return tuple(tuple((c.expression.run(row) or "") if c else "" for c in attempt.columns) for row in rows)

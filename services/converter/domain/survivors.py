"""What is left of a search: the program with others that explain the example as well, to learn on from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.language import Column, Constant, Expression, Node, remade
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


def renamed(columns: Sequence[Expression], names: Sequence[str]) -> tuple[Expression, ...] | None:
    """Programs of columns over a relation that has those that they read at other places, as one of a file with more
    columns has; None: it lacks one."""
    places = {name: place for place, name in enumerate(names)}
    read = {node.name for column in columns for node in column.walk() if isinstance(node, Column)}
    if not read <= places.keys():
        return None

    def moved(node: Node) -> Node | None:
        # What a program for the items of a list reads is no column of the table.
        return replace(node, index=places[node.name]) if isinstance(node, Column) and node.name in read else None

    return tuple(remade(column, moved) for column in columns)


def made_of(attempt: Attempt, table: Table) -> tuple[Row, ...]:
    """The rows that an attempt makes of a file, by what its operators mean."""
    relation = replayed(attempt.plan, table)
    made = [c.expression if c else Constant("") for c in attempt.columns]
    columns = renamed(made, relation.names) if relation is not None else None
    if relation is None or columns is None:
        return ()
    return tuple(tuple(column.run(row) or "" for column in columns) for row in relation.rows)

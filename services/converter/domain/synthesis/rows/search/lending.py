"""Plans that lend their rows what other rows say: what is known of the rows without it bounds what they can be worth.

A plan that lends columns is worth its price only where a program that reads one of them is cheaper than what the row's
own columns give. Once a plan with the same rows was learned, the cost of each of its columns says how much there is to
save at most; where all of it does not pay for the plan, or what was looked for so far saves nothing, the rest of the
plan's columns is not learned again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.columns.learning import Learned
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.search.alignment import EXACT_COPY, NUMBER_BOUND, PIECE_BOUND, likeness

Rows = tuple[object, ...]
"""What tells the rows of plans apart that columns are learned over."""
Memory = dict[Rows, dict[int, Learned | None]]
"""What was learned over the rows of plans: rows, then positions in the output; None: looked for, and not found."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a column costs at least over a plan's rows, and how much less that is than what is known of it."""

    least: float = EXACT_COPY
    saving: float = 0.0


def rows_of(plan: Plan) -> Rows:
    """The rows that a plan gives, with all of their columns."""
    return plan.relation.names, plan.relation.rows, plan.relation.order


def least_of_columns(
    plan: Plan, wanted: Sequence[tuple[str, ...]], memory: Mapping[Rows, dict[int, Learned | None]]
) -> list[Bounds]:
    """For each wanted column what it costs at least over a plan's rows, by what is known of them without what the plan
    lends; as much as a copy where nothing is."""
    known = memory.get(_own_rows(plan)) if plan.lent else None
    if not known:
        return [Bounds()] * len(wanted)
    names, rows = plan.relation.names, plan.relation.rows
    lent = [tuple(row[i] or "" for row in rows) for i, name in enumerate(names) if name in plan.lent]
    alike = {_likeness(cells) for cells in lent}
    return [
        _bounds(known.get(position), column in lent, _likeness(column) in alike)
        for position, column in enumerate(wanted)
    ]


def _bounds(known: Learned | None, is_copied: bool, is_alike: bool) -> Bounds:
    """The bounds of a column by its program without what is lent, if one is known: a program that reads what is lent
    copies it, writes it in another way, or is made of pieces."""
    reading = EXACT_COPY if is_copied else NUMBER_BOUND if is_alike else PIECE_BOUND
    if known is None:
        return Bounds(reading)
    cost = known.expression.cost
    # What words spell out stays the likeliest program, whatever another costs.
    least = cost if known.rank <= reading else min(cost, reading)
    return Bounds(least, cost - least)


def _likeness(cells: Sequence[str]) -> tuple[str, ...]:
    """What cells have in common with others that say the same in another format."""
    return tuple(likeness(cell.strip().lower()) for cell in cells)


def _own_rows(plan: Plan) -> Rows:
    """The rows that a plan gives without the columns that it lends."""
    relation = plan.relation
    own = [i for i, name in enumerate(relation.names) if name not in plan.lent]
    names = tuple(relation.names[i] for i in own)
    return names, tuple(tuple(row[i] for i in own) for row in relation.rows), relation.order

"""Relations whose rows may stand one to one with the wanted rows, or more of them, the likelier first."""

from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.proposals.computed import (
    with_amounts_of_rows,
    with_durations,
    with_parts,
)
from services.converter.domain.synthesis.rows.proposals.context import (
    group_head,
    with_context,
    with_neighbours,
    with_running,
)
from services.converter.domain.synthesis.rows.proposals.explode import explosions, further_rows, repeats
from services.converter.domain.synthesis.rows.proposals.filtering import one_kind, without_totals
from services.converter.domain.synthesis.rows.proposals.grouping import groupings, with_items
from services.converter.domain.synthesis.rows.proposals.melting import melts
from services.converter.domain.synthesis.rows.proposals.ordering import ordered
from services.converter.domain.synthesis.rows.proposals.pivoting import pivots
from services.converter.domain.synthesis.rows.proposals.records import block_columns
from services.converter.domain.synthesis.rows.proposals.sections import gathered, sections
from services.converter.domain.synthesis.rows.proposals.sorting import distincts, sorts
from services.converter.domain.synthesis.rows.proposals.unpivoting import unpivots
from services.converter.domain.synthesis.rows.proposals.windows import with_windows
from services.converter.domain.table import Table

MANY_ROWS = 4_000
"""Plans of more rows are not kept to be compared with others."""


def bases(start: Plan, outputs: list[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Relations to look at, the likelier first; those with more rows than are wanted are filtered."""
    rows = len(start.relation.rows)
    wanted = len(outputs[0]) if outputs else 0
    if rows == wanted:
        yield start
    contexts = list(with_context(start))
    if rows >= wanted:
        if rows > wanted:
            yield start
        yield from contexts
    if rows >= wanted > 1:
        yield from sorts(start, outputs)
    if rows == wanted:
        yield from with_windows(start, outputs)
        yield from _reordered(start, outputs)
    if rows > wanted:
        yield from _fewer(start, outputs, contexts)
    if 2 * rows > wanted > 1:
        yield from further_rows(start, wanted)
    if rows < wanted:
        for plan in (start, *contexts[:1]):
            yield from explosions(plan, outputs)
        yield from repeats(start, wanted)
    yield from _melted(start, outputs, targets)
    yield from block_columns(start, wanted)
    group = group_head(start.relation)
    groups = [plan for plan in contexts[2:] if group in plan.steps]
    for plan in (*without_totals(start), start, *contexts[:2], *groups):
        yield from unpivots(plan, outputs)
    if rows >= wanted:
        yield from with_running(start)


def _fewer(start: Plan, outputs: list[tuple[str, ...]], contexts: list[Plan]) -> Iterator[Plan]:
    """Relations in which several rows of the input are one."""
    wanted = len(outputs[0]) if outputs else 0
    if len(start.relation.rows) <= MANY_ROWS:
        for made in with_amounts_of_rows(start, outputs):
            for grouped in groupings(made, outputs, having=False):
                yield from ordered(grouped, outputs)
        # Times are columns beside: plans without them would be tried first, each over rows of its own.
        timed = next(with_durations(start), start)
        yield from _together(timed, outputs)
        for parted in (*with_parts(timed, outputs), *with_items(start, outputs)):
            yield from _together(parted, outputs)
        for kept in one_kind(start):
            if len(kept.relation.rows) > wanted:
                yield from _grouped_in_order(next(with_durations(kept), kept), outputs)
    else:
        yield from distincts(start, wanted)
    for parted in sections(start, outputs):
        yield from gathered(parted)
    for plan in (start, *contexts[:1]):
        yield from with_neighbours(plan)


def _grouped_in_order(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Groups of the rows, by columns or parts of them, in the wanted order."""
    for parted in (plan, *with_parts(plan, outputs)):
        for grouped in groupings(parted, outputs, having=False):
            yield from ordered(grouped, outputs)


def _together(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Distinct rows, groups and pivots, in the wanted order, with figures of all groups where they are wanted."""
    wanted = len(outputs[0])
    for grouped in (*distincts(plan, wanted), *groupings(plan, outputs), *pivots(plan, outputs)):
        yield grouped
        if len(grouped.relation.rows) > wanted:
            yield from sorts(grouped, outputs)
            continue
        for arranged in ordered(grouped, outputs):
            if arranged is not grouped:
                yield arranged
            yield from with_windows(arranged, outputs)


def grouped_plans(table: Table, expected: Table) -> Iterator[Plan]:
    """Plans for a large example in which rows of the same keys become one, in the wanted order."""
    outputs = expected.columns()
    start = Plan(Relation.of(table))
    for plan in (start, *with_parts(start, outputs)):
        for grouped in groupings(plan, outputs, having=False):
            yield from ordered(grouped, outputs)


def _melted(start: Plan, outputs: list[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Wide to long by names, with what may follow: another order, fewer rows, groups."""
    wanted = len(outputs[0]) if outputs else 0
    for melted in melts(start, outputs, targets):
        rows = len(melted.relation.rows)
        if rows >= wanted:
            yield melted
        if rows == wanted:
            yield from _reordered(melted, outputs)
        elif wanted < rows <= MANY_ROWS:
            yield from _together(melted, outputs)


def _reordered(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan in the wanted order, where that is another."""
    yield from (arranged for arranged in ordered(plan, outputs) if arranged is not plan)

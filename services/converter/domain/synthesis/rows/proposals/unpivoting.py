"""From which column on cells, or groups of how many, may become rows."""

from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import one_amount_each
from services.converter.domain.synthesis.rows.proposals.ordering import filled, follows, meanings
from services.converter.domain.synthesis.rows.steps.unpivoting import Unpivot

MAX_CELLS = 40_000
"""Cells that are looked at: all of an example that people make."""

MOST_SAID = 4_000
"""Cells whose numbers are compared, beside their texts: reading them takes much longer."""

MOST_LEFT_OUT = 2
"""Columns at the end that may be left out."""


def unpivots(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """Unpivots that give at least as many rows as are wanted, and whose cells or names the wanted rows show."""
    relation = plan.relation
    wanted_rows = len(wanted[0]) if wanted else 0
    width = max((len(c) for c in relation.cells), default=0)
    total = sum(len(c) for c in relation.cells)
    if width < 2 or total > MAX_CELLS:
        return
    for size in range(1, min(4, width) + 1):
        for first in range(1, min(width, 9)):
            for left_out in range(MOST_LEFT_OUT + 1):
                taken = width - left_out - first + 1
                if taken < size or (size > 1 and taken % size):
                    continue
                rows = sum(max(0, (len(c) - left_out - first + size) // size) for c in relation.cells)
                if rows < wanted_rows:
                    break
                for by in ("row", "column"):
                    step = Unpivot(first, size, by, left_out)
                    if _is_shown(step, relation, wanted):
                        yield plan.then(step)


def _is_shown(step: Unpivot, relation: Relation, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a wanted column holds the cells (of each place in a group) in their order, or their headings."""
    groups = [
        (col, position, cells[col - 1 : col - 1 + step.size])
        for position, cells in enumerate(relation.cells)
        for col in range(step.first, len(cells) - step.last_from_end + 1, step.size)
    ]
    if step.by == "column":
        groups.sort(key=lambda group: group[:2])
    places = [[cells[k] if k < len(cells) else "" for _, _, cells in groups] for k in range(step.size)]
    if all(any(_follow_one_another(column, place) for column in wanted) for place in places):
        return True
    if step.size == 1 and len(groups) <= MOST_SAID and _are_said(places[0], wanted):
        return True
    headings = [set(row[step.first - 1 :]) for row in (relation.header, *relation.tops)]
    shown = [set(column) - {""} for column in wanted]
    return any(len(texts) > 1 and texts <= heading for texts in shown for heading in headings)


def _are_said(cells: Sequence[str], wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a wanted column, or two that share their amounts, says the cells' numbers or dates in their order."""
    told = meanings(filled(cells))
    columns = (*wanted, *one_amount_each(wanted)) if told else ()
    return any(follows(ours, theirs) for column in columns for ours in meanings(column) for theirs in told)


def _follow_one_another(texts: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether the texts stand in cells, or inside of them, one after the other."""
    if not any(texts):
        return False
    joined = "\0".join(cells)
    if not all(text in joined for text in set(texts)):
        return False
    left = iter(cells)
    return all(any(text in cell for cell in left) for text in texts)

"""Rows left out: by their places, by a condition that tells them apart, by figures of their groups."""

import re
from collections.abc import Iterator
from dataclasses import replace

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.evidence import labelling_bits
from services.converter.domain.synthesis.language import Examples
from services.converter.domain.synthesis.rows.algebra import Plan, Step
from services.converter.domain.synthesis.rows.proposals.filtering import categories
from services.converter.domain.synthesis.rows.proposals.ordering import ordered
from services.converter.domain.synthesis.rows.proposals.tops import with_top_cells
from services.converter.domain.synthesis.rows.proposals.windows import telling_windows
from services.converter.domain.synthesis.rows.steps.filtering import Filter, FilterRows

_GENERIC_NAME = re.compile(r"\s*(?:col|column)?[ _]?\d*\s*", re.IGNORECASE)

AFTER_KINDS = 0.1
"""How much dearer than the kind of row any other reason is at least, where the kind is one."""
CONDITION_ROWS = 400
"""Rows from which conditions are learned; they are checked on all."""


def leaving_out(base: Plan, kept: list[int], wanted: list[tuple[str, ...]], budget: Budget) -> Iterator[Plan]:
    """The base without the rows that are not kept, where they can be told, in the wanted order."""
    relation = base.relation
    named = any(name in relation.names and not _GENERIC_NAME.fullmatch(name) for name in relation.header)
    chosen = set(kept)
    labels = [i in chosen for i in range(len(relation.rows))]
    leading = next((i for i, x in enumerate(labels) if x), 0)
    trailing = next((i for i, x in enumerate(reversed(labels)) if x), 0)
    inner = labels[leading : len(labels) - trailing]
    moved = kept != sorted(kept)
    found: list[Plan] = []
    if all(inner) and relation.order == ("_row",) and not moved:
        plan = base.then(FilterRows(leading, trailing, named))
        if len(plan.relation.rows) == len(kept) and leading <= 3:
            found.append(plan)
    found += _by_condition(base, labels, sorted(kept), budget, named=named)
    plainly = max((plan.steps[-1].cost for plan in found if _is_plain(plan.steps[-1])), default=0.0)
    if relation.order == ("_row",) and named and not base.steps:
        # Where the kinds of rows, blanks or signs tell them apart, figures of groups are rivals at most.
        found += telling_windows(base, kept, plainly + AFTER_KINDS if plainly else 0.0)
    for plan in found:
        for arranged in ordered(plan, wanted) if moved else (plan,):
            yield with_top_cells(arranged, wanted)


def _is_plain(step: Step) -> bool:
    """Whether a step goes by what people keep rows by: their kind, a blank, the sign of an amount."""
    return step.is_common or (step.keeps is not None and step.keeps.bare.tells_sign and not step.doubt)


def _by_condition(base: Plan, labels: list[bool], kept: list[int], budget: Budget, *, named: bool) -> Iterator[Plan]:
    relation = base.relation
    found = 0
    for skip in (0, 1, 2):
        usable = [i for i, origin in enumerate(relation.origins) if origin > skip]
        if any(labels[i] for i in range(len(labels)) if relation.origins[i] <= skip) or not usable:
            break
        if all(labels[i] for i in usable) and skip:
            plan = base.then(FilterRows(skip, named=named))
            if len(plan.relation.rows) == len(kept):
                yield plan
            return
        sample = _spread(usable, labels)
        lent = frozenset(i for i, name in enumerate(relation.names) if name in base.lent)
        shown = [relation.rows[i] for i in sample]
        task = Examples(relation.names, [*shown], ["" for _ in sample], lent=lent, budget=budget)
        lone = len({relation.origins[i] for i in kept}) == 1
        wanted = [labels[i] for i in sample]
        as_they_stood = relation.order == ("_row",) or all(step.in_full for step in base.steps)
        filters = list(categories(task, wanted)) if named and as_they_stood else []
        for condition in separating(task, wanted, deep=len(sample) <= CONDITION_ROWS)[:6]:
            # What is read off a single row says nothing of rows in another file.
            if not lone or not condition.is_particular:
                filters.append(Filter(condition))
        # A row that stands for several, by its cells, says what it says once.
        told = {(relation.origins[i], label) for i, label in zip(sample, wanted, strict=True)}
        confirmed = labelling_bits(label for _, label in sorted(told))
        # Where the kinds of rows tell them apart, statistics, thresholds and days are rivals at most.
        least = max((keep.cost for keep in filters if keep.category), default=0.0) + AFTER_KINDS
        filters = [
            replace(
                keep,
                evidence=confirmed - keep.condition.choices(task),
                least=least if filters[0].category and not keep.is_common else 0.0,
            )
            for keep in filters
        ]
        for keep in filters:
            plan = base.then(FilterRows(skip, named=named)) if skip else base
            plan = plan.then(keep)
            if len(plan.relation.rows) == len(kept) and all(keep.condition.holds(relation.rows[i]) for i in kept):
                found += 1
                yield plan
        if found:
            return


def _spread(positions: list[int], labels: list[bool]) -> list[int]:
    if len(positions) <= CONDITION_ROWS:
        return positions
    yes = [i for i in positions if labels[i]][: CONDITION_ROWS // 2]
    no = [i for i in positions if not labels[i]][: CONDITION_ROWS // 2]
    return sorted(yes + no)

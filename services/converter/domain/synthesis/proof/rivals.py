"""Rival explanations: programs that explain the example as well as the chosen one and answer otherwise elsewhere."""

from collections.abc import Iterable, Iterator

from services.converter.domain.report import Ambiguity
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST, Learned
from services.converter.domain.synthesis.columns.probing import made_up_rows
from services.converter.domain.synthesis.language import Expression, Record
from services.converter.domain.synthesis.rows.algebra import Plan, Relation

MAX_AMBIGUITIES = 2
"""Rivals of one column that are shown."""
MAX_ROWS = 3
"""Rows that are shown of each ambiguity."""
MAX_FILTERS = 4
"""Other reasons for keeping rows that are watched."""

MOST_ADDED = 1.5
"""What the columns may cost that another reason for keeping rows has to add."""


def ambiguities(start: Relation, plan: Plan, name: str, learned: Learned) -> list[Ambiguity]:
    """Rivals of one column, with rows on which they differ.

    The programs are run on the rows of the input (of a large one on some, evenly spaced), also on those that the plan
    leaves out; where they agree on all of them, on rows made up in the spirit of the example (row 0).
    """
    chosen = learned.expression
    near = [other for other in learned.others if other.cost <= chosen.cost + NEAR_COST]
    if not near:
        return []
    all_rows = unfiltered(start, plan)
    origins = sampling.some(all_rows.origins, sampling.MOST_PROBED)
    records = sampling.some(all_rows.rows, sampling.MOST_PROBED)
    found: list[Ambiguity] = []
    for other in near:
        differing = _differing(chosen, other, zip(origins, records, strict=True))
        if not differing:
            probes = made_up_rows(plan.relation.rows, chosen.columns | other.columns)
            differing = _differing(chosen, other, ((0, probe) for probe in probes))
        if differing:
            found.append(Ambiguity(name, chosen.words(), other.words(), other.sql(), differing))
    # What differs on rows that the user has is worth more than what differs on made-up ones.
    found.sort(key=lambda a: a.rows[0][0] == 0)
    return found[:MAX_AMBIGUITIES]


def other_filters(chosen: Plan, plans: Iterable[Plan]) -> list[Plan]:
    """Plans up to their last filter, which keeps the same rows of the example as the chosen plan's last one does, for
    another likely reason.

    A kind of row, or a cell that is blank or not: what people filter by; or what the example says as much for.
    """
    found: dict[frozenset[str], Plan] = {}
    for plan in other_plans(chosen, plans):
        place = _last_filter(plan)
        keeps = plan.steps[place].keeps
        if keeps is not None:
            before = plan.earlier[place]
            names = frozenset(before.names[i] for i in keeps.columns)
            upto = Plan(plan.relation, plan.steps[: place + 1], earlier=plan.earlier[: place + 1])
            found.setdefault(names, upto)
    return sorted(found.values(), key=lambda plan: plan.steps[-1].cost)[:MAX_FILTERS]


def _last_filter(plan: Plan) -> int:
    """The place of the last step that leaves rows out, -1 where there is none."""
    return max((i for i, step in enumerate(plan.steps) if step.stays), default=-1)


def other_plans(chosen: Plan, plans: Iterable[Plan]) -> Iterator[Plan]:
    """Plans that leave out the same rows of the example as the chosen one does in its last filter, for another likely
    reason, and that are the same otherwise, but for columns that they add before."""
    place = _last_filter(chosen)
    if place < 0:
        return
    own = chosen.steps[place]
    least = min(0.0, own.evidence)
    before, after = chosen.steps[:place], chosen.steps[place + 1 :]
    for plan in plans:
        at = _last_filter(plan)
        other = plan.steps[at] if at >= place and len(plan.earlier) == len(plan.steps) else None
        if (
            other is None
            or not other.keeps
            or other.stays == own.stays
            or (other.doubt and not own.doubt)
            or not (other.is_common or other.evidence >= least)
        ):
            continue
        beside = plan.steps[place:at]
        added = all(step.keeps_rows for step in beside) and sum(step.cost for step in beside) <= MOST_ADDED
        same = plan.steps[:place] == before and added and plan.steps[at + 1 :] == after
        if same and plan.relation.origins == chosen.relation.origins:
            yield plan


def unfiltered(start: Relation, plan: Plan) -> Relation:
    """The plan's relation with the rows that its filters take out; the plan's own where there are no filters."""
    if not any(step.keeps for step in plan.steps):
        return plan.relation
    relation = start
    for step in plan.steps:
        if not step.keeps:
            relation = step.run(relation)
    return relation if relation.names == plan.relation.names else plan.relation


def _differing(
    chosen: Expression, other: Expression, rows: Iterator[tuple[int, Record]]
) -> tuple[tuple[int, str, str], ...]:
    """The first rows on which two programs differ, with both answers; one for each origin."""
    found: dict[int, tuple[int, str, str]] = {}
    for origin, row in rows:
        ours, theirs = chosen.run(row) or "", other.run(row) or ""
        if ours != theirs:
            found.setdefault(origin or -len(found), (origin, ours, theirs))
            if len(found) >= MAX_ROWS:
                break
    return tuple(found.values())

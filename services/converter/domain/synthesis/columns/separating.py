"""Telling rows apart: from rows that must hold and rows that must not to simple conditions that do it."""

from collections.abc import Iterable, Iterator, Sequence

from services.converter.domain.synthesis.language import Condition, Examples, as_bits
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.operators.logic.combined import Both, Not
from services.converter.domain.synthesis.operators.witness import Shown

MOST_CONDITIONS = 12
"""Conditions that are kept, the cheapest."""
MOST_COLUMNS = 60
"""Columns that are looked at."""
MOST_OF_EACH = 30
"""Rows of either label on which pairs of conditions are looked for; they are checked on all."""
CONDITIONS_FOR_A_UNIT = 3
"""Conditions that are held against a row for a unit of work."""
MOST_PAIRED = 120
"""Conditions of which pairs are made."""


def separating(task: Examples, labels: list[bool], deep: bool = True) -> list[Condition]:
    """Conditions that hold on exactly the rows labelled True, cheapest first."""
    if all(labels) or not any(labels):
        return []
    said = task.preference.conditions if task.preference else ()
    conditions = [*said, *_conditions(task, labels)]
    task.budget.spend(len(conditions) * len(labels) // CONDITIONS_FOR_A_UNIT)
    rows = _some_of_each(labels)
    shown = [task.records[i] for i in rows]
    wanted, every = as_bits([labels[i] for i in rows]), (1 << len(rows)) - 1
    truths = [(condition.held(shown), condition) for condition in conditions]
    told = [c if truth == wanted else Not(c) for truth, c in truths if truth in (wanted, wanted ^ every)]
    if len(rows) < len(labels):
        told = [c for c in told if _tells(c, task, labels)]
    if not told and deep and len(labels) > 3:
        told = _pairs_of(truths, task, wanted, every)
        if len(rows) < len(labels):
            told = [pair for pair in told if _tells(pair, task, labels)]
    told.sort(key=lambda c: (c not in said, c.cost))
    return told[:MOST_CONDITIONS]


def _tells(condition: Condition, task: Examples, labels: Sequence[bool]) -> bool:
    """Whether a condition holds on exactly the rows labelled True."""
    return all(condition.holds(record) == label for record, label in zip(task.records, labels, strict=True))


def _some_of_each(labels: Sequence[bool]) -> list[int]:
    """Positions of some rows of either label."""
    each = [[i for i, label in enumerate(labels) if label == kind] for kind in (True, False)]
    return sorted(i for positions in each for i in positions[:: -(-len(positions) // MOST_OF_EACH)])


def _pairs_of(truths: Iterable[tuple[int, Condition]], task: Examples, wanted: int, every: int) -> list[Condition]:
    """Conjunctions that tell some rows apart, from the rows on which single conditions hold, as bits."""
    partial: dict[int, Condition] = {}
    for truth, condition in truths:
        if truth not in (0, every):
            partial.setdefault(truth, condition)
    few = list(partial.items())[:MOST_PAIRED]
    task.budget.spend(len(few) ** 2 // CONDITIONS_FOR_A_UNIT)
    return _pairs(few, wanted, every)


def _pairs(partial: list[tuple[int, Condition]], wanted: int, every: int) -> list[Condition]:
    """Conjunctions of two conditions, one of which may be an opposite."""
    full = partial + [(truth ^ every, Not(condition)) for truth, condition in partial]
    useful = [(truth, condition) for truth, condition in full if truth & wanted == wanted]
    return [Both(a, b) for i, (s, a) in enumerate(useful) for t, b in useful[i + 1 :] if s & t == wanted]


def _conditions(task: Examples, labels: list[bool]) -> Iterator[Condition]:
    """Conditions over single columns and pairs of columns that may tell the labels apart."""
    columns = [
        Shown(task.column(i), [(r[i] if i < len(r) else None) or "" for r in task.records], labels, i in task.lent)
        for i in range(min(len(task.names), MOST_COLUMNS))
    ]
    for shown in columns:
        if len(set(shown.texts)) > 1:
            for telling in catalogue.tellings():
                yield from telling(shown)
    for relating in catalogue.relatings():
        yield from relating(columns)

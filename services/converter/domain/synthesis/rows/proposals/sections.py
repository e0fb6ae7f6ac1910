"""Rows at which sections may begin."""

from collections.abc import Iterator

from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Condition, Examples
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.cells import filled_cells
from services.converter.domain.synthesis.rows.steps.sections import Gathered, Sections

MAX_ROWS = 2_000
"""Rows in which sections are looked for: each is compared with each."""

MAX_LINES = 60
"""Lines of one section: a page."""


def sections(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan with its sections numbered, where there are as many as wanted rows."""
    relation = plan.relation
    wanted = len(outputs[0]) if outputs else 0
    if not 1 < wanted < len(relation.rows) or len(relation.rows) > MAX_ROWS:
        return
    if any(not filled_cells(cells) for cells in relation.cells):
        numbered = plan.then(Sections())
        if len({row[-2] for row in numbered.relation.rows}) == wanted:
            yield numbered
    for condition in _beginnings(relation, outputs):
        numbered = plan.then(Sections(condition))
        if len({row[-2] for row in numbered.relation.rows}) == wanted:
            yield numbered


def _beginnings(relation: Relation, outputs: list[tuple[str, ...]]) -> Iterator[Condition]:
    """Conditions that hold on the rows in which the wanted rows begin, by the texts of the first output column."""
    begins: list[int] = []
    at = 0
    for want in outputs[0]:
        while at < len(relation.rows) and not (want and want in (relation.rows[at][0] or "")):
            at += 1
        if at == len(relation.rows):
            return
        begins.append(at)
        at += 1
    labels = [position in set(begins) for position in range(len(relation.rows))]
    if not labels[0] or all(labels):
        return
    task = Examples(relation.names, list(relation.rows), [""] * len(labels))
    for condition in separating(task, labels, deep=False)[:3]:
        if not condition.listed:
            yield condition


def gathered(plan: Plan) -> Iterator[Plan]:
    """A plan with sections, each as one row."""
    relation = plan.relation
    section, line = relation.names[-2:]
    lines = max((int(row[-1] or 0) for row in relation.rows), default=0)
    if 1 < lines <= MAX_LINES and lines * len(relation.names) <= 4 * MAX_LINES:
        yield plan.then(Gathered(section, line, lines))

"""Rows around a row that it may have to see: values and headings above, neighbours, numbers and totals."""

from collections.abc import Iterator

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.cells import is_blank
from services.converter.domain.synthesis.rows.steps.context import Lent
from services.converter.domain.synthesis.rows.steps.windows import Window, Windows

MAX_COLUMNS = 30
"""Each column is tried as one that says what the rows below it belong to."""


def with_running(plan: Plan) -> Iterator[Plan]:
    """The plan that sees row numbers and running totals."""
    relation = plan.relation
    amounts = []
    for index, name in enumerate(relation.names[:MAX_COLUMNS]):
        found = styles([row[index] or "" for row in relation.rows])
        if found:
            amounts.append(Window("running", name, found[0]))
    yield plan.then(Windows((), (Window("number"), *amounts)))


def with_context(plan: Plan) -> Iterator[Plan]:
    """Plans that see more and more of the rows around."""
    relation = plan.relation
    names = relation.names[:MAX_COLUMNS]
    columns = list(zip(*relation.rows, strict=True)) if relation.rows else []
    gaps = tuple(
        n
        for n, column in zip(names, columns, strict=False)
        if any(is_blank(v) for v in column) and not all(is_blank(v) for v in column)
    )
    if gaps:
        filled = plan.then(Lent("filled", gaps))
        yield filled
        for mark in _marks(gaps, [[is_blank(v) for v in columns[names.index(name)]] for name in gaps]):
            yield filled.then(Lent("heading", names, mark))
        group = group_head(relation)
        if group:
            yield filled.then(group)


def group_head(relation: Relation) -> Lent | None:
    """What lends the row above in which the first column that is mostly blank is filled."""
    names = relation.names[:MAX_COLUMNS]
    for name, column in zip(names, zip(*relation.rows, strict=True), strict=False):
        if len(relation.rows) > sum(is_blank(v) for v in column) > len(relation.rows) / 2:
            return Lent("group", names, name)
    return None


def _marks(gaps: tuple[str, ...], blanks: list[list[bool]]) -> list[str]:
    """The last two columns with gaps, or the first ones that have theirs in the same rows: files get narrower too."""
    marks = [gaps[blanks.index(pattern)] for pattern in blanks[:-3:-1]]
    return list(dict.fromkeys(marks))


def with_neighbours(plan: Plan) -> Iterator[Plan]:
    """Plans that see the row before or after."""
    names = plan.relation.names[:MAX_COLUMNS]
    yield plan.then(Lent("following", names))
    yield plan.then(Lent("previous", names))

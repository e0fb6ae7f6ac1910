"""Steps whose width depends on the data: turned, listed by group, crossed."""

from collections.abc import Iterator

from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.steps.crosstab import Crosstab
from services.converter.domain.synthesis.rows.steps.headers import HeaderLine
from services.converter.domain.synthesis.rows.steps.listing import GroupLists
from services.converter.domain.synthesis.rows.steps.shapes import (
    Turn,
)
from services.converter.domain.table import Row


def wide_plans(plan: Plan, wanted: list[Row], has_header: bool) -> Iterator[Plan]:
    relation = plan.relation
    if not plan.steps:
        for lined in (plan, plan.then(HeaderLine())) if relation.header else (plan,):
            if len(lined.relation.cells) == len(wanted[0]) > 1 and len(wanted) > 1:
                yield lined.then(Turn())
    if not has_header:
        yield from (plan.then(step) for step in _group_proposals(relation, wanted))
    yield from (plan.then(step) for step in _crosstab_proposals(relation, wanted))


def _group_proposals(relation: Relation, wanted: list[Row]) -> Iterator[Step]:
    count = len(wanted)
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:40])}
    lent = ("_filled", "_heading", "_before", "_after", "section", "line")
    own = [name for name in columns if not name.endswith(lent)]
    if count >= len(relation.rows):
        return
    grouping = [(name,) for name in columns] + [(a, b) for i, a in enumerate(own[:6]) for b in own[i + 1 : 6]]
    for keys in grouping:
        rows = list(zip(*(columns[k] for k in keys), strict=True))
        firsts = {key: position for position, key in reversed(list(enumerate(rows)))}
        if len(firsts) != count:
            continue
        order = sorted(firsts.values())
        shown: list[str] = []
        for place in range(min(len(wanted[0]), 8)):
            column = [r[place] if place < len(r) else "" for r in wanted]
            name = next(
                (n for n in (*keys, *columns) if [columns[n][p] for p in order] == column and n not in shown), None
            )
            if name is None or (name not in keys and _varies(rows, columns[name])):
                break
            shown.append(name)
        for lead in range(len(shown), -1, -1):
            rest = [n for n in own if n not in shown[:lead] and n not in keys]
            choices = [
                tuple(rest),
                *((n,) for n in rest),
                *(tuple(rest[i:]) for i in range(1, len(rest) - 1)),
                tuple(own),
            ]
            for values in dict.fromkeys(c for c in choices if c):
                for blockwise in (False, True) if len(values) > 1 else (False,):
                    for skip_blank in (False, True):
                        tail = _tail_from(relation, list(values), blockwise)
                        yield GroupLists(keys, tuple(shown[:lead]), values, blockwise, skip_blank, tail)


def _tail_from(relation: Relation, values: list[str], blockwise: bool) -> int:
    """From which cell on the values are the whole rest of every row; 0 where they are not."""
    width = max((len(cells) for cells in relation.cells), default=0)
    whole = not blockwise and tuple(values) == relation.names[width - len(values) : width]
    return width - len(values) + 1 if whole and all(len(c) == width for c in relation.cells) else 0


def _varies(rows: list[tuple[str, ...]], column: list[str]) -> bool:
    seen: dict[tuple[str, ...], str] = {}
    return any(seen.setdefault(key, value) != value for key, value in zip(rows, column, strict=True))


def _crosstab_proposals(relation: Relation, wanted: list[Row]) -> Iterator[Step]:
    if len(wanted) < 2 or len(relation.rows) < 2:
        return
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:25])}
    for across, heads in columns.items():
        distinct = set(heads)
        if len(distinct) < 2:
            continue
        for keys in range(1, 4):
            if len(wanted[0]) != keys + len(distinct) or set(wanted[0][keys:]) != distinct:
                continue
            in_order = list(dict.fromkeys(heads)) == list(wanted[0][keys:])
            chosen: list[str] = []
            for place in range(keys):
                values = {r[place] for r in wanted[1:]}
                name = next(
                    (n for n, c in columns.items() if n != across and n not in chosen and set(c) == values), None
                )
                if name is None:
                    break
                chosen.append(name)
            if len(chosen) < keys:
                continue
            for value in columns:
                if value != across and value not in chosen:
                    for sorted_keys in (False, True):
                        yield Crosstab(tuple(chosen), across, value, wanted[0][:keys], not in_order, sorted_keys)

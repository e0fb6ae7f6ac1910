"""Tables whose width depends on the data: rows made to columns, and values of a column."""

from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.steps.crosstab import Crosstab
from services.converter.domain.synthesis.rows.steps.headers import HeaderLine
from services.converter.domain.synthesis.rows.steps.shapes import Turn
from services.converter.domain.table import Row


def across(file: Plan, wanted: Sequence[Row]) -> Iterator[Plan]:
    """The file turned, with its header or without, and crosstabs of its values."""
    for lined in (file, file.then(HeaderLine())) if file.relation.header else (file,):
        if len(wanted) > 1 and len(lined.relation.cells) == len(wanted[0]) > 1:
            yield lined.then(Turn())
    yield from (file.then(step) for step in _crosstabs(file.relation, wanted))


def _crosstabs(relation: Relation, wanted: Sequence[Row]) -> Iterator[Crosstab]:
    """Those that have the wanted header and names of rows."""
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

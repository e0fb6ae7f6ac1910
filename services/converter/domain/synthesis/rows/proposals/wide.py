"""Values of a column made to columns, as many as there are."""

from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.steps.crosstab import Crosstab
from services.converter.domain.table import Row


def crosstabs(relation: Relation, wanted: Sequence[Row]) -> Iterator[Crosstab]:
    """Crosstabs that have the wanted header and names of rows."""
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

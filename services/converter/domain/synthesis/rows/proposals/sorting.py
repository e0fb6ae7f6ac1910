"""Orders that the wanted rows are in, and columns of which each combination is wanted once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from services.converter.domain.formats.number import cast_double
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.proposals.filtering import least_for_keys
from services.converter.domain.synthesis.rows.proposals.ordering import moments_of
from services.converter.domain.synthesis.rows.steps.sorting import Distinct, Sort
from services.converter.domain.table import Table


def sorts(plan: Plan, wanted: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Orders that the wanted rows are in and the plan's rows are not, by columns that hold the same values."""
    relation = plan.relation
    seen: set[tuple[str, bool, bool]] = set()
    for output in wanted:
        if len(set(output)) < 2:
            continue
        numbers = [cast_double(value) for value in output]
        for numeric in (True, False):
            keys: Sequence[float | Decimal] | Sequence[str]
            keys = [n for n in numbers if n is not None] if numeric else list(output)
            if len(keys) < len(output):
                continue
            style = None
            if not numeric and (dates := moments_of(output)):
                style, keys = dates[0]
            for descending in (False, True):
                if sorted(keys, reverse=descending) != keys:
                    continue
                need = Counter(output)
                for index, name in enumerate(relation.names):
                    have = [row[index] or "" for row in relation.rows]
                    if (name, descending, numeric) not in seen and not need - Counter(have) and have != list(output):
                        seen.add((name, descending, numeric))
                        yield plan.then(Sort(name, descending, numeric or style is not None, style))


def distincts(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Distinct rows by all columns, one column or the leading columns, where that leaves as many as are wanted.

    Blank cells repeat nothing: rows that go for a blank key are no sign that the key is to be distinct.
    """
    relation = plan.relation
    names = relation.names[:30]
    if len({row[: len(names)] for row in relation.rows}) == wanted_rows:
        # What goes is the same in every cell: that is reason enough.
        yield plan.then(Distinct(names, whole=True))
        return
    choices = [
        *((n,) for n in names),
        *(names[:k] for k in range(2, min(6, len(names)))),
        *(names[k:] for k in range(1, 3) if len(names) > k + 1),
    ]
    for columns in dict.fromkeys(choices):
        index = [relation.names.index(n) for n in columns]
        counts = Counter(tuple(row[i] or "" for i in index) for row in relation.rows)
        blank = any(count > 1 and not any(map(str.strip, key)) for key, count in counts.items())
        if len(counts) == wanted_rows and not blank:
            yield plan.then(Distinct(columns, least=least_for_keys(plan, index)))


def in_order_of(table: Table, expected: Table) -> Table | None:
    """The expected rows in the order of the input rows that they copy a key from; None where that is no other order.

    A key is an output column without repeats whose values all stand, once each, in one input column.
    """
    for position in range(expected.width):
        keys = [row[position] if position < len(row) else "" for row in expected.rows]
        if len(keys) < 2 or len(set(keys)) < len(keys):
            continue
        for index in range(table.width):
            places: dict[str, int] = {}
            counts: Counter[str] = Counter()
            for place, row in enumerate(table.rows):
                cell = row[index] if index < len(row) else ""
                places[cell] = place
                counts[cell] += 1
            if all(counts[key] == 1 for key in keys):
                order = sorted(range(len(keys)), key=lambda i: places[keys[i]])
                if order != list(range(len(keys))):
                    return replace(expected, rows=tuple(expected.rows[i] for i in order))
    return None

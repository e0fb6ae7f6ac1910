"""Keys and columns by whose values amounts may stand apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import amounts_of, figures_of, read_numbers
from services.converter.domain.synthesis.rows.proposals.ordering import corresponding
from services.converter.domain.synthesis.rows.steps.pivoting import Kind, Pivoted

OF_AMOUNTS: tuple[Kind, ...] = ("sum", "avg", "min", "max")

MAX_COLUMNS, MAX_ACROSS, MAX_FIGURES = 12, 12, 24
"""Columns that are tried as key or name, columns across (a year's months), and figures below them."""

MAX_KEYS = 3
"""Keys are tried in all combinations."""

MAX_ROWS = 5_000
"""Of more rows the shown table is larger than people make by hand."""


def pivots(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """Pivots by keys that stand in the wanted rows, with the figures that wanted columns show (or all where few)."""
    relation = plan.relation
    count = len(wanted[0]) if wanted else 0
    if count < 2 or not count < len(relation.rows) <= MAX_ROWS:
        return
    names = relation.names[:MAX_COLUMNS]
    columns = {name: tuple(row[i] or "" for row in relation.rows) for i, name in enumerate(names)}
    sets = [set(column) for column in wanted]
    usable = [name for name, column in columns.items() if any(set(column) == s for s in sets)]
    for size in range(1, MAX_KEYS + 1):
        for keys in combinations(usable[:6], size):
            if len(set(zip(*(columns[key] for key in keys), strict=True))) != count:
                continue
            for across in names:
                values = list(dict.fromkeys(columns[across]))
                most = min(MAX_ACROSS, len(wanted) - size + 1)
                if across not in keys and 2 <= len(values) <= most and "" not in values:
                    yield from _pivot(plan, keys, across, values, wanted)


def _explaining(made: Relation, first: int, places: Sequence[int], column: tuple[str, ...]) -> Iterator[int]:
    """Columns of a relation, from the ``first`` on, whose cells at some places are wanted texts, or their numbers."""
    shown, plain = figures_of(column), NumberStyle()
    lone = read_numbers(column, plain) if shown is None else ()
    for i in range(first, len(made.names)):
        cells = tuple(made.rows[p][i] or "" for p in places)
        numbers = read_numbers(cells, plain)
        if cells == column or (any(numbers) and (shown.shown_by(numbers) if shown else numbers == lone)):
            yield i


def _pivot(
    plan: Plan, keys: tuple[str, ...], across: str, values: list[str], wanted: Sequence[tuple[str, ...]]
) -> Iterator[Plan]:
    """The pivot with the figures that are wanted, where there are any."""
    relation = plan.relation
    rest = [name for name in relation.names[:MAX_COLUMNS] if name != across and name not in keys]
    at = [relation.names.index(name) for name in rest]
    amounts = dict(amounts_of(rest, [[row[i] for i in at] for row in relation.rows]))
    figures: list[tuple[str, Kind, str, NumberStyle | None]] = []
    for value in (*values, ""):
        figures.append((value, "count", "", None))
        figures += [(value, "first", name, None) for name in rest if value]
        figures += [(value, kind, name, style) for name, style in amounts.items() for kind in OF_AMOUNTS]
    made = Pivoted(keys, across, tuple(figures)).run(relation)
    places = corresponding(made, wanted)
    if places is None:
        return
    unexplained = 0
    explained: list[list[int]] = []
    for column in wanted:
        if any(tuple(made.rows[p][i] or "" for p in places) == column for i in range(len(keys))):
            continue
        found = [i - len(keys) for i in _explaining(made, len(keys), places, column)]
        if found:
            explained.append(found)
        else:
            unexplained += len(set(column)) > 1
    # What one cell shows by a single row the others show by several: all are figures of the same kind.
    common = Counter(figures[i][1:3] for found in explained for i in found)
    needed = [max(found, key=lambda i: common[figures[i][1:3]]) for found in explained]
    if not needed and not unexplained:
        return
    if unexplained:
        # Ratios and differences of figures are learned with the columns: all of them are at hand where they are few.
        kinds = {figures[i][1] for i in needed} or {"first", "sum", "avg"}
        more = [i for i, figure in enumerate(figures) if figure[1] in kinds and (figure[2] in amounts or not figure[2])]
        if len(more) > MAX_FIGURES:
            return
        needed += more
    chosen = tuple(figures[i] for i in sorted(set(needed)))
    if len({value for value, _, _, _ in chosen}) > 1:
        yield plan.then(Pivoted(keys, across, chosen))

"""One row that may become several: for each part of a cell, or as often as all others."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from services.converter.domain.synthesis.positions import MARKS_OF_NUMBERS, delimiters
from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.figures import amounts_of
from services.converter.domain.synthesis.rows.steps.explode import Explode
from services.converter.domain.synthesis.rows.steps.further import Further
from services.converter.domain.synthesis.rows.steps.repeat import Repeat

MOST_TIMES = 24
"""Times that a row is repeated at most: the months of two years."""

MOST_AMOUNTS, MOST_TOGETHER = 12, 2
"""Columns of amounts that may have rows of their own, and how many of them do."""


def explosions(plan: Plan, wanted: Sequence[Sequence[str]]) -> Iterator[Plan]:
    """Explosions that give at least as many rows as are wanted, of cells of which most are not wanted whole."""
    wanted_rows = len(wanted[0]) if wanted else 0
    whole = {text for column in wanted for text in column}
    relation = plan.relation
    numbers = {name for name, _ in amounts_of(relation.names, relation.rows)}
    for index, name in enumerate(relation.names[:40]):
        values = [row[index] or "" for row in relation.rows]
        for delimiter in delimiters(values)[:8]:
            if name in numbers and delimiter in MARKS_OF_NUMBERS:
                continue
            listed = [value for value in values if delimiter in value]
            if 2 * sum(value in whole for value in listed) > len(listed):
                continue
            total = sum(v.count(delimiter) + 1 for v in values)
            if wanted_rows <= total <= max(50, 4 * wanted_rows):
                yield plan.then(Explode(name, delimiter))
                yield plan.then(Explode(name, delimiter, by_part=True))


def repeats(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Every row as often, where two rows or more show how often that is."""
    rows = len(plan.relation.rows)
    times, rest = divmod(wanted_rows, rows) if rows > 1 else (0, 0)
    if not rest and 1 < times <= MOST_TIMES:
        yield plan.then(Repeat(times))
        yield plan.then(Repeat(times, by_time=True))


def further_rows(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Every row, and a further one for each amount other than nought in a column that has some and lacks others: first
    where that makes as many rows as are wanted, then, for single columns, where it makes a few more."""
    relation = plan.relation
    rows = len(relation.rows)
    counts: dict[str, int] = {}
    for name, _ in amounts_of(relation.names, relation.rows):
        index = relation.names.index(name)
        count = sum(any(ch in "123456789" for ch in row[index] or "") for row in relation.rows)
        if 0 < count < rows:
            counts[name] = count
    few = [*counts][:MOST_AMOUNTS]
    sets = [names for size in range(1, MOST_TOGETHER + 1) for names in combinations(few, size)]
    made = {names: rows + sum(counts[name] for name in names) for names in sets}
    exactly = [names for names in sets if made[names] == wanted_rows]
    more = [names for names in sets if len(names) == 1 and wanted_rows < made[names] <= 2 * wanted_rows]
    for names in (*exactly, *([] if exactly else more)):
        yield plan.then(Further(names))
        yield plan.then(Further(names, by_time=True))

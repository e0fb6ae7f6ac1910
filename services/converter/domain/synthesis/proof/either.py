"""Columns of which each row of the example fills one and no other: debits and credits, gains and losses.

A program of such columns is shown what to make of the one or of the other. Of a row that fills both it makes a sum or
a difference, of one that fills none 0.00 or what it takes for the rest: no row of the example says so.
"""

import re
from collections.abc import Iterator
from itertools import combinations, product

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import Column, Condition, Expression
from services.converter.domain.synthesis.proof.column_rivals import Shown
from services.converter.domain.synthesis.sqltext import literal

LEAST_ROWS = 3
"""Different rows that show that one of two columns is filled: any two columns are so on n rows once in 2^n times."""
MOST_COLUMNS = 30
"""Columns, the first, that are held against those that a program reads."""
_SAYS = re.compile(r"[1-9]|[^\W\d_]")
"""What a cell has that says something: nought, a dash and blanks do not."""


def either_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks on rows that fill both of two columns or none, where each row of the example fills one."""
    read = sorted(expression.columns)
    names = shown.relation.names
    asks = any(isinstance(node, Condition) for node in expression.walk())
    pairs = (
        combinations(read, 2) if len(read) > 1 else product(read, range(min(len(names), MOST_COLUMNS))) if asks else ()
    )
    rows = {tuple(row) for row in sampling.some(shown.rows, MOST_CHECKED)}
    if len(rows) < LEAST_ROWS:
        return
    for one, other in pairs:
        cells = [((row[one] or "").strip(), (row[other] or "").strip()) for row in rows]
        filled = {tuple(bool(_SAYS.search(cell)) for cell in pair) for pair in cells}
        if filled != {(True, False), (False, True)}:
            continue
        sides = [Column(place, names[place]) for place in (one, other)]
        says = []
        for side, place in zip(sides, (0, 1), strict=True):
            nothing = sorted({"", *(pair[place] for pair in cells if not _SAYS.search(pair[place]))})
            says.append(f"trim(coalesce({side.sql()}, '')) NOT IN ({', '.join(map(literal, nothing))})")
        words = (
            f"{names[one]} and {names[other]} are both filled or both empty: in the example it was always one of them"
        )
        both = f"({says[0]}) = ({says[1]})"
        answer = f"({says[0]} OR coalesce({expression.sql()}, '') <> '')"  # nothing is made of nothing
        reads = expression.columns | {one, other}
        yield Check(
            names[one],
            "shape",
            "note",
            words,
            f"concat_ws(', ', {sides[0].sql()}, {sides[1].sql()})",
            f"{both} AND {answer}",
            reads,
        )

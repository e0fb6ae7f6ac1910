"""Cells that are blank in a later file, and were filled on every row of the example on which the program read them.

Of a blank cell a program makes a blank one, nought, or what it takes for the rest, without a word. Whether nothing is
what belongs there was not shown; that a cell may be blank at all is less likely the more rows have it filled.
"""

from collections.abc import Iterator, Sequence

from services.converter.domain.formats.date import infer_formats
from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import Column, Condition, Expression, Node, Record
from services.converter.domain.synthesis.proof.column_rivals import Shown, scoped
from services.converter.domain.synthesis.proof.forms import OUTLINE

BLANK = "is blank, which it was on no row of the example"
"""What is said of such a cell, behind the column's name."""
LEAST_FILLED = 3
"""Different rows, all filled, that show that a number, a day, a code or a kind belongs to each row: after n alike the
next is another once in n + 2 times (the rule of succession), once in five here."""
LEAST_FREE = 10
"""The same for texts that vary in words: remarks are there where somebody had something to say, and copied as the
nothing that they are. Once in twelve times."""


def blank_checks(shown: Shown, expression: Expression) -> Iterator[tuple[Check, tuple[Condition, ...]]]:
    """Checks on blank cells, each with the conditions of the case in which they are read.

    A row of one cell says nothing where that is blank, and asks for nothing.
    """
    if len(shown.own) < 2:
        return
    rows = list(dict.fromkeys(tuple(row) for row in sampling.some(shown.rows, MOST_CHECKED)))
    for node, scope in scoped(expression):
        if not isinstance(node, Column) or node.name not in shown.own:
            continue
        inside = [row for row in rows if all(condition.holds(row) for condition in scope)]
        texts = [(node.run(row) or "").strip() for row in inside]
        if len(inside) < LEAST_FILLED or not all(texts):
            continue
        few = len(inside) < LEAST_FREE  # as many as show it for any text need no look at what they are
        if not (few and _are_free(texts) and not any(expression.run(_without(row, node)) for row in inside)):
            test = f"trim(coalesce({node.sql()}, '')) = ''"
            yield node.check("missing", "note", f"{node.name} {BLANK}", test), scope


def _are_free(texts: Sequence[str]) -> bool:
    """Whether texts are no numbers, no dates, no codes of one make and no kinds that recur."""
    varied = len(set(map(OUTLINE.of, texts))) > 1 and len(set(texts)) == len(texts)
    return varied and not styles(texts) and not infer_formats(texts)


def _without(row: Record, column: Node) -> Sequence[str | None]:
    return [None if place in column.columns else cell for place, cell in enumerate(row)]

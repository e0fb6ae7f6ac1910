"""Columns whose cells are lists: programs for their items, orders, and figures over them."""

import itertools
from collections.abc import Callable, Iterator
from itertools import pairwise

from services.converter.domain.formats.number import output_formats
from services.converter.domain.synthesis.columns.separating import PATTERNS, separating
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.list.listed import (
    FIGURES,
    ITEM,
    ORDERS,
    EachItem,
    Kept,
    ListFigure,
    Reordered,
)
from services.converter.domain.synthesis.operators.logic.condition import Matches
from services.converter.domain.synthesis.operators.number.values import WriteNumber
from services.converter.domain.synthesis.operators.text.case import KINDS, Case
from services.converter.domain.synthesis.operators.text.replace import unbracketed
from services.converter.domain.synthesis.operators.text.split import delimiters
from services.converter.domain.synthesis.operators.witness import Candidate

MOST_DELIMITERS, MOST_PAIRS, LEAST_PAIRS = 6, 14, 3
MOST_KEPT = 3
MOST_LEARNED = 10
"""Tasks of items that are learned for one column."""
LONGEST = 2000
"""Cells longer than this many characters are not taken for lists."""
_JOINERS = ("; ", ", ", " | ", " / ", " - ", ";", ",", "|", " ", "-", "_", ".", "/", "\n", ":")

Learner = Callable[[Examples], list[Expression]]
"""Programs that explain all rows of a small task, best first."""


def learn_lists(task: Examples, learner: Learner, solved: bool = False) -> Iterator[Expression]:
    """Programs over lists that explain every row, within the task's budget.

    Where the task is ``solved`` by pieces, pairs are no lists: each half is a piece already.
    """
    least = 3 if solved else 2
    learner = _bounded(learner)
    columns = [Candidate(c, tuple(t or "" for t in task.values(c))) for c in map(task.column, range(len(task.names)))]
    own = [c for c in columns if isinstance(c.expression, Column) and c.expression.index not in task.lent]
    for source, texts in (*own, *unbracketed(task, own)):
        if max(map(len, texts), default=0) > LONGEST:
            continue
        marks = delimiters(texts)
        for delimiter in marks:
            lists = [t.split(delimiter) for t in texts]
            most = max(map(len, lists))
            if most < 2 or task.budget.is_spent:
                continue
            yield from _kept(task, source, delimiter, lists)
            if most >= least and isinstance(source, Column) and delimiter in marks[:MOST_DELIMITERS]:
                yield from _figures(task, source, delimiter)
                yield from _orders(task, source, delimiter, lists)
                yield from _items(task, source, delimiter, lists, learner)


def _bounded(learner: Learner) -> Learner:
    """A learner that gives up after some tasks."""
    left = itertools.count(MOST_LEARNED, -1)
    return lambda task: learner(task) if next(left) > 0 else []


def _figures(task: Examples, source: Expression, delimiter: str) -> Iterator[Expression]:
    if len(set(task.outputs)) < 2:
        return
    styles = output_formats(task.outputs)
    for figure in FIGURES if styles else ():
        value = ListFigure(source, delimiter, figure)
        for style in styles:
            written = WriteNumber(value, style)
            if task.explains(written):
                yield written


def _kept(task: Examples, source: Expression, delimiter: str, lists: list[list[str]]) -> Iterator[Expression]:
    """Items picked by what they are, where no place in the list picks them."""
    if len(set(task.outputs)) < 2:
        return
    if all(output.isdigit() for output in task.outputs):
        conditions = [Matches(ITEM, pattern, what, price) for pattern, what, price in PATTERNS]
        counts = (Kept(source, delimiter, c, counted=True) for c in conditions)
        yield from (c for c in counts if task.explains(c))
    folded = [[item.lower() for item in items] for items in lists]
    if not all(output.lower() in (*items, "") for output, items in zip(task.outputs, folded, strict=True)):
        return
    picked: list[tuple[str, bool]] = []
    for output, items, lowered in zip(task.outputs, lists, folded, strict=True):
        place = lowered.index(output.lower()) if output.lower() in lowered else len(items)
        # The first that satisfies the condition: nothing is known of those after it.
        picked += [(item, nth == place) for nth, item in enumerate(items[: place + 1])]
    distinct = dict(picked)
    labels = list(distinct.values())
    seen = Examples((ITEM.name,), [(item,) for item in distinct], list(distinct))
    for condition in separating(seen, labels, deep=False)[:MOST_KEPT]:
        kept = Kept(source, delimiter, condition)
        yield from (e for e in (kept, *(Case(kept, kind) for kind in KINDS)) if task.explains(e))


def _orders(task: Examples, source: Expression, delimiter: str, lists: list[list[str]]) -> Iterator[Expression]:
    for joiner in dict.fromkeys((delimiter, *_JOINERS)):
        if all(joiner in o or len(set(items)) < 2 for o, items in zip(task.outputs, lists, strict=True)):
            for order in ORDERS:
                found = Reordered(source, delimiter, order, joiner)
                if task.explains(found) and any(len(items) > 1 for items in lists):
                    yield found


def _items(
    task: Examples, source: Expression, delimiter: str, lists: list[list[str]], learner: Learner
) -> Iterator[Expression]:
    """Programs for items, where the outputs have as many pieces as the cells have items."""
    for joiner in (*_JOINERS, ""):
        pieces = [_pieces(output, joiner, items) for output, items in zip(task.outputs, lists, strict=True)]
        known = [p for p in pieces if p is not None]
        if len(known) < len(pieces):
            continue
        rows = list(zip(lists, known, strict=True))
        each = _learned([pair for items, made in rows for pair in zip(items, made, strict=True)], task, learner)
        if each is not None:
            yield from _checked(task, [EachItem(source, delimiter, each, joiner)])
            continue
        rest = _learned([p for items, made in rows for p in zip(items[1:], made[1:], strict=True)], task, learner)
        first = _learned([(items[0], made[0]) for items, made in rows], task, learner) if rest is not None else None
        if rest is not None and first is not None:
            yield from _checked(task, [EachItem(source, delimiter, rest, joiner, first)])


def _checked(task: Examples, programs: list[Expression]) -> Iterator[Expression]:
    yield from (p for p in programs if task.explains(p))


def _pieces(output: str, joiner: str, items: list[str]) -> list[str] | None:
    """The output cut into as many pieces as there are items; None where it cannot be."""
    if joiner:
        found = output.split(joiner)
        return found if len(found) == len(items) else None
    if len(output) == len(items):
        return list(output)
    if len(output) != sum(map(len, items)):
        return None
    ends = [sum(map(len, items[:i])) for i in range(len(items) + 1)]
    return [output[a:b] for a, b in pairwise(ends)]


def _learned(pairs: list[tuple[str, str]], task: Examples, learner: Learner) -> Expression | None:
    """The best program from item to piece; None where there is none, or too little to learn from."""
    distinct = list(dict.fromkeys(pairs))
    if len(distinct) < LEAST_PAIRS or len(dict(distinct)) < len(distinct):
        return None
    if all(item == piece for item, piece in distinct):
        return ITEM
    sample = sorted(distinct, key=lambda pair: -len(pair[0]))[:MOST_PAIRS]
    part = Examples((ITEM.name,), [(item,) for item, _ in sample], [piece for _, piece in sample])
    part.preference = task.preference
    found = learner(part)
    return next((e for e in found if all((e.run((i,)) or "") == p for i, p in distinct)), None)

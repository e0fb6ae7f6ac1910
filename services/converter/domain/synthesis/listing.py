"""Columns whose cells are lists: programs for their items, orders, and figures over them."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

from services.converter.domain.formats.number import output_formats
from services.converter.domain.synthesis.language import Examples, Expression
from services.converter.domain.synthesis.operators.listed import (
    FIGURES,
    ITEM,
    ORDERS,
    EachItem,
    ListFigure,
    Reordered,
)
from services.converter.domain.synthesis.operators.split import delimiters
from services.converter.domain.synthesis.operators.values import WriteNumber

MOST_DELIMITERS, MOST_PAIRS, LEAST_PAIRS = 6, 14, 3
LONGEST = 2000
"""Cells longer than this many characters are not taken for lists."""
_JOINERS = ("; ", ", ", " | ", " / ", " - ", ";", ",", "|", " ", "-", "_", ".", "/", "\n", ":")

Learner = Callable[[Examples], list[Expression]]
"""Programs that explain all rows of a small task, best first."""


def learn_lists(task: Examples, learner: Learner, ends_at: float) -> Iterator[Expression]:
    """Programs over lists that explain every row, until ``ends_at`` (monotonic seconds)."""
    for index in range(len(task.names)):
        texts = [(r[index] if index < len(r) else None) or "" for r in task.records]
        if index in task.lent or max(map(len, texts), default=0) > LONGEST:
            continue
        source = task.column(index)
        for delimiter in delimiters(texts)[:MOST_DELIMITERS]:
            lists = [t.split(delimiter) for t in texts]
            if max(map(len, lists)) < 2 or time.monotonic() > ends_at:
                continue
            yield from _figures(task, source, delimiter)
            yield from _orders(task, source, delimiter, lists)
            yield from _items(task, source, delimiter, lists, learner)


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


def _orders(task: Examples, source: Expression, delimiter: str, lists: list[list[str]]) -> Iterator[Expression]:
    for joiner in dict.fromkeys((delimiter, *_JOINERS)):
        if all(joiner in o or len(items) < 2 for o, items in zip(task.outputs, lists, strict=True)):
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

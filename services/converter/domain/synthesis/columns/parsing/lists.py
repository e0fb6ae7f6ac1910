"""Columns whose cells are lists: which items are kept, what becomes of each, their order, and figures over them."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from services.converter.domain.formats.number import styles
from services.converter.domain.formats.numberformat import output_formats
from services.converter.domain.synthesis.columns.parsing.cells import kinds_of
from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.list.listed import (
    FIGURES,
    ITEM,
    ORDERS,
    Each,
    Found,
    HowMany,
    Items,
    Joined,
    ListFigure,
    Ordered,
    Parts,
    Picked,
    Where,
    Within,
)
from services.converter.domain.synthesis.operators.logic.condition import Matches
from services.converter.domain.synthesis.operators.logic.kinds import PATTERNS
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.synthesis.operators.text.case import KINDS, Case
from services.converter.domain.synthesis.operators.text.replace import unbracketed
from services.converter.domain.synthesis.operators.witness import Candidate
from services.converter.domain.synthesis.positions import MARKS_OF_NUMBERS, delimiters
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import Pattern, exactly, raw

MOST_DELIMITERS, MOST_PAIRS, LEAST_PAIRS = 6, 14, 3
"""Delimiters that are tried, pairs of items that programs for items are learned from, and the fewest that show one."""
MOST_KEPT = 3
"""Conditions that are tried for which items stay, the cheapest."""
MOST_LEARNED = 10
"""Tasks of items that are learned for one column."""
LONGEST = 2000
"""Cells longer than this many characters are not taken for lists."""
MOST_JOINERS = 8
"""Texts between items that are tried, the likeliest."""
MOST_WITHIN = 4
"""Items at an end that are kept, or dropped."""
_BETWEEN = re.compile(r"[^\w]+| and | or |_")

Learner = Callable[[Examples], list[Expression]]
"""Programs that explain all rows of a small task, best first."""


def learn_lists(task: Examples, learner: Learner, solved: bool = False) -> Iterator[Expression]:
    """Programs over lists that explain every row, within the task's budget.

    Where the task is ``solved`` by pieces, pairs are no lists: each half is a piece already.
    """
    least = 3 if solved else 2
    learner = _bounded(learner)
    joiners = _joiners(task.outputs)
    columns = [Candidate(c, tuple(t or "" for t in task.values(c))) for c in map(task.column, range(len(task.names)))]
    own = [c for c in columns if isinstance(c.expression, Column) and c.expression.index not in task.lent]
    for source, texts in (*own, *unbracketed(task, own)):
        if max(map(len, texts), default=0) > LONGEST:
            continue
        if isinstance(source, Column):
            yield from _matches(task, source, texts, joiners)
        marks = delimiters(texts)
        if styles([*texts]):
            marks = [mark for mark in marks if mark not in MARKS_OF_NUMBERS]
        for delimiter in marks:
            lists = [t.split(delimiter) for t in texts]
            most = max(map(len, lists))
            if all(item.startswith(" ") for row in lists for item in row[1:]):
                continue  # the blank belongs to the delimiter
            if most < 2 or task.budget.is_spent:
                continue
            items = Parts(source, delimiter)
            yield from _kept(task, items, lists, joiners)
            if most >= least and isinstance(source, Column) and delimiter in marks[:MOST_DELIMITERS]:
                yield from _figures(task, items)
                yield from _orders(task, items, lists, joiners)
                yield from _within(task, items, lists)
                yield from _items(task, items, lists, joiners, learner)


def _bounded(learner: Learner) -> Learner:
    """A learner that gives up after some tasks."""
    left = itertools.count(MOST_LEARNED, -1)
    return lambda task: learner(task) if next(left) > 0 else []


def _joiners(outputs: Sequence[str]) -> list[str]:
    """What may stand between the items of the outputs: what stands between words, nothing at last."""
    longest = sorted(outputs, key=len)[-3:]
    found = [m.group() for output in longest for m in _BETWEEN.finditer(output)]
    known = sorted(dict.fromkeys(found), key=lambda mark: (-found.count(mark), -len(mark)))
    return [*known[:MOST_JOINERS], ""]


def _figures(task: Examples, items: Items) -> Iterator[Expression]:
    if len(set(task.outputs)) < 2:
        return
    styles = output_formats(task.outputs)
    for figure in FIGURES if styles else ():
        value = ListFigure(items, figure)
        for style in styles:
            written = WriteNumber(value, style)
            if task.explains(written):
                yield written


def _matches(task: Examples, source: Expression, texts: Sequence[str], joiners: Sequence[str]) -> Iterator[Expression]:
    """All pieces of one kind, with the same character before each, joined anew."""
    if len(set(task.outputs)) < 2:
        return
    for joiner in joiners[:-1]:
        rows = [output.split(joiner) if output else [] for output in task.outputs]
        if max(map(len, rows)) < 2 or not all(map(_stand, texts, rows)):
            continue
        pieces = [piece for row in rows for piece in row]
        shared = [name for name in kinds_of(pieces[0]) if all(name in kinds_of(p) for p in pieces)]
        kinds = [(kinds_of(pieces[0])[name].pattern, name, kinds_of(pieces[0])[name].cost) for name in shared]
        kinds += list(_alike(pieces))
        for pattern, name, price in kinds:
            for mark in ("", *_marks_before(texts, rows)):
                whole = exactly(mark) + raw("(") + pattern + raw(")") if mark else pattern
                what = f"{name} after {quoted(mark)}" if mark else name
                found = Found(source, whole, bool(mark), what, price + (0.2 if mark else 0.0))
                joined = Joined(found, joiner)
                if task.explains(joined):
                    yield joined


def _stand(text: str, pieces: Sequence[str]) -> bool:
    """Whether the pieces stand in the text, one after the other."""
    place = 0
    for piece in pieces:
        place = text.find(piece, place) if piece else -1
        if place < 0:
            return False
        place += len(piece)
    return True


def _marks_before(texts: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Punctuation that stands before a piece of each row."""
    found = [
        {text[at - 1] for piece in row if (at := text.find(piece)) > 0}
        for text, row in zip(texts, rows, strict=True)
        if row
    ]
    return sorted(mark for mark in set.intersection(*found) if not mark.isalnum() and not mark.isspace())


def _alike(pieces: Sequence[str]) -> Iterator[tuple[Pattern, str, float]]:
    """Pieces that begin with the same letters, and are digits from there."""
    heads = {m.group() if (m := re.match(r"[^\d]+(?=\d+\Z)", piece)) else "" for piece in pieces}
    if len(heads) == 1 and (head := heads.pop()):
        yield exactly(head) + raw("[0-9]+"), f"{head} with its number", 0.4


def _kept(task: Examples, items: Items, lists: list[list[str]], joiners: Sequence[str]) -> Iterator[Expression]:
    """Items picked by what they are, where no place in the list picks them: one of them, how many, or all of them."""
    if len(set(task.outputs)) < 2:
        return
    if all(output.isdigit() for output in task.outputs):
        conditions = [Matches(ITEM, pattern, what, price) for pattern, what, price in PATTERNS]
        counts = (HowMany(Where(items, condition)) for condition in conditions)
        yield from (c for c in counts if task.explains(c))
    folded = [[item.lower() for item in row] for row in lists]
    if all(output.lower() in (*row, "") for output, row in zip(task.outputs, folded, strict=True)):
        yield from _first(task, items, lists, folded)
    for joiner in dict.fromkeys((items.between, *joiners[:-1])):
        labelled = _labelled(task.outputs, lists, joiner)
        if (
            labelled is not None
            and len(set(labelled.values())) == 2
            and any(joiner in output for output in task.outputs)
        ):
            conditions_ = separating(_seen(labelled), list(labelled.values()), deep=False)[:MOST_KEPT]
            all_of = (Joined(Where(items, condition), joiner) for condition in conditions_)
            yield from (e for e in all_of if task.explains(e))


def _first(task: Examples, items: Items, lists: list[list[str]], folded: list[list[str]]) -> Iterator[Expression]:
    """The first item that satisfies a condition: nothing is known of those after it."""
    labelled: dict[str, bool] = {}
    for output, row, lowered in zip(task.outputs, lists, folded, strict=True):
        place = lowered.index(output.lower()) if output.lower() in lowered else len(row)
        labelled |= {item: nth == place for nth, item in enumerate(row[: place + 1])}
    for condition in separating(_seen(labelled), list(labelled.values()), deep=False)[:MOST_KEPT]:
        kept = Picked(Where(items, condition))
        yield from (e for e in (kept, *(Case(kept, kind) for kind in KINDS)) if task.explains(e))


def _seen(items: dict[str, bool]) -> Examples:
    return Examples((ITEM.name,), [(item,) for item in items], list(items))


def _labelled(outputs: Sequence[str], lists: list[list[str]], joiner: str) -> dict[str, bool] | None:
    """Whether each item is kept; None where the outputs are not some of the items in their order."""
    labelled: dict[str, bool] = {}
    for output, row in zip(outputs, lists, strict=True):
        left = output.split(joiner) if output else []
        for item in row:
            kept = bool(left) and left[0] == item
            if kept:
                left.pop(0)
            if labelled.setdefault(item, kept) != kept:
                return None
        if left:
            return None
    return labelled


def _orders(task: Examples, items: Items, lists: list[list[str]], joiners: Sequence[str]) -> Iterator[Expression]:
    for joiner in joiners:
        if joiner and all(joiner in o or len(set(row)) < 2 for o, row in zip(task.outputs, lists, strict=True)):
            for order in ORDERS:
                found = Joined(Ordered(items, order), joiner)
                if task.explains(found) and any(len(row) > 1 for row in lists):
                    yield found


def _within(task: Examples, items: Parts, lists: list[list[str]]) -> Iterator[Expression]:
    """Items up to a limit, as they stand, where some rows have more."""
    most = max(map(len, lists))
    for count in range(1, min(most, MOST_WITHIN + 1)):
        for from_end in (False, True):
            for dropped in (False, True):
                if count > 1 or dropped:
                    found = Joined(Within(items, count, from_end, dropped), items.delimiter)
                    if task.explains(found):
                        yield found


def _items(
    task: Examples, items: Items, lists: list[list[str]], joiners: Sequence[str], learner: Learner
) -> Iterator[Expression]:
    """Programs for items, where the outputs have as many pieces as the cells have items."""
    for joiner in joiners:
        pieces = [_pieces(output, joiner, row) for output, row in zip(task.outputs, lists, strict=True)]
        known = [p for p in pieces if p is not None]
        if len(known) < len(pieces):
            continue
        rows = list(zip(lists, known, strict=True))
        each = _learned([pair for row, made in rows for pair in zip(row, made, strict=True)], task, learner)
        if each is not None:
            yield from _checked(task, [Joined(Each(items, each), joiner)])
            continue
        rest = _learned([p for row, made in rows for p in zip(row[1:], made[1:], strict=True)], task, learner)
        first = _learned([(row[0], made[0]) for row, made in rows], task, learner) if rest is not None else None
        if rest is not None and first is not None:
            yield from _checked(task, [Joined(Each(items, rest, first), joiner)])


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
    part.preference, part.budget = task.preference, task.budget
    found = learner(part)
    return next((e for e in found if all((e.run((i,)) or "") == p for i, p in distinct)), None)

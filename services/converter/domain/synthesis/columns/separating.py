"""Telling rows apart: from rows that must hold and rows that must not to simple conditions that do it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Column, Condition, Examples, as_bits
from services.converter.domain.synthesis.operators.date.timing import SATURDAY, OnOrAfter, dates, measures, roundest_day
from services.converter.domain.synthesis.operators.logic.condition import (
    Blank,
    Both,
    Comparison,
    Contains,
    Equals,
    Exceeds,
    LongerThan,
    Matches,
    Not,
    Relates,
)
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.operators.text.person import SUFFIXES, TITLES
from services.converter.domain.synthesis.operators.text.split import delimiters
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import EMAIL, MONEY, QUANTITY, YEAR, Pattern, charset, exactly, raw

_Ordered = TypeVar("_Ordered", float, datetime)
PATTERNS: tuple[tuple[Pattern, str, float], ...] = (
    (charset("D"), "has a digit", 0.0),
    (charset("L"), "has a letter", 0.1),
    (raw("^") + charset("D"), "starts with a digit", 0.1),
    (raw("^") + charset("U"), "starts with a capital", 0.2),
    (raw("^") + charset("W"), "starts with a small letter", 0.2),
    (raw("^") + charset("L"), "starts with a letter", 0.2),
    (charset("D") + raw("$"), "ends with a digit", 0.2),
    (raw("^") + charset("D") + raw("+$"), "is all digits", 0.1),
    (raw(r"^-?") + charset("D") + raw(r"+(\.") + charset("D") + raw("+)?$"), "is a number", 0.1),
    (raw("^") + charset("L") + raw("+$"), "is all letters", 0.2),
    (charset("S"), "has a blank", 0.1),
    (charset("W"), "has a small letter", 0.3),
    (charset("U"), "has a capital", 0.3),
    (raw("^") + charset("U") + raw("+$"), "is all capitals", 0.3),
    (EMAIL.pattern, "has an e-mail address", 0.3),
    (QUANTITY.pattern, "has a number with its unit", 0.4),
    (YEAR.pattern, "has a year", 0.5),
    (MONEY.pattern, "has an amount with its currency sign", 0.4),
    (TITLES, "begins with a title", 0.3),
    (SUFFIXES, "ends with a suffix of names", 0.3),
    (raw("(?:^| )") + charset("L") + raw(r"\.?(?: |$)"), "has a single letter", 0.5),
)

MOST_CONDITIONS, MOST_COMPARED = 12, 10
CHANCE = 0.6
MOST_OF_EACH = 30
"""Rows of either label on which pairs of conditions are looked for; they are checked on all."""
LONE = 1.5
"""What a word costs more that is seen in one text only."""
CONDITIONS_FOR_A_UNIT = 3
"""Conditions that are held against a row for a unit of work."""
MOST_PAIRED = 120
"""Conditions of which pairs are made."""
LONGEST_TEXT = 500
"""Texts longer than this many characters are not searched for shared words."""


def separating(task: Examples, labels: list[bool], deep: bool = True) -> list[Condition]:
    """Conditions that hold on exactly the rows labelled True, cheapest first."""
    if all(labels) or not any(labels):
        return []
    said = task.preference.conditions if task.preference else ()
    conditions = [*said, *_conditions(task, labels)]
    task.budget.spend(len(conditions) * len(labels) // CONDITIONS_FOR_A_UNIT)
    rows = _some_of_each(labels)
    shown = [task.records[i] for i in rows]
    wanted, every = as_bits([labels[i] for i in rows]), (1 << len(rows)) - 1
    truths = [(condition.held(shown), condition) for condition in conditions]
    told = [c if truth == wanted else Not(c) for truth, c in truths if truth in (wanted, wanted ^ every)]
    if len(rows) < len(labels):
        told = [c for c in told if _tells(c, task, labels)]
    if not told and deep and len(labels) > 3:
        told = _pairs_of(truths, task, wanted, every)
        if len(rows) < len(labels):
            told = [pair for pair in told if _tells(pair, task, labels)]
    told.sort(key=lambda c: (c not in said, c.cost))
    return told[:MOST_CONDITIONS]


def _tells(condition: Condition, task: Examples, labels: Sequence[bool]) -> bool:
    """Whether a condition holds on exactly the rows labelled True."""
    return all(condition.holds(record) == label for record, label in zip(task.records, labels, strict=True))


def _some_of_each(labels: Sequence[bool]) -> list[int]:
    """Positions of some rows of either label."""
    each = [[i for i, label in enumerate(labels) if label == kind] for kind in (True, False)]
    return sorted(i for positions in each for i in positions[:: -(-len(positions) // MOST_OF_EACH)])


def _pairs_of(truths: Iterable[tuple[int, Condition]], task: Examples, wanted: int, every: int) -> list[Condition]:
    """Conjunctions that tell some rows apart, from the rows on which single conditions hold, as bits."""
    partial: dict[int, Condition] = {}
    for truth, condition in truths:
        if truth not in (0, every):
            partial.setdefault(truth, condition)
    few = list(partial.items())[:MOST_PAIRED]
    task.budget.spend(len(few) ** 2 // CONDITIONS_FOR_A_UNIT)
    return _pairs(few, wanted, every)


def _pairs(partial: list[tuple[int, Condition]], wanted: int, every: int) -> list[Condition]:
    """Conjunctions of two conditions, one of which may be an opposite."""
    full = partial + [(truth ^ every, Not(condition)) for truth, condition in partial]
    useful = [(truth, condition) for truth, condition in full if truth & wanted == wanted]
    return [Both(a, b) for i, (s, a) in enumerate(useful) for t, b in useful[i + 1 :] if s & t == wanted]


def _conditions(task: Examples, labels: list[bool]) -> Iterator[Condition]:
    """Conditions over single columns and pairs of columns that may tell the labels apart."""
    width = len(task.names)
    columns = [
        (task.column(i), [(r[i] if i < len(r) else None) or "" for r in task.records]) for i in range(min(width, 60))
    ]
    for column, texts in columns:
        distinct = set(texts)
        if len(distinct) == 1:
            continue
        if "" in {t.strip(" ") for t in texts}:
            yield Blank(column)
        if column.index not in task.lent:
            yield from _equalities(column, texts, labels)
            yield from _contents(column, texts, labels)
        yield from _thresholds(column, texts, labels)
    yield from _excesses(columns[:MOST_COMPARED])
    for a, first in columns[:10]:
        for b, second in columns[:10]:
            if a.index != b.index and any(first) and any(second):
                if a.index < b.index:
                    yield Relates(a, b, "=")
                yield Relates(a, b, "contains")


def _excesses(columns: list[tuple[Column, list[str]]]) -> Iterator[Condition]:
    """Columns of numbers of which one may be more than the other."""
    read = [(column, styles(filled)[:1]) for column, texts in columns if (filled := [t for t in texts if t.strip()])]
    numbers = [ReadNumber(column, found[0]) for column, found in read if found]
    yield from (Exceeds(a, b) for a in numbers for b in numbers if a is not b)


def _equalities(column: Column, texts: list[str], labels: list[bool]) -> Iterator[Condition]:
    yes = {t for t, x in zip(texts, labels, strict=True) if x}
    no = {t for t, x in zip(texts, labels, strict=True) if not x}
    if len(set(texts)) == len(texts) and len(texts) > 2:
        return  # a row's own text says which row it is, and nothing of any other
    if yes & no:
        for value in sorted(yes - no)[:6] + sorted(no - yes)[:6]:
            yield Equals(column, (value,), _coincidence(column, texts))
        return
    price = _coincidence(column, texts)
    for values in (yes, no):
        if len(values) <= 6 and all(len(v) <= 60 for v in values):
            yield Equals(column, tuple(sorted(values)), price)


def _coincidence(column: Column, texts: list[str]) -> float:
    """Equality with a value that names its row, or with an amount, is likely chance; with a repeated word it is not."""
    del column
    distinct = len(set(texts))
    price = 0.0 if distinct < len(texts) else 0.5
    if all(re.fullmatch(r"\s*-?[\d.,]*\s*", t) for t in texts):
        price += 1.0
    return price


def _thresholds(column: Column, texts: list[str], labels: list[bool]) -> Iterator[Condition]:
    filled = [t for t in texts if t.strip()]
    for style in styles(filled)[:1]:
        numbers = [style.read(t) for t in texts]
        for low, high in _gaps(numbers, labels):
            yield Comparison(ReadNumber(column, style), ">=", roundest(low, high))
    blank = (None,) * column.index
    for measure in measures(column, tuple(texts)):
        found = (measure.run((*blank, t)) for t in texts)
        for low, high in _gaps([None if n is None else float(n) for n in found], labels):
            if measure.measure == "hour":
                yield Comparison(measure, ">=", roundest(low, high))
            elif low < SATURDAY <= high:
                yield Comparison(measure, ">=", SATURDAY)
    read = dates(column, tuple(texts))
    if read is not None:
        moments = [read.read(t) for t in texts]
        for last, first in _gaps(moments, labels):
            if day := roundest_day(last, first):
                yield OnOrAfter(read, day)


def _gaps(numbers: Sequence[_Ordered | None], labels: list[bool]) -> Iterator[tuple[_Ordered, _Ordered]]:
    """Between the numbers (or moments) of one label and those of the other, where all of these are greater."""
    yes = [n for n, x in zip(numbers, labels, strict=True) if x and n is not None]
    no = [n for n, x in zip(numbers, labels, strict=True) if not x and n is not None]
    if yes and no:
        for low, high in ((max(no), min(yes)), (max(yes), min(no))):
            if low < high:
                yield low, high


def roundest(low: float, high: float) -> float:
    """The number above ``low`` and up to ``high`` with the fewest digits, the nearest to the middle of those."""
    middle = (low + high) / 2
    for digits in range(1, 12):
        for candidate in (float(f"{middle:.{digits}g}"), float(f"{high:.{digits}g}"), float(f"{low:.{digits}g}")):
            if low < candidate <= high:
                return candidate
    return high


def _contents(column: Column, texts: list[str], labels: list[bool]) -> Iterator[Condition]:
    yield from _punctuation(column, list(dict.fromkeys(texts)))
    for pattern, what, price in PATTERNS:
        yield Matches(column, pattern, what, price)
    yes = list(dict.fromkeys(t for t, x in zip(texts, labels, strict=True) if x))
    no = list(dict.fromkeys(t for t, x in zip(texts, labels, strict=True) if not x))
    for some, others in ((yes, no), (no, yes)):
        if some and len(max(some, key=len)) <= LONGEST_TEXT:
            yield from _shared(column, some, others)
        if some and others and max(map(len, some)) < min(map(len, others)):
            yield LongerThan(column, max(map(len, some)))


def _punctuation(column: Column, texts: list[str]) -> Iterator[Condition]:
    """Delimiters that stand in the texts, at their ends, or several times."""
    for mark in delimiters(texts):
        yield Contains(column, mark)
        for least in sorted({t.count(mark) for t in texts})[1:4]:
            if least > 1 and len(mark) == 1:
                several = (
                    raw("^(?:") + charset("'" + mark, negated=True) + raw("*") + exactly(mark) + raw(f"){{{least}}}")
                )
                yield Matches(column, several, f"has {quoted(mark)} {least} times or more", 0.5)
        if any(t.startswith(mark) for t in texts):
            yield Contains(column, mark, "starts_with")
        if any(t.endswith(mark) for t in texts):
            yield Contains(column, mark, "ends_with")


def _shared(column: Column, some: list[str], others: list[str]) -> Iterator[Condition]:
    """Words and end characters that some texts share and the others lack."""
    words = [w for w in re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", some[0]) if all(w in t for t in some)]
    # The words of one text alone are chance more often than reason.
    price = 0.0 if len(set(some)) > 1 else LONE
    for word in words[:8]:
        if not any(word in t for t in others):
            yield Contains(column, word, price=price)
    if all(some):
        # Two texts often begin or end with the same letter.
        chance = price if len(set(some)) != 2 else CHANCE
        if len({t[0] for t in some}) == 1:
            yield Contains(column, some[0][0], "starts_with", chance if some[0][0].isalnum() else 0.0)
        if len({t[-1] for t in some}) == 1:
            yield Contains(column, some[0][-1], "ends_with", chance if some[0][-1].isalnum() else 0.0)

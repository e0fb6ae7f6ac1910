"""Conditions that may tell rows apart, by what a column holds on the rows that must hold and on those that must not."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from services.converter.domain.formats.letters import BLANKS
from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Column, Condition
from services.converter.domain.synthesis.operators.logic.comparing import Comparison, Exceeds, LongerThan, Relates
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains, Equals, HasItem, Matches
from services.converter.domain.synthesis.operators.logic.kinds import PATTERNS
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.operators.witness import Shown, proposes
from services.converter.domain.synthesis.positions import delimiters
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import charset, exactly, raw

_Ordered = TypeVar("_Ordered", float, datetime)
MOST_COMPARED = 10
"""Columns that are held against each other."""
CHANCE = 0.6
"""What the first or last letter of two texts costs more."""
LONE = 1.5
"""What a word costs more that is seen in one text only."""
LONGEST_TEXT = 500
"""Texts longer than this many characters are not searched for shared words."""
LIST_MARKS, LEAST_ITEMS = (";", ",", "|", "/", " "), 3
"""What lists are split at, and the items that one of them must have to be taken for a list."""
MOST_VALUES, LONGEST_VALUE = 6, 60
"""Values that a condition lists, and their characters."""


@proposes(told=10)
def blank(shown: Shown) -> Iterator[Condition]:
    """Cells with nothing in them."""
    if "" in {t.strip(" ") for t in shown.texts}:
        yield Blank(shown.column)


@proposes(told=20)
def equalities(shown: Shown) -> Iterator[Condition]:
    """Values that some of the rows have."""
    column, texts, labels, is_lent = shown
    if is_lent:
        return
    yes = {t for t, x in zip(texts, labels, strict=True) if x}
    no = {t for t, x in zip(texts, labels, strict=True) if not x}
    if len(set(texts)) == len(texts) and len(texts) > 2:
        return  # a row's own text says which row it is, and nothing of any other
    price = _coincidence(texts)
    if yes & no:
        for value in sorted(yes - no)[:MOST_VALUES] + sorted(no - yes)[:MOST_VALUES]:
            yield Equals(column, (value,), price)
        return
    for values in (yes, no):
        if len(values) <= MOST_VALUES and all(len(v) <= LONGEST_VALUE for v in values):
            yield Equals(column, tuple(sorted(values)), price)


@proposes(told=25)
def items(shown: Shown) -> Iterator[Condition]:
    """Items that the lists of one kind of rows hold and those of the other do not."""
    column, texts, labels, is_lent = shown
    if is_lent or max(map(len, texts)) > LONGEST_TEXT:
        return
    joined = "\0".join(texts)
    for delimiter in LIST_MARKS:
        if joined.count(delimiter) < LEAST_ITEMS - 1 or max(text.count(delimiter) for text in texts) < LEAST_ITEMS - 1:
            continue
        lists = [[item.strip(BLANKS) for item in text.split(delimiter)] for text in texts]
        yes = [set(found) for found, label in zip(lists, labels, strict=True) if label]
        no = [set(found) for found, label in zip(lists, labels, strict=True) if not label]
        for some, others in ((yes, no), (no, yes)):
            shared = set.intersection(*some).difference(*others) - {""}
            yield from (HasItem(column, delimiter, item) for item in sorted(shared)[:MOST_VALUES])


def _coincidence(texts: list[str]) -> float:
    """Equality with a value that names its row, or with an amount, is likely chance; with a repeated word it is not."""
    distinct = len(set(texts))
    price = 0.0 if distinct < len(texts) else 0.5
    if all(re.fullmatch(r"\s*-?[\d.,]*\s*", t) for t in texts):
        price += 1.0
    return price


@proposes(told=40)
def number_limits(shown: Shown) -> Iterator[Condition]:
    """Limits between the numbers of either kind of rows."""
    column, texts, labels, _ = shown
    filled = [t for t in texts if t.strip()]
    for style in styles(filled)[:1]:
        for low, high in gaps([style.read(t) for t in texts], labels):
            if low == 0:
                yield Comparison(ReadNumber(column, style), ">", 0.0)
            yield Comparison(ReadNumber(column, style), ">=", roundest(low, high))


def gaps(numbers: Sequence[_Ordered | None], labels: list[bool]) -> Iterator[tuple[_Ordered, _Ordered]]:
    """Between the numbers (or moments) of one label and those of the other, where all of these are greater."""
    yes = [n for n, x in zip(numbers, labels, strict=True) if x and n is not None]
    no = [n for n, x in zip(numbers, labels, strict=True) if not x and n is not None]
    if yes and no:
        for low, high in ((max(no), min(yes)), (max(yes), min(no))):
            if low < high:
                yield low, high


def roundest(low: float, high: float) -> float:
    """The number above ``low`` and up to ``high`` with the fewest digits, the nearest to the middle of those; 0 where
    it is one: a sign says by itself what it parts."""
    if low < 0 <= high:
        return 0.0
    middle = (low + high) / 2
    for digits in range(1, 12):
        for candidate in (float(f"{middle:.{digits}g}"), float(f"{high:.{digits}g}"), float(f"{low:.{digits}g}")):
            if low < candidate <= high:
                return candidate
    return high


@proposes(told=30)
def contents(shown: Shown) -> Iterator[Condition]:
    """What stands in the texts, how they are made, and how long they are."""
    column, texts, labels, is_lent = shown
    if is_lent:
        return
    filled = [t for t in texts if t.strip()]
    # How an amount is written is for what it says: whether it begins with a minus is asked as whether it is negative.
    measured = not all(map(str.isdecimal, filled)) and bool(styles(filled))
    if not measured:
        yield from _punctuation(column, list(dict.fromkeys(texts)))
    for pattern, what, price in () if measured else PATTERNS:
        yield Matches(column, pattern, what, price)
    yes = list(dict.fromkeys(t for t, x in zip(texts, labels, strict=True) if x))
    no = list(dict.fromkeys(t for t, x in zip(texts, labels, strict=True) if not x))
    for some, others in ((yes, no), (no, yes)):
        if some and len(max(some, key=len)) <= LONGEST_TEXT:
            yield from _shared(column, some, others, ends=not measured)
        if not measured and some and others and max(map(len, some)) < min(map(len, others)):
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


def _shared(column: Column, some: list[str], others: list[str], *, ends: bool) -> Iterator[Condition]:
    """Words, and characters at the ends, that some texts share and the others lack."""
    words = [w for w in re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", some[0]) if all(w in t for t in some)]
    # The words of one text alone are chance more often than reason.
    price = 0.0 if len(set(some)) > 1 else LONE
    for word in words[:8]:
        if not any(word in t for t in others):
            yield Contains(column, word, price=price)
    if ends and all(some):
        # Two texts often begin or end with the same letter.
        chance = price if len(set(some)) != 2 else CHANCE
        if len({t[0] for t in some}) == 1:
            yield Contains(column, some[0][0], "starts_with", chance if some[0][0].isalnum() else 0.0)
        if len({t[-1] for t in some}) == 1:
            yield Contains(column, some[0][-1], "ends_with", chance if some[0][-1].isalnum() else 0.0)


@proposes(related=10)
def excesses(columns: Sequence[Shown]) -> Iterator[Condition]:
    """Columns of numbers of which one may be more than the other."""
    some = columns[:MOST_COMPARED]
    read = [(each.column, styles(filled)[:1]) for each in some if (filled := [t for t in each.texts if t.strip()])]
    numbers = [ReadNumber(column, found[0]) for column, found in read if found]
    yield from (Exceeds(a, b) for a in numbers for b in numbers if a is not b)


@proposes(related=20)
def relations(columns: Sequence[Shown]) -> Iterator[Condition]:
    """Columns of which one may equal or contain the other."""
    lent = {each.column.index for each in columns if each.is_lent}
    some = [each.column for each in columns[:MOST_COMPARED] if any(each.texts)]
    for a in some:
        for b in some:
            if a.index != b.index:
                if a.index < b.index:
                    yield Relates(a, b, "=")
                if not {a.index, b.index} & lent:  # the digits of a count stand in a text by chance
                    yield Relates(a, b, "contains")

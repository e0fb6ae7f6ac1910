"""Conditions on a row, and their inverse: from rows that must hold and rows that must not to simple conditions."""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Column, Condition, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.person import SUFFIXES, TITLES
from services.converter.domain.synthesis.operators.split import delimiters
from services.converter.domain.synthesis.operators.timing import SATURDAY, OnOrAfter, dates, measures, roundest_day
from services.converter.domain.synthesis.operators.values import Number, ReadNumber, Value
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import EMAIL, MONEY, QUANTITY, YEAR, Pattern, charset, exactly, raw


@dataclass(frozen=True, slots=True)
class Equals(Condition):
    """The text is one of some values."""

    source: Expression
    values: tuple[str, ...]
    price: float = 0.0

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Each value is one more thing to believe."""
        return self.source.cost + 0.8 + 0.9 * (len(self.values) - 1) + self.price

    def holds(self, record: Record) -> bool:
        """Whether it is."""
        return self.source.run(record) in self.values

    def sql(self) -> str:
        """`=` or `IN`."""
        if len(self.values) == 1:
            return f"{self.source.sql()} = {literal(self.values[0])}"
        return f"{self.source.sql()} IN ({', '.join(literal(v) for v in self.values)})"

    def words(self) -> str:
        """Which values."""
        return f"{self.source.words()} is {' or '.join(quoted(v) for v in self.values)}"


@dataclass(frozen=True, slots=True)
class Blank(Condition):
    """The text is empty, blank or absent."""

    source: Expression

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """The commonest condition."""
        return self.source.cost + 0.5

    def holds(self, record: Record) -> bool:
        """Whether it is."""
        return not (self.source.run(record) or "").strip(" ")

    def sql(self) -> str:
        """`coalesce(trim(x), '') = ''`."""
        return f"coalesce(trim({self.source.sql()}), '') = ''"

    def words(self) -> str:
        """The source."""
        return f"{self.source.words()} is blank"


@dataclass(frozen=True, slots=True)
class Contains(Condition):
    """The text contains, starts or ends with a literal."""

    source: Expression
    text: str
    where: Literal["contains", "starts_with", "ends_with"] = "contains"
    price: float = 0.0

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Short literals are simpler; letters may be coincidence."""
        return (
            self.source.cost
            + 1.0
            + 0.08 * len(self.text)
            + (0.5 if len(self.text) == 1 and self.text.isalnum() else 0.0)
            + self.price
        )

    def holds(self, record: Record) -> bool:
        """Whether it does."""
        text = self.source.run(record)
        if text is None:
            return False
        return {"contains": text.__contains__, "starts_with": text.startswith, "ends_with": text.endswith}[self.where](
            self.text
        )

    def sql(self) -> str:
        """The function of that name."""
        return f"{self.where}({self.source.sql()}, {literal(self.text)})"

    def words(self) -> str:
        """What stands where."""
        return f"{self.source.words()} {self.where.replace('_', ' ')} {quoted(self.text)}"


@dataclass(frozen=True, slots=True)
class Matches(Condition):
    """A pattern is found in the text."""

    source: Expression
    pattern: Pattern
    what: str
    price: float = 0.0

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Above a literal."""
        return self.source.cost + 1.3 + self.price

    def holds(self, record: Record) -> bool:
        """Whether it is found."""
        text = self.source.run(record)
        return text is not None and self.pattern.compiled.search(text) is not None

    def sql(self) -> str:
        """`regexp_matches`."""
        return f"regexp_matches({self.source.sql()}, {literal(self.pattern.sql)})"

    def words(self) -> str:
        """What is found."""
        return f"{self.source.words()} {self.what}"


_Ordered = TypeVar("_Ordered", float, datetime)
Comparator = Literal[">=", ">", "<=", "<"]
_COMPARES: dict[Comparator, tuple[Callable[[float, float], bool], str]] = {
    ">=": (operator.ge, "at least"),
    ">": (operator.gt, "more than"),
    "<=": (operator.le, "at most"),
    "<": (operator.lt, "less than"),
}


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """A number stands in a relation to a threshold; False where the text is no number."""

    value: Value
    comparator: Comparator
    threshold: float

    @property
    def parts(self) -> tuple[Node, ...]:
        """The number."""
        return (self.value,)

    @property
    def cost(self) -> float:
        """As other comparisons."""
        return self.value.cost + 1.0

    def holds(self, record: Record) -> bool:
        """Whether it is."""
        value = self.value.run(record)
        return value is not None and _COMPARES[self.comparator][0](value, self.threshold)

    def sql(self) -> str:
        """The relation."""
        return f"{self.value.sql()} {self.comparator} {Number(self.threshold).sql()}"

    def words(self) -> str:
        """The threshold."""
        return f"{self.value.words()} is {_COMPARES[self.comparator][1]} {Number(self.threshold).words()}"


@dataclass(frozen=True, slots=True)
class Exceeds(Condition):
    """One number is more than another; False where one is none."""

    value: Value
    other: Value

    @property
    def parts(self) -> tuple[Node, ...]:
        """Both numbers."""
        return (self.value, self.other)

    @property
    def cost(self) -> float:
        """Below a comparison: no threshold is made to fit."""
        return max(self.value.cost, self.other.cost) + 0.9

    def holds(self, record: Record) -> bool:
        """Whether it is."""
        value, other = self.value.run(record), self.other.run(record)
        return value is not None and other is not None and value > other

    def sql(self) -> str:
        """`>`."""
        return f"{self.value.sql()} > {self.other.sql()}"

    def words(self) -> str:
        """The relation in words."""
        return f"{self.value.words()} is more than {self.other.words()}"


@dataclass(frozen=True, slots=True)
class LongerThan(Condition):
    """The text has more than some characters."""

    source: Expression
    length: int

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Lengths are often coincidence."""
        return self.source.cost + 1.9

    def holds(self, record: Record) -> bool:
        """Whether it has."""
        text = self.source.run(record)
        return text is not None and len(text) > self.length

    def sql(self) -> str:
        """`length(x) > n`."""
        return f"length({self.source.sql()}) > {self.length}"

    def words(self) -> str:
        """The length."""
        return f"{self.source.words()} is longer than {self.length} characters"


@dataclass(frozen=True, slots=True)
class Relates(Condition):
    """One text equals, contains, starts or ends with another."""

    source: Expression
    other: Expression
    how: Literal["=", "contains", "starts_with", "ends_with"]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Both texts."""
        return (self.source, self.other)

    @property
    def cost(self) -> float:
        """Two sources, one relation."""
        return self.source.cost + self.other.cost + (0.4 if self.how == "=" else 0.6)

    def holds(self, record: Record) -> bool:
        """Whether it does."""
        a, b = self.source.run(record), self.other.run(record)
        if a is None or b is None:
            return False
        return {"=": a.__eq__, "contains": a.__contains__, "starts_with": a.startswith, "ends_with": a.endswith}[
            self.how
        ](b)

    def sql(self) -> str:
        """`=` or the function of that name."""
        if self.how == "=":
            return f"{self.source.sql()} = {self.other.sql()}"
        return f"{self.how}({self.source.sql()}, {self.other.sql()})"

    def words(self) -> str:
        """The relation in words."""
        return (
            f"{self.source.words()} {'equals' if self.how == '=' else self.how.replace('_', ' ')} {self.other.words()}"
        )


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The opposite of a condition (also where that is unknown)."""

    condition: Condition

    @property
    def parts(self) -> tuple[Node, ...]:
        """The condition."""
        return (self.condition,)

    @property
    def cost(self) -> float:
        """A little more than the condition."""
        return self.condition.cost + 0.25

    def holds(self, record: Record) -> bool:
        """Whether it does not hold."""
        return not self.condition.holds(record)

    def sql(self) -> str:
        """`NOT`, with NULL as false first."""
        inner = self.condition
        if isinstance(inner, Blank):
            return f"trim({inner.source.sql()}) <> ''"
        return f"NOT coalesce({inner.sql()}, false)"

    def words(self) -> str:
        """The opposite in words."""
        text = self.condition.words()
        return text.replace(" is ", " is not ", 1) if " is " in text else f"not: {text}"


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """Two conditions hold."""

    left: Condition
    right: Condition

    @property
    def parts(self) -> tuple[Node, ...]:
        """Both conditions."""
        return (self.left, self.right)

    @property
    def cost(self) -> float:
        """The sum, and the joint."""
        return self.left.cost + self.right.cost + 0.8

    def holds(self, record: Record) -> bool:
        """Whether both hold."""
        return self.left.holds(record) and self.right.holds(record)

    def sql(self) -> str:
        """`AND`."""
        return f"{self.left.sql()} AND {self.right.sql()}"

    def words(self) -> str:
        """Both in words."""
        return f"{self.left.words()} and {self.right.words()}"


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
LONGEST_TEXT = 500
"""Texts longer than this many characters are not searched for shared words."""


def separating(task: Examples, labels: list[bool], deep: bool = True) -> list[Condition]:
    """Conditions that hold on exactly the rows labelled True, cheapest first."""
    if all(labels) or not any(labels):
        return []
    said = task.preference.conditions if task.preference else ()
    conditions = (*said, *_conditions(task, labels))
    found: list[Condition] = []
    for condition in conditions:
        alike = condition.holds(task.records[0]) == labels[0]
        if all((condition.holds(r) == label) == alike for r, label in zip(task.records, labels, strict=True)):
            found.append(condition if alike else Not(condition))
    if not found and deep and len(labels) > 3:
        found = [
            pair
            for pair in _pairs_of(conditions, task, _some_of_each(labels), labels)
            if all(pair.holds(r) == label for r, label in zip(task.records, labels, strict=True))
        ]
    found.sort(key=lambda c: (c not in said, c.cost))
    return found[:MOST_CONDITIONS]


def _some_of_each(labels: Sequence[bool]) -> list[int]:
    """Positions of some rows of either label."""
    each = [[i for i, label in enumerate(labels) if label == kind] for kind in (True, False)]
    return sorted(i for positions in each for i in positions[:: -(-len(positions) // MOST_OF_EACH)])


def _pairs_of(
    conditions: Iterable[Condition], task: Examples, rows: Sequence[int], labels: Sequence[bool]
) -> list[Condition]:
    """Conjunctions that tell some rows apart."""
    partial: list[tuple[Condition, tuple[bool, ...]]] = []
    seen: set[tuple[bool, ...]] = set()
    records = [task.records[i] for i in rows]
    for condition in conditions:
        truth = tuple(condition.holds(record) for record in records)
        if truth not in seen and any(truth) and not all(truth):
            seen.add(truth)
            partial.append((condition, truth))
    return _pairs(partial[:120], tuple(labels[i] for i in rows))


def _pairs(partial: list[tuple[Condition, tuple[bool, ...]]], wanted: tuple[bool, ...]) -> list[Condition]:
    """Conjunctions of two conditions, one of which may be an opposite."""
    both: list[Condition] = []
    full = [(c, t) for c, t in partial] + [(Not(c), tuple(not x for x in t)) for c, t in partial]
    useful = [(c, t) for c, t in full if all(x or not w for x, w in zip(t, wanted, strict=True))]
    for i, (a, s) in enumerate(useful):
        for b, t in useful[i + 1 :]:
            if tuple(x and y for x, y in zip(s, t, strict=True)) == wanted:
                both.append(Both(a, b))
    return both


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
        for value in list(yes - no)[:6] + list(no - yes)[:6]:
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
        for low, high in _gaps([measure.run((*blank, t)) for t in texts], labels):
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

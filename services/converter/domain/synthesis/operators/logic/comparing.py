"""Conditions that hold a cell against something: a number, a length, another cell."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, get_args

from services.converter.domain.formats.amount import of_float
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.evidence import chosen
from services.converter.domain.synthesis.language import (
    CELL,
    OTHER_CELL,
    Condition,
    Examples,
    Expression,
    Record,
    as_bits,
)
from services.converter.domain.synthesis.operators.logic.condition import RELATIONS, ways_to_part
from services.converter.domain.synthesis.operators.number.values import Number, ReadNumber, Value

Relation = Literal["=", "contains", "starts_with", "ends_with"]

_SIGNED = re.compile(r"\s*(?:[-\u2212(]\W{0,2}\d|[\d.,' ]*\d-\s*$)")
MEASURES = 4
"""What of a text an order may go by: its number, its length, its hour, its weekday."""

Comparator = Literal[">=", ">", "<=", "<"]
_COMPARES: dict[Comparator, tuple[Callable[[Decimal, Decimal], bool], str]] = {
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
    def tells_sign(self) -> bool:
        """A number held against nothing."""
        return self.threshold == 0 and self.value.format_read != ""

    @property
    def surcharge(self) -> float:
        """A sign is there to be asked for: no threshold is made to fit, nor is another column chosen beside it."""
        return -0.5 if self.tells_sign else 0.0

    def holds(self, record: Record) -> bool:
        value = self.value.run(record)
        return value is not None and _COMPARES[self.comparator][0](value, of_float(self.threshold))

    def held(self, records: Sequence[Record]) -> int:
        """The rows where it does."""
        compare, threshold = _COMPARES[self.comparator][0], of_float(self.threshold)
        return as_bits([value is not None and compare(value, threshold) for value in self.value.run_all(records)])

    def gap(self, rows: Sequence[Record]) -> str:
        """Between the last number on one side of the threshold and the first on the other."""
        numbers = [number for row in rows if (number := self.value.run(row)) is not None]
        threshold = of_float(self.threshold)
        below = [number for number in numbers if number < threshold]
        above = [number for number in numbers if number >= threshold]
        if self.comparator == ">" and threshold == 0 and min(numbers, default=threshold) == 0:
            return f"{self.value.sql()} < {Number(0.0).sql()}"  # nothing is held against something, and here is less
        if not below or not above:
            return ""
        if threshold == 0 and max(below) < 0 < min(above):
            # A sign says by itself what it parts: only nothing may belong to either side.
            return f"{self.value.sql()} = {Number(0.0).sql()}"
        low, high = Number(float(max(below))).sql(), Number(float(min(above))).sql()
        return f"{self.value.sql()} > {low} AND {self.value.sql()} < {high}"

    def sql(self) -> str:
        """The relation."""
        return f"{self.value.sql()} {self.comparator} {Number(self.threshold).sql()}"

    def words(self) -> str:
        return f"{self.value.words()} is {_COMPARES[self.comparator][1]} {Number(self.threshold).words()}"

    def choices(self, task: Examples) -> float:
        """Places in the order of a column's numbers, or columns alone where the place is given by what is measured; a
        sign parts the numbers of a column in which both signs stand."""
        if self.value.is_parted_at(self.threshold):
            return chosen(len(task.names))
        if self.threshold:
            return chosen(len(task.names), len(self.texts(task)) - 1)
        columns = (task.values(task.column(i)) for i in range(len(task.names)))
        signs = ([_SIGNED.match(text or "") is not None for text in texts] for texts in columns)
        return chosen(sum(any(some) and not all(some) for some in signs))


@dataclass(frozen=True, slots=True)
class Exceeds(Condition):
    """One number is more than another; False where one is none."""

    value: Value
    other: Value

    @property
    def cost(self) -> float:
        """Below a comparison: no threshold is made to fit."""
        return max(self.value.cost, self.other.cost) + 0.9

    def holds(self, record: Record) -> bool:
        value, other = self.value.run(record), self.other.run(record)
        return value is not None and other is not None and value > other

    def held(self, records: Sequence[Record]) -> int:
        """The rows where it is."""
        numbers = zip(self.value.run_all(records), self.other.run_all(records), strict=True)
        return as_bits([value is not None and other is not None and value > other for value, other in numbers])

    def choices(self, task: Examples) -> float:
        """Pairs of columns."""
        return chosen(len(task.names), len(task.names) - 1)

    def sql(self) -> str:
        return f"{self.value.sql()} > {self.other.sql()}"

    def words(self) -> str:
        return f"{self.value.words()} is more than {self.other.words()}"


@dataclass(frozen=True, slots=True)
class LongerThan(Condition):
    """The text has more than some characters."""

    source: Expression
    length: int
    is_particular = True

    def holds(self, record: Record) -> bool:
        text = self.source.run(record)
        return text is not None and len(text) > self.length

    def choices(self, task: Examples) -> float:
        """Places in the order, by one of the measures of a text, after the ways in which kinds of texts part those of
        the column: these are looked at first."""
        texts = tuple(sorted(text for (text, *_) in self.texts(task)))
        return chosen(len(task.names), (len(set(map(len, texts))) - 1) * MEASURES + ways_to_part(texts))

    def gap(self, rows: Sequence[Record]) -> str:
        """Between the longest of the short ones and the shortest of the long ones."""
        lengths = [len(text) for row in rows if (text := self.source.run(row)) is not None]
        above = [length for length in lengths if length > self.length]
        below = [length for length in lengths if length <= self.length]
        if not below or not above or min(above) - max(below) < 2:
            return ""
        return f"length({self.source.sql()}) > {max(below)} AND length({self.source.sql()}) < {min(above)}"

    def sql(self) -> str:
        return f"length({self.source.sql()}) > {self.length}"

    def words(self) -> str:
        return f"{self.source.words()} is longer than {self.length} characters"


@lru_cache(maxsize=4096)
def _related(how: str, texts: tuple[str | None, ...], others: tuple[str | None, ...]) -> int:
    relation = RELATIONS[how]
    return as_bits([a is not None and b is not None and relation(a, b) for a, b in zip(texts, others, strict=True)])


@dataclass(frozen=True, slots=True)
class Relates(Condition):
    """One text equals, contains, starts or ends with another."""

    source: Expression
    other: Expression
    how: Relation
    relates_cells = True

    @property
    def surcharge(self) -> float:
        """Two sources, one relation."""
        return 0.4 if self.how == "=" else 0.6

    def holds(self, record: Record) -> bool:
        a, b = self.source.run(record), self.other.run(record)
        if a is None or b is None:
            return False
        return RELATIONS[self.how](a, b)

    def held(self, records: Sequence[Record]) -> int:
        """The rows where it does: the same columns are asked for with many sets of rows to tell apart."""
        return _related(self.how, self.source.run_all(records), self.other.run_all(records))

    def choices(self, task: Examples) -> float:
        """Pairs of columns."""
        return chosen(len(task.names), len(task.names) - 1)

    def sql(self) -> str:
        """`=` or the function of that name."""
        if self.how == "=":
            return f"{self.source.sql()} = {self.other.sql()}"
        return f"{self.how}({self.source.sql()}, {self.other.sql()})"

    def words(self) -> str:
        return (
            f"{self.source.words()} {'equals' if self.how == '=' else self.how.replace('_', ' ')} {self.other.words()}"
        )


def law() -> tuple[Condition, ...]:
    """Instances on which `holds` equals `sql`."""
    amount, other = (ReadNumber(cell, NumberStyle()) for cell in (CELL, OTHER_CELL))
    return (
        *(Comparison(amount, sign, 2.5) for sign in get_args(Comparator)),
        Comparison(amount, ">", 0.0),
        Exceeds(amount, other),
        LongerThan(CELL, 4),
        *(Relates(CELL, OTHER_CELL, how) for how in get_args(Relation)),
    )

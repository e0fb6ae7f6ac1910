"""Numbers computed with: added, multiplied, rounded to multiples, taken apart."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal, get_args

from services.converter.domain.formats.amount import (
    PLACES,
    TYPE,
    WIDE,
    Operation,
    computed,
    computed_sql,
    decimals_of,
    exact,
    of_float,
    reciprocal,
    spelled,
)
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.asking import ROUNDED, TRUNCATED, Ask, ask
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Column, Examples, Node, Record
from services.converter.domain.synthesis.operators.number.values import USUAL, Number, ReadNumber, Value

SEARCHED = 2
"""Digits that rows must say beyond the constants that they fix: about a hundred ways to compute are tried."""
_SHOWN_NUMBER = re.compile(r"[-+(]?\D{0,3}([0-9]+(?:\.([0-9]+))?)\D{0,3}")
_END = re.compile(r"(.+)_(first|last)(?:_\d+)?")
"""Names of columns that hold what the first or the last row of a group says."""
_WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_COMPUTED: Mapping[Operation, Ask] = {
    "*": ask(r"multipl(?:y|ied|ies)|times\b|product of"),
    "/": ask(r"divid(?:e|ed|es)\b|ratio of|quotient"),
    "+": ask(r"sum\b|sums\b|add(?:ed|s|ing)?\b|plus\b|total of"),
    "-": ask(r"subtract|minus\b|less the\b|difference (?:of|between)|deduct"),
}


def digits_told(numbers: Sequence[float], unit: float) -> float:
    """Digits that each of some numbers tells: of as many as there are between the least and the greatest of them."""
    return math.log10((max(numbers) - min(numbers)) / unit + 1)


def are_too_few(outputs: Sequence[str]) -> bool:
    """Whether so few and small numbers are wanted that some of the ways to compute meet them by chance."""
    found = [_SHOWN_NUMBER.fullmatch(text.strip()) for text in dict.fromkeys(outputs) if text.strip()]
    shown = [match for match in found if match is not None]
    if len(shown) < len(found) or len(shown) < 2:
        return False
    unit = 10.0 ** -max(len(match[2] or "") for match in shown)
    return len(shown) * digits_told([float(match[1]) for match in shown], unit) < SEARCHED


@dataclass(frozen=True, slots=True)
class Arithmetic(Value):
    """Two numbers added, subtracted, multiplied or divided; division by zero is NULL."""

    operation: Operation
    left: Value
    right: Value
    asks = tuple(_COMPUTED.values())

    @property
    def met(self) -> tuple[Ask, ...]:
        """Those for its operation."""
        return (_COMPUTED[self.operation],)

    @property
    def surcharge(self) -> float:
        """Both operands and the operation."""
        return 0.8 if self.operation in "+*" else 0.9

    def doubt(self, task: Examples) -> str:
        """The first row of a group and its last, added up: what is between them would be left out. Few small numbers,
        which are met by chance; but what is one more or less than another is the first that anybody would think of."""
        ends = [_END.fullmatch(node.name) for node in self.walk() if isinstance(node, Column)]
        stems = {(found[1], found[2]) for found in ends if found}
        if self.operation == "+" and len(stems) > len({stem for stem, _ in stems}):
            return f"rows are added up by their places in a group: {self.words()}"
        is_next = self.operation in "+-" and isinstance(self.right, Number) and abs(self.right.exact) == 1
        if not is_next and task.preference is None and are_too_few(task.outputs):
            return f"the numbers are too few and too small to tell how they are computed: {self.words()}"
        return ""

    def run(self, record: Record) -> Decimal | None:
        a, b = self.left.run(record), self.right.run(record)
        if a is None or b is None:
            return None
        if self._inverse is not None:
            return computed("*", a, self._inverse, (self.left.decimals, decimals_of(self._inverse)))
        return computed(self.operation, a, b, (self.left.decimals, self.right.decimals))

    @property
    def _inverse(self) -> Decimal | None:
        """One over the constant that is divided by, where that is a short decimal."""
        constant = self.right if self.operation == "/" else None
        return reciprocal(constant.exact) if isinstance(constant, Number) else None

    def sql(self) -> str:
        """The operation on DECIMALs, NULL where they overflow."""
        a, b = self.left.sql(), self.right.sql()
        if self._inverse is not None:
            return computed_sql("*", a, spelled(self._inverse))
        return computed_sql(self.operation, a, b)

    def words(self) -> str:
        return f"{self.left.words()} {_WORDS[self.operation]} {self.right.words()}"


Way = Literal["floor", "ceil", "round"]
_STEPPED: Mapping[Way, tuple[Ask, ...]] = {
    "floor": (ask(r"round(?:ed|ing)? down|floor\b"), TRUNCATED),
    "ceil": (ask(r"round(?:ed|ing)? up|ceil"),),
    "round": (ROUNDED,),
}


@dataclass(frozen=True, slots=True)
class Step(Value):
    """A number brought down, up or to the nearest multiple of ``size`` (0 size: to whole numbers)."""

    value: Value
    size: float
    way: Way
    asks = tuple(each for asks in _STEPPED.values() for each in asks)

    @property
    def met(self) -> tuple[Ask, ...]:
        """Those for its way."""
        return _STEPPED[self.way]

    @property
    def surcharge(self) -> float:
        """Usual sizes are cheaper."""
        return self.value.cost + (1.4 if self.way == "floor" else 1.45) + (0.0 if self.size in USUAL else 0.5)

    def run(self, record: Record) -> Decimal | None:
        value = self.value.run(record)
        return None if value is None else step_to(value, of_float(self.size), self.way)

    def sql(self) -> str:
        """`floor`, `ceil` or `round` of the quotient, times the size."""
        return step_sql(self.value.sql(), of_float(self.size), self.way)

    def words(self) -> str:
        way = {"floor": "down to", "ceil": "up to", "round": "to"}[self.way]
        what = "whole numbers" if self.size == 1.0 else f"multiples of {spelled(of_float(self.size))}"
        return f"{self.value.words()} rounded {way} {what}"


_WAYS = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "round": ROUND_HALF_UP}


def step_to(value: Decimal, size: Decimal, way: Way) -> Decimal | None:
    """The multiple of ``size`` that a number is brought to; halves go away from zero."""
    inverse = reciprocal(size)
    if inverse is None:
        steps = computed("/", value, size)
    else:
        steps = WIDE.multiply(value, inverse)
        steps = steps if abs(steps) < Decimal(10) ** (28 - decimals_of(inverse)) else None
    return None if steps is None else exact(WIDE.multiply(steps.to_integral_value(_WAYS[way]), size))


def step_sql(value: str, size: Decimal, way: Way) -> str:
    """The same over SQL of a DECIMAL(38, 10)."""
    inverse = reciprocal(size)
    steps = computed_sql("/", value, spelled(size)) if inverse is None else f"{value} * {spelled(inverse)}"
    if size == 1:
        return f"CAST({way}({value}) AS {TYPE})"
    return f"TRY(CAST({way}({steps}) * {spelled(size)} AS {TYPE}))"


@dataclass(frozen=True, slots=True)
class Quotient(Value):
    """How many whole times ``size`` goes into a number, or what then is left over (``rest``): feet, and inches."""

    value: Value
    size: float
    rest: bool = False

    def run(self, record: Record) -> Decimal | None:
        value, size = self.value.run(record), of_float(self.size)
        times = None if value is None else computed("/", value, size)
        if value is None or times is None:
            return None
        whole = times.to_integral_value(ROUND_FLOOR)
        return computed("-", value, WIDE.multiply(whole, size), (PLACES, 0)) if self.rest else exact(whole)

    def sql(self) -> str:
        """`floor` of the quotient, or what it leaves."""
        value, size = self.value.sql(), spelled(of_float(self.size))
        whole = f"floor({computed_sql('/', value, size)})"
        return computed_sql("-", value, f"{whole} * {size}") if self.rest else f"CAST({whole} AS {TYPE})"

    def words(self) -> str:
        size = spelled(of_float(self.size))
        return f"{self.value.words()} modulo {size}" if self.rest else f"whole {size}s in {self.value.words()}"


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    amount, other = (ReadNumber(cell, NumberStyle()) for cell in (CELL, OTHER_CELL))
    sizes = ((size, way) for size in (1.0, 5.0, 0.1) for way in get_args(Way))
    return (
        *(Arithmetic(operation, amount, other) for operation in get_args(Operation)),
        Arithmetic("*", Arithmetic("-", Number(1.0), amount), Number(2.5)),
        *(Step(amount, size, way) for size, way in sizes),
        Quotient(amount, 12.0),
        Quotient(amount, 12.0, rest=True),
    )

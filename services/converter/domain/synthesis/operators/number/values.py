"""Numbers as nodes: read from texts in several styles, computed with, and written."""

import math
import re
from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.formats.number import LIKELY_DECIMALS, NumberFormat, NumberStyle
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import Expression, Node, Record

FRACTION = re.compile(r"^(\d{1,9})?(?:(?:^|[ -])(\d{1,6})/([1-9]\d{0,5}))?\Z")
DURATION = re.compile(r"\d{1,5}:[0-5]\d(?::[0-5]\d)?\Z")


class Value(Node):
    """A node whose value is a number (DOUBLE)."""

    @abstractmethod
    def run(self, record: Record) -> float | None:
        """The number for one row."""


@dataclass(frozen=True, slots=True)
class ReadNumber(Value):
    """Text read as a number in one style; NULL where it is none."""

    source: Expression
    style: NumberStyle

    @property
    def cost(self) -> float:
        """Plain numbers are cheaper to read."""
        return self.source.cost + (0.3 if self.style.plain else 0.6)

    def run(self, record: Record) -> float | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> float | None:
        """The number of one text."""
        return self.style.read(text)

    def sql(self) -> str:
        """`TRY_CAST` of the cleaned text."""
        return self.style.sql(self.source.sql())

    def words(self) -> str:
        """The text that is read."""
        return self.source.words()


@dataclass(frozen=True, slots=True)
class Number(Value):
    """A constant."""

    value: float

    @property
    def cost(self) -> float:
        """Long constants are dear; the usual scales are cheap."""
        if abs(self.value) in _USUAL or units.is_known(self.value):
            return 0.6
        digits = len(spelled(self.value).replace(".", "").strip("0-"))
        return 0.8 + 0.25 * digits + 0.3 * max(0, digits - 2) + (0.5 if self.value < 0 else 0.0)

    def run(self, record: Record) -> float | None:  # noqa: ARG002 - the protocol of values
        """The constant."""
        return self.value

    def sql(self) -> str:
        """A DOUBLE literal."""
        text = spelled(self.value)
        return text if "." not in text else f"{text}::DOUBLE"

    def words(self) -> str:
        """The constant."""
        return spelled(self.value)


def spelled(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


_USUAL = {1.8, 32.0, 273.15, 1.0, 2.0, 10.0, 12.0, 24.0, 60.0, 100.0, 1000.0, 1e6, 0.5, 0.1, 0.01, 0.001}

Operation = Literal["+", "-", "*", "/"]
_WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}


@dataclass(frozen=True, slots=True)
class Arithmetic(Value):
    """Two numbers added, subtracted, multiplied or divided; division by zero is NULL."""

    operation: Operation
    left: Value
    right: Value

    @property
    def cost(self) -> float:
        """Both operands and the operation."""
        return self.left.cost + self.right.cost + (0.8 if self.operation in "+*" else 0.9)

    def run(self, record: Record) -> float | None:
        """The result."""
        a, b = self.left.run(record), self.right.run(record)
        if a is None or b is None or (self.operation == "/" and b == 0):
            return None
        return (
            a + b
            if self.operation == "+"
            else a - b
            if self.operation == "-"
            else a * b
            if self.operation == "*"
            else a / b
        )

    def sql(self) -> str:
        """The operation on DOUBLEs."""
        a, b = _bracket(self.left), _bracket(self.right)
        if self.operation == "/":
            b = b if isinstance(self.right, Number) else f"nullif({self.right.sql()}, 0)"
        return f"{a} {self.operation} {b}"

    def words(self) -> str:
        """The operation in words."""
        return f"{self.left.words()} {_WORDS[self.operation]} {self.right.words()}"


def _bracket(value: Value) -> str:
    text = value.sql()
    return f"({text})" if isinstance(value, (Arithmetic,)) or " / " in text or text.startswith("CASE") else text


@dataclass(frozen=True, slots=True)
class Step(Value):
    """A number brought down, up or to the nearest multiple of ``size`` (0 size: to whole numbers)."""

    value: Value
    size: float
    way: Literal["floor", "ceil", "round"]

    @property
    def cost(self) -> float:
        """Usual sizes are cheaper."""
        return self.value.cost + 1.4 + (0.0 if self.size in _USUAL else 0.5)

    def run(self, record: Record) -> float | None:
        """The multiple."""
        value = self.value.run(record)
        if value is None:
            return None
        return step_to(value, self.size, self.way)

    def sql(self) -> str:
        """`floor`, `ceil` or `round` of the quotient."""
        if self.size == 1.0:
            return f"{self.way}({self.value.sql()})"
        each = steps_in_one(self.size)
        if each:
            near = {"floor": f" + {NEAR}", "ceil": f" - {NEAR}", "round": ""}[self.way]
            return f"{self.way}({_bracket(self.value)} * {each}{near}) / {each}"
        size = Number(self.size).sql()
        return f"{self.way}({_bracket(self.value)} / {size}) * {size}"

    def words(self) -> str:
        """How it is rounded."""
        way = {"floor": "down to", "ceil": "up to", "round": "to"}[self.way]
        what = "whole numbers" if self.size == 1.0 else f"multiples of {spelled(self.size)}"
        return f"{self.value.words()} rounded {way} {what}"


NEAR = 1e-07
"""So near to a multiple of a fraction a number is that multiple: 5205832.3 is 52058323 tenths, whatever DOUBLE says."""


def steps_in_one(size: float) -> int:
    """How many steps make 1, where a whole number of them does: 10 for tenths; else 0."""
    each = round(1 / size) if size < 1 else 0
    return each if each and abs(each * size - 1) < NEAR else 0


def step_to(value: float, size: float, way: Literal["floor", "ceil", "round"]) -> float:
    """The multiple of ``size`` that a number is brought to; halves go away from zero, zero keeps its sign as in SQL."""
    each = steps_in_one(size)
    scaled = value * each if each else value / size
    if way == "round":
        whole = math.floor(abs(scaled))
        whole += abs(scaled) - whole >= 0.5
        steps = math.copysign(whole, scaled)
    else:
        scaled += (NEAR if way == "floor" else -NEAR) if each else 0.0
        whole = math.floor(scaled) if way == "floor" else math.ceil(scaled)
        steps = float(whole) if whole else math.copysign(0.0, scaled)
    return steps / each if each else steps * size


@dataclass(frozen=True, slots=True)
class Quotient(Value):
    """How many whole times ``size`` goes into a number, or what then is left over (``rest``): feet, and inches."""

    value: Value
    size: float
    rest: bool = False

    @property
    def cost(self) -> float:
        """As a rounding."""
        return self.value.cost + 1.2

    def run(self, record: Record) -> float | None:
        """The whole times, or the rest."""
        value = self.value.run(record)
        if value is None:
            return None
        whole = math.floor(value / self.size)
        return value - whole * self.size if self.rest else float(whole)

    def sql(self) -> str:
        """`floor` of the quotient, or what it leaves."""
        value, size = _bracket(self.value), Number(self.size).sql()
        whole = f"floor({value} / {size})"
        return f"{value} - {whole} * {size}" if self.rest else whole

    def words(self) -> str:
        """What is taken of what."""
        size = spelled(self.size)
        return f"{self.value.words()} modulo {size}" if self.rest else f"whole {size}s in {self.value.words()}"


@dataclass(frozen=True, slots=True)
class ReadFraction(Value):
    """A whole number with a common fraction, as bonds are quoted: `99 1/4`, `7-3/8`, `1/2`, `129`."""

    source: Expression

    @property
    def cost(self) -> float:
        """Above a plain number."""
        return self.source.cost + 0.7

    def run(self, record: Record) -> float | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> float | None:
        """The number of one text."""
        found = FRACTION.match(text.replace("\n", "?"))
        if found is None or not text:
            return None
        whole = float(found[1]) if found[1] else 0.0
        return whole + (float(found[2]) / float(found[3]) if found[2] else 0.0)

    def sql(self) -> str:
        """The whole part plus the quotient."""
        text = self.source.sql()
        spelled = FRACTION.pattern.removesuffix("\\Z") + "$"
        whole, above, below = (
            f"TRY_CAST(regexp_extract({text}, '{spelled}', {group}) AS DOUBLE)" for group in (1, 2, 3)
        )
        value = f"coalesce({whole}, 0) + coalesce({above} / {below}, 0)"
        return f"CASE WHEN {text} <> '' AND regexp_matches({text}, '{spelled}') THEN {value} END"

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read with its fraction"


@dataclass(frozen=True, slots=True)
class ReadDuration(Value):
    """`h:mm:ss` as seconds, `h:mm` as minutes: the last part's unit; NULL where the text is none."""

    source: Expression

    @property
    def cost(self) -> float:
        """Above a plain number."""
        return self.source.cost + 0.7

    def run(self, record: Record) -> float | None:
        """The time."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> float | None:
        """The time of one text."""
        if not DURATION.match(text):
            return None
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return float(total)

    def sql(self) -> str:
        """The parts times sixty."""
        text = self.source.sql()
        first, second, third = (f"TRY_CAST(split_part({text}, ':', {n}) AS DOUBLE)" for n in (1, 2, 3))
        return (
            f"CASE WHEN regexp_full_match({text}, '\\d{{1,5}}:[0-5]\\d') THEN {first} * 60 + {second} "
            f"WHEN regexp_full_match({text}, '\\d{{1,5}}:[0-5]\\d:[0-5]\\d') "
            f"THEN {first} * 3600 + {second} * 60 + {third} END"
        )

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read as a time span"


_SPAN_UNITS = (
    ("w(?:eeks?|ks?)?", 604_800), ("d(?:ays?)?", 86_400), ("h(?:ours?|rs?)?", 3600), ("m(?:in(?:ute)?s?)?", 60),
    ("s(?:ec(?:ond)?s?)?", 1),
)  # fmt: skip
_SPAN_PIECE = "([0-9]+(?:[.][0-9]+)?) ?"
_SPAN_WHOLE = (
    "^p?t?(?:[0-9]+(?:[.][0-9]+)? ?(?:" + "|".join(unit for unit, _ in _SPAN_UNITS) + ")(?:t|,? |, and | and |$)?)+$"
)


@dataclass(frozen=True, slots=True)
class ReadSpan(Value):
    """A time span with its units, `1h 15m`, `2 days 3 hours`, `PT1H30M`, in seconds; NULL where the text is none."""

    source: Expression

    @property
    def cost(self) -> float:
        """Above a plain number."""
        return self.source.cost + 0.7

    def run(self, record: Record) -> float | None:
        """The seconds."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> float | None:
        """The seconds of one text."""
        folded = text.lower()
        if not re.match(_SPAN_WHOLE.replace("$", r"\Z"), folded):
            return None
        found = ((re.search(_SPAN_PIECE + unit + r"(?:[^a-z]|\Z|t)", folded), size) for unit, size in _SPAN_UNITS)
        return float(sum(float(m[1]) * size for m, size in found if m))

    def sql(self) -> str:
        """The units' numbers, each times its size."""
        text = f"lower({self.source.sql()})"
        pieces = (
            f"coalesce(TRY_CAST(regexp_extract({text}, '{_SPAN_PIECE}{unit}(?:[^a-z]|$|t)', 1) AS DOUBLE), 0) * {size}"
            for unit, size in _SPAN_UNITS
        )
        return f"CASE WHEN regexp_matches({text}, '{_SPAN_WHOLE}') THEN {' + '.join(pieces)} END"

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read as a time span in seconds"


@dataclass(frozen=True, slots=True)
class Absolute(Value):
    """A number without its sign."""

    value: Value

    @property
    def cost(self) -> float:
        """A little more than the number."""
        return self.value.cost + 0.8

    def run(self, record: Record) -> float | None:
        """The size of the number."""
        value = self.value.run(record)
        return None if value is None else abs(value)

    def sql(self) -> str:
        """`abs`."""
        return f"abs({self.value.sql()})"

    def words(self) -> str:
        """The number and what it loses."""
        return f"{self.value.words()} without its sign"


def _is_multiple(value: Value) -> bool:
    """Whether a number is multiplied by a whole one: what comes out whole in an example was not rounded."""
    factor = value.right if isinstance(value, Arithmetic) and value.operation == "*" else None
    return isinstance(factor, Number) and factor.value == int(factor.value) and abs(factor.value) > 1


@dataclass(frozen=True, slots=True)
class WriteNumber(Expression):
    """A number written in one format."""

    value: Value
    style: NumberFormat

    @property
    def cost(self) -> float:
        """The number and its format; so many decimals that nobody would ask for them are less likely."""
        if self.style.trimmed:
            return self.value.cost + (1.2 if (self.style.decimals or 0) > LIKELY_DECIMALS else 1.05)
        if self.style.significant:
            return self.value.cost + 1.1
        if self.style.decimals == 0 and _is_multiple(self.value):
            return self.value.cost + 1.05
        return self.value.cost + (1.0 if self.style.decimals is None else 0.9)

    def run(self, record: Record) -> str | None:
        """The number as text."""
        value = self.value.run(record)
        return None if value is None else self.style.write(value)

    def sql(self) -> str:
        """The format over the number."""
        return self.style.sql(self.value.sql())

    def words(self) -> str:
        """The number and how it is written."""
        return ", ".join(w for w in (self.value.words(), self.style.words()) if w)

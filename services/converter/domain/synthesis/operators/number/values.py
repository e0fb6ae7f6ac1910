"""Numbers as nodes: read from texts in several styles, computed with, and written."""

import math
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from services.converter.domain.formats.letters import BLANKS, lower
from services.converter.domain.formats.number import (
    CURRENCY,
    LIKELY_DECIMALS,
    NumberFormat,
    NumberStyle,
    is_currency,
    significant_digits,
)
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.asking import HINTED, ROUNDED, TRUNCATED, Ask, ask
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check, number_checks
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Column, Examples, Expression, Node, Record
from services.converter.domain.synthesis.sqltext import literal

SEARCHED = 2
"""Digits that rows must say beyond the constants that they fix: about a hundred ways to compute are tried."""
_SHOWN_NUMBER = re.compile(r"[-+(]?\D{0,3}([0-9]+(?:\.([0-9]+))?)\D{0,3}")
_END = re.compile(r"(.+)_(first|last)(?:_\d+)?")
"""Names of columns that hold what the first or the last row of a group says."""
FRACTION = re.compile(r"^(\d{1,9})?(?:(?:^|[ -])(\d{1,6})/([1-9]\d{0,5}))?\Z", re.ASCII)
DURATION = re.compile(r"\d{1,5}:[0-5]\d(?::[0-5]\d)?\Z", re.ASCII)


class Value(Node):
    """A node whose value is a number: DECIMAL(38, 10), NULL where it does not fit."""

    @property
    def decimals(self) -> int:
        """The decimals that DuckDB gives it."""
        return PLACES

    def is_parted_at(self, threshold: float) -> bool:
        """Whether what it measures is parted there whatever the example shows: a week before its weekend."""
        del threshold
        return False

    @abstractmethod
    def run(self, record: Record) -> Decimal | None:
        """The number for one row."""


@dataclass(frozen=True, slots=True)
class ReadNumber(Value):
    """Text read as a number in one style; NULL where it is none."""

    source: Expression
    style: NumberStyle
    asks = (ask(r"as (?:a )?number|numeric|amount", HINTED),)

    @property
    def format_read(self) -> str:
        """The format seen."""
        return self.style.words()

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts that are none or may be another, and other currencies."""
        del rows
        source = self.source.sql()
        yield from number_checks(self, self.source.words(), source, self.style)
        signs = {unit for unit in self.style.units if is_currency(unit)}
        if len(signs) == 1:
            (sign,) = signs
            found = f"regexp_extract({source}, '{CURRENCY}')"
            words = f"{self.source.words()} is in another currency than {sign}"
            yield self.check("number", "note", words, f"{found} NOT IN ('', {literal(sign)})", source)

    @property
    def surcharge(self) -> float:
        """Plain numbers are cheaper to read."""
        return 0.3 if self.style.plain else 0.6

    def run(self, record: Record) -> Decimal | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The number of one text."""
        return self.style.exact(text)

    def sql(self) -> str:
        """`TRY_CAST` of a text that is a number as a whole."""
        return self.style.exact_sql(self.source.sql())

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
        digits = len(self.words().replace(".", "").strip("0-"))
        return 0.8 + 0.25 * digits + 0.3 * max(0, digits - 2) + (0.5 if self.value < 0 else 0.0)

    @property
    def exact(self) -> Decimal:
        """The constant in as many decimals as people see in it."""
        return of_float(self.value)

    @property
    def decimals(self) -> int:
        """The decimals of the literal."""
        return decimals_of(self.exact)

    def run(self, record: Record) -> Decimal | None:  # noqa: ARG002 - the protocol of values
        """The constant."""
        return self.exact

    def sql(self) -> str:
        """An INTEGER or DECIMAL literal."""
        return spelled(self.exact)

    def words(self) -> str:
        """The constant."""
        return spelled(self.exact)


_USUAL = {1.8, 32.0, 273.15, 1.0, 2.0, 10.0, 12.0, 24.0, 60.0, 100.0, 1000.0, 1e6, 0.5, 0.1, 0.01, 0.001}

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


def _are_too_few(outputs: Sequence[str]) -> bool:
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
        if not is_next and task.preference is None and _are_too_few(task.outputs):
            return f"the numbers are too few and too small to tell how they are computed: {self.words()}"
        return ""

    def run(self, record: Record) -> Decimal | None:
        """The result."""
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
        """The operation in words."""
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
        return self.value.cost + (1.4 if self.way == "floor" else 1.45) + (0.0 if self.size in _USUAL else 0.5)

    def run(self, record: Record) -> Decimal | None:
        """The multiple."""
        value = self.value.run(record)
        return None if value is None else step_to(value, of_float(self.size), self.way)

    def sql(self) -> str:
        """`floor`, `ceil` or `round` of the quotient, times the size."""
        return step_sql(self.value.sql(), of_float(self.size), self.way)

    def words(self) -> str:
        """How it is rounded."""
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
        """The whole times, or the rest."""
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
        """What is taken of what."""
        size = spelled(of_float(self.size))
        return f"{self.value.words()} modulo {size}" if self.rest else f"whole {size}s in {self.value.words()}"


@dataclass(frozen=True, slots=True)
class ReadFraction(Value):
    """A whole number with a common fraction, as bonds are quoted: `99 1/4`, `7-3/8`, `1/2`, `129`."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The number of one text."""
        found = FRACTION.match(text.replace("\n", "?"))
        if found is None or not text:
            return None
        part = computed("/", Decimal(found[2]), Decimal(found[3])) if found[2] else Decimal(0)
        return None if part is None else computed("+", Decimal(found[1] or 0), part)

    def sql(self) -> str:
        """The whole part plus the quotient."""
        text = self.source.sql()
        spelled = FRACTION.pattern.removesuffix("\\Z") + "$"
        whole, above, below = (
            f"TRY_CAST(regexp_extract({text}, '{spelled}', {group}) AS {TYPE})" for group in (1, 2, 3)
        )
        value = computed_sql("+", f"coalesce({whole}, 0)", f"coalesce({computed_sql('/', above, below)}, 0)")
        return f"CASE WHEN {text} <> '' AND regexp_matches({text}, '{spelled}') THEN {value} END"

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read with its fraction"


@dataclass(frozen=True, slots=True)
class ReadDuration(Value):
    """`h:mm:ss` as seconds, `h:mm` as minutes: the last part's unit; NULL where the text is none."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        """The time."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The time of one text."""
        if not DURATION.match(text):
            return None
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return Decimal(total)

    def sql(self) -> str:
        """The parts times sixty."""
        text = self.source.sql()
        first, second, third = (f"TRY_CAST(split_part({text}, ':', {n}) AS {TYPE})" for n in (1, 2, 3))
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

    def run(self, record: Record) -> Decimal | None:
        """The seconds."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The seconds of one text."""
        folded = lower(text)
        if not re.match(_SPAN_WHOLE.replace("$", r"\Z"), folded):
            return None
        found = [(re.search(_SPAN_PIECE + unit + r"(?:[^a-z]|\Z|t)", folded), size) for unit, size in _SPAN_UNITS]
        pieces = [exact(Decimal(m[1])) for m, _ in found if m]
        sizes = [size for m, size in found if m]
        total = sum((p * size for p, size in zip(pieces, sizes, strict=True) if p is not None), Decimal(0))
        return exact(total)

    def sql(self) -> str:
        """The units' numbers, each times its size."""
        text = f"lower({self.source.sql()})"
        pieces = (
            f"coalesce(TRY_CAST(regexp_extract({text}, '{_SPAN_PIECE}{unit}(?:[^a-z]|$|t)', 1) AS {TYPE}), 0) * {size}"
            for unit, size in _SPAN_UNITS
        )
        return f"CASE WHEN regexp_matches({text}, '{_SPAN_WHOLE}') THEN TRY({' + '.join(pieces)}) END"

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read as a time span in seconds"


@dataclass(frozen=True, slots=True)
class OrNought(Value):
    """A number, or nought where its cell is blank: fees and discounts that are not always there."""

    value: ReadNumber

    def run(self, record: Record) -> Decimal | None:
        """The number or nought."""
        return self.value.run(record) if (self.value.source.run(record) or "").strip(BLANKS) else Decimal(0)

    def sql(self) -> str:
        """`CASE`."""
        blank = f"trim(coalesce({self.value.source.sql()}, '')) = ''"
        return f"(CASE WHEN {blank} THEN 0 ELSE {self.value.sql()} END)"

    def words(self) -> str:
        """The number, and that it may be blank."""
        return f"{self.value.words()} (0 where blank)"


@dataclass(frozen=True, slots=True)
class Absolute(Value):
    """A number without its sign."""

    value: Value
    asks = (ask(r"absolute|without (?:the |its )?sign"),)

    def run(self, record: Record) -> Decimal | None:
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
    asks = (ROUNDED,)

    @property
    def met(self) -> tuple[Ask, ...]:
        """It rounds where it has so many decimals."""
        return self.asks if self.style.decimals is not None else ()

    @property
    def format_written(self) -> str:
        """The number's."""
        return self.style.words() or "number with as many decimals as needed"

    @property
    def unformatted(self) -> Expression:
        """The number with as many decimals as needed."""
        return WriteNumber(self.value, replace(self.style, decimals=None, points=False, trimmed=False, significant=0))

    @property
    def is_whole(self) -> bool:
        """Whether numbers are computed with: what comes of that is right whatever its sign."""
        return isinstance(self.value, Arithmetic)

    def doubt(self, task: Examples) -> str:
        """An amount is added that is finer than what is written: others would have done as well. What other rows come
        to is rounded to few small numbers, which are met by chance."""
        value = self.value
        if self.style.decimals is not None and self.columns & task.lent and _are_too_few(task.outputs):
            return f"the numbers are too few and too small to tell how they are computed: {self.words()}"
        added = value.right if isinstance(value, Arithmetic) and value.operation in "+-" else None
        if not isinstance(added, Number) or self.style.decimals is None or task.preference is not None:
            return ""
        if decimals_of(added.exact) <= self.style.decimals:
            return ""
        return f"what is added is finer than what is written, so that it cannot be told: {self.words()}"

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Significant digits of which the last would be zeros, where no row shows whether these are written."""
        count = self.style.significant
        texts = [self.run(row) or "" for row in sampling.some(rows, MOST_CHECKED)] if count and self.columns else []
        if texts and all(significant_digits(text) >= count for text in texts):
            digits = f"regexp_replace(regexp_replace({self.sql()}, '^[-0.]+', ''), '[^0-9]', '', 'g')"
            words = f"the last of {count} significant digits is a zero, which may be written or not"
            yield self.check("format", "note", words, f"length({digits}) < {count}")

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


_STYLES = (
    NumberStyle(),
    NumberStyle(group=","),
    NumberStyle(decimal=","),
    NumberStyle(decimal=",", group=".", units=("€",)),
    NumberStyle(units=("%",), percent=True),
    NumberStyle(group=",", debit="DR"),
    NumberStyle(units=("kg", "")),
    NumberStyle(exponent=True),
)
_FORMATS = (
    NumberFormat(),
    NumberFormat(2),
    NumberFormat(12),
    NumberFormat(0),
    NumberFormat(2, ","),
    NumberFormat(2, ".", ","),
    NumberFormat(2, "'"),
    NumberFormat(2, indian=True),
    NumberFormat(0, zero_pad=5),
    NumberFormat(points=True),
    NumberFormat(None, ","),
    NumberFormat(3, trimmed=True),
    NumberFormat(None, zero_pad=4),
    NumberFormat(2, zero_pad=3),
    NumberFormat(2, ",", trimmed=True),
    NumberFormat(significant=4),
)


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    amount, other = (ReadNumber(cell, NumberStyle()) for cell in (CELL, OTHER_CELL))
    sizes = ((size, way) for size in (1.0, 5.0, 0.1) for way in get_args(Way))
    computed = [Arithmetic(operation, amount, other) for operation in get_args(Operation)]
    return (
        *(ReadNumber(CELL, style) for style in _STYLES),
        Number(2.5),
        *computed,
        Arithmetic("*", Arithmetic("-", Number(1.0), amount), Number(2.5)),
        *(Step(amount, size, way) for size, way in sizes),
        Quotient(amount, 12.0),
        Quotient(amount, 12.0, rest=True),
        ReadFraction(CELL),
        ReadDuration(CELL),
        ReadSpan(CELL),
        Absolute(amount),
        OrNought(amount),
        *(WriteNumber(amount, style) for style in _FORMATS),
        *(WriteNumber(value, style) for value in computed for style in _FORMATS[:3] + _FORMATS[9:11]),
    )

"""Numbers: read in one style, computed with, written in another."""

import math
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from services.converter.domain.formats.number import NumberFormat, NumberStyle, cast_double, output_formats, styles
from services.converter.domain.synthesis.language import Column, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.witness import Candidate

MAX_SOURCES = 24
"""Numeric sources that arithmetic looks at."""


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
    def parts(self) -> tuple[Node, ...]:
        """The text."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """Plain numbers are cheaper to read."""
        return self.source.cost + (0.3 if self.style.plain else 0.6)

    def run(self, record: Record) -> float | None:
        """The number."""
        text = self.source.run(record)
        return None if text is None else self.style.read(text)

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
        if abs(self.value) in _USUAL:
            return 0.6
        return 0.8 + 0.25 * len(_spelled(self.value).replace(".", "").strip("0-"))

    def run(self, record: Record) -> float | None:  # noqa: ARG002 - the protocol of values
        """The constant."""
        return self.value

    def sql(self) -> str:
        """A DOUBLE literal."""
        text = _spelled(self.value)
        return text if "." not in text else f"{text}::DOUBLE"

    def words(self) -> str:
        """The constant."""
        return _spelled(self.value)


def _spelled(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


_USUAL = {1.0, 2.0, 10.0, 12.0, 24.0, 60.0, 100.0, 1000.0, 1e6, 0.5, 0.1, 0.01, 0.001}

Operation = Literal["+", "-", "*", "/"]
_WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}


@dataclass(frozen=True, slots=True)
class Arithmetic(Value):
    """Two numbers added, subtracted, multiplied or divided; division by zero is NULL."""

    operation: Operation
    left: Value
    right: Value

    @property
    def parts(self) -> tuple[Node, ...]:
        """Both numbers."""
        return (self.left, self.right)

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
    def parts(self) -> tuple[Node, ...]:
        """The number."""
        return (self.value,)

    @property
    def cost(self) -> float:
        """Usual sizes are cheaper."""
        return self.value.cost + 1.4 + (0.0 if self.size in _USUAL else 0.5)

    def run(self, record: Record) -> float | None:
        """The multiple."""
        value = self.value.run(record)
        if value is None:
            return None
        scaled = value / self.size
        if self.way == "round":
            whole = math.floor(abs(scaled))
            whole += abs(scaled) - whole >= 0.5
            return math.copysign(whole, scaled) * self.size
        whole = math.floor(scaled) if self.way == "floor" else math.ceil(scaled)
        return (float(whole) if whole else math.copysign(0.0, scaled)) * self.size

    def sql(self) -> str:
        """`floor`, `ceil` or `round` of the quotient."""
        if self.size == 1.0:
            return f"{self.way}({self.value.sql()})"
        size = Number(self.size).sql()
        return f"{self.way}({_bracket(self.value)} / {size}) * {size}"

    def words(self) -> str:
        """How it is rounded."""
        way = {"floor": "down to", "ceil": "up to", "round": "to"}[self.way]
        what = "whole numbers" if self.size == 1.0 else f"multiples of {_spelled(self.size)}"
        return f"{self.value.words()} rounded {way} {what}"


@dataclass(frozen=True, slots=True)
class Absolute(Value):
    """A number without its sign."""

    value: Value

    @property
    def parts(self) -> tuple[Node, ...]:
        """The number."""
        return (self.value,)

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


@dataclass(frozen=True, slots=True)
class WriteNumber(Expression):
    """A number written in one format."""

    value: Value
    style: NumberFormat

    @property
    def parts(self) -> tuple[Node, ...]:
        """The number."""
        return (self.value,)

    @property
    def cost(self) -> float:
        """The number and its format."""
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


class _Sources:
    """Numeric readings of the sources, one for each tuple of numbers."""

    def __init__(self, sources: Iterable[Candidate]) -> None:
        self.by_numbers: dict[tuple[float, ...], Value] = {}
        for source, values in sources:
            for style in styles(values)[:3] if all(v.strip() for v in values) else ():
                numbers = tuple(style.read(v) for v in values)
                if any(n is None for n in numbers):
                    continue
                known = tuple(n for n in numbers if n is not None)
                value = ReadNumber(source, style)
                if known not in self.by_numbers or value.cost < self.by_numbers[known].cost:
                    self.by_numbers[known] = value

    def cheapest(self, count: int) -> list[tuple[Value, tuple[float, ...]]]:
        ranked = sorted(self.by_numbers.items(), key=lambda item: item[1].cost)
        return [(value, numbers) for numbers, value in ranked[:count]]


_SPAN = re.compile(r"-?\d+(?:[.,]\d+)*")


def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """For each number in the outputs: readings and computations that give it in the format that it is written in."""
    found = _Sources(sources).cheapest(MAX_SOURCES)
    if not found or not all(task.outputs):
        return
    spans = [[m.group() for m in _SPAN.finditer(o)] for o in task.outputs]
    fewest = min(len(s) for s in spans)
    seen: set[tuple[str, ...]] = set()
    for position in range(min(fewest, 4)):
        for wanted in {tuple(s[position] for s in spans), tuple(s[position].lstrip("-") for s in spans)}:
            if wanted in seen:
                continue
            seen.add(wanted)
            whole = all(w == o for w, o in zip(wanted, task.outputs, strict=True))
            for style in output_formats(wanted):
                yield from _explain(task, wanted, style, found, whole)
    if all(t.strip() and t[0] in "+-0123456789$€£" for t in task.outputs):
        return


def _explain(
    task: Examples,
    wanted: tuple[str, ...],
    style: NumberFormat,
    found: list[tuple[Value, tuple[float, ...]]],
    whole: bool,
) -> Iterator[Candidate]:
    read = NumberStyle(
        style.decimal, "." if style.decimal == "," and style.group else style.group or ("," if style.indian else "")
    )
    targets = [read.read(w) for w in wanted]
    if any(t is None for t in targets):
        return
    numbers = tuple(t for t in targets if t is not None)
    places = max((len(w.rpartition(style.decimal)[2]) if style.decimal in w else 0) for w in wanted)
    half = 0.5000001 * 10.0**-places if style.decimals is not None else 1e-7 * max(1.0, *(abs(n) for n in numbers))
    for value in _values(task, numbers, half, found, whole, places):
        node = WriteNumber(value, style)
        if all(node.run(r) == w for r, w in zip(task.records, wanted, strict=True)):
            yield Candidate(node, wanted)


def _near(a: Sequence[float], b: Sequence[float], half: float) -> bool:
    return all(abs(x - y) <= half for x, y in zip(a, b, strict=True))


def _values(
    task: Examples,
    target: tuple[float, ...],
    half: float,
    found: list[tuple[Value, tuple[float, ...]]],
    whole: bool,
    places: int,
) -> Iterator[Value]:
    """Values that come near the target on every row, simple ones first."""
    distinct = len(set(target))
    for value, numbers in found:
        if _near(numbers, target, half):
            yield value
        elif _near([abs(n) for n in numbers], target, half):
            yield Absolute(value)
        elif _near([-n for n in numbers], target, half) and any(target):
            yield Arithmetic("*", value, Number(-1.0))
    if distinct < 2 and len(target) > 1:
        return
    plain = [(v, n) for v, n in found if _is_column_like(v)] or found
    several = len(target) > 1
    for value, numbers in found:
        yield from _steps(value, numbers, target, half, places)
        if several and all(numbers):
            lead = max(range(len(numbers)), key=lambda i: abs(numbers[i]))
            factor = _nice(target[lead] / numbers[lead], half / abs(numbers[lead]))
            if factor not in (0.0, 1.0) and _near([n * factor for n in numbers], target, half):
                inverse = 1.0 / factor
                yield (
                    Arithmetic("/", value, Number(round(inverse)))
                    if abs(inverse - round(inverse)) < 1e-9 and abs(inverse) > 1
                    else Arithmetic("*", value, Number(factor))
                )
        if several:
            shift = _nice(target[0] - numbers[0], half)
            if shift and _near([n + shift for n in numbers], target, half):
                yield Arithmetic("+" if shift > 0 else "-", value, Number(abs(shift)))
        if len(target) > 2 and distinct > 2:
            yield from _line(value, numbers, target, half)
    for (a, xs), (b, ys) in combinations(plain[:14], 2):
        yield from _pair(a, xs, b, ys, target, half, whole or several)
    columns = [(v, n) for v, n in plain if isinstance(v, ReadNumber) and isinstance(v.source, Column)][:7]
    if several and len(columns) > 2:
        yield from _triples(columns, target, half)
        total = [sum(row) for row in zip(*(n for _, n in columns), strict=True)]
        if len(columns) > 3 and _near(total, target, half):
            yield _sum_of([v for v, _ in columns])
        if _near([t / len(columns) for t in total], target, half):
            yield Arithmetic("/", _sum_of([v for v, _ in columns]), Number(float(len(columns))))
    del task


def _is_column_like(value: Value) -> bool:
    return isinstance(value, ReadNumber) and value.source.cost < 4.0


def _sum_of(values: list[Value]) -> Value:
    total = values[0]
    for value in values[1:]:
        total = Arithmetic("+", total, value)
    return total


def _nice(value: float, tolerance: float) -> float:
    """The shortest decimal within the tolerance."""
    for digits in range(1, 16):
        rounded = float(f"{value:.{digits}g}")
        if abs(rounded - value) <= max(tolerance, 1e-12 * abs(value)):
            return rounded
    return value


def _pair(
    a: Value, xs: Sequence[float], b: Value, ys: Sequence[float], target: Sequence[float], half: float, trusted: bool
) -> Iterator[Value]:
    if not trusted:
        return
    rows = list(zip(xs, ys, strict=True))
    if _near([x + y for x, y in rows], target, half):
        yield Arithmetic("+", a, b)
    if _near([x - y for x, y in rows], target, half):
        yield Arithmetic("-", a, b)
    if _near([y - x for x, y in rows], target, half):
        yield Arithmetic("-", b, a)
    if _near([x * y for x, y in rows], target, half):
        yield Arithmetic("*", a, b)
    if _near([x * y / 100 for x, y in rows], target, half):
        yield Arithmetic("/", Arithmetic("*", a, b), Number(100.0))
    if all(ys) and _near([x / y for x, y in rows], target, half):
        yield Arithmetic("/", a, b)
    if all(xs) and _near([y / x for x, y in rows], target, half):
        yield Arithmetic("/", b, a)
    if all(ys) and _near([100 * x / y for x, y in rows], target, half):
        yield Arithmetic("*", Arithmetic("/", a, b), Number(100.0))
    if all(xs) and _near([100 * y / x for x, y in rows], target, half):
        yield Arithmetic("*", Arithmetic("/", b, a), Number(100.0))
    if len(target) > 1:
        for u, us, v, vs in ((a, xs, b, ys), (b, ys, a, xs)):
            if _near([x * (1 - y) for x, y in zip(us, vs, strict=True)], target, half):
                yield Arithmetic("*", u, Arithmetic("-", Number(1.0), v))
            if _near([x * (1 + y) for x, y in zip(us, vs, strict=True)], target, half):
                yield Arithmetic("*", u, Arithmetic("+", Number(1.0), v))
            if _near([x * (1 - y / 100) for x, y in zip(us, vs, strict=True)], target, half):
                yield Arithmetic("*", u, Arithmetic("-", Number(1.0), Arithmetic("/", v, Number(100.0))))
            if _near([x * (1 + y / 100) for x, y in zip(us, vs, strict=True)], target, half):
                yield Arithmetic("*", u, Arithmetic("+", Number(1.0), Arithmetic("/", v, Number(100.0))))
    if len(target) > 2:
        for operation, combined in (
            ("*", [x * y for x, y in rows]),
            ("+", [x + y for x, y in rows]),
            ("-", [x - y for x, y in rows]),
        ):
            lead = max(range(len(combined)), key=lambda i: abs(combined[i]))
            if combined[lead] and all(combined):
                factor = _nice(target[lead] / combined[lead], half / abs(combined[lead]))
                if factor not in (0.0, 1.0, -1.0) and _near([c * factor for c in combined], target, half):
                    yield Arithmetic("*", Arithmetic(operation, a, b), Number(factor))  # type: ignore[arg-type]


def _triples(columns: list[tuple[Value, tuple[float, ...]]], target: Sequence[float], half: float) -> Iterator[Value]:
    for first, second, third in combinations(columns, 3):
        for (a, xs), (b, ys), (c, zs) in ((first, second, third), (first, third, second), (second, third, first)):
            rows = list(zip(xs, ys, zs, strict=True))
            if (a, b, c) == (first[0], second[0], third[0]):
                if _near([x + y + z for x, y, z in rows], target, half):
                    yield Arithmetic("+", Arithmetic("+", a, b), c)
                if _near([x * y * z for x, y, z in rows], target, half):
                    yield Arithmetic("*", Arithmetic("*", a, b), c)
            for sign, operation in ((1, "+"), (-1, "-")):
                if _near([x * y + sign * z for x, y, z in rows], target, half):
                    yield Arithmetic(operation, Arithmetic("*", a, b), c)  # type: ignore[arg-type]
                if _near([x + sign * -1 * y + sign * z for x, y, z in rows], target, half):
                    yield Arithmetic("-" if sign > 0 else "+", Arithmetic(operation, a, c), b)  # type: ignore[arg-type]
                for (p, ps), (q, qs) in (((a, xs), (b, ys)), ((b, ys), (a, xs))):
                    if _near([(u + sign * v) * z for u, v, z in zip(ps, qs, zs, strict=True)], target, half):
                        yield Arithmetic("*", Arithmetic(operation, p, q), c)  # type: ignore[arg-type]
                    if all(zs) and _near(
                        [(u + sign * v) / z for u, v, z in zip(ps, qs, zs, strict=True)], target, half
                    ):
                        yield Arithmetic("/", Arithmetic(operation, p, q), c)  # type: ignore[arg-type]
            if all(zs) and _near([x * y / z for x, y, z in rows], target, half):
                yield Arithmetic("/", Arithmetic("*", a, b), c)


def _line(value: Value, xs: Sequence[float], target: Sequence[float], half: float) -> Iterator[Value]:
    low, high = min(range(len(xs)), key=lambda i: xs[i]), max(range(len(xs)), key=lambda i: xs[i])
    if xs[high] == xs[low] or len(set(xs)) < 3:
        return
    slope = _nice((target[high] - target[low]) / (xs[high] - xs[low]), 2 * half / (xs[high] - xs[low]))
    shift = _nice(target[low] - slope * xs[low], half)
    if slope not in (0.0, 1.0) and shift and _near([slope * x + shift for x in xs], target, half):
        yield Arithmetic("+" if shift > 0 else "-", Arithmetic("*", value, Number(slope)), Number(abs(shift)))


_SIZES = (1.0, 10.0, 5.0, 100.0, 1000.0, 0.5, 0.25, 2.0, 20.0, 25.0, 50.0, 500.0, 15.0, 30.0, 0.1, 0.01, 3.0, 4.0)


def _steps(value: Value, xs: Sequence[float], target: Sequence[float], half: float, places: int) -> Iterator[Value]:
    """Roundings to multiples: the target must be near and made of multiples."""
    del half
    for size in _SIZES:
        if any(abs(t / size - round(t / size)) > 1e-9 for t in target) or (size < 1 and not places):
            continue
        for way in ("round", "floor", "ceil"):
            node = Step(_Fixed(value), size, way)  # type: ignore[arg-type]
            if all(abs(node.run((repr(x),)) - t) < 1e-9 for x, t in zip(xs, target, strict=True)):  # type: ignore[operator]
                yield Step(value, size, way)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Fixed(Value):
    """Stands for a value whose number is put into the record; only used to try roundings."""

    value: Value

    @property
    def cost(self) -> float:
        return self.value.cost

    def run(self, record: Record) -> float | None:
        return cast_double(record[0] or "")

    def sql(self) -> str:
        return self.value.sql()

    def words(self) -> str:
        return self.value.words()

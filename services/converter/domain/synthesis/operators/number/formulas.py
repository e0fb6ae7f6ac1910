"""Numbers computed from a row's numbers: the formulas that people use, and which of them meet the wanted ones."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import Literal

from services.converter.domain.formats.amount import Operation
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.date.elapsed import Elapsed
from services.converter.domain.synthesis.operators.number.arithmetic import SEARCHED, Arithmetic, Step, digits_told
from services.converter.domain.synthesis.operators.number.rounding import SHORT
from services.converter.domain.synthesis.operators.number.values import Absolute, Number, OrNought, ReadNumber, Value

COARSE = 20.0
"""Halves of the last digit shown that the wanted numbers must span before a fitted constant is believed."""
EXACT = 1e-9
"""Numbers nearer to one another are the same."""


Row = Sequence[float]
"""The numbers of one row that a formula is made of."""


@dataclass(frozen=True, slots=True)
class Target:
    """The wanted numbers of all rows, and how near a value must come: half a unit of the last digit that is shown.

    ``unit`` is one in the last digit shown; ``given`` and ``wanted`` are the words of the sources and of the outputs,
    which may name units.
    """

    numbers: tuple[float, ...]
    halves: tuple[float, ...]
    unit: float
    digits: tuple[int, ...] = ()
    """Digits of each wanted text that count."""
    given: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()

    @property
    def half(self) -> float:
        """How near all values must come."""
        return min(self.halves)

    @property
    def is_coarse(self) -> bool:
        """Whether the wanted numbers are rounded so far that constants could be found for any three of them."""
        return max(self.numbers) - min(self.numbers) < COARSE * self.half

    def is_met(self, values: Sequence[float]) -> bool:
        """Whether the values round to the wanted numbers."""
        if abs(values[0] - self.numbers[0]) > self.halves[0]:
            return False
        return all(abs(x - y) <= h for x, y, h in zip(values, self.numbers, self.halves, strict=True))

    def holds(self, rows: Sequence[Row], formula: Callable[..., float]) -> bool:
        """Whether a formula of the rows' numbers gives the wanted ones: most are wrong on the first row already."""
        if abs(formula(*rows[0]) - self.numbers[0]) > self.halves[0]:
            return False
        return self.is_met([formula(*row) for row in rows])

    def confirms(self, constants: Sequence[float], values: Sequence[float]) -> bool:
        """Whether the rows say more than the constants do: one row fits any constant, the others must confirm it.

        Each digit of a constant that is neither round nor known between units, and `SEARCHED` for the constants that
        were tried, must be met by a digit of the rows beyond those that the constants were made from.
        """
        free = [c for c in constants if not units.is_known(c) and len(_digits(c)) > 1]
        if not free:
            return True
        shown = dict(zip(values, self.digits, strict=True))
        rest = sorted(shown.values())[: max(0, len(shown) - len(constants))]
        return sum(rest) >= sum(len(_digits(c)) for c in free) + SEARCHED

    def fixes_line(self, xs: Sequence[float]) -> bool:
        """Whether the rows say more than a line's slope and shift do, which two of them fix whatever they are.

        Each further value of ``xs`` is met by chance once in as many times as there are numbers between the least and
        the greatest wanted: together they must say as many digits as are tried ways to compute (`SEARCHED`).
        """
        return (len(set(xs)) - 2) * digits_told(self.numbers, self.unit) >= SEARCHED

    def factor_of(self, values: Sequence[float]) -> float | None:
        """The constant that scales the values to the wanted numbers: one between known units, or the shortest.

        None for 0, 1 and where there is none.
        """
        rows = [(x, y, h) for x, y, h in zip(values, self.numbers, self.halves, strict=True) if x or y]
        if (len(rows) < 2 and len(rows) < len(values)) or not rows or not all(x for x, _, _ in rows):
            return None
        low = max(min((y - h) / x, (y + h) / x) for x, y, h in rows)
        high = min(max((y - h) / x, (y + h) / x) for x, y, h in rows)
        if low > high:
            return None
        known, named = units.known_factor(low, high, self.given, self.wanted)
        lead, wanted, half = max(rows, key=lambda row: abs(row[0]))
        shortest = _nice(wanted / lead, half / abs(lead))
        middle = _nice((low + high) / 2, (high - low) / 2)
        candidates = (
            [shortest, known, middle] if not named and len(_digits(shortest)) <= SHORT else [known, shortest, middle]
        )
        if self.is_coarse:
            candidates = [f for f in candidates if f is not None and len(_digits(f)) < 2]
        fitting = (f for f in candidates if f not in (None, 0.0, 1.0) and self.is_met([v * f for v in values]))
        return next((f for f in fitting if f is not None and self.confirms([f], values)), None)

    def divisor_for(self, factor: float, values: Sequence[float]) -> float | None:
        """The constant above 1 to divide by instead, where it has fewer digits than the factor, and few; a whole one
        where the factor is known between units; else None."""
        few = (float(f"{1 / factor:.{digits}g}") for digits in range(1, min(SHORT + 1, len(_digits(factor)))))
        usable = (d for d in few if abs(d) > 1 and (d.is_integer() or not units.is_known(factor)))
        return next((d for d in usable if self.is_met([v / d for v in values])), None)


Known = tuple[Value, Sequence[float]]
"""A value with its numbers on the example's rows."""


def values_near(target: Target, found: Sequence[Known], whole: bool, places: int) -> Iterator[Value]:
    """Values that come near the target on every row, simple ones first."""
    for value, numbers in found:
        yield from same(value, numbers, target)
    rows, distinct = len(target.numbers), len(set(target.numbers))
    if distinct < 2 and rows > 1:
        return
    for value, numbers in found:
        yield from _steps(value, numbers, target.numbers, places)
        yield from _temperatures(value, numbers, target)
        if rows > 1:
            yield from moved(value, numbers, target)
        if rows > 2 and distinct > 2:
            yield from _line(value, numbers, target)
    plain = [(v, n) for v, n in found if _is_column_like(v)] or found
    spans: list[Known] = []
    spans += [(v, n) for v, n in found if isinstance(v, Elapsed)][:2]
    if whole or rows > 1:
        for first, second in combinations([*plain[:14], *spans], 2):
            yield from _pair(first, second, target)
    columns: list[Known] = []
    columns += [(v, n) for v, n in plain if _is_column(v)][:7]
    columns += spans
    if rows > 1 and len(columns) > 2:
        yield from _triples(columns, target)
        yield from _totals(columns, target)


def same(value: Value, numbers: Sequence[float], target: Target) -> Iterator[Value]:
    """The value itself, its size, or its opposite."""
    if target.is_met(numbers):
        yield value
    elif target.is_met([abs(n) for n in numbers]):
        yield Absolute(value)
    elif any(target.numbers) and target.is_met([-n for n in numbers]):
        yield Arithmetic("*", value, Number(-1.0))


def moved(value: Value, numbers: Sequence[float], target: Target) -> Iterator[Value]:
    """The value times a constant, or plus one."""
    factor = target.factor_of(numbers)
    if factor is not None:
        divisor = target.divisor_for(factor, numbers)
        yield Arithmetic("*", value, Number(factor)) if divisor is None else Arithmetic("/", value, Number(divisor))
    shift = _nice(target.numbers[0] - numbers[0], target.half)
    if shift and target.is_met([n + shift for n in numbers]) and target.confirms([shift], numbers):
        yield Arithmetic("+" if shift > 0 else "-", value, Number(abs(shift)))


_SCALE, _FREEZING, _ZERO = Number(1.8), Number(32.0), Number(273.15)


def _temperatures(value: Value, numbers: Sequence[float], target: Target) -> Iterator[Value]:
    """Degrees Celsius, Fahrenheit and Kelvin."""
    if target.is_met([n * 1.8 + 32 for n in numbers]):
        yield Arithmetic("+", Arithmetic("*", value, _SCALE), _FREEZING)
    elif target.is_met([(n - 32) / 1.8 for n in numbers]):
        yield Arithmetic("/", Arithmetic("-", value, _FREEZING), _SCALE)
    elif target.is_met([n * 1.8 - 459.67 for n in numbers]):
        yield Arithmetic("-", Arithmetic("*", value, _SCALE), Number(459.67))
    elif target.is_met([(n - 32) / 1.8 + 273.15 for n in numbers]):
        yield Arithmetic("+", Arithmetic("/", Arithmetic("-", value, _FREEZING), _SCALE), _ZERO)


def _totals(columns: list[Known], target: Target) -> Iterator[Value]:
    """The sum and the mean of all amounts of the row."""
    total = [sum(row) for row in zip(*(n for _, n in columns), strict=True)]
    node = columns[0][0]
    for value, _ in columns[1:]:
        node = Arithmetic("+", node, value)
    if len(columns) > 3 and target.is_met(total):
        yield node
    if target.is_met([t / len(columns) for t in total]):
        yield Arithmetic("/", node, Number(float(len(columns))))


def _is_column_like(value: Value) -> bool:
    value = value.value if isinstance(value, OrNought) else value
    return isinstance(value, ReadNumber) and value.source.cost < 4.0


def _is_column(value: Value) -> bool:
    value = value.value if isinstance(value, OrNought) else value
    return isinstance(value, ReadNumber) and isinstance(value.source, Column)


def _digits(value: float) -> str:
    return f"{value:.15g}".replace(".", "").strip("0-")


def _nice(value: float, tolerance: float) -> float:
    """The shortest decimal within the tolerance."""
    for digits in range(1, 16):
        rounded = float(f"{value:.{digits}g}")
        if abs(rounded - value) <= max(tolerance, 1e-12 * abs(value)):
            return rounded
    return value


_ONE, _HUNDRED = Number(1.0), Number(100.0)


def _pair(first: Known, second: Known, target: Target) -> Iterator[Value]:
    """The usual formulas of two amounts, in both orders where that matters."""
    (a, xs), (b, ys) = first, second
    rows = list(zip(xs, ys, strict=True))
    if target.holds(rows, lambda x, y: x + y):
        yield Arithmetic("+", a, b)
    elif target.holds(rows, lambda x, y: abs(x + y)):
        yield Absolute(Arithmetic("+", a, b))
    if target.holds(rows, lambda x, y: x * y):
        yield Arithmetic("*", a, b)
    if target.holds(rows, lambda x, y: x * y / 100):
        yield Arithmetic("/", Arithmetic("*", a, b), _HUNDRED)
    for (u, us), (v, vs) in ((first, second), (second, first)):
        yield from _ordered_pair((u, us), (v, vs), target)
        yield from _compound((u, us), (v, vs), target)
    if len(target.numbers) > 2:
        combined: tuple[tuple[Operation, list[float]], ...] = (
            ("*", [x * y for x, y in rows]),
            ("+", [x + y for x, y in rows]),
            ("-", [x - y for x, y in rows]),
        )
        for operation, values in combined:
            factor = target.factor_of(values)
            if factor not in (None, -1.0):
                yield Arithmetic("*", Arithmetic(operation, a, b), Number(factor or 0.0))


def _ordered_pair(first: Known, second: Known, target: Target) -> Iterator[Value]:
    """Differences, quotients, and one amount grown or cut by the other as a share or as percent."""
    (u, us), (v, vs) = first, second
    rows = list(zip(us, vs, strict=True))
    if target.holds(rows, lambda x, y: x - y):
        yield Arithmetic("-", u, v)
    if all(vs):
        if target.holds(rows, lambda x, y: x / y):
            yield Arithmetic("/", u, v)
        if target.holds(rows, lambda x, y: 100 * x / y):
            yield Arithmetic("*", Arithmetic("/", u, v), _HUNDRED)
    if len(target.numbers) < 2:
        return
    signs: tuple[tuple[Operation, int], ...] = (("+", 1), ("-", -1))
    for operation, sign in signs:
        if target.holds(rows, lambda x, y, sign=sign: x * (1 + sign * y)):
            yield Arithmetic("*", u, Arithmetic(operation, _ONE, v))
        if target.holds(rows, lambda x, y, sign=sign: x * (1 + sign * y / 100)):
            yield Arithmetic("*", u, Arithmetic(operation, _ONE, Arithmetic("/", v, _HUNDRED)))


_SUBUNITS = (12.0, 60.0, 32.0, 16.0, 20.0, 100.0, 64.0, 1000.0)
"""Parts that figures are told in: inches, minutes, thirty-seconds of bond prices, ounces, shillings, cents, ticks,
thousandths."""


def _compound(first: Known, second: Known, target: Target) -> Iterator[Value]:
    """An amount in two units that stand apart, the smaller one less than one of the greater: feet and inches, 32nds."""
    (u, us), (v, vs) = first, second
    if len(target.numbers) < 2 or any(y < 0 or (y != int(y) and y >= 60) for y in vs) or len(set(vs)) < 2:
        return
    (x, y, t), (x1, y1, t1) = ((us[i], vs[i], target.numbers[i]) for i in (0, 1))
    for size in _SUBUNITS:
        # Whatever the factor, it is the same on the first two rows.
        first_total, second_total = x * size + y, x1 * size + y1
        off = abs(first_total * t1 - second_total * t)
        if max(vs) >= size or off > 1.01 * target.half * (abs(first_total) + abs(second_total)) + 1e-9:
            continue
        totals = [x * size + y for x, y in zip(us, vs, strict=True)]
        total = Arithmetic("+", Arithmetic("*", u, Number(size)), v)
        if target.is_met([t / size for t in totals]):
            yield Arithmetic("+", u, Arithmetic("/", v, Number(size)))
        elif target.is_met(totals):
            yield total
        elif (factor := target.factor_of(totals)) is not None and units.is_known(factor):
            yield Arithmetic("*", total, Number(factor))


_BASES = (100.0, 360.0, 365.0, 36_000.0, 36_500.0, 1000.0, 10_000.0, 12.0, 1200.0)
"""What products of three amounts are divided by: percents, days of a year, months."""


def _triples(columns: list[Known], target: Target) -> Iterator[Value]:
    """The usual formulas of three amounts, each amount in each place."""
    for (a, xs), (b, ys), (c, zs) in combinations(columns, 3):
        rows = list(zip(xs, ys, zs, strict=True))
        total = Arithmetic("+", Arithmetic("+", a, b), c)
        if target.holds(rows, lambda x, y, z: x + y + z):
            yield total
        elif target.holds(rows, lambda x, y, z: abs(x + y + z)):
            yield Absolute(total)
        product = Arithmetic("*", Arithmetic("*", a, b), c)
        if target.holds(rows, lambda x, y, z: x * y * z):
            yield product
        for size in _BASES:
            if target.holds(rows, lambda x, y, z, size=size: x * y * z / size):
                yield Arithmetic("/", product, Number(size))
    for first, second, third in permutations(columns[:6], 3):
        yield from _ordered_triple(first, second, third, target)


def _ordered_triple(first: Known, second: Known, third: Known, target: Target) -> Iterator[Value]:
    """Products with something added, sums and differences that are scaled."""
    (a, xs), (b, ys), (c, zs) = first, second, third
    rows = list(zip(xs, ys, zs, strict=True))
    signs: tuple[tuple[Operation, int], ...] = (("+", 1), ("-", -1))
    for operation, sign in signs:
        if target.holds(rows, lambda x, y, z, sign=sign: x * y + sign * z):
            yield Arithmetic(operation, Arithmetic("*", a, b), c)
        if target.holds(rows, lambda x, y, z, sign=sign: x + sign * y - z):
            yield Arithmetic("-", Arithmetic(operation, a, b), c)
        if target.holds(rows, lambda x, y, z, sign=sign: (x + sign * y) * z):
            yield Arithmetic("*", Arithmetic(operation, a, b), c)
        if all(zs) and target.holds(rows, lambda x, y, z, sign=sign: (x + sign * y) / z):
            yield Arithmetic("/", Arithmetic(operation, a, b), c)
    if all(zs) and target.holds(rows, lambda x, y, z: x * y / z):
        yield Arithmetic("/", Arithmetic("*", a, b), c)


def _line(value: Value, xs: Sequence[float], target: Target) -> Iterator[Value]:
    """A constant times the value plus a constant."""
    low, high = min(range(len(xs)), key=lambda i: xs[i]), max(range(len(xs)), key=lambda i: xs[i])
    span = xs[high] - xs[low]
    if not span or not target.fixes_line(xs) or target.is_coarse:
        return
    slope = _nice((target.numbers[high] - target.numbers[low]) / span, 2 * target.half / span)
    shift = _nice(target.numbers[low] - slope * xs[low], target.half)
    fits = slope not in (0.0, 1.0) and shift and target.is_met([slope * x + shift for x in xs])
    if fits and target.confirms([slope, shift], xs):
        yield Arithmetic("+" if shift > 0 else "-", Arithmetic("*", value, Number(slope)), Number(abs(shift)))


_SIZES = (
    1.0,
    10.0,
    5.0,
    100.0,
    1000.0,
    0.5,
    0.25,
    2.0,
    20.0,
    25.0,
    50.0,
    500.0,
    15.0,
    30.0,
    0.1,
    0.01,
    3.0,
    4.0,
    0.05,
    0.02,
    0.025,
    0.125,
)
"""Steps to which people round: of money, time and percentages."""


def _step(x: float, size: float, way: Literal["round", "floor", "ceil"]) -> float:
    """About the multiple that a number is brought to."""
    steps = x / size
    if way == "round":
        return math.copysign(math.floor(abs(steps) + 0.5 + 1e-9), steps) * size
    return (math.floor(steps + 1e-9) if way == "floor" else math.ceil(steps - 1e-9)) * size


@lru_cache(maxsize=256)
def _sizes_of(wanted: tuple[float, ...], has_decimals: bool) -> Sequence[float]:
    """The steps of which the wanted numbers are multiples; below one only where decimals are wanted."""
    sizes = (size for size in _SIZES if size >= 1 or has_decimals)
    return [size for size in sizes if not any(abs(t / size - round(t / size)) > EXACT for t in wanted)]


def _steps(value: Value, xs: Sequence[float], wanted: Sequence[float], places: int) -> Iterator[Value]:
    """Roundings to multiples: the wanted numbers must be multiples, and each the one that its amount rounds to."""
    ways: tuple[Literal["round", "floor", "ceil"], ...] = ("floor", "round", "ceil")
    is_changed = any(abs(x - t) > EXACT for x, t in zip(xs, wanted, strict=True))
    for size in _sizes_of(tuple(wanted), places > 0) if is_changed else ():
        for way in ways:
            if all(abs(_step(x, size, way) - t) < EXACT for x, t in zip(xs, wanted, strict=True)):
                yield Step(value, size, way)

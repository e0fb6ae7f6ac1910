"""From the numbers in the outputs back to readings of the sources and computations with them."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import Literal

from services.converter.domain.formats.amount import Operation
from services.converter.domain.formats.number import (
    NumberFormat,
    NumberStyle,
    digits_after,
    output_formats,
    significant_digits,
    styles,
)
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.date.elapsed import Elapsed, elapsed
from services.converter.domain.synthesis.operators.number import figures
from services.converter.domain.synthesis.operators.number.values import (
    DURATION,
    SEARCHED,
    Absolute,
    Arithmetic,
    Number,
    OrNought,
    Quotient,
    ReadDuration,
    ReadFraction,
    ReadNumber,
    ReadSpan,
    Step,
    Value,
    WriteNumber,
    digits_told,
)
from services.converter.domain.synthesis.operators.witness import Candidate, proposes

MAX_SOURCES, MAX_SPANS = 24, 8
"""Numeric sources, and times between two moments, that arithmetic looks at."""
COARSE = 20.0
"""Halves of the last digit shown that the wanted numbers must span before a fitted constant is believed."""
EXACT = 1e-9
"""Numbers nearer to one another are the same."""
SHORT = 3
"""Digits of a constant that is its own explanation: 1.5 and 0.25 need no table of units."""
MOST_LOOKED_AT, LONGEST_CELL = 3, 60
"""Rows and characters in which the names of units are looked for."""


class _Sources:
    """Numeric readings of the sources, one for each tuple of numbers; columns that are alike stay apart."""

    def __init__(self, sources: Iterable[Candidate]) -> None:
        self.by_numbers: dict[tuple[tuple[float, ...], int], Value] = {}
        sources = list(sources)
        spans = {numbers: (value, numbers) for value, numbers in elapsed(sources)}
        # From the earlier moment to the later one first.
        self.spans = sorted(spans.values(), key=lambda span: min(span[1]) < 0)
        for source, values in sources:
            if values and all(DURATION.match(v) for v in values):
                self._keep(source, ReadDuration(source), values)
            elif _are_spans(values):
                self._keep(source, ReadSpan(source), values)
            if any("/" in v for v in values):
                self._keep(source, ReadFraction(source), values)
            for style, numbers in _read_in_styles(values):
                self._offer(source, ReadNumber(source, style), numbers)
            if isinstance(source, Column) and 0 < sum(map(bool, map(str.strip, values))) < len(values):
                for style, numbers in _read_in_styles(tuple(filter(str.strip, values)))[:1]:
                    filled = iter(numbers)
                    known = tuple(next(filled) if text.strip() else 0.0 for text in values)
                    self._offer(source, OrNought(ReadNumber(source, style)), known)

    def _keep(
        self, source: Expression, value: "ReadDuration | ReadFraction | ReadSpan", values: tuple[str, ...]
    ) -> None:
        numbers = tuple(value.read(v) for v in values)
        known = tuple(float(n) for n in numbers if n is not None)
        if len(known) == len(numbers):
            self._offer(source, value, known)

    def _offer(self, source: Expression, value: Value, known: tuple[float, ...]) -> None:
        key = known, source.index if isinstance(source, Column) else -1
        if key not in self.by_numbers or value.cost < self.by_numbers[key].cost:
            self.by_numbers[key] = value

    def cheapest(self, count: int) -> list[tuple[Value, tuple[float, ...]]]:
        ranked = sorted(self.by_numbers.items(), key=lambda item: item[1].cost)
        return [(value, numbers) for (numbers, _), value in ranked[:count]] + self.spans[:MAX_SPANS]


@lru_cache(maxsize=1024)
def _read_in_styles(values: tuple[str, ...]) -> Sequence[tuple[NumberStyle, tuple[float, ...]]]:
    """The likeliest styles that read all values, with the numbers: each column that is learned asks again."""
    if not all(v.strip() for v in values):
        return ()
    read = ((style, [style.exact(v) for v in values]) for style in styles(values)[:3])
    return tuple((style, tuple(float(n) for n in found if n is not None)) for style, found in read if None not in found)


def _are_spans(values: tuple[str, ...]) -> bool:
    """Whether texts may be time spans of several units: with one unit they are numbers like any other."""
    if not all(v[-1:].isalpha() and any(ch.isdigit() for ch in v) for v in values):
        return False
    units_named = {re.sub(r"[0-9.]+", "", v) for v in values}
    return len(units_named) > 1 or any(len(re.findall("[0-9.]+", v)) > 1 for v in values)


_SPAN = re.compile(r"-?\d+(?:[.,]\d+)*")
_WIDE = re.compile(r"\d['’ \u00a0\u202f]\d{3}(?!\d)")
_WIDE_SPAN = re.compile(r"-?\d{1,3}(?:['’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|-?\d+(?:[.,]\d+)*")


@proposes(rewritten=10)
def rewritten(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Numbers written in another format, with nothing computed."""
    for candidate in witness(task, sources):
        if all(isinstance(node, WriteNumber | ReadNumber | Column) for node in candidate.expression.walk()):
            yield candidate


@proposes(typed=10)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """For each number in the outputs: readings and computations that give it in the format that it is written in."""
    if not all(map(_SPAN.search, task.outputs)):
        return  # what is written as a number has a digit
    found = _Sources(sources).cheapest(MAX_SOURCES)
    if not found:
        return
    yield from figures.layouts(task, found)
    seen: set[tuple[str, ...]] = set()
    if any(_WIDE.search(o) for o in task.outputs):
        yield from _at_places(task, [[m.group() for m in _WIDE_SPAN.finditer(o)] for o in task.outputs], found, seen)
    spans = [[m.group() for m in _SPAN.finditer(o)] for o in task.outputs]
    yield from _at_places(task, spans, found, seen)
    for high in range(1, min(*map(len, spans), 3)):
        yield from _mixed(task, tuple(s[high - 1] for s in spans), tuple(s[high] for s in spans), found)


def _at_places(
    task: Examples, spans: list[list[str]], found: list[tuple[Value, tuple[float, ...]]], seen: set[tuple[str, ...]]
) -> Iterator[Candidate]:
    """What explains the first, second, third and fourth numbers of the outputs."""
    fewest = min(map(len, spans))
    for position in range(min(fewest, 4)):
        spelled = (tuple(s[position] for s in spans), tuple(s[position].lstrip("-") for s in spans))
        for wanted in dict.fromkeys(spelled):
            if wanted in seen:
                continue
            seen.add(wanted)
            whole = all(w == o for w, o in zip(wanted, task.outputs, strict=True))
            for style in output_formats(wanted):
                yield from _explain(task, wanted, style, found, whole)


_PARTS_OF = (60.0, 12.0, 16.0, 24.0, 3600.0, 1000.0, 100.0, 3.0, 7.0, 14.0, 20.0)
"""Units that larger ones have a whole number of: of time, dozens, ounces, weeks, scores, thousands."""


def _mixed(
    task: Examples, wholes: tuple[str, ...], rests: tuple[str, ...], found: list[tuple[Value, tuple[float, ...]]]
) -> Iterator[Candidate]:
    """Amounts in two units, the smaller one left over: feet and inches, pounds and ounces, hours and minutes."""
    first, second = output_formats(wholes), output_formats(rests)
    if not first or not second or len(set(wholes)) + len(set(rests)) < 3 or any("." in w for w in wholes):
        return
    places = max(len(r.partition(".")[2]) for r in rests)
    big, small = [NumberStyle(group=first[0].group).read(w) for w in wholes], [NumberStyle().read(r) for r in rests]
    for size in _PARTS_OF:
        totals = tuple(b * size + s for b, s in zip(big, small, strict=True) if b is not None and s is not None)
        if len(totals) < len(rests) or any(s is None or not 0 <= s < size for s in small):
            continue
        digits = tuple(significant_digits(w + r) for w, r in zip(wholes, rests, strict=True))
        target = _Target(
            totals, (max(0.5000001 * 10.0**-places, 1e-9),) * len(totals), 10.0**-places, digits, *_words_around(task)
        )
        for value, numbers in found:
            for total in (*_same(value, numbers, target), *_moved(value, numbers, target)):
                parts = [
                    *_written(task, Quotient(total, size), first, wholes),
                    *_written(task, Quotient(total, size, rest=True), second, rests),
                ]
                if len(parts) > 1:
                    yield from parts
                    return


def _written(
    task: Examples, node: Value, styles_: Sequence[NumberFormat], texts: tuple[str, ...]
) -> Iterator[Candidate]:
    for style in styles_:
        written = WriteNumber(node, style)
        if all(written.run(r) == t for r, t in zip(task.records, texts, strict=True)):
            yield Candidate(written, texts)
            return


@dataclass(frozen=True, slots=True)
class _Target:
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
        if abs(values[0] - self.numbers[0]) > self.halves[0]:  # most formulas are wrong on the first row already
            return False
        return all(abs(x - y) <= h for x, y, h in zip(values, self.numbers, self.halves, strict=True))

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


Known = tuple[Value, Sequence[float]]
"""A value with its numbers on the example's rows."""


def _explain(
    task: Examples,
    wanted: tuple[str, ...],
    style: NumberFormat,
    found: list[tuple[Value, tuple[float, ...]]],
    whole: bool,
) -> Iterator[Candidate]:
    numbers = style.read_all(wanted)
    if numbers is None:
        return
    places = max((len(w.rpartition(style.decimal)[2]) if style.decimal in w else 0) for w in wanted)
    digits = tuple(map(significant_digits, wanted))
    target = _Target(numbers, _halves(numbers, style, places), 10.0**-places, digits, *_words_around(task))
    for value in _values(target, found, whole, places):
        node = WriteNumber(value, style)
        if not _is_copied(task, value, wanted) and all(
            node.run(r) == w for r, w in zip(task.records, wanted, strict=True)
        ):
            yield Candidate(node, wanted)


def _is_copied(task: Examples, value: Value, wanted: tuple[str, ...]) -> bool:
    """Whether the texts stand in what was read: they are copied, not read and written anew."""
    if not isinstance(value, ReadNumber) or isinstance(value.source, Column):
        return False
    return all(text in (value.source.run(record) or "") for record, text in zip(task.records, wanted, strict=True))


def _halves(numbers: tuple[float, ...], style: NumberFormat, places: int) -> tuple[float, ...]:
    """How near a value must come to each number, by the format in which it is written."""
    if style.significant:
        return tuple(0.5000001 * 10.0 ** -digits_after(n, style.significant) for n in numbers)
    exact = 1e-7 * max(1.0, *(abs(n) for n in numbers)) if numbers else 0.0
    return (exact if style.decimals is None else 0.5000001 * 10.0**-places,) * len(numbers)


def _words_around(task: Examples) -> tuple[frozenset[str], frozenset[str]]:
    """Words of the first rows' cells and the columns' names, and those of the outputs and the target's name."""
    cells = [cell for record in task.records[:MOST_LOOKED_AT] for cell in record if cell and len(cell) < LONGEST_CELL]
    given = units.named_units([*cells, *(n.replace("_", " ") for n in task.names)])
    return given, units.named_units([*task.outputs[:MOST_LOOKED_AT], task.target.replace("_", " ")])


def _values(target: _Target, found: list[tuple[Value, tuple[float, ...]]], whole: bool, places: int) -> Iterator[Value]:
    """Values that come near the target on every row, simple ones first."""
    for value, numbers in found:
        yield from _same(value, numbers, target)
    rows, distinct = len(target.numbers), len(set(target.numbers))
    if distinct < 2 and rows > 1:
        return
    for value, numbers in found:
        yield from _steps(value, numbers, target.numbers, places)
        yield from _temperatures(value, numbers, target)
        if rows > 1:
            yield from _moved(value, numbers, target)
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


def _same(value: Value, numbers: Sequence[float], target: _Target) -> Iterator[Value]:
    """The value itself, its size, or its opposite."""
    if target.is_met(numbers):
        yield value
    elif target.is_met([abs(n) for n in numbers]):
        yield Absolute(value)
    elif any(target.numbers) and target.is_met([-n for n in numbers]):
        yield Arithmetic("*", value, Number(-1.0))


def _moved(value: Value, numbers: Sequence[float], target: _Target) -> Iterator[Value]:
    """The value times a constant, or plus one."""
    factor = target.factor_of(numbers)
    if factor is not None:
        inverse = 1.0 / factor
        if abs(inverse) > 1 and abs(inverse - round(inverse)) < 1e-9:
            yield Arithmetic("/", value, Number(float(round(inverse))))
        else:
            yield Arithmetic("*", value, Number(factor))
    shift = _nice(target.numbers[0] - numbers[0], target.half)
    if shift and target.is_met([n + shift for n in numbers]) and target.confirms([shift], numbers):
        yield Arithmetic("+" if shift > 0 else "-", value, Number(abs(shift)))


_SCALE, _FREEZING, _ZERO = Number(1.8), Number(32.0), Number(273.15)


def _temperatures(value: Value, numbers: Sequence[float], target: _Target) -> Iterator[Value]:
    """Degrees Celsius, Fahrenheit and Kelvin."""
    if target.is_met([n * 1.8 + 32 for n in numbers]):
        yield Arithmetic("+", Arithmetic("*", value, _SCALE), _FREEZING)
    elif target.is_met([(n - 32) / 1.8 for n in numbers]):
        yield Arithmetic("/", Arithmetic("-", value, _FREEZING), _SCALE)
    elif target.is_met([n * 1.8 - 459.67 for n in numbers]):
        yield Arithmetic("-", Arithmetic("*", value, _SCALE), Number(459.67))
    elif target.is_met([(n - 32) / 1.8 + 273.15 for n in numbers]):
        yield Arithmetic("+", Arithmetic("/", Arithmetic("-", value, _FREEZING), _SCALE), _ZERO)


def _totals(columns: list[Known], target: _Target) -> Iterator[Value]:
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


def _pair(first: Known, second: Known, target: _Target) -> Iterator[Value]:
    """The usual formulas of two amounts, in both orders where that matters."""
    (a, xs), (b, ys) = first, second
    rows = list(zip(xs, ys, strict=True))
    if target.is_met([x + y for x, y in rows]):
        yield Arithmetic("+", a, b)
    if target.is_met([x * y for x, y in rows]):
        yield Arithmetic("*", a, b)
    if target.is_met([x * y / 100 for x, y in rows]):
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


def _ordered_pair(first: Known, second: Known, target: _Target) -> Iterator[Value]:
    """Differences, quotients, and one amount grown or cut by the other as a share or as percent."""
    (u, us), (v, vs) = first, second
    rows = list(zip(us, vs, strict=True))
    if target.is_met([x - y for x, y in rows]):
        yield Arithmetic("-", u, v)
    if all(vs):
        if target.is_met([x / y for x, y in rows]):
            yield Arithmetic("/", u, v)
        if target.is_met([100 * x / y for x, y in rows]):
            yield Arithmetic("*", Arithmetic("/", u, v), _HUNDRED)
    if len(target.numbers) < 2:
        return
    signs: tuple[tuple[Operation, int], ...] = (("+", 1), ("-", -1))
    for operation, sign in signs:
        if target.is_met([x * (1 + sign * y) for x, y in rows]):
            yield Arithmetic("*", u, Arithmetic(operation, _ONE, v))
        if target.is_met([x * (1 + sign * y / 100) for x, y in rows]):
            yield Arithmetic("*", u, Arithmetic(operation, _ONE, Arithmetic("/", v, _HUNDRED)))


_SUBUNITS = (12.0, 60.0, 32.0, 16.0, 20.0, 100.0, 64.0, 1000.0)
"""Parts that figures are told in: inches, minutes, thirty-seconds of bond prices, ounces, shillings, cents, ticks,
thousandths."""


def _compound(first: Known, second: Known, target: _Target) -> Iterator[Value]:
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


def _triples(columns: list[Known], target: _Target) -> Iterator[Value]:
    """The usual formulas of three amounts, each amount in each place."""
    for (a, xs), (b, ys), (c, zs) in combinations(columns, 3):
        rows = list(zip(xs, ys, zs, strict=True))
        if target.is_met([x + y + z for x, y, z in rows]):
            yield Arithmetic("+", Arithmetic("+", a, b), c)
        products = [x * y * z for x, y, z in rows]
        product = Arithmetic("*", Arithmetic("*", a, b), c)
        if target.is_met(products):
            yield product
        for size in _BASES:
            if target.is_met([p / size for p in products]):
                yield Arithmetic("/", product, Number(size))
    for first, second, third in permutations(columns[:6], 3):
        yield from _ordered_triple(first, second, third, target)


def _ordered_triple(first: Known, second: Known, third: Known, target: _Target) -> Iterator[Value]:
    """Products with something added, sums and differences that are scaled."""
    (a, xs), (b, ys), (c, zs) = first, second, third
    rows = list(zip(xs, ys, zs, strict=True))
    signs: tuple[tuple[Operation, int], ...] = (("+", 1), ("-", -1))
    for operation, sign in signs:
        combined = Arithmetic(operation, a, b)
        if target.is_met([x * y + sign * z for x, y, z in rows]):
            yield Arithmetic(operation, Arithmetic("*", a, b), c)
        if target.is_met([x + sign * y - z for x, y, z in rows]):
            yield Arithmetic("-", combined, c)
        if target.is_met([(x + sign * y) * z for x, y, z in rows]):
            yield Arithmetic("*", combined, c)
        if all(zs) and target.is_met([(x + sign * y) / z for x, y, z in rows]):
            yield Arithmetic("/", combined, c)
    if all(zs) and target.is_met([x * y / z for x, y, z in rows]):
        yield Arithmetic("/", Arithmetic("*", a, b), c)


def _line(value: Value, xs: Sequence[float], target: _Target) -> Iterator[Value]:
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


def _steps(value: Value, xs: Sequence[float], wanted: Sequence[float], places: int) -> Iterator[Value]:
    """Roundings to multiples: the wanted numbers must be multiples, and each the one that its amount rounds to."""
    ways: tuple[Literal["round", "floor", "ceil"], ...] = ("floor", "round", "ceil")
    for size in _SIZES if any(abs(x - t) > EXACT for x, t in zip(xs, wanted, strict=True)) else ():
        if (size < 1 and not places) or any(abs(t / size - round(t / size)) > EXACT for t in wanted):
            continue
        for way in ways:
            if all(abs(_step(x, size, way) - t) < EXACT for x, t in zip(xs, wanted, strict=True)):
                yield Step(value, size, way)

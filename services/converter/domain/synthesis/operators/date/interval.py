"""The interval of a grid that a time or an amount falls into, written with both of its ends: `14:30-15:00`, `40-45`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from services.converter.domain.formats.date import parts_of, read_moment
from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.formats.numberformat import NumberFormat, output_formats
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record, operand
from services.converter.domain.synthesis.operators.date.dating import CLOCKS, GRIDS_MINUTES
from services.converter.domain.synthesis.operators.date.moment import (
    Floor,
    Moment,
    ReadMoment,
    Shift,
    WriteMoment,
    readings,
)
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic, Step
from services.converter.domain.synthesis.operators.number.values import Number, ReadNumber, Value
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted

_DAY_MINUTES = 1440
_EXACT = 1e-9
"""How far a quotient of minutes may be from a whole number, in floating point."""
_CLOCK = r"\d{1,2}(?::\d\d){0,2}(?: ?[AaPp][Mm])?"
_TIMES = re.compile(rf"(?<![\d:])(?=({_CLOCK})(\D{{1,8}}?)({_CLOCK})(?![\d:]))")
_AMOUNT = r"\d+(?:[.,]\d+)*"
_AMOUNTS = re.compile(rf"(?<![\d.,])(?=({_AMOUNT})(:\d\d\D|\D{{1,8}})({_AMOUNT})(?!\d))")


@dataclass(frozen=True, slots=True)
class Interval(Expression):
    """Both ends of one interval with a text between them; the last end follows from the first, so it costs little."""

    first: Expression
    joint: str
    last: Expression

    @property
    def cost(self) -> float:
        """The first end, and the width."""
        return self.first.cost + 1.0

    def run(self, record: Record) -> str | None:
        first, last = self.first.run(record), self.last.run(record)
        return None if first is None or last is None else f"{first}{self.joint}{last}"

    def sql(self) -> str:
        """A concatenation."""
        return f"{operand(self.first)} || {literal(self.joint)} || {operand(self.last)}"

    def words(self) -> str:
        return f"the interval from {self.first.words()} + {quoted(self.joint)} + {self.last.words()}"


@dataclass(frozen=True, slots=True)
class _Ends:
    """What stands in the outputs: the first ends, the text between, the last ends."""

    firsts: tuple[str, ...]
    joint: str
    lasts: tuple[str, ...]

    @classmethod
    def find_all(cls, task: Examples, pattern: re.Pattern[str]) -> list["_Ends"]:
        """The ends in all outputs, for each text that stands between two of them in every output."""
        found = [{m[2]: (m[1], m[3]) for m in reversed(list(pattern.finditer(output)))} for output in task.outputs]
        joints = [joint for joint in found[0] if all(joint in others for others in found)]
        return [cls(tuple(f[j][0] for f in found), j, tuple(f[j][1] for f in found)) for j in joints]

    @property
    def texts(self) -> tuple[str, ...]:
        """The intervals as they stand in the outputs."""
        return tuple(f"{a}{self.joint}{b}" for a, b in zip(self.firsts, self.lasts, strict=True))


@proposes(typed=60)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Intervals of time and of amounts that stand in every output and hold what a source says."""
    times, amounts = _Ends.find_all(task, _TIMES), _Ends.find_all(task, _AMOUNTS)
    grids = list(_amount_grids(amounts))
    for source, values in sources if times or amounts else ():
        if times and sum(ch.isdigit() for ch in values[0]) > 1 and len(values[0]) <= 45:
            yield from _of_times(task, times, source, values)
        if grids and all(v.strip() for v in values):
            for style in styles(values)[:2]:
                yield from _of_amounts(task, grids, ReadNumber(source, style))


def _of_times(task: Examples, found: list[_Ends], source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    for codes in readings(values):
        if "H" not in frozenset[str]().union(*(parts_of(c) for c in codes)):
            continue
        reading = ReadMoment(source, codes)
        since = [m.hour * 3600 + m.minute * 60 + m.second for m in (reading.run(r) for r in task.records) if m]
        if len(since) < len(values):
            continue
        for ends, code in product(found, CLOCKS):
            firsts, lasts = _seconds(ends.firsts, code), _seconds(ends.lasts, code)
            if firsts and lasts and (grid := _grid(since, firsts, lasts)):
                yield from _written(task, reading, ends, grid, code)


def _seconds(texts: Sequence[str], code: str) -> list[int] | None:
    """Clock times in seconds since midnight, None where one is not written so."""
    moments = [read_moment(text.upper(), code.replace("%-", "%")) for text in texts]
    found = [m.hour * 3600 + m.minute * 60 + m.second for m in moments if m is not None]
    return found if len(found) == len(texts) else None


def _grid(since: Sequence[int], firsts: Sequence[int], lasts: Sequence[int]) -> tuple[int, int, int] | None:
    """Width and offset of the grid in minutes and the seconds from the first end to the last; None where none fits.

    Intervals that touch are likelier than those with a minute or a second between them, and these than wider gaps.
    """
    spans = {(b - a) % (_DAY_MINUTES * 60) for a, b in zip(firsts, lasts, strict=True)}
    if len(spans) != 1 or (span := spans.pop()) == 0 or any(a % 60 for a in firsts):
        return None
    near = [seconds // 60 for seconds in (span, span + 1, span + 60) if seconds % 60 == 0]
    for width in dict.fromkeys([*near, *(w for w in GRIDS_MINUTES if span <= w * 60 <= 2 * span)]):
        offset = firsts[0] // 60 % width
        if all(s - (s - offset * 60) % (width * 60) == a for s, a in zip(since, firsts, strict=True)):
            return width, offset, span
    return None


def _written(
    task: Examples, reading: Moment, ends: _Ends, grid: tuple[int, int, int], code: str
) -> Iterator[Candidate]:
    width, offset, span = grid
    start = Floor(reading, width, offset)
    end = Shift(start, span // 60, "minute") if span % 60 == 0 else Shift(start, span, "second")
    for lower in (False, True):
        first: Expression = WriteMoment(start, code)
        last: Expression = WriteMoment(end, code)
        if lower:
            first, last = Case(first, "lower"), Case(last, "lower")
        node = Interval(first, ends.joint, last)
        if tuple(node.run(r) for r in task.records) == ends.texts:
            yield Candidate(node, ends.texts)
            return


def _widths(span: float, firsts: Sequence[float]) -> list[float]:
    """Widths of a grid whose intervals touch, or leave one step of the last digit out, and on which all ends lie."""
    unit = 10.0 ** -next(places for places in range(10) if round(span, places) == span)
    widths = [round(w, 9) for w in dict.fromkeys([span, span + unit, *(span + 10.0**-p for p in range(3))])]
    return [w for w in widths if all(abs(a / w - round(a / w)) < _EXACT for a in firsts)]


_AmountGrid = tuple[_Ends, NumberFormat, float, list[float]]
"""Ends of intervals, how they are written, how far they are apart, and the widths of grids that they may lie on."""


def _amount_grids(found: list[_Ends]) -> Iterator[_AmountGrid]:
    """The grids that ends which are amounts may lie on."""
    for ends, style in ((e, style) for e in found for style in output_formats([*e.firsts, *e.lasts])):
        firsts, lasts = style.read_all(ends.firsts), style.read_all(ends.lasts)
        if not firsts or not lasts:
            continue
        spans = {round(b - a, 6) for a, b in zip(firsts, lasts, strict=True)}
        if len(spans) != 1 or (span := spans.pop()) <= 0:
            continue
        yield ends, style, span, _widths(span, firsts)


def _of_amounts(task: Examples, grids: list[_AmountGrid], value: Value) -> Iterator[Candidate]:
    for ends, style, span, sizes in grids:
        for size in sizes:
            step = Step(value, size, "floor")
            node = Interval(
                WriteNumber(step, style), ends.joint, WriteNumber(Arithmetic("+", step, Number(span)), style)
            )
            if all(node.run(r) == text for r, text in zip(task.records, ends.texts, strict=True)):
                yield Candidate(node, ends.texts)
                break


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    start = Floor(ReadMoment(CELL, ("%d/%m/%Y", "%Y-%m-%d %H:%M")), 30)
    low = Step(ReadNumber(CELL, NumberStyle()), 5.0, "floor")
    high = Arithmetic("+", low, Number(5.0))
    return (
        Interval(WriteMoment(start, "%H:%M"), "-", WriteMoment(Shift(start, 30, "minute"), "%H:%M")),
        Interval(WriteNumber(low, NumberFormat()), "-", WriteNumber(high, NumberFormat())),
    )

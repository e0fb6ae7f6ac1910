"""The time between two moments as a number: days, hours, complete months and years."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Literal, get_args

from services.converter.domain.formats.amount import TYPE, computed, computed_sql
from services.converter.domain.formats.date import parts_of
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Record
from services.converter.domain.synthesis.operators.date.moment import Moment, ReadMoment, readings
from services.converter.domain.synthesis.operators.number.values import Value
from services.converter.domain.synthesis.operators.witness import Candidate

Unit = Literal["day", "month", "year", "hour", "minute", "second"]
_SECONDS = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}
_MICROSECOND = timedelta(microseconds=1)
MOST_MOMENTS = 4
"""Sources that are read as moments."""
DEAREST = 3.2
"""Sources dearer than this are no moments of their own."""


@dataclass(frozen=True, slots=True)
class Elapsed(Value):
    """The time from one moment to another; months and years are complete ones: an age."""

    start: Moment
    end: Moment
    unit: Unit

    @property
    def cost(self) -> float:
        """Both moments: a difference is what two moments of a row are asked for."""
        return 0.8 * (self.start.cost + self.end.cost) + 0.3

    def run(self, record: Record) -> Decimal | None:
        start, end = self.start.run(record), self.end.run(record)
        return None if start is None or end is None else self.between(start, end)

    def between(self, start: datetime, end: datetime) -> Decimal | None:
        """The time between two moments."""
        if self.unit not in ("month", "year"):
            return computed("/", Decimal((end - start) // _MICROSECOND), Decimal(_SECONDS[self.unit] * 10**6))
        months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
        return Decimal(months if self.unit == "month" else months // 12)

    def sql(self) -> str:
        """Seconds between, or months that are complete."""
        a, b = self.start.sql(), self.end.sql()
        if self.unit not in ("month", "year"):
            return computed_sql("/", f"(epoch_us({b}) - epoch_us({a}))", str(_SECONDS[self.unit] * 10**6))
        begun = f"CASE WHEN date_part('day', {b}) < date_part('day', {a}) THEN 1 ELSE 0 END"
        months = f"(date_diff('month', {a}, {b}) - {begun})"
        return f"CAST({f'floor({months} / 12)' if self.unit == 'year' else months} AS {TYPE})"

    def words(self) -> str:
        return f"{self.unit}s from {self.start.words()} to {self.end.words()}"


def elapsed(sources: Iterable[Candidate]) -> Iterator[tuple[Elapsed, tuple[float, ...]]]:
    """Times between any two moments of the rows, with their numbers on the example."""
    found = _moments(sources)
    for (start, since, clock), (end, until, other) in permutations(found, 2):
        units: tuple[Unit, ...] = ("minute", "hour", "day", "second") if clock and other else ("day", "month", "year")
        if clock != other or all(a == b for a, b in zip(since, until, strict=True)):
            continue
        for unit in units:
            node = Elapsed(start, end, unit)
            between = (node.between(a, b) for a, b in zip(since, until, strict=True))
            yield node, tuple(float(span) for span in between if span is not None)


def _moments(sources: Iterable[Candidate]) -> list[tuple[ReadMoment, tuple[datetime, ...], bool]]:
    """Sources that are moments as a whole, each read in the likeliest way, with whether they hold a time of day."""
    found: dict[tuple[datetime, ...], tuple[ReadMoment, bool]] = {}
    for source, values in sources:
        if source.cost > DEAREST or len(found) >= MOST_MOMENTS or not _may_be_moments(values):
            continue
        for codes in readings(values):
            node = ReadMoment(source, codes)
            moments = _all(node, values)
            held = frozenset[str]().union(*(parts_of(code) for code in codes))
            if moments and ({"d", "m", "Y"} <= held or held <= {"H", "M", "S", "p"}):
                found.setdefault(moments, (node, "H" in held))
                break
    return [(node, moments, clock) for moments, (node, clock) in found.items()]


def _may_be_moments(values: tuple[str, ...]) -> bool:
    first = values[0]
    return 4 <= len(first) <= 40 and sum(ch.isdigit() for ch in first) >= 3 and any(not ch.isalnum() for ch in first)


def _all(node: ReadMoment, values: tuple[str, ...]) -> tuple[datetime, ...]:
    moments = tuple(moment for value in values if (moment := node.read(value)) is not None)
    return moments if len(moments) == len(values) else ()


def law() -> tuple[Value, ...]:
    """Instances on which `run` equals `sql`."""
    start, end = (ReadMoment(cell, ("%d/%m/%Y", "%Y-%m-%d %H:%M")) for cell in (CELL, OTHER_CELL))
    return tuple(Elapsed(start, end, unit) for unit in get_args(Unit))

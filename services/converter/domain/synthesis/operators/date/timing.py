"""Times of day, days of the week and days, to tell rows apart: evenings, weekends, what is due from a day on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Literal, get_args

from services.converter.domain.formats.amount import TYPE, computed, computed_sql
from services.converter.domain.formats.date import parts_of
from services.converter.domain.synthesis.language import CELL, Condition, Expression, Node, Record
from services.converter.domain.synthesis.operators.date.moment import Moment, ReadMoment, readings
from services.converter.domain.synthesis.operators.logic.comparing import Comparison
from services.converter.domain.synthesis.operators.logic.telling import gaps, roundest
from services.converter.domain.synthesis.operators.number.values import Value
from services.converter.domain.synthesis.operators.witness import Shown, proposes

Measure = Literal["hour", "weekday"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
SATURDAY = 6.0
LONGEST = 40
"""Texts longer than this many characters are no moments."""
_LIKELY = re.compile(r"\d[-/.:]\d|\d ?[AaPp][Mm]\b|[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class MeasureOf(Value):
    """The hour of a moment, with its minutes as a fraction, or its weekday from 1 (Monday) to 7."""

    moment: Moment
    measure: Measure

    def is_parted_at(self, threshold: float) -> bool:
        """A week is, before its weekend."""
        return self.measure == "weekday" and threshold == SATURDAY

    def run(self, record: Record) -> Decimal | None:
        moment = self.moment.run(record)
        if moment is None:
            return None
        if self.measure == "hour":
            return computed("/", Decimal(moment.hour * 60 + moment.minute), Decimal(60))
        return Decimal(moment.isoweekday())

    def sql(self) -> str:
        moment = self.moment.sql()
        if self.measure == "weekday":
            return f"CAST(date_part('isodow', {moment}) AS {TYPE})"
        return computed_sql("/", f"(date_part('hour', {moment}) * 60 + date_part('minute', {moment}))", "60")

    def words(self) -> str:
        return f"{self.measure} of {self.moment.words()}"


def measures(source: Expression, texts: tuple[str, ...]) -> list[MeasureOf]:
    """What the texts, read as moments, can be measured by; blank ones do not count."""
    filled = tuple(t for t in dict.fromkeys(texts) if t.strip())
    if not filled or any(len(t) > LONGEST for t in filled) or not _LIKELY.search(filled[0]):
        return []
    return [MeasureOf(ReadMoment(source, codes), measure) for codes, measure in _measured(filled)]


@lru_cache(maxsize=256)
def _measured(texts: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], Measure], ...]:
    """Codes that read the texts, with what they hold."""
    found: list[tuple[tuple[str, ...], Measure]] = []
    for codes in readings(texts)[:1]:
        held = frozenset[str]().union(*(parts_of(code) for code in codes))
        if "H" in held:
            found.append((codes, "hour"))
        if set("dmY") <= held:
            found.append((codes, "weekday"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OnOrAfter(Condition):
    """A moment is not before a day; False where the text is no moment."""

    moment: Moment
    day: date

    def holds(self, record: Record) -> bool:
        moment = self.moment.run(record)
        return moment is not None and moment >= datetime.combine(self.day, time.min)

    def gap(self, rows: Sequence[Record]) -> str:
        """Between the last day before and the first after."""
        moments = [moment for row in rows if (moment := self.moment.run(row)) is not None]
        limit = datetime.combine(self.day, time.min)
        before, after = [m for m in moments if m < limit], [m for m in moments if m >= limit]
        if not before or not after:
            return ""
        low, high = (f"TIMESTAMP '{m:%Y-%m-%d %H:%M:%S}'" for m in (max(before), min(after)))
        return f"{self.moment.sql()} > {low} AND {self.moment.sql()} < {high}"

    def sql(self) -> str:
        return f"{self.moment.sql()} >= DATE '{self.day:%Y-%m-%d}'"

    def words(self) -> str:
        return f"{self.moment.words()} is on or after {self.day:%Y-%m-%d}"


def dates(source: Expression, texts: tuple[str, ...]) -> ReadMoment | None:
    """The texts as dates of a known year; None where one is none. Blank ones do not count."""
    filled = tuple(t for t in dict.fromkeys(texts) if t.strip())
    if not filled or any(len(t) > LONGEST for t in filled) or not _LIKELY.search(filled[0]):
        return None
    codes = next(iter(readings(filled)), None)
    if codes is None or not all(set("dmY") <= parts_of(code) for code in codes):
        return None
    return ReadMoment(source, codes)


def roundest_day(low: datetime, high: datetime) -> date | None:
    """The day after ``low`` and not after ``high`` that people would draw a line at; None where none lies between.

    The beginning of a decade before that of five years, of a year, of a month, and of ``high`` itself; of several the
    one nearest to the middle.
    """
    middle = low + (high - low) / 2
    years = [date(year, 1, 1) for year in range(low.year, high.year + 1)]
    months = [date(year, month, 1) for year in (low.year, high.year) for month in range(1, 13)]
    rounds = (
        [d for d in years if d.year % 10 == 0],
        [d for d in years if d.year % 5 == 0],
        years,
        months,
        [high.date()],
    )
    for days in rounds:
        between = [d for d in days if low < datetime.combine(d, time.min) <= high]
        if between:
            return min(between, key=lambda d: abs(datetime.combine(d, time.min) - middle))
    return None


@proposes(told=50)
def time_limits(shown: Shown) -> Iterator[Condition]:
    """Hours, weekends and days between the moments of either kind of rows."""
    column, texts, labels, _ = shown
    blank = (None,) * column.index
    for measure in measures(column, tuple(texts)):
        found = (measure.run((*blank, t)) for t in texts)
        for low, high in gaps([None if n is None else float(n) for n in found], labels):
            if measure.measure == "hour":
                yield Comparison(measure, ">=", roundest(low, high))
            elif low < SATURDAY <= high:
                yield Comparison(measure, ">=", SATURDAY)
    read = dates(column, tuple(texts))
    if read is not None:
        moments = [read.read(t) for t in texts]
        for last, first in gaps(moments, labels):
            if day := roundest_day(last, first):
                yield OnOrAfter(read, day)


def law() -> tuple[Node, ...]:
    """Instances on which `run`, or `holds`, equals `sql`."""
    when = ReadMoment(CELL, ("%d/%m/%Y", "%Y-%m-%d %H:%M"))
    return (*(MeasureOf(when, measure) for measure in MEASURES), OnOrAfter(when, date(2024, 3, 1)))

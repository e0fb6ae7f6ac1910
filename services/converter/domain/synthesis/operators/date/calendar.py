"""Moments by the calendar: starts and ends of periods, working days, months later, and days that are counted."""

import math
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import CELL, OTHER_CELL, Expression, Record
from services.converter.domain.synthesis.operators.date.moment import Moment, ReadMoment
from services.converter.domain.synthesis.operators.number.values import ReadNumber, Value
from services.converter.domain.synthesis.sqltext import literal

ShiftUnit = Literal["day", "month", "year"]
_MOST: Mapping[ShiftUnit, int] = {"day": 40_000, "month": 1200, "year": 100}
"""How far a moment may be moved by what a row says: a century."""


def add_months(moment: datetime, months: int) -> datetime | None:
    """The same day so many months later, or the last one of a shorter month; None outside of the calendar."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class ShiftMonths(Moment):
    """A moment moved by whole months: the same day, or the last one of a shorter month."""

    moment: Moment
    months: int

    @property
    def surcharge(self) -> float:
        """Years and quarters are likelier than other numbers of months."""
        return 0.8 if self.months % 12 == 0 else 0.85

    def run(self, record: Record) -> datetime | None:
        """The moved moment."""
        moment = self.moment.run(record)
        return None if moment is None else add_months(moment, self.months)

    def sql(self) -> str:
        """Plus or minus an interval."""
        return f"{self.moment.sql()} {'+' if self.months >= 0 else '-'} INTERVAL {abs(self.months)} MONTH"

    def words(self) -> str:
        """How far it is moved."""
        size, unit = divmod(abs(self.months), 12)
        length = f"{size} year{'s' * (size != 1)}" if not unit else f"{abs(self.months)} months"
        return f"{length} {'after' if self.months >= 0 else 'before'} {self.moment.words()}"


@dataclass(frozen=True, slots=True)
class ShiftBy(Moment):
    """A moment moved by as many whole days, months or years as the row says; NULL where that is no whole number."""

    moment: Moment
    amount: Value
    unit: ShiftUnit

    def run(self, record: Record) -> datetime | None:
        """The moved moment."""
        moment, amount = self.moment.run(record), self.amount.run(record)
        if moment is None or amount is None or amount != math.floor(amount) or abs(amount) > _MOST[self.unit]:
            return None
        return self.after(moment, int(amount), self.unit)

    @staticmethod
    def after(moment: datetime, amount: int, unit: ShiftUnit) -> datetime | None:
        """One moment moved."""
        if unit != "day":
            return add_months(moment, amount * (12 if unit == "year" else 1))
        try:
            return moment + timedelta(days=amount)
        except OverflowError:
            return None

    def sql(self) -> str:
        """`to_days`, `to_months` or `to_years`."""
        amount = self.amount.sql()
        whole = f"CASE WHEN ({amount}) = floor({amount}) AND abs({amount}) <= {_MOST[self.unit]} THEN {amount} END"
        return f"{self.moment.sql()} + to_{self.unit}s(CAST({whole} AS INTEGER))"

    def words(self) -> str:
        """How far it is moved."""
        return f"{self.moment.words()} plus {self.amount.words()} {self.unit}s"


Period = Literal["week", "month", "quarter", "half", "year"]
Edge = Literal["first", "last"]
_MONTHS_OF: Mapping[str, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class EdgeOf(Moment):
    """Midnight of the first or the last day of the week (from Monday), month, quarter, half or year around a moment."""

    moment: Moment
    period: Period
    edge: Edge

    @property
    def surcharge(self) -> float:
        """As a shift."""
        return 0.7 if self.period == "month" else 0.85

    def run(self, record: Record) -> datetime | None:
        """The day."""
        moment = self.moment.run(record)
        return None if moment is None else self.day_of(moment, self.period, self.edge)

    @staticmethod
    def day_of(moment: datetime, period: Period, edge: Edge) -> datetime | None:
        """The edge of the period around one moment."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            if period == "week":
                return day + timedelta(days=(0 if edge == "first" else 6) - day.weekday())
        except OverflowError:
            return None
        size = _MONTHS_OF[period]
        first = (day.month - 1) // size * size + 1
        if edge == "first":
            return day.replace(month=first, day=1)
        last = first + size - 1
        return day.replace(month=last, day=monthrange(day.year, last)[1])

    def sql(self) -> str:
        """`date_trunc`, and for a last day the next period's first one less a day."""
        moment = self.moment.sql()
        if self.period == "half":
            since = f"CAST((date_part('month', {moment}) - 1) // 6 * 6 AS INTEGER)"
            first = f"date_trunc('year', {moment}) + to_months({since})"
        else:
            first = f"date_trunc('{self.period}', {moment})"
        if self.edge == "first":
            return first
        length = "7 DAY" if self.period == "week" else f"{_MONTHS_OF[self.period]} MONTH"
        return f"{first} + INTERVAL {length} - INTERVAL 1 DAY"

    def words(self) -> str:
        """Which day."""
        return f"{self.edge} day of the {self.period} of {self.moment.words()}"


@dataclass(frozen=True, slots=True)
class WorkingDay(Moment):
    """So many working days (Monday to Friday) after a moment, or before it (negative).

    A weekend counts as the Friday before it (after) or the Monday behind it (before). 0 is the moment itself, or the
    Monday behind it where it falls on a weekend.
    """

    moment: Moment
    days: int

    def run(self, record: Record) -> datetime | None:
        """The working day."""
        moment = self.moment.run(record)
        return None if moment is None else self.after(moment, self.days)

    @staticmethod
    def after(moment: datetime, days: int) -> datetime | None:
        """So many working days after one moment."""
        weekday = moment.isoweekday()
        if days > 0:
            within = min(weekday, 5)
            moved = days + 2 * ((within - 1 + days) // 5) - (weekday - within)
        else:
            within = weekday if weekday < 6 else 1
            forward = 0 if weekday < 6 else 8 - weekday
            moved = days - 2 * ((5 - within - days) // 5) + forward
        try:
            return moment + timedelta(days=moved)
        except OverflowError:
            return None

    def sql(self) -> str:
        """The days and the weekends that lie between."""
        moment = self.moment.sql()
        weekday = f"date_part('isodow', {moment})"
        if self.days > 0:
            within = f"least({weekday}, 5)"
            moved = f"{self.days} + 2 * (({within} + {self.days - 1}) // 5) - ({weekday} - {within})"
        else:
            within = f"CASE WHEN {weekday} < 6 THEN {weekday} ELSE 1 END"
            forward = f"CASE WHEN {weekday} < 6 THEN 0 ELSE 8 - {weekday} END"
            moved = f"{self.days} - 2 * (({5 - self.days} - ({within})) // 5) + {forward}"
        return f"{moment} + to_days(CAST({moved} AS INTEGER))"

    def words(self) -> str:
        """How many working days."""
        if not self.days:
            return f"{self.moment.words()} or the Monday behind its weekend"
        many = "s" * (abs(self.days) != 1)
        return f"{abs(self.days)} working day{many} {'after' if self.days > 0 else 'before'} {self.moment.words()}"


Clock = Literal["second", "millisecond", "Excel day"]
# Microseconds of one tick, and the microseconds of tick 0 since 1970; the ticks between which a number is a date.
_TICKS: Mapping[Clock, tuple[int, int, int, int]] = {
    "second": (10**6, 0, 10**8, 5 * 10**9),
    "millisecond": (10**3, 0, 10**11, 5 * 10**12),
    "Excel day": (86_400 * 10**6, -25_569 * 86_400 * 10**6, 10**4, 10**5),
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - files carry local times without a zone


@dataclass(frozen=True, slots=True)
class FromTicks(Moment):
    """A number read as a moment: seconds or milliseconds since 1970 (UTC), or a spreadsheet's days since 1900.

    NULL outside of the years 1973 to 2128 (ticks since 1970) and 1927 to 2173 (days).
    """

    value: Value
    clock: Clock

    def run(self, record: Record) -> datetime | None:
        """The moment."""
        value = self.value.run(record)
        return None if value is None else self.read(value)

    def read(self, value: Decimal) -> datetime | None:
        """The moment of one number."""
        size, zero, least, most = _TICKS[self.clock]
        if not least <= value < most:
            return None
        scaled = value * size
        return _EPOCH + timedelta(microseconds=math.floor(scaled) + zero)

    def sql(self) -> str:
        """`make_timestamp` of microseconds."""
        size, zero, least, most = _TICKS[self.clock]
        value = self.value.sql()
        ticks = f"CAST(floor(({value}) * {size}) AS BIGINT)"
        since = f"{ticks} - {-zero}" if zero else ticks
        return f"CASE WHEN ({value}) >= {least} AND ({value}) < {most} THEN make_timestamp({since}) END"

    def words(self) -> str:
        """The number and its clock."""
        since = "as a spreadsheet's day" if self.clock == "Excel day" else f"as {self.clock}s since 1970"
        return f"{self.value.words()} read {since}"


EDGES: tuple[tuple[Period, Edge], ...] = (
    ("month", "last"), ("month", "first"), ("quarter", "last"), ("quarter", "first"), ("year", "last"),
    ("year", "first"), ("week", "first"), ("week", "last"), ("half", "last"), ("half", "first"),
)  # fmt: skip
"""Edges of periods that are asked for, the commonest first."""
CLOCKS_OF_TICKS: tuple[Clock, ...] = ("second", "millisecond", "Excel day")

_YEAR = "((?:19|20)?[0-9]{2})"
_QUARTERS = (
    (rf"^([1-4])Q[^0-9]{{0,2}}{_YEAR}$", 1, 2),
    (rf"^Q([1-4])[^0-9]{{0,3}}{_YEAR}$", 1, 2),
    (r"^((?:19|20)[0-9]{2})[^0-9]{0,3}Q([1-4])$", 2, 1),
)
"""Spellings of a quarter, with the groups that hold the quarter and the year."""


@dataclass(frozen=True, slots=True)
class ReadQuarter(Moment):
    """A quarter of a year, `Q3 2024`, `2024-Q3` or `3Q24`, read as its first day; NULL where the text is none."""

    source: Expression

    def run(self, record: Record) -> datetime | None:
        """The first day."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    @staticmethod
    def read(text: str) -> datetime | None:
        """The first day of one text's quarter."""
        for pattern, quarter, year in _QUARTERS:
            if found := re.search(pattern.replace("$", r"\Z"), text):
                full = found[year] if len(found[year]) == 4 else "20" + found[year]
                return datetime(int(full), int(found[quarter]) * 3 - 2, 1)  # noqa: DTZ001 - a day without a zone
        return None

    def sql(self) -> str:
        """The year and the quarter's first month, read as a date."""
        text = self.source.sql()
        cases = []
        for pattern, quarter, year in _QUARTERS:
            digits = f"regexp_extract({text}, {literal(pattern)}, {year})"
            full = f"CASE WHEN length({digits}) = 4 THEN {digits} ELSE '20' || {digits} END"
            month = f"CAST(regexp_extract({text}, {literal(pattern)}, {quarter}) AS INTEGER) * 3 - 2"
            cases.append(f"WHEN regexp_matches({text}, {literal(pattern)}) THEN ({full}) || '-' || ({month})")
        return f"try_strptime(CASE {' '.join(cases)} END, '%Y-%m')"

    def words(self) -> str:
        """The text."""
        return f"{self.source.words()} read as a quarter"


def law() -> tuple[Moment, ...]:
    """Instances on which `run` equals `sql`."""
    when = ReadMoment(CELL, ("%d/%m/%Y", "%Y-%m-%d %H:%M"))
    amount = ReadNumber(OTHER_CELL, NumberStyle())
    return (
        ShiftMonths(when, -7),
        ShiftMonths(when, 12),
        *(ShiftBy(when, amount, unit) for unit in get_args(ShiftUnit)),
        *(EdgeOf(when, period, edge) for period, edge in EDGES),
        *(WorkingDay(when, days) for days in (-5, -1, 0, 1, 2, 5)),
        *(FromTicks(ReadNumber(CELL, NumberStyle()), clock) for clock in CLOCKS_OF_TICKS),
        ReadQuarter(CELL),
    )

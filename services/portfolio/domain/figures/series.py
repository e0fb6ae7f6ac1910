"""Series of values or returns: put in order, and cleaned of flows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.flows import (
    Flow,
    doubt_signs,
    find_holding,
    find_undated_flows,
    is_of_sides,
    miss_flows,
    read_flows,
)
from services.portfolio.domain.figures.timing import Timing, settle_timing
from services.portfolio.domain.figures.years import count_years, share_of_weekends
from services.portfolio.domain.glosses import UNDATED_FLOWS, UNTOLD_FLOWS
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.reading import Reading, Row, Table
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import Limits

_SPACINGS = ((5, 252), (10, 52), (45, 12), (120, 4), (250, 2), (400, 1))
"""Median days between points, at most, and the periods per year that this means."""
_CALENDAR_DAILY = 365
_WEEKEND_SHARE = 0.1
"""Two days in seven are weekends; a series with more than a tenth of them runs through the calendar."""
_VALUE_COLUMNS = ("market_value", "price", "benchmark")


@dataclass(frozen=True, slots=True)
class Series:
    """Periodic returns as fractions, oldest first; ``days`` has one more entry than ``returns`` where values were sent.

    ``days`` is empty for returns without dates. ``values`` are the portfolio's values where those were sent. A return
    that no method gives is why ``returns`` is empty: ``missing``.
    """

    returns: tuple[float, ...]
    days: tuple[date, ...] = ()
    values: tuple[Decimal, ...] = ()
    method: str = "returns compounded"
    missing: MissingInputError | None = None
    are_flows_known: bool = True
    """Whether it is known what was paid in and out."""
    inside: tuple[Flow, ...] = ()
    """The flows after the first value that the last one holds."""

    @property
    def end_days(self) -> tuple[date, ...]:
        """The day on which each return ends."""
        return self.days[len(self.days) - len(self.returns) :]

    def count_years(self, periods: int | None) -> float | None:
        """The years that the returns cover: by the calendar, for returns without dates by their count."""
        if self.days:
            start = self.days[0]
            if len(self.days) == len(self.returns):
                start = step_back(self.days)
            return count_years(start, self.days[-1])
        return len(self.returns) / periods if periods else None


@dataclass(frozen=True, slots=True)
class _Point:
    day: date | None
    value: Decimal
    path: str


def read_series(reading: Reading, draft: Draft, limits: Limits) -> tuple[Series, tuple[Flow, ...]]:
    """The portfolio's returns and its flows, from ``series`` (values) or ``returns``.

    Raises ``InputError`` for fewer than two values, values not above zero, or a day that stands twice, and
    ``MissingInputError`` for a column that could not be settled.
    """
    if "series" in reading.tables:
        return _read_values(reading, draft, limits)
    flows = read_flows(reading)
    table = reading.table("returns")
    points = _list_points(table, "return", draft)
    if flows:
        draft.note(
            "flows_ignored", "Flows are not used with returns, which are free of them already.", field=table.field
        )
    return _from_returns(points, table, draft), ()


def _read_values(reading: Reading, draft: Draft, limits: Limits) -> tuple[Series, tuple[Flow, ...]]:
    """The track of values, with the flows that they hold; without returns where it is not known when money came."""
    table = reading.table("series")
    points = _list_points(table, _find_value_column(table), draft)
    dated = [(point.day, point.value) for point in points if point.day is not None]
    field, timing = reading.name_of("flows"), Timing()
    flows: tuple[Flow, ...] = ()
    try:
        flows = read_flows(reading)
        timing = settle_timing(dated, flows, reading.valuing, field)
        doubt_signs(dated, flows, field, before=timing.before)
        missing = miss_flows(reading) or (None if flows else find_undated_flows(table))
    except MissingInputError as fault:
        missing, flows = fault, ()
    if timing.is_open:
        draft.note("flow_day", "Values are taken to hold the flows of their day, which nothing says.", field=field)
    if missing is not None:
        gloss = UNTOLD_FLOWS if is_of_sides(missing) else UNDATED_FLOWS
        draft.glosses[gloss] = reading.open_flows[0] if reading.open_flows is not None else field
        told = _from_values(points, (), table.field, draft, limits)
        return replace(told, returns=(), missing=missing, are_flows_known=False), ()
    return _from_values(points, flows, table.field, draft, limits, before=timing.before), flows


def read_benchmark(reading: Reading, draft: Draft, limits: Limits) -> Series | None:
    """The benchmark, as values or returns, as it was read."""
    if "benchmark" not in reading.tables:
        return None
    table = reading.table("benchmark")
    if "return" in table.columns and not any(column in table.columns for column in _VALUE_COLUMNS):
        return _from_returns(_list_points(table, "return", draft), table, draft)
    return _from_values(_list_points(table, _find_value_column(table), draft), (), table.field, draft, limits)


def find_periods_per_year(reading: Reading, series: Series, reference: Reference, draft: Draft) -> int | None:
    """As sent (``12``, ``monthly``), else from the usual spacing of the days, and said so."""
    field, raw = reading.name_of("periods_per_year"), reading.detected.get("periods_per_year")
    word = match_form(str(raw)) if raw is not None else ""
    if word:
        if (known := reference.periodicities.get(word)) is not None:
            return known
        if word.isdigit() and 1 <= int(word) <= 366:
            return int(word)
        raise InputError(field, raw, "a whole number from 1 to 366 is needed")
    if len(series.days) < 2:
        draft.note("no_period", "Without dates or periods_per_year nothing can be annualised.", warning=True)
        return None
    spacing = median((later - earlier).days for earlier, later in pairwise(series.days))
    periods = next((periods for days, periods in _SPACINGS if spacing <= days), None)
    if periods is None:
        draft.note("no_period", "The points are more than a year apart; nothing is annualised.", warning=True)
        return None
    if spacing <= 1 and share_of_weekends(series.days) > _WEEKEND_SHARE:
        periods = _CALENDAR_DAILY
    draft.note("period", f"{periods} periods a year, from the spacing of the dates.")
    _note_gaps(series, spacing, draft)
    return periods


def _note_gaps(series: Series, spacing: float, draft: Draft) -> None:
    wide = [
        f"{earlier.isoformat()} to {later.isoformat()}"
        for earlier, later in pairwise(series.days)
        if (later - earlier).days > max(spacing * 3, spacing + 6)
    ]
    if wide:
        draft.note(
            "gaps",
            f"{len(wide)} gap(s) in the series ({', '.join(wide[:3])}); each counts as one period, which understates "
            "risk.",
            warning=True,
        )


def _find_value_column(table: Table) -> str:
    return next((column for column in _VALUE_COLUMNS if column in table.columns), _VALUE_COLUMNS[0])


def _list_points(table: Table, column: str, draft: Draft) -> list[_Point]:
    table.need(column, "date")
    points, blank, bad = [], 0, []
    for row in table.rows:
        value = _value_of(row, column)
        if column in row.faults or "date" in row.faults:
            bad.append(row.faults.get(column) or row.faults["date"])
        elif value is None:
            blank += 1
        elif column != "return" and value <= 0:
            raise InputError(row.field(column), str(value), "a value above zero is needed")
        else:
            points.append(_Point(row.day("date"), value, row.path))
    if bad:
        raise MissingInputError(f"{bad[0]}; a return over it would be a guess")
    if blank:
        draft.note(
            "blank_points", f"{blank} blank point(s) of {table.field} left out.", warning=True, field=table.field
        )
    return _sort_points(points, table.field, draft)


def _value_of(row: Row, column: str) -> Decimal | None:
    if column == "return":
        value = row.percent("return")
        return value / 100 if value is not None else None
    money = row.money(column)
    return money.value if money is not None else row.number(column)


def _sort_points(points: list[_Point], field: str, draft: Draft) -> list[_Point]:
    dated = [point for point in points if point.day is not None]
    if not dated:
        return points
    if len(dated) < len(points):
        raise InputError(field, None, "some points have a date and some have none")
    ordered = sorted(points, key=lambda point: point.day or date.min)
    if ordered != points:
        draft.note("sorted", f"{field} was put in order of date.", field=field)
    for earlier, later in pairwise(ordered):
        if earlier.day == later.day:
            raise InputError(field, str(later.day), "a day stands twice")
    return ordered


def _from_values(
    points: Sequence[_Point],
    flows: Sequence[Flow],
    field: str,
    draft: Draft,
    limits: Limits,
    *,
    before: bool = False,
) -> Series:
    if len(points) < 2:
        raise InputError(field, None, f"{len(points)} point(s); at least two are needed for a return")
    days = tuple(point.day for point in points if point.day is not None)
    values = tuple(point.value for point in points)
    if flows and not days:
        raise InputError(field, None, "flows need a series with dates")
    between = _group_flows(flows, days, before=before)
    returns: list[float] = []
    large: list[Flow] = []
    dietz = False
    for index in range(1, len(values)):
        moved = between.get(index, ())
        outside = [flow for flow in moved if flow.day not in days[index - 1 : index + 1]]
        dietz = dietz or bool(outside)
        large += [flow for flow in outside if abs(flow.amount) * 100 > values[index - 1] * limits.large_flow]
        change = link_period(values[index - 1], values[index], moved, days[index - 1 : index + 1])
        if change is None:
            period = f"{days[index - 1].isoformat()} to {days[index].isoformat()}"
            missing = MissingInputError(
                f"the flows from {period} leave no capital to earn a return on; a value on the day of each flow is "
                "needed"
            )
            return Series((), days, values, missing=missing)
        returns.append(change)
    if large:
        shown = ", ".join(f"{flow.amount:,f} on {flow.day.isoformat()}" for flow in large[:5])
        draft.note(
            "large_flows",
            f"Flows above {limits.large_flow.normalize():f}% of the value before them, without a value on their day: "
            f"{shown}. The returns around them are near; values on those days would make them true.",
            warning=True,
            field=field,
        )
    method = "returns net of flows, compounded" if between else "returns compounded"
    if dietz:
        draft.note(
            "flows_between",
            "Flows between two values are weighed by the days that they were there (modified Dietz), the periods "
            "linked.",
        )
        method = "modified Dietz by period (flows weighed by their days), compounded"
    inside = tuple(flow for moved in between.values() for flow in moved)
    return Series(tuple(returns), days, values, method, inside=inside)


def link_period(start: Decimal, end: Decimal, flows: Sequence[Flow], days: Sequence[date]) -> float | None:
    """The return of one period as a fraction, by modified Dietz; true where flows are on its last day.

    A flow counts from the end of its day: its weight is (days of the period - day of the flow) / days. None where no
    capital is left to earn a return on, or more than all of it would be lost.
    """
    if not flows:
        return float(end / start - 1)
    length = (days[1] - days[0]).days
    net = sum((flow.amount for flow in flows), Decimal(0))
    weighed = sum((flow.amount * (days[1] - flow.day).days / length for flow in flows), Decimal(0))
    capital = start + weighed
    if capital <= 0:
        return None
    change = float((end - start - net) / capital)
    return change if change > -1 else None


def _group_flows(flows: Sequence[Flow], days: Sequence[date], *, before: bool) -> dict[int, list[Flow]]:
    """Flows by the index of the value that first holds them. What came before the first value is part of it; what came
    on the day of the last is in none where values are taken before the flows of their day."""
    found: dict[int, list[Flow]] = {}
    for flow in flows:
        index = find_holding(days, flow, before=before)
        if index >= len(days) and flow.day > days[-1]:
            raise InputError("flows", flow.day.isoformat(), "a flow after the last value")
        if 0 < index < len(days):
            found.setdefault(index, []).append(flow)
    return found


def _from_returns(points: Sequence[_Point], table: Table, draft: Draft) -> Series:
    if not points:
        raise InputError(table.field, None, "no returns")
    if (unit := table.units.get("return")) is not None:
        shown = "fractions of one" if unit == "fraction" else "percent"
        draft.note(
            "returns_unit",
            f"The returns of {table.field} are read as {shown}; returns_unit would say so.",
            field=table.field,
        )
    for point in points:
        if point.value <= -1:
            raise InputError(table.field, str(point.value), "nothing can lose a hundred percent or more in a period")
    return Series(
        tuple(float(point.value) for point in points),
        tuple(point.day for point in points if point.day is not None),
    )


def step_back(days: Sequence[date]) -> date:
    """When the first return of a series of returns began: as long before its end as the others took."""
    if len(days) < 2:
        return days[0]
    step = median((later - earlier).days for earlier, later in pairwise(days))
    first = days[0]
    if 27 <= step <= 31:
        return _month_before(first)
    return date.fromordinal(first.toordinal() - round(step))


def _month_before(day: date) -> date:
    """The same place in the month before: its end for a month's end."""
    last = date.fromordinal(day.replace(day=1).toordinal() - 1)
    return last if day.day >= 28 else last.replace(day=min(day.day, last.day))

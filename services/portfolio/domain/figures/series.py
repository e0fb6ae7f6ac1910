"""Series of values or returns: read, put in order, cleaned of flows, and aligned with a benchmark."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from services.portfolio.domain.errors import BoundError, InputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.rows import Row, read_table
from services.portfolio.domain.numbers import Unit, parse_quantity
from services.portfolio.domain.sections import Catalogue, Detected

_SPACINGS = ((5, 252), (10, 52), (45, 12), (120, 4), (400, 1))
"""Median days between points, at most, and the periods per year that this means."""
_LARGEST_FRACTION = Decimal("0.5")
_PLAUSIBLE_YEAR = 3
_FREQUENCIES = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1, "annual": 1, "annually": 1}


@dataclass(frozen=True, slots=True)
class Flow:
    """Money put in (above zero) or taken out on a day."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Series:
    """Periodic returns as fractions, oldest first; ``days`` has one more entry than ``returns`` where values were sent.

    ``days`` is empty for returns without dates. ``values`` are the portfolio's values where those were sent.
    """

    returns: tuple[float, ...]
    days: tuple[date, ...] = ()
    values: tuple[Decimal, ...] = ()

    @property
    def end_days(self) -> tuple[date, ...]:
        """The day on which each return ends."""
        return self.days[len(self.days) - len(self.returns) :]


@dataclass(frozen=True, slots=True)
class _Point:
    day: date | None
    value: Decimal
    path: str


def read_series(detected: Detected, catalogue: Catalogue, draft: Draft) -> tuple[Series, tuple[Flow, ...]]:
    """The portfolio's returns and its flows, from ``series`` (values) or ``returns``.

    With flows each return is (value - flows since the last value) / last value - 1: a flow counts on the day of the
    next value. Raises ``InputError`` for fewer than two values, values not above zero, or a day that stands twice.
    """
    flows = _read_flows(detected, catalogue)
    if detected.get("series") is not None:
        field = detected.name_of("series")
        points = _read_points(detected.get("series"), field, "market_value", catalogue, draft)
        return _from_values(points, flows, field, draft), flows
    field = detected.name_of("returns")
    points = _read_points(detected.get("returns"), field, "return", catalogue, draft)
    if flows:
        draft.note("flows_ignored", "Flows are not used with returns, which are free of them already.", field=field)
    return _from_returns(points, detected, field, draft), ()


def read_benchmark(detected: Detected, catalogue: Catalogue, draft: Draft) -> Series | None:
    """The benchmark, as values or returns: the kind that the portfolio came in, or that its columns name."""
    field = detected.name_of("benchmark")
    raw = detected.get("benchmark")
    if raw is None:
        return None
    as_returns = detected.get("series") is None or _looks_like_returns(raw)
    points = _read_points(raw, field, "return" if as_returns else "market_value", catalogue, draft)
    if as_returns:
        return _from_returns(points, detected, field, draft)
    return _from_values(points, (), field, draft)


def align(series: Series, benchmark: Series, field: str, draft: Draft) -> tuple[list[float], list[float]]:
    """Both series over the periods that they share, empty where days match nowhere.

    Raises ``InputError`` for series without dates that differ in length.
    """
    if series.days and benchmark.days:
        return _align_by_day(series, benchmark, field, draft)
    if len(series.returns) != len(benchmark.returns):
        raise InputError(
            field, None, f"{len(benchmark.returns)} returns beside {len(series.returns)} of the portfolio, and no dates"
        )
    return list(series.returns), list(benchmark.returns)


def find_periods_per_year(detected: Detected, series: Series, draft: Draft) -> int | None:
    """As sent (``12``, ``monthly``), else from the usual spacing of the days, and said so."""
    field = detected.name_of("periods_per_year")
    raw = detected.get("periods_per_year")
    if isinstance(raw, str) and (known := _FREQUENCIES.get(raw.strip().lower())) is not None:
        return known
    number = inputs.read_number(raw, field)
    if number is not None:
        if number != int(number) or not 1 <= number <= 366:
            raise InputError(field, raw, "a whole number from 1 to 366 is needed")
        return int(number)
    if len(series.days) < 2:
        draft.note("no_period", "Without dates or periods_per_year nothing can be annualised.", warning=True)
        return None
    spacing = median((later - earlier).days for earlier, later in pairwise(series.days))
    periods = next((periods for days, periods in _SPACINGS if spacing <= days), None)
    if periods is None:
        draft.note("no_period", "The points are more than a year apart; nothing is annualised.", warning=True)
        return None
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
        shown = ", ".join(wide[:3])
        draft.note(
            "gaps",
            f"{len(wide)} gap(s) in the series ({shown}); each counts as one period, which understates risk.",
            warning=True,
        )


def _read_points(raw: object, field: str, column: str, catalogue: Catalogue, draft: Draft) -> list[_Point]:
    if isinstance(raw, list) and len(raw) > catalogue.limits.max_points:
        raise BoundError(field, None, f"{len(raw)} points, more than {catalogue.limits.max_points}")
    if isinstance(raw, list) and raw and not isinstance(raw[0], Mapping):
        rows = tuple(
            Row(f"{field}[{index}]", {"date": _day_of(item), "pair": _cell_of(item)}) for index, item in enumerate(raw)
        )
    elif isinstance(raw, Mapping) and not any(isinstance(value, list | Mapping) for value in raw.values()):
        rows = tuple(Row(f"{field}.{day}", {"date": str(day), "pair": value}) for day, value in raw.items())
    else:
        rows = read_table(raw, field, catalogue).rows
    if len(rows) > catalogue.limits.max_points:
        raise BoundError(field, None, f"{len(rows)} points, more than {catalogue.limits.max_points}")
    points = [point for row in rows if (point := _read_point(row, column)) is not None]
    if len(points) < len(rows):
        draft.note(
            "blank_points", f"{len(rows) - len(points)} blank point(s) of {field} left out.", warning=True, field=field
        )
    return _sort_points(points, field, draft)


def _day_of(item: object) -> object:
    return item[0] if isinstance(item, list | tuple) and len(item) == 2 else None


def _cell_of(item: object) -> object:
    return item[1] if isinstance(item, list | tuple) and len(item) == 2 else item


def _read_point(row: Row, column: str) -> _Point | None:
    name = next((name for name in (column, "price", "pair", "benchmark") if row.cells.get(name) is not None), column)
    raw = row.cells.get(name)
    quantity = parse_quantity(raw, row.field(name))
    if quantity is None:
        return None
    if column == "return":
        value = quantity.as_percent / 100 if quantity.unit in {Unit.PERCENT, Unit.BASIS_POINTS} else quantity.value
        marked = quantity.unit in {Unit.PERCENT, Unit.BASIS_POINTS}
        return _Point(inputs.read_date(row.cells.get("date"), row.field("date")), value, "%" if marked else row.path)
    if quantity.unit not in {Unit.NUMBER, Unit.MONEY}:
        raise InputError(row.field(name), raw, "a value is needed, not a percentage")
    if quantity.value <= 0:
        raise InputError(row.field(name), raw, "a value above zero is needed")
    return _Point(inputs.read_date(row.cells.get("date"), row.field("date")), quantity.value, row.path)


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


def _from_values(points: Sequence[_Point], flows: Sequence[Flow], field: str, draft: Draft) -> Series:
    if len(points) < 2:
        raise InputError(field, None, f"{len(points)} point(s); at least two are needed for a return")
    days = tuple(point.day for point in points if point.day is not None)
    values = tuple(point.value for point in points)
    flowed = _assign_flows(flows, days, field, draft)
    returns = []
    for index in range(1, len(values)):
        value = values[index] - flowed.get(index, Decimal(0))
        if value <= 0:
            raise InputError(points[index].path, str(values[index]), "the flows of the period are more than the value")
        returns.append(float(value / values[index - 1] - 1))
    return Series(tuple(returns), days, values)


def _assign_flows(flows: Sequence[Flow], days: Sequence[date], field: str, draft: Draft) -> dict[int, Decimal]:
    """Flows by the index of the value that first holds them; one on or before the first day is part of that value."""
    if flows and not days:
        raise InputError(field, None, "flows need a series with dates")
    found: dict[int, Decimal] = {}
    between = 0
    for flow in flows:
        if flow.day <= days[0]:
            continue
        index = bisect_left(days, flow.day)
        if index >= len(days):
            raise InputError("flows", flow.day.isoformat(), "a flow after the last value")
        between += days[index] != flow.day
        found[index] = found.get(index, Decimal(0)) + flow.amount
    if between:
        draft.note(
            "flows_between",
            f"{between} flow(s) fall between two values and count on the later one; returns there are near.",
        )
    return found


def _read_flows(detected: Detected, catalogue: Catalogue) -> tuple[Flow, ...]:
    raw, field = detected.get("flows"), detected.name_of("flows")
    if raw is None:
        return ()
    flows = []
    for row in read_table(raw, field, catalogue).rows:
        day = inputs.read_date(row.cells.get("date"), row.field("date"))
        money = row.money("market_value")
        if day is None or money is None:
            raise InputError(row.path, None, "a flow needs a date and an amount")
        flows.append(Flow(day, money.value))
    return tuple(sorted(flows, key=lambda flow: flow.day))


def _from_returns(points: Sequence[_Point], detected: Detected, field: str, draft: Draft) -> Series:
    if not points:
        raise InputError(field, None, "no returns")
    marked = [point.path == "%" for point in points]
    factor = Decimal(1) if all(marked) else _find_factor(points, detected, field, draft)
    values = [
        point.value if is_marked else point.value * factor for point, is_marked in zip(points, marked, strict=True)
    ]
    for value in values:
        if value <= -1:
            raise InputError(field, str(value), "nothing can lose a hundred percent or more in a period")
    return Series(
        tuple(float(value) for value in values), tuple(point.day for point in points if point.day is not None)
    )


def _find_factor(points: Sequence[_Point], detected: Detected, field: str, draft: Draft) -> Decimal:
    """What bare returns are multiplied by to be fractions: stated by ``returns_unit``, else told by their size."""
    stated = inputs.read_text(detected.get("returns_unit"), detected.name_of("returns_unit"))
    if stated is not None:
        if stated.lower().rstrip("s") not in {"fraction", "decimal", "percent", "%"}:
            raise InputError(detected.name_of("returns_unit"), stated, "'fraction' or 'percent' is needed")
        return Decimal(1) if stated.lower().rstrip("s") in {"fraction", "decimal"} else Decimal("0.01")
    sizes = [abs(point.value) for point in points]
    yearly = sum(sizes, Decimal(0)) / len(sizes) * 252
    small = max(sizes) <= _LARGEST_FRACTION
    # Money-market returns in percent are as small as fractions of shares; no money fund earns 300% a year.
    steady = min(point.value for point in points) >= 0 and yearly > _PLAUSIBLE_YEAR and len(points) > 2
    as_fractions = small and not steady
    draft.note(
        "returns_unit",
        f"The returns of {field} are read as {'fractions of one' if as_fractions else 'percent'}; returns_unit "
        f"would say so.",
        field=field,
    )
    return Decimal(1) if as_fractions else Decimal("0.01")


def _looks_like_returns(raw: object) -> bool:
    first = raw[0] if isinstance(raw, list) and raw else None
    if isinstance(first, Mapping):
        return any(str(name).lower().startswith("ret") for name in first)
    return False


def _align_by_day(series: Series, benchmark: Series, field: str, draft: Draft) -> tuple[list[float], list[float]]:
    """Benchmark values at the portfolio's days: both series' growth between the days that they share."""
    own = _growth_by_day(series)
    other = _growth_by_day(benchmark)
    shared = sorted(own.keys() & other.keys())
    if len(shared) < 2:
        draft.note(
            "benchmark_unmatched",
            f"{field} has no two days in common with the portfolio and is not used.",
            warning=True,
            field=field,
        )
        return [], []
    missing = len(own) - len(shared)
    if missing:
        draft.note(
            "benchmark_gaps", f"{missing} of {len(own)} days have no benchmark; periods around them were joined.",
            warning=True, field=field,
        )  # fmt: skip
    pairs = list(pairwise(shared))
    return (
        [own[later] / own[earlier] - 1 for earlier, later in pairs],
        [other[later] / other[earlier] - 1 for earlier, later in pairs],
    )


def _growth_by_day(series: Series) -> dict[date, float]:
    level, growth = 1.0, {}
    if len(series.days) > len(series.returns):
        growth[series.days[0]] = level
    else:
        growth[date.min] = level
    for day, change in zip(series.end_days, series.returns, strict=True):
        level *= 1 + change
        growth[day] = level
    return growth

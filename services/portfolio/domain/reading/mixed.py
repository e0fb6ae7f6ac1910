"""Fractions beside percents in one column: cells that a hundredfold parts from their neighbours.

The unit of a column is that of all its bare cells. Where some of them are tenfold or more below the others, and like
them once they are taken a hundredfold, they may have been written in the other unit. A sum or a name beside them
settles it; else the cells are told and used by no figure.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.headers import FRACTION, PERCENT
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import Numeral
from services.portfolio.domain.reading.columns import Column, list_rate_readings
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.readings import RANGE
from services.portfolio.domain.table_fields import BONDS, TABLES

_HUNDRED = Decimal(100)
APART = Decimal(10)
"""The least factor between cells of two units: half of the hundredfold, on the scale of factors."""
_ALIKE = Decimal(3)
"""Within this factor of its neighbours a cell is like them: about half of ``APART``, on the same scale."""
_BY_PLACES = frozenset({"fee", "yield", "return", "contribution", "benchmark_return"})
"""Columns in which one row may well be a hundredth of another (an index fund's fee, a day without a move): there, only
a cell with more decimals than all of the larger ones is in doubt, as a fraction has two more than its percent."""
_TOLERANCE = Decimal("1.5")


def find_strays(
    values: Mapping[int, Decimal], *, by_places: bool = False, reach: Decimal = Decimal(0), alike: Decimal = _ALIKE
) -> frozenset[int]:
    """The rows whose sizes are a hundredth of the others', by the split that leaves most of them there; none where no
    split does. Values are all in one unit, zeros are of any; up to ``reach``, and within the factor ``alike``, sizes
    are those of the others."""
    sizes = {row: abs(value) for row, value in values.items() if value}
    order = sorted(sizes, key=lambda row: sizes[row])
    for cut in range(len(order) - 1, 0, -1):
        low, high = order[:cut], order[cut:]
        least, most = sizes[high[0]], sizes[high[-1]]
        if sizes[low[-1]] * APART > least:
            continue
        fits = all(least / alike <= sizes[row] * _HUNDRED <= max(most * alike, reach) for row in low)
        finer = not by_places or min(_places(sizes[row]) for row in low) > max(_places(sizes[row]) for row in high)
        if fits and finer:
            return frozenset(low)
    return frozenset()


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def settle_mixed(feed: Feed, table: str, column: Column) -> None:
    """Settle, or name and leave out, the bare cells of a settled column that may be in the other unit."""
    if column.reason is not None or not column.bare() or column.unit not in {PERCENT, FRACTION}:
        return
    shown = column.percents()
    reach = _HUNDRED if column.spec.kind == "share" else Decimal(0)
    strays = find_strays(shown, by_places=column.name in _BY_PLACES, reach=reach)
    if not strays:
        return
    if column.unit == FRACTION:  # then those that are read as hundreds of percent were written in percent
        strays = frozenset(row for row in shown if row not in strays)
    factor = _HUNDRED if column.unit == PERCENT else 1 / _HUNDRED
    doubtful = [row for row in sorted(strays) if row in column.bare() and shown[row]
                and not _is_named(feed, table, column, row)]  # fmt: skip
    if not doubtful or _is_whole(column, shown):
        return
    if _is_whole(column, {**shown, **{row: shown[row] * factor for row in doubtful}}):
        _rescale(feed, column, doubtful, shown, factor)
    elif len(doubtful) * 2 > len(shown):
        column.leave_open(
            list_rate_readings([column.bare()[doubtful[0]]], {PERCENT: RANGE, FRACTION: RANGE}),
            "its cells are of two sizes, a hundredfold apart",
        )
    else:
        for row in doubtful:
            _leave_out(column, row, shown[row], factor)


def _is_named(feed: Feed, table: str, column: Column, row: int) -> bool:
    """Whether the row's own name states the percentage as it stands (``Bund 0.05% 2031``)."""
    if table not in feed.tables or column.unit != PERCENT:
        return False
    name = str(feed.tables[table].rows[row].cells.get("name") or "")
    value = column.bare()[row].normalize()
    return any(f"{head}%" in name.replace(" ", "") for head in (f"{value:f}", f"{value:f}".replace(".", ",")))


def _is_whole(column: Column, shown: Mapping[int, Decimal]) -> bool:
    """Whether shares of all there is sum to it."""
    return column.spec.kind == "share" and abs(sum(shown.values(), Decimal(0)) - _HUNDRED) <= _TOLERANCE


def _rescale(feed: Feed, column: Column, rows: list[int], shown: Mapping[int, Decimal], factor: Decimal) -> None:
    """Read cells in the other unit, and say so."""
    for row in rows:
        value = shown[row] * factor
        cell = column.cells[row]
        if isinstance(cell, Numeral):
            column.cells[row] = replace(cell, point=value, comma=value, unit=Unit.PERCENT)
    told = ", ".join(f"{_name(column, row)} as {(shown[row] * factor).normalize():f}%" for row in rows)
    message = f"Read in another unit than the rest of its column, which then sums to 100%: {told}."
    feed.note("mixed_units", message, field=column.path, warning=True)


def _leave_out(column: Column, row: int, shown: Decimal, factor: Decimal) -> None:
    readings = " or ".join(f"{value.normalize():f}%" for value in (shown, shown * factor))
    column.faults[row] = f"{_name(column, row)} could be {readings}: the other cells are a hundredfold apart from it"
    del column.cells[row]


def _name(column: Column, row: int) -> str:
    return column.path.replace("[]", f"[{row}]", 1)


def settle_mixed_prices(feed: Feed) -> None:
    """Name and leave out the prices of bonds that may be per 1 of face beside others per 100, or the other way round:
    those that are fewer, and of equally many the smaller."""
    for (table, name), column in feed.columns.items():
        if TABLES.get(table) != BONDS or name != "price" or column.reason is not None:
            continue
        values = {row: value for row, value in column.values().items() if not column.is_marked(row)}
        low = find_strays(values)
        doubtful = low if len(low) * 2 <= len(values) else frozenset(values) - low
        for row in sorted(doubtful if low else ()):
            value = values[row].normalize()
            column.faults[row] = (
                f"{_name(column, row)}: {value:f} could be per 1 or per 100 of face: the other prices are "
                "a hundredfold apart from it"
            )
            del column.cells[row]

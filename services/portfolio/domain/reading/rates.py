"""Rates: the unit of each column's bare numbers, by sums, other figures, ranges and families."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.headers import FRACTION, PERCENT
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.needs import Money
from services.portfolio.domain.numbers import POINT, scan_number
from services.portfolio.domain.reading.columns import (
    Column,
    Hints,
    fit_range,
    fit_sum,
    settle_rate,
    vote,
)
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.mixed import APART, find_strays, settle_mixed, settle_mixed_prices
from services.portfolio.domain.readings import (
    RANGE,
    SIBLING,
    SUM,
)
from services.portfolio.domain.table_fields import MOVERS, TABLES

_MOST_RISK = 1.2
"""A year's volatility that no portfolio has: Bitcoin alone stayed below it since 2015."""
_LEAST_MOVE = Decimal("0.05")
"""The largest of a portfolio's moves is more than this many percent: less is what a money-market fund earns in days."""


def settle_rates(feed: Feed) -> None:
    """Shares by their sums first, then what ranges decide, then what their family says."""
    for sums in feed.sums.items():
        for (table, _), column in feed.columns.items():
            if table == sums[0]:
                for row in sums[1]:
                    column.cells.pop(row, None)
                    column.faults.pop(row, None)
    rated = [
        (key, column)
        for key, column in feed.columns.items()
        if column.spec.kind in {"rate", "share", "return", "named_share"} and column.reason is None
    ]
    later = []
    for key, column in rated:
        fits, why = _fit(feed, key[0], column)
        settle_rate(column, feed.currency, _hints(feed, column, key[0]), fits, why)
        if column.reason is not None:
            later.append((key, column, fits, why))
    for key, column, fits, why in later:
        family = [
            (place, other) for place, other in rated
            if other is not column and other.spec.family == column.spec.family and column.spec.family
            and other.reason is None and other.bare() and other.unit in {PERCENT, FRACTION}
        ]  # fmt: skip
        unit = vote(other.unit or "" for _, other in family)
        if unit and not _is_apart(column, [other for place, other in family if not place[0] and not key[0]]):
            column.reason = None
            settle_rate(column, feed.currency, replace(_hints(feed, column), sibling=unit), fits, why)
    for (table, _), column in rated:
        settle_mixed(feed, table, column)
    settle_mixed_prices(feed)
    _settle_cash(feed, [column for _, column in rated])


def _settle_cash(feed: Feed, rated: Sequence[Column]) -> None:
    """Cash that would be nothing as an amount is a share: in percent, or as a fraction where that is no more than one.

    Which of both is said by the shares beside it; a share of one percent or less is open without them.
    """
    column = feed.columns.get(("", "Cash"))
    bare = column.bare() if column is not None and column.reason is None else {}
    if column is not None and (column.header.scale or column.header.currency):
        return  # an amount by its name
    if column is None or 0 not in bare or not feed.is_small_cash(bare[0]):
        return
    shares = vote(
        other.unit or "" for other in rated
        if other.spec.family == "shares" and other.reason is None and other.bare() and other.unit in {PERCENT, FRACTION}
    )  # fmt: skip
    settle_rate(
        column, feed.currency, Hints(feed.request.weights, shares, feed.tenant.weights),
        {PERCENT: True, FRACTION: bare[0] <= 1},
    )  # fmt: skip


def _hints(feed: Feed, column: Column, table: str = "") -> Hints:
    """What the request, the tenant and, for movers' returns, the weights of the same rows say."""
    name = "weights" if column.spec.family == "shares" else "rates"
    weights = feed.columns.get((table, "weight"))
    # A feed that writes weights as fractions writes returns so; percents beside returns are of either.
    alike = column.spec.kind == "return" and weights is not None and weights.bare() and weights.unit == FRACTION
    sibling = FRACTION if alike and weights is not None and weights.reason is None else ""
    return Hints(getattr(feed.request, name), sibling, getattr(feed.tenant, name))


def _fit(feed: Feed, table: str, column: Column) -> tuple[dict[str, bool] | None, str]:
    """Which units something better than a range allows, and what that is."""
    bare = list(column.bare().values())
    tolerance = Decimal("1.5")
    if column.spec.kind == "share":
        if len(column.percents()) > len(bare) and column.bare():
            return fit_sum(column.bare().values(), tolerance, whole=False), RANGE
        if (by_value := _fit_values(feed, table, column)) is not None:
            return by_value, SIBLING
        whole = TABLES.get(table) != MOVERS
        fits = fit_sum(bare, tolerance, whole=whole)
        return fits, SUM if fits is not None and sum(fits.values()) == 1 else RANGE
    if column.spec.kind == "return":
        return _fit_returns(feed, table, bare), RANGE
    if column.name == "XIRR_SI":
        return _fit_xirr(feed, bare), SIBLING
    if column.name == "Benchmark XIRR" and bare and (own := feed.columns.get(("", "XIRR_SI"))) is not None:
        return _fit_beside(feed, own, column)
    if column.name == "coupon" and (named := _fit_names(feed, table, column)) is not None:
        return named, SIBLING
    return None, RANGE


def _fit_values(feed: Feed, table: str, column: Column) -> dict[str, bool] | None:
    """Weights against market values of the same rows."""
    values = feed.columns.get((table, "market_value"))
    if values is None or column.name != "weight" or values.reason is not None:
        return None
    amounts, weights = values.values(), column.bare()
    total = sum(amounts.values(), Decimal(0))
    if total <= 0 or not weights:
        return None
    counts = {PERCENT: 0, FRACTION: 0}
    tried = 0
    for row, weight in weights.items():
        share = amounts.get(row, Decimal(0)) * 100 / total
        if not share or not weight:
            continue
        tried += 1
        counts[PERCENT] += abs(weight - share) <= max(share / 10, Decimal("0.1"))
        counts[FRACTION] += abs(weight * 100 - share) <= max(share / 10, Decimal("0.1"))
    fits = {unit: bool(tried) and count > tried * 0.8 for unit, count in counts.items()}
    return fits if sum(fits.values()) == 1 else None


def _fit_names(feed: Feed, table: str, column: Column) -> dict[str, bool] | None:
    """Coupons against the percentages in the bonds' own names (``7.26% GS 2033``)."""
    rows = feed.tables[table].rows if table in feed.tables else ()
    counts = {PERCENT: 0, FRACTION: 0}
    for row, value in column.bare().items():
        name = str(rows[row].cells.get("name") or "")
        head = name.split("%", 1)[0].split()[-1:] if "%" in name else []
        try:
            stated = scan_number(head[0], name) if head else None
        except InputError:
            continue
        number = stated.under(column.decimal or POINT) if stated is not None else None
        if number is not None:
            counts[PERCENT] += value == number
            counts[FRACTION] += value * 100 == number
    fits = {unit: count > 0 for unit, count in counts.items()}
    return fits if sum(fits.values()) == 1 else None


def _fit_xirr(feed: Feed, bare: list[Decimal]) -> dict[str, bool] | None:
    """A yearly return against the gain on cost: the years that it would have taken must be a client's."""
    value, cost = (feed.columns.get(("", name)) for name in ("Market Value", "Investment Value"))
    amounts = [feed.value(column) if column is not None and column.reason is None else None for column in (value, cost)]
    worth, paid = (amount.value if isinstance(amount, Money) else Decimal(0) for amount in amounts)
    if not bare or worth <= 0 or paid <= 0:
        return None
    growth = worth / paid
    fits = {}
    for unit, factor in ((PERCENT, Decimal(1)), (FRACTION, Decimal(100))):
        rate = bare[0] * factor / 100
        if rate <= -1 or not rate or (growth > 1) != (rate > 0):
            fits[unit] = -1 < rate <= 1
            continue
        years = abs(growth.ln() / (1 + rate).ln())
        fits[unit] = Decimal("0.02") <= years <= 60 and abs(rate) <= 2
    return fits if any(fits.values()) else None


def _fit_beside(feed: Feed, own: Column, column: Column) -> tuple[dict[str, bool] | None, str]:
    """The unit of the benchmark's return: that of the portfolio's where both are bare, unless it is not plausible in
    it, or of the size of the portfolio's in the other one alone; then both are possible."""
    if own.reason is not None or not own.bare():
        return None, RANGE
    fits = {unit: unit == (own.unit or PERCENT) for unit in (PERCENT, FRACTION)}
    possible = fit_range(list(column.bare().values()), column.spec.find_range(feed.currency))
    if not any(fits[unit] and possible[unit] for unit in fits):
        return possible, RANGE
    return (possible, RANGE) if _is_apart(column, [own]) else (fits, SIBLING)


def _is_apart(column: Column, others: Sequence[Column]) -> bool:
    """Whether a field would be a hundredth of the fields of its family, or they of it, in one unit."""
    values = [*column.bare().values(), *(value for other in others for value in other.bare().values())]
    return bool(find_strays(dict(enumerate(values)), by_places=True, alike=APART))


def _fit_returns(feed: Feed, table: str, bare: list[Decimal]) -> dict[str, bool] | None:
    """Returns of one period each: a series by its growth and scatter in a year, movers by what moves at all."""
    if not bare:
        return None
    largest, least = max(abs(value) for value in bare), min(bare)
    if TABLES[table] == MOVERS:
        return {
            PERCENT: largest >= _LEAST_MOVE,
            FRACTION: largest <= Decimal("1.5") and least >= -1,
        }
    stated = feed.texts.get("returns_unit", "").lower().rstrip("s")
    if stated:
        if stated not in {"fraction", "decimal", PERCENT, "%"}:
            raise InputError(feed.detected.name_of("returns_unit"), stated, "'fraction' or 'percent' is needed")
        return {PERCENT: stated in {PERCENT, "%"}, FRACTION: stated in {"fraction", "decimal"}}
    return {
        PERCENT: _is_track(bare, _periods(feed, table)),
        FRACTION: least > -1 and _is_track([value * 100 for value in bare], _periods(feed, table)),
    }


def _periods(feed: Feed, table: str) -> int:
    """Periods a year as far as they are stated or the days say them; months where neither does."""
    raw = feed.detected.get("periods_per_year")
    word = match_form(str(raw)) if raw is not None else ""
    if word in feed.reference.periodicities:
        return feed.reference.periodicities[word]
    if word.isdigit() and 0 < int(word) <= 366:
        return int(word)
    dated = feed.columns.get((table, "date"))
    days = [day for cell in dated.days if (day := cell.under(dated.order or ""))] if dated is not None else []
    if len(days) < 3:
        return 12
    spacing = (max(days) - min(days)).days / (len(days) - 1)
    return next(periods for most, periods in ((5, 252), (10, 52), (45, 12), (120, 4), (10**6, 1)) if spacing <= most)


def _is_track(percents: list[Decimal], periods: int) -> bool:
    """Whether periodic returns in percent are those of a portfolio: no growth or scatter that none has in a year.

    A steady series (a money-market fund's) may scatter hardly at all, but then it earns what a deposit does.
    """
    values = [float(value) / 100 for value in percents]
    if min(values) <= -1 or max(values) > 2:
        return False
    mean = sum(values) / len(values)
    scatter = (sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)) ** 0.5
    yearly, risk = mean * periods, scatter * periods**0.5
    if len(values) == 1:
        return 0.002 < abs(values[0]) < 0.6
    if min(values) >= 0 and risk < 0.02:
        return 0.002 < yearly < 0.2 or 0.002 < mean * 252 < 0.2
    return 0.004 <= risk < _MOST_RISK and -2 < yearly < 2

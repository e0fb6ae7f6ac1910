"""Settling: the decimal sign of each number's column, and the order of each day's."""

from collections.abc import Callable
from decimal import Decimal

from services.portfolio.domain.numbers import COMMA, POINT, Numeral
from services.portfolio.domain.reading.columns import (
    Column,
    day_alternatives,
    settle_decimal,
    vote,
)
from services.portfolio.domain.reading.dates import Day, end_fiscal_quarter, find_order
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.readings import (
    COLUMN,
    CONVENTION,
    LOCALE,
    RANGE,
    SIBLING,
    TENANT,
    Alternative,
)


def settle_decimals(feed: Feed) -> None:
    numeric = [column for column in feed.columns.values() if column.spec.kind != "date" and column.cells]
    own = {id(column): column.find_contrary() for column in numeric}
    agreed = vote(
        POINT if point and not comma else COMMA if comma and not point else "" for point, comma in own.values()
    )
    product = "" if agreed else _find_product_decimal(feed)
    for column in numeric:
        settle_decimal(
            column,
            convention=feed.request.decimals,
            sibling=agreed or product,
            computed=_plausible_decimal(feed, column),
            locale=feed.locale_decimal,
            tenant=feed.tenant.decimals,
        )
        if column.spec.kind in {"money", "cash"} and column.decimal_why != CONVENTION:
            _doubt_cents(feed, column)


def _find_product_decimal(feed: Feed) -> str:
    """The decimal sign under which quantity times price is the market value, where only one does."""
    fitting = set()
    for name in feed.tables:
        parts = [feed.columns.get((name, column)) for column in ("quantity", "price", "market_value")]
        if any(part is None for part in parts):
            continue
        quantity, price, value = (part for part in parts if part is not None)
        for sign in (POINT, COMMA):
            tried = met = 0
            for row in quantity.cells.keys() & price.cells.keys() & value.cells.keys():
                cells = [part.cells[row] for part in (quantity, price, value)]
                numbers = [cell.under(sign) for cell in cells if isinstance(cell, Numeral)]
                if len(numbers) < 3 or None in numbers:
                    continue
                first, second, third = (number or Decimal(0) for number in numbers)
                tried += 1
                met += any(abs(first * second / factor - third) <= abs(third) / 100 for factor in (1, 100))
            if tried and met > tried * 0.8:
                fitting.add(sign)
    return vote(fitting)


def _plausible_decimal(feed: Feed, column: Column) -> Callable[[str], bool] | None:
    """Whether a sign makes an amount's column a plausible total, or a rate's plausible rates."""
    if column.spec.kind in {"money", "cash"} and not any(cell.scaled for cell in column.numerals):
        if feed.request.money_scale or column.header.scale:
            return None
        code = vote(cell.currency or "" for cell in column.numerals) or column.header.currency or feed.currency
        least, whole_units = _least_total(feed, code), _has_no_cents(feed, code)

        def is_possible(sign: str) -> bool:
            values = [cell.under(sign) or Decimal(0) for cell in column.numerals]
            if whole_units and any(value != value.to_integral_value() for value in values):
                return False
            return bool(feed.locale_decimal) or not any(_has_odd_cents(feed, cell, sign) for cell in column.numerals)

        possible = [sign for sign in (POINT, COMMA) if is_possible(sign)]
        if len(possible) == 1:  # by the cents that the currency has, however little it is
            return lambda sign: sign in possible
        return lambda sign: sign in possible and _total(column, sign) >= least
    if column.spec.kind in {"rate", "share"} and (
        bounds := column.spec.find_range(feed.currency) or (Decimal(-200), Decimal(200))
    ):
        return lambda sign: all(abs(cell.under(sign) or Decimal(0)) <= bounds[1] for cell in column.numerals)
    return None


def _total(column: Column, sign: str) -> Decimal:
    return sum((abs(cell.under(sign) or Decimal(0)) for cell in column.numerals), Decimal(0))


def _least_total(feed: Feed, code: str | None) -> Decimal:
    """The least that a table of amounts is plausibly worth, in a currency; in the least of all where none is known."""
    currency = feed.reference.currencies.get(code or "")
    rates = [item.per_usd for item in feed.reference.currencies.values() if item.per_usd is not None]
    per_usd = currency.per_usd if currency is not None and currency.per_usd is not None else min(rates)
    return feed.reference.least_total_usd * per_usd


def _has_no_cents(feed: Feed, code: str | None) -> bool:
    """Whether a currency has no minor unit: its amounts have no decimals, what looks like them is grouping."""
    currency = feed.reference.currencies.get(code or "")
    return currency is not None and currency.minor == 0


def _has_odd_cents(feed: Feed, cell: Numeral, sign: str) -> bool:
    """Whether an amount written with its currency would have other decimals than that has cents: ``$100,000``.

    Bare numbers may come from a program, which prints what it computed.
    """
    value, currency = cell.under(sign), feed.reference.currencies.get(cell.currency or "")
    if not cell.is_open or cell.scaled or value is None or currency is None:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent < -currency.minor


def _doubt_cents(feed: Feed, column: Column) -> None:
    """Leave cells out that would have other decimals than their currency has cents, where the locale or the rest of the
    column says so: under the other sign they are thousands."""
    if column.decimal is None or column.reason is not None:
        return
    other = COMMA if column.decimal == POINT else POINT
    for row, cell in list(column.cells.items()):
        if isinstance(cell, Numeral) and _has_odd_cents(feed, cell, column.decimal):
            readings = f"{cell.under(column.decimal):f} or {cell.under(other):f}"
            path = column.path.replace("[]", f"[{row}]", 1)
            column.faults[row] = f"{path} could be {readings}: {cell.currency} has no such decimals"
            del column.cells[row]


def settle_days(feed: Feed) -> None:
    dated = [column for column in feed.columns.values() if column.spec.kind == "date"]
    found = {id(column): find_order(column.days) for column in dated}
    loose = [column for column in dated if any(day.options is not None for day in column.days)]
    agreed = vote(next(iter(found[id(column)][0])) if len(found[id(column)][0]) == 1 else "" for column in loose)
    for column in loose:
        orders, misfits = found[id(column)]
        _settle_order(feed, column, orders, misfits, agreed)
    start, why = _find_fiscal_start(feed)
    for column in dated:
        for row, day in list(column.cells.items()):
            if not isinstance(day, Day) or day.fiscal is None:
                continue
            quarter, year = day.fiscal
            if start:
                column.cells[row] = Day(end_fiscal_quarter(quarter, year, start))
                column.why = why
            else:
                column.leave_open(
                    [
                        Alternative(
                            {
                                "value": end_fiscal_quarter(quarter, year, month).isoformat(),
                                "fiscal_year_start": str(month),
                            },
                            RANGE,
                        )
                        for month in (1, 4)
                    ],
                    "nothing says when the fiscal year begins",
                )


def _settle_order(feed: Feed, column: Column, orders: set[str], misfits: int, sibling: str) -> None:
    if misfits > len(column.days) / 10:
        column.leave_open(
            day_alternatives(column, dict.fromkeys(sorted(orders), COLUMN)), "its cells have no one order"
        )
        return
    if len(orders) == 1:
        order, why = next(iter(orders)), COLUMN
        if feed.request.dates and feed.request.dates != order:
            column.leave_open(
                day_alternatives(column, {order: COLUMN, feed.request.dates: CONVENTION}),
                "the column contradicts the convention",
            )
            return
    else:
        choices = (
            (feed.request.dates, CONVENTION),
            (sibling, SIBLING),
            (feed.locale_order, LOCALE),
            (feed.tenant.dates, TENANT),
        )
        order, why = next(((choice, why) for choice, why in choices if choice in orders), ("", ""))
        if not order:
            column.leave_open(
                day_alternatives(column, dict.fromkeys(sorted(orders), RANGE)), "nothing tells day from month"
            )
            return
    column.order, column.why = order, why
    for row, day in list(column.cells.items()):
        if getattr(day, "options", None) is not None and day.under(order) is None:
            column.faults[row] = f"{column.path}: no day in the order {order} of its column"
            del column.cells[row]


def _find_fiscal_start(feed: Feed) -> tuple[int, str]:
    """The first month of the fiscal year, and why: Indian companies' and funds' begins in April by law."""
    if feed.request.fiscal_year_start:
        return feed.request.fiscal_year_start, CONVENTION
    if feed.currency == "INR":
        return 4, SIBLING
    if feed.locale.endswith("_IN"):
        return 4, LOCALE
    return (feed.tenant.fiscal_year_start, TENANT) if feed.tenant.fiscal_year_start else (0, "")

"""Positions: rows with a name and a value, brought to one currency and to weights that sum to one hundred percent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.rows import Row, Table
from services.portfolio.domain.numbers import Unit, parse_quantity
from services.portfolio.domain.sections import Detected, Limits

HUNDRED = Decimal(100)
_FRACTION_SUM = Decimal("1.5")
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class Position:
    """One position. ``market_value`` and ``cost`` are in the table's currency, ``weight`` in percent of the total.

    ``currency`` is the currency that the position is exposed to. ``path`` names the row in errors.
    """

    name: str
    path: str
    market_value: Decimal | None
    weight: Decimal
    cost: Decimal | None = None
    isin: str | None = None
    asset_class: str | None = None
    sector: str | None = None
    region: str | None = None
    currency: str | None = None
    account: str | None = None
    issuer: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Positions with their total; ``total`` is None where only weights were sent."""

    positions: tuple[Position, ...]
    total: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class _Valued:
    row: Row
    name: str
    money: inputs.Money | None
    cost: inputs.Money | None
    weight: Decimal | None
    currency: str | None


def read_book(table: Table, field: str, detected: Detected, draft: Draft, limits: Limits) -> Book:
    """The positions of a table, valued in one currency.

    Amounts are in the currency beside them, else in the reporting currency (field ``Currency``) where one is stated,
    else in the row's own. Other currencies are converted by ``Fx Rates``; without a rate the section is refused, since
    no total would be true. Duplicates are added up and noted, negative values kept and noted. Raises ``InputError``
    for no rows, no values, or a total that is not above zero.
    """
    if not table.rows:
        raise InputError(field, None, "no rows")
    valued = [_read_valued(row) for row in table.rows]
    if any(item.money is not None for item in valued):
        book = _value_in_money(valued, field, detected, draft)
    else:
        book = _value_in_weights(valued, field, draft, limits)
    if table.unknown_columns:
        draft.note("unknown_columns", f"Columns not used: {', '.join(table.unknown_columns[:20])}.", field=field)
    draft.name(*(position.isin for position in book.positions[:1000] if position.isin))
    return book


def _read_valued(row: Row) -> _Valued:
    name = row.text("name") or row.text("symbol") or row.text("isin")
    if name is None:
        raise InputError(row.field("name"), None, "a position without a name")
    pair = parse_quantity(row.cells.get("pair"), row.path)
    weight = row.percent("weight")
    money = row.money("market_value")
    if pair is not None:
        if pair.unit in {Unit.PERCENT, Unit.BASIS_POINTS}:
            weight = pair.as_percent
        else:
            money = inputs.Money(pair.value, pair.currency)
    if money is None:
        money = _multiply(row)
    return _Valued(row, name, money, row.money("cost"), weight, _read_row_currency(row))


def _multiply(row: Row) -> inputs.Money | None:
    """Quantity times price, where a row gives no market value."""
    quantity, price = row.number("quantity"), row.money("price")
    return None if quantity is None or price is None else inputs.Money(quantity * price.value, price.currency)


def _read_row_currency(row: Row) -> str | None:
    text = row.text("currency")
    return text.upper() if text else None


@dataclass(frozen=True, slots=True)
class Amounts:
    """The one currency of a table's amounts, and how a row's cell is brought to it."""

    currency: str | None
    rates: Mapping[str, Decimal]
    own_counts: bool
    """Whether a row's own currency is that of its amounts; otherwise it only says what the position is exposed to."""

    def convert(self, row: Row, column: str) -> Decimal | None:
        """The amount of a cell in the table's currency; None where it is blank."""
        return self.convert_money(row.money(column), _read_row_currency(row))

    def convert_money(self, money: inputs.Money | None, own: str | None) -> Decimal | None:
        """An amount in the table's currency, ``own`` being its row's."""
        if money is None:
            return None
        code = money.currency or (own if self.own_counts else None) or self.currency
        return money.value if code in {self.currency, None} else money.value * self.rates[code]


def settle_amounts(rows: Sequence[Row], columns: Sequence[str], field: str, detected: Detected) -> Amounts:
    """The currency that all amounts of some columns are brought to. Raises ``InputError`` where a rate is missing."""
    moneys = ((row.money(column), _read_row_currency(row)) for row in rows for column in columns)
    return _settle([(money, own) for money, own in moneys if money is not None], field, detected)


def _settle(moneys: Sequence[tuple[inputs.Money, str | None]], field: str, detected: Detected) -> Amounts:
    stated = inputs.read_currency(detected, "Currency", "Base Currency")
    rates = inputs.read_rates(detected)
    own_counts = stated is None or bool(rates)
    named = sorted({code for money, own in moneys if (code := money.currency or (own if own_counts else None))})
    base = stated or (named[0] if len(named) == 1 else None)
    if base is None and len(named) > 1:
        raise InputError(
            field,
            None,
            f"mixed currencies ({', '.join(named)}) without a reporting currency and rates: no total can be true",
        )
    others = [code for code in named if code != base and code not in rates]
    if others:
        raise InputError(field, None, f"no rate from {', '.join(others)} to {base}: no total can be true")
    return Amounts(base, rates, own_counts)


def _value_in_money(valued: Sequence[_Valued], field: str, detected: Detected, draft: Draft) -> Book:
    moneys = [(money, item.currency) for item in valued for money in (item.money, item.cost) if money is not None]
    amounts = _settle(moneys, field, detected)
    base, rates = amounts.currency, amounts.rates
    named = {money.currency or own for money, own in moneys} - {None}
    positions = []
    for item in valued:
        value = amounts.convert_money(item.money, item.currency)
        if value is None:
            raise InputError(
                item.row.field("market_value"), item.row.cells.get("market_value"), "a market value is needed"
            )
        positions.append(_make_position(item, value, amounts.convert_money(item.cost, item.currency)))
    _check_product(positions, draft)
    positions = _merge_duplicates(positions, field, draft)
    total = sum((position.market_value or Decimal(0) for position in positions), Decimal(0))
    if total <= 0:
        raise InputError(field, None, f"market values sum to {total}, so that no weights can be computed")
    _note_negative(positions, field, draft)
    draft.currency = base
    if rates and len(named) > 1:
        draft.note("converted", f"Amounts converted to {base} at the rates sent.", field=field)
    weighed = tuple(
        replace(position, weight=(position.market_value or Decimal(0)) * HUNDRED / total) for position in positions
    )
    return Book(weighed, total, base)


def _value_in_weights(valued: Sequence[_Valued], field: str, draft: Draft, limits: Limits) -> Book:
    if any(item.weight is None for item in valued):
        missing = next(item for item in valued if item.weight is None)
        raise InputError(missing.row.path, None, "a market value, or a quantity and a price, or a weight is needed")
    factor = weight_factor([item.weight for item in valued if item.weight is not None], field, draft)
    positions = [
        replace(_make_position(item, None, None), weight=(item.weight or Decimal(0)) * factor) for item in valued
    ]
    positions = _merge_duplicates(positions, field, draft)
    check_weight_sum(sum((position.weight for position in positions), Decimal(0)), field, draft, limits)
    _note_negative(positions, field, draft)
    return Book(tuple(positions), None, None)


def weight_factor(weights: Sequence[Decimal], field: str, draft: Draft) -> Decimal:
    """What weights are multiplied by to be percent: 100 where their sum shows that they are fractions, else 1."""
    total = sum(weights, Decimal(0))
    if total <= 0:
        raise InputError(field, None, f"weights sum to {total}")
    if total <= _FRACTION_SUM:
        draft.note("weights_as_fractions", f"Weights sum to {total}; read as fractions of one.", field=field)
        return HUNDRED
    return Decimal(1)


def check_weight_sum(total: Decimal, field: str, draft: Draft, limits: Limits) -> bool:
    """Whether weights in percent sum to one hundred within the tolerance; a warning is noted where not."""
    if abs(total - HUNDRED) <= limits.total_tolerance:
        return True
    draft.note(
        "weights_do_not_sum", f"The weights of {field} sum to {total:.2f}%, not to 100%.", warning=True, field=field
    )
    return False


def _make_position(item: _Valued, value: Decimal | None, cost: Decimal | None) -> Position:
    row = item.row
    price = row.money("price")
    return Position(
        name=item.name,
        path=row.path,
        market_value=value,
        weight=Decimal(0),
        cost=cost,
        isin=row.text("isin"),
        asset_class=row.text("asset_class"),
        sector=row.text("sector"),
        region=row.text("region"),
        currency=item.currency,
        account=row.text("account"),
        issuer=row.text("issuer"),
        quantity=row.number("quantity"),
        price=price.value if price else None,
        fee=row.percent("fee"),
        row=row,
    )


def _check_product(positions: Iterable[Position], draft: Draft) -> None:
    """Warn where quantity times price is not the market value sent, beyond a percent of it."""
    off = [
        position.name
        for position in positions
        if position.quantity is not None
        and position.price is not None
        and position.market_value
        and abs(position.quantity * position.price - position.market_value) > abs(position.market_value) / HUNDRED
    ]
    if off:
        shown = ", ".join(off[:_SHOWN_NAMES])
        draft.note(
            "price_mismatch",
            f"Quantity times price differs from the market value of {shown}"
            f"{_and_more(len(off))}; the market value is used.",
            warning=True,
        )


def _merge_duplicates(positions: Sequence[Position], field: str, draft: Draft) -> list[Position]:
    """Rows of one instrument in one account are one position; they are added up, and that is said."""
    merged: dict[tuple[str, str | None], Position] = {}
    twice: dict[str, None] = {}
    for position in positions:
        key = (position.isin or position.name.casefold(), position.account)
        first = merged.get(key)
        if first is None:
            merged[key] = position
            continue
        twice[position.name] = None
        merged[key] = replace(
            first,
            market_value=_add(first.market_value, position.market_value),
            weight=first.weight + position.weight,
            cost=None if first.cost is None or position.cost is None else first.cost + position.cost,
            quantity=_add(first.quantity, position.quantity),
        )
    if twice:
        shown = ", ".join(list(twice)[:_SHOWN_NAMES])
        draft.note(
            "duplicate_rows",
            f"Rows of {shown}{_and_more(len(twice))} stand more than once and were added up.",
            warning=True,
            field=field,
        )
    return list(merged.values())


def _note_negative(positions: Iterable[Position], field: str, draft: Draft) -> None:
    negative = [position.name for position in positions if (position.market_value or position.weight) < 0]
    if negative:
        shown = ", ".join(negative[:_SHOWN_NAMES])
        draft.note(
            "negative_values",
            f"Negative value for {shown}{_and_more(len(negative))}; kept as a short position or overdraft.",
            warning=True,
            field=field,
        )


def combine_names(positions: Iterable[Position]) -> list[tuple[str, Decimal]]:
    """Weights by instrument over all accounts, largest first."""
    return sort_groups(positions, lambda position: position.name)


def sort_groups(positions: Iterable[Position], key: Callable[[Position], str | None]) -> list[tuple[str, Decimal]]:
    """Weights by group, largest first; positions without a group are left out. Names differing in case are one
    group."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    shown: dict[str, str] = {}
    for position in positions:
        if (group := key(position)) is not None:
            shown.setdefault(group.casefold(), group)
            sums[group.casefold()] += position.weight
    return sorted(((shown[group], weight) for group, weight in sums.items()), key=lambda pair: (-pair[1], pair[0]))


def _add(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return second if first is None else first if second is None else first + second


def _and_more(count: int) -> str:
    return f" and {count - _SHOWN_NAMES} more" if count > _SHOWN_NAMES else ""

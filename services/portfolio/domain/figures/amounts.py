"""Amounts of a table brought to one currency, where that can be done without guessing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.reading import Money, Reading, Row, Table
from services.portfolio.domain.reading.rivals import RATE_BAND
from services.portfolio.domain.reference import Reference

_NEAR = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amounts:
    """How a row's amounts are brought to ``currency``. ``in_base`` are the row currencies whose amounts are already in
    it, by the evidence of the payload."""

    currency: str | None
    rates: Mapping[str, Decimal]
    in_base: frozenset[str]
    missing: MissingInputError | None = None
    """Why no total can be had: amounts in currencies without a rate."""

    def code_of(self, money: Money, row: Row) -> str | None:
        """The currency of an amount."""
        own = None if row.currency in self.in_base else row.currency
        return money.currency or own or self.currency

    def convert(self, money: Money | None, row: Row) -> Decimal | None:
        """The amount in the table's currency; None where it is blank or has no rate."""
        if money is None:
            return None
        return self.exchange(money.value, self.code_of(money, row))

    def convert_price(self, money: Money | None, row: Row) -> Decimal | None:
        """A price, which is in the currency of its instrument, in the table's; None where there is no rate."""
        if money is None:
            return None
        return self.exchange(money.value, money.currency or row.currency or self.currency)

    def exchange(self, value: Decimal, code: str | None) -> Decimal | None:
        """A value in the table's currency."""
        if code in {self.currency, None}:
            return value
        rate = self.rates.get(code or "")
        return None if rate is None else value * rate


def settle_amounts(
    table: Table,
    columns: Sequence[str],
    reading: Reading,
    reference: Reference,
    draft: Draft,
    whole: Decimal | None = None,
    priced: Sequence[Row] = (),
) -> Amounts:
    """The currency that all amounts of some columns are brought to.

    An amount is in the currency marked beside it, else in its row's, unless the payload shows otherwise: by naming a
    valuation currency, by a stated whole (``whole``) that amounts sum to as they stand, or by quantity times price,
    which is in the instrument's currency, standing to the amounts as an exchange rate does. ``priced`` are rows whose
    amount is quantity times price.
    """
    found = [(money, row) for row in table.rows for column in columns if (money := row.money(column)) is not None]
    marked = {money.currency for money, _ in found if money.currency}
    own = {row.currency for money, row in found if not money.currency and row.currency}
    quoted = {(money.currency or row.currency) for row in priced if (money := row.money("price")) is not None} - {None}
    base = reading.currency
    if base is None:
        named = marked | own | (quoted - {None})
        base = next(iter(named)) if len(named) == 1 else None
    others = {code for code in own if code != base}
    in_base, why = _find_in_base(found, others, reading, reference, base, whole)
    if in_base and why != "marked":
        draft.note(
            "amounts_in_base",
            f"Amounts of instruments in {', '.join(sorted(in_base))} are read as {base or 'one currency'}, by {why}.",
            field=table.field,
        )
    needed = sorted({code for code in (marked | (own - in_base) | quoted) if code and code != base})
    without = [code for code in needed if code not in reading.rates]
    missing = None
    if base is None and needed:
        missing = MissingInputError(
            f"mixed currencies ({', '.join(needed)}) without a reporting currency and rates: no total can be true"
        )
    elif without:
        opened = [reading.open_rates[code] for code in without if code in reading.open_rates]
        missing = (
            opened[0]
            if opened
            else MissingInputError(f"no rate from {', '.join(without)} to {base}: no total can be true")
        )
    elif needed:
        draft.note("converted", f"Amounts converted to {base} at the rates sent.", field=table.field)
    draft.currency = base
    return Amounts(base, reading.rates, frozenset(in_base), missing)


def _find_in_base(
    found: Sequence[tuple[Money, Row]],
    others: set[str],
    reading: Reading,
    reference: Reference,
    base: str | None,
    whole: Decimal | None,
) -> tuple[set[str], str]:
    codes = others
    if not codes:
        return set(), ""
    if reading.amounts_in is not None:
        return codes, "marked"
    as_sent = sum((money.value for money, _ in found), Decimal(0))
    if whole is not None and whole > 0 and abs(as_sent - whole) <= whole * _NEAR / 2:
        return codes, "the total sent, which they sum to as they stand"
    return {code for code in codes if _stands_as_rate(code, found, reading, reference, base)}, "quantity times price"


def _stands_as_rate(
    code: str, found: Sequence[tuple[Money, Row]], reading: Reading, reference: Reference, base: str | None
) -> bool:
    """Whether amounts over quantity times price are an exchange rate, for most rows of a currency."""
    usual = find_usual_rate(code, base, reading.rates, reference)
    if usual is None or Decimal("0.8") < usual < Decimal("1.25"):
        return False  # near par a rate cannot be told from a slip
    ratios = []
    for money, row in found:
        price, quantity = row.money("price"), row.number("quantity")
        if row.currency == code and money.currency is None and price is not None and quantity and price.value:
            ratios.append(money.value / (quantity * price.value))
    if not ratios:
        return False
    middle = median(ratios)
    # Amounts that are the product itself are in the currency of the prices, however near to par its rate is.
    nearer = middle > 0 and max(middle / usual, usual / middle) < max(middle, 1 / middle)
    return nearer and usual / RATE_BAND <= middle <= usual * RATE_BAND


def find_usual_rate(code: str, base: str | None, rates: Mapping[str, Decimal], reference: Reference) -> Decimal | None:
    """The rate that was sent, else the order of magnitude that the rates of years have."""
    if code in rates:
        return rates[code]
    first, second = (reference.currencies.get(item or "") for item in (base, code))
    if first is None or second is None or first.per_usd is None or second.per_usd is None:
        return None
    return first.per_usd / second.per_usd


def settle_currency(amounts: Sequence[Money | None], stated: str | None, field: str) -> str | None:
    """The one currency of amounts that must agree with each other and with the stated one.

    Raises ``InputError`` where they do not.
    """
    found = {amount.currency for amount in amounts if amount is not None and amount.currency}
    if stated:
        found.add(stated)
    if len(found) > 1:
        raise InputError(
            field, None, f"amounts in different currencies ({', '.join(sorted(found))}) cannot be compared"
        )
    return next(iter(found), None)

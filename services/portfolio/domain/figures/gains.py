"""Unrealised gains of what is held: of the whole, by position, and by the accounts that each is taxed in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft, Mark, join_names, slug
from services.portfolio.domain.figures.held import Held
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import classify_position, is_fund
from services.portfolio.domain.reference import CASH

_GAINS_SHOWN = 5
_NAMED = 3


def add_gains(held: Held, draft: Draft) -> None:
    """Unrealised gains, over the positions that have a cost; an instrument in several accounts is one."""
    book = held.book
    book.table.need("cost", "market_value")
    if book.amounts.missing is not None:
        raise book.amounts.missing
    priced = [
        position for position in book.positions if position.cost is not None and position.market_value is not None
    ]
    priced += _price_cash(held, draft) if priced else []
    if not priced:
        fault = book.table.find_fault("cost")
        raise MissingInputError(fault or "no position has a cost")
    if len(priced) < len(book.positions):
        without = len(book.positions) - len(priced)
        fault = book.table.find_fault("cost", "market_value")
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(
                fact_id,
                f"{without} of {len(book.positions)} positions have no cost or no value"
                + (f" ({fault})" if fault else ""),
            )
    else:
        cost = sum((position.cost or Decimal(0) for position in priced), Decimal(0))
        value = sum((position.market_value or Decimal(0) for position in priced), Decimal(0))
        _add_gain(draft, held, None, value, cost)
    partial = {position.name for position in book.positions} - {position.name for position in priced}
    partial |= {position.name for position in book.positions if position.cost is None}
    priced = [position for position in priced if position.name not in partial]
    sums: dict[str, list[Decimal]] = {}
    for position in priced:
        if position.name not in partial:
            found = sums.setdefault(position.name, [Decimal(0), Decimal(0)])
            found[0] += position.market_value or Decimal(0)
            found[1] += position.cost or Decimal(0)
    gains = sorted(
        ((name, value, cost) for name, (value, cost) in sums.items()), key=lambda item: (item[2] - item[1], item[0])
    )
    shown = gains if len(gains) <= 2 * _GAINS_SHOWN else gains[:_GAINS_SHOWN] + gains[-_GAINS_SHOWN:]
    # Best and worst are so in percent too, however small they are in money.
    rates = sorted((item for item in gains if item[2] > 0), key=lambda item: item[1] / item[2])
    shown += [item for item in (*rates[:1], *rates[-1:]) if item not in shown]
    for name, value, cost in shown:
        _add_gain(draft, held, name, value, cost)
    _add_gain_share(gains, held, draft)
    _add_account_gains(priced, partial, held, draft)


def _add_gain_share(gains: Sequence[tuple[str, Decimal, Decimal]], held: Held, draft: Draft) -> None:
    """What part of the whole gain the one position made that made most; of a whole without a gain there is no part."""
    whole = draft.find("gain")
    if whole is None or whole.value <= 0 or len(gains) < 2:
        return
    name, value, cost = max(gains, key=lambda item: (item[1] - item[2], item[0]))
    draft.state("gain_share", (value - cost) / whole.value * HUNDRED, (held.field,), subject=name, key=slug(name))


def _price_cash(held: Held, draft: Draft) -> list[Position]:
    """Cash in the portfolio's own currency that names no cost: it cost what it is."""
    found = []
    for position in held.book.positions:
        kind = classify_position(position, held.reference)
        own = position.currency is None or position.currency == held.book.currency
        at_hand = own and kind is not None and kind.name == CASH and not is_fund(position, held.reference)
        unpriced = position.cost is None and not position.row.faults.get("cost")
        if at_hand and unpriced and position.market_value is not None:
            found.append(replace(position, cost=position.market_value))
    if found:
        shown = join_names([position.name for position in found[:_NAMED]])
        draft.note("cash_at_cost", f"{shown} names no cost and is taken at what it is worth.", field=held.field)
    return found


def _add_account_gains(priced: Sequence[Position], partial: set[str], held: Held, draft: Draft) -> None:
    """What an instrument gained in each of the accounts that it is held in: each is taxed, and sold, by itself."""
    accounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for position in priced:
        account = position.text("account")
        if account is not None and position.name not in partial:
            gain = (position.market_value or Decimal(0)) - (position.cost or Decimal(0))
            accounts[position.name][account] += gain
    for name, gains in list(accounts.items())[: held.limits.facts_per_group]:
        if all(held.reference.is_sheltered(account) for account in gains):
            draft.mark(name, Mark.SHELTERED)
        for account, gain in sorted(gains.items()) if len(gains) > 1 else ():
            subject = f"{name} ({account})"
            draft.state("account_gain", gain, (held.field,), subject=subject, key=slug(subject))
            if held.reference.is_sheltered(account):
                draft.mark(subject, Mark.SHELTERED)


def _add_gain(draft: Draft, held: Held, subject: str | None, value: Decimal, cost: Decimal) -> None:
    key = slug(subject) if subject else None
    source = (held.field,)
    draft.state("cost", cost, source, subject=subject, key=key)
    draft.state("gain", value - cost, source, subject=subject, key=key)
    if cost > 0:
        draft.state("gain_pct", (value - cost) / cost * HUNDRED, source, subject=subject, key=key)
    else:
        draft.miss(f"gain_pct.{key}" if key else "gain_pct", "the cost is not above zero")

"""What waiting saves in tax where a lot becomes long-term soon, and what a sale for a payment costs in tax, by the
rates that were sent."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import classify_position
from services.portfolio.domain.reading import Reading, Taxes
from services.portfolio.domain.reference import CASH, Reference

_SOON = timedelta(days=92)
"""A lot that becomes long-term within a quarter, the rhythm of reports, is told before it is sold."""
_MONTHS_A_YEAR = 12
_MODEL = "model_and_rebalancing"
_NOTHING = Decimal(0)


def add_taxes(reading: Reading, draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State what a sale now and one from the day on costs of each lot that becomes long-term soon; and the tax of what
    is to be sold for a payment."""
    taxes = reading.taxes
    if taxes is None:
        return
    months = reference.long_term_months.get(draft.currency or "")
    for item in positions:
        if not item.lots and not item.row.parts:  # of which each has a day of its own
            _add_waiting(item, taxes, months, draft)
    offered = {fact.inputs[0]: fact for fact in draft.facts if fact.id.startswith("source_held.free.")}
    for item in positions if offered else ():
        account = item.text("account")
        sheltered = account is not None and reference.is_sheltered(account)
        if item.path in offered and not sheltered:
            _add_sale(item, offered[item.path], taxes, draft)
    _add_sales(taxes, positions, reference, draft)


def _add_sales(taxes: Taxes, positions: Sequence[Position], reference: Reference, draft: Draft) -> None:
    """The gain and the tax of all sales that are advised, at the rates for what was held short and long: those that
    limits ask for, or those towards the model, as far as their gains are known and taxed."""
    if taxes.short is None or taxes.long is None:
        return
    advised = ("taxable_gain.", "sale_gain.", "sale_loss.")
    gains = [fact.value for fact in draft.facts if fact.id.startswith(advised)]
    if draft.section == _MODEL:
        gains = _list_model_gains(positions, reference, draft)
    whole = sum(gains, _NOTHING)
    if whole <= 0:
        return
    left = taxes.exempt.value if taxes.exempt is not None else _NOTHING
    draft.state("sales_gain", whole, (taxes.name,))
    taxed = max(whole - left, _NOTHING)
    for key, rate in (("short", taxes.short), ("long", taxes.long)):
        draft.state("gains_rate", rate, (taxes.name,), key=key)
        draft.state("sales_tax", taxed * rate / HUNDRED, (taxes.name,), key=key)
    if left:
        draft.state("gains_exempt", left, (taxes.name,))


def _list_model_gains(positions: Sequence[Position], reference: Reference, draft: Draft) -> list[Decimal]:
    """What the sales towards the model gain or lose; nothing where the cost of one is not known."""
    planned = [fact for fact in draft.facts if fact.id.startswith("planned.")]
    trades = planned or [fact for fact in draft.facts if fact.id.startswith("trade.")]
    sold = {fact.subject: -fact.value for fact in trades if fact.value < 0}
    gains = []
    for item in positions:
        kind = classify_position(item, reference)
        account = item.text("account")
        is_free = (kind is not None and kind.name == CASH) or (account is not None and reference.is_sheltered(account))
        if item.name not in sold or is_free:
            continue
        if item.cost is None or not item.market_value:
            return []
        gains.append((item.market_value - item.cost) * sold[item.name] / item.market_value)
    return gains


def _add_waiting(item: Position, taxes: Taxes, months: int | None, draft: Draft) -> None:
    lot, today = item.row.lot, draft.frame.as_of
    gain = _find_gain(item)
    if lot is None or not lot.is_short or months != _MONTHS_A_YEAR or today is None or gain is None:
        return
    day = find_anniversary(lot.bought) + timedelta(1)  # held for more than a year
    if taxes.short is None or taxes.long is None or not today < day <= today + _SOON:
        return
    left = taxes.exempt.value if taxes.exempt is not None else _NOTHING
    now, then = gain * taxes.short / HUNDRED, max(gain - left, _NOTHING) * taxes.long / HUNDRED
    load = _NOTHING
    if lot.load is not None and lot.load_until is not None and today < lot.load_until <= day:
        load = (item.market_value or _NOTHING) * lot.load / HUNDRED
    if now + load <= then:
        return
    key, sources = slug(item.name), (item.path, taxes.name)
    draft.state("tax_now", now, sources, subject=item.name, key=key)
    draft.state("tax_then", then, sources, subject=item.name, key=key, dates=(day,))
    if load:
        draft.state("exit_load", load, sources, subject=item.name, key=key)
    draft.state("tax_saved", now + load - then, sources, subject=item.name, key=key, dates=(day,))


def _add_sale(item: Position, found: Fact, taxes: Taxes, draft: Draft) -> None:
    """The tax of the sale that pays for what is short in one source, where it is the first of what can be sold there
    and one rate holds for it."""
    gain, value = _find_gain(item), item.market_value
    if gain is None or not value or taxes.short is None or taxes.short != taxes.long:
        return
    source = found.id.removeprefix("source_held.free.").partition(".")[0]
    sold = draft.find(f"source_rest.{source}") or draft.find(f"source_short.{source}")
    if sold is None or sold.value > value or draft.find(f"source_gain.{source}") is not None:
        return
    part = gain * sold.value / value
    left = taxes.exempt.value if taxes.exempt is not None else _NOTHING
    inputs = (item.path, taxes.name)
    draft.state("source_gain", part, inputs, subject=item.name, key=source)
    draft.state(
        "payment_tax", max(part - left, _NOTHING) * taxes.short / HUNDRED, inputs, subject=item.name, key=source
    )
    if _NOTHING < left < part:
        draft.state("source_free_sale", left * value / gain, inputs, subject=item.name, key=source)


def _find_gain(item: Position) -> Decimal | None:
    if item.market_value is None or item.cost is None:
        return None
    gain = item.market_value - item.cost
    return gain if gain > 0 else None


def find_anniversary(day: date) -> date:
    """The same day a year later; the last of February where it has no other."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)

"""What waiting saves in tax where a lot becomes long-term soon, and what a sale for a payment costs in tax, by the
rates that were sent."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures.lot_sales import LotRule, Realised, add_months, add_up, realise
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import classify_position
from services.portfolio.domain.glosses import LOT_ORDER, LOTS_OPEN
from services.portfolio.domain.needs import LotOrder
from services.portfolio.domain.reading import Reading, Taxes
from services.portfolio.domain.reference import CASH, Reference

_SOON = timedelta(days=92)
"""A lot that becomes long-term within a quarter, the rhythm of reports, is told before it is sold."""
_MONTHS_A_YEAR = 12
_MODEL = "model_and_rebalancing"
_NOTHING = Decimal(0)


def add_taxes(
    reading: Reading, draft: Draft, positions: Sequence[Position], reference: Reference, rule: LotRule
) -> None:
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
            _add_sale(item, offered[item.path], taxes, rule, draft)
    _add_sales(taxes, positions, reference, rule, draft)


def _add_sales(
    taxes: Taxes, positions: Sequence[Position], reference: Reference, rule: LotRule, draft: Draft
) -> None:  # fmt: skip
    """The gain and the tax of all sales that are advised: those that limits ask for, or those towards the model, as far
    as their gains are known and taxed. Where rates differ and it is not known how long each was held, at either."""
    if taxes.short is None or taxes.long is None:
        return
    is_model = draft.section == _MODEL
    made = add_up(_list_model_sales(positions, reference, rule, draft) if is_model else _list_advised(draft))
    if made.gain <= 0 or LOTS_OPEN in draft.glosses:
        return
    spent = sum((fact.value for fact in draft.facts if fact.id.startswith("source_gain.")), _NOTHING)
    left = max(_find_left(taxes) - spent, _NOTHING)  # which a sale for a payment uses first
    sources = taxes.fields or (taxes.name,)
    draft.state("sales_gain", made.gain, sources)
    for key, rate in (("short", taxes.short), ("long", taxes.long)):
        draft.state("gains_rate", rate, sources, key=key)
    if taxes.short != taxes.long and made.short is not None and made.long is not None:
        draft.state("sales_term", made.short, sources, key="short")
        draft.state("sales_term", made.long, sources, key="long")
        draft.state("sales_tax", _tax(made.short, made.long, left, taxes), sources, key="both")
    else:
        draft.state("sales_tax", _tax(made.gain, _NOTHING, left, taxes), sources, key="short")
        draft.state("sales_tax", _tax(_NOTHING, made.gain, left, taxes), sources, key="long")
        if made.dearest is not None and taxes.short == taxes.long:
            draft.state("sales_dearest", made.dearest, sources)
            draft.state("sales_tax", _tax(made.dearest, _NOTHING, left, taxes), sources, key="dearest")
    if left:
        draft.state("gains_exempt", left, sources)
    if made.by_lots:
        draft.glosses[LOT_ORDER] = _name_order(rule)


def _name_order(rule: LotRule) -> str:
    """The order in words, and whose it is."""
    whose = "as was sent" if rule.is_sent else "as the law of the currency's country has it"
    words = {
        LotOrder.FIRST: "the first bought first", LotOrder.LAST: "the last bought first",
        LotOrder.DEAREST: "the dearest first", LotOrder.AVERAGE: "at the average cost of all lots",
    }  # fmt: skip
    return f"{words[rule.order]}, {whose}" if rule.order is not None else "the first bought first, as no order was sent"


def _find_left(taxes: Taxes) -> Decimal:
    return taxes.exempt.value if taxes.exempt is not None else _NOTHING


def _tax(short: Decimal, long: Decimal, left: Decimal, taxes: Taxes) -> Decimal:
    """The tax on gains held short and long: a loss counts against the other gain, what is exempt against that which it
    is for, the higher taxed first."""
    if short < 0 or long < 0:
        whole = max(short + long, _NOTHING)
        short, long = (whole, _NOTHING) if short > 0 else (_NOTHING, whole)
    at_short, at_long = taxes.short or _NOTHING, taxes.long or _NOTHING
    if not taxes.exempts_long and at_short >= at_long:
        used = min(short, left)
        short, left = short - used, left - used
    used = min(long, left)
    long, left = long - used, left - used
    if not taxes.exempts_long or at_short == at_long:
        short -= min(short, left)
    return (short * at_short + long * at_long) / HUNDRED


def _list_advised(draft: Draft) -> list[Realised]:
    """What the sales that limits ask for realise, by their facts."""
    facts = {fact.id: fact.value for fact in draft.facts}
    found = []
    for fact in draft.facts:
        kind, _, key = fact.id.partition(".")
        if kind in {"taxable_gain", "sale_gain", "sale_loss"}:
            short, long_ = facts.get(f"term_gain.short.{key}"), facts.get(f"term_gain.long.{key}")
            by_lots = f"{fact.subject} is sold by lots" in draft.glosses
            found.append(Realised(fact.value, short, long_, facts.get(f"dearest_gain.{key}"), by_lots))
    return found


def _list_model_sales(
    positions: Sequence[Position], reference: Reference, rule: LotRule, draft: Draft
) -> list[Realised]:
    """What the sales towards the model gain or lose; nothing where the cost or the lots of one are not known."""
    planned = [fact for fact in draft.facts if fact.id.startswith("planned.")]
    trades = planned or [fact for fact in draft.facts if fact.id.startswith("trade.")]
    sold = {fact.subject: -fact.value for fact in trades if fact.value < 0}
    found = []
    for item in positions:
        kind = classify_position(item, reference)
        account = item.text("account")
        is_free = (kind is not None and kind.name == CASH) or (account is not None and reference.is_sheltered(account))
        if item.name not in sold or is_free:
            continue
        made = realise(item, sold[item.name] / item.market_value, rule, draft.currency) if item.market_value else None
        if made is None:
            return []
        found.append(made)
    return found


def _add_waiting(item: Position, taxes: Taxes, months: int | None, draft: Draft) -> None:
    lot, today = item.row.lot, draft.frame.as_of
    gain = _find_gain(item)
    if lot is None or not lot.is_short or months != _MONTHS_A_YEAR or today is None or gain is None:
        return
    day = add_months(lot.bought, _MONTHS_A_YEAR) + timedelta(1)  # held for more than a year
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


def _add_sale(item: Position, found: Fact, taxes: Taxes, rule: LotRule, draft: Draft) -> None:
    """The tax of the sale that pays for what is short in one source, where it is the first of what can be sold there,
    and one rate holds for it or it is known how long it was held."""
    value = item.market_value
    if not value or taxes.short is None or taxes.long is None:
        return
    source = found.id.removeprefix("source_held.free.").partition(".")[0]
    sold = draft.find(f"source_rest.{source}") or draft.find(f"source_short.{source}")
    if sold is None or sold.value > value or draft.find(f"source_gain.{source}") is not None:
        return
    made = realise(item, sold.value / value, rule, draft.currency)
    if made is None or made.gain <= 0:
        return
    terms = (made.gain, _NOTHING) if taxes.short == taxes.long else (made.short, made.long)
    if terms[0] is None or terms[1] is None:
        return
    left, inputs = _find_left(taxes), (item.path, *(taxes.fields or (taxes.name,)))
    draft.state("source_gain", made.gain, inputs, subject=item.name, key=source)
    draft.state("payment_tax", _tax(terms[0], terms[1], left, taxes), inputs, subject=item.name, key=source)
    if _NOTHING < left < made.gain and not made.by_lots:
        draft.state("source_free_sale", left * sold.value / made.gain, inputs, subject=item.name, key=source)
    if made.by_lots:
        draft.glosses[LOT_ORDER] = _name_order(rule)


def _find_gain(item: Position) -> Decimal | None:
    if item.market_value is None or item.cost is None:
        return None
    gain = item.market_value - item.cost
    return gain if gain > 0 else None

"""What a sale of a part of a position realises by the lots that it is made of, in the order in which they are sold, and
how much of that counts as held short and long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.needs import LotOrder
from services.portfolio.domain.reading import LotPart, Reading
from services.portfolio.domain.reference import Reference

_NOTHING = Decimal(0)
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class LotRule:
    """In which order lots are sold, whether that was ``sent`` or is the law of the currency's country (None: neither
    says), and from more than how many months on a gain counts as held long."""

    order: LotOrder | None = None
    is_sent: bool = False
    months: int | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Realised:
    """The gain of a sale; ``short`` and ``long`` are its parts by how long they were held, None where it is not known;
    ``dearest`` is the gain with the lots of the highest cost first, where the order is open, and ``by_lots`` whether
    lots decide at all."""

    gain: Decimal
    short: Decimal | None = None
    long: Decimal | None = None
    dearest: Decimal | None = None
    by_lots: bool = False


def find_rule(reading: Reading, reference: Reference, currency: str | None, today: date | None) -> LotRule:
    """The order that was sent, else that of the law, and the months of the payload's tax, else those of the law."""
    law = reference.lot_orders.get(currency or "")
    sent = reading.lot_order
    months = reading.taxes.months if reading.taxes is not None else None
    if months is None:
        months = reference.long_term_months.get(currency or "")
    return LotRule(sent or (LotOrder(law) if law else None), sent is not None, months, today)


def realise(item: Position, part: Decimal, rule: LotRule, currency: str | None) -> Realised | None:
    """What the sale of a part, of one, of a position realises; None where its cost or its lots are not known."""
    lots = list_lots(item, currency)
    if item.row.has_open_lots or (item.lots and not lots):
        return None
    if not lots or rule.order is LotOrder.AVERAGE:
        return _realise_average(item, part, rule, lots)
    value = part * sum((lot.value or _NOTHING for lot in lots), _NOTHING)
    gains = _sell(lots, value, rule.order or LotOrder.FIRST)
    whole = sum((gain for _, gain in gains), _NOTHING)
    dearest = None
    if rule.order is None:
        best = sum((gain for _, gain in _sell(lots, value, LotOrder.DEAREST)), _NOTHING)
        dearest = best if best != whole else None
    short = long = None
    if rule.months is not None and rule.today is not None:
        short = sum((gain for lot, gain in gains if is_short(lot.bought, rule.today, rule.months)), _NOTHING)
        long = whole - short
    return Realised(whole, short, long, dearest, by_lots=len(lots) > 1)


def add_up(found: Sequence[Realised]) -> Realised:
    """What several sales realise together; what is not known of one is not of all."""
    shorts = [item.short for item in found]
    longs = [item.long for item in found]
    dearest = [item.gain if item.dearest is None else item.dearest for item in found]
    return Realised(
        sum((item.gain for item in found), _NOTHING),
        None if None in shorts else sum((part for part in shorts if part is not None), _NOTHING),
        None if None in longs else sum((part for part in longs if part is not None), _NOTHING),
        sum(dearest, _NOTHING) if any(item.dearest is not None for item in found) else None,
        any(item.by_lots for item in found),
    )


def state_terms(made: Realised, name: str, sources: tuple[str, ...], draft: Draft) -> None:
    """State of a sale's gain what counts as held short and long, where it is known, and what it is with the dearest
    lots first, where the order is open."""
    key = slug(name)
    if made.short is not None and made.long is not None:
        draft.state("term_gain", made.short, sources, subject=name, key=f"short.{key}")
        draft.state("term_gain", made.long, sources, subject=name, key=f"long.{key}")
    if made.dearest is not None:
        draft.state("dearest_gain", made.dearest, sources, subject=name, key=key)
    if made.by_lots:
        draft.glosses[f"{name} is sold by lots"] = "its lots decide"


def list_lots(item: Position, currency: str | None) -> list[LotPart]:
    """The lots of a position, the oldest first: its rows, or those that its row holds; none where the cost or value of
    one is not known."""
    if item.row.parts:
        same = item.local is not None and item.local.currency in {None, currency}
        return list(item.row.parts) if same else []
    found = [
        LotPart(lot.row.lot.bought, lot.cost, lot.market_value) for lot in item.lots
        if lot.row.lot is not None and lot.cost is not None and lot.market_value is not None
    ]  # fmt: skip
    return found if len(found) == len(item.lots) else []


def is_short(bought: date, today: date, months: int) -> bool:
    """Whether what was bought on a day is not yet held for more than so many months."""
    return today < add_months(bought, months) + timedelta(1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, _MONTHS_A_YEAR)
    for last in range(day.day, 27, -1):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    return date(day.year + years, month + 1, day.day)


def _realise_average(item: Position, part: Decimal, rule: LotRule, lots: Sequence[LotPart]) -> Realised | None:
    """By the average cost of the whole, which is that of its lots where the position names none."""
    cost = item.cost if item.cost is not None else sum((lot.cost for lot in lots), _NOTHING) if lots else None
    if cost is None or item.market_value is None:
        return None
    gain = (item.market_value - cost) * part
    short = long = None
    if item.row.lot is not None and rule.months is not None and rule.today is not None:
        short = gain if item.row.lot.is_short or is_short(item.row.lot.bought, rule.today, rule.months) else _NOTHING
        long = gain - short
    return Realised(gain, short, long, by_lots=bool(lots))


def _sell(lots: Sequence[LotPart], value: Decimal, order: LotOrder) -> list[tuple[LotPart, Decimal]]:
    """The gain of each lot of which something is sold, until so much is sold."""
    found, left = [], value
    for lot in _sort(lots, order):
        worth = lot.value or _NOTHING
        sold = min(worth, left)
        if sold > 0:
            found.append((lot, (worth - lot.cost) * sold / worth))
            left -= sold
    return found


def _sort(lots: Sequence[LotPart], order: LotOrder) -> list[LotPart]:
    """The lots as they are sold; the dearest is the one with the highest cost for what it is worth."""
    if order is LotOrder.DEAREST:
        return sorted(lots, key=lambda lot: -lot.cost / lot.value if lot.value else _NOTHING)
    return sorted(lots, key=lambda lot: lot.bought, reverse=order is LotOrder.LAST)

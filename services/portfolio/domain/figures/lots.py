"""The lots of a position: when each was bought, what it gained, and whether its gain still counts as short-term."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.lot_sales import LotRule, add_months, is_short, list_lots
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.glosses import LOTS_SET

_NAMED = 3


def add_lots(positions: Sequence[Position], rule: LotRule, draft: Draft) -> None:
    """State the lots of each position that was bought at several times, the largest position first."""
    if rule.order is not None:
        draft.glosses[LOTS_SET] = "no lots are chosen"
    held = [(item, lots) for item in positions if (lots := list_lots(item, draft.currency))]
    for item, lots in sorted(held, key=lambda pair: -(pair[0].market_value or Decimal(0)))[:_NAMED]:
        for place, lot in enumerate(lots):
            held_short = rule.months is not None and rule.today is not None and is_short(
                lot.bought, rule.today, rule.months
            )  # fmt: skip
            day = add_months(lot.bought, rule.months or 0) + timedelta(1)
            dates = (lot.bought, day) if held_short else (lot.bought,)
            value, name, sources = lot.value or Decimal(0), item.name, (item.path,)
            gain, key = value - lot.cost, f"{slug(name)}.{place}"
            draft.state("lot_value", value, sources, subject=name, key=key, dates=dates)
            draft.state("lot_gain", gain, sources, subject=name, key=key, dates=dates)
            if lot.cost > 0:
                draft.state("lot_gain_pct", gain * HUNDRED / lot.cost, sources, subject=name, key=key, dates=dates)
            if held_short:
                draft.state("lot_long_from", value, sources, subject=name, key=key, dates=dates)

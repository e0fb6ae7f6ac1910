"""The lots of a position: when each was bought, what it gained, and whether its gain still counts as short-term."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.taxes import find_anniversary
from services.portfolio.domain.reading import LotPart
from services.portfolio.domain.reference import Reference

_MONTHS_A_YEAR = 12
_NAMED = 3


def add_lots(positions: Sequence[Position], reference: Reference, draft: Draft) -> None:
    """State the lots of each position that was bought at several times, the largest position first."""
    months, today = reference.long_term_months.get(draft.currency or ""), draft.frame.as_of
    held = [(item, lots) for item in positions if (lots := list_lots(item, draft.currency))]
    for item, lots in sorted(held, key=lambda pair: -(pair[0].market_value or Decimal(0)))[:_NAMED]:
        for place, lot in enumerate(lots):
            day = find_anniversary(lot.bought) + timedelta(1)  # held for more than a year
            is_short = months == _MONTHS_A_YEAR and today is not None and today < day
            dates = (lot.bought, day) if is_short else (lot.bought,)
            value, name, sources = lot.value or Decimal(0), item.name, (item.path,)
            gain, key = value - lot.cost, f"{slug(name)}.{place}"
            draft.state("lot_value", value, sources, subject=name, key=key, dates=dates)
            draft.state("lot_gain", gain, sources, subject=name, key=key, dates=dates)
            if lot.cost > 0:
                draft.state("lot_gain_pct", gain * HUNDRED / lot.cost, sources, subject=name, key=key, dates=dates)
            if is_short:
                draft.state("lot_long_from", value, sources, subject=name, key=key, dates=dates)


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

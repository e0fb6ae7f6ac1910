"""What is committed and not called yet, and what is expected, beside what can be sold for it within days."""

from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.sellable import find_free_value
from services.portfolio.domain.reference import Reference

_NOTHING = Decimal(0)


def add_commitments(draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State the sum of what is not called yet and how much of what is liquid it is; and what of the needs is left to be
    found once what is expected has come."""
    short = draft.find("cash_short")
    last = max(short.dates) if short is not None and short.dates else None
    coming = [
        fact for fact in draft.facts
        if fact.id.startswith("expected.") and (last is None or not fact.dates or fact.dates[0] <= last)
    ]  # fmt: skip
    expected = sum((fact.value for fact in coming), _NOTHING)
    if short is not None and expected > 0:
        rest = max(short.value - expected, _NOTHING)
        draft.state("cash_short_net", rest, short.inputs, dates=short.dates)
    unfunded = [
        money.value for item in positions
        if (money := item.row.unfunded) is not None and money.currency in {None, draft.currency}
    ]  # fmt: skip
    if not unfunded or any(item.market_value is None for item in positions):
        return
    liquid = sum(
        (find_free_value(item, reference, draft.currency) for item in positions
         if item.market_value is not None and item.market_value > 0),
        _NOTHING,
    )  # fmt: skip
    total = sum(unfunded, _NOTHING)
    draft.state("unfunded", total, ("holdings",))
    draft.state("liquid_value", liquid, ("holdings",))
    if liquid > 0:
        draft.state("unfunded_cover", total * HUNDRED / liquid, ("holdings",))

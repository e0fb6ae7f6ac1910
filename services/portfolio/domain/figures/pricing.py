"""How old the prices are that weights rest on, beside how often what they are of is priced."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.suitability import classify_position, is_fund, is_illiquid, is_whole
from services.portfolio.domain.reference import EQUITY, Reference

_MOST = 25
_FUND, _WHOLE, _OTHER = "fund", "whole", "other"
"""Entries of the ages that prices may have beside the asset classes."""


def add_prices(draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State how old each price is that is older than is usual for its kind, and what rests on such prices."""
    today = draft.frame.as_of
    if today is None:
        return
    old = [(item, day) for item in positions
           if (day := item.row.priced) is not None and (today - day).days > find_age(item, reference)]  # fmt: skip
    for item, day in sorted(old, key=lambda pair: (-pair[0].weight, pair[0].name))[:_MOST]:
        _state(draft, item, day, (today - day).days, find_age(item, reference))
    share = sum((item.weight for item, _ in old), Decimal(0))
    if share > 0:
        draft.state("stale_share", share, ("holdings",))


def _state(draft: Draft, item: Position, day: date, age: int, usual: int) -> None:
    draft.state(
        "price_age", Decimal(age), (item.path,), subject=item.name, key=slug(item.name), dates=(day,),
        method=f"day of the list - day of the price; old after {usual} days",
    )  # fmt: skip


def find_age(position: Position, reference: Reference) -> int:
    """How many days old the price of a position may be, by its class and by whether it can be sold within days."""
    ages, kind = reference.price_ages, classify_position(position, reference)
    name = kind.name if kind is not None else _OTHER
    if is_whole(position, reference):
        return ages[_WHOLE]
    if is_illiquid(position, reference):
        return ages.get(name, ages[_OTHER])
    if is_fund(position, reference) and not reference.is_listed(position.name):
        return ages[_FUND]
    return ages[EQUITY] if name in reference.illiquid_classes else ages.get(name, ages[_OTHER])

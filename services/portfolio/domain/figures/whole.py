"""What the whole portfolio of a task is worth, for the sections that speak of a part of it alone."""

from collections.abc import Iterable
from dataclasses import replace

from services.common.errors import WealthError
from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.reading import Context, Money, read
from services.portfolio.domain.sections import Catalogue, Detected, Undetected

_NAMES = ("Market Value", "total_portfolio_mv")


def add_whole(found: Iterable[Detected | Undetected], catalogue: Catalogue, context: Context) -> Context:
    """The context with the value that one of the payloads states of all of the portfolio, where one does."""
    whole = _find_whole(found, catalogue, context)
    return context if whole is None else replace(context, whole=(whole.value, whole.currency))


def _find_whole(found: Iterable[Detected | Undetected], catalogue: Catalogue, context: Context) -> Money | None:
    for item in found:
        name = next((name for name in _NAMES if isinstance(item, Detected) and item.get(name) is not None), None)
        if name is None or not isinstance(item, Detected):
            continue
        try:
            reading = read(item, catalogue, context)
            money = reading.money(name)
        except (WealthError, MissingInputError):
            return None  # its own section says why
        if money is not None and money.value > 0:
            return Money(money.value, money.currency or reading.currency)
    return None

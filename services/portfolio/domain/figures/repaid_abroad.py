"""What is repaid within a year of a currency, or of all foreign ones, above its limit: changed then, it brings the
currency down without a sale."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.held import Held
from services.portfolio.domain.figures.weights import Weights
from services.portfolio.domain.sections import FOREIGN

_YEAR = timedelta(days=366)
"""The horizon of liquidity needs (CFA Institute): what is repaid later settles no limit of today."""
_NAMED = 3


def add_repaid(held: Held, over: Weights, sold: Mapping[str, Decimal], draft: Draft) -> None:
    """State what of each such currency is repaid and when, and what it weighs once that is changed and the sales are
    made; nothing where the currency is the portfolio's own."""
    groups: list[tuple[str, str | None]] = [(slug(name), name) for name, _ in over if name != held.base_currency]
    if draft.find(f"excess.bound.{FOREIGN}") is not None:
        groups.append((FOREIGN, None))
    today = draft.frame.as_of
    for key, currency in groups if today is not None else ():
        members = [
            item for item in held.book.positions
            if item.currency and (item.currency == currency if currency else item.currency != held.base_currency)
        ]  # fmt: skip
        due = sorted(
            ((day, item) for item in members
             if (day := item.row.day("maturity")) is not None and today is not None and today < day <= today + _YEAR
             and item.name not in sold and item.market_value is not None),
            key=lambda pair: (pair[0], pair[1].name),
        )  # fmt: skip
        if not due:
            continue
        left = sum((item.weight * (1 - sold.get(item.name, Decimal(0))) for item in members), Decimal(0))
        left -= sum((item.weight for _, item in due), Decimal(0))
        for day, item in due[:_NAMED]:
            draft.state(
                "repaid_abroad", item.market_value or Decimal(0), (item.path,), subject=item.name,
                key=f"{key}.{slug(item.name)}", dates=(day,),
            )  # fmt: skip
        draft.state("weight_repaid", left, (held.field,), subject=currency or "foreign currencies", key=key)

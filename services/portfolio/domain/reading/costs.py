"""Costs: whether a column of them is of whole positions, or of one unit each under a name that does not say so."""

from decimal import Decimal
from statistics import median

from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.readings import COLUMN, RANGE, Alternative
from services.portfolio.domain.table_fields import POSITIONS, TABLES

_MOST_GROWTH = Decimal(20)
"""Half of a portfolio's positions are worth no more than so many times their cost, and no less than such a part of it:
at 7 % a year that takes 44 years."""


def settle_costs(feed: Feed) -> None:
    """Leave a column of costs open that is plausible of units alone."""
    for name in feed.tables:
        cost, quantity, value, price = (
            feed.columns.get((name, key)) for key in ("cost", "quantity", "market_value", "price")
        )
        if TABLES[name] != POSITIONS or cost is None or quantity is None or cost.reason is not None:
            continue
        worth = value if value is not None and value.cells else price
        if worth is None or not cost.header.alike(worth.header):
            continue
        paid, held, worths = cost.values(), quantity.values(), worth.values()
        rows = [row for row in paid.keys() & held.keys() & worths.keys() if paid[row] > 0 and held[row] > 0]
        if not rows:
            continue
        per_unit = {row: worths[row] / (held[row] if worth is value else 1) / paid[row] for row in rows}
        whole = median(per_unit[row] * held[row] for row in rows)
        if not _is_growth(whole) and _is_growth(median(per_unit.values())):
            row = rows[0]
            cost.leave_open(
                (
                    Alternative({"unit": "the cost of the position", "value": f"{paid[row]:f}"}, COLUMN),
                    Alternative({"unit": "the cost of one unit", "value": f"{paid[row] * held[row]:f}"}, RANGE),
                ),
                "only the second is of the size of what the positions are worth",
            )


def _is_growth(value: Decimal) -> bool:
    return 1 / _MOST_GROWTH <= value <= _MOST_GROWTH

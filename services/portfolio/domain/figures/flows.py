"""Flows: money paid into a portfolio and taken out of it, by day."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.reading import Reading, Table
from services.portfolio.domain.reading.flow_tables import NO_DAYS
from services.portfolio.domain.readings import AMBIGUOUS, COLUMN, SIBLING, Alternative

LARGE = 10
"""A flow is large from this part of the value on: GIPS has firms value portfolios on the day of such."""
_AMOUNTS = "amounts"
_WILD, _CALM = Decimal("1.5"), Decimal("1.25")
"""What no value becomes from one valuation to the next, as a factor either way, and what many do."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Money put in (above zero) or taken out on a day."""

    day: date
    amount: Decimal


def read_flows(reading: Reading) -> tuple[Flow, ...]:
    """The flows in order of their days, paid in above zero.

    Raises ``MissingInputError`` for one without a day or an amount, and for a column that is open.
    """
    if "flows" not in reading.tables:
        return ()
    table = reading.table("flows")
    amount = "market_value" if "market_value" in table.columns else "flow"
    table.need("date", amount, "outflow")
    flows = []
    for row in table.rows:
        day, money, out = row.day("date"), row.money(amount), row.money("outflow")
        if day is None or (money is None and out is None):
            fault = next(iter(row.faults.values()), None)
            raise MissingInputError(fault or f"{row.path}: a flow needs a date and an amount")
        flows.append(Flow(day, (money.value if money else Decimal(0)) - (abs(out.value) if out else Decimal(0))))
    return tuple(sorted(flows, key=lambda flow: flow.day))


def doubt_signs(
    values: Sequence[tuple[date, Decimal]], flows: Sequence[Flow], field: str, *, before: bool = False
) -> None:
    """Raises ``MissingInputError`` where the values around every large flow fit its other sign alone.

    A client's own books, and what XIRR is computed from, have payments into a portfolio below zero.
    """
    days = [day for day, _ in values]
    judged = []
    for flow in flows:
        place = find_holding(days, flow, before=before)
        if not 0 < place < len(values) or abs(flow.amount) * LARGE <= values[place - 1][1]:
            continue
        start, end = values[place - 1][1], values[place][1]
        kept, turned = ((end - sign * flow.amount) / start for sign in (1, -1))
        judged.append(not _is_within(kept, _WILD) and _is_within(turned, _CALM))
    if judged and all(judged):
        raise MissingInputError(
            f"{field}: amounts above zero could be paid in or taken out; the values around them fit the latter alone",
            AMBIGUOUS,
            (
                Alternative({"signs": "paid in above zero"}, COLUMN),
                Alternative({"signs": "paid in below zero"}, SIBLING),
            ),
        )


def _is_within(growth: Decimal, most: Decimal) -> bool:
    return growth > 0 and 1 / most <= growth <= most


def find_holding(days: Sequence[date], flow: Flow, *, before: bool) -> int:
    """The place of the first value that holds a flow; the number of values where none does. ``before`` says that values
    do not hold the flows of their day."""
    return (bisect_right if before else bisect_left)(days, flow.day)


def find_undated_flows(table: Table) -> MissingInputError | None:
    """Why a series whose rows hold flows has no returns: a row's day is that of its value, not of its flows."""
    fault = table.open_columns.get("flow") or table.open_columns.get("outflow")
    paths = [
        row.path
        for row in table.rows
        if any((money := row.money(key)) is not None and money.value for key in ("flow", "outflow"))
    ]
    if fault is not None or not paths:
        return fault
    return MissingInputError(
        f"{paths[0]}.flow could have come on its row's day or at any time since the row before; flows with their days "
        "say which",
        AMBIGUOUS,
        (
            Alternative({"unit": "money", "day": "its row's day"}, COLUMN),
            Alternative({"unit": "money", "day": "since the row before"}, COLUMN),
        ),
    )


def miss_flows(reading: Reading) -> MissingInputError | None:
    """Why there are no returns where something that was sent is, or may be, money that was paid in or out."""
    if reading.open_flows is None:
        return None
    name, why = reading.open_flows
    if why == NO_DAYS:
        return MissingInputError(f"{name}: {why}")
    ways = (
        Alternative({_AMOUNTS: "paid in or taken out"}, COLUMN), Alternative({_AMOUNTS: "of something else"}, COLUMN)
    )  # fmt: skip
    return MissingInputError(f"{name}: {why}", AMBIGUOUS, ways)


def is_of_sides(fault: MissingInputError) -> bool:
    """Whether it is the way of the money that is not known, and not its days."""
    return any({_AMOUNTS, "signs"} & option.read_as.keys() for option in fault.alternatives)

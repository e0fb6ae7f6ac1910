"""What a client saves for, and what the investments would have to earn for it at the payments so far."""

from collections import Counter
from datetime import date
from decimal import Decimal

from services.portfolio.domain.facts import MISSED, Draft, join_names
from services.portfolio.domain.figures.flows import Flow
from services.portfolio.domain.figures.track import Track

_LEAST_PAYMENTS, _MONTH_DAYS = 6, Decimal("30.44")
_MOST_STEPS, _HIGHEST = 200, 1.0
"""Bisections, and the rate a year that no goal is told beyond."""


def add_missed(track: Track, draft: Draft) -> None:
    """Payments of nothing among regular ones: somebody listed them, so that they were meant to be paid."""
    paid = [flow for flow in track.flows if flow.amount > 0]
    nothing = [flow for flow in track.flows if not flow.amount]
    if len(paid) >= _LEAST_PAYMENTS and nothing and len(nothing) < len(paid):
        draft.glosses[MISSED] = "on " + join_names([flow.day.isoformat() for flow in nothing[:3]])
        draft.quote(draft.glosses[MISSED])


def add_goal(track: Track, draft: Draft) -> None:
    """The goal, what regular payments add to it until its day, and the yearly rate that makes up the rest."""
    goal = next((need for need in track.needs if need.is_goal and need.amount and need.day), None)
    series = track.series
    if goal is None or goal.amount is None or goal.day is None or not series.values or not series.days:
        return
    if goal.amount.currency not in {None, draft.currency} or goal.day <= series.days[-1]:
        return
    value, end = series.values[-1], series.days[-1]
    months = round(Decimal((goal.day - end).days) / _MONTH_DAYS)
    monthly = find_monthly(track.flows, end)
    if months < 1:
        return
    draft.state("goal", goal.amount.value, (goal.name,), dates=(goal.day,))
    if monthly:
        draft.state("goal_payment", monthly, ("flows",))
    rate = solve_rate(float(value), float(monthly), months, float(goal.amount.value))
    if rate is not None:
        draft.state("goal_rate", Decimal(repr(rate)) * 100, (goal.name, track.field, "flows"))
    reached = value + monthly * months
    if reached < goal.amount.value:
        draft.state("goal_open", goal.amount.value - reached, (goal.name, track.field, "flows"))


def find_monthly(flows: tuple[Flow, ...], end: date) -> Decimal:
    """What is paid in each month, where most of the payments of the last year are one amount in as many months."""
    last = [flow for flow in flows if 0 <= (end - flow.day).days < 366 and flow.amount > 0]
    if len(last) < _LEAST_PAYMENTS or len({(flow.day.year, flow.day.month) for flow in last}) < len(last):
        return Decimal(0)
    amount, count = Counter(flow.amount for flow in last).most_common(1)[0]
    return amount if count * 2 > len(last) else Decimal(0)


def solve_rate(value: float, monthly: float, months: int, goal: float) -> float | None:
    """The yearly rate at which a value with a payment at each month's end becomes a goal; None where no usual one
    does."""

    def reach(rate: float) -> float:
        growth = float((1 + rate) ** (1 / 12))
        paid = monthly * months if abs(growth - 1) < 1e-12 else monthly * (growth**months - 1) / (growth - 1)
        return value * growth**months + paid

    low, high = -0.9, _HIGHEST
    if reach(high) < goal or reach(low) > goal:
        return None
    for _ in range(_MOST_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if reach(middle) < goal else (low, middle)
    return high

"""Whether a fact's value is what a figure says: in its unit, within half a unit of its last digit or its bound."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Bound, Printed
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_AS_MULTIPLES = frozenset({"income_cover", "up_capture", "down_capture"})
"""Shares that are said as multiples too: a need covered 1.2 times."""
_NEAR_FRACTION = Decimal("0.06")
_LOOSE_BOUND = Decimal("0.25")
_COUNTS = frozenset({"count", "gainers", "losers", "breaches", "periods", "effective_number", "drift", "trade", "band"})
"""What is counted is no multiple of anything."""
_SMALL, _AMOUNT = 31, 1000
_NEAR_SHARE = Decimal("0.04")
_JUST_SHARE = Decimal("0.1")


def _is_small(figure: Printed) -> bool:
    return figure.step == 1 and not figure.scaled and abs(figure.value) <= _SMALL


def convert(figure: Printed, fact: Fact) -> Decimal | None:
    """The fact's value in the figure's unit, or None where the units do not match."""
    unit, printed = fact.unit, figure.unit
    if printed is unit:
        return fact.value
    if printed is Unit.BASIS_POINTS and unit in {Unit.PERCENT, Unit.POINTS}:
        return fact.value * 100
    if (
        printed is Unit.PERCENT
        and unit is Unit.POINTS
        and fact.measure in {"contribution", "total_contribution", "band", "unexplained_return"}
    ):
        return fact.value  # a contribution of 0.4% is how many write 0.4 points of the portfolio's return
    if printed is Unit.POINTS and unit is Unit.PERCENT and fact.measure == "sensitivity":
        return fact.value
    if printed is Unit.NUMBER and unit is Unit.MONEY and _is_small(figure) and abs(fact.value) >= _AMOUNT:
        return None  # "more than five" counts something, and is no amount
    if printed is Unit.NUMBER and unit in {Unit.MONEY, Unit.MULTIPLE}:
        return fact.value
    if {printed, unit} == {Unit.NUMBER, Unit.YEARS} and fact.measure == "duration":
        return fact.value  # rows send it without its unit
    if printed is Unit.PERCENT and fact.measure == "beta" and figure.rounded:
        return fact.value * 100  # "four fifths of the market's risk"
    if printed is Unit.MULTIPLE and fact.measure in _AS_MULTIPLES:
        times = fact.value / 100
        return times if abs(times - figure.value) <= abs(figure.value) * _LOOSE_BOUND else None
    if printed is Unit.MULTIPLE and unit is Unit.NUMBER and not figure.rounded and fact.measure not in _COUNTS:
        return fact.value
    if printed is Unit.POINTS and fact.measure == "portfolio_return":
        return fact.value  # "1.17 of the 3.1 points lost"
    return None


def fits(figure: Printed, bound: Bound, value: Decimal) -> bool:
    """Whether a value is what a figure says: within half a unit of its last digit, or within its bound."""
    printed, value = abs(figure.value), abs(value)
    half = figure.step / 2
    slack = max(half, printed * _NEAR_SHARE) if figure.rounded or bound is Bound.NEAR else half
    if figure.rounded and bound is Bound.NEAR:
        slack = max(half, printed * _NEAR_FRACTION)
    if bound is Bound.ABOVE:
        return value > printed
    if bound is Bound.BELOW:
        return value < printed
    if bound is Bound.UNDER:
        return printed * (1 - _JUST_SHARE) <= value <= printed
    if bound is Bound.OVER:
        return printed <= value <= printed * (1 + _JUST_SHARE)
    return abs(printed - value) <= slack


def agrees(setting: Setting, value: Decimal) -> bool:
    """Whether a computed value is the figure; a bound says too little unless the value is near it."""
    figure, bound = setting.figure, setting.bound
    if not fits(figure, bound, value):
        return False
    if bound in {Bound.ABOVE, Bound.BELOW}:
        return abs(abs(value) - abs(figure.value)) <= abs(figure.value) * _LOOSE_BOUND
    return True


def is_close(figure: Printed, value: Decimal) -> bool:
    """Whether a value is the figure as printed, whatever bound stands before it."""
    return fits(figure, Bound.EXACT, value)

"""Whether the value of a day with a flow holds that flow, or was taken before it.

Both are sent. A note says which; else the values do: under the wrong reading a flow looks like a gain or a loss on its
day, and like the opposite on the next.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import fmean, median

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.figures.flows import LARGE, Flow
from services.portfolio.domain.readings import AMBIGUOUS, COLUMN, SIBLING, Alternative

_SURE = math.log(20)
"""One reading is twenty times as likely as the other: the usual level of five percent."""
_LEAST_PERIODS = 3
_LEAST_SCATTER = 1e-4
"""Values are printed to a basis point of themselves at the most."""
Points = Sequence[tuple[date, Decimal]]


@dataclass(frozen=True, slots=True)
class Timing:
    """``before`` says that values do not hold the flows of their day; ``is_open`` that nothing told, and that there is
    a flow for which it matters."""

    before: bool = False
    is_open: bool = False


def settle_timing(points: Points, flows: Sequence[Flow], stated: tuple[str, bool] | None, field: str) -> Timing:
    """How values stand to the flows of their days, as ``stated`` in a field or as the values show. Raises
    ``MissingInputError`` where these deny one another."""
    days = {day for day, _ in points}
    met = [flow for flow in flows if flow.day in days]
    shown = _compare(points, met)
    if stated is not None and shown is not None and shown != stated[1]:
        said, other = ("before", "after") if stated[1] else ("after", "before")
        raise MissingInputError(
            f"{field}: {stated[0]} says that values are taken {said} the flows of their day, and they fit {other} them",
            AMBIGUOUS,
            (Alternative({"values": f"{said} the flows"}, SIBLING), Alternative({"values": f"{other} them"}, COLUMN)),
        )
    if stated is not None:
        return Timing(stated[1])
    worth = dict(points)
    return Timing(bool(shown), shown is None and any(abs(flow.amount) * LARGE > worth[flow.day] for flow in met))


def _compare(points: Points, flows: Sequence[Flow]) -> bool | None:
    """Whether values are taken before the flows of their day, by which reading leaves returns like the others; None
    where neither does by far, or a turned sign would do better than either."""
    days, values = [day for day, _ in points], [float(value) for _, value in points]
    touched = {place for flow in flows for place in (days.index(flow.day), days.index(flow.day) + 1)}
    others = [math.log(later / earlier) for place, (earlier, later) in enumerate(pairwise(values), 1)
              if place not in touched]  # fmt: skip
    if not flows or len(others) < _LEAST_PERIODS:
        return None
    middle = median(others)
    scatter = max(fmean(abs(value - middle) for value in others), _LEAST_SCATTER)
    costs = {
        (before, sign): _sum_scatter(days, values, flows, middle, sign, before=before) / scatter
        for before in (False, True) for sign in (1, -1)
    }  # fmt: skip
    for before in (False, True):
        if all(costs[before, 1] + _SURE < cost for key, cost in costs.items() if key != (before, 1)):
            return before
    return None


def _sum_scatter(
    days: Sequence[date], values: Sequence[float], flows: Sequence[Flow], middle: float, sign: int, *, before: bool
) -> float:
    """How far the returns of the periods that end and begin on days of flows are from the usual one."""
    moved: dict[int, float] = {}
    for flow in flows:
        place = days.index(flow.day)
        moved[place] = moved.get(place, 0.0) + sign * float(flow.amount)
    total = 0.0
    for place in sorted({*moved, *(place + 1 for place in moved)}):
        if not 0 < place < len(values):
            continue
        start = values[place - 1] + (moved.get(place - 1, 0.0) if before else 0.0)
        end = values[place] - (0.0 if before else moved.get(place, 0.0))
        if start <= 0 or end <= 0:
            return math.inf
        total += abs(math.log(end / start) - middle)
    return total
